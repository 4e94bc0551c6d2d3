"""Offers and purchases, among the tables that copy the chain."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_LOTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "chain_offer",
        sa.Column("offer_id", sa.String(length=66), nullable=False),
        sa.Column("merchant", sa.String(length=42), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("programme", sa.BigInteger(), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("rate_bps", sa.Integer(), nullable=False),
        sa.Column("first_purchase", sa.Boolean(), nullable=False),
        sa.Column("combinable", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("customer_budget", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("ended_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_chain_offer")),
    )
    op.create_index(op.f("ix_chain_offer_merchant"), "chain_offer", ["merchant"])
    op.create_table(
        "chain_offer_use",
        sa.Column("offer_id", sa.String(length=66), nullable=False),
        sa.Column("customer", sa.String(length=42), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("offer_id", "customer", name=op.f("pk_chain_offer_use")),
    )
    op.create_table(
        "chain_purchase",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("payer", sa.String(length=42), nullable=False),
        sa.Column("merchant", sa.String(length=42), nullable=False),
        sa.Column("invoice", sa.String(length=66), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("programme", sa.BigInteger(), nullable=False),
        sa.Column("reduction_minor", sa.BigInteger(), nullable=False),
        sa.Column("percentage_minor", sa.BigInteger(), nullable=False),
        sa.Column("points_minor", sa.BigInteger(), nullable=False),
        sa.Column("cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("bonus", sa.BigInteger(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("expiry_month", sa.Integer(), nullable=False),
        sa.Column("lots", _LOTS, nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cash_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_points", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_chain_purchase")),
    )
    op.create_index(op.f("ix_chain_purchase_payer"), "chain_purchase", ["payer"])
    op.create_index(op.f("ix_chain_purchase_block_number"), "chain_purchase", ["block_number"])
    op.create_index("ix_chain_purchase_merchant", "chain_purchase", ["merchant", "block_number"])
    op.create_index("ix_chain_purchase_invoice", "chain_purchase", ["merchant", "invoice"])
    op.create_table(
        "chain_purchase_refund",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("purchase", sa.String(length=66), nullable=False),
        sa.Column("merchant", sa.String(length=42), nullable=False),
        sa.Column("payer", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("money_minor", sa.BigInteger(), nullable=False),
        sa.Column("compensation_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposited_minor", sa.BigInteger(), nullable=False),
        sa.Column("restored", sa.BigInteger(), nullable=False),
        sa.Column("postponed", sa.BigInteger(), nullable=False),
        sa.Column("restored_lots", _LOTS, nullable=False),
        sa.Column("taken_back", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_chain_purchase_refund")),
    )
    op.create_index(
        op.f("ix_chain_purchase_refund_purchase"), "chain_purchase_refund", ["purchase"]
    )
    op.create_index(
        "ix_chain_purchase_refund_merchant", "chain_purchase_refund", ["merchant", "block_number"]
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("chain_purchase_refund", "chain_purchase", "chain_offer_use", "chain_offer"):
        op.drop_table(table)
