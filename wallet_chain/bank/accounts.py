"""Which account is a customer's now, and what the chain says about it.

A customer's row names the account that it started with. A recovery moves everything to a successor,
which the chain knows; following the chain keeps the row from ever being wrong.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.errors import CustomerForgotten, KycMissing
from wallet_chain.store.tables import ChainAccount, Customer

_SUCCESSORS_MAX = 64
"""More recoveries of one account than anyone makes; bounds the walk."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer with the account that holds its money."""

    customer: Customer
    account: str
    standing: ChainAccount


def latest_account(session: Session, account: str) -> tuple[str, ChainAccount | None]:
    """The account in use now after any recoveries, with its row; None when it is not registered."""
    row = session.get(ChainAccount, account)
    for _ in range(_SUCCESSORS_MAX):
        if row is None or row.successor is None:
            break
        account = row.successor
        row = session.get(ChainAccount, account)
    return account, row


def account_of(session: Session, customer: Customer) -> tuple[str | None, ChainAccount | None]:
    """The customer's account now and its row; None for what there is not yet."""
    if customer.account is None:
        return None, None
    return latest_account(session, customer.account)


def holder_of(session: Session, customer: Customer, side: str) -> Holder:
    """The customer with its registered account.

    ``side`` (``payer``, ``payee``, ``customer``) goes into the refusal. Raises KycMissing when the
    account is not registered, CustomerForgotten when the customer was erased.
    """
    if customer.state == "forgotten":
        raise CustomerForgotten("This customer was erased; there is nobody to hold money.")
    account, standing = account_of(session, customer)
    if account is None or standing is None:
        raise KycMissing(
            f"The {side} has no approved KYC yet. Submit it with PUT /v1/customers/{{id}}/kyc; a"
            " compliance officer approves it.",
            side=side,
        )
    return Holder(customer, account, standing)


def customer_of_account(session: Session, account: str) -> Customer | None:
    """The customer whose money an account holds or held; None for accounts of nobody here."""
    found = session.scalars(select(Customer).where(Customer.account == account)).first()
    if found is not None:
        return found
    row = session.get(ChainAccount, account)
    if row is None:
        return None
    return session.scalars(
        select(Customer).where(Customer.customer_ref == row.customer_ref)
    ).first()
