"""Customers' accounts, and what a reference stands for that somebody wrote as they liked."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.references import keyed_hash, read_reference
from wallet_chain.bank.witness import not_found
from wallet_chain.store.tables import (
    ChainAccount,
    ChainCurrency,
    Customer,
    Deposit,
    Operation,
    Order,
    Request,
)

_FOUND_MAX = 50
"""So many requests of different callers may share a key; more are not looked at."""

Hashes = frozenset[str]


@dataclass(frozen=True, slots=True)
class Named:
    """What a name leads to; an event belongs to it by any of these."""

    orders: Hashes = frozenset()
    references: Hashes = frozenset()
    transactions: Hashes = frozenset()

    def __and__(self, other: "Named") -> "Named":
        return Named(
            self.orders & other.orders,
            self.references & other.references,
            self.transactions & other.transactions,
        )

    def __bool__(self) -> bool:
        return bool(self.orders or self.references or self.transactions)


def accounts_of(session: Session, customer_id: str, what: str = "customer") -> frozenset[str]:
    """Every account that a customer has or had. Raises NotFound."""
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise not_found(what, customer_id)
    statement = select(ChainAccount.account).where(
        ChainAccount.customer_ref == customer.customer_ref
    )
    own = {customer.account} - {None}
    return frozenset(session.scalars(statement)) | frozenset(a for a in own if a is not None)


def named_by(bank: Bank, session: Session, text: str) -> Named:
    """What was asked for under an Idempotency-Key, or carries a bank's, a court's or a payout's
    reference. Raises InvalidRequest, and NotFound when nothing does."""
    reference = read_reference(text, "free_reference")
    resources = session.scalars(
        select(Request.resource_id).where(Request.idempotency_key == reference).limit(_FOUND_MAX)
    ).all()
    deposits = session.scalars(
        select(Deposit).where(
            Deposit.currency.in_(select(ChainCurrency.currency)),
            Deposit.deposit_reference == keyed_hash(bank, "deposit", reference),
        )
    ).all()
    proposals = {deposit.proposal_id for deposit in deposits}
    orders, transactions = _of_resources(session, [*resources, *(d.id for d in deposits)])
    # A payout's and a court order's hash may be there or not: only the events know.
    hashes = {keyed_hash(bank, purpose, reference) for purpose in ("court order", "payout")}
    return Named(
        orders=orders | {p for p in proposals if p is not None},
        references=frozenset(hashes),
        transactions=transactions,
    )


def _of_resources(session: Session, resources: Iterable[str]) -> tuple[Hashes, Hashes]:
    """Order ids and transactions of what was asked for."""
    wanted = sorted(set(resources))
    orders = set(session.scalars(select(Order.order_id).where(Order.id.in_(wanted))))
    transactions = set()
    for operation in session.scalars(select(Operation).where(Operation.resource_id.in_(wanted))):
        if operation.order_id is not None:
            orders.add(operation.order_id)
        elif operation.transaction_hash is not None:
            # A call with a role's own key is a transaction of its own.
            transactions.add(operation.transaction_hash)
    return frozenset(orders), frozenset(transactions)
