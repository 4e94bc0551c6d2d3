"""Withdrawals as callers see them, and how they are found."""

from sqlalchemy import ColumnElement, and_, case, select
from sqlalchemy.orm import Session, aliased

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import (
    UNFINISHED,
    ended_on_chain,
    order_money,
    order_state,
    order_typed_data,
    outcome_of,
    state_expression,
)
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.receipts import operation_or_none, operation_view
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, not_found, record_look, require_own
from wallet_chain.issuance.drafts import WithdrawalFilter
from wallet_chain.issuance.views import WithdrawalView
from wallet_chain.money import currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainOrder, Operation, Order, Payout


def get_withdrawal(bank: Bank, caller: Caller, withdrawal_id: str) -> WithdrawalView:
    """A withdrawal. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_withdrawal(bank, session, caller, withdrawal_id)


def list_withdrawals(
    bank: Bank, caller: Caller, filters: WithdrawalFilter, request: PageRequest
) -> Page[WithdrawalView]:
    """Withdrawals, newest first. Raises CursorInvalid, and NotFound as ``list_deposits``."""
    require_own(caller, filters.customer_id)
    scope = scope_of("withdrawals", filters)
    position = read_position(bank, scope, request)
    conditions = _conditions(bank, caller, filters)
    if position is not None:
        conditions.append(Order.id < position[0])
    with looking(bank, caller) as session:
        rows = session.scalars(
            select(Order)
            .outerjoin(Operation, Operation.id == Order.operation_id)
            .outerjoin(ChainOrder, ended_on_chain())
            .outerjoin(Payout, Payout.withdrawal_id == Order.id)
            .outerjoin(_Confirming, _Confirming.id == Payout.operation_id)
            .where(and_(*conditions))
            .order_by(Order.id.desc())
            .limit(request.limit + 1)
        ).all()
        record_look(bank, session, caller, "withdrawals", filters.customer_id)
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: _view(bank, session, caller, row),
            lambda row: (row.id,),
        )


def show_withdrawal(
    bank: Bank, session: Session, caller: Caller, withdrawal_id: str
) -> WithdrawalView:
    """A withdrawal, if the caller may know of it. Raises NotFound."""
    order = visible_withdrawal(session, caller, withdrawal_id)
    record_look(bank, session, caller, "withdrawal", order.signer_customer_id, {"id": order.id})
    return _view(bank, session, caller, order)


def visible_withdrawal(session: Session, caller: Caller, withdrawal_id: str) -> Order:
    """The row of a withdrawal that the caller may know of. Raises NotFound."""
    order = session.get(Order, withdrawal_id)
    if order is None or order.kind != "withdrawal":
        raise not_found("withdrawal", withdrawal_id)
    if caller.customer_id not in (None, order.signer_customer_id):
        raise not_found("withdrawal", withdrawal_id)
    return order


def payout_state(session: Session, order: Order) -> str:
    """``none`` until burned, then ``due`` -> ``confirming`` -> ``paid``."""
    on_chain = session.get(ChainOrder, order.order_id)
    if on_chain is None or on_chain.outcome != "settled":
        return "none"
    if on_chain.payout_reference is not None:
        return "paid"
    payout = session.get(Payout, order.id)
    operation = None if payout is None else session.get(Operation, payout.operation_id)
    confirming = operation is not None and operation.state in UNFINISHED
    return "confirming" if confirming else "due"


_Confirming = aliased(Operation)


def _payout_state_expression() -> ColumnElement[str]:
    return case(
        (ChainOrder.outcome.is_(None), "none"),
        (ChainOrder.outcome != "settled", "none"),
        (ChainOrder.payout_reference.is_not(None), "paid"),
        (_Confirming.state.in_(UNFINISHED), "confirming"),
        else_="due",
    )


def _conditions(bank: Bank, caller: Caller, filters: WithdrawalFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Order.kind == "withdrawal"]
    for customer_id in (caller.customer_id, filters.customer_id):
        if customer_id is not None:
            conditions.append(Order.signer_customer_id == customer_id)
    if filters.currency is not None:
        conditions.append(Order.currency == currency_named(filters.currency).code)
    if filters.state is not None:
        conditions.append(state_expression(bank.clock()) == filters.state)
    if filters.payout_state is not None:
        conditions.append(_payout_state_expression() == filters.payout_state)
    return conditions


def _view(bank: Bank, session: Session, caller: Caller, order: Order) -> WithdrawalView:
    operation, on_chain = outcome_of(session, order)
    state = order_state(bank, order, operation, on_chain)
    payout = session.get(Payout, order.id)
    own = caller.customer_id == order.signer_customer_id
    customer_id = order.signer_customer_id
    details = opened_or_none(bank, session, customer_id, order.sealed_details)
    return WithdrawalView(
        id=order.id,
        customer_id=order.signer_customer_id,
        account=order.signer_account,
        money=order_money(order),
        payout_to=None if details is None else str(details["text"]),
        state=state,
        payout_state=payout_state(session, order),
        payout_reference=None
        if payout is None
        else opened_or_none(bank, session, customer_id, payout.sealed_reference),
        order_id=order.order_id,
        reference=order.reference,
        deadline=order.deadline,
        typed_data=order_typed_data(bank, order, state) if own else None,
        operation=None if operation is None else operation_view(operation),
        payout_operation=None
        if payout is None
        else operation_or_none(session, payout.operation_id),
        created_at=order.created_at,
    )
