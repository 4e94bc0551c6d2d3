"""`wallet-chain top`: the pipeline as it works, in a terminal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Group
from rich.live import Live
from rich.table import Table

from wallet_chain.cli.client import ApiClient
from wallet_chain.cli.options import Key, Url, api
from wallet_chain.cli.terminal import out, says_errors, show_json
from wallet_chain.clock import monotonic_seconds, pause

_PREFIX = "wallet_chain_"
_ENDS = ("PaymentSettled", "PaymentRefunded", "TransferSettled", "PurchaseSettled", "OrderRejected")
Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """All figures at one moment: name without prefix -> values of the labels -> figure."""

    at: float
    figures: Mapping[str, Mapping[Labels, float]] = field(default_factory=dict)

    def one(self, name: str) -> float | None:
        """A figure that has no labels."""
        return self.figures.get(name, {}).get(())

    def of(self, name: str, *labels: str) -> float:
        """A figure by its labels; 0 when there is none."""
        return self.figures.get(name, {}).get(labels, 0.0)


@says_errors
def top(
    seconds: Annotated[float, typer.Option(help="Pause between two looks.", min=0.2)] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look twice, print, and leave.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Watch payments settle: how many a second, what waits and how long, lanes, blocks, requests.

    Needs the API key of an operator, an auditor or an administrator. Ctrl-C ends it.
    """
    client = api(url, key)
    before = _read(client)
    if once or not out.is_terminal:
        pause(seconds)
        show_json(summary(before, _read(client)))
        return
    with Live(_shown(before, before), console=out, auto_refresh=False, screen=True) as live:
        while True:
            pause(seconds)
            now = _read(client)
            live.update(_shown(before, now), refresh=True)
            before = now


def summary(before: Reading, now: Reading) -> dict[str, Any]:
    """The figures that are shown; rates are those between both readings."""
    passed = max(now.at - before.at, 1e-6)

    def rate(name: str, *labels: str) -> float:
        return round((now.of(name, *labels) - before.of(name, *labels)) / passed, 1)

    batches = now.of("batch_orders_count") - before.of("batch_orders_count")
    orders = now.of("batch_orders_sum") - before.of("batch_orders_sum")
    lanes = [
        {
            "address": address,
            "purpose": purpose,
            "in_flight": int(count),
            "next_nonce": int(now.of("lane_next_nonce", address, purpose)),
            "halted": bool(now.of("lane_halted", address, purpose)),
        }
        for (address, purpose), count in now.figures.get("lane_in_flight", {}).items()
    ]
    head, indexed = now.one("head_block"), now.one("indexed_block")
    return {
        "ended_per_second": {name: rate("events_total", name) for name in _ENDS},
        "requests_per_second": _requests(before, now, passed),
        "orders_in_a_batch": round(orders / batches, 1) if batches else None,
        "on_their_way": {
            state: int(now.of("operations", state)) for state in ("accepted", "bound", "stuck")
        },
        "oldest_seconds": int(now.one("oldest_operation_seconds") or 0),
        "indexed_block": None if indexed is None else int(indexed),
        "node_block": None if head is None else int(head),
        "indexing_stopped": bool(now.one("indexing_stopped")),
        "problems": int(now.one("problems") or 0),
        "lanes": lanes,
    }


def _requests(before: Reading, now: Reading, passed: float) -> dict[str, float]:
    """Answers a second by the first digit of their status."""
    found: dict[str, float] = {}
    earlier = before.figures.get("http_requests_total", {})
    for labels, count in now.figures.get("http_requests_total", {}).items():
        kind = f"{labels[-1][0]}xx"
        found[kind] = found.get(kind, 0.0) + count - earlier.get(labels, 0.0)
    return {kind: round(count / passed, 1) for kind, count in sorted(found.items())}


def _read(client: ApiClient) -> Reading:
    figures: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(client.content("/v1/metrics").decode()):
        for sample in family.samples:
            name = sample.name.removeprefix(_PREFIX)
            order = ("lane", "purpose", "method", "route", "state", "event", "status")
            labels = tuple(sample.labels[label] for label in order if label in sample.labels)
            figures.setdefault(name, {})[labels] = sample.value
    return Reading(monotonic_seconds(), figures)


def _shown(before: Reading, now: Reading) -> Group:
    told = summary(before, now)
    pipeline = Table(title="Wallet Chain", title_justify="left", show_header=False)
    way = told["on_their_way"]
    pipeline.add_row("settled a second", _row(told["ended_per_second"]))
    pipeline.add_row("answers a second", _row(told["requests_per_second"]))
    pipeline.add_row("on their way", _row(way))
    pipeline.add_row("oldest", f"{told['oldest_seconds']} s")
    pipeline.add_row("orders in a batch", str(told["orders_in_a_batch"] or "-"))
    node = "no answer" if told["node_block"] is None else str(told["node_block"])
    pipeline.add_row("block", f"indexed {told['indexed_block']}, node {node}")
    if told["indexing_stopped"] or told["problems"]:
        pipeline.add_row("[bold red]look at[/]", "GET /health/ready, wallet-chain status")
    lanes = Table(title="Lanes", title_justify="left", header_style="bold")
    for heading in ("account", "for", "in flight", "next nonce", ""):
        lanes.add_column(heading)
    for lane in told["lanes"]:
        state = "[bold red]halted[/]" if lane["halted"] else ""
        figures = (str(lane["in_flight"]), str(lane["next_nonce"]))
        lanes.add_row(lane["address"], lane["purpose"], *figures, state)
    return Group(pipeline, lanes)


def _row(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {figure:g}" for name, figure in figures.items()) or "-"
