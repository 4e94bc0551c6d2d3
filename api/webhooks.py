"""Webhooks: where events are sent, what was sent, and sending it again."""

from typing import Annotated

from fastapi import Query as QueryParameters
from pydantic import Field

from api.access import (
    ADMIN,
    AUDITOR,
    CUSTOMER,
    MERCHANT,
    OPERATOR,
    Owner,
    allow,
)
from api.answers import Items
from api.fields import Form, Paged, example, line, resource_id
from api.routes import Asked, Routes
from wallet_chain import notify
from wallet_chain.bank.views import Answer, Page
from wallet_chain.errors import InvalidRequest, WebhookEndpointMissing, WebhookUrlRefused
from wallet_chain.notify.drafts import EndpointDraft, EventFilter, SecretDraft
from wallet_chain.notify.endpoints import OVERLAP_SECONDS_MAX
from wallet_chain.notify.views import DeliveryView, NoticeView, WebhookEndpointView

routes = Routes("Webhooks")

LOOK = allow(CUSTOMER, MERCHANT, OPERATOR, AUDITOR, ADMIN, scope="webhooks:read", owner=Owner.VERB)
CHANGE = allow(CUSTOMER, MERCHANT, ADMIN, scope="webhooks:write", owner=Owner.VERB)

EndpointId = Annotated[str, resource_id("whe", "webhook endpoint")]
EventId = Annotated[str, resource_id("evt", "event")]


class NewEndpoint(Form):
    """Where events are to be sent."""

    model_config = example(
        {"url": "https://shop.example/webhooks", "kinds": ["transfer.settled", "payment.settled"]}
    )

    url: Annotated[str, line(500)]
    """An https URL on the public internet. Redirects are not followed."""
    kinds: Annotated[list[Annotated[str, line(40)]], Field(max_length=40)] = Field(
        default_factory=list
    )
    """Which events, such as `transfer.held` or `payment.refunded`; left out or empty: all."""


class NewSecret(Form):
    """How long the old secret signs beside the new one."""

    overlap_seconds: Annotated[int, Field(ge=0, le=OVERLAP_SECONDS_MAX)] = 86_400


class EventQuery(Paged):
    """Which events."""

    resource_id: Annotated[str, line(40)] | None = None
    """Those of one payment, transfer or endpoint."""
    kind: Annotated[str, line(40)] | None = None
    """Such as `transfer.settled`."""

    def filter(self) -> EventFilter:
        """As the verb takes it."""
        return EventFilter(self.resource_id, self.kind)


@routes.post(
    "/webhook-endpoints",
    "Create a webhook endpoint",
    CHANGE,
    WebhookUrlRefused,
    InvalidRequest,
    made=True,
    location="/v1/webhook-endpoints/{id}",
)
def create_endpoint(call: Asked, body: NewEndpoint) -> Answer[WebhookEndpointView]:
    """Have events sent to a URL from now on: a customer those of its own payments and transfers, an
    administrator those of the whole bank.

    Each is a `POST` after Standard Webhooks, signed under the `secret`, which is in this answer only. It
    is delivered at least once: an answer other than 2xx within 15 seconds is tried again for three days.
    """
    draft = EndpointDraft(body.url, tuple(body.kinds))
    return notify.create_endpoint(call.bank, call.caller, call.ask, draft)


@routes.get("/webhook-endpoints", "List webhook endpoints", LOOK)
def list_endpoints(
    call: Asked, query: Annotated[Paged, QueryParameters()]
) -> Page[WebhookEndpointView]:
    """The caller's endpoints, newest first; staff see everybody's."""
    return notify.list_endpoints(call.bank, call.caller, query.page)


@routes.get("/webhook-endpoints/{endpoint_id}", "Look at a webhook endpoint", LOOK)
def get_endpoint(call: Asked, endpoint_id: EndpointId) -> WebhookEndpointView:
    """One endpoint and how much still waits to be delivered there."""
    return notify.get_endpoint(call.bank, call.caller, endpoint_id)


@routes.delete("/webhook-endpoints/{endpoint_id}", "Delete a webhook endpoint", CHANGE)
def delete_endpoint(call: Asked, endpoint_id: EndpointId) -> Answer[WebhookEndpointView]:
    """Send nothing there any more; what waits is dropped."""
    return notify.delete_endpoint(call.bank, call.caller, call.ask, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/rotate",
    "Change the secret of a webhook endpoint",
    CHANGE,
    WebhookEndpointMissing,
    InvalidRequest,
)
def rotate_secret(
    call: Asked, endpoint_id: EndpointId, body: NewSecret
) -> Answer[WebhookEndpointView]:
    """Make a new `secret`. For the overlap each event carries a signature by the old one too."""
    draft = SecretDraft(endpoint_id, body.overlap_seconds)
    return notify.rotate_secret(call.bank, call.caller, call.ask, draft)


@routes.post(
    "/webhook-endpoints/{endpoint_id}/ping",
    "Try a webhook endpoint",
    CHANGE,
    WebhookEndpointMissing,
)
def ping_endpoint(call: Asked, endpoint_id: EndpointId) -> Answer[NoticeView]:
    """Send an event of the kind `ping`; its deliveries tell whether it arrived."""
    return notify.ping_endpoint(call.bank, call.caller, call.ask, endpoint_id)


@routes.get("/webhook-events", "List events", LOOK)
def list_webhook_events(
    call: Asked, query: Annotated[EventQuery, QueryParameters()]
) -> Page[NoticeView]:
    """What was told about the caller's payments and transfers, newest first."""
    return notify.list_events(call.bank, call.caller, query.filter(), query.page)


@routes.get("/webhook-events/{event_id}", "Look at an event", LOOK)
def get_webhook_event(call: Asked, event_id: EventId) -> NoticeView:
    """One event as it is sent."""
    return notify.get_event(call.bank, call.caller, event_id)


@routes.get("/webhook-events/{event_id}/deliveries", "List the deliveries of an event", LOOK)
def list_deliveries(call: Asked, event_id: EventId) -> Items[DeliveryView]:
    """How far the event has come at each of the caller's endpoints."""
    return Items(notify.list_deliveries(call.bank, call.caller, event_id))


@routes.post(
    "/webhook-events/{event_id}/replay", "Send an event again", CHANGE, WebhookEndpointMissing
)
def replay_event(call: Asked, event_id: EventId) -> Answer[NoticeView]:
    """Send it once more to each of the caller's endpoints that takes it, under the same `webhook-id`."""
    return notify.replay_event(call.bank, call.caller, call.ask, event_id)
