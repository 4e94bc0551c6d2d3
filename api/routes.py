"""How a route is declared, and what happens around each one.

A capability's file declares its routes with one decorator, which takes everything that the OpenAPI
document says: nobody can add a route that has no access rule, no summary or no example. The order
in which a request is judged is the same everywhere and stands in ``Guarded``: who calls, may they,
is the request well formed, and only then the verb.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import wraps
from inspect import iscoroutinefunction, signature
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from fastapi import Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.access import Access
from api.answers import answered, operation_ids, unfinished, waited
from api.gathering import Gathering
from api.measures import Measures
from api.reading import (
    ReadRequest,
    check_query,
    dry_run,
    idempotency_key,
    read_body,
    wait_seconds,
)
from wallet_chain import transparency
from wallet_chain.bank import Bank
from wallet_chain.bank.views import Answer, Preview
from wallet_chain.clock import unix_nanoseconds
from wallet_chain.errors import MethodNotAllowed, WalletError
from wallet_chain.logs import facts
from wallet_chain.payments import PaymentAsk
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.traces import Facts, current

PREFIX = "/v1"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Refusals = tuple[type[WalletError], ...]

_CALL = "wallet_chain.call"
_log = logging.getLogger("wallet_chain.api")
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request, as an endpoint sees it."""

    bank: Bank
    caller: Caller
    ask: Ask
    payments: Gathering[PaymentAsk, Answer[PaymentView]]
    measures: Measures
    refusals: transparency.Refusals
    dry_run: bool = False
    wait_seconds: int = 0
    repeated: bool = False
    """Whether it is asked once more, to see what has become of it meanwhile."""


async def _current_call(request: Request) -> Call:
    call: Call = request.scope[_CALL]
    return call


Asked = Annotated[Call, Depends(_current_call)]
"""The type of every endpoint's first parameter."""


