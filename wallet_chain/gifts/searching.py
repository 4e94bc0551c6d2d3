"""Finding gifts, and the claims of one."""

from sqlalchemy import ColumnElement, and_, or_, select

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import is_customer, looking, not_found, record_look, require_own
from wallet_chain.errors import InvalidRequest
from wallet_chain.gifts.drafts import GiftFilter
from wallet_chain.gifts.showing import claim_views, gift_views, show_gift, visible_gift
from wallet_chain.gifts.views import ClaimView, GiftView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import GiftShare, Order


def get_gift(bank: Bank, caller: Caller, gift_id: str) -> GiftView:
    """A gift, for its giver and who claimed from it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_gift(bank, session, caller, gift_id)


def list_gifts(
    bank: Bank, caller: Caller, filters: GiftFilter, request: PageRequest
) -> Page[GiftView]:
    """Gifts that match all filters, newest first.

    Raises CursorInvalid, InvalidRequest, and NotFound when a customer asks for another one's.
    """
    scope = scope_of("gifts", filters)
    position = read_position(bank, scope, request)
    conditions = _conditions(caller, filters)
    if position is not None:
        conditions.append(Order.id < position[0])
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "gifts", filters.customer_id)
        statement = select(Order).where(and_(*conditions)).order_by(Order.id.desc())
        rows = session.scalars(statement.limit(request.limit + 1)).all()
        views = gift_views(bank, session, caller, rows)
    return cut(bank, scope, request, views, lambda view: view, lambda view: (view.id,))


def list_claims(bank: Bank, caller: Caller, gift_id: str, request: PageRequest) -> Page[ClaimView]:
    """The claims of a gift, oldest first, for its giver. Raises NotFound, CursorInvalid."""
    scope = f"gift claims/{gift_id}"
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        gift = visible_gift(session, caller, gift_id)
        if is_customer(caller) and caller.customer_id != gift.signer_customer_id:
            raise not_found("gift", gift_id)
        record_look(bank, session, caller, "gift claims", gift.signer_customer_id, {"id": gift_id})
        statement = select(Order).where(Order.related_id == gift_id, Order.kind == "claim")
        if position is not None:
            statement = statement.where(Order.id > position[0])
        rows = session.scalars(statement.order_by(Order.id).limit(request.limit + 1)).all()
        views = claim_views(bank, session, caller, rows)
    return cut(bank, scope, request, views, lambda view: view, lambda view: (view.id,))


def _conditions(caller: Caller, filters: GiftFilter) -> list[ColumnElement[bool]]:
    require_own(caller, filters.customer_id)
    customer_id = caller.customer_id or filters.customer_id
    conditions: list[ColumnElement[bool]] = [Order.kind == "gift"]
    if customer_id is None:
        if filters.direction is not None:
            raise InvalidRequest(
                "direction is as seen from a customer: give customer_id too.", field="direction"
            )
        return conditions
    given = Order.signer_customer_id == customer_id
    claimed = Order.id.in_(
        select(GiftShare.gift_id).where(GiftShare.claimant_customer_id == customer_id)
    )
    by_direction = {None: or_(given, claimed), "given": given, "claimed": claimed}
    if filters.direction not in by_direction:
        raise InvalidRequest("direction is given or claimed.", field="direction")
    return [*conditions, by_direction[filters.direction]]
