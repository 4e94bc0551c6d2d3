"""What one transaction writes to the tables that copy the chain; several blocks may share it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from wallet_chain.pipeline.touched_rows import TouchedRows
from wallet_chain.store.tables import Base, ChainCursor
from wallet_chain.store.writing import Row, add

CURSOR_ID = 1


def lock_cursor(session: Session) -> ChainCursor | None:
    """The cursor, kept from other writers until the commit; None before the first block."""
    return session.get(ChainCursor, CURSOR_ID, with_for_update=True)


class Copy:
    """The copy of the chain while blocks are written to it.

    Rows are read once and written once however many blocks change them, and whoever projects a
    block sees what the blocks before it changed. Only ``flush`` brings them to the tables, so it
    comes before anything else that reads those in the same transaction.
    """

    def __init__(self, session: Session) -> None:
        """Keeps other writers away until the transaction's end."""
        self.session = session
        self.cursor = lock_cursor(session)
        self._rows: dict[type[Base], TouchedRows] = {}
        self._added: dict[type[Base], list[Row]] = {}

    def has(self, number: int) -> bool:
        """Whether the block with this number is there already."""
        return self.cursor is not None and self.cursor.number >= number

    def rows(self, model: type[Base]) -> TouchedRows:
        """The rows of a table that are read and changed."""
        found = self._rows.get(model)
        if found is None:
            found = self._rows[model] = TouchedRows(self.session, model)
        return found

    def add(self, model: type[Base], rows: Sequence[Row]) -> None:
        """Have new rows written, of which none is there yet."""
        self._added.setdefault(model, []).extend(rows)

    def move(self, number: int, block_hash: str) -> None:
        """Set the cursor on a block."""
        if self.cursor is None:
            self.cursor = ChainCursor(id=CURSOR_ID)
            self.session.add(self.cursor)
        self.cursor.number, self.cursor.hash = number, block_hash

    def flush(self) -> None:
        """Write all of it. IntegrityError when a row that is new was there."""
        for rows in self._rows.values():
            rows.write()
        for model, added in self._added.items():
            add(self.session, model, added)
        self._added.clear()
        self.session.flush()
