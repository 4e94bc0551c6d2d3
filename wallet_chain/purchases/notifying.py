"""What those who listen are told about purchases, inside the transaction that writes the block."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank.orders import ended_on_chain, order_money
from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.reverts import refusal_from_revert
from wallet_chain.money import Money
from wallet_chain.notify.outbox import Happening, anybody_listens, record
from wallet_chain.pipeline.finish import in_parts
from wallet_chain.pipeline.news import News
from wallet_chain.purchases.terms import terms_of
from wallet_chain.store.tables import ChainOrder, Operation, Order

_CONTRACT = "Purchases"
_ENDINGS = ("PurchaseSettled", "OrderRejected", "OrderCancelled")


def follow(session: Session, news: News) -> None:
    """Write the events of what a block did to purchases that were asked for here."""
    ours = [event for event in news.events if event.contract == _CONTRACT]
    if (not ours and not news.ended) or not anybody_listens(session):
        return
    happenings = [
        *_ended(session, (e for e in ours if e.name in _ENDINGS), news.time),
        *_refunded(session, [e for e in ours if e.name == "PurchaseRefunded"], news.time),
        *_never_executed(session, news),
    ]
    if happenings:
        record(session, happenings)


def _ended(session: Session, events: Iterable[DecodedEvent], at: int) -> list[Happening]:
    """Purchases that the chain has ended in this block."""
    ending = {event.args["orderId"]: event.transaction_hash for event in events}
    found = []
    for order_ids in in_parts(ending):
        statement = (
            select(Order, ChainOrder)
            .join(ChainOrder, ended_on_chain())
            .where(Order.order_id.in_(order_ids), Order.kind == "purchase")
            .execution_options(populate_existing=True)
        )
        for purchase, row in session.execute(statement):
            if row.transaction_hash == ending[purchase.order_id]:
                reason = None if row.reason is None else refusal_from_revert(row.reason).code
                found.append(_happening(purchase, row.outcome, at, row.transaction_hash, reason))
    return found


def _refunded(session: Session, events: list[DecodedEvent], at: int) -> list[Happening]:
    purchases: dict[str, Order] = {}
    for part in in_parts([event.args["purchase"] for event in events]):
        rows = session.scalars(
            select(Order).where(Order.order_id.in_(part), Order.kind == "purchase")
        )
        purchases |= {row.order_id: row for row in rows}
    found = []
    for event in events:
        purchase = purchases.get(event.args["purchase"])
        if purchase is None:
            continue
        currency = order_money(purchase).currency
        more = {
            "refund": Money(event.args["amount"], currency).to_json(),
            "refunded": Money(event.args["refundedTotal"], currency).to_json(),
            "refund_cash": Money(event.args["money"], currency).to_json(),
            "refund_points": event.args["restored"],
        }
        found.append(_happening(purchase, "refunded", at, event.transaction_hash, None, more))
    return found


def _never_executed(session: Session, news: News) -> list[Happening]:
    """Purchases that ended without a word of the chain about them."""
    found = []
    for ids in in_parts(news.ended):
        statement = (
            select(Order, Operation)
            .join(Operation, Operation.id == Order.operation_id)
            .outerjoin(ChainOrder, ended_on_chain())
            .where(
                Operation.id.in_(ids),
                Order.kind == "purchase",
                Operation.state.in_(("expired", "rejected")),
                ChainOrder.order_id.is_(None),
            )
            .execution_options(populate_existing=True)
        )
        for purchase, operation in session.execute(statement):
            refusal = operation.refusal
            reason = None if refusal is None else str(refusal["code"])
            hash_ = operation.transaction_hash
            found.append(_happening(purchase, operation.state, news.time, hash_, reason))
    return found


def _happening(
    purchase: Order,
    state: str,
    at: int,
    transaction_hash: str | None,
    reason: str | None,
    more: dict[str, Any] | None = None,
) -> Happening:
    return Happening(
        resource_id=purchase.id,
        kind=f"purchase.{state}",
        at=at,
        data={
            "state": state,
            "reason": reason,
            "money": terms_of(purchase.message).gross.to_json(),
            "cash": order_money(purchase).to_json(),
            "order_id": purchase.order_id,
            "transaction_hash": transaction_hash,
            **(more or {}),
        },
        sides=(purchase.signer_customer_id, purchase.counterparty_customer_id),
    )
