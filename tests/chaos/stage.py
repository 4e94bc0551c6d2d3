"""Where a run plays: a node that lives through all kills, a bank founded on it, and the way between.

Each episode begins from the same founded bank: the chain put back to its snapshot, the database
copied.
"""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from tests.chains import CHAIN_ID, anvil
from tests.chaos.proxy import Proxy
from tests.chaos.wishes import PAYERS
from tests.chaos.worker import HURRY, Job
from tests.databases import copy_database, fresh_database
from tests.founding import populate, settings_in
from tests.town import MASTER_KEY, Cast, Town
from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.clock import monotonic_seconds, pause, system_clock
from wallet_chain.ledger.contracts import AddressBook, Contracts
from wallet_chain.ledger.rpc import NodeConnection
from wallet_chain.store.engine import Store

MINE_EVERY_SECONDS = 0.03
THE_NODE = "the node itself"
"""In settings: the node without the proxy before it."""


def _behind() -> int:
    # What is dated with it is never in the future of the node's newest block.
    return system_clock() - 5


_CHANGED = "OLD.state IN ('settled', 'rejected', 'cancelled', 'expired') AND NEW.state <> OLD.state"
_NOTE = "INSERT INTO final_changed VALUES (OLD.id, OLD.state, NEW.state);"
_TABLE = "CREATE TABLE IF NOT EXISTS final_changed (id text, before text, after text)"
_WATCH_SQLITE = (
    _TABLE,
    "CREATE TRIGGER IF NOT EXISTS watch_finals AFTER UPDATE ON operation"
    f" WHEN {_CHANGED} BEGIN {_NOTE} END",
)
_WATCH_POSTGRES = (
    _TABLE,
    "CREATE OR REPLACE FUNCTION watch_finals() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN {_NOTE} RETURN NULL; END $$",
    "CREATE OR REPLACE TRIGGER watch_finals AFTER UPDATE ON operation FOR EACH ROW"
    f" WHEN ({_CHANGED}) EXECUTE FUNCTION watch_finals()",
)
"""Notes each change of a final state, as an observer in the database that the product knows nothing of."""


class _PatientTown(Town):
    """On a node that mines in its own time."""

    def settle(self) -> None:
        """Work until nothing is on its way."""

        def at_rest() -> bool:
            if self.bank.pipeline.step():
                return False
            waiting = self.bank.pipeline.status()["operations"]
            return not waiting["accepted"] and not waiting["bound"]

        assert wait_until(at_rest, 120, 0.01)


class Stage:
    """One node, one proxy before it, one founded bank."""

    def __init__(
        self, database: str, folder: Path, seed: object = 0, payers: Sequence[str] = PAYERS
    ) -> None:
        self.database = database
        self.folder = folder
        self._resources = ExitStack()
        self.node = self._resources.enter_context(anvil())
        self.proxy = Proxy(self.node.url, seed)
        self._resources.callback(self.proxy.close)
        founded = folder / "founded"
        founded.mkdir(parents=True)
        self._founded = founded
        self._url = fresh_database(database, founded)
        bank = open_bank(settings_in(founded, self._url), clock=_behind, rpc=self.node, start=False)
        town = _PatientTown(bank, _behind, Cast())  # type: ignore[arg-type]
        populate(town)
        for name in payers:
            if name not in town.cast.people:
                town.fund(town.welcome(name), "500.00")
        self.cast = town.cast
        self.payers = tuple(payers)
        self.book: AddressBook = bank.contracts.book
        self.attested_at = _behind()
        self.founded_balances = {
            person.account: int(bank.contracts.read("EUR", "balanceOf", person.account))
            for person in town.cast.people.values()
        }
        """EUR cents before anybody pays; the node forgets how things stood so long ago."""
        close_bank(bank)
        self.node.call("evm_mine", [])
        self.node.call("evm_setAutomine", [False])
        self._snapshot = self.node.call("evm_snapshot", [])
        self.founded_block = int(self.node.call("eth_blockNumber", []), 16)
        self.mining = threading.Event()
        self.mines_empty = False
        """Whether blocks come without transactions too."""
        self.time_added = 0
        """Seconds by which the node's time is ahead of the machine's."""
        self._ended = threading.Event()
        self._miner = threading.Thread(target=self._mine, daemon=True)
        self._miner.start()

    def close(self) -> None:
        """End the node and the proxy."""
        self._ended.set()
        self._miner.join(10)
        self._resources.close()

    @contextmanager
    def episode(self, **settings: Any) -> Iterator["Scene"]:
        """A fresh copy of the founded bank, on the chain as it was then."""
        folder = self.folder / uuid4().hex[:8]
        folder.mkdir()
        self.mining.clear()
        self.proxy.faults = []
        self.proxy.forget_past()
        self.node.call("anvil_dropAllTransactions", [])
        assert self.node.call("evm_revert", [self._snapshot])
        self._snapshot = self.node.call("evm_snapshot", [])
        shutil.copytree(self._founded / "addresses", folder / "addresses")
        shutil.copy(self._founded / "customer-keys.sqlite3", folder)
        url = copy_database(self.database, self._url, folder)
        self.mining.set()
        scene = Scene(self, folder, url, settings)
        try:
            yield scene
        finally:
            self.mining.clear()
            self.mines_empty = False
            scene.store.close()
            shutil.rmtree(folder, ignore_errors=True)

    def _mine(self) -> None:
        with NodeConnection(self.node.url) as rpc:
            while not self._ended.wait(MINE_EVERY_SECONDS):
                if not self.mining.is_set():
                    continue
                if self.mines_empty or int(rpc.call("txpool_status", [])["pending"], 16):
                    rpc.call("evm_mine", [])


