"""Webhooks: telling others what happened to payments and transfers, at least once each."""

from wallet_chain.notify.deliver import Deliverer
from wallet_chain.notify.endpoints import (
    create_endpoint,
    delete_endpoint,
    get_endpoint,
    list_endpoints,
    ping_endpoint,
    rotate_secret,
)
from wallet_chain.notify.events import get_event, list_deliveries, list_events, replay_event

__all__ = [
    "Deliverer",
    "create_endpoint",
    "delete_endpoint",
    "get_endpoint",
    "get_event",
    "list_deliveries",
    "list_endpoints",
    "list_events",
    "ping_endpoint",
    "replay_event",
    "rotate_secret",
]
