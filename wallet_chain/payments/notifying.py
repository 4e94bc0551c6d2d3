"""What those who listen are told about payments, inside the transaction that writes the block."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank.orders import order_money
from wallet_chain.money import Money
from wallet_chain.notify.orders import Ending, endings, orders_by_id
from wallet_chain.notify.outbox import Happening, anybody_listens, record
from wallet_chain.pipeline.news import News


def follow(session: Session, news: News) -> None:
    """Write the events of what a block did to payments that were asked for here."""
    if (not news.events and not news.ended) or not anybody_listens(session):
        return
    happenings = [
        *(_happening(ending, news.time) for ending in endings(session, news, ("payment",))),
        *_refunded(session, news),
    ]
    if happenings:
        record(session, happenings)


def _refunded(session: Session, news: News) -> Iterator[Happening]:
    events = [event for event in news.events if event.name == "PaymentRefunded"]
    payments = orders_by_id(session, "payment", [event.args["payment"] for event in events])
    for event in events:
        payment = payments.get(event.args["payment"])
        if payment is None:
            continue
        currency = order_money(payment).currency
        more = {
            "refund": Money(event.args["amount"], currency).to_json(),
            "refunded": Money(event.args["refundedTotal"], currency).to_json(),
        }
        refunded = Ending(payment, "refunded", event.transaction_hash, None)
        yield _happening(refunded, news.time, more)


def _happening(ending: Ending, at: int, more: dict[str, Any] | None = None) -> Happening:
    payment = ending.order
    return Happening(
        resource_id=payment.id,
        kind=f"payment.{ending.state}",
        at=at,
        data={
            "state": ending.state,
            "reason": ending.reason,
            "money": order_money(payment).to_json(),
            "order_id": payment.order_id,
            "transaction_hash": ending.transaction_hash,
            **(more or {}),
        },
        sides=(payment.signer_customer_id, payment.counterparty_customer_id),
    )
