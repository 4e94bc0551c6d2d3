"""Finding mandates."""

from sqlalchemy import ColumnElement, and_, or_, select

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look, require_own
from wallet_chain.errors import InvalidRequest
from wallet_chain.mandates.drafts import MandateFilter
from wallet_chain.mandates.showing import mandate_views, show_mandate
from wallet_chain.mandates.views import MandateView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Order


def get_mandate(bank: Bank, caller: Caller, mandate_id: str) -> MandateView:
    """A mandate; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_mandate(bank, session, caller, mandate_id)


def list_mandates(
    bank: Bank, caller: Caller, filters: MandateFilter, request: PageRequest
) -> Page[MandateView]:
    """Mandates that match all filters, newest first.

    Raises CursorInvalid, InvalidRequest, and NotFound when a customer asks for another one's.
    """
    scope = scope_of("mandates", filters)
    position = read_position(bank, scope, request)
    conditions = _conditions(caller, filters)
    if position is not None:
        conditions.append(Order.id < position[0])
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "mandates", filters.customer_id)
        statement = select(Order).where(and_(*conditions)).order_by(Order.id.desc())
        rows = session.scalars(statement.limit(request.limit + 1)).all()
        views = mandate_views(bank, session, caller, rows)
    return cut(bank, scope, request, views, lambda view: view, lambda view: (view.id,))


def _conditions(caller: Caller, filters: MandateFilter) -> list[ColumnElement[bool]]:
    require_own(caller, filters.customer_id)
    customer_id = caller.customer_id or filters.customer_id
    conditions: list[ColumnElement[bool]] = [Order.kind == "mandate"]
    if customer_id is None:
        if filters.direction is not None:
            raise InvalidRequest(
                "direction is as seen from a customer: give customer_id too.", field="direction"
            )
        return conditions
    granted = Order.signer_customer_id == customer_id
    received = Order.counterparty_customer_id == customer_id
    by_direction = {None: or_(granted, received), "granted": granted, "received": received}
    if filters.direction not in by_direction:
        raise InvalidRequest("direction is granted or received.", field="direction")
    return [*conditions, by_direction[filters.direction]]