@dataclass
class Scene:
    """One episode's bank."""

    stage: Stage
    folder: Path
    url: str
    settings: dict[str, Any]
    store: Store = field(init=False)
    contracts: Contracts = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store.open(self.url, system_clock)
        # Past the proxy: what is true is asked from the node itself.
        self.contracts = Contracts(self.stage.node, self.stage.book)
        self.clock_file = self.folder / "clock"
        self.wrong_clock(0)
        self._watch_finals()

    def finals_changed(self) -> list[str]:
        """Final states that were changed, whether or not anybody looked in between."""
        with self.store.reading() as session:
            rows = session.execute(text("SELECT id, before, after FROM final_changed")).all()
        return [f"terminal: {row[0]} was {row[1]} and became {row[2]}" for row in rows]

    def _watch_finals(self) -> None:
        statements = _WATCH_SQLITE if self.store.is_sqlite else _WATCH_POSTGRES
        with self.store._writing.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    @property
    def log(self) -> Path:
        """What the workers have logged."""
        return self.folder / "worker.log"

    def job(self, **changes: Any) -> Job:
        """What a worker has to know."""
        cast = self.stage.cast
        settings = {
            "data_dir": self.folder,
            "database_url": self.url,
            "chain": "rpc",
            "chain_id": CHAIN_ID,
            "rpc_url": self.stage.proxy.url,
            "master_key": MASTER_KEY,
            "poll_seconds": 0.03,
            **self.settings,
        }
        further = settings.get("more_rpc_urls", ())
        settings["more_rpc_urls"] = tuple(
            self.stage.node.url if url == THE_NODE else url for url in further
        )
        callers = {name: cast.people[name].caller for name in self.stage.payers}
        callers["auditor"] = cast.staff["auditor"]
        return Job(
            settings=settings,
            callers=callers,
            payee=cast.people["shop"].account,
            attested_at=self.stage.attested_at,
            log=str(self.log),
            clock_file=str(self.clock_file),
            hurry={name: seconds for name, (_, _, seconds) in HURRY.items()},
            **changes,
        )

    def wrong_clock(self, seconds: int) -> None:
        """From now on the product's wall clock is wrong by this much."""
        self.clock_file.write_text(str(self.stage.time_added + seconds), "ascii")

    def time_goes_on(self, seconds: int) -> None:
        """Let time pass, for the chain and for the product."""
        self.stage.node.call("evm_increaseTime", [seconds])
        self.stage.time_added += seconds
        self.wrong_clock(0)
        self.stage.node.call("evm_mine", [])

    def reopen(self, url: str) -> None:
        """From now on the product works on this database."""
        self.store.close()
        self.url = url
        self.store = Store.open(url, system_clock)


def wait_until(true: Callable[[], bool], seconds: float, step: float = 0.05) -> bool:
    """Whether it came true in time."""
    deadline = monotonic_seconds() + seconds
    while not true():
        if monotonic_seconds() > deadline:
            return False
        pause(step)
    return True
