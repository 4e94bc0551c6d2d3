"""The chain file: reopened, shared, mistaken, and killed in mid-stream."""

import itertools
import multiprocessing
import os
import random
import select
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ledger.embedded_probe import (
    CHAIN_ID,
    FUNDER,
    NOBODY,
    OTHER,
    START,
    STORE,
    Hand,
    World,
    durable,
    in_memory,
    payments,
    signed,
    stream_payments,
    words,
)
from tests.ledger.embedded_roots import check_block
from wallet_chain.ledger.embedded import (
    ChainFileInUseError,
    ChainFileMismatchError,
    EmbeddedChain,
    RpcError,
)

KILLS = 30
_SPAWN = multiprocessing.get_context("forkserver")
_SPAWN.set_forkserver_preload(["tests.ledger.embedded_probe"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chain.sqlite"


@pytest.fixture
def world(path: Path) -> Iterator[World]:
    clock = Hand()
    with durable(path, clock) as chain:
        yield World(chain, clock)


def whole(chain: EmbeddedChain) -> list[Any]:
    head = int(chain.handle("eth_blockNumber", []), 16)
    return [chain.handle("eth_getBlockByNumber", [hex(n), True]) for n in range(head + 1)]


def test_a_reopened_chain_has_the_same_blocks_and_state_and_goes_on(
    world: World, path: Path
) -> None:
    store = world.deploy(STORE)
    world.send(to=store, data=words(1, 5))
    before = whole(world.chain)
    world.chain.close()

    with durable(path, Hand(START + 60)) as reopened:
        again = World(reopened, Hand(START + 60))
        assert whole(reopened) == before
        assert again.ask("eth_getStorageAt", store, "0x1") == words(5)
        again.send(to=store, data=words(1, 6))
        assert again.ask("eth_getStorageAt", store, "0x1") == words(6)
        assert int(again.ask("eth_getBlockByNumber", "latest")["timestamp"], 16) == START + 60
        assert reopened.tester.get_block_by_number("latest")["number"] == 3


def test_a_file_and_memory_hold_the_same_chain(world: World) -> None:
    other = in_memory()
    for each in (world, other):
        each.send(to=each.deploy(STORE), data=words(1, 5))
    assert whole(world.chain) == whole(other.chain)


def test_a_second_opener_is_refused_until_the_first_closes(world: World, path: Path) -> None:
    with pytest.raises(ChainFileInUseError, match="already open in another process"):
        durable(path)
    world.chain.close()
    durable(path).close()


def test_a_second_process_is_refused(world: World, path: Path) -> None:
    world.send()
    reading, writing = _SPAWN.Pipe(duplex=False)
    child = _SPAWN.Process(target=stream_payments, args=(str(path), 1, writing))
    child.start()
    writing.close()
    child.join(60)
    reading.close()
    assert child.exitcode == 1
    assert world.ask("eth_blockNumber") == "0x1"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"chain_id": CHAIN_ID + 1}, f"holds chain {CHAIN_ID}, not {CHAIN_ID + 1}"),
        ({"funder": OTHER.address}, "was made with funder"),
    ],
)
def test_another_chain_is_not_taken_for_this_one(
    world: World, path: Path, changed: dict[str, Any], text: str
) -> None:
    world.chain.close()
    asked = {"chain_id": CHAIN_ID, "funder": FUNDER.address, "clock": Hand()}
    EmbeddedChain.open(path, **asked).close()
    with pytest.raises(ChainFileMismatchError, match=text):
        EmbeddedChain.open(path, **{**asked, **changed})
    EmbeddedChain.open(path, **asked).close()


def test_other_files_are_not_taken_for_a_chain(path: Path) -> None:
    path.write_text("not a database, but long enough to be read as the header of one" * 20)
    with pytest.raises(ChainFileMismatchError, match="not a chain file"):
        durable(path)
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE something (else_ TEXT)")
    other.close()
    with pytest.raises(ChainFileMismatchError, match="something else"):
        durable(path)


def test_a_file_of_a_later_format_is_refused(world: World, path: Path) -> None:
    world.chain.close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version=2")
    other.close()
    with pytest.raises(ChainFileMismatchError, match="format 2"):
        durable(path)


def test_development_methods_are_off(world: World) -> None:
    with pytest.raises(RpcError) as raised:
        world.ask("evm_snapshot")
    assert raised.value.code == -32601


def test_a_failed_commit_leaves_the_chain_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send()
    before = whole(world.chain)

    def full(_writes: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    raw = signed(1)
    with monkeypatch.context() as patch:
        patch.setattr(world.chain.database, "_write", full)
        with pytest.raises(sqlite3.OperationalError):
            world.ask("eth_sendRawTransaction", raw)
    assert whole(world.chain) == before
    world.ask("eth_sendRawTransaction", raw)
    assert len(whole(world.chain)) == len(before) + 1


def killed_stream(path: Path, first_nonce: int, after_seconds: float) -> int:
    """Run a sender in another process, kill it, and count the payments it saw answered."""
    reading, writing = _SPAWN.Pipe(duplex=False)
    child = _SPAWN.Process(target=stream_payments, args=(str(path), first_nonce, writing))
    child.start()
    writing.close()
    assert select.select([reading], [], [], 60)[0], "the sender never started"
    child.join(after_seconds)
    child.kill()
    child.join()
    answered = 0
    while part := os.read(reading.fileno(), 65_536):
        answered += len(part)
    reading.close()
    return answered


def test_a_kill_leaves_whole_blocks_and_every_answered_payment(path: Path) -> None:
    """Each block holds one payment of 1 wei, so head, nonce and balance have to agree."""
    durable(path).close()
    delays = random.Random(20_260_301)
    paid, checked = 0, 0
    for _ in range(KILLS):
        answered = killed_stream(path, paid, delays.uniform(0.0, 0.12))
        with durable(path) as chain:
            head = int(chain.handle("eth_blockNumber", []), 16)
            nonce = int(chain.handle("eth_getTransactionCount", [FUNDER.address]), 16)
            balance = int(chain.handle("eth_getBalance", [NOBODY]), 16)
            assert head == nonce == balance
            # One more may have been committed than its sender lived to see.
            assert paid + answered <= head <= paid + answered + 1
            for number in range(checked + 1, head + 1):
                block = chain.handle("eth_getBlockByNumber", [hex(number), True])
                check_block(block, chain.handle("eth_getBlockReceipts", [hex(number)]))
                parent = chain.handle("eth_getBlockByNumber", [hex(number - 1)])
                assert block["parentHash"] == parent["hash"]
            next_payment = next(iter(itertools.islice(payments(head), 1)))
            chain.handle("eth_sendRawTransaction", [next_payment])
            paid = checked = head + 1
    assert paid > KILLS * 3
