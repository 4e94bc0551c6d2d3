"""Customers and reviews as callers see them. Each look by staff is recorded here."""

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import account_of
from wallet_chain.bank.receipts import latest_operation
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.witness import record_look, visible_customer
from wallet_chain.countries import country_code
from wallet_chain.identity.drafts import Personal
from wallet_chain.identity.views import CustomerView, DocumentView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Alias, ChainAccount, Customer, Document, Review

UNDECIDED = ("open", "more_information")
"""States of a review that still wait for somebody."""


def customer_state(customer: Customer, standing: ChainAccount | None) -> str:
    """A customer's state: what was decided here, and what the chain has made of it."""
    if customer.state in ("forgotten", "closed"):
        return customer.state
    if standing is None:
        return customer.state
    return "closed" if standing.status == "closed" else "approved"


def show_customer(bank: Bank, session: Session, caller: Caller, customer_id: str) -> CustomerView:
    """The customer with personal data. Raises NotFound."""
    customer = visible_customer(session, caller, customer_id)
    record_look(bank, session, caller, "customer", customer_id)
    account, standing = account_of(session, customer)
    lapsed = standing is not None and standing.kyc_expiry <= bank.clock()
    return CustomerView(
        id=customer.id,
        kind=customer.kind,
        state=customer_state(customer, standing),
        custody=customer.custody,
        country=country_code(customer.country),
        merchant=customer.merchant,
        provider=customer.provider,
        account=account,
        customer_ref=customer.customer_ref,
        tier=None if standing is None else standing.tier,
        account_status=None if standing is None else standing.status,
        kyc_expires_at=None if standing is None else standing.kyc_expiry,
        kyc_lapsed=lapsed,
        personal=personal_of(bank, session, customer),
        documents=documents_of(session, customer.id),
        aliases=aliases_of(bank, session, customer.id),
        review_id=session.scalar(
            select(Review.id).where(Review.customer_id == customer.id, Review.state.in_(UNDECIDED))
        ),
        operation=latest_operation(session, customer.id),
        created_at=customer.created_at,
        updated_at=customer.updated_at,
    )


def personal_of(bank: Bank, session: Session, customer: Customer) -> Personal | None:
    """What is known about a customer; None when nothing is, or any more."""
    if customer.sealed_personal is None:
        return None
    return Personal(**bank.personal.open(session, customer.id, customer.sealed_personal))


def submitted_of(bank: Bank, session: Session, review: Review) -> Personal | None:
    """What waits in a review for somebody's approval; None when nothing does."""
    told = opened_or_none(bank, session, review.customer_id, review.sealed_submitted)
    return None if told is None else Personal(**told)


def known_or_submitted(
    bank: Bank, session: Session, customer: Customer, review: Review | None
) -> Personal | None:
    """What a decision about this review is about: what waits in it, else what is known."""
    waiting = None if review is None else submitted_of(bank, session, review)
    return waiting or personal_of(bank, session, customer)


def sealed(bank: Bank, session: Session, customer_id: str, personal: Personal) -> bytes:
    """Personal data, encrypted under the customer's key."""
    return bank.personal.seal(session, customer_id, asdict(personal))


def documents_of(session: Session, customer_id: str) -> tuple[DocumentView, ...]:
    """All evidence that was looked at for a customer, oldest first."""
    rows = session.scalars(
        select(Document).where(Document.customer_id == customer_id).order_by(Document.id)
    )
    return tuple(
        DocumentView(
            id=row.id,
            kind=row.kind,
            sha256=row.sha256,
            added_at=row.added_at,
            added_by=row.added_by,
        )
        for row in rows
    )


def aliases_of(bank: Bank, session: Session, customer_id: str) -> tuple[str, ...]:
    """A customer's aliases in normal form, oldest first."""
    rows = session.scalars(
        select(Alias)
        .where(Alias.customer_id == customer_id)
        .order_by(Alias.created_at, Alias.alias_index)
    )
    return tuple(str(bank.personal.open(session, customer_id, row.sealed_alias)) for row in rows)
