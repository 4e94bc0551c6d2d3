"""Many blocks at once: the same tables as one by one, and up to the first block that is wrong."""

import copy
import math
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.databases import DATABASES, fresh_database
from tests.deployed import World, rolled_back
from tests.pipeline.bench import ANNA, BERT, SHOP
from tests.pipeline.recording import Recording
from wallet_chain.clock import system_clock
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.index import Indexer
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import ChainBlock

_TRADES = 24


@pytest.fixture(scope="module")
def recorded(customers: World) -> tuple[Recording, Recording]:
    """The chain after some trade, and another one that parts from it in the middle of that."""
    with rolled_back(customers.rpc):
        _trade(customers, 0)
        one = Recording.of(customers.rpc)
    with rolled_back(customers.rpc):
        _trade(customers, 1)
        return one, Recording.of(customers.rpc)


def _trade(world: World, differently: int) -> None:
    people = (ANNA, BERT, SHOP)
    for number in range(_TRADES):
        giver, taker = people[number % 2], people[(number + 1) % 3]
        amount = 100 + number + (differently if number > _TRADES // 2 else 0)
        data = world.contracts.encode("EUR", "transfer", taker.address, amount)
        assert world.send(giver, world.contracts.address("EUR"), data)["status"] == "0x1"
        if number % 8 == 7:
            world.call("FREEZER", "IdentityRegistry", "freeze", SHOP.address, b"\x01" * 32)
            world.call("FREEZER", "IdentityRegistry", "unfreeze", SHOP.address, b"\x01" * 32)


def _digest(store: Store) -> str:
    with store.reading() as session:
        return state_digest(session)


def _blocks(store: Store) -> int:
    with store.reading() as session:
        return session.query(ChainBlock).count()


def _read(store: Store, world: World, recording: Recording, at_a_time: int = 16) -> Indexer:
    contracts = Contracts(recording, world.contracts.book)
    indexer = Indexer(store, recording, contracts, blocks_at_a_time=at_a_time)
    while indexer.index().more:
        pass
    return indexer


def _up_to(recording: Recording, count: int) -> Recording:
    return Recording(recording.blocks[:count])


@pytest.mark.parametrize("at_a_time", [2, 7, 16, 1000])
def test_blocks_in_groups_give_the_digest_that_they_give_one_by_one(
    store: Store,
    tmp_path: Path,
    customers: World,
    recorded: tuple[Recording, Recording],
    at_a_time: int,
) -> None:
    (tmp_path / "single").mkdir()
    singly = Store.open(fresh_database("sqlite", tmp_path / "single"), system_clock)
    singly.migrate()
    assert _read(singly, customers, recorded[0], 1).stopped_reason is None
    commits: list[object] = []
    event.listen(store._writing, "commit", commits.append)
    assert _read(store, customers, recorded[0], at_a_time).stopped_reason is None
    assert _blocks(store) == len(recorded[0].blocks)
    # A group that has to be written one by one would be right too, and slow.
    assert len(commits) == math.ceil(_blocks(store) / at_a_time)
    assert _digest(store) == _digest(singly)
    singly.close()


def _without_a_log(block: dict[str, Any], receipts: list[Any]) -> None:
    receipts[-1]["logs"].pop()


def _of_another_time(block: dict[str, Any], receipts: list[Any]) -> None:
    block["timestamp"] = hex(int(block["timestamp"], 16) + 1)


LIES: list[Callable[[dict[str, Any], list[Any]], None]] = [_without_a_log, _of_another_time]


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_in_the_middle_of_a_group_stops_exactly_there(
    store: Store,
    tmp_path: Path,
    customers: World,
    recorded: tuple[Recording, Recording],
    lie: Callable[[dict[str, Any], list[Any]], None],
) -> None:
    wrong = len(recorded[0].blocks) - 5
    lying = Recording(copy.deepcopy(recorded[0].blocks))
    lie(*lying.blocks[wrong])
    _stops_at(wrong, lying, store, tmp_path, customers, recorded[0])


def test_a_block_of_another_chain_in_the_middle_of_a_group_stops_exactly_there(
    store: Store, tmp_path: Path, customers: World, recorded: tuple[Recording, Recording]
) -> None:
    one, other = recorded
    parting = next(n for n, b in enumerate(one.blocks) if b[0] != other.blocks[n][0])
    # Each block is right by itself; only that it does not stand on the one before it tells.
    _stops_at(
        parting + 3,
        Recording(one.blocks[: parting + 3] + other.blocks[parting + 3 :]),
        store,
        tmp_path,
        customers,
        one,
    )


def _stops_at(
    wrong: int, lying: Recording, store: Store, folder: Path, world: World, honest: Recording
) -> None:
    indexer = _read(store, world, lying)
    assert indexer.stopped_reason is not None
    assert f"Block {wrong}" in indexer.stopped_reason
    (folder / "honest").mkdir()
    expected = Store.open(fresh_database("sqlite", folder / "honest"), system_clock)
    expected.migrate()
    _read(expected, world, _up_to(honest, wrong), 1)
    assert _blocks(store) == wrong
    assert _digest(store) == _digest(expected)
    # Once somebody has looked and the node is honest, it goes on as if nothing had been.
    indexer.resume()
    _read(store, world, honest)
    _read(expected, world, honest, 1)
    assert _digest(store) == _digest(expected)
    expected.close()


@pytest.mark.parametrize("kind", DATABASES)
def test_kill_9_between_any_two_statements_leaves_whole_groups(
    kind: str, tmp_path: Path, customers: World, recorded: tuple[Recording, Recording]
) -> None:
    file = tmp_path / "chain.json"
    recorded[0].write(file, customers.contracts.book)
    url = fresh_database(kind, tmp_path)
    store = Store.open(url, system_clock)
    store.migrate()
    chance, killed = random.Random(7), 0
    for _ in range(6):
        statement = str(chance.randrange(5, 40))
        command = [sys.executable, "-m", "tests.pipeline.recording", str(file), url, statement]
        ended = subprocess.run(command, check=False, capture_output=True, text=True).returncode
        killed += ended == -signal.SIGKILL
        assert ended in (0, -signal.SIGKILL)
        blocks = _blocks(store)
        (tmp_path / f"{blocks}").mkdir(exist_ok=True)
        expected = Store.open(fresh_database("sqlite", tmp_path / f"{blocks}"), system_clock)
        expected.migrate()
        if blocks:
            _read(expected, customers, _up_to(recorded[0], blocks), 1)
        assert _digest(store) == _digest(expected)
        expected.close()
    assert killed > 2
    _read(store, customers, recorded[0])
    assert _blocks(store) == len(recorded[0].blocks)
    store.close()
