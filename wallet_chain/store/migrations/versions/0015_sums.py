"""Running sums, and what searching the events of a long chain needs, among the tables that copy it.

A database that has blocks in it already is stopped until ``wallet-chain reindex`` has run once: the
sums begin with the first block.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_REASON = "The tables were extended and have to be rebuilt once: run wallet-chain reindex."

_LOOKUPS = (
    ("ix_chain_entry_account", "chain_entry", ["currency", "account", "block_number", "sequence"]),
    ("ix_chain_balance_currency", "chain_balance", ["currency", "account"]),
    ("ix_request_idempotency_key", "request", ["idempotency_key"]),
    ("ix_request_resource_id", "request", ["resource_id"]),
    ("ix_operation_transaction_hash", "operation", ["transaction_hash"]),
)


def upgrade() -> None:
    """Add the tables, columns and indexes."""
    for table, of_block in (("chain_series", False), ("chain_series_point", True)):
        block = sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False)
        op.create_table(
            table,
            sa.Column("name", sa.String(length=64), nullable=False),
            *([block] if of_block else []),
            sa.Column("count", sa.BigInteger(), nullable=False),
            sa.Column("total", sa.String(length=40), nullable=False),
            sa.PrimaryKeyConstraint(
                "name", *(["block_number"] if of_block else []), name=op.f(f"pk_{table}")
            ),
        )
    for table in ("chain_entry", "chain_balance"):
        received = sa.Column("received", sa.String(length=40), nullable=False, server_default="0")
        op.add_column(table, received)
    op.add_column("chain_event", sa.Column("programme", sa.BigInteger(), nullable=True))
    for column, columns_of in (
        ("amount_minor", ["currency", "amount_minor", "block_number", "log_index"]),
        ("programme", ["programme", "block_number", "log_index"]),
    ):
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            "ix_chain_event_" + column.partition("_")[0],
            "chain_event",
            columns_of,
            sqlite_where=given,
            postgresql_where=given,
        )
    for name, table, columns_of in _LOOKUPS:
        op.create_index(name, table, columns_of)
    cursor = sa.table("chain_cursor", sa.column("stopped_reason", sa.String))
    op.execute(cursor.update().values(stopped_reason=_REASON))


def downgrade() -> None:
    """Take them away."""
    for name, table, _ in reversed(_LOOKUPS):
        op.drop_index(name, table)
    for name in ("amount", "programme"):
        op.drop_index(f"ix_chain_event_{name}", "chain_event")
    op.drop_column("chain_event", "programme")
    for table in ("chain_balance", "chain_entry"):
        op.drop_column(table, "received")
    op.drop_table("chain_series_point")
    op.drop_table("chain_series")
