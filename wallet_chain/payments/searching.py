"""Finding payments."""

from sqlalchemy import ColumnElement

from wallet_chain.bank import Bank
from wallet_chain.bank.order_search import find_orders, of_account, order_conditions
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.errors import InvalidRequest
from wallet_chain.money import currency_named
from wallet_chain.payments.drafts import PaymentFilter
from wallet_chain.payments.showing import payment_views, show_payment
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Order


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
    conditions = [*order_conditions(bank, caller, "payment", filters), *_conditions(filters)]
    if position is not None:
        conditions.append(Order.id < position[0])
    asked = {"account": filters.account, "counterparty": filters.counterparty}
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "payments", filters.customer_id, asked)
        orders = find_orders(session, conditions, request.limit + 1)
        shown = orders[: request.limit]
        items = tuple(payment_views(bank, session, caller, shown))
    more = len(orders) > request.limit
    return Page(items, write_position(bank, scope, (shown[-1].id,)) if more else None)


def _conditions(filters: PaymentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.counterparty is not None:
        conditions.append(of_account(filters.counterparty))
    currencies = {m.currency.code for m in (filters.amount_min, filters.amount_max) if m}
    asked = set() if filters.currency is None else {currency_named(filters.currency).code}
    if len(currencies | asked) > 1:
        raise InvalidRequest("All filters by money name one currency.", field="currency")
    conditions += [Order.currency == code for code in currencies - asked]
    if filters.amount_min is not None:
        conditions.append(Order.amount_minor >= filters.amount_min.amount_minor)
    if filters.amount_max is not None:
        conditions.append(Order.amount_minor <= filters.amount_max.amount_minor)
    return conditions
