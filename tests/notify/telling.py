"""Short words for tests of webhooks."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from tests.town import Town, ask
from wallet_chain import notify
from wallet_chain.notify.drafts import EndpointDraft
from wallet_chain.notify.views import WebhookEndpointView
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import WebhookDelivery, WebhookEvent


def listen(town: Town, caller: Caller, url: str, *kinds: str) -> WebhookEndpointView:
    """An endpoint, with its secret."""
    draft = EndpointDraft(url, kinds)
    return notify.create_endpoint(town.bank, caller, ask(), draft).resource


def deliver(town: Town, **changes: Any) -> int:
    """Make every delivery that is due; the number of attempts."""
    return notify.Deliverer(town.bank, **changes).deliver_due()


def deliveries(town: Town) -> list[WebhookDelivery]:
    """All of them, as they stand."""
    with town.bank.store.reading() as session:
        return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def states(town: Town) -> Counter[str]:
    """How many deliveries are in which state."""
    return Counter(row.state for row in deliveries(town))


def events(town: Town) -> list[WebhookEvent]:
    """All of them, the oldest first."""
    with town.bank.store.reading() as session:
        return list(session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)))
