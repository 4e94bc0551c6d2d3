"""A payment is one trace, from its request to its block; a real collector reads it."""

import secrets
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.api.bank import Clock, FallibleChain, open_test_bank
from tests.api.client import Api, ok
from tests.api.traces import PAYMENTS
from tests.api.world import WAIT, Holder, World, euros, populated, served
from tests.chains import START, embedded
from tests.collector import Collector, Span, collector
from wallet_chain.assemble import close_bank
from wallet_chain.store.tables import Operation

CHAIN = ("accept", "bind", "sign", "send", "include", "index", "operation payment")
SPAN = "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def collected() -> Iterator[Collector]:
    with collector() as taken:
        yield taken


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, collected: Collector) -> Iterator[World]:
    """A small bank whose traces go to the collector, every tenth of a second."""
    clock = Clock(START)
    chain = FallibleChain(embedded(clock))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        environment.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
        folder: Path = tmp_path_factory.mktemp("bank")
        bank = open_test_bank(folder, clock, chain, otlp_endpoint=collected.url + "/")
    try:
        with served(bank) as url:
            yield populated(url, bank)
    finally:
        close_bank(bank)


def _asked_in(api: Api, trace_id: str, path: str, body: object, *, flags: str = "01") -> dict:
    headers = {
        "Idempotency-Key": secrets.token_hex(12),
        "Prefer": f"wait={WAIT}",
        "traceparent": f"00-{trace_id}-{SPAN}-{flags}",
    }
    return dict(ok(api.request("POST", path, json=body, headers=headers)))


def _payment(payee: Holder) -> dict[str, object]:
    return {"payee": payee.account, "money": euros("1.00"), "details": "Quixotry7788"}


def _named(spans: list[Span], name: str) -> Span:
    (found,) = [span for span in spans if span.name == name]
    return found


def test_a_payment_is_one_trace_from_its_request_to_its_block(
    world: World, collected: Collector
) -> None:
    trace_id = secrets.token_hex(16)
    paid = _asked_in(world.bob.api, trace_id, PAYMENTS, _payment(world.carol))
    assert paid["state"] == "settled"
    spans = collected.wait(trace_id, *CHAIN, "POST /v1/payments")

    request = _named(spans, "POST /v1/payments")
    assert request.parent_id == SPAN
    assert request.facts["http.response.status_code"] == 201
    assert request.facts["http.route"] == PAYMENTS
    assert request.facts["wallet_chain.request_id"].startswith("req_")
    assert request.process["service.name"] == "wallet-chain"
    assert request.process["deployment.environment.name"] == "test"
    for name in CHAIN:
        parent = _named(spans, "bind") if name == "sign" else request
        assert _named(spans, name).parent_id == parent.span_id, name
        assert not _named(spans, name).failed
    assert len(spans) == len(CHAIN) + 1

    operation = paid["operation"]
    operation_id = operation["id"]
    for name in ("accept", "bind", "sign", "send"):
        assert _named(spans, name).facts["wallet_chain.operation_ids"] == [operation_id]
    for name in CHAIN[1:]:
        told = _named(spans, name).facts["wallet_chain.transaction_hash"]
        assert told == operation["transaction_hash"]
    for name in ("include", "index", "operation payment"):
        told = _named(spans, name).facts["wallet_chain.block_number"]
        assert told == operation["block_number"]
    end = _named(spans, "operation payment")
    assert end.facts["wallet_chain.operation_id"] == operation_id
    assert end.facts["wallet_chain.state"] == "settled"


def test_one_step_follows_the_other(world: World, collected: Collector) -> None:
    trace_id = secrets.token_hex(16)
    _asked_in(world.bob.api, trace_id, PAYMENTS, _payment(world.carol))
    spans = collected.wait(trace_id, *CHAIN, "POST /v1/payments")
    assert all(span.began <= span.ended for span in spans)
    steps = [_named(spans, name) for name in ("bind", "send", "include", "index")]
    for before, after in pairwise(steps):
        assert before.began <= after.began
    assert _named(spans, "bind").ended <= _named(spans, "send").began
    assert _named(spans, "include").ended <= _named(spans, "index").began
    bind, sign = _named(spans, "bind"), _named(spans, "sign")
    assert bind.began <= sign.began <= sign.ended <= bind.ended
    request, end = _named(spans, "POST /v1/payments"), _named(spans, "operation payment")
    assert request.began <= end.began <= bind.began
    assert end.ended >= _named(spans, "index").ended


