"""One rendering of everything that goes wrong: problem details (RFC 9457)."""

import logging
import math
import traceback
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from wallet_chain import logs
from wallet_chain.errors import (
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Unauthenticated,
    WalletError,
)

PROBLEM_MEDIA_TYPE = "application/problem+json"

RETRY_AFTER_SECONDS = 2
"""What a caller is asked to wait after a refusal that passes by itself."""

_log = logging.getLogger("wallet_chain.api")

_INTEGER_MAX = 2**53 - 1
"""Beyond it JSON readers in JavaScript round silently (RFC 8259, section 6)."""


def problem(error: WalletError, instance: str) -> dict[str, Any]:
    """The body of a problem: RFC 9457's members and ``code``, ``retryable`` and ``facts``.

    ``instance`` is the path that was asked for, as it was decoded.
    """
    return {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "instance": quote(instance),
        "code": error.code,
        "retryable": error.retryable,
        "facts": _json_value(error.facts),
    }


def problem_response(
    error: WalletError, instance: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The whole answer, with the headers that go with its status."""
    answer = Response(
        orjson.dumps(problem(error, instance)),
        status_code=error.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=dict(headers or {}),
    )
    if error.status == Unauthenticated.status:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="wallet-chain"'
    if error.retryable:
        seconds = error.facts.get("retry_after_seconds", RETRY_AFTER_SECONDS)
        answer.headers["Retry-After"] = str(seconds)
    return answer


def install(app: FastAPI) -> None:
    """Answer every failure of this application with a problem."""
    app.add_exception_handler(WalletError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def internal_error(failure: Exception, request_id: str, instance: str) -> Response:
    """Answer what nobody expected; log where it happened but not what it said.

    A message may quote a parameter, and with it a customer's data.
    """
    trace = "".join(traceback.format_tb(failure.__traceback__))
    told = logs.facts(request_id=request_id, error=type(failure).__name__, trace=trace)
    _log.error("a request failed", extra=told)
    return problem_response(
        WalletError(
            "Something failed inside the product. Ask the operator, naming the request id.",
            request_id=request_id,
        ),
        instance,
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, WalletError)
    return problem_response(error, request.url.path)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    refusal: WalletError = invalid_request(error.errors())
    if any(found["loc"][0] == "path" for found in error.errors()):
        # An id of another form than we give out is an id of nothing.
        refusal = NotFound("There is no such resource; check the id in the address.")
    return problem_response(refusal, request.url.path)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    refusal: WalletError
    if error.status_code == MethodNotAllowed.status:
        refusal = MethodNotAllowed(
            f"{request.method} is not for this resource; see the Allow header or /docs."
        )
    elif error.status_code == NotFound.status:
        refusal = NotFound("There is nothing at this address; /docs lists what there is.")
    else:
        refusal = InvalidRequest("The request can't be read; check it against /docs.")
    return problem_response(refusal, request.url.path, error.headers)


def invalid_request(errors: Sequence[Any]) -> InvalidRequest:
    """Pydantic's findings as one refusal that names each field and never repeats its value."""
    fields = [
        {"field": _field_name(found["loc"]), "reason": _reason(found)} for found in errors[:20]
    ]
    first = fields[0]
    return InvalidRequest(
        f"{first['field']}: {first['reason']}.", field=first["field"], fields=fields
    )


def _field_name(location: Sequence[Any]) -> str:
    """``("body", "amount", "currency")`` to ``amount.currency``; the body itself is ``body``."""
    steps = [str(step)[:80] for step in location]
    if len(steps) > 1 and steps[0] in {"body", "query", "path", "header"}:
        steps = steps[1:]
    return ".".join(steps)


_REASONS = {
    "extra_forbidden": "this field is not known here, leave it out",
    "missing": "this field is required",
    "model_attributes_type": "this must be a JSON object",
    "model_type": "this must be a JSON object",
}


def _reason(found: Mapping[str, Any]) -> str:
    if found["type"] in _REASONS:
        return _REASONS[found["type"]]
    message = str(found["msg"]).removeprefix("Value error, ")[:200]
    return message[:1].lower() + message[1:]


def _json_value(value: Any) -> Any:
    """The value in JSON, integers that would lose digits as decimal strings."""
    if isinstance(value, Mapping):
        return {str(name): _json_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json_value(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= _INTEGER_MAX else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    # What can't be UTF-8 (a lone surrogate) must not turn a refusal into a failure.
    return str(value).encode("utf-8", "replace").decode()
