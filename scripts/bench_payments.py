"""Payments through the HTTP API beside the ways of ``bench_plain``, in one run on the same node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.console import Console

from scripts.bench_plain import PlainWay, plain_way
from scripts.bench_report import machine, percentiles, ratio, spread
from scripts.bench_servers import bench_server
from scripts.bench_wallet import (
    Measured,
    Payer,
    Town,
    latencies_ms,
    lone_payments_ms,
    pay_all_at_once,
    pay_in_bulk,
)

CUSTOMERS = 64
LONE_PAYMENTS = 30
IN_ONE_REQUEST = 100
RATES = (10, 50, 200)
_FLOOD = 2_000

Round = Callable[[str, list[Payer], str], Measured]


def payments(chain: str, store: str, orders: int, runs: int, say: Console) -> dict[str, Any]:
    """The single route, 64 customers at once: each pays again when the last one was accepted."""

    def one_round(url: str, payers: list[Payer], watcher: str) -> Measured:
        return pay_all_at_once(url, payers, watcher, orders)

    return _beside("payments", chain, store, orders, runs, say, one_round)


def batch(chain: str, store: str, orders: int, runs: int, say: Console) -> dict[str, Any]:
    """The bulk route: the same customers, with 100 payments in each request."""

    def one_round(url: str, payers: list[Payer], watcher: str) -> Measured:
        return pay_in_bulk(url, payers, watcher, orders, IN_ONE_REQUEST)

    return _beside("batch", chain, store, orders, runs, say, one_round)


def latency(chain: str, store: str, seconds: int, say: Console) -> dict[str, Any]:
    """How long payments take to be accepted and to settle at 10, 50 and 200 a second.

    They come at even times, whether those before are answered or not, as customers do.
    """
    result: dict[str, Any] = {"bench": "latency", "chain": chain, "store": store}
    with bench_server(chain, store) as (server, _):
        say.print(f"onboarding {CUSTOMERS} customers and issuing their money")
        town = Town(server.url, server.admin_key())
        payers = town.payers(CUSTOMERS)
        pay_all_at_once(server.url, payers, town.key("operator"), 2 * CUSTOMERS)
        for rate in RATES:
            accepted, settled, behind = latencies_ms(server.url, payers, rate, seconds)
            figures = {
                **percentiles("accepted", accepted),
                **percentiles("settled", settled),
                "asked_late_ms_max": round(behind, 1),
            }
            say.print(f"{rate} a second: {figures}")
            result[f"at_{rate}_per_s"] = figures
    return result | {"customers": CUSTOMERS, "seconds": seconds, **machine()}


def _beside(
    name: str, chain: str, store: str, orders: int, runs: int, say: Console, one_round: Round
) -> dict[str, Any]:
    say.print(f"our way: starting a server on {chain} with {store}")
    with bench_server(chain, store) as (server, node):
        say.print("plain way: compiling and deploying an ERC-20")
        rival = plain_way(node)
        say.print(f"onboarding {CUSTOMERS} customers and issuing their money")
        town = Town(server.url, server.admin_key())
        payers = town.payers(CUSTOMERS)
        watcher = town.key("operator")
        pay_all_at_once(server.url, payers, watcher, 4 * CUSTOMERS)
        ways = _ways(rival, orders)
        rivals: dict[str, list[float]] = {way: [] for way in ways}
        ours: list[Measured] = []
        for run in range(1, runs + 1):
            for way, per_second in ways.items():
                rivals[way].append(per_second())
            ours.append(one_round(server.url, payers, watcher))
            told = ", ".join(f"{way} {found[-1]:.0f}" for way, found in rivals.items())
            say.print(f"run {run} of {runs}: {ours[-1].settled_per_s:.0f} settled a second; {told}")
        lone = lone_payments_ms(server.url, payers, LONE_PAYMENTS)
    settled = [run.settled_per_s for run in ours]
    return {
        "bench": name,
        "chain": chain,
        "store": store,
        **spread("settled", settled),
        **{
            key: figure
            for way, found in rivals.items()
            for key, figure in spread(way, found).items()
        },
        **{f"ratio_to_{way}": ratio(settled, found) for way, found in rivals.items()},
        **percentiles("accepted", [took for run in ours for took in run.accepted_ms]),
        "lone_settled_ms_p50": percentiles("lone", lone)["lone_ms_p50"],
        "customers": CUSTOMERS,
        "orders": orders,
        "runs": runs,
        **machine(),
    }


def _ways(rival: PlainWay, orders: int) -> dict[str, Callable[[], float]]:
    """The rivals of a chain. Only a node can be flooded, or asked by many at once."""
    few = max(40, min(orders // 10, 200))
    ways: dict[str, Callable[[], float]] = {
        "plain": lambda: rival.asked_per_second(few),
        "plain_given": lambda: rival.given_per_second(few),
    }
    if rival.url:
        ways["pipelined"] = lambda: rival.pipelined_per_second(5 * few)
        ways["flood"] = lambda: rival.flood_per_second(_FLOOD)
    return ways
