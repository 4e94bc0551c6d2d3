"""The only commit, and what is said when the database can't."""

import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from wallet_chain.clock import system_clock
from wallet_chain.errors import StoreBusy, StoreUnavailable
from wallet_chain.store import engine, failures
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Base, DatabaseEpoch


def _epoch(value: str = "a") -> DatabaseEpoch:
    return DatabaseEpoch(id=1, epoch=value, chain_id=1, genesis_hash="0x" + "00" * 32)


def test_a_transaction_is_kept_as_a_whole_when_its_block_ends(store: Store) -> None:
    with store.transaction() as session:
        session.add(_epoch())
    with store.reading() as session:
        assert session.scalar(select(DatabaseEpoch.epoch)) == "a"


def test_a_transaction_leaves_nothing_when_its_block_raises(store: Store) -> None:
    def write_and_stop() -> None:
        with store.transaction() as session:
            session.add(_epoch())
            session.flush()
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        write_and_stop()
    with store.reading() as session:
        assert session.scalar(select(DatabaseEpoch)) is None


def test_a_second_transaction_inside_the_first_is_refused(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError), store.transaction():
        pass
    with store.transaction() as session:
        session.add(_epoch())


def test_a_reading_session_can_not_write(store: Store) -> None:
    with pytest.raises(StoreUnavailable), store.reading() as session:
        session.execute(text("DELETE FROM database_epoch"))


def test_a_reading_session_sees_one_state_throughout(store: Store) -> None:
    with store.transaction() as session:
        session.add(_epoch("before"))
    with store.reading() as reader:
        assert reader.scalar(select(DatabaseEpoch.epoch)) == "before"
        with store.transaction() as writer:
            writer.execute(text("UPDATE database_epoch SET epoch = 'after'"))
        assert reader.scalar(select(DatabaseEpoch.epoch)) == "before"


def test_a_broken_constraint_stays_a_broken_constraint(store: Store) -> None:
    with store.transaction() as session:
        session.add(_epoch())
    with pytest.raises(IntegrityError), store.transaction() as session:
        session.execute(text("INSERT INTO database_epoch SELECT * FROM database_epoch"))


def test_parallel_writers_all_get_their_turn(store: Store) -> None:
    with store.transaction() as session:
        session.add(DatabaseEpoch(id=1, epoch="0", chain_id=0, genesis_hash="0x"))

    def add_one() -> None:
        with store.transaction() as session:
            session.execute(text("UPDATE database_epoch SET chain_id = chain_id + 1"))

    threads = [threading.Thread(target=add_one) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert session.scalar(select(DatabaseEpoch.chain_id)) == 30


def test_migrating_twice_changes_nothing_and_the_tables_are_the_models(store: Store) -> None:
    store.migrate()
    with store.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_locked_sqlite_file_is_busy_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    file = tmp_path / "w.sqlite3"
    store = Store.open(f"sqlite:///{file}", system_clock)
    store.migrate()
    with store.transaction() as session:
        session.add(_epoch("fine"))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy), store.transaction() as session:
        session.execute(text("DELETE FROM database_epoch"))
    other.execute("ROLLBACK")
    other.close()
    with store.reading() as session:
        assert session.scalar(select(DatabaseEpoch.epoch)) == "fine"


def test_a_thread_that_keeps_the_only_turn_makes_others_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    store = Store.open(f"sqlite:///{tmp_path / 'w.sqlite3'}", system_clock)
    store.migrate()
    caught: list[BaseException] = []

    def second() -> None:
        try:
            with store.transaction():
                pass
        except StoreBusy as error:
            caught.append(error)

    with store.transaction():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_a_full_disk_is_unavailable_and_nothing_is_written(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'w.sqlite3'}", system_clock)
    store.migrate()
    with store.transaction() as session:
        session.add(_epoch("fine"))

    def write_more_than_fits() -> None:
        with store.transaction() as session:
            pages = session.execute(text("PRAGMA page_count")).scalar_one()
            session.execute(text(f"PRAGMA max_page_count = {pages}"))
            for number in range(2, 2000):
                session.add(DatabaseEpoch(id=number, epoch="x" * 32, chain_id=1, genesis_hash="0x"))

    with pytest.raises(StoreUnavailable):
        write_more_than_fits()
    with store.reading() as session:
        assert session.scalars(select(DatabaseEpoch.epoch)).all() == ["fine"]


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "w.sqlite3"
    file.write_bytes(b"not a database at all" * 100)
    store = Store.open(f"sqlite:///{file}", system_clock)
    with pytest.raises(StoreUnavailable):
        store.migrate()


def test_a_postgresql_that_is_down_is_unavailable() -> None:
    store = Store.open("postgresql+psycopg://nobody@127.0.0.1:1/none", system_clock)
    with pytest.raises(StoreUnavailable), store.transaction() as session:
        session.execute(text("SELECT 1"))


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_a_database_that_can_not_keep_its_word_is_refused(url: str) -> None:
    with pytest.raises(StoreUnavailable):
        Store.open(url, system_clock)


def test_a_defect_of_a_statement_is_not_taken_for_a_busy_database(store: Store) -> None:
    with pytest.raises(Exception, match="no_such_column") as caught, store.transaction() as session:
        session.execute(text("SELECT no_such_column FROM database_epoch"))
    assert not isinstance(caught.value, StoreBusy | StoreUnavailable)


def test_every_busy_error_of_postgresql_is_retryable() -> None:
    for kind in failures._POSTGRES_BUSY:
        assert issubclass(kind, psycopg.Error)


def test_connections_that_read_keep_little_of_what_soon_is_stale(tmp_path: Path) -> None:
    # There are up to 32 of them; 64 MiB for each once made a server grow for hours.
    opened = Store.open(f"sqlite:///{tmp_path / 'bank.sqlite3'}", system_clock)
    opened.migrate()
    with opened.reading() as session:
        assert session.scalar(text("PRAGMA cache_size")) == -2_048
    with opened.transaction() as session:
        assert session.scalar(text("PRAGMA cache_size")) == -32_768
    opened.close()
