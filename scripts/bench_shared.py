"""Two API processes and two workers share a PostgreSQL database and a node; one of each is killed.

Payments go to both servers in turn at one rate. In the middle of the time a server and a worker are
killed with -9. A request that got no answer is asked again at the other server with the same key, and
the lanes of the worker that died belong to the other one when their lease is over. At the end every
payment that was accepted has settled, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from scripts.anvil_process import RICH_KEY, anvil
from scripts.bench_http import Connection
from scripts.bench_report import machine, percentiles
from scripts.bench_servers import database
from scripts.bench_soak import BLOCK_SECONDS, VERIFY_SECONDS_MAX
from scripts.bench_wallet import Town, nothing_on_its_way
from scripts.server_process import ServerProcess
from scripts.steady_load import SteadyLoad
from wallet_chain.clock import monotonic_seconds

_SETTLED_SECONDS_MAX = 120
_LOOK_SECONDS = 1.0
_BOUND = 'wallet_chain_bound_total{what="orders"}'
_INDEXED = "wallet_chain_indexed_blocks_total"
_ENDED = "wallet_chain_ended_operations_total"


@dataclass(slots=True)
class Fleet:
    """The processes, and what each worker was last heard to have done."""

    apis: list[ServerProcess]
    workers: list[ServerProcess]
    done: dict[str, dict[str, int]] = field(default_factory=dict)

    async def watch(self, watcher: str) -> None:
        """Read the workers' own counts every second until cancelled."""
        while True:
            for number, worker in enumerate(self.workers, 1):
                counts = await self._counts(worker, watcher)
                if counts:
                    self.done[f"worker {number}"] = counts
            await asyncio.sleep(_LOOK_SECONDS)

    async def _counts(self, worker: ServerProcess, watcher: str) -> dict[str, int]:
        try:
            line = await Connection.open(worker.url, watcher)
            told = await line.text("/v1/metrics")
            line.close()
        except (OSError, EOFError):
            return {}
        rows = dict(row.rsplit(" ", 1) for row in told.splitlines() if row[:1] != "#")
        names = {"orders_bound": _BOUND, "blocks_indexed": _INDEXED, "operations_ended": _ENDED}
        return {name: int(float(rows[row])) for name, row in names.items()}


@contextmanager
def fleet(folder: Path, **more: str) -> Iterator[Fleet]:
    """Two API processes and two workers that have started, on a PostgreSQL and an anvil."""
    with ExitStack() as resources:
        settings = {
            "database_url": resources.enter_context(database("postgresql", str(folder))),
            "chain": "rpc",
            "rpc_url": resources.enter_context(anvil(block_seconds=BLOCK_SECONDS)),
            "funder_key": RICH_KEY,
            "relayer_lanes": "2",
            "poll_seconds": "0.05",
            **more,
        }
        found = Fleet([], [])
        # The first worker founds the bank; the others find it in the folder that they share.
        for part, processes in (("worker", found.workers), ("api", found.apis)):
            for number in (1, 2):
                one = ServerProcess(folder, **settings)
                one.log = folder / f"{part}-{number}.log"
                resources.callback(one.kill, whole_group=True)
                one.start("--only", part)
                processes.append(one)
        yield found


def shared(seconds: float, rate: int, customers: int, say: Console) -> dict[str, Any]:
    """Pay ``rate`` times a second for so long, and kill a server and a worker when half is over.

    Raises RuntimeError when a payment that was accepted did not settle.
    """
    with TemporaryDirectory(prefix="wallet-chain-bench-") as name, fleet(Path(name)) as processes:
        survivor = processes.apis[-1]
        say.print(f"onboarding {customers} customers and issuing their money")
        town = Town(survivor.url, survivor.admin_key())
        payers = town.payers(customers)
        load = SteadyLoad([one.url for one in processes.apis], payers)
        say.print(f"{rate} payments a second for {seconds:g} seconds")
        watcher = town.key("operator")
        drained = asyncio.run(_run(processes, load, seconds, rate, watcher, say))
        verified = survivor.command("verify", seconds_max=VERIFY_SECONDS_MAX)
        say.print((verified.stdout + verified.stderr).strip())
    measured = load.measured
    names = {one.url: f"api {number}" for number, one in enumerate(processes.apis, 1)}
    return {
        "bench": "shared",
        "chain": "anvil",
        "store": "postgresql",
        "seconds": seconds,
        "rate": rate,
        "customers": customers,
        "accepted": measured.accepted,
        "refused": len(measured.refused),
        "accepted_by": {names[url]: count for url, count in sorted(measured.by_server.items())},
        "done_by": processes.done,
        "answers": dict(sorted(measured.answers.items())),
        **percentiles("accepted", measured.accepted_ms),
        **percentiles("settled", measured.settled_ms),
        "drained_seconds": round(drained, 1),
        "verified": verified.returncode == 0,
        **machine(),
    }


async def _run(
    processes: Fleet, load: SteadyLoad, seconds: float, rate: int, watcher: str, say: Console
) -> float:
    """Pay, kill, and compare; how long it took until nothing was on its way any more."""
    watching = asyncio.create_task(processes.watch(watcher))
    paying = asyncio.create_task(load.pay(rate, seconds))
    await asyncio.sleep(seconds / 2)
    say.print(f"killing a server and a worker; until now {dict(load.measured.by_server)}")
    processes.apis[0].kill()
    processes.workers[0].kill()
    await paying
    started = monotonic_seconds()
    line = await Connection.open(processes.apis[-1].url, watcher)
    async with asyncio.timeout(_SETTLED_SECONDS_MAX):
        await nothing_on_its_way(line)
    drained = monotonic_seconds() - started
    line.close()
    await load.all_settled()
    watching.cancel()
    load.close()
    return drained
