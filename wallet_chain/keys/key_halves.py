"""The second half of every customer's key, in a place of its own.

Half of a customer's key is a row of the database, wrapped by the master key; this is the other half.
It is kept apart so that a backup of the database can't be read once a half has been destroyed here,
not even with the master key. Back this place up by itself, and keep no copy for longer than the bank
may take to erase somebody.
"""

import secrets
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, create_engine, event, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from wallet_chain.errors import CustomerForgotten, CustomerKeysMissing, StoreUnavailable

HALF_BYTES = 32

_halves = Table(
    "customer_key_half",
    MetaData(),
    Column("customer_id", String(40), primary_key=True),
    # Null: destroyed. The row stays, so that nothing can take the erased half for a lost one.
    Column("half", LargeBinary, nullable=True),
)
_AT_A_TIME = 500


class KeyHalves:
    """Makes, reads and destroys second halves. Each change is durable when its method returns."""

    def __init__(self, url: str) -> None:
        """``sqlite:///FILE`` or ``postgresql+psycopg://...``; what is not there yet is made.

        Raises StoreUnavailable.
        """
        parsed = make_url(url)
        self._is_sqlite = parsed.get_backend_name() == "sqlite"
        if self._is_sqlite:
            if not parsed.database or parsed.database == ":memory:":
                raise StoreUnavailable("Customers' keys need a file: sqlite:///PATH.")
            path = Path(parsed.database)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        else:
            parsed = parsed.set(drivername="postgresql+psycopg")
        self._engine = create_engine(parsed)
        if self._is_sqlite:
            event.listen(self._engine, "connect", _sqlite_connected)
        try:
            _halves.metadata.create_all(self._engine)
        except SQLAlchemyError as error:
            raise StoreUnavailable(
                "The place of customers' keys can't be opened; see WALLET_CHAIN_CUSTOMER_KEYS_URL."
            ) from error

    def create(self, customer_id: str) -> bytes:
        """A new customer's half. One that is made and never used does no harm."""
        half = secrets.token_bytes(HALF_BYTES)
        with self._engine.begin() as connection:
            connection.execute(_halves.insert(), {"customer_id": customer_id, "half": half})
        return half

    def get(self, customer_id: str) -> bytes:
        """A customer's half. Raises CustomerForgotten when it was destroyed, CustomerKeysMissing
        when it was never here."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(_halves.c.half).where(_halves.c.customer_id == customer_id)
            ).one_or_none()
        if row is None:
            raise _missing(customer_id)
        if row.half is None:
            raise CustomerForgotten(
                f"The personal data of customer {customer_id} has been erased; only the movements of"
                " their accounts remain.",
                customer_id=customer_id,
            )
        return bytes(row.half)

    def destroy(self, customer_ids: Iterable[str]) -> None:
        """Erase halves for good; those that are gone already stay gone."""
        wanted = sorted(customer_ids)
        for start in range(0, len(wanted), _AT_A_TIME):
            part = wanted[start : start + _AT_A_TIME]
            with self._engine.begin() as connection:
                connection.execute(
                    _halves.update().where(_halves.c.customer_id.in_(part)).values(half=None)
                )
        self._scrub()

    def require(self, customer_ids: Iterable[str]) -> None:
        """Raise CustomerKeysMissing unless there is a row, erased or not, for each customer."""
        with self._engine.connect() as connection:
            here = set(connection.scalars(select(_halves.c.customer_id)))
        for customer_id in customer_ids:
            if customer_id not in here:
                raise _missing(customer_id)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _scrub(self) -> None:
        """Take what was overwritten out of the files too; PostgreSQL does so at its next vacuum."""
        if not self._is_sqlite:
            return
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()


def _missing(customer_id: str) -> CustomerKeysMissing:
    return CustomerKeysMissing(
        f"The key of customer {customer_id} is not where WALLET_CHAIN_CUSTOMER_KEYS_URL points to."
        " Restore that file or database from its own backup; without it personal data can't be"
        " read.",
        customer_id=customer_id,
    )


def _sqlite_connected(connection: object, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]
