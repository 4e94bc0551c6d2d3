"""What the log tells: every request and where its operation went, and nothing about anybody."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import httpx
import pytest

from api.routes import PREFIX, Route
from api.table import TABLE
from tests.api.asking import ASKING
from tests.api.client import Api, ok
from tests.api.traces import PAYMENTS
from tests.api.world import WAIT, World, euros
from wallet_chain import logs

MARK = "Quixotry7788"
ROUTES = [route for routes in TABLE for route in routes]


@contextmanager
def listening() -> Iterator[StringIO]:
    """All that is logged meanwhile, as lines of JSON."""
    stream, root, ours = StringIO(), logging.getLogger(), logging.getLogger("wallet_chain")
    handlers, level = root.handlers[:], ours.level
    logs.install("json", "debug", stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        ours.setLevel(level)


def lines(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_operation_is_followed_from_its_request_to_its_block(world: World) -> None:
    body = {"payee": world.carol.account, "money": euros("1.00")}
    with listening() as stream:
        answer = world.bob.api.post(PAYMENTS, body, wait=WAIT)
        paid = ok(answer)
    operation_id = paid["operation"]["id"]
    said = {line["message"]: line for line in lines(stream) if operation_id in json.dumps(line)}

    assert said["accepted"]["operation_id"] == operation_id
    assert said["accepted"]["request_id"] == answer.headers["request-id"]
    assert operation_id in said["bound"]["operation_ids"]
    assert operation_id in said["indexed"]["ended"]
    sent = [line["transaction_hash"] for line in lines(stream) if line["message"] == "sent"]
    assert said["bound"]["transaction_hash"] in sent
    answered = [line for line in lines(stream) if line["message"] == "answered"]
    assert (PREFIX + "/payments", 201) in [(one["route"], one["status"]) for one in answered]
    # What threads of the pipeline do belongs to no request.
    assert "request_id" not in said["bound"]


def test_no_line_names_anybody_or_shows_a_key(world: World) -> None:
    given: set[str] = {world.bob.api.token or "", world.bob.account}
    with listening() as stream:
        for route in ROUTES:
            for marked in (False, True):
                api = _may(world, route)
                answer, said = _ask(world, route, api, marked=marked)
                assert answer.status_code < 500, answer.text
                given |= said | {api.token or ""}
        told = stream.getvalue()

    assert len(lines(stream)) > 2 * len(ROUTES)
    assert MARK not in told
    secret = {word for word in given if len(word) > 5 and not _is_ours(word)}
    assert len(secret) > 30
    assert sorted(word for word in secret if word in told) == []


def test_what_an_exception_says_is_left_out_and_where_it_happened_is_told(world: World) -> None:
    with listening() as stream, logs.serving("req_1"):
        try:
            raise ValueError(f"{MARK} has moved")
        except ValueError:
            logging.getLogger("wallet_chain.test").exception("something failed")
    (line,) = lines(stream)
    assert (line["error"], line["request_id"]) == ("ValueError", "req_1")
    assert "test_logs.py" in line["trace"]
    assert MARK not in stream.getvalue()


def test_people_read_the_same_in_one_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with listening():
        stream = StringIO()
        logs.install("human", "info", stream)
        logging.getLogger("wallet_chain.test").info("bound", extra=logs.facts(lane="0xab", nonce=7))
        logging.getLogger("wallet_chain.test").debug("not this")
    (line,) = stream.getvalue().splitlines()
    assert line.endswith("INFO    bound  lane=0xab nonce=7")


def _may(world: World, route: Route) -> Api:
    role = sorted(route.access.roles)[0]
    return {"customer": world.ada.api, "merchant": world.shop.api}.get(role) or world.staff[role]


def _ask(world: World, route: Route, api: Api, *, marked: bool) -> tuple[httpx.Response, set[str]]:
    """The answer, and all words that were given."""
    whose = world.shop if api is world.shop.api else world.ada
    asked = ASKING[f"{route.method} {route.path}"](world, whose)
    path = PREFIX + route.path.format(**asked.path)
    query = dict(asked.query or {})
    if not route.is_write:
        query |= {"purpose": MARK} if marked else {}
        return api.get(path, **query), set(query.values())
    body = _with_mark(asked.body) if marked else asked.body
    return api.write(route.method, path, body, **query), _words(body)


def _with_mark(value: Any) -> Any:
    """The same with a mark in every text."""
    if isinstance(value, dict):
        return {name: _with_mark(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_mark(one) for one in value]
    return f"{value} {MARK}" if isinstance(value, str) else value


def _words(value: Any) -> set[str]:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return set().union(*(_words(one) for one in inner))
    return {value} if isinstance(value, str) else set()


def _is_ours(word: str) -> bool:
    """Ids and words of the API itself, which are in a log for a reason, or in a route's name."""
    _, _, rest = word.partition("_")
    return (rest.isalnum() and len(rest) == 26) or (word.islower() and word.isalpha())
