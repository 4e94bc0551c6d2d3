"""A long time at a steady rate: latencies, memory, and whether everything that was accepted settled.

The memory's growth is told between two windows: one that begins when the server is warm, and the last
one. Warm is after five minutes: by then every thread and connection is there, the database's page
caches are full, and everything that is remembered for a while has been forgotten once. A window's
figure is its median, so that neither a collection of garbage nor one large answer decides.
"""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from scripts.bench_http import Connection
from scripts.bench_report import machine, percentiles
from scripts.bench_servers import bench_server
from scripts.bench_wallet import Town, nothing_on_its_way
from scripts.memory_use import resident_mib
from scripts.steady_load import Measured, SteadyLoad
from wallet_chain.clock import monotonic_seconds

CUSTOMERS = 64
WARM_MINUTES = 5.0
WINDOW_MINUTES = 5.0
SAMPLE_SECONDS = 5.0
BLOCK_SECONDS = 1
"""anvil makes a block a second here, as permissioned networks do."""
_DRAIN_SECONDS_MAX = 120
VERIFY_SECONDS_MAX = 3_600


@dataclass(slots=True)
class Memory:
    """What the processes held, by seconds since the load began."""

    samples: list[tuple[float, dict[str, float]]] = field(default_factory=list)

    async def watch(self, server_pid: int) -> None:
        """Take a sample every few seconds until cancelled."""
        started = monotonic_seconds()
        while True:
            found = await asyncio.to_thread(resident_mib, server_pid)
            self.samples.append((monotonic_seconds() - started, found))
            await asyncio.sleep(SAMPLE_SECONDS)

    def growth(self, minutes: float) -> dict[str, Any]:
        """By process: the median of the first warm window, of the last one, and per cent between."""
        warm = 60 * min(WARM_MINUTES, minutes / 4)
        window = 60 * min(WINDOW_MINUTES, minutes / 4)
        told: dict[str, Any] = {"warm_after_seconds": warm, "window_seconds": window}
        for name in ("server", "chain"):
            first = self._median(name, warm, warm + window)
            last = self._median(name, 60 * minutes - window, 60 * minutes)
            told[f"{name}_mib_warm"] = first
            told[f"{name}_mib_end"] = last
            told[f"{name}_growth_percent"] = round(100 * (last / first - 1), 1) if first else None
        return told

    def _median(self, name: str, since: float, until: float) -> float:
        found = [held.get(name, 0.0) for at, held in self.samples if since <= at <= until]
        return round(statistics.median(found), 1) if found else 0.0


def soak(
    chain: str, store: str, minutes: float, rate: int, say: Console, customers: int = CUSTOMERS
) -> dict[str, Any]:
    """Pay ``rate`` times a second for so many minutes, then look whether all of it is in the books.

    Raises RuntimeError when a payment that was accepted did not settle.
    """
    with bench_server(chain, store, BLOCK_SECONDS) as (server, _):
        say.print(f"onboarding {customers} customers and issuing their money")
        town = Town(server.url, server.admin_key())
        payers = town.payers(customers)
        load = SteadyLoad([server.url], payers)
        say.print(f"{rate} payments a second for {minutes:g} minutes")
        memory = Memory()
        watcher = town.key("operator")
        drained = asyncio.run(_run(load, memory, server.running.pid, minutes, rate, watcher, say))
        say.print(f"all of {load.measured.accepted} settled; verifying")
        verified = server.command("verify", seconds_max=VERIFY_SECONDS_MAX)
        say.print((verified.stdout + verified.stderr).strip())
    measured = load.measured
    return {
        "bench": "soak",
        "chain": chain,
        "store": store,
        "minutes": minutes,
        "rate": rate,
        "customers": customers,
        "accepted": measured.accepted,
        "refused": len(measured.refused),
        "answers": dict(sorted(measured.answers.items())),
        **percentiles("accepted", measured.accepted_ms),
        **percentiles("settled", measured.settled_ms),
        **percentiles("looked", measured.looked_ms),
        "drained_seconds": round(drained, 1),
        "verified": verified.returncode == 0,
        **memory.growth(minutes),
        **machine(),
    }


async def _run(
    load: SteadyLoad,
    memory: Memory,
    pid: int,
    minutes: float,
    rate: int,
    watcher: str,
    say: Console,
) -> float:
    """Pay, watch, and compare; how many seconds it took until nothing was on its way any more."""
    beside = [
        asyncio.create_task(memory.watch(pid)),
        asyncio.create_task(_tell(load.measured, memory, say)),
    ]
    await load.pay(rate, 60 * minutes)
    for task in beside:
        task.cancel()
    started = monotonic_seconds()
    line = await Connection.open(load.urls[0], watcher)
    async with asyncio.timeout(_DRAIN_SECONDS_MAX):
        await nothing_on_its_way(line)
    drained = monotonic_seconds() - started
    line.close()
    await load.all_settled()
    load.close()
    return drained


async def _tell(measured: Measured, memory: Memory, say: Console) -> None:
    """Say once a minute how the last one was."""
    minute = told = told_settled = 0
    while True:
        await asyncio.sleep(60)
        minute += 1
        accepted, settled = measured.accepted_ms[told:], measured.settled_ms[told_settled:]
        told, told_settled = len(measured.accepted_ms), len(measured.settled_ms)
        figures = [f"minute {minute}: {measured.accepted} accepted"]
        for name, took in (("accepted", accepted), ("settled", settled)):
            if took:
                p50, p95, p99 = percentiles(name, took).values()
                figures.append(f"{name} in {p50:.0f}/{p95:.0f}/{p99:.0f} ms")
        held = memory.samples[-1][1] if memory.samples else {}
        figures += [f"{name} {mib:.0f} MiB" for name, mib in held.items()]
        odd = {
            what: n for what, n in measured.answers.items() if not what.startswith(("2", "look 2"))
        }
        say.print("; ".join([*figures, f"otherwise {odd or 'nothing'}"]))
