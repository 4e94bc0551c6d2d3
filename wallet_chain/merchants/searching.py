"""Finding payment requests."""

from sqlalchemy import ColumnElement, and_, or_, select

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look, require_own
from wallet_chain.errors import InvalidRequest
from wallet_chain.merchants.drafts import RequestFilter
from wallet_chain.merchants.dues import settles
from wallet_chain.merchants.showing import request_views, show_request
from wallet_chain.merchants.views import PaymentRequestView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import Instalment, InstalmentPlan, PaymentRequest


def get_request(bank: Bank, caller: Caller, request_id: str) -> PaymentRequestView:
    """A payment request. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_request(bank, session, caller, request_id)


def list_requests(
    bank: Bank, caller: Caller, filters: RequestFilter, request: PageRequest
) -> Page[PaymentRequestView]:
    """Requests that match all filters, newest first: those of the customer, and those to it.

    Raises CursorInvalid, InvalidRequest, and NotFound when a customer asks for another one's.
    """
    scope = scope_of("payment requests", filters)
    position = read_position(bank, scope, request)
    conditions = _conditions(bank, caller, filters)
    if position is not None:
        conditions.append(PaymentRequest.id < position[0])
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "payment requests", filters.customer_id)
        rows = session.scalars(
            select(PaymentRequest)
            .where(and_(True, *conditions))
            .order_by(PaymentRequest.id.desc())
            .limit(request.limit + 1)
        ).all()
        shown = rows[: request.limit]
        items = tuple(request_views(bank, session, caller, shown))
    more = len(rows) > request.limit
    return Page(items, write_position(bank, scope, (shown[-1].id,)) if more else None)


def side_condition(
    customer_id: str | None,
    direction: str | None,
    to_be_paid: ColumnElement[bool],
    to_pay: ColumnElement[bool],
) -> list[ColumnElement[bool]]:
    """Which side of what is due a customer is on. Raises InvalidRequest."""
    if direction not in (None, "in", "out"):
        raise InvalidRequest("direction is in or out.", field="direction")
    if customer_id is None:
        if direction is not None:
            raise InvalidRequest(
                "direction is as seen from a customer: give customer_id too.", field="direction"
            )
        return []
    if direction is None:
        return [or_(to_be_paid, to_pay)]
    return [to_be_paid if direction == "in" else to_pay]


def whose(caller: Caller, customer_id: str | None) -> str | None:
    """The customer whose list is asked for. Raises NotFound for another one's."""
    require_own(caller, customer_id)
    return caller.customer_id or customer_id


def _conditions(bank: Bank, caller: Caller, filters: RequestFilter) -> list[ColumnElement[bool]]:
    customer_id = whose(caller, filters.customer_id)
    conditions = side_condition(
        customer_id,
        filters.direction,
        PaymentRequest.payee_customer_id == customer_id,
        PaymentRequest.payer_customer_id == customer_id,
    )
    if filters.kind is not None:
        conditions.append(PaymentRequest.kind == filters.kind)
    if filters.group_id is not None:
        conditions.append(PaymentRequest.group_id == filters.group_id)
    if filters.state is not None:
        conditions += _in_state(bank.clock(), filters.state)
    return conditions


def _in_state(now: int, state: str) -> list[ColumnElement[bool]]:
    """Requests in a state; what is under way or paid in instalments still counts as open here."""
    once = PaymentRequest.kind == "once"
    paid = and_(once, or_(settles(PaymentRequest.id, now), _plan_complete(now)))
    if state == "paid":
        return [paid]
    late = and_(PaymentRequest.expires_at.is_not(None), PaymentRequest.expires_at < now)
    cancelled = PaymentRequest.cancelled_at.is_not(None)
    if state == "cancelled":
        return [~paid, cancelled]
    if state == "expired":
        return [~paid, ~cancelled, late]
    return [~paid, ~cancelled, ~late]


def _plan_complete(now: int) -> ColumnElement[bool]:
    """Whether a request was paid in parts, to the last."""
    unpaid = select(Instalment.id).where(
        Instalment.plan_id == InstalmentPlan.id, ~settles(Instalment.id, now)
    )
    first = select(Instalment.id).where(
        Instalment.plan_id == InstalmentPlan.id, Instalment.number == 1, settles(Instalment.id, now)
    )
    rest = or_(settles(InstalmentPlan.id, now), ~unpaid.exists())
    return (
        select(InstalmentPlan.id)
        .where(InstalmentPlan.request_id == PaymentRequest.id, first.exists(), rest)
        .exists()
    )
