"""Transfers between currencies: rates, fees, quotes, requests, and their copy of the chain."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from wallet_chain.store.migrations.guards import Guard, lift_guards, set_guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON_OBJECT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_GUARDS = (
    Guard(
        "cross_border_transfer_terminal",
        "cross_border_transfer",
        "UPDATE",
        "a transfer that has ended never changes",
        "OLD.state IN ('settled', 'rejected', 'refunded', 'recalled', 'refused', 'expired',"
        " 'cancelled') AND OLD.state <> NEW.state",
    ),
    Guard(
        "transfer_history_unchanged",
        "transfer_history",
        "UPDATE",
        "history never changes",
        "OLD.id IS NOT NULL",
    ),
    Guard(
        "transfer_history_kept",
        "transfer_history",
        "DELETE",
        "history is never deleted",
        "OLD.id IS NOT NULL",
    ),
)


def upgrade() -> None:
    op.create_table(
        "chain_quote",
        sa.Column("quote_hash", sa.String(length=66), nullable=False),
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("provider", sa.String(length=42), nullable=False),
        sa.Column("quote_id", sa.String(length=66), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("rate_numerator", sa.String(length=40), nullable=False),
        sa.Column("rate_denominator", sa.String(length=40), nullable=False),
        sa.Column("rounding", sa.String(length=12), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("quote_hash", name=op.f("pk_chain_quote")),
    )
    op.create_index(op.f("ix_chain_quote_order_id"), "chain_quote", ["order_id"], unique=False)
    op.create_table(
        "chain_transfer",
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("quote_hash", sa.String(length=66), nullable=False),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("recipient", sa.String(length=42), nullable=False),
        sa.Column("provider", sa.String(length=42), nullable=False),
        sa.Column("source_currency", sa.String(length=3), nullable=False),
        sa.Column("source_minor", sa.BigInteger(), nullable=False),
        sa.Column("target_currency", sa.String(length=3), nullable=False),
        sa.Column("target_minor", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("travel_rule", sa.String(length=66), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("two_reviewers", sa.Boolean(), nullable=False),
        sa.Column("approver", sa.String(length=42), nullable=True),
        sa.Column("reason", sa.String(length=10), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.String(length=42), nullable=True),
        sa.Column("ended_block", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_chain_transfer")),
    )
    op.create_index(
        op.f("ix_chain_transfer_recipient"), "chain_transfer", ["recipient"], unique=False
    )
    op.create_index(op.f("ix_chain_transfer_sender"), "chain_transfer", ["sender"], unique=False)
    op.create_index(
        "ix_chain_transfer_state", "chain_transfer", ["state", "expires_at"], unique=False
    )
    op.create_table(
        "fx_rate",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fx_rate")),
    )
    op.create_index("ix_fx_rate_currency", "fx_rate", ["currency", "as_of", "id"], unique=False)
    op.create_index(op.f("ix_fx_rate_batch_id"), "fx_rate", ["batch_id"], unique=False)
    op.create_table(
        "fee_schedule",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("provider_customer_id", sa.String(length=40), nullable=False),
        sa.Column("source_currency", sa.String(length=3), nullable=False),
        sa.Column("target_currency", sa.String(length=3), nullable=False),
        sa.Column("source_country", sa.String(length=2), nullable=True),
        sa.Column("target_country", sa.String(length=2), nullable=True),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("from_minor", sa.BigInteger(), nullable=False),
        sa.Column("spread_bps", sa.Integer(), nullable=False),
        sa.Column("fee_bps", sa.Integer(), nullable=False),
        sa.Column("fee_minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("smallest_minor", sa.BigInteger(), nullable=False),
        sa.Column("largest_minor", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.String(length=40), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_customer_id"],
            ["customer.id"],
            name=op.f("fk_fee_schedule_provider_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_schedule")),
    )
    op.create_index(
        "ix_fee_schedule_pair",
        "fee_schedule",
        ["source_currency", "target_currency", "retired_at"],
        unique=False,
    )
    op.create_table(
        "quote",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("provider_account", sa.String(length=42), nullable=False),
        sa.Column("provider_customer_id", sa.String(length=40), nullable=False),
        sa.Column("schedule_id", sa.String(length=40), nullable=False),
        sa.Column("source_currency", sa.String(length=3), nullable=False),
        sa.Column("source_minor", sa.BigInteger(), nullable=False),
        sa.Column("target_currency", sa.String(length=3), nullable=False),
        sa.Column("target_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("rate_numerator", sa.String(length=40), nullable=False),
        sa.Column("rate_denominator", sa.String(length=40), nullable=False),
        sa.Column("rounding", sa.String(length=12), nullable=False),
        sa.Column("mid_rate", sa.String(length=80), nullable=False),
        sa.Column("mid_source", sa.String(length=60), nullable=False),
        sa.Column("mid_as_of", sa.BigInteger(), nullable=False),
        sa.Column("spread_bps", sa.Integer(), nullable=False),
        sa.Column("cost_bps", sa.Integer(), nullable=False),
        sa.Column("smallest_minor", sa.BigInteger(), nullable=False),
        sa.Column("largest_minor", sa.BigInteger(), nullable=False),
        sa.Column("target_country", sa.String(length=2), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("quote_hash", sa.String(length=66), nullable=False),
        sa.Column("message", JSON_OBJECT, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_quote_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["provider_customer_id"], ["customer.id"], name=op.f("fk_quote_provider_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["fee_schedule.id"], name=op.f("fk_quote_schedule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("quote_hash", name=op.f("uq_quote_quote_hash")),
    )
    op.create_index("ix_quote_customer", "quote", ["customer_id", "created_at"], unique=False)
    op.create_table(
        "cross_border_transfer",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("uetr", sa.String(length=36), nullable=False),
        sa.Column("quote_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("sender_customer_id", sa.String(length=40), nullable=False),
        sa.Column("recipient_customer_id", sa.String(length=40), nullable=True),
        sa.Column("recipient_account", sa.String(length=42), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("hold_wanted", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=4), nullable=False),
        sa.Column("travel_rule_id", sa.String(length=40), nullable=True),
        sa.Column("screening_ids", JSON_OBJECT, nullable=False),
        sa.Column("sealed_remittance", sa.LargeBinary(), nullable=True),
        sa.Column("hold_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("two_reviewers", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state in ('awaiting_signature', 'accepted', 'held', 'settled', 'rejected', 'refunded', 'recalled', 'refused', 'expired', 'cancelled')",
            name=op.f("ck_cross_border_transfer_state"),
        ),
        sa.ForeignKeyConstraint(
            ["id"], ["customer_order.id"], name=op.f("fk_cross_border_transfer_id")
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["quote.id"], name=op.f("fk_cross_border_transfer_quote_id")
        ),
        sa.ForeignKeyConstraint(
            ["sender_customer_id"],
            ["customer.id"],
            name=op.f("fk_cross_border_transfer_sender_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cross_border_transfer")),
        sa.UniqueConstraint("order_id", name=op.f("uq_cross_border_transfer_order_id")),
        sa.UniqueConstraint("uetr", name=op.f("uq_cross_border_transfer_uetr")),
    )
    op.create_index(
        op.f("ix_cross_border_transfer_quote_id"),
        "cross_border_transfer",
        ["quote_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cross_border_transfer_recipient_customer_id"),
        "cross_border_transfer",
        ["recipient_customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cross_border_transfer_sender_customer_id"),
        "cross_border_transfer",
        ["sender_customer_id"],
        unique=False,
    )
    op.create_index(
        "ix_cross_border_transfer_state", "cross_border_transfer", ["state", "id"], unique=False
    )
    op.create_table(
        "transfer_history",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("transfer_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=42), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("transaction_hash", sa.String(length=66), nullable=True),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["cross_border_transfer.id"],
            name=op.f("fk_transfer_history_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_history")),
        sa.UniqueConstraint(
            "transfer_id", "sequence", name=op.f("uq_transfer_history_transfer_id_sequence")
        ),
    )
    op.add_column(
        "customer", sa.Column("provider", sa.Boolean(), nullable=False, server_default=sa.false())
    )

    set_guards(_GUARDS)


def downgrade() -> None:
    lift_guards(_GUARDS)
    op.drop_column("customer", "provider")
    op.drop_table("transfer_history")
    op.drop_table("cross_border_transfer")
    op.drop_table("quote")
    op.drop_table("fee_schedule")
    op.drop_table("fx_rate")
    op.drop_table("chain_transfer")
    op.drop_table("chain_quote")
