"""What those who listen are told about pools and points, inside the transaction of the block.

Points that purchases earn and spend are told of with the purchase.
"""

from sqlalchemy.orm import Session

from wallet_chain.loyalty.showing import PROGRAMME_ORDERS
from wallet_chain.notify.orders import Ending, endings
from wallet_chain.notify.outbox import Happening, anybody_listens, record
from wallet_chain.pipeline.news import News

_TRANSFER = "points_transfer"


def follow(session: Session, news: News) -> None:
    """Write the events of what a block did to transfers of points and to orders about pools."""
    if not news.events and not news.ended:
        return
    if not anybody_listens(session):
        return
    kinds = (*PROGRAMME_ORDERS, _TRANSFER)
    happenings = [_happening(ending, news.time) for ending in endings(session, news, kinds)]
    if happenings:
        record(session, happenings)


def _happening(ending: Ending, at: int) -> Happening:
    order, message = ending.order, ending.order.message
    data = {
        "state": ending.state,
        "reason": ending.reason,
        "programme": int(message["programme"]),
        "order_id": order.order_id,
        "transaction_hash": ending.transaction_hash,
    }
    sides = (order.signer_customer_id, order.counterparty_customer_id)
    if order.kind == _TRANSFER:
        data |= {"points": int(message["points"])}
        return Happening(order.id, f"{_TRANSFER}.{ending.state}", at, data, sides)
    data |= {"kind": order.kind}
    return Happening(order.id, f"programme_order.{ending.state}", at, data, sides)
