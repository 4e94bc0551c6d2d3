"""Gifts and claims as callers see them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import order_money
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.sides import (
    Outcome,
    details_of,
    known_to,
    outcomes_of,
    state_of,
    typed_data_for,
    visible_order,
)
from wallet_chain.bank.witness import is_customer, not_found, record_look
from wallet_chain.gifts.views import ClaimView, GiftView
from wallet_chain.money import Money
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainGift, Gift, GiftShare, Operation, Order

RETURN = "return_gift"
"""The kind of the operation that sends the rest of a gift back."""


def visible_gift(session: Session, caller: Caller, gift_id: str) -> Order:
    """A gift that the caller gave or claimed from, or staff looks at. Raises NotFound."""
    order = session.get(Order, gift_id)
    if order is None or order.kind != "gift" or not _is_side(session, caller, order):
        raise not_found("gift", gift_id)
    return order


def show_gift(bank: Bank, session: Session, caller: Caller, gift_id: str) -> GiftView:
    """A gift. Raises NotFound."""
    order = visible_gift(session, caller, gift_id)
    record_look(bank, session, caller, "gift", order.signer_customer_id, {"id": order.id})
    return gift_views(bank, session, caller, [order])[0]


def show_claim(bank: Bank, session: Session, caller: Caller, claim_id: str) -> ClaimView:
    """A claim; giver and claimant see it. Raises NotFound."""
    order = visible_order(session, caller, claim_id, "claim")
    record_look(bank, session, caller, "gift claim", order.signer_customer_id, {"id": order.id})
    return claim_views(bank, session, caller, [order])[0]


def gift_views(
    bank: Bank, session: Session, caller: Caller, orders: Sequence[Order]
) -> list[GiftView]:
    """Many gifts, in few queries."""
    outcomes = outcomes_of(session, orders)
    gifts = {
        row.id: row
        for row in session.scalars(select(Gift).where(Gift.id.in_([o.id for o in orders])))
    }
    returns = {
        row.resource_id: row
        for row in session.scalars(
            select(Operation)
            .where(Operation.resource_id.in_([o.id for o in orders]), Operation.kind == RETURN)
            .order_by(Operation.sequence)
        )
    }
    on_chain = {
        row.order_id: row
        for row in session.scalars(
            select(ChainGift).where(ChainGift.order_id.in_([o.order_id for o in orders]))
        )
    }
    return [
        _gift_view(
            bank,
            session,
            caller,
            order,
            gifts[order.id],
            on_chain.get(order.order_id),
            outcomes[order.id],
            returns.get(order.id),
        )
        for order in orders
    ]


def claim_views(
    bank: Bank, session: Session, caller: Caller, orders: Sequence[Order]
) -> list[ClaimView]:
    """Many claims, in few queries."""
    outcomes = outcomes_of(session, orders)
    gifts = {
        row.id: row
        for row in session.scalars(
            select(Order).where(Order.id.in_([o.related_id for o in orders]))
        )
    }
    return [
        _claim_view(bank, session, caller, order, gifts[str(order.related_id)], outcomes[order.id])
        for order in orders
    ]


def _is_side(session: Session, caller: Caller, order: Order) -> bool:
    if not is_customer(caller) or caller.customer_id == order.signer_customer_id:
        return True
    claimed = select(GiftShare.number).where(
        GiftShare.gift_id == order.id, GiftShare.claimant_customer_id == caller.customer_id
    )
    return session.scalars(claimed.limit(1)).first() is not None


def _gift_view(
    bank: Bank,
    session: Session,
    caller: Caller,
    order: Order,
    gift: Gift,
    row: ChainGift | None,
    outcome: Outcome,
    returning: Operation | None,
) -> GiftView:
    state = state_of(bank, order, outcome) if row is None else _standing(bank, row)
    money = order_money(order)
    giver = caller.customer_id == order.signer_customer_id
    opened = None
    if giver:
        opened = opened_or_none(bank, session, order.signer_customer_id, gift.sealed_code)
    return GiftView(
        id=order.id,
        state=state,
        giver_account=order.signer_account,
        giver_customer_id=known_to(caller, order.signer_customer_id),
        money=money,
        shares=int(order.message["shares"]),
        division=gift.division,
        claim_until=gift.claim_until,
        left=Money(0 if row is None else row.left_minor, money.currency),
        shares_left=0 if row is None else row.shares_left,
        returned=Money(0 if row is None else row.returned_minor, money.currency),
        details=details_of(bank, session, order),
        code=None if opened is None else str(opened["code"]),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=typed_data_for(bank, caller, order, state),
        operation=outcome.receipt,
        returning=None if returning is None else operation_view(returning),
        created_at=order.created_at,
    )


def _standing(bank: Bank, row: ChainGift) -> str:
    if row.returned_minor:
        return "returned"
    if row.left_minor == 0:
        return "claimed"
    return "over" if bank.clock() > row.claim_until else "open"


def _claim_view(
    bank: Bank, session: Session, caller: Caller, order: Order, gift: Order, outcome: Outcome
) -> ClaimView:
    return ClaimView(
        id=order.id,
        gift_id=gift.id,
        state=state_of(bank, order, outcome),
        account=str(order.message["account"]),
        customer_id=known_to(caller, order.signer_customer_id),
        money=order_money(order),
        details=details_of(bank, session, gift),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        operation=outcome.receipt,
        created_at=order.created_at,
    )
