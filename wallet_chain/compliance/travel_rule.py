"""Travel-rule records: who sends and who receives, kept sealed, with a salted hash on chain.

A record is filled from what KYC has found out; what a sender adds is taken only where this bank does not
know the recipient's name, since nobody's own word comes before what was checked. Originator and
beneficiary are sealed apart, each under its own customer's key, so that erasing one erases that part.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder
from wallet_chain.bank.known import KnownFacts, known_facts
from wallet_chain.bank.payees import Payee
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.witness import looking, not_found, record_look
from wallet_chain.clock import to_iso
from wallet_chain.compliance.ivms import IdentityPayload, Person
from wallet_chain.compliance.views import TravelRuleView
from wallet_chain.countries import country_code
from wallet_chain.errors import InvalidRequest, TravelRuleMissing
from wallet_chain.ids import new_id
from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import (
    ChainAccount,
    ChainTransfer,
    CrossBorderTransfer,
    Customer,
    Document,
    TravelRuleRecord,
)

SALT_BYTES = 32
_DOCUMENT_TYPES = {"passport": "CCPT", "identity_card": "IDCD"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record that is complete, before it is written."""

    record: Mapping[str, Any]
    salt: str
    """``0x`` and 64 hex digits."""
    sender_customer_id: str
    recipient_customer_id: str | None

    @property
    def hash(self) -> str:
        """What the chain gets."""
        return record_hash(self.record, self.salt)


def record_hash(record: Mapping[str, Any], salt: str) -> str:
    """keccak256(salt || record), the record as UTF-8 JSON with sorted names and no spaces."""
    return to_hex(keccak256(from_hex(salt) + orjson.dumps(record, option=orjson.OPT_SORT_KEYS)))


def prepare(
    bank: Bank, session: Session, sender: Holder, recipient: Payee, given: Person | None
) -> Prepared:
    """The record of a transfer between these two, with a fresh salt.

    ``given`` is the recipient as the sender describes them. Raises TravelRuleMissing, naming all that
    is not known, and InvalidRequest where something known breaks a rule of the standard.
    """
    facts = known_facts(bank, session, sender.customer)
    known = known_facts(bank, session, recipient.customer)
    _require_born(bank, given)
    missing = _missing(facts, known, given)
    if missing:
        raise TravelRuleMissing(
            "A transfer of this amount needs a travel-rule record, and these are not known: "
            + ", ".join(missing)
            + ". The sender's come from KYC; the recipient's, where KYC has none, from travel_rule in"
            " this request.",
            missing=missing,
        )
    originator = _person(session, sender.customer, facts, sender.standing.country)
    if known.name is None or recipient.customer is None:
        assert given is not None
        beneficiary = given.model_dump(mode="json", by_alias=True, exclude_none=True)
    else:
        standing = session.get(ChainAccount, recipient.account)
        country = recipient.customer.country if standing is None else standing.country
        beneficiary = _person(session, recipient.customer, known, country)
    institution = _institution(bank)
    record = {
        "originator": {"originatorPersons": [originator], "accountNumber": [sender.account]},
        "beneficiary": {
            "beneficiaryPersons": [beneficiary],
            "accountNumber": [recipient.account],
        },
        "originatingVASP": {"originatingVASP": institution},
        "beneficiaryVASP": {"beneficiaryVASP": institution},
    }
    _require_valid(record)
    return Prepared(
        record=record,
        salt=to_hex(secrets.token_bytes(SALT_BYTES)),
        sender_customer_id=sender.customer.id,
        recipient_customer_id=None if recipient.customer is None else recipient.customer.id,
    )


def keep(bank: Bank, session: Session, transfer_id: str, prepared: Prepared) -> str:
    """Write a record in the caller's transaction; gives its id."""
    record = prepared.record
    sender, recipient = prepared.sender_customer_id, prepared.recipient_customer_id
    sent = {name: record[name] for name in record if name != "beneficiary"}
    row = TravelRuleRecord(
        id=new_id("trr"),
        transfer_id=transfer_id,
        sender_customer_id=sender,
        recipient_customer_id=recipient,
        hash=prepared.hash,
        sealed_originator=bank.personal.seal(
            session, sender, {"salt": prepared.salt, "record": sent}
        ),
        sealed_beneficiary=bank.personal.seal(session, recipient or sender, record["beneficiary"]),
        created_at=bank.clock(),
    )
    session.add(row)
    session.flush()
    return row.id


def get_record(bank: Bank, caller: Caller, record_id: str) -> TravelRuleView:
    """A record, opened; the look at both parties is recorded. Raises NotFound."""
    with looking(bank, caller) as session:
        row = session.get(TravelRuleRecord, record_id)
        if row is None:
            raise not_found("travel-rule record", record_id)
        for customer_id in (row.sender_customer_id, row.recipient_customer_id):
            if customer_id is not None:
                query = {"id": record_id}
                record_look(bank, session, caller, "travel-rule record", customer_id, query)
        return _view(bank, session, row)


