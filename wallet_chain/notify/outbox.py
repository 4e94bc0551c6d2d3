"""Writing down what somebody wants to hear, in the transaction that makes it happen.

So an event is there exactly when the change is. It is written where somebody listens: an enabled
endpoint of the bank, or of a customer who is a side of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from wallet_chain.clock import to_iso
from wallet_chain.ids import new_id
from wallet_chain.store.tables import WebhookDelivery, WebhookEndpoint, WebhookEvent
from wallet_chain.store.writing import add


@dataclass(frozen=True, slots=True)
class Happening:
    """One change of a resource."""

    resource_id: str
    kind: str
    at: int
    """Unix seconds."""
    data: Mapping[str, Any]
    """JSON values without personal data: no name, no account, no customer."""
    sides: tuple[str | None, str | None]
    """The customers whom it concerns."""
    sequence: int | None = None
    """Where the resource counts its changes itself; else the next number is taken."""


def anybody_listens(session: Session) -> bool:
    """Whether there is an endpoint at all; asked before anything is gathered for an event."""
    return (
        session.scalar(
            select(WebhookEndpoint.id).where(WebhookEndpoint.state == "enabled").limit(1)
        )
        is not None
    )


def record(session: Session, happenings: Sequence[Happening]) -> None:
    """Write the events that somebody listens to, and a delivery for each endpoint that takes one."""
    listening = _listening(session, happenings)
    heard = [(one, _takers(listening, one)) for one in happenings]
    heard = [(one, takers) for one, takers in heard if takers]
    counted = _counted(session, [one.resource_id for one, _ in heard if one.sequence is None])
    events: list[dict[str, Any]] = []
    deliveries: list[dict[str, Any]] = []
    for one, takers in heard:
        sequence = one.sequence
        if sequence is None:
            sequence = counted[one.resource_id] = counted.get(one.resource_id, 0) + 1
        events.append(_event(one, sequence))
        deliveries += [delivery(events[-1]["id"], taker, one.at) for taker in takers]
    add(session, WebhookEvent, events)
    add(session, WebhookDelivery, deliveries)


def delivery(event_id: str, endpoint_id: str, now: int) -> dict[str, Any]:
    """The row of an event that is to be sent to an endpoint at once."""
    return {
        "id": new_id("whd"),
        "event_id": event_id,
        "endpoint_id": endpoint_id,
        "state": "pending",
        "attempts": 0,
        "next_at": now,
        "last_status": None,
        "last_problem": None,
        "created_at": now,
        "ended_at": None,
    }


def takes(kinds: Mapping[str, Any], kind: str) -> bool:
    """Whether an endpoint with these kinds takes an event of this one; an empty list is all."""
    wanted = kinds["kinds"]
    return not wanted or kind in wanted


def _listening(
    session: Session, happenings: Iterable[Happening]
) -> dict[str | None, list[tuple[str, Mapping[str, Any]]]]:
    """Id and kinds of the endpoints, by whose events they take."""
    sides = {side for one in happenings for side in one.sides if side is not None}
    found: dict[str | None, list[tuple[str, Mapping[str, Any]]]] = {}
    statement = select(
        WebhookEndpoint.customer_id, WebhookEndpoint.id, WebhookEndpoint.kinds
    ).where(
        WebhookEndpoint.state == "enabled",
        or_(WebhookEndpoint.customer_id.is_(None), WebhookEndpoint.customer_id.in_(sides)),
    )
    for customer_id, endpoint_id, kinds in session.execute(statement):
        found.setdefault(customer_id, []).append((endpoint_id, kinds))
    return found


def _takers(
    listening: Mapping[str | None, list[tuple[str, Mapping[str, Any]]]], one: Happening
) -> list[str]:
    return [
        endpoint_id
        for side in dict.fromkeys((None, *one.sides))
        for endpoint_id, kinds in listening.get(side, ())
        if takes(kinds, one.kind)
    ]


def _counted(session: Session, resource_ids: list[str]) -> dict[str, int]:
    if not resource_ids:
        return {}
    statement = (
        select(WebhookEvent.resource_id, func.max(WebhookEvent.sequence))
        .where(WebhookEvent.resource_id.in_(resource_ids))
        .group_by(WebhookEvent.resource_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _event(one: Happening, sequence: int) -> dict[str, Any]:
    body = {
        "type": one.kind,
        "timestamp": to_iso(one.at),
        "data": {"id": one.resource_id, "sequence": sequence, **one.data},
    }
    first, second = one.sides
    return {
        "id": new_id("evt"),
        "resource_id": one.resource_id,
        "sequence": sequence,
        "kind": one.kind,
        "body": orjson.dumps(body).decode(),
        "customer_id": first,
        "other_customer_id": second,
        "created_at": one.at,
    }
