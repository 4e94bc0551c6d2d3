"""Many writes, one commit: for a database that lets one writer in at a time.

Making a commit durable takes the disk some milliseconds, whatever is in it. So a writer that finds
others waiting behind it leaves the database's transaction open for them; the last one, or the one
who fills the group, commits for all. Nobody's write returns before that commit. Each write is a
savepoint: one that fails is taken back alone, and one that comes later sees those before it, as it
would have with a commit between.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import RootTransaction
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from wallet_chain.clock import monotonic_seconds
from wallet_chain.errors import StoreBusy, StoreUnavailable
from wallet_chain.store.failures import store_failure

MEMBERS_MAX = 32
OPEN_SECONDS_MAX = 0.05
"""No write waits longer for company; other processes want their turn too."""

_LOOK_SECONDS = 0.05


@dataclass(slots=True)
class _Group:
    """One transaction of the database, and the writes that are in it."""

    connection: Connection
    transaction: RootTransaction
    driver: sqlite3.Connection
    begun_at: float
    members: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None

    @property
    def full(self) -> bool:
        """Whether nobody else may come in."""
        waited = monotonic_seconds() - self.begun_at
        return self.members >= MEMBERS_MAX or waited > OPEN_SECONDS_MAX

    @property
    def lost(self) -> bool:
        """Whether the whole transaction has been taken back: by the database, its disk being full for
        example, or with its connection."""
        try:
            return not self.driver.in_transaction
        except sqlite3.ProgrammingError:
            return True

    @contextmanager
    def member(self) -> Iterator[None]:
        """A savepoint: whatever happened since is taken back when the block raises.

        It is set and gone back to by the driver itself, whatever state an exception has left the
        layers above it in.
        """
        self.members += 1
        self.driver.execute("SAVEPOINT member")
        try:
            yield
        except BaseException:
            if not self.lost:
                self.driver.execute("ROLLBACK TO member")
            raise


class GroupCommit:
    """The one writer of a database, in which threads take turns. One commit each, or shared."""

    def __init__(
        self, engine: Engine, session_on: Callable[[Connection], Session], wait_seconds: float
    ) -> None:
        """``session_on`` opens a session whose transaction is a savepoint of the connection's."""
        self._engine = engine
        self._session_on = session_on
        self._wait_seconds = wait_seconds
        self._turn = threading.Lock()
        self._queue = 0
        self._queue_lock = threading.Lock()
        self._open: _Group | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose writes are durable when the block has been left without an exception.

        Raises StoreBusy, StoreUnavailable and what the database says about a statement.
        """
        self._take_turn()
        try:
            group = self._group()
            try:
                with (
                    group.member(),
                    self._session_on(group.connection) as session,
                    session.begin(),
                ):
                    yield session
            except SQLAlchemyError as error:
                # Without a transaction there is no savepoint to go back to; why there is none
                # matters, not that.
                if not group.lost:
                    raise
                raise _first(error) from None
            finally:
                self._leave(group)
        finally:
            self._turn.release()
        while not group.ended.wait(_LOOK_SECONDS):
            self._end_if_abandoned(group)
        if group.failure is not None:
            raise group.failure

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A turn with no transaction open."""
        self._take_turn()
        try:
            if self._open is not None:
                self._end(self._open)
            yield
        finally:
            self._turn.release()

    def _take_turn(self) -> None:
        with self._queue_lock:
            self._queue += 1
        try:
            taken = self._turn.acquire(timeout=self._wait_seconds)
        finally:
            with self._queue_lock:
                self._queue -= 1
        if not taken:
            raise StoreBusy("The database is busy writing; ask again in a moment.")

    def _group(self) -> _Group:
        if self._open is None:
            connection = self._engine.connect()
            try:
                transaction = connection.begin()
                driver: Any = connection.connection.dbapi_connection
                self._open = _Group(connection, transaction, driver, monotonic_seconds())
            except BaseException:
                connection.close()
                raise
        return self._open

    def _leave(self, group: _Group) -> None:
        """Commit, unless somebody waits who can do it."""
        if group.lost or group.full or self._queue == 0:
            self._end(group)

    def _end_if_abandoned(self, group: _Group) -> None:
        # Who was waited for may have given up instead of taking the turn.
        if self._turn.acquire(blocking=False):
            try:
                if self._open is group:
                    self._end(group)
            finally:
                self._turn.release()

    def _end(self, group: _Group) -> None:
        """Commit for all members and tell them; only with the turn."""
        self._open = None
        try:
            if group.lost:
                raise StoreUnavailable(
                    "The database took this back together with a write beside it that failed;"
                    " nothing was written, ask again."
                )
            group.transaction.commit()
        except SQLAlchemyError as error:
            group.failure = store_failure(error) or error
            # Whatever state the transaction is in, it ends with its connection.
            group.connection.invalidate()
        except StoreUnavailable as error:
            group.failure = error
        finally:
            group.connection.close()
            group.ended.set()


def _first(error: BaseException) -> BaseException:
    """The database's first complaint of those that followed from one another."""
    while isinstance(error.__context__, SQLAlchemyError):
        error = error.__context__
    return error
