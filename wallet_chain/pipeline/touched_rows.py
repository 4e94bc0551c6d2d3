"""Rows of one table that blocks touch: read once, changed in memory, written once."""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from wallet_chain.store.tables import Base
from wallet_chain.store.writing import put, table_of

Key = tuple[Any, ...]

_KEYS_AT_A_TIME = 500


class TouchedRows:
    """A table's rows by primary key, as dictionaries of all columns."""

    def __init__(self, session: Session, model: type[Base]) -> None:
        self._session = session
        self._model = model
        self._table = table_of(model)
        self._columns = [column.key for column in self._table.columns]
        self._keys = [column.key for column in self._table.primary_key]
        self._values = itemgetter(*self._keys)
        self._first_key = self._table.c[self._keys[0]]
        self._rows: dict[Key, dict[str, Any]] = {}
        self._changed: dict[Key, dict[str, Any]] = {}
        self._loaded: set[Any] = set()
        self._parts: set[str] = set()

    def load(self, first_keys: Iterable[Any]) -> None:
        """Read the rows whose first key column has one of these values."""
        wanted = sorted(set(first_keys) - self._loaded)
        self._loaded.update(wanted)
        for start in range(0, len(wanted), _KEYS_AT_A_TIME):
            self._read(self._first_key.in_(wanted[start : start + _KEYS_AT_A_TIME]))

    def load_starting(self, beginning: str) -> None:
        """Read the rows whose first key column begins like this; all of them when it is empty."""
        if beginning not in self._parts:
            self._parts.add(beginning)
            self._read(self._first_key.startswith(beginning, autoescape=True))

    def get(self, *key: Any) -> dict[str, Any] | None:
        """A row that was loaded or set; None when there is none."""
        return self._rows.get(key)

    def set(self, row: dict[str, Any]) -> dict[str, Any]:
        """Have this row written, in place of any with its key; answers with it."""
        key = self._key(row)
        self._rows[key] = self._changed[key] = row
        return row

    def change(self, key: Key, **values: Any) -> None:
        """Overwrite some columns of a row that is there. Raises KeyError when it is not."""
        row = self._rows[key]
        row.update(values)
        self._changed[key] = row

    def all(self) -> Iterator[dict[str, Any]]:
        """The rows that were loaded or set."""
        yield from self._rows.values()

    def changed(self) -> Iterator[dict[str, Any]]:
        """The rows that will be written."""
        yield from self._changed.values()

    def write(self) -> None:
        """Write what was changed, in one statement."""
        put(self._session, self._model, list(self._changed.values()))
        self._changed.clear()

    def _read(self, those: ColumnElement[bool]) -> None:
        for found in self._session.execute(select(self._table).where(those)):
            row = dict(zip(self._columns, found, strict=True))
            # What was changed since counts, not what is still in the table.
            self._rows.setdefault(self._key(row), row)

    def _key(self, row: dict[str, Any]) -> Key:
        values = self._values(row)
        return values if len(self._keys) > 1 else (values,)
