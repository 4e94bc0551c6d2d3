"""What those who listen are told about gifts, inside the transaction that writes the block."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank.orders import order_money
from wallet_chain.money import Money
from wallet_chain.notify.orders import Ending, endings
from wallet_chain.notify.outbox import Happening, anybody_listens, record
from wallet_chain.pipeline.news import News
from wallet_chain.store.tables import Order

_KINDS = ("gift", "claim")


def follow(session: Session, news: News) -> None:
    """Write the events of what a block did to gifts that were made here."""
    if (not news.events and not news.ended) or not anybody_listens(session):
        return
    told = [_happening(ending, news.time) for ending in endings(session, news, _KINDS)]
    happenings = [one for one in told if one is not None]
    happenings += _returned(session, news)
    if happenings:
        record(session, happenings)


def _happening(ending: Ending, at: int) -> Happening | None:
    order = ending.order
    data = {
        "state": ending.state,
        "reason": ending.reason,
        "money": order_money(order).to_json(),
        "order_id": order.order_id,
        "transaction_hash": ending.transaction_hash,
    }
    if order.kind == "gift":
        state = "made" if ending.state == "settled" else ending.state
        sides = (order.signer_customer_id, None)
        return Happening(order.id, f"gift.{state}", at, data | {"state": state}, sides)
    if ending.state != "settled" or order.related_id is None:
        # A claim that failed has changed nothing; its share is free again.
        return None
    both = (order.counterparty_customer_id, order.signer_customer_id)
    more = {"state": "claimed", "claim_id": order.id}
    return Happening(order.related_id, "gift.claimed", at, data | more, both)


def _returned(session: Session, news: News) -> Iterator[Happening]:
    events = {e.args["gift"]: e for e in news.events if e.name == "GiftReturned"}
    if not events:
        return
    statement = select(Order).where(Order.order_id.in_(events), Order.kind == "gift")
    for order in session.scalars(statement):
        event = events[order.order_id]
        back = Money(event.args["amount"], order_money(order).currency)
        data = {
            "state": "returned",
            "reason": None,
            "money": back.to_json(),
            "order_id": order.order_id,
            "transaction_hash": event.transaction_hash,
        }
        sides = (order.signer_customer_id, None)
        yield Happening(order.id, "gift.returned", news.time, data, sides)
