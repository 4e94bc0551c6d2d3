"""What this capability answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class WebhookEndpointView:
    """Where events are sent."""

    id: str
    customer_id: str | None
    """Whose events it gets; null for those of the whole bank."""
    url: str
    kinds: tuple[str, ...]
    """Empty for every kind."""
    state: str
    """``enabled``; ``gone`` since the receiver answered 410; ``deleted``."""
    secret: str | None
    """``whsec_...``, with which a Standard Webhooks library checks signatures; shown once, when it is
    made."""
    secrets_valid: int
    """How many secrets sign now: two while one replaces another."""
    waiting: int
    """Deliveries that are not made yet."""
    created_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One change that was told."""

    id: str
    """The ``webhook-id`` of each of its deliveries."""
    resource_id: str
    sequence: int
    """Rises with each event of the resource; deliveries may overtake one another, this does not."""
    kind: str
    body: Mapping[str, Any]
    """What is sent."""
    created_at: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One event on its way to one endpoint."""

    id: str
    event_id: str
    endpoint_id: str
    state: str
    """``pending``, ``delivered``, ``exhausted`` after the last attempt, or ``dropped`` with its
    endpoint."""
    attempts: int
    next_at: int | None
    """When the next attempt is due; null when there is none."""
    last_status: int | None
    last_problem: str | None
    created_at: int
    ended_at: int | None
