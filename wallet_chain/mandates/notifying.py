"""What those who listen are told about mandates and charges, inside the transaction of the block."""

from sqlalchemy.orm import Session

from wallet_chain.bank.orders import order_money
from wallet_chain.notify.orders import Ending, endings
from wallet_chain.notify.outbox import Happening, anybody_listens, record
from wallet_chain.pipeline.news import News

_KINDS = ("mandate", "charge", "mandate_end")


def follow(session: Session, news: News) -> None:
    """Write the events of what a block did to mandates and charges that were asked for here."""
    if not news.events and not news.ended:
        return
    if not anybody_listens(session):
        return
    happenings = [
        happening
        for ending in endings(session, news, _KINDS)
        if (happening := _happening(ending, news.time)) is not None
    ]
    if happenings:
        record(session, happenings)


def _happening(ending: Ending, at: int) -> Happening | None:
    order = ending.order
    data = {
        "state": ending.state,
        "reason": ending.reason,
        "order_id": order.order_id,
        "transaction_hash": ending.transaction_hash,
    }
    sides = (order.signer_customer_id, order.counterparty_customer_id)
    if order.kind == "mandate_end":
        # One that failed has changed nothing.
        if ending.state != "settled" or order.related_id is None:
            return None
        return Happening(order.related_id, "mandate.ended", at, data, sides)
    money = {"money": order_money(order).to_json()}
    if order.kind == "charge":
        more = money | {"mandate_id": order.related_id}
        return Happening(order.id, f"charge.{ending.state}", at, data | more, sides)
    state = "granted" if ending.state == "settled" else ending.state
    return Happening(order.id, f"mandate.{state}", at, data | {"state": state} | money, sides)
