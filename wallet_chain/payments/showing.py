"""Payments, refunds and cancellations as callers see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import (
    ended_on_chain,
    order_money,
    order_state,
    order_typed_data,
    outcome_of,
)
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.witness import is_customer, not_found, record_look
from wallet_chain.money import Money
from wallet_chain.payments.views import CancellationView, PaymentView, RefundView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainOrder, Operation, Order


@dataclass(frozen=True, slots=True)
class _Outcome:
    operation: Operation | None
    on_chain: ChainOrder | None


def visible_order(session: Session, caller: Caller, order_id: str, kind: str) -> Order:
    """An order that the caller is a side of, or staff looks at. Raises NotFound."""
    order = session.get(Order, order_id)
    if order is None or order.kind != kind or not _is_side(caller, order):
        raise not_found(kind, order_id)
    return order


def show_payment(bank: Bank, session: Session, caller: Caller, payment_id: str) -> PaymentView:
    """A payment. Raises NotFound."""
    order = visible_order(session, caller, payment_id, "payment")
    record_look(bank, session, caller, "payment", order.signer_customer_id, {"id": order.id})
    return payment_views(bank, session, caller, [order])[0]


def show_made_payment(
    bank: Bank, session: Session, caller: Caller, order: Order, operation: Operation | None
) -> PaymentView:
    """A payment of the caller's that was just made: neither cancelled nor on chain yet."""
    outcomes = {order.id: _Outcome(operation, None)}
    return _payment_view(bank, session, caller, order, None, outcomes)


def show_refund(bank: Bank, session: Session, caller: Caller, refund_id: str) -> RefundView:
    """A refund. Raises NotFound."""
    order = visible_order(session, caller, refund_id, "refund")
    record_look(bank, session, caller, "refund", order.signer_customer_id, {"id": order.id})
    return refund_view(bank, session, caller, order)


def payment_views(
    bank: Bank, session: Session, caller: Caller, orders: Sequence[Order]
) -> list[PaymentView]:
    """Many payments, in few queries."""
    cancellations = _cancellations(session, orders)
    outcomes = _outcomes(session, [*orders, *cancellations.values()])
    return [
        _payment_view(bank, session, caller, order, cancellations.get(order.id), outcomes)
        for order in orders
    ]


def refund_view(bank: Bank, session: Session, caller: Caller, order: Order) -> RefundView:
    """A refund's row as a view."""
    operation, on_chain = outcome_of(session, order)
    state = order_state(bank, order, operation, on_chain)
    assert order.related_id is not None
    assert order.counterparty_account is not None
    return RefundView(
        id=order.id,
        payment_id=order.related_id,
        state=state,
        from_account=order.signer_account,
        to_account=order.counterparty_account,
        money=order_money(order),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if _may_sign(caller, order) else None,
        operation=None if operation is None else operation_view(operation),
        created_at=order.created_at,
    )


def _payment_view(
    bank: Bank,
    session: Session,
    caller: Caller,
    order: Order,
    cancellation: Order | None,
    outcomes: dict[str, _Outcome],
) -> PaymentView:
    outcome = outcomes[order.id]
    state = order_state(bank, order, outcome.operation, outcome.on_chain)
    refunded_minor = 0 if outcome.on_chain is None else outcome.on_chain.refunded_minor
    money = order_money(order)
    assert order.counterparty_account is not None
    return PaymentView(
        id=order.id,
        state=state,
        payer_account=order.signer_account,
        payer_customer_id=_known(caller, order.signer_customer_id),
        payee_account=order.counterparty_account,
        payee_customer_id=_known(caller, order.counterparty_customer_id),
        money=money,
        refunded=Money(refunded_minor, money.currency),
        details=_details(bank, session, order),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if _may_sign(caller, order) else None,
        cancellation=None
        if cancellation is None
        else _cancellation_view(bank, caller, cancellation, outcomes[cancellation.id]),
        operation=None if outcome.operation is None else operation_view(outcome.operation),
        created_at=order.created_at,
    )


def _cancellation_view(
    bank: Bank, caller: Caller, order: Order, outcome: _Outcome
) -> CancellationView:
    # The chain's record of a cancelled order is the payment's; the cancellation has none of its own.
    state = order_state(bank, order, outcome.operation, None)
    assert order.related_id is not None
    return CancellationView(
        id=order.id,
        payment_id=order.related_id,
        state=state,
        order_id=order.order_id,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if _may_sign(caller, order) else None,
        operation=None if outcome.operation is None else operation_view(outcome.operation),
        created_at=order.created_at,
    )


def _cancellations(session: Session, payments: Iterable[Order]) -> dict[str, Order]:
    """The latest cancellation of each payment, by the payment's id."""
    rows = session.scalars(
        select(Order)
        .where(
            Order.related_id.in_([payment.id for payment in payments]),
            Order.kind == "cancellation",
        )
        .order_by(Order.id)
    )
    return {row.related_id: row for row in rows if row.related_id is not None}


def _outcomes(session: Session, orders: Sequence[Order]) -> dict[str, _Outcome]:
    ids = [order.id for order in orders]
    rows = session.execute(
        select(Order.id, Operation, ChainOrder)
        .outerjoin(Operation, Operation.id == Order.operation_id)
        .outerjoin(ChainOrder, ended_on_chain())
        .where(Order.id.in_(ids))
    )
    return {id_: _Outcome(operation, on_chain) for id_, operation, on_chain in rows}


def _details(bank: Bank, session: Session, order: Order) -> str | None:
    opened = opened_or_none(bank, session, order.signer_customer_id, order.sealed_details)
    return None if opened is None else str(opened["text"])


def _is_side(caller: Caller, order: Order) -> bool:
    sides = (order.signer_customer_id, order.counterparty_customer_id)
    return not is_customer(caller) or caller.customer_id in sides


def _may_sign(caller: Caller, order: Order) -> bool:
    return caller.customer_id == order.signer_customer_id


def _known(caller: Caller, customer_id: str | None) -> str | None:
    return customer_id if caller.customer_id in (None, customer_id) else None
