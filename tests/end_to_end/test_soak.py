"""The soak of `scripts/bench.py`, a quarter of a minute long."""

import asyncio
from pathlib import Path

import pytest
from rich.console import Console

from scripts.bench_soak import Memory, soak
from scripts.bench_wallet import Payer, Town
from scripts.server_process import ServerProcess
from scripts.steady_load import SteadyLoad


def test_a_soak_sees_every_payment_settle_and_says_what_memory_did() -> None:
    told = soak("eth-tester", "sqlite", 0.25, 12, Console(stderr=True), customers=6)

    assert told["accepted"] == 0.25 * 60 * 12
    assert told["refused"] == 0
    assert told["verified"] is True
    assert sum(n for what, n in told["answers"].items() if what.startswith("2")) == told["accepted"]
    assert 0 < told["accepted_ms_p50"] <= told["accepted_ms_p95"] <= told["accepted_ms_p99"]
    assert told["settled_ms_p50"] > 0
    assert told["server_mib_warm"] > 20
    assert told["chain_mib_warm"] > 20


def test_growth_is_told_between_the_windows_after_the_warm_up_and_at_the_end() -> None:
    # 60 minutes: warm is 5 to 10, the end is 55 to 60. One large answer decides nothing.
    memory = Memory([(60.0 * minute, {"server": 100.0}) for minute in range(61)])
    memory.samples[2] = (120.0, {"server": 9.0})
    memory.samples[7] = (420.0, {"server": 900.0})
    for minute in range(55, 61):
        memory.samples[minute] = (60.0 * minute, {"server": 104.0})

    told = memory.growth(60)
    assert (told["warm_after_seconds"], told["window_seconds"]) == (300, 300)
    assert (told["server_mib_warm"], told["server_mib_end"]) == (100.0, 104.0)
    assert told["server_growth_percent"] == 4.0
    assert told["chain_growth_percent"] is None


def test_a_payment_that_is_missing_or_that_nobody_was_told_of_ends_the_soak(
    tmp_path: Path,
) -> None:
    server = ServerProcess(tmp_path)
    try:
        server.start()
        payers = Town(server.url, server.admin_key()).payers(2)
        asyncio.run(_pays_and_compares(server.url, payers))
    finally:
        server.kill(whole_group=True)


async def _pays_and_compares(url: str, payers: list[Payer]) -> None:
    load = SteadyLoad([url], payers)
    # The last one waits for its outcome, and with it all before it are settled.
    await load.pay(rate=20, seconds=0.5)
    await load.all_settled()

    ids = next(each for each in load.measured.ids if each)
    paid = ids.pop()
    with pytest.raises(RuntimeError, match="nobody was told"):
        await load.all_settled()
    ids.update({paid, "pay_00000000000000000000000000"})
    with pytest.raises(RuntimeError, match="accepted, but None"):
        await load.all_settled()
    load.close()
