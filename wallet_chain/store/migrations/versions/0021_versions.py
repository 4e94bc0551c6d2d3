"""Further versions of a lane's transaction, and who brought halted lanes back."""

import sqlalchemy as sa
from alembic import op

from wallet_chain.store.migrations.guards import Guard, lift_guards, set_guards

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_GUARDS = (
    Guard(
        "transaction_version_unchanged",
        "transaction_version",
        "UPDATE",
        "signed bytes never change",
    ),
    Guard(
        "transaction_version_kept",
        "transaction_version",
        "DELETE",
        "signed transactions are never deleted",
    ),
    Guard("lane_healing_unchanged", "lane_healing", "UPDATE", "who healed a lane never changes"),
    Guard("lane_healing_kept", "lane_healing", "DELETE", "who healed a lane is never deleted"),
)


def upgrade() -> None:
    """Add the tables and columns."""
    op.add_column(
        "lane_transaction",
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )
    op.add_column("lane_transaction", sa.Column("answer", sa.String(length=16), nullable=True))
    op.create_table(
        "transaction_version",
        sa.Column("transaction_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("max_fee_per_gas", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind in ('fee', 'filler')", name=op.f("ck_transaction_version_kind")),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["lane_transaction.id"],
            name=op.f("fk_transaction_version_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("transaction_id", "number", name=op.f("pk_transaction_version")),
        sa.UniqueConstraint("hash", name=op.f("uq_transaction_version_hash")),
    )
    op.create_table(
        "lane_healing",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("lane_address", sa.String(length=42), nullable=False),
        sa.Column("halted_reason", sa.String(length=200), nullable=True),
        sa.Column("healed_by", sa.String(length=80), nullable=False),
        sa.Column("healed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown_accepted", sa.Boolean(), nullable=False),
        sa.Column("adopted", sa.Integer(), nullable=False),
        sa.Column("replaced", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lane_address"], ["lane.address"], name=op.f("fk_lane_healing_lane_address")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lane_healing")),
    )
    op.create_index(
        op.f("ix_lane_healing_lane_address"), "lane_healing", ["lane_address"], unique=False
    )
    set_guards(_GUARDS)


def downgrade() -> None:
    """Take them away."""
    lift_guards(_GUARDS)
    op.drop_table("lane_healing")
    op.drop_table("transaction_version")
    op.drop_column("lane_transaction", "answer")
    op.drop_column("lane_transaction", "version")
