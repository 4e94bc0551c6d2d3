"""What KYC has found out about a customer, as capabilities other than identity read it."""

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.store.tables import Customer


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """Each is null while nobody has told it, and again once the customer was erased."""

    name: str | None = None
    birth_date: str | None = None
    """``YYYY-MM-DD``."""
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None
    document_number: str | None = None
    registration_number: str | None = None
    merchant_category: str | None = None
    """Four digits of ISO 18245."""


_NAMES = tuple(field.name for field in fields(KnownFacts))


def known_facts(bank: Bank, session: Session, customer: Customer | None) -> KnownFacts:
    """What is known about a customer; nothing about somebody who is none."""
    if customer is None or customer.sealed_personal is None:
        return KnownFacts()
    told: dict[str, Any] = (
        opened_or_none(bank, session, customer.id, customer.sealed_personal) or {}
    )
    return KnownFacts(**{name: told.get(name) or None for name in _NAMES})
