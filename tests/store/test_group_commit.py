"""Writes that share a commit: each durable when it returns, each taken back alone."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wallet_chain.errors import StoreBusy, StoreUnavailable
from wallet_chain.store.failures import failures_told_apart
from wallet_chain.store.group_commit import GroupCommit

INSERT = text("INSERT INTO line (word) VALUES (:word)")


class Commits:
    """How many transactions of the database there were."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        event.listen(engine, "commit", self._committed)

    def _committed(self, _: Connection) -> None:
        self.count += 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines.sqlite3"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})
    event.listen(made, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(made, "begin", lambda opened: opened.exec_driver_sql("BEGIN IMMEDIATE"))
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE line (word TEXT PRIMARY KEY)"))
    yield made
    made.dispose()


def session_on(connection: Connection) -> Session:
    return Session(connection, join_transaction_mode="create_savepoint")


def writer(engine: Engine, wait_seconds: float = 5.0) -> GroupCommit:
    return GroupCommit(engine, session_on, wait_seconds)


def words(path: Path) -> set[str]:
    """What another process sees."""
    with sqlite3.connect(path) as other:
        return {word for (word,) in other.execute("SELECT word FROM line")}


def write(group: GroupCommit, word: str, then: Callable[[], object] = lambda: None) -> None:
    with failures_told_apart(), group.transaction() as session:
        session.execute(INSERT, {"word": word})
        then()


def all_behind_one(
    group: GroupCommit, first: str, others: dict[str, Callable[[], None]]
) -> dict[str, Future[None]]:
    """Let the others wait while the first is in its block, so that they share its commit."""
    inside, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        assert go_on.wait(10)

    with ThreadPoolExecutor(len(others) + 1) as pool:
        ended = {first: pool.submit(write, group, first, hold)}
        assert inside.wait(10)
        for word, then in others.items():
            ended[word] = pool.submit(write, group, word, then)
        while group._queue < len(others):
            pass
        go_on.set()
    return ended


def nothing() -> None:
    """A write that goes well."""


def test_writes_that_wait_share_a_commit_and_all_are_kept(engine: Engine, path: Path) -> None:
    commits = Commits(engine)
    others = {f"w{number}": nothing for number in range(10)}
    ended = all_behind_one(writer(engine), "first", others)
    for future in ended.values():
        future.result()
    assert words(path) == ended.keys()
    assert commits.count < len(ended) / 2


def test_a_write_is_visible_to_others_when_it_returns(engine: Engine, path: Path) -> None:
    group = writer(engine)

    def write_and_look(word: str) -> bool:
        write(group, word)
        return word in words(path)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write_and_look, [f"w{number}" for number in range(200)]))


def test_one_that_fails_is_taken_back_alone(engine: Engine, path: Path) -> None:
    def fail() -> None:
        raise ValueError("stop")

    ended = all_behind_one(writer(engine), "first", {"good": nothing, "bad": fail, "fine": nothing})
    with pytest.raises(ValueError, match="stop"):
        ended["bad"].result()
    for word in ("first", "good", "fine"):
        ended[word].result()
    assert words(path) == {"first", "good", "fine"}


def test_a_lone_write_that_fails_leaves_nothing_open(engine: Engine, path: Path) -> None:
    group = writer(engine)

    def fail() -> None:
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        write(group, "bad", fail)
    write(group, "next")
    assert words(path) == {"next"}


def test_when_the_database_gives_up_everybody_in_the_group_is_told(
    engine: Engine, path: Path
) -> None:
    """A full disk makes SQLite take back the whole transaction, not only the savepoint."""
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 8")
    group = writer(engine)
    ended = all_behind_one(group, "first", {"x" * 40_000: nothing, "last": nothing})
    kept = words(path)
    for word, future in ended.items():
        if word in kept:
            future.result()
        else:
            with pytest.raises(StoreUnavailable):
                future.result()
    assert "x" * 40_000 not in kept
    write(group, "afterwards")
    assert "afterwards" in words(path)


def test_who_waits_too_long_is_told(engine: Engine, path: Path) -> None:
    group = writer(engine, wait_seconds=0.1)
    inside, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        inside.set()
        assert go_on.wait(10)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(write, group, "first", hold)
        assert inside.wait(10)
        with pytest.raises(StoreBusy):
            pool.submit(write, group, "second").result()
        go_on.set()
        first.result()
    assert words(path) == {"first"}


def test_a_group_left_to_somebody_who_gave_up_is_committed_all_the_same(
    engine: Engine, path: Path
) -> None:
    group = writer(engine)
    # Somebody waits when the write is done, and never comes.
    group._queue = 1
    write(group, "first")
    assert words(path) == {"first"}


def test_a_turn_alone_finds_no_transaction_open(engine: Engine, path: Path) -> None:
    group = writer(engine)
    write(group, "before")
    with group.alone(), engine.connect() as connection:
        connection.execute(INSERT, {"word": "alone"})
        connection.commit()
    assert words(path) == {"before", "alone"}


def test_a_commit_that_fails_is_told(engine: Engine, path: Path) -> None:
    group = writer(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(
            "CREATE TABLE child (of INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
        )
        connection.commit()

    def orphan() -> None:
        with group.transaction() as session:
            session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            session.execute(text("INSERT INTO child VALUES (7)"))

    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))
    engine.dispose()
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        orphan()
    write(group, "afterwards")
    assert words(path) == {"afterwards"}
