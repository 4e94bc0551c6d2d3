"""The store below the chain takes a block's writes together or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger.embedded_probe import START, STORE, Hand, World, durable, in_memory, words
from wallet_chain.ledger.embedded.database import ChainDatabase, MemoryDatabase
from wallet_chain.ledger.embedded.evm import WalletState
from wallet_chain.ledger.embedded.sqlite_database import GenesisFacts, SqliteDatabase


@pytest.fixture(params=["memory", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChainDatabase]:
    opened: ChainDatabase
    if request.param == "memory":
        opened = MemoryDatabase()
    else:
        opened = SqliteDatabase(tmp_path / "chain.sqlite")
        opened.create(GenesisFacts(1, bytes(20), 1, START), {})
    opened[b"kept"] = b"before"
    yield opened
    opened.close()


def test_a_whole_block_is_seen_at_once_within_and_kept_after(database: ChainDatabase) -> None:
    with database.whole_block():
        database[b"new"] = b"1"
        del database[b"kept"]
        assert database[b"new"] == b"1"
        assert b"kept" not in database
    assert database[b"new"] == b"1"
    assert b"kept" not in database
    with pytest.raises(KeyError):
        del database[b"kept"]


def test_a_block_that_fails_leaves_nothing(database: ChainDatabase) -> None:
    def half_a_block() -> None:
        with database.whole_block():
            database[b"new"] = b"1"
            database[b"kept"] = b"after"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_a_block()
    assert b"new" not in database
    assert database[b"kept"] == b"before"


def test_a_batch_that_fails_dooms_its_block_even_when_the_error_is_caught(
    database: ChainDatabase,
) -> None:
    def half_a_batch() -> None:
        with database.atomic_batch() as batch:
            batch[b"new"] = b"1"
            raise ZeroDivisionError

    def block() -> None:
        with database.whole_block(), pytest.raises(ZeroDivisionError):
            half_a_batch()

    with pytest.raises(RuntimeError, match="the block is dropped"):
        block()
    assert b"new" not in database
    with pytest.raises(ZeroDivisionError):
        half_a_batch()
    assert b"new" not in database


def test_blocks_do_not_nest(database: ChainDatabase) -> None:
    with (
        database.whole_block(),
        pytest.raises(RuntimeError, match="already being written"),
        database.whole_block(),
    ):
        pass


def test_a_transaction_is_one_commit(tmp_path: Path) -> None:
    with durable(tmp_path / "chain.sqlite", Hand()) as chain:
        world = World(chain, Hand())
        store = world.deploy(STORE)
        statements: list[str] = []
        connection = chain.database._connection  # type: ignore[attr-defined]
        connection.set_trace_callback(statements.append)
        world.send(to=store, data=words(1, 5))
        assert [each for each in statements if each.startswith(("BEGIN", "COMMIT"))] == [
            "BEGIN IMMEDIATE",
            "COMMIT",
        ]
        settings = ("journal_mode", "synchronous", "locking_mode")
        assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in settings] == [
            "wal",
            2,
            "exclusive",
        ]


def test_a_fault_amid_a_call_leaves_no_half_changed_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = in_memory()
    store = world.deploy(STORE)
    call = {"to": store, "data": words(1, 5)}

    def broken(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(WalletState, "revert", broken)
        with pytest.raises(MemoryError):
            world.ask("eth_call", call, "latest")
    assert world.ask("eth_getStorageAt", store, "0x1") == words(0)
    assert int(world.ask("eth_call", call, "latest"), 16) == 5
