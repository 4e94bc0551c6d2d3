"""From what a verb answers to the bytes that are sent."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, TypeVar

import anyio.to_thread
import orjson
from starlette.responses import Response

from wallet_chain.bank import Bank
from wallet_chain.bank.views import Answer, OperationView, Preview
from wallet_chain.clock import monotonic_seconds
from wallet_chain.money import Money

WAITING_MAX = 200
"""Callers that may wait for an outcome at once; whoever comes beyond is answered without waiting."""

_waiting = anyio.CapacityLimiter(WAITING_MAX)


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Items(Generic[Item]):
    """A whole list that needs no pages."""

    items: tuple[Item, ...]


def to_json(value: Any) -> bytes:
    """Views, pages and plain values as JSON; money as ``{"amount": "12.34", "currency": "EUR"}``."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.to_json()
    if is_dataclass(value):
        return {name: getattr(value, name) for name in _field_names(type(value))}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _field_names(view: Any) -> tuple[str, ...]:
    names = _known_fields.get(view)
    if names is None:
        names = _known_fields[view] = tuple(each.name for each in fields(view))
    return names


_known_fields: dict[Any, tuple[str, ...]] = {}


def unfinished(outcome: Any) -> tuple[str, ...]:
    """The ids of all operations in a write's answer that are not final yet."""
    if not isinstance(outcome, Answer):
        return ()
    return tuple(each.id for each in _operations(outcome.resource) if not each.final)


def operation_ids(outcome: Any) -> tuple[str, ...]:
    """The ids of all operations that a write has accepted; none when it was a repeated request."""
    if isinstance(outcome, Answer):
        return () if outcome.replayed else tuple(one.id for one in _operations(outcome.resource))
    return tuple(one.id for one in _operations(outcome)) if is_dataclass(outcome) else ()


def _operations(view: Any) -> list[OperationView]:
    if isinstance(view, OperationView):
        return [view]
    found = []
    for name in _field_names(type(view)):
        value = getattr(view, name)
        members = value if isinstance(value, tuple) else (value,)
        for member in members:
            if is_dataclass(member) and not isinstance(member, Money):
                found += _operations(member)
    return found


async def waited(bank: Bank, operation_ids: tuple[str, ...], seconds: int) -> None:
    """Wait until these are final, ``seconds`` at most, without holding a thread of the requests."""
    until = monotonic_seconds() + seconds
    for operation_id in operation_ids:
        left = until - monotonic_seconds()
        if left <= 0 or _waiting.available_tokens < 1:
            return
        await anyio.to_thread.run_sync(
            bank.wait_final, operation_id, left, limiter=_waiting, abandon_on_cancel=True
        )


def answered(status: int, location: str | None, outcome: Any, wait_seconds: int) -> Response:
    """The answer of a route: 202 while anything of it is on its way to the chain."""
    headers: dict[str, str] = {}
    view = outcome
    if isinstance(outcome, Answer):
        view = outcome.resource
        if outcome.replayed:
            headers["Idempotency-Replayed"] = "true"
        if location is not None:
            headers["Location"] = location.replace("{id}", view.id)
    if unfinished(outcome):
        status = 202
    elif isinstance(view, Preview):
        status = 200
    if wait_seconds:
        headers["Preference-Applied"] = f"wait={wait_seconds}"
    return Response(to_json(view), status, headers, media_type="application/json")
