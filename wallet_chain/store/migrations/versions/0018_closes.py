"""Daily closes, which never change."""

import sqlalchemy as sa
from alembic import op

from wallet_chain.store.migrations.guards import Guard, lift_guards, set_guards

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_GUARDS = (
    Guard("daily_close_unchanged", "daily_close", "UPDATE", "daily closes never change"),
    Guard("daily_close_kept", "daily_close", "DELETE", "daily closes are never deleted"),
)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "daily_close",
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.String(length=66), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("supply_minor", sa.BigInteger(), nullable=False),
        sa.Column("escrowed_minor", sa.BigInteger(), nullable=False),
        sa.Column("reserves", sa.String(length=40), nullable=False),
        sa.Column("reserves_as_of", sa.BigInteger(), nullable=False),
        sa.Column("covered", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "currency", name=op.f("pk_daily_close")),
    )
    op.create_index(op.f("ix_daily_close_block_number"), "daily_close", ["block_number"])
    set_guards(_GUARDS)


def downgrade() -> None:
    """Take it away."""
    lift_guards(_GUARDS)
    op.drop_table("daily_close")