@dataclass(frozen=True, slots=True)
class Route:
    """Everything that is declared about one route; the path is without ``/v1``."""

    method: str
    path: str
    tag: str
    summary: str
    access: Access
    refusals: Refusals
    endpoint: Callable[..., Any]
    made: bool = False
    """Whether it makes a resource: then the answer is 201, not 200."""
    chain: bool = False
    """Whether something may be on its way to the chain afterwards: then the answer is 202."""
    location: str | None = None
    """Where the resource that was made is, with ``{id}`` in it."""
    callers_change: bool = False
    """Whether somebody's API key may work no more afterwards."""
    body_limit: str = "body_bytes_max"
    """Which setting says how many bytes its body may have."""
    media_types: tuple[str, ...] = ("application/json",)
    """More than JSON only where a file is streamed."""

    @property
    def is_write(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"

    @property
    def returns(self) -> tuple[Any, ...]:
        """What the endpoint says that it returns, each member of a union by itself."""
        said = get_type_hints(self.endpoint)["return"]
        members = get_args(said) if get_origin(said) in (Union, UnionType) else (said,)
        return tuple(
            get_args(member)[0] if get_origin(member) is Answer else member for member in members
        )

    @property
    def preview(self) -> type[Preview] | None:
        """What a dry run answers; None where there is none."""
        kinds = (view for view in self.returns if isinstance(view, type))
        return next((kind for kind in kinds if issubclass(kind, Preview)), None)

    @property
    def previews(self) -> bool:
        """Whether it can be asked with ``dry_run``."""
        return self.preview is not None

    @property
    def paged(self) -> bool:
        """Whether it answers a part of a list."""
        return "cursor" in self.query_names

    @property
    def body_model(self) -> type[BaseModel] | None:
        """The form of the body, or None when it takes none."""
        model = get_type_hints(self.endpoint).get("body")
        return model if isinstance(model, type) else None

    @property
    def query_names(self) -> frozenset[str]:
        """The query parameters that it knows."""
        model = get_type_hints(self.endpoint).get("query")
        names: set[str] = set()
        if isinstance(model, type) and issubclass(model, BaseModel):
            names = set(model.model_fields)
        return frozenset(names | ({"dry_run"} if self.previews else set()))

    @property
    def takes_id(self) -> bool:
        """Whether its path names a resource."""
        return "{" in self.path

    @property
    def status(self) -> int:
        """The status when all is done."""
        return 201 if self.made else 200


@dataclass(slots=True)
class Routes:
    """The routes of one capability, under one heading of the document."""

    tag: str
    declared: list[Route] = field(default_factory=list)

    def __iter__(self) -> Iterator[Route]:
        return iter(self.declared)

    def get(
        self, path: str, summary: str, access: Access, *refusals: type[WalletError], **more: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a read."""
        return self._declare("GET", path, summary, access, refusals, more)

    def post(
        self, path: str, summary: str, access: Access, *refusals: type[WalletError], **more: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a write that makes something or does something."""
        return self._declare("POST", path, summary, access, refusals, more)

    def put(
        self, path: str, summary: str, access: Access, *refusals: type[WalletError], **more: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a write that sets something."""
        return self._declare("PUT", path, summary, access, refusals, more)

    def delete(
        self, path: str, summary: str, access: Access, *refusals: type[WalletError], **more: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a write that takes something away."""
        return self._declare("DELETE", path, summary, access, refusals, more)

    def _declare(
        self,
        method: str,
        path: str,
        summary: str,
        access: Access,
        refusals: Refusals,
        more: dict[str, Any],
    ) -> Callable[[Endpoint], Endpoint]:
        def declare(endpoint: Endpoint) -> Endpoint:
            if not (endpoint.__doc__ or "").strip():
                raise ValueError(f"{method} {path} has no description")
            route = Route(method, path, self.tag, summary, access, refusals, endpoint, **more)
            self.declared.append(route)
            return endpoint

        return declare


class Guarded(APIRoute):
    """A route behind its guard. The guard's checks stand in the order in which they are made."""

    declared: Route

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The handler that FastAPI calls, with the guard in front."""
        serve = super().get_route_handler()
        route: Route = self.endpoint.declared  # type: ignore[attr-defined]
        names = route.query_names
        has_body = route.body_model is not None

        async def guarded(request: Request) -> Response:
            bank: Bank = request.app.state.bank
            caller = await request.app.state.callers.identify(
                request.headers.getlist("authorization")
            )
            request.app.state.throttle.admit(caller.principal_id)
            try:
                return await admitted(request, bank, caller)
            except WalletError as refusal:
                await _log_refusal(request, route, caller, refusal)
                raise

        async def admitted(request: Request, bank: Bank, caller: Caller) -> Response:
            route.access.admit(caller, request.path_params)
            check_query(request, names)
            if not route.is_write:
                ask = Ask("GET", request.url.path, {}, "")
                request.scope[_CALL] = _call(request, bank, caller, ask)
                return await serve(request)
            if route.chain:
                # Staff's own calls have no deadline: a freeze can wait until the chain is back.
                bank.pipeline.require_room(
                    for_order=caller.customer_id is not None, principal_id=caller.principal_id
                )
            bytes_max = getattr(bank.settings, route.body_limit)
            answer = await serve(await _write(request, bank, caller, has_body, bytes_max))
            if route.callers_change:
                request.app.state.callers.forget_all()
            return answer

        return guarded


async def _log_refusal(
    request: Request, route: Route, caller: Caller, refusal: WalletError
) -> None:
    """What was refused to somebody is a fact of the transparency log; to try out is not to ask."""
    call: Call | None = request.scope.get(_CALL)
    write = route.is_write and not (call is not None and call.dry_run)
    code, retryable = refusal.code, refusal.retryable
    if transparency.is_refusal(code, refusal.status, retryable=retryable, write=write):
        note = request.app.state.refusals.note
        await run_in_threadpool(note, caller, f"{route.method} {route.path}", [code])


async def _write(
    request: Request, bank: Bank, caller: Caller, has_body: bool, bytes_max: int
) -> Request:
    dry = dry_run(request)
    key = idempotency_key(request.headers)
    body = await read_body(request, bytes_max, expected=has_body)
    said = body.value if isinstance(body.value, dict) else {}
    ask = Ask(request.method, request.url.path, said, key)
    wait = wait_seconds(request.headers.get("prefer"))
    request.scope[_CALL] = _call(request, bank, caller, ask, dry_run=dry, wait_seconds=wait)
    return ReadRequest(request.scope, request.receive, body)


def _call(request: Request, bank: Bank, caller: Caller, ask: Ask, **more: Any) -> Call:
    state = request.app.state
    return Call(bank, caller, ask, state.payments, state.measures, state.refusals, **more)


def mount(app: FastAPI, routes: Routes) -> None:
    """Put declared routes into the application."""
    for route in routes:
        app.router.add_api_route(
            PREFIX + route.path,
            _served(route),
            methods=[route.method],
            tags=[route.tag],
            summary=route.summary,
            status_code=route.status,
            response_model=None,
            response_class=Response,
            operation_id=route.endpoint.__name__,
            route_class_override=Guarded,
        )
        others = _methods_of_others(route, routes)
        if others:
            app.router.add_route(
                PREFIX + route.path,
                _not_this_method(route.method),
                methods=others,
                include_in_schema=False,
            )


def _methods_of_others(route: Route, routes: Iterable[Route]) -> list[str]:
    """The methods by which a fixed path would be taken for an id: ``GET /payments/batch``."""
    if route.takes_id:
        return []
    own = {each.method for each in routes if each.path == route.path}
    taken = {
        each.method
        for each in routes
        if each.takes_id and re.fullmatch(_PLACEHOLDER.sub("[^/]+", each.path), route.path)
    }
    return sorted(taken - own)


def _not_this_method(allowed: str) -> Callable[[Request], Awaitable[Response]]:
    async def refuse(_request: Request) -> Response:
        raise HTTPException(MethodNotAllowed.status, headers={"Allow": allowed})

    return refuse


def _served(route: Route) -> Callable[..., Any]:
    """The endpoint, run in a thread unless it is asynchronous itself, its outcome waited for when
    asked, and written as JSON."""
    endpoint = route.endpoint

    @wraps(endpoint)
    async def served(call: Call, **values: Any) -> Response:
        began = unix_nanoseconds()
        outcome = await _outcome(endpoint, call, values)
        if isinstance(outcome, Response):
            return outcome
        if route.is_write and not call.dry_run:
            _tell_accepted(call, outcome, began)
        if call.wait_seconds and unfinished(outcome):
            await waited(call.bank, unfinished(outcome), call.wait_seconds)
            outcome = await _as_it_stands(route, call, values, outcome)
        return answered(route.status, route.location, outcome, call.wait_seconds)

    served.__signature__ = signature(endpoint)  # type: ignore[attr-defined]
    served.declared = route  # type: ignore[attr-defined]
    return served


def _tell_accepted(call: Call, outcome: Any, began: int) -> None:
    """To the log and to the request's trace, where anybody listens."""
    traceparent = None if call.bank.traces is None else current()
    if traceparent is None and not _log.isEnabledFor(logging.INFO):
        return
    accepted = operation_ids(outcome)
    for operation_id in accepted:
        _log.info("accepted", extra=facts(operation_id=operation_id))
    if accepted and call.bank.traces is not None and traceparent is not None:
        told: Facts = {"operation_ids": accepted}
        call.bank.traces.tell(traceparent, "accept", began, unix_nanoseconds(), told)


async def _outcome(endpoint: Callable[..., Any], call: Call, values: dict[str, Any]) -> Any:
    if iscoroutinefunction(endpoint):
        return await endpoint(call, **values)
    return await run_in_threadpool(endpoint, call, **values)


async def _as_it_stands(
    route: Route, call: Call, values: dict[str, Any], first: Answer[Any]
) -> Answer[Any]:
    """The same request once more: with the same key it answers what became of the resource."""
    try:
        again = await _outcome(route.endpoint, replace(call, repeated=True), values)
    except WalletError:
        # What was accepted stays accepted, even if it can't be read this moment.
        return first
    return Answer(again.resource, replayed=first.replayed)
