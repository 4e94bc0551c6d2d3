"""Founds towns: deployed and populated once, and had again from a snapshot any number of times."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from tests.chains import CHAIN_ID, FUNDER
from tests.databases import copy_database, fresh_database
from tests.town import MASTER_KEY, STAFF, Cast, StillClock, Town
from wallet_chain import identity
from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.ledger.embedded import EmbeddedChain
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rpc import InProcessConnection, Rpc
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.settings import Settings


def settings_in(folder: Path, database_url: str = "") -> Settings:
    """Settings of a bank in a folder, whatever the environment says."""
    return Settings(
        data_dir=folder,
        database_url=database_url,
        chain_id=CHAIN_ID,
        master_key=SecretStr(MASTER_KEY),
        _env_file=None,  # type: ignore[call-arg]
    )


class Founded:
    """A town that was founded once, and can be had again any number of times."""

    def __init__(
        self, kind: str, folder: Path, prepare: Callable[[Town], None] = lambda _: None
    ) -> None:
        self.kind = kind
        self.clock = StillClock()
        self.folder = folder
        self.rpc = InProcessConnection(
            EmbeddedChain.in_memory(chain_id=CHAIN_ID, funder=FUNDER.address, clock=self.clock)
        )
        self.url = fresh_database(kind, folder)
        bank = open_bank(settings_in(folder, self.url), clock=self.clock, rpc=self.rpc, start=False)
        town = Town(bank, self.clock, Cast())
        populate(town)
        prepare(town)
        self.cast = town.cast
        self.founded_at = self.clock.now
        close_bank(bank)
        self.snapshot = self.rpc.call("evm_snapshot", [])

    @contextmanager
    def visit(self, folder: Path, line: Rpc | None = None) -> Iterator[Town]:
        """The town as it was when it was founded, on a database of its own.

        ``line`` takes the place of the town's own line to its chain.
        """
        assert self.rpc.call("evm_revert", [self.snapshot])
        self.snapshot = self.rpc.call("evm_snapshot", [])
        self.clock.now = self.founded_at
        shutil.copytree(self.folder / "addresses", folder / "addresses")
        shutil.copy(self.folder / "customer-keys.sqlite3", folder)
        url = copy_database(self.kind, self.url, folder)
        settings = settings_in(folder, url)
        bank = open_bank(settings, clock=self.clock, rpc=line or self.rpc, start=False)
        try:
            yield Town(bank, self.clock, Cast(dict(self.cast.staff), dict(self.cast.people)))
        finally:
            close_bank(bank)


def populate(town: Town) -> None:
    """Staff, customers and some money in a bank that was founded just now."""
    bank = town.bank
    town.settle()
    token = bank.first_admin_token
    assert token is not None
    town.cast.staff["admin"] = identity.authenticate(bank, token)
    for role in STAFF:
        town.cast.staff[role] = town.hire(role, town.staff("admin"))
    town.attest("1000000.00")
    town.attest("100000000", "JPY")
    town.attest("100000.000", "BHD")
    town.fund(town.welcome("anna"), "500.00")
    town.fund(town.welcome("ben"), "500.00")
    town.fund(town.welcome("shop", tier=4, kind="business", merchant=True), "100.00")
    clara = LocalSigner(keccak256(b"clara's own key"))
    town.fund(town.welcome("clara", tier=3, key=clara, country="FR"), "500.00")
