"""The transparency log, and what keeps its entries as they are."""

import sqlalchemy as sa
from alembic import op

from wallet_chain.store.migrations.guards import Guard, lift_guards, set_guards

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_GUARDS = (
    Guard("log_entry_unchanged", "log_entry", "UPDATE", "entries of the log never change"),
    Guard("log_entry_kept", "log_entry", "DELETE", "entries of the log are never deleted"),
    Guard("log_node_unchanged", "log_node", "UPDATE", "the tree of the log only grows"),
    Guard("log_node_kept", "log_node", "DELETE", "the tree of the log only grows"),
    Guard("log_checkpoint_unchanged", "log_checkpoint", "UPDATE", "what was signed never changes"),
    Guard("log_checkpoint_kept", "log_checkpoint", "DELETE", "what was signed is never deleted"),
    Guard("log_size_rises", "log_head", "UPDATE", "the log only grows", "NEW.size < OLD.size"),
)


def upgrade() -> None:
    """Add the tables, and the one row that counts."""
    head = op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0}])
    op.create_table(
        "log_entry",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.String(length=48), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_log_entry")),
    )
    for name in ("kind", "at", "subject", "customer_id"):
        op.create_index(op.f(f"ix_log_entry_{name}"), "log_entry", [name], unique=False)
    op.create_table(
        "log_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_log_node")),
    )
    op.create_table(
        "log_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_key")),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_checkpoint")),
    )
    op.create_index(op.f("ix_log_checkpoint_at"), "log_checkpoint", ["at"], unique=False)
    op.create_table(
        "log_cosignature",
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("witness", sa.String(length=120), nullable=False),
        sa.Column("line", sa.String(length=400), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["size"], ["log_checkpoint.size"], name=op.f("fk_log_cosignature_size")
        ),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_log_cosignature")),
    )
    set_guards(_GUARDS)


def downgrade() -> None:
    """Take them away."""
    lift_guards(_GUARDS)
    for table in ("log_cosignature", "log_checkpoint", "log_key", "log_node", "log_entry"):
        op.drop_table(table)
    op.drop_table("log_head")
