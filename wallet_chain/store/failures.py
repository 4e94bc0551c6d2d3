"""Database drivers' errors, told apart by what a caller can do about them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy.exc

from wallet_chain.errors import StoreBusy, StoreUnavailable, WalletError

_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# A damaged or foreign file, a full or read-only disk: nothing that asking again would cure.
_SQLITE_UNAVAILABLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
}
_POSTGRES_BUSY = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.QueryCanceled,
    psycopg.errors.TooManyConnections,
)
_POSTGRES_UNAVAILABLE = (
    psycopg.errors.DiskFull,
    psycopg.errors.OutOfMemory,
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UndefinedTable,
)


def store_failure(error: BaseException) -> WalletError | None:
    """The refusal that a driver's error amounts to; None when it is a defect of the statement.

    A broken constraint stays what it is: the code that wrote the row knows what it means.
    """
    if isinstance(error, sqlalchemy.exc.TimeoutError):
        return StoreBusy("All database connections are in use; ask again in a moment.")
    if not isinstance(error, sqlalchemy.exc.DBAPIError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _sqlite_failure(cause)
    if isinstance(cause, _POSTGRES_BUSY):
        return StoreBusy("The database is busy with other work; ask again in a moment.")
    lost = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    if lost or isinstance(cause, _POSTGRES_UNAVAILABLE):
        return StoreUnavailable(_unavailable_text(type(cause).__name__))
    return None


def _sqlite_failure(cause: sqlite3.Error) -> WalletError | None:
    # The low byte is the primary code; the rest says more about it.
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_BUSY:
        return StoreBusy("The database file is locked by other work; ask again in a moment.")
    no_table = isinstance(cause, sqlite3.OperationalError) and "no such table" in str(cause)
    if code in _SQLITE_UNAVAILABLE or no_table:
        return StoreUnavailable(_unavailable_text(str(cause)))
    return None


def _unavailable_text(cause: str) -> str:
    return (
        f"The database can't take this now ({cause}). Nothing was written; look at its disk,"
        " its permissions and whether it runs."
    )


@contextmanager
def failures_told_apart() -> Iterator[None]:
    """Raise StoreBusy or StoreUnavailable for what the driver says inside the block."""
    try:
        yield
    except sqlalchemy.exc.SQLAlchemyError as error:
        refusal = store_failure(error)
        if refusal is None:
            raise
        raise refusal from error
