"""One number for all that was copied from the chain: equal copies, equal digests."""

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import ColumnElement, String, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from wallet_chain.store.tables import DERIVED, Base, ChainCursor

_ROWS_AT_A_TIME = 2_000


def state_digest(session: Session) -> str:
    """SHA-256, in hex, over every row of the derived tables in the order of their keys.

    The same blocks give the same digest on SQLite and on PostgreSQL. The cursor's alarm does not
    count: it tells of a block that is not in the tables.
    """
    digest = hashlib.sha256()
    for table in DERIVED:
        digest.update(table.__tablename__.encode() + b"\n")
        for row in rows_in_key_order(session, table):
            digest.update(canonical_row(row) + b"\n")
    return digest.hexdigest()


def digested_columns(table: type[Base]) -> list[InstrumentedAttribute[Any]]:
    """The columns that count, in the order of their definition."""
    columns = [getattr(table, column.key) for column in table.__mapper__.columns]
    return [column for column in columns if column is not ChainCursor.stopped_reason]


def key_columns(table: type[Base]) -> list[str]:
    """The names of the primary key's columns, in order."""
    return [str(column.key) for column in table.__mapper__.primary_key]


def rows_in_key_order(session: Session, table: type[Base]) -> Iterator[tuple[Any, ...]]:
    """Every row's counted columns, ordered by the primary key the same way on each database."""
    statement = (
        select(*digested_columns(table))
        .order_by(*(_bytewise(session, getattr(table, key)) for key in key_columns(table)))
        .execution_options(yield_per=_ROWS_AT_A_TIME)
    )
    for row in session.execute(statement):
        yield tuple(row)


def canonical_row(row: tuple[Any, ...]) -> bytes:
    """A row as JSON with sorted keys; bytes as hex."""
    return orjson.dumps(row, default=_hex, option=orjson.OPT_SORT_KEYS)


def _bytewise(session: Session, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    # PostgreSQL would else sort text by the language of the database.
    postgres = session.get_bind().dialect.name == "postgresql"
    if postgres and isinstance(column.type, String):
        return column.collate("C")
    return column.expression


def _hex(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError(f"{type(value).__name__} is in no derived column")
