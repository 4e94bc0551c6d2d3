"""Finding purchases."""

from sqlalchemy import ColumnElement, and_, or_, select

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import ended_on_chain, state_expression
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look, require_own
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.purchases.drafts import PurchaseFilter
from wallet_chain.purchases.showing import purchase_views, show_purchase
from wallet_chain.purchases.views import PurchaseView
from wallet_chain.store.tables import ChainOrder, Operation, Order


def get_purchase(bank: Bank, caller: Caller, purchase_id: str) -> PurchaseView:
    """A purchase; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_purchase(bank, session, caller, purchase_id)


def list_purchases(
    bank: Bank, caller: Caller, filters: PurchaseFilter, request: PageRequest
) -> Page[PurchaseView]:
    """Purchases that match all filters, newest first.

    Raises CursorInvalid, InvalidRequest, InvalidAddress, UnknownCurrency, and NotFound when a
    customer asks for another one's.
    """
    scope = scope_of("purchases", filters)
    position = read_position(bank, scope, request)
    conditions = _conditions(bank, caller, filters)
    if position is not None:
        conditions.append(Order.id < position[0])
    with looking(bank, caller) as session:
        record_look(
            bank, session, caller, "purchases", filters.customer_id, {"account": filters.account}
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
        items = tuple(purchase_views(bank, session, caller, shown))
    more = len(orders) > request.limit
    return Page(items, write_position(bank, scope, (shown[-1].id,)) if more else None)


def _conditions(bank: Bank, caller: Caller, filters: PurchaseFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Order.kind == "purchase"]
    customer_id = _side(caller, filters)
    if customer_id is not None:
        conditions.append(_seen_from(customer_id, filters.direction))
    if filters.account is not None:
        account = read_address(filters.account)
        conditions.append(
            or_(Order.signer_account == account, Order.counterparty_account == account)
        )
    if filters.currency is not None:
        conditions.append(Order.currency == currency_named(filters.currency).code)
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


def _side(caller: Caller, filters: PurchaseFilter) -> str | None:
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
