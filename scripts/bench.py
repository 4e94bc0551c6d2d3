"""Measure the product beside other ways of doing the same, in one run.

    python scripts/bench.py payments --chain eth-tester --json --orders 768 --runs 5
    python scripts/bench.py batch --chain anvil --store postgresql --orders 6400 --json
    python scripts/bench.py latency --seconds 20 --json
    python scripts/bench.py gas --json
    python scripts/bench.py index --orders 6400 --runs 3 --json
    python scripts/bench.py cross-border --chain anvil --orders 320 --json
    python scripts/bench.py proofs --orders 640 --runs 20 --json
    python scripts/bench.py audit --events 1000000 --runs 100 --json
    python scripts/bench.py audit-node --chain anvil --orders 16000 --runs 40 --json
    python scripts/bench.py soak --chain anvil --minutes 60 --rate 50 --json
    python scripts/bench.py shared --seconds 120 --rate 50 --json

``settled_per_s`` counts payments that were accepted over HTTP and have settled on the chain, from the
first request until nothing is on its way any more; afterwards each is looked for in its payer's list. A
real `wallet-chain run` with its database on disk, and 64 customers at once. ``payments`` asks for each by
itself, ``batch`` for 100 in a request, ``latency`` at steady rates; ``gas`` counts what transactions
use; ``index`` reads the chain again; ``audit`` asks the books about so many events,
``audit-node`` the books and the chain's node the same; ``soak`` pays at
one rate for a long time, and looks at memory and at the books; ``shared`` has two API processes and
two workers on PostgreSQL, and kills one of each.

``plain_per_s`` is web3.py with OpenZeppelin's ERC-20: ask for nonce and gas, build, sign, send, wait
for the receipt, one by one; ``plain_given_per_s`` is told nonce and gas; ``pipelined_per_s`` is an
asyncio script with nonces of its own; ``flood_per_s`` is the bare node with transactions signed
beforehand. They take turns, so that whatever else the machine does hits all. On eth-tester, ours is
the embedded chain, which is made of it, on disk, and the plain ways have eth-tester in memory.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# Run as a file, the folder above it is not where Python looks.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.console import Console
from rich.table import Table

from scripts.bench_abroad import cross_border
from scripts.bench_audit import audit_questions
from scripts.bench_audit_node import beside_node
from scripts.bench_index import index
from scripts.bench_payments import batch, latency, payments
from scripts.bench_proofs import proofs
from scripts.bench_servers import CHAINS, STORES
from scripts.bench_shared import shared
from scripts.bench_soak import CUSTOMERS, soak
from scripts.gas.figures import SECTIONS

_WAYS = {
    "settled": "wallet-chain over HTTP, settled",
    "plain": "plain web3.py, nonce and gas asked",
    "plain_given": "plain web3.py, nonce and gas given",
    "pipelined": "asyncio web3.py, many in flight",
    "flood": "the bare node, signed beforehand",
}


_Bench = Callable[[argparse.Namespace, Console], dict[str, Any]]
_BENCHES: Mapping[str, _Bench] = {
    "payments": lambda a, say: payments(a.chain, a.store, a.orders, a.runs, say),
    "batch": lambda a, say: batch(a.chain, a.store, a.orders, a.runs, say),
    "latency": lambda a, say: latency(a.chain, a.store, a.seconds, say),
    "gas": lambda _a, say: gas(say),
    "index": lambda a, say: index(a.chain, a.store, a.orders, a.runs, say),
    "cross-border": lambda a, say: cross_border(a.chain, a.orders, a.runs, say),
    "proofs": lambda a, say: proofs(a.orders, a.runs, say),
    "audit": lambda a, say: audit_questions(a.events, a.runs, a.store, a.data, say),
    "audit-node": lambda a, say: beside_node(a.chain, a.orders, a.runs, say),
    "soak": lambda a, say: soak(a.chain, a.store, a.minutes, a.rate, say),
    "shared": lambda a, say: shared(a.seconds, a.rate, CUSTOMERS, say),
}
_WITH_RIVALS = ("payments", "batch")


def gas(say: Console) -> dict[str, Any]:
    """The gas of whole transactions on the embedded chain; what ``python -m scripts.gas`` writes."""
    result: dict[str, Any] = {"bench": "gas"}
    for section, measure in SECTIONS.items():
        result[section] = measure()
        for name, units in result[section].items():
            say.print(f"{units:>9,}  {section}: {name}", soft_wrap=True)
    return result


def show(result: dict[str, Any], say: Console) -> None:
    """The result as a person reads it."""
    table = Table(title=f"{result['bench']} a second on {result['chain']}")
    for heading in ("way", "median", "least", "most", "ours is so many times as fast"):
        table.add_column(heading, justify="left" if heading == "way" else "right")
    for way, name in _WAYS.items():
        if f"{way}_per_s" in result:
            figures = [f"{result[f'{way}_per_s{part}']:.1f}" for part in ("", "_min", "_max")]
            table.add_row(name, *figures, str(result.get(f"ratio_to_{way}", "")))
    say.print(table)


def main() -> int:
    """Parse, measure, print; with ``--json`` the last line is the result as one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=_BENCHES)
    parser.add_argument("--chain", choices=CHAINS, default="eth-tester")
    parser.add_argument("--store", choices=STORES, default="sqlite")
    parser.add_argument("--orders", type=int, default=1000, help="payments in each run")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--seconds", type=int, default=20, help="for each rate of latency, of shared"
    )
    parser.add_argument("--minutes", type=float, default=60, help="of soak")
    parser.add_argument("--rate", type=int, default=50, help="payments a second of soak and shared")
    parser.add_argument("--events", type=int, default=1_000_000, help="of audit")
    parser.add_argument("--data", type=Path, help="where audit keeps its books for the next time")
    parser.add_argument("--json", action="store_true", help="print JSON as the last line")
    asked = parser.parse_args()
    say = Console(stderr=True, highlight=False)
    result = _BENCHES[asked.what](asked, say)
    if asked.what in _WITH_RIVALS:
        show(result, say)
    if asked.json:
        print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
