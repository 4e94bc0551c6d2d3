"""What becomes of an operation is told in the trace that it was asked for in, whoever works on it."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.collector import Collector, Span, collector
from tests.pipeline.bench import ANNA, SHOP, Bench
from tests.pipeline.conftest import Now
from wallet_chain import traces
from wallet_chain.store.tables import Operation

ASKED_BY = "00f067aa0ba902b7"
WORK = ("bind", "sign", "send", "include", "index", "operation payment")


@pytest.fixture
def collected() -> Iterator[Collector]:
    with collector() as taken, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield taken


def _traced(bench: Bench, collected: Collector, resources: ExitStack) -> None:
    bench.pipeline.traces.to = traces.open_traces(collected.url, resources)
    assert bench.pipeline.traces.to is not None


def _pay(bench: Bench, trace_id: str, amount_minor: int = 1) -> Operation:
    with traces.within(f"00-{trace_id}-{ASKED_BY}-01"):
        return bench.pay(amount_minor, ANNA, SHOP)


def _named(spans: list[Span], name: str) -> Span:
    (found,) = [span for span in spans if span.name == name]
    return found


def test_what_one_process_binds_and_another_indexes_is_one_trace(
    bench: Bench, collected: Collector
) -> None:
    with ExitStack() as resources:
        _traced(bench, collected, resources)
        trace_id = secrets.token_hex(16)
        payment = _pay(bench, trace_id)
        bench.pipeline._bind()
        bench.pipeline._send()
        other = Bench(bench.world, bench.store, bench.clock, bench.settings)
        _traced(other, collected, resources)
        other.pipeline.prepare()
        other.settle()
        assert other.state(payment) == "settled"
        spans = collected.wait(trace_id, *WORK)

    workers = {span.name: span.process["service.instance.id"] for span in spans}
    assert workers["bind"] == workers["send"] == workers["sign"]
    assert workers["include"] == workers["index"] == workers["operation payment"]
    assert workers["bind"] != workers["index"]
    assert {span.parent_id for span in spans if span.name != "sign"} == {ASKED_BY}
    assert _named(spans, "include").ended <= _named(spans, "index").began


def test_two_requests_in_one_transaction_have_each_their_own_trace(
    bench: Bench, collected: Collector
) -> None:
    with ExitStack() as resources:
        _traced(bench, collected, resources)
        asked = [secrets.token_hex(16) for _ in range(2)]
        # The first of them asks for two.
        wanted = {asked[0]: [_pay(bench, asked[0]) for _ in range(2)]}
        wanted[asked[1]] = [_pay(bench, asked[1])]
        bench.pay(1)
        bench.settle()
        (transaction,) = bench.transactions()
        for trace_id, payments in wanted.items():
            ends = ["operation payment"] * len(payments)
            collected.wait(trace_id, *WORK)
            spans = collected.of(trace_id)
            told = sorted(span.name for span in spans)
            assert told == sorted([*WORK[:-1], *ends])
            bind = _named(spans, "bind")
            assert bind.facts["wallet_chain.operation_ids"] == [one.id for one in payments]
            assert bind.facts["wallet_chain.transaction_hash"] == transaction.hash


def test_an_order_that_is_rejected_on_chain_ends_as_a_failure(
    bench: Bench, collected: Collector
) -> None:
    with ExitStack() as resources:
        _traced(bench, collected, resources)
        trace_id = secrets.token_hex(16)
        payment = _pay(bench, trace_id, 900_000_00)
        bench.settle()
        assert bench.state(payment) == "rejected"
        spans = collected.wait(trace_id, *WORK)
    end = _named(spans, "operation payment")
    assert end.failed
    assert end.facts["wallet_chain.state"] == "rejected"
    refusal = bench.read(payment).refusal
    assert refusal is not None
    assert end.facts["wallet_chain.refusal"] == refusal["code"]


def test_an_order_that_expires_ends_without_a_block(
    bench: Bench, now: Now, collected: Collector
) -> None:
    with ExitStack() as resources:
        _traced(bench, collected, resources)
        trace_id = secrets.token_hex(16)
        payment = _pay(bench, trace_id)
        bench.pipeline._binder.bind()
        now.seconds += 601
        bench.world.rpc.call("evm_mine", [])
        bench.pipeline._index_all()
        assert bench.state(payment) == "expired"
        end = _named(collected.wait(trace_id, "operation payment"), "operation payment")
    assert end.failed
    assert "wallet_chain.block_number" not in end.facts


def test_what_is_sent_again_is_told_again(bench: Bench, collected: Collector) -> None:
    lost: list[str] = []

    def lose_first(method: str, params: list[object], ask: object) -> object:
        if method == "eth_sendRawTransaction" and not lost:
            lost.append(method)
            return "0x" + "00" * 32
        return ask()  # type: ignore[operator]

    with ExitStack() as resources:
        _traced(bench, collected, resources)
        trace_id = secrets.token_hex(16)
        bench.node.on_call = lose_first
        payment = _pay(bench, trace_id)
        bench.pipeline._bind()
        bench.pipeline._send()
        bench.pipeline._sender.send(everything=True)
        bench.settle()
        assert bench.state(payment) == "settled"
        spans = collected.wait(trace_id, *WORK, "send again")
    assert _named(spans, "send").ended <= _named(spans, "send again").began


def test_a_collector_that_is_away_costs_nothing_but_the_trace(bench: Bench) -> None:
    with ExitStack() as resources:
        bench.pipeline.traces.to = traces.open_traces("http://127.0.0.1:9", resources)
        payment = _pay(bench, secrets.token_hex(16))
        bench.settle()
        assert bench.state(payment) == "settled"


def test_without_a_collector_nothing_is_told(bench: Bench) -> None:
    with ExitStack() as resources:
        assert traces.open_traces("", resources) is None
    payment = bench.pay(1)
    assert bench.read(payment).traceparent is None
    bench.settle()
    assert bench.state(payment) == "settled"
