"""Many rows in one statement, new or there already; without the cost of an object for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wallet_chain.store.tables import Base

Row = Mapping[str, Any]


def table_of(model: type[Base]) -> Table:
    """The table behind a mapped class."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def row_of(entity: Base) -> dict[str, Any]:
    """An object that no session knows, as a row of all its table's columns."""
    return {column.key: getattr(entity, column.key) for column in table_of(type(entity)).columns}


def add(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows; IntegrityError when one is there already."""
    if rows:
        session.execute(table_of(model).insert(), list(rows))


def add_missing(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows whose primary key is not there yet, and leave the others as they are."""
    if rows:
        session.execute(_insert(session, model).on_conflict_do_nothing(), list(rows))


def put(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert the rows, or overwrite those with the same primary key.

    All rows must give the same columns; a column that none gives keeps its value.
    """
    if not rows:
        return
    statement = _insert(session, model)
    keys = [column.key for column in table_of(model).primary_key]
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def _insert(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table_of(model))
    return postgresql.insert(table_of(model))
