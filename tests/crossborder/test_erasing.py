"""Customers with held transfers stay; of who is erased nothing is left that was kept for sending abroad."""

import pytest

from tests.crossborder.abroad import load_sample, open_pair, renamed, seen, sent
from tests.crossborder.test_screening import ON_THE_LIST, found, opened
from tests.crossborder.test_travel_rule import record_of
from tests.town import ALL, Person, Town, ask
from wallet_chain import compliance, crossborder, identity
from wallet_chain.compliance.drafts import BeneficiaryDraft, NameCheckDraft
from wallet_chain.crossborder.drafts import RejectionDraft
from wallet_chain.crossborder.views import TransferView
from wallet_chain.errors import CustomerNotForgettable
from wallet_chain.identity.drafts import ForgetDraft, StandingDraft
from wallet_chain.issuance import confirm_payout, create_withdrawal
from wallet_chain.issuance.drafts import PayoutDraft, WithdrawalDraft
from wallet_chain.money import positive_money
from wallet_chain.store.tables import CrossBorderTransfer, NameCheck, ScreeningResult


def forget(town: Town, person: Person) -> None:
    draft = ForgetDraft(person.id)
    identity.forget_customer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()


def close(town: Town, person: Person) -> None:
    draft = StandingDraft(person.id, "customer_left")
    identity.close_customer(town.bank, town.staff("compliance"), ask(), draft)


def emptied(town: Town, person: Person, currency: str = "EUR") -> None:
    """All money withdrawn and paid out."""
    money = positive_money(town.balance(person, currency), currency)
    draft = WithdrawalDraft(money, "DE89370400440532013000")
    made = create_withdrawal(town.bank, person.caller, ask(), draft).resource
    town.settle()
    paid = PayoutDraft(made.id, f"SEPA {made.id}")
    confirm_payout(town.bank, town.staff("operator"), ask(), paid)
    town.settle()


def held(town: Town) -> TransferView:
    """All that anna has, held on its way to li."""
    open_pair(town, "EUR", "CNY", state="review", travel_rule_from="50.00")
    transfer = sent(town, town.anna, town.li, "EUR 500.00", "CNY")
    assert transfer.state == "held"
    assert town.balance(town.anna) == "0.00"
    return transfer


@pytest.mark.parametrize("name", ["anna", "li"])
@pytest.mark.parametrize("end", [forget, close])
def test_nobody_goes_while_a_transfer_of_theirs_is_held(town: Town, name: str, end: object) -> None:
    transfer = held(town)
    with town.refusal(CustomerNotForgettable) as caught:
        end(town, getattr(town, name))  # type: ignore[operator]
    assert caught.value.facts["held_transfers"] == [transfer.id]
    assert caught.value.facts["balances"] == []
    assert "held transfers" in caught.value.detail

    draft = RejectionDraft(transfer.id, "RR04")
    crossborder.reject_transfer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    if name == "anna":
        emptied(town, town.anna)
    end(town, getattr(town, name))  # type: ignore[operator]


def test_a_provider_does_not_go_while_a_transfer_through_it_is_held(town: Town) -> None:
    transfer = held(town)
    with town.refusal(CustomerNotForgettable) as caught:
        close(town, town.north)
    assert caught.value.facts["held_transfers"] == [transfer.id]


def test_of_an_erased_sender_nothing_is_left_but_hashes(town: Town) -> None:
    load_sample(town)
    renamed(town, town.anna, ON_THE_LIST)
    open_pair(town, "EUR", "CNY", travel_rule_from="50.00")
    draft = BeneficiaryDraft("Anna Becker", town.li.account)
    compliance.create_beneficiary(town.bank, town.anna.caller, ask(), draft)
    transfer = sent(town, town.anna, town.li, "EUR 500.00", "CNY", remittance="for you")
    (hit,) = found(town, transfer)
    crossborder.release_transfer(town.bank, town.staff("compliance"), ask(), transfer.id, (hit.id,))
    town.settle()
    assert record_of(town, transfer).agrees
    before = record_of(town, transfer)

    forget(town, town.anna)
    after = record_of(town, transfer)
    assert (after.erased, after.salt, after.agrees) == (("originator",), None, None)
    assert set(after.record) == {"beneficiary"}
    assert after.hash == before.hash == after.on_chain_hash
    result = opened(town, hit)
    assert (result.screened_name, result.matches, result.score) == (None, (), 100)
    reviewer = crossborder.get_transfer(town.bank, town.staff("compliance"), transfer.id)
    assert reviewer.remittance is None
    with town.bank.store.reading() as session:
        assert session.get_one(CrossBorderTransfer, transfer.id).sealed_remittance is None
        assert session.get_one(ScreeningResult, hit.id).sealed_details is None


def test_of_an_erased_recipient_others_keep_no_name(town: Town) -> None:
    renamed(town, town.li, "Li Wei")
    open_pair(town, "EUR", "CNY", travel_rule_from="50.00")
    asked = NameCheckDraft(town.li.account, "Li Wai")
    check = compliance.check_name(town.bank, town.anna.caller, ask(), asked).resource
    assert check.name == "Li Wei"
    draft = BeneficiaryDraft("Li Wei", town.li.account)
    compliance.create_beneficiary(town.bank, town.anna.caller, ask(), draft)
    transfer = sent(town, town.anna, town.li, "EUR 100.00", "CNY")
    town.attest("9000000.00", "CNY")
    emptied(town, town.li, "CNY")

    forget(town, town.li)
    assert compliance.list_beneficiaries(town.bank, town.anna.caller, ALL).items == ()
    with town.bank.store.reading() as session:
        assert session.get_one(NameCheck, check.id).sealed_name is None
    told = record_of(town, transfer)
    assert (told.erased, told.agrees) == (("beneficiary",), None)
    assert set(told.record) == {"originator", "originatingVASP", "beneficiaryVASP"}
    assert seen(town, town.anna, transfer.id).state == "settled"
