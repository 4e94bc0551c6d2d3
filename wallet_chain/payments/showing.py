"""Payments, refunds and cancellations as callers see them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import (
    order_money,
    order_state,
    order_typed_data,
    outcome_of,
)
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.sides import (
    Outcome,
    discreet_receipt,
    known_to,
    may_sign,
    outcomes_of,
    visible_order,
)
from wallet_chain.bank.witness import record_look
from wallet_chain.money import Money
from wallet_chain.payments.views import CancellationView, PaymentView, RefundView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Operation, Order


def show_payment(bank: Bank, session: Session, caller: Caller, payment_id: str) -> PaymentView:
    """A payment. Raises NotFound."""
    order = visible_order(session, caller, payment_id, "payment")
    record_look(bank, session, caller, "payment", order.signer_customer_id, {"id": order.id})
    return payment_views(bank, session, caller, [order])[0]


def show_made_payment(
    bank: Bank, session: Session, caller: Caller, order: Order, operation: Operation | None
) -> PaymentView:
    """A payment of the caller's that was just made: neither cancelled nor on chain yet."""
    outcomes = {order.id: Outcome(operation, None)}
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
    outcomes = outcomes_of(session, [*orders, *cancellations.values()])
    return [
        _payment_view(bank, session, caller, order, cancellations.get(order.id), outcomes)
        for order in orders
    ]


def refund_view(bank: Bank, session: Session, caller: Caller, order: Order) -> RefundView:
    """A refund's row as a view."""
    operation, on_chain = outcome_of(session, order)
    state = order_state(bank, order, operation, on_chain)
    receipt = None if operation is None else operation_view(operation)
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
        typed_data=order_typed_data(bank, order, state) if may_sign(caller, order) else None,
        operation=discreet_receipt(caller, order.signer_customer_id, receipt),
        created_at=order.created_at,
    )


def _payment_view(
    bank: Bank,
    session: Session,
    caller: Caller,
    order: Order,
    cancellation: Order | None,
    outcomes: dict[str, Outcome],
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
        payer_customer_id=known_to(caller, order.signer_customer_id),
        payee_account=order.counterparty_account,
        payee_customer_id=known_to(caller, order.counterparty_customer_id),
        money=money,
        refunded=Money(refunded_minor, money.currency),
        details=_details(bank, session, order),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if may_sign(caller, order) else None,
        cancellation=None
        if cancellation is None
        else _cancellation_view(bank, caller, cancellation, outcomes[cancellation.id]),
        operation=discreet_receipt(caller, order.signer_customer_id, outcome.receipt),
        created_at=order.created_at,
    )


def _cancellation_view(
    bank: Bank, caller: Caller, order: Order, outcome: Outcome
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
        typed_data=order_typed_data(bank, order, state) if may_sign(caller, order) else None,
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


def _details(bank: Bank, session: Session, order: Order) -> str | None:
    opened = opened_or_none(bank, session, order.signer_customer_id, order.sealed_details)
    return None if opened is None else str(opened["text"])
