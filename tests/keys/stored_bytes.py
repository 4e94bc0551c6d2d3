"""Everything a database holds, as bytes, the way a thief of the disk would look at it."""

from pathlib import Path

from sqlalchemy import text

from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Base


def rows_as_text(store: Store) -> str:
    """Every value of every row of every table, binary ones as hex."""
    shown = []
    with store.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(text(f'SELECT * FROM "{table.name}"')):
                values = [bytes(v) if isinstance(v, memoryview) else v for v in row]
                shown += [v.hex() if isinstance(v, bytes) else str(v) for v in values]
    return "\n".join(shown)


def files_of(store: Store) -> bytes:
    """SQLite's file and its journal, deleted rows included."""
    assert store.url.database is not None
    path = Path(store.url.database)
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(path.name + "*")))
