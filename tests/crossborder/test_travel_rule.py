"""From the corridor's threshold on a transfer carries a travel-rule record: sealed, and hashed on chain."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from tests.crossborder.abroad import open_pair, quoted, seen, send, sent
from tests.town import ALL, Person, Town, ask
from wallet_chain import audit, compliance, crossborder, errors
from wallet_chain.audit.drafts import AccessFilter
from wallet_chain.compliance.ivms import IdentityPayload
from wallet_chain.compliance.ivms import Person as IvmsPerson
from wallet_chain.compliance.travel_rule import record_hash
from wallet_chain.compliance.views import TravelRuleView
from wallet_chain.crossborder.drafts import TransferDraft
from wallet_chain.crossborder.views import TransferView
from wallet_chain.identity.drafts import Personal
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import ChainTransfer, Customer, TravelRuleRecord

LI = {
    "naturalPerson": {
        "name": {
            "nameIdentifier": [
                {
                    "primaryIdentifier": "Li",
                    "secondaryIdentifier": "Wei",
                    "nameIdentifierType": "LEGL",
                }
            ]
        }
    }
}


def asked_for(town: Town) -> None:
    """From 50 EUR on the corridor asks for a record."""
    open_pair(town, "EUR", "CNY", travel_rule_from="50.00")


def record_of(town: Town, transfer: TransferView, by: str = "compliance") -> TravelRuleView:
    assert transfer.travel_rule_id is not None
    return compliance.get_record(town.bank, town.staff(by), transfer.travel_rule_id)


def unknown(town: Town, person: Person, **facts: str | None) -> None:
    """KYC as if nothing but these facts had ever been told."""
    with town.bank.store.transaction() as session:
        told = dict.fromkeys(Personal.__dataclass_fields__) | facts
        sealed = town.bank.personal.seal(session, person.id, told)
        session.execute(
            update(Customer).where(Customer.id == person.id).values(sealed_personal=sealed)
        )


def test_below_the_threshold_nothing_is_written_down(town: Town) -> None:
    asked_for(town)
    transfer = sent(town, town.anna, town.li, "EUR 49.00", "CNY")
    assert (transfer.state, transfer.travel_rule_id, transfer.travel_rule_hash) == (
        "settled",
        None,
        None,
    )


@pytest.mark.parametrize("name", ["anna", "clara"])
def test_from_the_threshold_on_it_goes_through_with_a_record_by_kyc(town: Town, name: str) -> None:
    asked_for(town)
    sender = getattr(town, name)
    transfer = sent(town, sender, town.li, "EUR 100.00", "CNY")
    assert transfer.state == "settled"

    told = record_of(town, transfer)
    assert (told.agrees, told.erased) == (True, ())
    assert told.hash == told.on_chain_hash == transfer.travel_rule_hash
    record = IdentityPayload.model_validate(told.record)
    (originator,) = record.originator.originator_persons
    (beneficiary,) = record.beneficiary.beneficiary_persons
    assert originator.natural_person is not None
    assert beneficiary.natural_person is not None
    assert originator.natural_person.name.name_identifier[0].primary_identifier == "Anna Becker"
    assert originator.natural_person.customer_identification == sender.id
    assert originator.natural_person.geographic_address is not None
    assert beneficiary.natural_person.country_of_residence == "CN"
    assert record.originator.account_number == (sender.account,)
    assert record.beneficiary.account_number == (town.li.account,)
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_a_business_is_written_as_a_legal_person(town: Town) -> None:
    asked_for(town)
    town.fund(town.shop, "100.00")
    transfer = sent(town, town.shop, town.li, "EUR 60.00", "CNY")
    (originator,) = record_of(town, transfer).record["originator"]["originatorPersons"]
    assert originator["legalPerson"]["customerNumber"] == town.shop.id


def test_anyone_with_record_and_salt_can_check_the_hash_on_chain(town: Town) -> None:
    asked_for(town)
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    told = record_of(town, transfer)
    assert told.salt is not None
    # As an outsider would: JSON from the answer, sorted names, no spaces, keccak256 of all of it.
    from eth_utils import keccak

    text = json.dumps(told.record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = "0x" + keccak(bytes.fromhex(told.salt[2:]) + text.encode()).hex()
    with town.bank.store.reading() as session:
        row = session.get_one(ChainTransfer, transfer.order_id)
        assert row.travel_rule == digest
    assert record_hash(told.record, told.salt) == digest


@pytest.mark.parametrize("change", ["name", "salt", "account"])
def test_whatever_is_changed_gives_another_hash(town: Town, change: str) -> None:
    asked_for(town)
    told = record_of(town, sent(town, town.anna, town.li, "EUR 100.00", "CNY"))
    assert told.salt is not None
    record, salt = json.loads(json.dumps(told.record)), told.salt
    if change == "salt":
        salt = "0x" + "00" * 32
    elif change == "account":
        record["beneficiary"]["accountNumber"] = [town.ben.account]
    else:
        person = record["originator"]["originatorPersons"][0]["naturalPerson"]
        person["name"]["nameIdentifier"][0]["primaryIdentifier"] = "Anna Bekker"
    assert record_hash(record, salt) != told.on_chain_hash


def test_two_equal_transfers_have_different_hashes(town: Town) -> None:
    asked_for(town)
    first, second = (sent(town, town.anna, town.li, "EUR 60.00", "CNY") for _ in range(2))
    assert first.travel_rule_hash != second.travel_rule_hash


def test_nothing_of_it_can_be_read_in_the_database(town: Town) -> None:
    asked_for(town)
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    with town.bank.store.reading() as session:
        row = session.get_one(TravelRuleRecord, transfer.travel_rule_id)
        for box in (row.sealed_originator, row.sealed_beneficiary):
            assert box is not None
            assert b"Becker" not in box


@pytest.mark.parametrize(
    ("name", "facts", "missing"),
    [
        (
            "anna",
            {"phone": "+49301"},
            ["originator.name", "originator.address_or_document_number"],
        ),
        ("anna", {"name": "Anna Becker"}, ["originator.address_or_document_number"]),
        ("anna", {"name": "Anna Becker", "city": "X"}, ["originator.address_or_document_number"]),
        ("li", {"phone": "+49301"}, ["beneficiary.name"]),
    ],
)
def test_a_refusal_names_all_that_is_missing(
    town: Town, name: str, facts: dict[str, str], missing: list[str]
) -> None:
    asked_for(town)
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    unknown(town, getattr(town, name), **facts)
    with town.refusal(errors.TravelRuleMissing) as caught:
        send(town, town.anna, town.li, quote)
    assert caught.value.facts == {"missing": missing}
    small = quoted(town, town.anna, "EUR 10.00", "CNY")
    send(town, town.anna, town.li, small)


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "Anna Becker", "document_number": "C01X0006H"},
        {"name": "Anna Becker", "street": "Lindenweg 4", "city": "Berlin"},
    ],
)
def test_an_address_or_a_document_is_enough(town: Town, facts: dict[str, str]) -> None:
    asked_for(town)
    unknown(town, town.anna, **facts)
    assert sent(town, town.anna, town.li, "EUR 100.00", "CNY").state == "settled"


def test_a_recipient_whom_kyc_does_not_name_is_described_by_the_sender(town: Town) -> None:
    asked_for(town)
    unknown(town, town.li, phone="+86215550104")
    given = IvmsPerson.model_validate(LI)
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY", travel_rule=given)
    assert transfer.state == "settled"
    told = record_of(town, transfer)
    assert told.record["beneficiary"]["beneficiaryPersons"] == [LI]
    assert told.agrees


def test_what_kyc_knows_comes_before_what_the_sender_says(town: Town) -> None:
    asked_for(town)
    given = IvmsPerson.model_validate(LI)
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY", travel_rule=given)
    (person,) = record_of(town, transfer).record["beneficiary"]["beneficiaryPersons"]
    name = person["naturalPerson"]["name"]["nameIdentifier"][0]
    assert name == {"primaryIdentifier": "Anna Becker", "nameIdentifierType": "LEGL"}


def test_kyc_data_that_breaks_the_standard_is_named(town: Town) -> None:
    asked_for(town)
    unknown(town, town.anna, name="Anna Becker", street="Way 1", city="x" * 36)
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    with town.refusal(errors.InvalidRequest) as caught:
        send(town, town.anna, town.li, quote)
    assert caught.value.facts["field"].endswith("geographicAddress.0.townName")


@pytest.mark.parametrize(("born", "taken"), [("1999-02-11", True), ("2999-01-01", False)])
def test_nobody_was_born_in_the_future(town: Town, born: str, taken: bool) -> None:
    asked_for(town)
    unknown(town, town.li, phone="+86215550104")
    birth = {"dateOfBirth": born, "placeOfBirth": "Shanghai"}
    told = {"naturalPerson": LI["naturalPerson"] | {"dateAndPlaceOfBirth": birth}}
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    given = IvmsPerson.model_validate(told)
    if taken:
        send(town, town.anna, town.li, quote, travel_rule=given)
        return
    with town.refusal(errors.InvalidRequest) as caught:
        send(town, town.anna, town.li, quote, travel_rule=given)
    assert caught.value.facts["field"].endswith("dateOfBirth")


def test_every_look_at_a_record_is_recorded_for_both_parties(town: Town) -> None:
    asked_for(town)
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    record_of(town, transfer, "auditor")
    for person in (town.anna, town.li):
        filters = AccessFilter(customer_id=person.id)
        page = audit.list_accesses(town.bank, town.staff("auditor"), filters, ALL)
        looks = [row for row in page.items if row.action == "travel-rule record"]
        assert [row.query for row in looks] == [{"id": transfer.travel_rule_id}]


def checks(town: Town, draft: TransferDraft) -> dict[str, Any]:
    told = crossborder.preview_transfer(town.bank, town.anna.caller, draft)
    return {check.name: check for check in told.checks}


def test_a_dry_run_says_whether_a_record_is_asked_for_and_what_it_lacks(town: Town) -> None:
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    draft = TransferDraft(quote.id, town.li.account, "GDDS")
    assert checks(town, draft)["travel_rule"].outcome == "not_asked"
    asked_for(town)
    assert checks(town, draft)["travel_rule"].outcome == "passed"
    unknown(town, town.li, phone="+86215550104")
    refused = checks(town, draft)
    assert refused["travel_rule"].outcome == "refused"
    assert refused["travel_rule"].refusal.facts == {"missing": ["beneficiary.name"]}
    assert refused["corridor"].outcome == "passed"


def test_nobody_reads_a_record_that_there_is_not(town: Town) -> None:
    with pytest.raises(errors.NotFound):
        compliance.get_record(town.bank, town.staff("auditor"), "trr_none")


def test_the_record_is_kept_while_a_transfer_is_held_and_after(town: Town) -> None:
    open_pair(town, "EUR", "CNY", state="review", travel_rule_from="50.00")
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    assert transfer.state == "held"
    assert record_of(town, transfer).agrees
    crossborder.release_transfer(town.bank, town.staff("compliance"), ask(), transfer.id)
    town.settle()
    assert seen(town, town.anna, transfer.id).state == "settled"
    assert record_of(town, transfer).agrees
