"""Events: what was told, whether it arrived, and telling it again."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.views import Answer, Page, PageRequest
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import WebhookEndpointMissing
from wallet_chain.notify.drafts import EventFilter
from wallet_chain.notify.kinds import PING
from wallet_chain.notify.outbox import delivery, takes
from wallet_chain.notify.showing import (
    delivery_view,
    event_row_view,
    event_view,
    visible_event,
)
from wallet_chain.notify.views import DeliveryView, NoticeView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import WebhookDelivery, WebhookEndpoint, WebhookEvent
from wallet_chain.store.writing import add


def get_event(bank: Bank, caller: Caller, event_id: str) -> NoticeView:
    """One event. Raises NotFound."""
    with looking(bank, caller) as session:
        event = visible_event(session, caller, event_id)
        record_look(bank, session, caller, "webhook event", event.customer_id, {"id": event_id})
        return event_row_view(event)


def list_events(
    bank: Bank, caller: Caller, filters: EventFilter, request: PageRequest
) -> Page[NoticeView]:
    """Events that the caller may see, newest first. Raises CursorInvalid."""
    scope = scope_of("webhook_events", filters)
    position = read_position(bank, scope, request)
    statement = select(WebhookEvent).order_by(WebhookEvent.id.desc()).limit(request.limit + 1)
    if caller.customer_id is not None:
        statement = statement.where(
            or_(
                WebhookEvent.customer_id == caller.customer_id,
                WebhookEvent.other_customer_id == caller.customer_id,
            )
        )
    if filters.resource_id is not None:
        statement = statement.where(WebhookEvent.resource_id == filters.resource_id)
    if filters.kind is not None:
        statement = statement.where(WebhookEvent.kind == filters.kind)
    if position is not None:
        statement = statement.where(WebhookEvent.id < position[0])
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "webhook events", None, {"id": filters.resource_id})
        rows = session.scalars(statement).all()
    return cut(bank, scope, request, rows, event_row_view, lambda row: (row.id,))


def list_deliveries(bank: Bank, caller: Caller, event_id: str) -> tuple[DeliveryView, ...]:
    """How far the event has come at each endpoint of the caller's. Raises NotFound."""
    statement = (
        select(WebhookDelivery)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.event_id == event_id)
        .order_by(WebhookDelivery.id)
    )
    if caller.customer_id is not None:
        statement = statement.where(WebhookEndpoint.customer_id == caller.customer_id)
    with looking(bank, caller) as session:
        event = visible_event(session, caller, event_id)
        record_look(bank, session, caller, "webhook event", event.customer_id, {"id": event_id})
        return tuple(delivery_view(row) for row in session.scalars(statement))


def replay_event(bank: Bank, caller: Caller, ask: Ask, event_id: str) -> Answer[NoticeView]:
    """Send an event once more, to every endpoint of the caller's that takes it, under its own id.

    Raises NotFound, WebhookEndpointMissing.
    """

    def apply(session: Session, _: None) -> Written:
        event = visible_event(session, caller, event_id)
        takers = _takers(session, caller, event)
        if not takers:
            raise WebhookEndpointMissing("No endpoint of yours takes this event; create one first.")
        now = bank.clock()
        add(session, WebhookDelivery, [delivery(event.id, taker, now) for taker in takers])
        return Written(event.id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: event_view(session, caller, id_),
    )


def _takers(session: Session, caller: Caller, event: WebhookEvent) -> list[str]:
    """The caller's own endpoints; a ping belongs to one of them."""
    owned = WebhookEndpoint.customer_id == caller.customer_id
    if caller.customer_id is None:
        owned = WebhookEndpoint.customer_id.is_(None)
    rows = session.scalars(
        select(WebhookEndpoint).where(owned, WebhookEndpoint.state == "enabled")
    ).all()
    if event.kind == PING:
        return [row.id for row in rows if row.id == event.resource_id]
    return [row.id for row in rows if takes(row.kinds, event.kind)]
