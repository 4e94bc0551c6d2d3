"""Customers' accounts, and what a reference stands for that somebody wrote as they liked."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.references import keyed_hash, read_reference
from wallet_chain.bank.witness import not_found
from wallet_chain.errors import InvalidRequest
from wallet_chain.store.tables import (
    ChainAccount,
    ChainCurrency,
    Customer,
    Deposit,
    Operation,
    Order,
    Principal,
    Request,
)

_FOUND_MAX = 50
"""So many requests of different callers may share a key; beyond that the question is refused."""

_KEY_LENGTH_MAX = 255
"""Of an Idempotency-Key; references of other kinds are shorter."""

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


def named_by(bank: Bank, session: Session, text: str, own: str | None) -> Named:
    """What was asked for under an Idempotency-Key, or carries a bank's, a court's or a payout's
    reference; of what the customer ``own`` asked for and paid in only, where one is given.

    Raises InvalidRequest, also where more requests share a key than are looked at.
    """
    reference = read_reference(text, "free_reference", _KEY_LENGTH_MAX)
    requests = select(Request.resource_id).where(Request.idempotency_key == reference)
    paid_in = select(Deposit).where(
        Deposit.currency.in_(select(ChainCurrency.currency)),
        Deposit.deposit_reference == keyed_hash(bank, "deposit", reference),
    )
    if own is not None:
        keys = select(Principal.id).where(Principal.customer_id == own)
        requests = requests.where(Request.principal_id.in_(keys))
        paid_in = paid_in.where(Deposit.customer_id == own)
    resources = session.scalars(requests.limit(_FOUND_MAX + 1)).all()
    if len(resources) > _FOUND_MAX:
        raise InvalidRequest(
            f"More than {_FOUND_MAX} requests share this key; ask by the order's id or reference.",
            field="free_reference",
            limit=_FOUND_MAX,
        )
    deposits = session.scalars(paid_in).all()
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
