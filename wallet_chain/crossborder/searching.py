"""Finding transfers abroad."""

from sqlalchemy import ColumnElement, and_, or_, select

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look, require_own
from wallet_chain.crossborder.drafts import TransferFilter
from wallet_chain.crossborder.showing import show_transfer, transfer_view
from wallet_chain.crossborder.views import TransferView
from wallet_chain.errors import InvalidRequest
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import CrossBorderTransfer, Order


def get_transfer(bank: Bank, caller: Caller, transfer_id: str) -> TransferView:
    """A transfer; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_transfer(bank, session, caller, transfer_id)


def list_transfers(
    bank: Bank, caller: Caller, filters: TransferFilter, request: PageRequest
) -> Page[TransferView]:
    """Transfers that match all filters, newest first.

    With ``state`` ``held`` it is the reviewers' queue: oldest first.

    Raises CursorInvalid, InvalidRequest, and NotFound when a customer asks for another one's.
    """
    scope = scope_of("transfers", filters)
    position = read_position(bank, scope, request)
    queue = filters.state == "held"
    conditions = _conditions(bank, caller, filters)
    if position is not None:
        after = CrossBorderTransfer.id > position[0]
        conditions.append(after if queue else CrossBorderTransfer.id < position[0])
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "transfers", filters.customer_id)
        rows = session.scalars(
            select(CrossBorderTransfer)
            .join(Order, Order.id == CrossBorderTransfer.id)
            .where(and_(True, *conditions))
            .order_by(CrossBorderTransfer.id.asc() if queue else CrossBorderTransfer.id.desc())
            .limit(request.limit + 1)
        ).all()
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: transfer_view(bank, session, caller, row),
            lambda row: (row.id,),
        )


def _conditions(bank: Bank, caller: Caller, filters: TransferFilter) -> list[ColumnElement[bool]]:
    customer_id = filters.customer_id
    if caller.customer_id is not None:
        require_own(caller, filters.customer_id)
        customer_id = caller.customer_id
    row = CrossBorderTransfer
    conditions: list[ColumnElement[bool]] = []
    if filters.direction is not None and customer_id is None:
        raise InvalidRequest(
            "direction is as seen from a customer: give customer_id too.", field="direction"
        )
    if customer_id is not None:
        conditions.append(_seen_from(customer_id, filters.direction))
    if filters.state is not None:
        conditions.append(_in_state(bank, filters.state))
    if filters.uetr is not None:
        conditions.append(row.uetr == filters.uetr.lower())
    if filters.order_id is not None:
        conditions.append(row.order_id == filters.order_id.lower())
    if filters.created_from is not None:
        conditions.append(row.created_at >= filters.created_from)
    if filters.created_to is not None:
        conditions.append(row.created_at <= filters.created_to)
    return conditions


def _in_state(bank: Bank, state: str) -> ColumnElement[bool]:
    """As ``transfer_state``: what nobody has signed in time counts as expired."""
    unsigned = CrossBorderTransfer.state == "awaiting_signature"
    late = Order.deadline < bank.clock()
    if state == "awaiting_signature":
        return and_(unsigned, ~late)
    if state == "expired":
        return or_(CrossBorderTransfer.state == state, and_(unsigned, late))
    return CrossBorderTransfer.state == state


def _seen_from(customer_id: str, direction: str | None) -> ColumnElement[bool]:
    sent = CrossBorderTransfer.sender_customer_id == customer_id
    received = CrossBorderTransfer.recipient_customer_id == customer_id
    if direction is None:
        return or_(sent, received)
    if direction not in ("in", "out"):
        raise InvalidRequest("direction is in or out.", field="direction")
    return sent if direction == "out" else received
