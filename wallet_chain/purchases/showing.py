"""Purchases and their refunds as callers see them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import order_money, order_state, order_typed_data
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
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.purchases.terms import terms_of
from wallet_chain.purchases.views import (
    PurchaseRefundView,
    PurchaseView,
    ReturnView,
    SettlementView,
)
from wallet_chain.store.tables import ChainPurchase, ChainPurchaseRefund, Order


def month_name(index: int) -> str:
    """``YYYY-MM`` of a month as the contract counts months, from January 1970."""
    year, month = divmod(index, 12)
    return f"{1970 + year:04d}-{month + 1:02d}"


def show_purchase(bank: Bank, session: Session, caller: Caller, purchase_id: str) -> PurchaseView:
    """A purchase. Raises NotFound."""
    order = visible_order(session, caller, purchase_id, "purchase")
    record_look(bank, session, caller, "purchase", order.signer_customer_id, {"id": order.id})
    return purchase_views(bank, session, caller, [order])[0]


def show_purchase_refund(
    bank: Bank, session: Session, caller: Caller, refund_id: str
) -> PurchaseRefundView:
    """A refund of a purchase. Raises NotFound."""
    order = visible_order(session, caller, refund_id, "purchase_refund")
    record_look(
        bank, session, caller, "purchase refund", order.signer_customer_id, {"id": order.id}
    )
    return refund_views(bank, session, caller, [order])[0]


def purchase_views(
    bank: Bank, session: Session, caller: Caller, orders: Sequence[Order]
) -> list[PurchaseView]:
    """Many purchases, in few queries."""
    outcomes = outcomes_of(session, orders)
    settled = {
        row.order_id: row
        for row in session.scalars(
            select(ChainPurchase).where(ChainPurchase.order_id.in_(_order_ids(orders)))
        )
    }
    return [
        _purchase_view(bank, session, caller, order, outcomes[order.id], settled)
        for order in orders
    ]


def refund_views(
    bank: Bank, session: Session, caller: Caller, orders: Sequence[Order]
) -> list[PurchaseRefundView]:
    """Many refunds, in few queries."""
    outcomes = outcomes_of(session, orders)
    settled = {
        row.order_id: row
        for row in session.scalars(
            select(ChainPurchaseRefund).where(ChainPurchaseRefund.order_id.in_(_order_ids(orders)))
        )
    }
    return [_refund_view(bank, caller, order, outcomes[order.id], settled) for order in orders]


def _purchase_view(
    bank: Bank,
    session: Session,
    caller: Caller,
    order: Order,
    outcome: Outcome,
    settled: dict[str, ChainPurchase],
) -> PurchaseView:
    state = order_state(bank, order, outcome.operation, outcome.on_chain)
    terms, row = terms_of(order.message), settled.get(order.order_id)
    currency = terms.gross.currency
    return PurchaseView(
        id=order.id,
        state=state,
        payer_account=order.signer_account,
        payer_customer_id=known_to(caller, order.signer_customer_id),
        merchant_account=terms.merchant,
        merchant_customer_id=known_to(caller, order.counterparty_customer_id),
        money=terms.gross,
        cash=order_money(order),
        programme=terms.programme or None,
        points=terms.points,
        offers=tuple(terms.offers.values()),
        settlement=None if row is None else _settlement_view(row),
        refunded=Money(row.refunded_minor if row else 0, currency),
        refunded_cash=Money(row.refunded_cash_minor if row else 0, currency),
        refunded_points=row.refunded_points if row else 0,
        invoice=terms.invoice,
        related_id=order.related_id,
        details=_details(bank, session, order),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if may_sign(caller, order) else None,
        operation=discreet_receipt(caller, order.signer_customer_id, outcome.receipt),
        created_at=order.created_at,
    )


def _settlement_view(row: ChainPurchase) -> SettlementView:
    currency = currency_named(row.currency)
    return SettlementView(
        reduction=Money(row.reduction_minor, currency),
        percentage=Money(row.percentage_minor, currency),
        points_value=Money(row.points_minor, currency),
        cash=Money(row.cash_minor, currency),
        bonus=row.bonus,
        earned=row.earned,
        expires=month_name(row.expiry_month) if row.earned else None,
    )


def _refund_view(
    bank: Bank,
    caller: Caller,
    order: Order,
    outcome: Outcome,
    settled: dict[str, ChainPurchaseRefund],
) -> PurchaseRefundView:
    state = order_state(bank, order, outcome.operation, outcome.on_chain)
    row = settled.get(order.order_id)
    assert order.related_id is not None
    assert order.counterparty_account is not None
    money = Money(int(order.message["amount"]), currency_named(order.message["currency"]))
    return PurchaseRefundView(
        id=order.id,
        purchase_id=order.related_id,
        state=state,
        merchant_account=order.signer_account,
        payer_account=order.counterparty_account,
        money=money,
        returned=None if row is None else _return_view(row, money.currency),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if may_sign(caller, order) else None,
        operation=discreet_receipt(caller, order.signer_customer_id, outcome.receipt),
        created_at=order.created_at,
    )


def _return_view(row: ChainPurchaseRefund, currency: Currency) -> ReturnView:
    return ReturnView(
        cash=Money(row.money_minor, currency),
        compensation=Money(row.compensation_minor, currency),
        deposited=Money(row.deposited_minor, currency),
        restored=row.restored,
        postponed=row.postponed,
        taken_back=row.taken_back,
        gone=row.gone,
    )


def _order_ids(orders: Iterable[Order]) -> list[str]:
    return [order.order_id for order in orders]


def _details(bank: Bank, session: Session, order: Order) -> str | None:
    opened = opened_or_none(bank, session, order.signer_customer_id, order.sealed_details)
    return None if opened is None else opened["text"] or None
