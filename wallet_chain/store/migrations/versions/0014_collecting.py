"""Mandates, gifts and payments to several, among the tables that copy the chain; codes and shares of gifts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "chain_charge",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("mandate", sa.String(length=66), nullable=False),
        sa.Column("payer", sa.String(length=42), nullable=False),
        sa.Column("merchant", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_chain_charge")),
    )
    op.create_index(op.f("ix_chain_charge_mandate"), "chain_charge", ["mandate"])
    op.create_index("ix_chain_charge_merchant", "chain_charge", ["merchant", "block_number"])
    op.create_table(
        "chain_gift",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("giver", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("shares", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=42), nullable=False),
        sa.Column("claim_until", sa.BigInteger(), nullable=False),
        sa.Column("left_minor", sa.BigInteger(), nullable=False),
        sa.Column("shares_left", sa.BigInteger(), nullable=False),
        sa.Column("returned_minor", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_chain_gift")),
    )
    op.create_index(op.f("ix_chain_gift_claim_until"), "chain_gift", ["claim_until"])
    op.create_index(op.f("ix_chain_gift_giver"), "chain_gift", ["giver"])
    op.create_table(
        "chain_gift_claim",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("gift", sa.String(length=66), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_chain_gift_claim")),
    )
    op.create_index(op.f("ix_chain_gift_claim_account"), "chain_gift_claim", ["account"])
    op.create_index(op.f("ix_chain_gift_claim_gift"), "chain_gift_claim", ["gift"])
    op.create_table(
        "chain_mandate",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("payer", sa.String(length=42), nullable=False),
        sa.Column("merchant", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("ceiling_minor", sa.BigInteger(), nullable=False),
        sa.Column("period_days", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("next_period", sa.BigInteger(), nullable=False),
        sa.Column("collected_minor", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.String(length=42), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("ended_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_chain_mandate")),
    )
    op.create_index(op.f("ix_chain_mandate_merchant"), "chain_mandate", ["merchant"])
    op.create_index(op.f("ix_chain_mandate_payer"), "chain_mandate", ["payer"])
    op.create_table(
        "chain_split",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("payer", sa.String(length=42), nullable=False),
        sa.Column("invoice", sa.String(length=66), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_chain_split")),
    )
    op.create_index(op.f("ix_chain_split_invoice"), "chain_split", ["invoice"])
    op.create_index(op.f("ix_chain_split_payer"), "chain_split", ["payer"])
    op.create_table(
        "chain_split_part",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("receiver", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_chain_split_part")),
    )
    op.create_index(
        "ix_chain_split_part_receiver", "chain_split_part", ["receiver", "block_number"]
    )
    op.create_table(
        "gift",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("division", sa.String(length=8), nullable=False),
        sa.Column("code_account", sa.String(length=42), nullable=False),
        sa.Column("code_index", sa.String(length=64), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=False),
        sa.Column("claim_until", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("division in ('equal', 'random')", name=op.f("ck_gift_division")),
        sa.ForeignKeyConstraint(["id"], ["customer_order.id"], name=op.f("fk_gift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift")),
        sa.UniqueConstraint("code_account", name=op.f("uq_gift_code_account")),
        sa.UniqueConstraint("code_index", name=op.f("uq_gift_code_index")),
    )
    op.create_index(op.f("ix_gift_claim_until"), "gift", ["claim_until"])
    op.create_table(
        "gift_share",
        sa.Column("gift_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.String(length=40), nullable=True),
        sa.Column("claimant_customer_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["gift_id"], ["gift.id"], name=op.f("fk_gift_share_gift_id")),
        sa.PrimaryKeyConstraint("gift_id", "number", name=op.f("pk_gift_share")),
    )
    op.create_index("ix_gift_share_claim", "gift_share", ["claim_id"])
    op.create_index("ix_gift_share_customer", "gift_share", ["claimant_customer_id"])


def downgrade() -> None:
    """Take them away."""
    for table in (
        "gift_share",
        "gift",
        "chain_split_part",
        "chain_split",
        "chain_gift_claim",
        "chain_gift",
        "chain_charge",
        "chain_mandate",
    ):
        op.drop_table(table)
