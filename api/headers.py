"""What every answer carries: an id to ask about it by, and what a browser may do with it."""

import logging

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import internal_error
from api.measures import Measures
from wallet_chain import logs, traces
from wallet_chain.clock import monotonic_seconds
from wallet_chain.ids import new_id

_log = logging.getLogger("wallet_chain.http")
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGES = _NOTHING + "; style-src 'self'; img-src 'self' data:"
# Swagger UI sets styles from its script, and reads the document from this server.
_DOCS = _PAGES.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'") + (
    "; script-src 'self'; connect-src 'self'; font-src 'self' data:"
)
# It asks this server for a bundle and checks it by itself, in a worker that can ask nobody.
_AUDIT = _PAGES + "; script-src 'self'; connect-src 'self'; worker-src 'self'"
_WORKER = _NOTHING + "; script-src 'self'"

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class Envelope:
    """The outermost layer: sets the headers, and answers what nobody expected.

    Written against ASGI itself: Starlette's own base class for middleware would cost each request
    a second task.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id("req")
        traced = _traced(scope)
        started = False
        began = monotonic_seconds()

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _count(scope, message["status"], monotonic_seconds() - began)
                if traced is not None:
                    _tell(traced, scope, message["status"], request_id)
                headers = MutableHeaders(scope=message)
                headers["Request-Id"] = request_id
                for name, value in _ALWAYS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", _policy(scope["path"]))
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            with logs.serving(request_id), traces.within(_parent_of(traced)):
                await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            # Nobody is left to answer; whatever was accepted is answered when it is asked again.
            return
        except Exception as failure:
            answer = internal_error(failure, request_id, Request(scope).url.path)
            if started:
                # Half an answer can't be taken back; cutting it off tells the client.
                raise
            await answer(scope, receive, send_with_headers)


def _count(scope: Scope, status: int, seconds: float) -> None:
    # As it is declared: what people write into an address is neither for figures nor for logs.
    route = getattr(scope.get("route"), "path", "other")
    milliseconds = round(1000 * seconds, 1)
    told = logs.facts(method=scope["method"], route=route, status=status, milliseconds=milliseconds)
    _log.info("answered", extra=told)
    measures: Measures | None = getattr(scope["app"].state, "measures", None)
    if measures is not None:
        measures.served(scope["method"], route, status, seconds)


def _traced(scope: Scope) -> traces.Serving | None:
    """The span of a request to the API, where traces are kept; none of a look by Prometheus."""
    to: traces.Traces | None = getattr(scope["app"].state, "traces", None)
    if to is None or not scope["path"].startswith("/v1/") or scope["path"] == "/v1/metrics":
        return None
    return to.serving(Headers(scope=scope))


def _parent_of(traced: traces.Serving | None) -> str | None:
    return None if traced is None else traced.traceparent


def _tell(traced: traces.Serving, scope: Scope, status: int, request_id: str) -> None:
    route = getattr(scope.get("route"), "path", "other")
    facts: dict[str, traces.Fact] = {
        "http.request.method": scope["method"],
        "http.route": route,
        "http.response.status_code": status,
        "request_id": request_id,
    }
    traced.answered(f"{scope['method']} {route}", facts, failed=status >= 500)


def _policy(path: str) -> str:
    if path.startswith("/docs"):
        return _DOCS
    if path == "/audit":
        return _AUDIT
    if path == "/web/audit/worker.js":
        return _WORKER
    return _NOTHING if path.startswith("/v1/") else _PAGES
