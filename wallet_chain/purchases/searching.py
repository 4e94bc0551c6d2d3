"""Finding purchases."""

from wallet_chain.bank import Bank
from wallet_chain.bank.drafts import OrderFilter
from wallet_chain.bank.order_search import find_orders, order_conditions
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.pipeline.requests import Caller
from wallet_chain.purchases.showing import purchase_views, show_purchase
from wallet_chain.purchases.views import PurchaseView
from wallet_chain.store.tables import Order


def get_purchase(bank: Bank, caller: Caller, purchase_id: str) -> PurchaseView:
    """A purchase; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_purchase(bank, session, caller, purchase_id)


def list_purchases(
    bank: Bank, caller: Caller, filters: OrderFilter, request: PageRequest
) -> Page[PurchaseView]:
    """Purchases that match all filters, newest first.

    Raises CursorInvalid, InvalidRequest, InvalidAddress, UnknownCurrency, and NotFound when a
    customer asks for another one's.
    """
    scope = scope_of("purchases", filters)
    position = read_position(bank, scope, request)
    conditions = order_conditions(bank, caller, "purchase", filters)
    if position is not None:
        conditions.append(Order.id < position[0])
    with looking(bank, caller) as session:
        record_look(
            bank, session, caller, "purchases", filters.customer_id, {"account": filters.account}
        )
        orders = find_orders(session, conditions, request.limit + 1)
        shown = orders[: request.limit]
        items = tuple(purchase_views(bank, session, caller, shown))
    more = len(orders) > request.limit
    return Page(items, write_position(bank, scope, (shown[-1].id,)) if more else None)
