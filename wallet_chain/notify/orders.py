"""How orders ended in a block, for capabilities that tell those who listen."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank.orders import ended_on_chain
from wallet_chain.ledger.reverts import refusal_from_revert
from wallet_chain.pipeline.finish import in_parts
from wallet_chain.pipeline.news import News
from wallet_chain.store.tables import ChainOrder, Operation, Order


@dataclass(frozen=True, slots=True)
class Ending:
    """An order of ours that came to its end."""

    order: Order
    state: str
    """``settled``, ``rejected``, ``cancelled`` or ``expired``."""
    transaction_hash: str | None
    reason: str | None
    """A refusal's code."""


def endings(session: Session, news: News, kinds: Collection[str]) -> Iterator[Ending]:
    """The orders of these kinds that a block has ended, each once."""
    # A block may name an order again after its end: an attempt to cancel it, in vain.
    hashes: dict[str, set[str]] = {}
    for event in news.events:
        if "orderId" in event.args:
            hashes.setdefault(event.args["orderId"], set()).add(event.transaction_hash)
    for order_ids in in_parts(hashes):
        statement = (
            select(Order, ChainOrder)
            .join(ChainOrder, ended_on_chain())
            .where(Order.order_id.in_(order_ids), Order.kind.in_(kinds))
            .execution_options(populate_existing=True)
        )
        for order, row in session.execute(statement):
            if row.transaction_hash in hashes[order.order_id]:
                reason = None if row.reason is None else refusal_from_revert(row.reason).code
                yield Ending(order, row.outcome, row.transaction_hash, reason)
    yield from _never_executed(session, news, kinds)


def orders_by_id(session: Session, kind: str, order_ids: Iterable[str]) -> dict[str, Order]:
    """Those of the order ids that are orders of this kind asked for here, by their order id."""
    found: dict[str, Order] = {}
    for part in in_parts(order_ids):
        rows = session.scalars(select(Order).where(Order.order_id.in_(part), Order.kind == kind))
        found |= {row.order_id: row for row in rows}
    return found


def _never_executed(session: Session, news: News, kinds: Collection[str]) -> Iterator[Ending]:
    """Orders that ended without a word of the chain about them."""
    for ids in in_parts(news.ended):
        statement = (
            select(Order, Operation)
            .join(Operation, Operation.id == Order.operation_id)
            .outerjoin(ChainOrder, ended_on_chain())
            .where(
                Operation.id.in_(ids),
                Order.kind.in_(kinds),
                Operation.state.in_(("expired", "rejected")),
                ChainOrder.order_id.is_(None),
            )
            .execution_options(populate_existing=True)
        )
        for order, operation in session.execute(statement):
            refusal = operation.refusal
            reason = None if refusal is None else str(refusal["code"])
            yield Ending(order, operation.state, operation.transaction_hash, reason)
