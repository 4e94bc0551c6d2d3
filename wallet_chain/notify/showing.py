"""Events as callers see them."""

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.bank.witness import not_found
from wallet_chain.clock import to_iso
from wallet_chain.ids import new_id
from wallet_chain.notify.views import DeliveryView, NoticeView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import WebhookDelivery, WebhookEndpoint, WebhookEvent


def visible_event(session: Session, caller: Caller, event_id: str) -> WebhookEvent:
    """An event that the caller is a side of, or staff looks at. Raises NotFound."""
    event = session.get(WebhookEvent, event_id)
    if event is None or caller.customer_id not in (
        None,
        event.customer_id,
        event.other_customer_id,
    ):
        raise not_found("event", event_id)
    return event


def event_view(session: Session, caller: Caller, event_id: str) -> NoticeView:
    """An event as a view. Raises NotFound."""
    return event_row_view(visible_event(session, caller, event_id))


def event_row_view(event: WebhookEvent) -> NoticeView:
    """An event's row as a view."""
    return NoticeView(
        id=event.id,
        resource_id=event.resource_id,
        sequence=event.sequence,
        kind=event.kind,
        body=orjson.loads(event.body),
        created_at=event.created_at,
    )


def delivery_view(row: WebhookDelivery) -> DeliveryView:
    """A delivery's row as a view."""
    return DeliveryView(
        id=row.id,
        event_id=row.event_id,
        endpoint_id=row.endpoint_id,
        state=row.state,
        attempts=row.attempts,
        next_at=row.next_at if row.state == "pending" else None,
        last_status=row.last_status,
        last_problem=row.last_problem,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def write_ping(session: Session, endpoint: WebhookEndpoint, kind: str, now: int) -> WebhookEvent:
    """The event of a ping, for its endpoint only."""
    last = session.scalar(
        select(func.max(WebhookEvent.sequence)).where(WebhookEvent.resource_id == endpoint.id)
    )
    sequence = (last or 0) + 1
    data = {"id": endpoint.id, "sequence": sequence}
    event = WebhookEvent(
        id=new_id("evt"),
        resource_id=endpoint.id,
        sequence=sequence,
        kind=kind,
        body=orjson.dumps({"type": kind, "timestamp": to_iso(now), "data": data}).decode(),
        customer_id=endpoint.customer_id,
        other_customer_id=None,
        created_at=now,
    )
    session.add(event)
    session.flush()
    return event
