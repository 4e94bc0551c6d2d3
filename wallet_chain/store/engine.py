"""The database: how it is opened, and the only commit.

SQLite runs with a write-ahead log and full synchronisation, so what was committed survives a loss
of power; one process writes at a time. PostgreSQL runs with synchronous commit. A write is one
``transaction()``: it is committed at the end of the block or not at all.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from wallet_chain.clock import Clock
from wallet_chain.errors import StoreUnavailable
from wallet_chain.store.failures import failures_told_apart
from wallet_chain.store.group_commit import GroupCommit
from wallet_chain.store.log import append_noted
from wallet_chain.store.process_lock import ProcessLock

BUSY_SECONDS = 5.0
"""How long a write waits for others before StoreBusy."""

_CACHE_KIB = 32_768
_READING_CACHE_KIB = 2_048
_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number that nothing else uses: serialises processes that start at the same moment.
_MIGRATION_LOCK = 7_290_115_402


class Store:
    """An opened database."""

    def __init__(self, url: URL, clock: Clock, writing: Engine, reading: Engine) -> None:
        self.url = url
        self.clock = clock
        self.fingerprint_key = b""
        """Secret for digests of what callers send; set it before the first request is recorded."""
        self._writing = writing
        self._reading = reading
        self._group_commit = (
            GroupCommit(writing, self._savepoint_session, BUSY_SECONDS) if self.is_sqlite else None
        )
        self._in_transaction = threading.local()

    @classmethod
    def open(cls, url: str, clock: Clock) -> "Store":
        """Open by SQLAlchemy URL (``sqlite:///file`` or ``postgresql+psycopg://...``).

        Nothing is connected yet, so a database that is down is noticed by the first use. Raises
        StoreUnavailable for a URL that names no supported database.
        """
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            writing, reading = _sqlite_engines(parsed)
        elif parsed.get_backend_name() == "postgresql":
            writing, reading = _postgres_engines(parsed)
        else:
            raise StoreUnavailable(
                "The database must be sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME."
            )
        return cls(parsed, clock, writing, reading)

    @property
    def is_sqlite(self) -> bool:
        """Whether one process at a time must write."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that is committed once, when the block ends without an exception.

        Raises StoreBusy (nothing was written, ask again) and StoreUnavailable. After
        StoreUnavailable at the very end the outcome may be unknown: ask again with the same
        Idempotency-Key. Objects stay readable after the commit.
        """
        if getattr(self._in_transaction, "active", False):
            raise RuntimeError("A transaction is open in this thread; there is one commit only.")
        with failures_told_apart():
            self._in_transaction.active = True
            try:
                if self._group_commit is not None:
                    with self._group_commit.transaction() as session:
                        yield session
                        append_noted(session)
                else:
                    with self._session(self._writing) as session, session.begin():
                        yield session
                        append_noted(session)
            finally:
                self._in_transaction.active = False

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one consistent state and can't write. Raises as ``transaction``."""
        with failures_told_apart(), self._session(self._reading) as session:
            yield session

    def migrate(self) -> None:
        """Bring the tables to this release's form; does nothing when they are."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self._turn(), failures_told_apart(), self._writing.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @property
    def lock_path(self) -> Path:
        """The file whose lock says which process writes to a SQLite database."""
        return Path(f"{self.url.database}.lock")

    def lock_process(self, path: Path) -> ProcessLock:
        """Hold ``path`` as the one server that writes to this database. Raises StoreLocked."""
        return ProcessLock(path)

    def now_seconds(self, session: Session) -> int:
        """The present for leases: the database's time where processes share one, else the clock."""
        if self.is_sqlite:
            return self.clock()
        return int(
            session.execute(
                text("SELECT floor(extract(epoch FROM clock_timestamp()))")
            ).scalar_one()
        )

    def scrub(self) -> None:
        """Take deleted rows out of the files too, as far as the database lets us.

        SQLite: deleted cells are overwritten as they are freed; this empties the write-ahead log,
        which still has the pages from before. PostgreSQL: vacuums the table of customers' keys; its
        own log keeps old pages until it is recycled.
        """
        with self._turn(), failures_told_apart():
            if self.is_sqlite:
                # Neither statement runs inside a transaction, and the engine would begin one.
                connection = self._writing.raw_connection()
                try:
                    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                finally:
                    connection.close()
            else:
                with self._writing.connect() as open_connection:
                    open_connection.execution_options(isolation_level="AUTOCOMMIT")
                    open_connection.exec_driver_sql("VACUUM customer_key, customer")

    def close(self) -> None:
        """Close all connections."""
        self._writing.dispose()
        self._reading.dispose()

    def _session(self, engine: Engine) -> Session:
        return Session(
            engine,
            expire_on_commit=False,
            info={
                "fingerprint_key": self.fingerprint_key,
                "writing": engine is self._writing,
            },
        )

    def _savepoint_session(self, connection: Connection) -> Session:
        return Session(
            connection,
            expire_on_commit=False,
            join_transaction_mode="create_savepoint",
            info={"fingerprint_key": self.fingerprint_key, "writing": True},
        )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The database for this thread alone, as far as this process goes."""
        if self._group_commit is None:
            yield
            return
        with self._group_commit.alone():
            yield


def _dump_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _engine(url: URL, **options: Any) -> Engine:
    return create_engine(url, json_serializer=_dump_json, json_deserializer=orjson.loads, **options)


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    if not url.database or url.database == ":memory:":
        raise StoreUnavailable(
            "SQLite needs a file here: sqlite:///PATH. Memory is lost on a crash."
        )
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    shared: dict[str, Any] = {
        "connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False},
        "pool_timeout": BUSY_SECONDS,
    }
    writing = _engine(url, pool_size=1, max_overflow=1, **shared)
    # The one used last is the next: as many are kept busy as are needed, not all in turns.
    reading = _engine(url, pool_size=8, max_overflow=24, pool_use_lifo=True, **shared)
    event.listen(writing, "connect", _sqlite_connected)
    event.listen(reading, "connect", _sqlite_connected_for_reading)
    # IMMEDIATE takes the write lock before anything is read, so that no read goes stale.
    event.listen(writing, "begin", _begins_with("BEGIN IMMEDIATE"))
    event.listen(reading, "begin", _begins_with("BEGIN"))
    return writing, reading


def _sqlite_connected(connection: Any, _record: object) -> None:
    # The driver would otherwise begin transactions by itself, and only before some statements.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{_CACHE_KIB}",
        "temp_store=MEMORY",
        # A customer's destroyed key must not survive in a free page.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_connected_for_reading(connection: Any, record: object) -> None:
    _sqlite_connected(connection, record)
    connection.execute("PRAGMA query_only=ON")
    # What it keeps is stale as soon as anything was written, so much of it would only fill memory,
    # once for every connection.
    connection.execute(f"PRAGMA cache_size=-{_READING_CACHE_KIB}")


def _begins_with(statement: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _postgres_engines(url: URL) -> tuple[Engine, Engine]:
    url = url.set(drivername="postgresql+psycopg")
    shared: dict[str, Any] = {"pool_pre_ping": True, "pool_timeout": BUSY_SECONDS}
    waits_ms = int(BUSY_SECONDS * 1000)
    writing = _engine(
        url,
        pool_size=8,
        max_overflow=24,
        connect_args={"options": f"-c synchronous_commit=on -c lock_timeout={waits_ms}"},
        isolation_level="READ COMMITTED",
        **shared,
    )
    reading = _engine(
        url,
        pool_size=8,
        max_overflow=24,
        connect_args={"options": "-c default_transaction_read_only=on"},
        isolation_level="REPEATABLE READ",
        **shared,
    )
    return writing, reading
