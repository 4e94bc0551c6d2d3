"""Several processes on one PostgreSQL share the load, and lose nothing when some of them die."""

import pytest
from rich.console import Console

from scripts.bench_shared import shared
from scripts.server_process import ServerProcess

pytestmark = [pytest.mark.postgres, pytest.mark.anvil, pytest.mark.slow]


def test_two_servers_and_two_workers_share_the_load_and_one_of_each_may_die() -> None:
    told = shared(seconds=30, rate=15, customers=6, say=Console(stderr=True))

    assert told["accepted"] == 30 * 15
    assert told["refused"] == 0
    assert told["verified"] is True
    by_server = told["accepted_by"]
    # Each was asked for every second payment until one of them was killed.
    assert by_server["api 1"] > 60
    assert by_server["api 2"] > 200
    for worker in ("worker 1", "worker 2"):
        assert told["done_by"][worker]["orders_bound"] > 20
        assert told["done_by"][worker]["blocks_indexed"] > 0
    assert set(told["answers"]) - {"200", "201", "202"} <= {
        "look 200",
        "ConnectionRefusedError",
        "ConnectionResetError",
        "IncompleteReadError",
    }


def test_a_part_of_the_product_is_refused_where_nobody_could_do_the_rest(
    world: ServerProcess,
) -> None:
    # On SQLite one process works, and it does everything.
    refused = world.command("run", "--only", "api")
    assert refused.returncode == 1
    assert "parts_not_possible" in refused.stderr
