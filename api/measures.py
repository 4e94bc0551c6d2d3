"""What Prometheus is told: requests as they are served, and the pipeline as it stands when asked.

No figure carries a customer, an account or an amount.
"""

from collections import Counter as Counts
from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from wallet_chain import __version__
from wallet_chain.clock import Clock
from wallet_chain.pipeline.news import News
from wallet_chain.pipeline.tally import Tally

MEDIA_TYPE = "text/plain; version=1.0.0; charset=utf-8"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ORDERS = (1, 2, 5, 10, 20, 50, 100)
_GAS = (50_000, 100_000, 200_000, 500_000, 1e6, 2e6, 5e6, 1e7, 2e7, 3e7)
_ORDER_GAS = (30_000, 40_000, 50_000, 60_000, 80_000, 100_000, 150_000, 300_000, 1e6)
_ENDS = frozenset({"PaymentSettled", "PaymentRefunded", "OrderRejected", "TransferSettled"})


class Measures:
    """The figures of one process since it started."""

    def __init__(self, status: Callable[[], dict[str, Any]], tally: Tally, clock: Clock) -> None:
        """``status`` is the pipeline's, asked at each reading; ``tally`` what it has done."""
        self._registry = CollectorRegistry()
        self._registry.register(_Pipeline(status, clock))
        self._registry.register(_Work(tally))
        self._requests = Counter(
            "wallet_chain_http_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "wallet_chain_http_request_seconds",
            "Seconds from a request to its answer, with whatever the caller asked to wait for.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._events = Counter(
            "wallet_chain_events",
            "Events of the contracts that were indexed.",
            ("event",),
            registry=self._registry,
        )
        self._batches = Histogram(
            "wallet_chain_batch_orders",
            "Orders that ended in one transaction.",
            buckets=_ORDERS,
            registry=self._registry,
        )
        self._gas = Histogram(
            "wallet_chain_transaction_gas",
            "Gas that a transaction of ours used, by its receipt.",
            ("kind",),
            buckets=_GAS,
            registry=self._registry,
        )
        self._order_gas = Histogram(
            "wallet_chain_order_gas",
            "An order's equal share of the gas that its transaction used.",
            buckets=_ORDER_GAS,
            registry=self._registry,
        )

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; ``route`` is the path as it is declared, never as it was asked for."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def follow(self, _session: object, news: News) -> None:
        """Count what a block brought; a follower of the pipeline."""
        for name, count in Counts(event.name for event in news.events).items():
            self._events.labels(name).inc(count)
        ended = Counts(e.transaction_hash for e in news.events if e.name in _ENDS)
        for orders in ended.values():
            self._batches.observe(orders)
        for one in news.mined:
            self._gas.labels(one.kind).observe(one.gas_used)
            for _ in range(one.orders):
                self._order_gas.observe(one.gas_used / one.orders)

    def text(self) -> bytes:
        """All figures in Prometheus's text form. Raises StoreBusy and StoreUnavailable."""
        return generate_latest(self._registry)


class _Pipeline(Collector):
    """How the pipeline stands, read anew each time."""

    def __init__(self, status: Callable[[], dict[str, Any]], clock: Clock) -> None:
        self._status = status
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        status = self._status()
        build = GaugeMetricFamily("wallet_chain_build", "What runs.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        operations = GaugeMetricFamily(
            "wallet_chain_operations", "Operations that are not final.", labels=["state"]
        )
        for state in ("accepted", "bound", "stuck"):
            operations.add_metric([state], status["operations"][state])
        yield operations
        oldest = status["oldest_accepted_at"]
        yield GaugeMetricFamily(
            "wallet_chain_oldest_operation_seconds",
            "Age of the oldest operation that is not final.",
            value=0 if oldest is None else max(self._clock() - oldest, 0),
        )
        yield GaugeMetricFamily(
            "wallet_chain_informed",
            "1 while the tables may speak for the chain, so that orders are accepted.",
            value=int(status["informed"]),
        )
        processes = GaugeMetricFamily(
            "wallet_chain_processes", "Processes on this database.", labels=["part"]
        )
        for part, count in status["processes"].items():
            processes.add_metric([part], count)
        yield processes
        yield from _blocks(status)
        yield from _lanes(status["lanes"])
        yield from _nodes(status["nodes"], status["head"])


