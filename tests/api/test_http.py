"""What goes wrong before any rule of the bank is asked: always a problem, never a failure of ours."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from api.errors import internal_error
from tests.api.client import PROBLEM, Api, ok, refusal
from tests.api.world import World, euros

JSON = {"Content-Type": "application/json", "Idempotency-Key": "of the http tests"}
PAYMENTS = "/v1/payments"
BODY_BYTES_MAX = 65_536


@pytest.fixture
def bob(world: World) -> Iterator[Api]:
    """Bob; whatever is sent here, he has as many payments afterwards as before."""
    before = ok(world.bob.api.get(PAYMENTS, limit=200))["items"]
    yield world.bob.api
    assert ok(world.bob.api.get(PAYMENTS, limit=200))["items"] == before


def send(api: Api, content: bytes, **headers: str) -> httpx.Response:
    return api.request("POST", PAYMENTS, content=content, headers=JSON | headers)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "400 malformed_json"),
        (b'{"payee": }', "400 malformed_json"),
        (b"\xff\xfe\x00{", "400 malformed_json"),
        (b'{"payee": "\xc3\x28"}', "400 malformed_json"),
        (b'{"payee": "\\ud800"}', "400 malformed_json"),
        (b'{"payee": NaN}', "400 malformed_json"),
        (b'{"payee": "@carol", "payee": "@shop"}', "400 malformed_json"),
        (b'{"money": {"amount": "1.00", "amount": "9.00"}}', "400 malformed_json"),
        (b"[" * 60_000, "400 malformed_json"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "400 malformed_json"),
        (b"", "422 invalid_request"),
        (b"null", "422 invalid_request"),
        (b"[]", "422 invalid_request"),
        (b"1" * 60_000, "400 malformed_json"),
        (b'"a"', "422 invalid_request"),
        (b"{}", "422 invalid_request"),
        (b'{"payee": null, "money": null}', "422 invalid_request"),
        (b'{"payee": "@x", "money": {"amount": 1.5, "currency": "EUR"}}', "422 invalid_request"),
        (b'{"payee": "@x\\u0000", "money": {}}', "422 invalid_request"),
        (b'{"payee": "@' + b"x" * 60_000 + b'", "money": {}}', "422 invalid_request"),
    ],
)
def test_a_body_that_says_nothing_sensible_is_refused(
    bob: Api, content: bytes, expected: str
) -> None:
    assert refusal(send(bob, content)) == expected


@pytest.mark.parametrize("depth", [100, 900, 1_000, 1_023, 1_024, 2_000])
def test_nesting_of_any_depth_is_refused_and_exhausts_no_stack(bob: Api, depth: int) -> None:
    for content in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
        assert refusal(send(bob, content)) in {"400 malformed_json", "422 invalid_request"}


def test_an_unknown_field_is_refused_by_its_name(bob: Api, world: World) -> None:
    body = {"payee": world.carol.account, "money": euros("1.00"), "colour": "red"}
    answer = bob.post(PAYMENTS, body)
    assert refusal(answer) == "422 invalid_request"
    assert answer.json()["facts"]["field"] == "colour"
    nested = {"payee": world.carol.account, "money": euros("1.00") | {"unit": "cent"}}
    answer = bob.post(PAYMENTS, nested)
    assert answer.json()["facts"]["field"] == "money.unit"
    assert "cent" not in answer.text


def test_every_fault_of_a_body_is_named_at_once(bob: Api) -> None:
    answer = bob.post(PAYMENTS, {"payee": 7, "money": {"amount": 1}})
    named = {fault["field"] for fault in answer.json()["facts"]["fields"]}
    assert named == {"payee", "money.amount", "money.currency"}


def test_a_query_parameter_that_is_not_known_or_said_twice_is_refused(
    bob: Api, world: World
) -> None:
    body = {"payee": world.carol.account, "money": euros("1.00")}
    for query in ("dryrun=true", "dry_run=true&dry_run=false", "dry_run=yes", "dry_run="):
        answer = bob.request("POST", f"{PAYMENTS}?{query}", json=body, headers=JSON)
        assert refusal(answer) == "422 invalid_request"
    assert refusal(bob.get(PAYMENTS, colour="red")) == "422 invalid_request"


def test_a_body_that_is_too_large_is_refused_before_it_is_read(bob: Api) -> None:
    assert refusal(send(bob, b" " * BODY_BYTES_MAX + b"{}")) == "413 body_too_large"
    pieces = (b" " * 1000 for _ in range(100))
    answer = bob.request("POST", PAYMENTS, content=pieces, headers=JSON)
    assert refusal(answer) == "413 body_too_large"
    # Nothing of what is announced has to arrive before it is refused.
    announced = b"%d" % (BODY_BYTES_MAX + 1)
    said = raw(bob, b"Content-Length: " + announced + b"\r\nIdempotency-Key: k\r\n")
    assert b" 413 " in said.splitlines()[0]


def test_a_body_of_the_largest_size_is_read(bob: Api) -> None:
    content = b'{"payee": 1}'
    assert refusal(send(bob, content + b" " * (BODY_BYTES_MAX - len(content)))) == (
        "422 invalid_request"
    )


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/jsonp",
        "multipart/form-data; boundary=x",
        "",
        "json",
    ],
)
def test_a_body_of_another_type_is_refused(bob: Api, media_type: str) -> None:
    assert refusal(send(bob, b"{}", **{"Content-Type": media_type})) == (
        "415 unsupported_media_type"
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, "400 idempotency_key_missing"),
        ("", "400 idempotency_key_invalid"),
        ("x" * 256, "400 idempotency_key_invalid"),
        ("caf\xe9", "400 idempotency_key_invalid"),
        ("a\tb", "400 idempotency_key_invalid"),
    ],
)
def test_a_write_without_a_usable_idempotency_key_is_refused(
    bob: Api, world: World, key: str | None, expected: str
) -> None:
    headers = {} if key is None else {"Idempotency-Key": key.encode("latin-1")}
    body = {"payee": world.carol.account, "money": euros("1.00")}
    answer = bob.request("POST", PAYMENTS, json=body, headers=headers)
    assert refusal(answer) == expected


def test_two_keys_at_once_are_no_key(bob: Api, world: World) -> None:
    body = {"payee": world.carol.account, "money": euros("1.00")}
    twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = bob.request("POST", PAYMENTS, json=body, headers=twice)
    assert refusal(answer) == "400 idempotency_key_invalid"
    token = f"Bearer {world.bob.api.token}"
    twice = [("Authorization", token), ("Authorization", token)]
    answer = world.anybody().request("GET", PAYMENTS, headers=twice)
    assert refusal(answer) == "401 unauthenticated"


def test_the_pages_answer_a_look_at_their_headers_alone(world: World) -> None:
    for path in ("/", "/docs", "/health/live", "/health/ready", "/problems"):
        answer = world.anybody().request("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_a_route_without_a_body_takes_none_and_nothing_that_says_nothing(
    bob: Api, world: World
) -> None:
    path = f"{PAYMENTS}/{world.bob.payment_id}/cancel"
    assert refusal(bob.post(path, {"reason": "x"})) == "422 invalid_request"
    assert refusal(bob.post(path, {})) == "409 not_cancellable"
    assert refusal(bob.post(path)) == "409 not_cancellable"


@pytest.mark.parametrize(
    "authorization",
    [
        b"",
        b"Bearer",
        b"Basic d2NrOndjaw==",
        b"Bearer \xff\xfe",
        b"Bearer " + b"x" * 8_000,
        b"Bearer wck_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
    ],
)
def test_an_odd_authorization_is_no_authorization(world: World, authorization: bytes) -> None:
    answer = world.anybody().request("GET", PAYMENTS, headers={"Authorization": authorization})
    assert refusal(answer) == "401 unauthenticated"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/v1/payments/",
        "/v1/payments/%00",
        "/v1/payments/%ff%fe",
        "/v1/payments/..%2f..%2fetc%2fpasswd",
        "/v1/payments/pay_" + "A" * 10_000,
        "/v1/payments/pay_01JZ4WVXQ2M8K5T7R9B3C6D1EF",
        "/v1/customers/cus_%F0%9F%92%A9",
        "/v1//payments",
        "/docs/../etc/passwd",
        "/web/../main.py",
        "/problems/none_of_these",
    ],
)
def test_what_is_not_there_is_not_found(bob: Api, path: str) -> None:
    answer = bob.http.get(bob.http.base_url.copy_with(raw_path=path.encode()))
    assert refusal(answer) == "404 not_found"


def test_a_method_that_a_resource_does_not_have_is_named_with_those_it_has(bob: Api) -> None:
    for method in ("PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        answer = bob.request(method, "/v1/payments")
        assert refusal(answer) == "405 method_not_allowed"
        assert answer.headers["allow"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=1e3",
        "limit=99999999999999999999999999",
        "limit=",
        "state=lost",
        "created_from=yesterday",
        "created_from=99999999999999",
        "created_from=10000-01-01",
        "amount_min=1.00",
        "direction=sideways",
        "order_id=0x12",
        "account=%00",
    ],
)
def test_a_query_that_makes_no_sense_is_refused(bob: Api, query: str) -> None:
    answer = bob.request("GET", f"{PAYMENTS}?{query}")
    assert refusal(answer) == "422 invalid_request"


def test_a_time_in_a_query_may_be_written_for_people_or_for_programs(world: World) -> None:
    bob = world.bob.api
    everything = ok(bob.get(PAYMENTS))
    assert everything["items"]
    for moment in ("1800000000", "2027-01-15T08:00:00Z", "2027-01-15"):
        assert ok(bob.get(PAYMENTS, created_from=moment)) == everything
    assert ok(bob.get(PAYMENTS, created_from="2100-01-01"))["items"] == []


def test_a_cursor_belongs_to_the_list_and_the_filters_it_came_from(world: World) -> None:
    bob = world.bob.api
    first = ok(bob.get(PAYMENTS, limit=1))
    second = ok(bob.get(PAYMENTS, limit=1, cursor=first["next_cursor"]))
    assert first["items"] != second["items"]
    for answer in (
        bob.get(PAYMENTS, cursor="x"),
        bob.get(PAYMENTS, cursor=first["next_cursor"][:-1] + "x"),
        bob.get(PAYMENTS, cursor=first["next_cursor"], state="settled"),
        bob.get("/v1/withdrawals", cursor=first["next_cursor"]),
    ):
        assert refusal(answer) == "400 cursor_invalid"


def test_every_answer_tells_browsers_what_it_may_not_do_and_caches_to_keep_nothing(
    world: World,
) -> None:
    anybody = world.anybody()
    answers = [world.bob.api.get(PAYMENTS), anybody.get(PAYMENTS), anybody.get("/nothing")]
    answers += [anybody.get(path) for path in ("/", "/docs", "/problems", "/health/live")]
    ids = set()
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "server" not in answer.headers
        ids.add(answer.headers["request-id"])
    assert len(ids) == len(answers)


def test_what_nobody_expected_is_told_without_what_it_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = "".join(("Ada ", "Nowak"))
    try:
        raise RuntimeError(said)
    except RuntimeError as failure:
        answer = internal_error(failure, "req_1", PAYMENTS)
    assert answer.status_code == 500
    assert answer.media_type == PROBLEM
    assert b"internal_error" in answer.body
    assert b"req_1" in answer.body
    told = vars(caplog.records[-1])["facts"]
    assert (told["request_id"], told["error"]) == ("req_1", "RuntimeError")
    assert "test_http.py" in told["trace"]
    assert said not in bytes(answer.body).decode()
    assert said not in caplog.text + str(told)


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /v1/payments HTTP/9.9\r\n",
        b"GET  /v1/payments HTTP/1.1\r\n",
        b"\x00\x01\x02\x03\r\n",
        b"GET /\xc3\xa4 HTTP/1.1\r\n",
        b"GET /v1/payments HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n",
        b"POST /v1/payments HTTP/1.1\r\nContent-Length: -1\r\n",
        b"POST /v1/payments HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_what_is_not_http_is_refused_and_the_server_lives_on(bob: Api, request_line: bytes) -> None:
    said = exchange(bob, request_line + b"Host: x\r\n\r\n")
    assert said == b"" or b" 4" in said.splitlines()[0][:13]


def raw(api: Api, headers: bytes) -> bytes:
    """A payment whose body is never sent."""
    token = f"Authorization: Bearer {api.token}\r\n".encode()
    head = b"POST /v1/payments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return exchange(api, head + token + headers + b"\r\n")


def exchange(api: Api, request: bytes) -> bytes:
    host, port = api.http.base_url.host, api.http.base_url.port
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(request)
        return connection.recv(65_536)