def test_many_payments_of_one_request_share_its_trace(world: World, collected: Collector) -> None:
    trace_id = secrets.token_hex(16)
    lines = [_payment(world.carol) for _ in range(5)]
    # The last one is refused: nothing of it goes to the chain.
    lines.append(_payment(world.carol) | {"money": euros("499999.00")})
    paid = _asked_in(world.bob.api, trace_id, f"{PAYMENTS}/batch", {"payments": lines})
    operations = {one["payment"]["operation"]["id"] for one in paid["items"] if one["payment"]}
    assert len(operations) == 5

    def all_ended() -> bool:
        ends = [span for span in collected.of(trace_id) if span.name == "operation payment"]
        return {span.facts["wallet_chain.operation_id"] for span in ends} == operations

    spans = collected.wait_until(trace_id, all_ended)
    accepted = _named(spans, "accept").facts["wallet_chain.operation_ids"]
    assert set(accepted) == operations
    bound = [span for span in spans if span.name == "bind"]
    carried = [one for span in bound for one in span.facts["wallet_chain.operation_ids"]]
    assert sorted(carried) == sorted(operations)
    # A transaction is told once in the trace, however many of its orders it carries.
    assert len(bound) == len({span.facts["wallet_chain.transaction_hash"] for span in bound})


def test_a_refused_request_is_told_with_its_status(world: World, collected: Collector) -> None:
    trace_id = secrets.token_hex(16)
    asked = _payment(world.carol) | {"money": euros("499999.00")}
    headers = {
        "Idempotency-Key": secrets.token_hex(12),
        "traceparent": f"00-{trace_id}-{SPAN}-01",
    }
    refused = world.bob.api.request("POST", PAYMENTS, json=asked, headers=headers)
    assert refused.status_code == 422
    (request,) = collected.wait(trace_id, "POST /v1/payments")
    assert request.facts["http.response.status_code"] == 422
    # The caller is at fault, not the server.
    assert not request.failed


def test_a_member_of_staffs_call_is_traced_too(world: World, collected: Collector) -> None:
    trace_id = secrets.token_hex(16)
    suspect = world.onboard("suspect")
    path = f"/v1/customers/{suspect.customer_id}/freeze"
    _asked_in(world.staff["compliance"], trace_id, path, {"reason_code": "fraud"})
    collected.wait(trace_id, "accept", "bind", "sign", "send", "include", "index")


def test_without_a_callers_span_a_request_begins_its_own_trace(
    world: World, collected: Collector
) -> None:
    operation_id = world.pay(world.bob, world.carol.account, "1.00")["operation"]["id"]
    with world.bank.store.reading() as session:
        traceparent = session.scalar(
            select(Operation.traceparent).where(Operation.id == operation_id)
        )
    assert traceparent is not None
    spans = collected.wait(traceparent.split("-")[1], *CHAIN)
    assert _named(spans, "POST /v1/payments").parent_id == ""


def test_what_the_caller_does_not_record_is_not_recorded_here(
    world: World, collected: Collector
) -> None:
    trace_id = secrets.token_hex(16)
    paid = _asked_in(world.bob.api, trace_id, PAYMENTS, _payment(world.carol), flags="00")
    with world.bank.store.reading() as session:
        assert session.get_one(Operation, paid["operation"]["id"]).traceparent is None
    after = secrets.token_hex(16)
    _asked_in(world.bob.api, after, PAYMENTS, _payment(world.carol))
    collected.wait(after, *CHAIN)
    assert collected.of(trace_id) == []


@pytest.mark.parametrize(
    "said", ["", "00-zz-yy-01", "00-" + "0" * 32 + "-" + SPAN + "-01", "ff" * 4000, "Ünsinn"]
)
def test_what_is_no_traceparent_changes_nothing(world: World, said: str) -> None:
    headers = {"Idempotency-Key": secrets.token_hex(12), "traceparent": said.encode("latin-1")}
    answer = world.bob.api.http.post(PAYMENTS, json=_payment(world.carol), headers=headers)
    assert answer.status_code == 202


def test_no_span_names_anybody(world: World, collected: Collector) -> None:
    trace_id = secrets.token_hex(16)
    _asked_in(world.bob.api, trace_id, PAYMENTS, _payment(world.carol))
    collected.wait(trace_id, *CHAIN)
    secret = (
        world.bob.customer_id,
        world.bob.account,
        world.carol.account,
        world.bob.principal_id,
        world.bob.api.token or "",
        "Quixotry7788",
    )
    assert [word for word in secret if word.encode() in collected.raw] == []
    # Nor is a look at the figures worth one.
    ok_ = world.staff["operator"].http.get("/v1/metrics")
    assert ok_.status_code == 200
    assert "GET /v1/metrics" not in {span.name for span in collected.all()}
