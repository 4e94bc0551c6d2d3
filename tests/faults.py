"""Ways in which what a bank stands on fails, for tests: the chain's port, the database's file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from wallet_chain.errors import ChainUnavailable
from wallet_chain.ledger.rpc import Calls, Rpc, RpcFailure
from wallet_chain.store.engine import Store


class Line:
    """A line to a chain that can be cut: before a call arrives, or after it took effect."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self.cut = False
        self.cut_after_sends: int | None = None
        """The line breaks for good after so many transactions have arrived."""

    def call(self, method: str, params: list[Any]) -> Any:
        """The call, unless the line is cut."""
        self._require()
        answer = self._rpc.call(method, params)
        self._count(method)
        self._require()
        return answer

    def batch(self, calls: Calls) -> list[Any | RpcFailure]:
        """The calls, unless the line is cut."""
        self._require()
        answers = self._rpc.batch(calls)
        for method, _ in calls:
            self._count(method)
        self._require()
        return answers

    def _count(self, method: str) -> None:
        if method == "eth_sendRawTransaction" and self.cut_after_sends is not None:
            self.cut_after_sends -= 1
            self.cut = self.cut_after_sends <= 0

    def _require(self) -> None:
        if self.cut:
            raise ChainUnavailable("The line to the chain is cut.")


@contextmanager
def locked(store: Store, table: str = "request") -> Iterator[None]:
    """Another program holds the lock that writes need: SQLite's file, or a table of PostgreSQL."""
    connection = store._writing.raw_connection()
    cursor = connection.cursor()
    if store.is_sqlite:
        cursor.execute("BEGIN IMMEDIATE")
    else:
        cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
    try:
        yield
    finally:
        cursor.execute("ROLLBACK")
        connection.close()


@contextmanager
def full(store: Store) -> Iterator[None]:
    """The SQLite file may not grow any more."""
    connection = store._writing.raw_connection()
    cursor = connection.cursor()
    pages = cursor.execute("PRAGMA page_count").fetchone()[0]
    cursor.execute(f"PRAGMA max_page_count = {pages}")
    connection.close()
    try:
        yield
    finally:
        connection = store._writing.raw_connection()
        connection.cursor().execute("PRAGMA max_page_count = 4294967294")
        connection.close()