def _view(bank: Bank, session: Session, row: TravelRuleRecord) -> TravelRuleView:
    sender, recipient = row.sender_customer_id, row.recipient_customer_id
    sent = opened_or_none(bank, session, sender, row.sealed_originator)
    received = opened_or_none(bank, session, recipient or sender, row.sealed_beneficiary)
    record: dict[str, Any] = {} if sent is None else dict(sent["record"])
    if received is not None:
        record["beneficiary"] = received
    erased = [
        name for name, part in (("originator", sent), ("beneficiary", received)) if part is None
    ]
    transfer = session.get_one(CrossBorderTransfer, row.transfer_id)
    on_chain = session.get(ChainTransfer, transfer.order_id)
    chain_hash = None if on_chain is None else on_chain.travel_rule
    salt = None if sent is None else str(sent["salt"])
    agrees = None
    if salt is not None and not erased and chain_hash is not None:
        agrees = record_hash(record, salt) == chain_hash
    return TravelRuleView(
        id=row.id,
        transfer_id=row.transfer_id,
        hash=row.hash,
        on_chain_hash=chain_hash,
        salt=salt,
        record=record,
        erased=tuple(erased),
        agrees=agrees,
        created_at=row.created_at,
    )


def _require_born(bank: Bank, given: Person | None) -> None:
    """Raise InvalidRequest for a birth that is to come (IVMS 101, rule C2)."""
    person = None if given is None else given.natural_person
    birth = None if person is None else person.date_and_place_of_birth
    if birth is not None and birth.date_of_birth > to_iso(bank.clock())[:10]:
        raise InvalidRequest(
            "A date of birth lies in the past (IVMS 101, rule C2).",
            field="travel_rule.beneficiary.naturalPerson.dateAndPlaceOfBirth.dateOfBirth",
        )


def _missing(facts: KnownFacts, known: KnownFacts, given: Person | None) -> list[str]:
    """What a record still lacks, as callers call it."""
    missing = []
    if facts.name is None:
        missing.append("originator.name")
    # The customer's id alone tells nobody outside who that is.
    if not (facts.street and facts.city) and not (
        facts.document_number or facts.registration_number
    ):
        missing.append("originator.address_or_document_number")
    if known.name is None and given is None:
        missing.append("beneficiary.name")
    return missing


def _person(
    session: Session, customer: Customer, facts: KnownFacts, country_number: int
) -> dict[str, Any]:
    """A customer of this bank, as the standard writes it."""
    country = country_code(country_number)
    business = customer.kind == "business"
    told: dict[str, Any] = {"name": {"nameIdentifier": [_name(facts, business)]}}
    if facts.street and facts.city:
        address = {
            "addressType": "BIZZ" if business else "HOME",
            "addressLine": [facts.street],
            "postCode": facts.postal_code,
            "townName": facts.city,
            "country": country,
        }
        told["geographicAddress"] = [{k: v for k, v in address.items() if v is not None}]
    if business:
        told["customerNumber"] = customer.id
        told["countryOfRegistration"] = country
        return {"legalPerson": told}
    if facts.document_number:
        told["nationalIdentification"] = {
            "nationalIdentifier": facts.document_number,
            "nationalIdentifierType": _document_type(session, customer),
        }
    told["customerIdentification"] = customer.id
    told["countryOfResidence"] = country
    return {"naturalPerson": told}


def _name(facts: KnownFacts, business: bool) -> dict[str, Any]:
    if business:
        return {"legalPersonName": facts.name, "legalPersonNameIdentifierType": "LEGL"}
    # KYC has the whole name in one; the standard then wants it all as the primary identifier.
    return {"primaryIdentifier": facts.name, "nameIdentifierType": "LEGL"}


def _document_type(session: Session, customer: Customer) -> str:
    """Which document the number is of; MISC where both kinds were shown, or none."""
    shown = {
        _DOCUMENT_TYPES[row.kind]
        for row in session.query(Document).filter(Document.customer_id == customer.id)
        if row.kind in _DOCUMENT_TYPES
    }
    return shown.pop() if len(shown) == 1 else "MISC"


def _institution(bank: Bank) -> dict[str, Any]:
    name = {"legalPersonName": bank.settings.tenant, "legalPersonNameIdentifierType": "LEGL"}
    return {"legalPerson": {"name": {"nameIdentifier": [name]}}}


def _require_valid(record: Mapping[str, Any]) -> None:
    try:
        IdentityPayload.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise InvalidRequest(
            f"The travel-rule record does not keep to IVMS 101 at {where}: {first['msg']}. Correct the"
            " KYC data, or travel_rule in this request.",
            field=where,
        ) from error
