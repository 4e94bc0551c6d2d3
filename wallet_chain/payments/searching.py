"""Finding payments."""

from sqlalchemy import ColumnElement, and_, or_, select

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import ended_on_chain, state_expression
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look, require_own
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import currency_named
from wallet_chain.payments.drafts import PaymentFilter
from wallet_chain.payments.showing import payment_views, show_payment
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainOrder, Operation, Order


def get_payment(bank: Bank, caller: Caller, payment_id: str) -> PaymentView:
    """A payment; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_payment(bank, session, caller, payment_id)


def list_payments(
    bank: Bank, caller: Caller, filters: PaymentFilter, request: PageRequest
) -> Page[PaymentView]:
    """Payments that match all filters, newest first.

    Raises CursorInvalid, InvalidRequest, InvalidAddress, UnknownCurrency, and NotFound when a
    customer asks for another one's.
    """
    scope = scope_of("payments", filters)
    position = read_position(bank, scope, request)
    conditions = _conditions(bank, caller, filters)
    if position is not None:
        conditions.append(Order.id < position[0])
    with looking(bank, caller) as session:
        record_look(
            bank,
            session,
            caller,
            "payments",
            filters.customer_id,
            {"account": filters.account, "counterparty": filters.counterparty},
        )
        orders = session.scalars(
            select(Order)
            .outerjoin(Operation, Operation.id == Order.operation_id)
            .outerjoin(ChainOrder, ended_on_chain())
            .where(and_(*conditions))
            .order_by(Order.id.desc())
            .limit(request.limit + 1)
        ).all()
        shown = orders[: request.limit]
        items = tuple(payment_views(bank, session, caller, shown))
    more = len(orders) > request.limit
    return Page(items, write_position(bank, scope, (shown[-1].id,)) if more else None)


def _conditions(bank: Bank, caller: Caller, filters: PaymentFilter) -> list[ColumnElement[bool]]:
    customer_id = _side(caller, filters)
    conditions: list[ColumnElement[bool]] = [Order.kind == "payment"]
    if customer_id is not None:
        conditions.append(_seen_from(customer_id, filters.direction))
    conditions += _by_accounts(filters)
    conditions += _by_money(filters)
    if filters.state is not None:
        conditions.append(state_expression(bank.clock()) == filters.state)
    if filters.created_from is not None:
        conditions.append(Order.created_at >= filters.created_from)
    if filters.created_to is not None:
        conditions.append(Order.created_at <= filters.created_to)
    if filters.order_id is not None:
        conditions.append(Order.order_id == filters.order_id.lower())
    if filters.reference is not None:
        conditions.append(Order.reference == filters.reference.lower())
    return conditions


def _side(caller: Caller, filters: PaymentFilter) -> str | None:
    if caller.customer_id is None:
        if filters.direction is not None and filters.customer_id is None:
            raise InvalidRequest(
                "direction is as seen from a customer: give customer_id too.", field="direction"
            )
        return filters.customer_id
    require_own(caller, filters.customer_id)
    return caller.customer_id


def _seen_from(customer_id: str, direction: str | None) -> ColumnElement[bool]:
    paid = Order.signer_customer_id == customer_id
    was_paid = Order.counterparty_customer_id == customer_id
    if direction is None:
        return or_(paid, was_paid)
    if direction not in ("in", "out"):
        raise InvalidRequest("direction is in or out.", field="direction")
    return paid if direction == "out" else was_paid


def _by_accounts(filters: PaymentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for text in (filters.account, filters.counterparty):
        if text is not None:
            account = read_address(text)
            conditions.append(
                or_(Order.signer_account == account, Order.counterparty_account == account)
            )
    return conditions


def _by_money(filters: PaymentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    currencies = {m.currency.code for m in (filters.amount_min, filters.amount_max) if m}
    if filters.currency is not None:
        currencies.add(currency_named(filters.currency).code)
    if len(currencies) > 1:
        raise InvalidRequest("All filters by money name one currency.", field="currency")
    conditions += [Order.currency == code for code in currencies]
    if filters.amount_min is not None:
        conditions.append(Order.amount_minor >= filters.amount_min.amount_minor)
    if filters.amount_max is not None:
        conditions.append(Order.amount_minor <= filters.amount_max.amount_minor)
    return conditions
