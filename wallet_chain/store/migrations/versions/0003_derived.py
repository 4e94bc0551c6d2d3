"""The copy of the chain."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON_OBJECT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "chain_account",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("customer_ref", sa.String(length=66), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("country", sa.Integer(), nullable=False),
        sa.Column("kyc_expiry", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("successor", sa.String(length=42), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_chain_account")),
    )
    op.create_index(
        op.f("ix_chain_account_customer_ref"), "chain_account", ["customer_ref"], unique=False
    )
    op.create_table(
        "chain_balance",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("account", "currency", name=op.f("pk_chain_balance")),
    )
    op.create_table(
        "chain_block",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("parent_hash", sa.String(length=66), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("transactions_root", sa.String(length=66), nullable=False),
        sa.Column("receipts_root", sa.String(length=66), nullable=False),
        sa.Column("transaction_count", sa.Integer(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_chain_block")),
        sa.UniqueConstraint("hash", name=op.f("uq_chain_block_hash")),
    )
    op.create_index(op.f("ix_chain_block_time"), "chain_block", ["time"], unique=False)
    op.create_table(
        "chain_currency",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("token", sa.String(length=42), nullable=False),
        sa.Column("supply_minor", sa.BigInteger(), nullable=False),
        sa.Column("reserves_minor", sa.BigInteger(), nullable=True),
        sa.Column("reserves_as_of", sa.BigInteger(), nullable=True),
        sa.Column("price", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_chain_currency")),
    )
    op.create_table(
        "chain_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("stopped_reason", sa.String(length=400), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_cursor")),
    )
    op.create_table(
        "chain_entry",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("counterparty", sa.String(length=42), nullable=True),
        sa.Column("change_minor", sa.BigInteger(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=66), nullable=False),
        sa.Column("head", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("currency", "account", "sequence", name=op.f("pk_chain_entry")),
    )
    op.create_index(
        "ix_chain_entry_block", "chain_entry", ["block_number", "log_index"], unique=False
    )
    op.create_table(
        "chain_event",
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("transaction_index", sa.Integer(), nullable=False),
        sa.Column("contract", sa.String(length=42), nullable=False),
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=True),
        sa.Column("counterparty", sa.String(length=42), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.String(length=66), nullable=True),
        sa.Column("reference", sa.String(length=66), nullable=True),
        sa.Column("arguments", JSON_OBJECT, nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index", name=op.f("pk_chain_event")),
    )
    op.create_index(
        "ix_chain_event_account",
        "chain_event",
        ["account", "block_number", "log_index"],
        unique=False,
    )
    op.create_index(
        "ix_chain_event_counterparty",
        "chain_event",
        ["counterparty", "block_number", "log_index"],
        unique=False,
    )
    op.create_index(
        "ix_chain_event_currency",
        "chain_event",
        ["currency", "block_number", "log_index"],
        unique=False,
    )
    op.create_index(
        "ix_chain_event_kind", "chain_event", ["kind", "block_number", "log_index"], unique=False
    )
    op.create_index(op.f("ix_chain_event_order_id"), "chain_event", ["order_id"], unique=False)
    op.create_index(op.f("ix_chain_event_reference"), "chain_event", ["reference"], unique=False)
    op.create_index(
        op.f("ix_chain_event_transaction_hash"), "chain_event", ["transaction_hash"], unique=False
    )
    op.create_table(
        "chain_order",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("contract", sa.String(length=42), nullable=False),
        sa.Column("signer", sa.String(length=42), nullable=False),
        sa.Column("nonce", sa.String(length=78), nullable=True),
        sa.Column("reference", sa.String(length=66), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("payout_reference", sa.String(length=66), nullable=True),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_chain_order")),
    )
    op.create_index(op.f("ix_chain_order_reference"), "chain_order", ["reference"], unique=False)
    op.create_table(
        "chain_policy",
        sa.Column("setting", sa.String(length=40), nullable=False),
        sa.Column("value", JSON_OBJECT, nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("setting", name=op.f("pk_chain_policy")),
    )
    op.create_table(
        "chain_proposal",
        sa.Column("proposal_id", sa.String(length=66), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_reference", sa.String(length=66), nullable=False),
        sa.Column("maker", sa.String(length=42), nullable=False),
        sa.Column("checker", sa.String(length=42), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_chain_proposal")),
    )


def downgrade() -> None:
    op.drop_table("chain_proposal")
    op.drop_table("chain_policy")
    op.drop_table("chain_order")
    op.drop_table("chain_event")
    op.drop_table("chain_entry")
    op.drop_table("chain_cursor")
    op.drop_table("chain_currency")
    op.drop_table("chain_block")
    op.drop_table("chain_balance")
    op.drop_table("chain_account")
