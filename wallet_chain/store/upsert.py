"""Rows that may be there already: SQLite and PostgreSQL say it with the same words."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wallet_chain.store.tables import Base

Row = Mapping[str, Any]


def insert_missing(session: Session, table: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows whose primary key is not there yet, and leave the others as they are."""
    if rows:
        session.execute(_insert(session, table).on_conflict_do_nothing(), list(rows))


def put(session: Session, table: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows, or overwrite those with the same primary key.

    All rows must give the same columns; a column that none gives keeps its value.
    """
    if not rows:
        return
    statement = _insert(session, table)
    keys = [str(column.key) for column in table.__mapper__.primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def _insert(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
