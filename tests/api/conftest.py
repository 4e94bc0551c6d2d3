"""A running, populated bank for the tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.bank import Clock, FallibleChain, open_test_bank
from tests.api.world import World, populated, served
from tests.api.world_collecting import collect_and_give
from tests.api.world_loyalty import collect_points
from tests.api.world_market import trade_at_market
from tests.api.world_merchants import ask_to_be_paid
from tests.chains import START, embedded
from tests.databases import fresh_database
from wallet_chain.assemble import close_bank


@pytest.fixture(scope="module")
def clock() -> Clock:
    """The time that bank and chain both read; tests may move it forward."""
    return Clock(START)


@pytest.fixture(scope="module")
def chain(clock: Clock) -> FallibleChain:
    """The embedded chain, behind a connection that can be cut."""
    return FallibleChain(embedded(clock))


@pytest.fixture(scope="module")
def database() -> str:
    """The kind of database; a module that runs on others names them."""
    return "sqlite"


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, clock: Clock, chain: FallibleChain, database: str
) -> Iterator[World]:
    """A server with people in it, on a database and a chain of this module's own."""
    folder: Path = tmp_path_factory.mktemp("bank")
    bank = open_test_bank(folder, clock, chain, database_url=fresh_database(database, folder))
    try:
        with served(bank) as url:
            world = populated(url, bank)
            trade_at_market(world)
            collect_points(world)
            ask_to_be_paid(world)
            collect_and_give(world)
            yield world
    finally:
        close_bank(bank)
