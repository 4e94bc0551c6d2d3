"""The durable store: one SQLite file, one transaction per block, one process."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lru import LRU

from wallet_chain.ledger.embedded.database import ChainDatabase

FORMAT_VERSION = 1
_APPLICATION_ID = 0x57434348
_CACHED_ENTRIES_MAX = 100_000

_SCHEMA = (
    "CREATE TABLE genesis (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
)


class ChainFileError(Exception):
    """The chain file cannot be used as asked; the message says why and what to do."""


class ChainFileInUseError(ChainFileError):
    """Another process, or another chain in this one, has the file open."""


class ChainFileMismatchError(ChainFileError):
    """The file holds another chain than the one asked for, or no chain at all."""


@dataclass(frozen=True, slots=True)
class GenesisFacts:
    """What fixes block 0, so that the same file always reopens as the same chain."""

    chain_id: int
    funder: bytes
    """The 20-byte address that block 0 funds."""
    block_gas_limit: int
    timestamp: int
    """Unix seconds."""


class SqliteDatabase(ChainDatabase):
    """Entries in SQLite (WAL, synchronous=FULL), read through a bounded cache.

    The file is held under SQLite's exclusive lock for as long as it is open, so the operating
    system refuses a second writer and frees the lock when the process dies.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises ChainFileInUseError when it is open elsewhere, ChainFileMismatchError when it is not a chain.
        """
        super().__init__()
        self._path = path
        self._cache: LRU[bytes, bytes] = LRU(_CACHED_ENTRIES_MAX)
        # The chain's lock keeps threads apart; SQLite's own check would only forbid them.
        self._connection = sqlite3.connect(
            path, isolation_level=None, timeout=0, check_same_thread=False
        )
        try:
            self._claim()
        except BaseException:
            self._connection.close()
            raise

    def _claim(self) -> None:
        execute = self._connection.execute
        try:
            execute("PRAGMA locking_mode=EXCLUSIVE")
            execute("PRAGMA journal_mode=WAL")
            execute("PRAGMA synchronous=FULL")
            # In exclusive mode the lock taken here is kept until the connection closes.
            execute("BEGIN EXCLUSIVE")
            try:
                self._check_format()
            finally:
                execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise ChainFileError(f"{self._path}: {error}") from error
            raise ChainFileInUseError(
                f"{self._path} is already open in another process; "
                "a chain file has one writer, so stop that process first"
            ) from error
        except sqlite3.DatabaseError as error:
            raise ChainFileMismatchError(f"{self._path} is not a chain file: {error}") from error

    def _check_format(self) -> None:
        execute = self._connection.execute
        tables = {row[0] for row in execute("SELECT name FROM sqlite_schema WHERE type='table'")}
        if not tables:
            return
        application_id = execute("PRAGMA application_id").fetchone()[0]
        version = execute("PRAGMA user_version").fetchone()[0]
        if application_id != _APPLICATION_ID:
            raise ChainFileMismatchError(
                f"{self._path} is a database of something else, not a chain"
            )
        if version != FORMAT_VERSION:
            raise ChainFileMismatchError(
                f"{self._path} has chain file format {version}; this release reads {FORMAT_VERSION}"
            )

    def genesis(self) -> GenesisFacts | None:
        """The facts of block 0, or None for a new file."""
        if not self._connection.execute("PRAGMA user_version").fetchone()[0]:
            return None
        rows = dict(self._connection.execute("SELECT name, value FROM genesis"))
        return GenesisFacts(
            chain_id=int(rows["chain_id"]),
            funder=bytes.fromhex(rows["funder"]),
            block_gas_limit=int(rows["block_gas_limit"]),
            timestamp=int(rows["timestamp"]),
        )

    def create(self, facts: GenesisFacts, entries: Mapping[bytes, bytes | None]) -> None:
        """Write the tables, the facts and block 0 in one transaction: all of it or a new file."""
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            for statement in _SCHEMA:
                execute(statement)
            execute(f"PRAGMA application_id={_APPLICATION_ID}")
            execute(f"PRAGMA user_version={FORMAT_VERSION}")
            self._connection.executemany(
                "INSERT INTO genesis VALUES (?, ?)",
                [
                    ("chain_id", str(facts.chain_id)),
                    ("funder", facts.funder.hex()),
                    ("block_gas_limit", str(facts.block_gas_limit)),
                    ("timestamp", str(facts.timestamp)),
                ],
            )
            self._write(entries)
            execute("COMMIT")
        except BaseException:
            execute("ROLLBACK")
            raise

    def _write(self, writes: Mapping[bytes, bytes | None]) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO entries VALUES (?, ?)",
            [(key, value) for key, value in writes.items() if value is not None],
        )
        deleted = [(key,) for key, value in writes.items() if value is None]
        if deleted:
            self._connection.executemany("DELETE FROM entries WHERE key = ?", deleted)

    def _read(self, key: bytes) -> bytes | None:
        cached = self._cache.get(key)
        if cached is not None:
            return cached
        row = self._connection.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        value: bytes = row[0]
        self._cache[key] = value
        return value

    def _commit(self, writes: Mapping[bytes, bytes | None]) -> None:
        if not writes:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._write(writes)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        # Only what is on disk may be cached, or a failed commit would be read back.
        for key, value in writes.items():
            if value is None:
                self._cache.pop(key, None)
            else:
                self._cache[key] = value

    def close(self) -> None:
        """Close the file and free its lock."""
        self._connection.close()
