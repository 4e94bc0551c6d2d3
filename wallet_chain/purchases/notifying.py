"""What those who listen are told about purchases, inside the transaction that writes the block."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank.orders import order_money
from wallet_chain.money import Money
from wallet_chain.notify.orders import Ending, endings, orders_by_id
from wallet_chain.notify.outbox import Happening, anybody_listens, record
from wallet_chain.pipeline.news import News
from wallet_chain.purchases.terms import terms_of


def follow(session: Session, news: News) -> None:
    """Write the events of what a block did to purchases that were asked for here."""
    if (not news.events and not news.ended) or not anybody_listens(session):
        return
    happenings = [
        *(_happening(ending, news.time) for ending in endings(session, news, ("purchase",))),
        *_refunded(session, news),
    ]
    if happenings:
        record(session, happenings)


def _refunded(session: Session, news: News) -> Iterator[Happening]:
    events = [event for event in news.events if event.name == "PurchaseRefunded"]
    purchases = orders_by_id(session, "purchase", [event.args["purchase"] for event in events])
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
        refunded = Ending(purchase, "refunded", event.transaction_hash, None)
        yield _happening(refunded, news.time, more)


def _happening(ending: Ending, at: int, more: dict[str, Any] | None = None) -> Happening:
    purchase = ending.order
    return Happening(
        resource_id=purchase.id,
        kind=f"purchase.{ending.state}",
        at=at,
        data={
            "state": ending.state,
            "reason": ending.reason,
            "money": terms_of(purchase.message).gross.to_json(),
            "cash": order_money(purchase).to_json(),
            "order_id": purchase.order_id,
            "transaction_hash": ending.transaction_hash,
            **(more or {}),
        },
        sides=(purchase.signer_customer_id, purchase.counterparty_customer_id),
    )
