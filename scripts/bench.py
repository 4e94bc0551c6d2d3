"""Measure the product beside the plain way of doing the same, in one run.

    python scripts/bench.py payments --chain eth-tester --json
    python scripts/bench.py cross-border --chain anvil --orders 320 --json

``settled_per_s`` counts payments that were accepted over HTTP and have settled on the embedded
chain: a real `wallet-chain run` with its database and its chain on disk, and 64 customers at once.
``plain_per_s`` is web3.py on eth-tester in memory with OpenZeppelin's ERC-20: ask for nonce and
gas, build, sign, send, wait for the receipt, one by one. The two take turns, so that whatever else
the machine does hits both.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# Run as a file, the folder above it is not where Python looks.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.console import Console
from rich.table import Table

from scripts.bench_abroad import cross_border
from scripts.bench_plain import PlainWay, plain_way
from scripts.bench_wallet import Measured, Payer, Town, lone_payments_ms, pay_all_at_once
from scripts.server_process import ServerProcess

CUSTOMERS = 64
LONE_PAYMENTS = 30


def payments(orders: int, runs: int, say: Console) -> dict[str, Any]:
    """Both ways in turn, ``runs`` times each; medians and spread."""
    say.print("plain way: compiling and deploying an ERC-20 on eth-tester")
    rival = plain_way()
    say.print("our way: starting a server with its embedded chain")
    with TemporaryDirectory(prefix="wallet-chain-bench-") as folder:
        server = ServerProcess(Path(folder))
        try:
            server.start()
            say.print(f"onboarding {CUSTOMERS} customers and issuing their money")
            payers = Town(server.url, server.admin_key()).payers(CUSTOMERS)
            pay_all_at_once(server.url, payers, 4 * CUSTOMERS)
            plain, ours = in_turn(rival, server.url, payers, orders, runs, say)
            lone_ms = sorted(lone_payments_ms(server.url, payers, LONE_PAYMENTS))
        finally:
            server.kill(whole_group=True)
    settled = [run.settled_per_s for run in ours]
    accepted_ms = sorted(took for run in ours for took in run.accepted_ms)
    settled_per_s, plain_per_s = statistics.median(settled), statistics.median(plain)
    return {
        "bench": "payments",
        "chain": "eth-tester",
        "settled_per_s": round(settled_per_s, 1),
        "settled_per_s_min": round(min(settled), 1),
        "settled_per_s_max": round(max(settled), 1),
        "plain_per_s": round(plain_per_s, 1),
        "plain_per_s_min": round(min(plain), 1),
        "plain_per_s_max": round(max(plain), 1),
        "ratio_to_plain": round(settled_per_s / plain_per_s, 2),
        "plain_way": "web3.py, eth-tester in memory, OpenZeppelin ERC-20 transfer, one by one",
        "accepted_ms_p50": round(accepted_ms[len(accepted_ms) // 2], 1),
        "accepted_ms_p99": round(accepted_ms[len(accepted_ms) * 99 // 100], 1),
        "lone_settled_ms_p50": round(lone_ms[len(lone_ms) // 2], 1),
        "customers": CUSTOMERS,
        "orders": orders,
        "runs": runs,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def in_turn(
    rival: PlainWay, url: str, payers: list[Payer], orders: int, runs: int, say: Console
) -> tuple[list[float], list[Measured]]:
    """The plain way and ours, one after the other, so that both meet the same machine."""
    plain: list[float] = []
    ours: list[Measured] = []
    for run in range(1, runs + 1):
        plain.append(rival.per_second(max(40, orders // 10)))
        ours.append(pay_all_at_once(url, payers, orders))
        say.print(
            f"run {run} of {runs}: {ours[-1].settled_per_s:.0f} settled a second,"
            f" plain {plain[-1]:.0f}"
        )
    return plain, ours


def show(result: dict[str, Any], say: Console) -> None:
    """The result as a person reads it."""
    table = Table(title="Payments a second (median, and the range over the runs)")
    for heading in ("way", "median", "least", "most"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for way, name in (("wallet-chain over HTTP, settled", "settled"), ("plain web3.py", "plain")):
        table.add_row(
            way, *(f"{result[f'{name}_per_s{part}']:.1f}" for part in ("", "_min", "_max"))
        )
    say.print(table)
    say.print(
        f"ratio {result['ratio_to_plain']:.2f}; under that load accepted within"
        f" {result['accepted_ms_p50']} ms (p50), {result['accepted_ms_p99']} ms (p99);"
        f" a payment alone settles within {result['lone_settled_ms_p50']} ms (p50)"
    )


def main() -> int:
    """Parse, measure, print; with ``--json`` the last line is the result as one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["payments", "cross-border"])
    parser.add_argument("--chain", choices=["eth-tester", "anvil"], default="eth-tester")
    parser.add_argument("--orders", type=int, default=1000, help="payments in each run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON as the last line")
    asked = parser.parse_args()
    say = Console(stderr=True, highlight=False)
    if asked.what == "cross-border":
        result = cross_border(asked.chain, asked.orders, asked.runs, say)
    elif asked.chain == "eth-tester":
        result = payments(asked.orders, asked.runs, say)
        show(result, say)
    else:
        parser.error("payments are measured on eth-tester")
    if asked.json:
        print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
