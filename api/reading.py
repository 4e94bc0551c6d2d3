"""What a request says besides its path: the body, and the headers and switches of a write.

All of it is read before any rule of the bank is asked, in a fixed order, so that each fault has one
answer.
"""

import json
import re
from dataclasses import dataclass
from email.message import Message
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope

from wallet_chain.errors import (
    BodyTooLarge,
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    InvalidRequest,
    MalformedJson,
    UnsupportedMediaType,
)

IDEMPOTENCY_HEADER = "Idempotency-Key"
WAIT_SECONDS_MAX = 30

_KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
_WAIT = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?([0-9]{1,6})\"?\s*(?:$|[,;])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body: the bytes as they came, and what they say as JSON."""

    raw: bytes
    value: Any


NO_BODY = Body(b"", None)


class ReadRequest(Request):
    """A request whose body was read, bounded and parsed before the route sees it."""

    def __init__(self, scope: Scope, receive: Receive, body: Body) -> None:
        super().__init__(scope, receive)
        self._read = body

    async def body(self) -> bytes:
        """The bytes that came."""
        return self._read.raw

    async def json(self) -> Any:
        """What they say."""
        return self._read.value


async def read_body(request: Request, bytes_max: int, *, expected: bool) -> Body:
    """Read a write's body, never more than ``bytes_max`` bytes of it.

    Raises BodyTooLarge, UnsupportedMediaType, MalformedJson, or InvalidRequest when the route takes
    no body and got one that says something.
    """
    raw = await _read_at_most(request, bytes_max)
    if not raw:
        return NO_BODY
    _check_media_type(request.headers.get("content-type"))
    value = _json(raw)
    if not expected and value not in ({}, None):
        raise InvalidRequest("This route takes no body; send none.", field="body")
    return Body(raw, value)


def _json(raw: bytes) -> Any:
    """What the bytes say. Raises MalformedJson, also when a name stands twice in one object.

    Of two equal names one reader takes the first and another the last (RFC 8259, section 4): what
    somebody else checked before us must not differ from what is paid.
    """
    try:
        # orjson refuses invalid UTF-8, lone surrogates, NaN and nesting that would exhaust a stack.
        value = orjson.loads(raw)
        json.loads(raw, object_pairs_hook=_names_once)
    except orjson.JSONDecodeError as error:
        raise MalformedJson(
            f"The body is not JSON: {error.msg} at character {error.pos}.", position=error.pos
        ) from error
    except RecursionError as error:
        raise MalformedJson("The body is nested too deeply.") from error
    return value


def _names_once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedJson(f"The name {twice[:80]!r} stands twice in one object.")


async def _read_at_most(request: Request, bytes_max: int) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and (len(announced) > 18 or int(announced) > bytes_max):
        raise _too_large(bytes_max)
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > bytes_max:
            raise _too_large(bytes_max)
    return bytes(raw)


def _too_large(bytes_max: int) -> BodyTooLarge:
    return BodyTooLarge(f"Send at most {bytes_max} bytes.", limit_bytes=bytes_max)


def _check_media_type(content_type: str | None) -> None:
    if content_type == "application/json":
        return
    message = Message()
    message["content-type"] = content_type or ""
    charset = message.get_param("charset", "utf-8")
    if message.get_content_type() != "application/json" or str(charset).lower() != "utf-8":
        raise UnsupportedMediaType(
            "Send the body as JSON in UTF-8, with 'Content-Type: application/json'."
        )


def idempotency_key(headers: Headers) -> str:
    """The key of a write. Raises IdempotencyKeyMissing or IdempotencyKeyInvalid."""
    keys = headers.getlist(IDEMPOTENCY_HEADER)
    if not keys:
        raise IdempotencyKeyMissing(
            "Send an Idempotency-Key of your own making, for example a UUID; send the same one"
            " when you repeat this request."
        )
    if len(keys) > 1 or _KEY.fullmatch(keys[0]) is None or not keys[0].strip():
        raise IdempotencyKeyInvalid(
            "Send one Idempotency-Key of 1 to 255 printable ASCII characters."
        )
    return keys[0]


def wait_seconds(prefer: str | None) -> int:
    """How long the caller would wait for the outcome: ``Prefer: wait=5`` (RFC 7240, section 4.3).

    Zero when nothing is said; a preference that can't be read is passed over, as the RFC asks.
    """
    found = _WAIT.search(prefer or "")
    return min(int(found.group(1)), WAIT_SECONDS_MAX) if found else 0


def check_query(request: Request, known: frozenset[str]) -> None:
    """Refuse a query parameter that the route does not have, or that is given twice.

    A misspelt ``dry_run`` must not move money.
    """
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            allowed = f"known are {', '.join(sorted(known))}" if known else "this route has none"
            raise InvalidRequest(
                f"The query parameter {name[:80]!r} is not known here; {allowed}.",
                field=name[:80],
            )
        if name in seen:
            raise InvalidRequest(f"Give the query parameter {name!r} once.", field=name)
        seen.add(name)


def dry_run(request: Request) -> bool:
    """Whether the caller only asks what would happen. Raises InvalidRequest for an odd value."""
    said = request.query_params.get("dry_run", "false")
    if said not in {"true", "false"}:
        raise InvalidRequest("dry_run: say true or false.", field="dry_run")
    return said == "true"
