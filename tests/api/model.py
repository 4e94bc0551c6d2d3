"""A world that is brought about once, and had again from a snapshot any number of times."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.api.bank import Clock, FallibleChain, open_test_bank
from tests.api.world import World, populated, served
from tests.api.world_collecting import collect_and_give
from tests.api.world_loyalty import collect_points
from tests.api.world_market import trade_at_market
from tests.api.world_merchants import ask_to_be_paid
from tests.chains import START, embedded
from tests.databases import copy_database, fresh_database
from wallet_chain.assemble import close_bank


class Model:
    """Everybody and one of each resource, all brought about through the public API."""

    def __init__(self, database: str, folder: Path) -> None:
        self.clock = Clock(START)
        self.rpc = embedded(self.clock)
        self._database = database
        self._folder = folder
        self._url = fresh_database(database, folder)
        bank = open_test_bank(folder, self.clock, FallibleChain(self.rpc), database_url=self._url)
        try:
            with served(bank) as url:
                world = populated(url, bank)
                trade_at_market(world)
                collect_points(world)
                ask_to_be_paid(world)
                collect_and_give(world)
        finally:
            close_bank(bank)
        self._world = world
        self._made_at = self.clock.seconds
        self._snapshot = self.rpc.call("evm_snapshot", [])

    @contextmanager
    def visit(self, folder: Path, chain: FallibleChain) -> Iterator[World]:
        """The world as it was made, on a database of its own, served at a port of its own."""
        assert self.rpc.call("evm_revert", [self._snapshot])
        self._snapshot = self.rpc.call("evm_snapshot", [])
        self.clock.seconds = self._made_at
        shutil.copytree(self._folder / "data", folder / "data")
        url = copy_database(self._database, self._url, folder)
        bank = open_test_bank(folder, self.clock, chain, database_url=url)
        try:
            with served(bank) as address:
                yield self._world.at(address, bank)
        finally:
            close_bank(bank)
