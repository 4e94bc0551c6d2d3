"""kill -9 at each step of a purchase: all of it happened or none, and in the end exactly once."""

import json
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.founding import populate, settings_in
from tests.purchases.killed import chain_in
from tests.purchases.market import bought, offered, points_of, pool_of, prepare
from tests.town import Cast, StillClock, Town, eur
from wallet_chain.assemble import close_bank, open_bank
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.ledger.rpc import InProcessConnection
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import ChainEvent, ChainOffer

pytestmark = pytest.mark.slow

POINTS = (
    "accept.uncommitted",
    "accept.committed",
    "bind.begun",
    "bind.uncommitted",
    "bind.committed",
    "send.before",
    "send.answered",
    "mark.uncommitted",
    "mark.committed",
    "index.seen",
    "finish.begun",
    "project.uncommitted",
    "project.committed",
)

NOTHING = {"anna": 400_00, "shop": 180_00, "points": 100, "pool": 19_00, "offer": 0, "settled": 0}
EVERYTHING = {
    "anna": 295_80,
    "shop": 285_00,
    "points": 124,
    "pool": 17_96,
    "offer": 15_00,
    "settled": 1,
}
"""After 100.00 and its 100 points: 120.00 with 15.00 off and 80 points, which earns 104."""


class Founded:
    """A town in files: bank and chain."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        clock = StillClock()
        chain = chain_in(folder, clock.now)
        rpc = InProcessConnection(chain)
        bank = open_bank(settings_in(folder), clock=clock, rpc=rpc, start=False)
        town = Town(bank, clock, Cast())
        populate(town)
        prepare(town)
        bought(town, town.anna, "100.00", programme=1)
        offer = offered(town, "reduction", minimum=eur("100.00"), off=eur("15.00"))
        self.cast = town.cast
        self.now = clock.now
        told = {"now": clock.now, "principal": town.anna.caller.principal_id}
        told |= {"customer": town.anna.id, "shop": town.shop.id, "offers": [offer]}
        (folder / "told.json").write_text(json.dumps(told))
        close_bank(bank)
        chain.close()

    def seen(self, folder: Path) -> tuple[dict[str, int], list[Any]]:
        """What there is now, once the chain was read to its end; and what verify finds."""
        clock = StillClock()
        clock.now = self.now
        chain = chain_in(folder, clock.now)
        rpc = InProcessConnection(chain)
        bank = open_bank(settings_in(folder), clock=clock, rpc=rpc, start=False)
        with closing(chain), closing(bank.resources):
            town = Town(bank, clock, self.cast)
            contracts = bank.contracts
            with bank.store.reading() as session:
                offer_id = session.query(ChainOffer).one().offer_id
                _, _, used = contracts.read("Offers", "offerOf", from_hex(offer_id))
                settled = session.query(ChainEvent).filter_by(name="PurchaseSettled").count() - 1
            found = {
                "anna": contracts.read("EUR", "balanceOf", town.anna.account),
                "shop": contracts.read("EUR", "balanceOf", town.shop.account),
                "points": points_of(town, town.anna),
                "pool": pool_of(town, town.shop),
                "offer": used,
                "settled": settled,
            }
            return found, verify(bank.store, bank.rpc, contracts)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """Before the purchase."""
    return Founded(tmp_path_factory.mktemp("killed"))


def _run(folder: Path, *point: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.purchases.killed", str(folder), *point]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("point", POINTS)
def test_a_purchase_that_is_killed_is_all_or_nothing_and_then_all(
    founded: Founded, tmp_path: Path, point: str
) -> None:
    folder = tmp_path / "town"
    shutil.copytree(founded.folder, folder)
    killed = _run(folder, point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    # The chain, and nothing else, says which of the two it is.
    between, _ = founded.seen(folder)
    on_chain = {name: between[name] for name in NOTHING if name != "settled"}
    assert on_chain in [{name: said[name] for name in on_chain} for said in (NOTHING, EVERYTHING)]

    # The customer asks again, with the same key.
    again = _run(folder)
    assert again.returncode == 0, again.stderr
    answer = json.loads(again.stdout)
    assert answer["state"] == "settled"
    assert answer["replayed"] == (point != "accept.uncommitted")
    assert founded.seen(folder) == (EVERYTHING, [])
