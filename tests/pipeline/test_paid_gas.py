"""A chain that asks for gas: lanes get their money by themselves, or say that they lack it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chains import FUNDER, chain_of
from tests.deployed import World, deployed, signer
from tests.pipeline.bench import ANNA, BERT, RELAYER, SHOP, STAFF, Bench, freeze_reason, settings
from wallet_chain.clock import system_clock
from wallet_chain.ledger.rpc import RpcFailure
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.engine import Store

pytestmark = pytest.mark.anvil


@pytest.fixture(scope="module")
def anvil_world() -> Iterator[World]:
    with chain_of("anvil") as rpc:
        world = deployed(rpc)
        for person in (ANNA, BERT, SHOP):
            world.register(person.address)
        world.mint("EUR", ANNA.address, 1_000_00)
        yield world


def _open(world: World, folder: Path, **changes: Any) -> Bench:
    store = Store.open(f"sqlite:///{folder / 'w.sqlite3'}", system_clock)
    store.migrate()
    bench = Bench(world, store, system_clock, settings(**changes))
    for role in ("RELAYER", *STAFF):
        world.rpc.call("anvil_setBalance", [signer(role).address, "0x0"])
    return bench.open()


def _without_anvil(method: str, _params: list[Any], ask: Callable[[], Any]) -> Any:
    if method == "anvil_setBalance":
        raise RpcFailure(-32601, "the method does not exist")
    return ask()


def _work(bench: Bench) -> None:
    payments = [bench.pay(1) for _ in range(5)]
    call = bench.role_call("FREEZER", "IdentityRegistry", "freeze", BERT.address, freeze_reason())
    bench.settle()
    assert {bench.state(payment) for payment in payments} == {"settled"}
    assert bench.state(call) == "settled"
    back = bench.role_call("FREEZER", "IdentityRegistry", "unfreeze", BERT.address, freeze_reason())
    bench.settle()
    assert bench.state(back) == "settled"
    assert verify(bench.store, bench.node, bench.contracts) == []


def test_a_development_node_gives_the_money(anvil_world: World, tmp_path: Path) -> None:
    bench = _open(anvil_world, tmp_path)
    _work(bench)
    assert {transaction.kind for transaction in bench.transactions()} == {"batch", "single"}


def test_the_funder_pays_in_a_stored_transaction_of_its_own_lane(
    anvil_world: World, tmp_path: Path
) -> None:
    key = FUNDER._key.secret.hex()
    bench = _open(anvil_world, tmp_path, funder_key=key)
    bench.node.on_call = _without_anvil
    _work(bench)
    funding = [one for one in bench.transactions() if one.kind == "funding"]
    assert {one.lane_address for one in funding} == {FUNDER.address}
    assert {one.state for one in funding} == {"mined"}
    assert len(funding) == 2


def test_a_lane_that_nobody_funds_waits_and_says_so(anvil_world: World, tmp_path: Path) -> None:
    bench = _open(anvil_world, tmp_path)
    bench.node.on_call = _without_anvil
    payment = bench.pay(1)
    bench.settle()
    assert bench.state(payment) == "accepted"
    assert f"Lane {RELAYER} has no money for gas." in bench.pipeline.status()["problems"]
    bench.node.on_call = None
    bench.settle()
    assert bench.state(payment) == "settled"
    assert bench.pipeline.status()["problems"] == []
