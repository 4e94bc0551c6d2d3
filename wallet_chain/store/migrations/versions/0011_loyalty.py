"""Programmes, pools and points, among the tables that copy the chain.

After this migration run ``wallet-chain reindex`` once on a database that has blocks in it already.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON_OBJECT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "chain_origin",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("origin", sa.String(length=42), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_chain_origin")),
    )
    op.create_index(op.f("ix_chain_origin_origin"), "chain_origin", ["origin"], unique=False)
    op.create_table(
        "chain_programme",
        sa.Column("programme", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("owner", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_numerator", sa.BigInteger(), nullable=False),
        sa.Column("value_denominator", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("transferable", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("reserve_parts", sa.String(length=40), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("programme", name=op.f("pk_chain_programme")),
    )
    op.create_index(
        op.f("ix_chain_programme_transaction_hash"),
        "chain_programme",
        ["transaction_hash"],
        unique=False,
    )
    op.create_table(
        "chain_member",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("programme", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("per_minor", sa.BigInteger(), nullable=False),
        sa.Column("free_parts", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("account", "programme", name=op.f("pk_chain_member")),
    )
    op.create_index(
        "ix_chain_member_programme", "chain_member", ["programme", "account"], unique=False
    )
    op.create_table(
        "chain_points",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("programme", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "programme", "month", name=op.f("pk_chain_points")),
    )
    op.create_index(
        "ix_chain_points_programme", "chain_points", ["programme", "month"], unique=False
    )
    _entries()


def _entries() -> None:
    op.create_table(
        "chain_points_entry",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("programme", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("counterparty", sa.String(length=42), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("lots", JSON_OBJECT, nullable=False),
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "block_number", "log_index", name=op.f("pk_chain_points_entry")
        ),
    )
    op.create_index(
        "ix_chain_points_entry_order_id", "chain_points_entry", ["order_id"], unique=False
    )
    op.create_table(
        "chain_pool_entry",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("programme", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("change_parts", sa.String(length=41), nullable=False),
        sa.Column("free_parts", sa.String(length=40), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.String(length=66), nullable=True),
        sa.PrimaryKeyConstraint(
            "account",
            "programme",
            "block_number",
            "log_index",
            "kind",
            name=op.f("pk_chain_pool_entry"),
        ),
    )
    op.create_index(
        "ix_chain_pool_entry_block", "chain_pool_entry", ["block_number", "log_index"], unique=False
    )


def downgrade() -> None:
    """Take them away."""
    for table in (
        "chain_pool_entry",
        "chain_points_entry",
        "chain_points",
        "chain_member",
        "chain_programme",
        "chain_origin",
    ):
        op.drop_table(table)