class _Work(Collector):
    """What this process has done of the pipeline's work."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        """The counts of this moment."""
        tally = self._tally
        bound = CounterMetricFamily(
            "wallet_chain_bound", "What this process put into transactions.", labels=["what"]
        )
        bound.add_metric(["orders"], tally.orders_bound)
        bound.add_metric(["calls"], tally.calls_bound)
        bound.add_metric(["transactions"], tally.transactions_bound)
        yield bound
        for name, what, count in (
            ("sent", "Transactions that a node was given first.", tally.transactions_sent),
            ("indexed_blocks", "Blocks that this process indexed.", tally.blocks_indexed),
            ("ended_operations", "Operations that this process saw end.", tally.operations_ended),
            (
                "returned_operations",
                "Operations that wait again, since their transaction failed.",
                tally.operations_returned,
            ),
        ):
            yield CounterMetricFamily(f"wallet_chain_{name}", what, value=count)
        failed = CounterMetricFamily(
            "wallet_chain_failed_rounds", "Rounds of work that failed.", labels=["what"]
        )
        for doing, count in sorted(tally.failures.items()):
            failed.add_metric([doing], count)
        yield failed


def _blocks(status: dict[str, Any]) -> Iterator[Metric]:
    cursor, head = status["cursor"], status["head"]
    indexed = -1 if cursor is None else cursor["number"]
    yield GaugeMetricFamily("wallet_chain_indexed_block", "Last indexed block.", value=indexed)
    if head is not None:
        yield GaugeMetricFamily("wallet_chain_head_block", "The node's last block.", value=head)
    yield GaugeMetricFamily(
        "wallet_chain_indexing_stopped",
        "1 when a block contradicted the tables and an operator has to look.",
        value=int(status["stopped_reason"] is not None),
    )
    yield GaugeMetricFamily(
        "wallet_chain_problems",
        "Things that an operator has to look at.",
        value=len(status["problems"]),
    )


def _lanes(lanes: list[dict[str, Any]]) -> Iterator[Metric]:
    labels = ["lane", "purpose"]
    in_flight = GaugeMetricFamily(
        "wallet_chain_lane_in_flight", "Transactions that are not mined yet.", labels=labels
    )
    nonce = GaugeMetricFamily(
        "wallet_chain_lane_next_nonce", "The nonce that is used next.", labels=labels
    )
    halted = GaugeMetricFamily(
        "wallet_chain_lane_halted", "1 when the lane waits for an operator.", labels=labels
    )
    for lane in lanes:
        named = [lane["address"], lane["purpose"]]
        in_flight.add_metric(named, lane["in_flight"])
        nonce.add_metric(named, lane["next_nonce"] or 0)
        halted.add_metric(named, int(lane["halted_reason"] is not None))
    yield from (in_flight, nonce, halted)


def _nodes(nodes: list[dict[str, Any]], head: int | None) -> Iterator[Metric]:
    """Of each node; the blocks that one is behind are counted from the newest of any."""
    up = GaugeMetricFamily(
        "wallet_chain_node_up", "1 while the node answers and is used.", labels=["node"]
    )
    block = GaugeMetricFamily(
        "wallet_chain_node_block", "The node's last block, when it was looked at.", labels=["node"]
    )
    behind = GaugeMetricFamily(
        "wallet_chain_node_behind_blocks",
        "Blocks that the node is behind the newest of any.",
        labels=["node"],
    )
    if len(nodes) == 1 and nodes[0]["head"] is None:
        # One that is alone is looked at by whoever follows the chain.
        nodes = [nodes[0] | {"head": head}]
    heads = [one["head"] for one in nodes if one["head"] is not None]
    for one in nodes:
        up.add_metric([one["place"]], int(one["answers"] and one["left_out"] is None))
        if one["head"] is not None:
            block.add_metric([one["place"]], one["head"])
            behind.add_metric([one["place"]], max(heads) - one["head"])
    yield from (up, block, behind)
