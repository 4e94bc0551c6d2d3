"""What those who listen are told about payments, inside the transaction that writes the block."""

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
from wallet_chain.store.tables import ChainOrder, Operation, Order

_CONTRACT = "Payments"
_ENDINGS = ("PaymentSettled", "OrderRejected", "OrderCancelled")


def follow(session: Session, news: News) -> None:
    """Write the events of what a block did to payments that were asked for here."""
    ours = [event for event in news.events if event.contract == _CONTRACT]
    if (not ours and not news.ended) or not anybody_listens(session):
        return
    happenings = [
        *_ended(session, (e for e in ours if e.name in _ENDINGS), news.time),
        *_refunded(session, [e for e in ours if e.name == "PaymentRefunded"], news.time),
        *_never_executed(session, news),
    ]
    if happenings:
        record(session, happenings)


def _ended(session: Session, events: Iterable[DecodedEvent], at: int) -> list[Happening]:
    """Payments that the chain has ended in this block. A cancellation that named a payment in vain
    changes nothing, and joins with nothing."""
    ending = {event.args["orderId"]: event.transaction_hash for event in events}
    found = []
    for order_ids in in_parts(ending):
        statement = (
            select(Order, ChainOrder)
            .join(ChainOrder, ended_on_chain())
            .where(Order.order_id.in_(order_ids), Order.kind == "payment")
            .execution_options(populate_existing=True)
        )
        for payment, row in session.execute(statement):
            if row.transaction_hash == ending[payment.order_id]:
                reason = None if row.reason is None else refusal_from_revert(row.reason).code
                found.append(_happening(payment, row.outcome, at, row.transaction_hash, reason))
    return found


def _refunded(session: Session, events: list[DecodedEvent], at: int) -> list[Happening]:
    payments = _payments(session, [event.args["payment"] for event in events])
    found = []
    for event in events:
        payment = payments.get(event.args["payment"])
        if payment is None:
            continue
        currency = order_money(payment).currency
        more = {
            "refund": Money(event.args["amount"], currency).to_json(),
            "refunded": Money(event.args["refundedTotal"], currency).to_json(),
        }
        found.append(_happening(payment, "refunded", at, event.transaction_hash, None, more))
    return found


def _never_executed(session: Session, news: News) -> list[Happening]:
    """Payments that ended without a word of the chain about them: too late, or their nonce is used."""
    found = []
    for ids in in_parts(news.ended):
        statement = (
            select(Order, Operation)
            .join(Operation, Operation.id == Order.operation_id)
            .outerjoin(ChainOrder, ended_on_chain())
            .where(
                Operation.id.in_(ids),
                Order.kind == "payment",
                Operation.state.in_(("expired", "rejected")),
                ChainOrder.order_id.is_(None),
            )
            .execution_options(populate_existing=True)
        )
        for payment, operation in session.execute(statement):
            refusal = operation.refusal
            reason = None if refusal is None else str(refusal["code"])
            hash_ = operation.transaction_hash
            found.append(_happening(payment, operation.state, news.time, hash_, reason))
    return found


def _payments(session: Session, order_ids: Iterable[str]) -> dict[str, Order]:
    found: dict[str, Order] = {}
    for part in in_parts(order_ids):
        rows = session.scalars(
            select(Order).where(Order.order_id.in_(part), Order.kind == "payment")
        )
        found |= {row.order_id: row for row in rows}
    return found


def _happening(
    payment: Order,
    state: str,
    at: int,
    transaction_hash: str | None,
    reason: str | None,
    more: dict[str, Any] | None = None,
) -> Happening:
    return Happening(
        resource_id=payment.id,
        kind=f"payment.{state}",
        at=at,
        data={
            "state": state,
            "reason": reason,
            "money": order_money(payment).to_json(),
            "order_id": payment.order_id,
            "transaction_hash": transaction_hash,
            **(more or {}),
        },
        sides=(payment.signer_customer_id, payment.counterparty_customer_id),
    )
