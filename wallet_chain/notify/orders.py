"""How orders ended in a block, for capabilities that tell those who listen."""

from collections.abc import Collection, Iterator
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
    hashes = {
        event.args["orderId"]: event.transaction_hash
        for event in news.events
        if "orderId" in event.args
    }
    for order_ids in in_parts(hashes):
        statement = (
            select(Order, ChainOrder)
            .join(ChainOrder, ended_on_chain())
            .where(Order.order_id.in_(order_ids), Order.kind.in_(kinds))
            .execution_options(populate_existing=True)
        )
        for order, row in session.execute(statement):
            if row.transaction_hash == hashes[order.order_id]:
                reason = None if row.reason is None else refusal_from_revert(row.reason).code
                yield Ending(order, row.outcome, row.transaction_hash, reason)
    yield from _never_executed(session, news, kinds)


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
