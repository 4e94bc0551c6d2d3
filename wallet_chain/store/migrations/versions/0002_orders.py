"""Requests, orders, operations and lanes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON_OBJECT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "court_order",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("from_account", sa.String(length=42), nullable=False),
        sa.Column("to_account", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("order_reference", sa.String(length=140), nullable=False),
        sa.Column("order_hash", sa.String(length=66), nullable=False),
        sa.Column("ordered_by", sa.String(length=40), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_order")),
        sa.UniqueConstraint("operation_id", name=op.f("uq_court_order_operation_id")),
    )
    op.create_index(op.f("ix_court_order_order_hash"), "court_order", ["order_hash"], unique=False)
    op.create_table(
        "database_epoch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("genesis_hash", sa.String(length=66), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_database_epoch")),
    )
    op.create_table(
        "lane",
        sa.Column("address", sa.String(length=42), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("next_nonce", sa.BigInteger(), nullable=True),
        sa.Column("first_nonce", sa.BigInteger(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("halted_reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_lane")),
    )
    op.create_table(
        "operation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("resource_id", sa.String(length=40), nullable=False),
        sa.Column("principal_id", sa.String(length=40), nullable=False),
        sa.Column("lane_address", sa.String(length=42), nullable=True),
        sa.Column("target", sa.String(length=42), nullable=False),
        sa.Column("calldata", sa.LargeBinary(), nullable=False),
        sa.Column("order_id", sa.String(length=66), nullable=True),
        sa.Column("deadline", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("refusal", JSON_OBJECT, nullable=True),
        sa.Column("transaction_hash", sa.String(length=66), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("log_index", sa.Integer(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state in ('accepted', 'bound', 'settled', 'rejected', 'cancelled', 'expired')",
            name=op.f("ck_operation_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    op.create_index(op.f("ix_operation_order_id"), "operation", ["order_id"], unique=False)
    op.create_index(op.f("ix_operation_resource_id"), "operation", ["resource_id"], unique=False)
    op.create_index(op.f("ix_operation_sequence"), "operation", ["sequence"], unique=False)
    op.create_index("ix_operation_state_sequence", "operation", ["state", "sequence"], unique=False)
    op.create_table(
        "order_nonce",
        sa.Column("signer", sa.String(length=42), nullable=False),
        sa.Column("contract", sa.String(length=42), nullable=False),
        sa.Column("word", sa.String(length=78), nullable=False),
        sa.Column("next_bit", sa.Integer(), nullable=False),
        sa.Column("database_epoch", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("signer", "contract", name=op.f("pk_order_nonce")),
    )
    op.create_table(
        "request",
        sa.Column("principal_id", sa.String(length=40), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("fields", JSON_OBJECT, nullable=False),
        sa.Column("resource_id", sa.String(length=40), nullable=False),
        sa.Column("operation_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("principal_id", "idempotency_key", name=op.f("pk_request")),
    )
    op.create_table(
        "customer_order",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("signer_customer_id", sa.String(length=40), nullable=False),
        sa.Column("signer_account", sa.String(length=42), nullable=False),
        sa.Column("counterparty_account", sa.String(length=42), nullable=True),
        sa.Column("counterparty_customer_id", sa.String(length=40), nullable=True),
        sa.Column("contract", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.String(length=66), nullable=False),
        sa.Column("reference", sa.String(length=66), nullable=False),
        sa.Column("nonce", sa.String(length=78), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("message", JSON_OBJECT, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=True),
        sa.Column("related_id", sa.String(length=40), nullable=True),
        sa.Column("operation_id", sa.String(length=40), nullable=True),
        sa.Column("principal_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signer_customer_id"],
            ["customer.id"],
            name=op.f("fk_customer_order_signer_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_order")),
        sa.UniqueConstraint("order_id", name=op.f("uq_customer_order_order_id")),
    )
    op.create_index(
        "ix_customer_order_counterparty",
        "customer_order",
        ["counterparty_customer_id", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_order_operation_id"), "customer_order", ["operation_id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_order_reference"), "customer_order", ["reference"], unique=False
    )
    op.create_index(
        op.f("ix_customer_order_related_id"), "customer_order", ["related_id"], unique=False
    )
    op.create_index(
        "ix_customer_order_signer",
        "customer_order",
        ["signer_customer_id", "created_at"],
        unique=False,
    )
    op.create_index(op.f("ix_customer_order_state"), "customer_order", ["state"], unique=False)
    op.create_index(
        "uq_customer_order_nonce",
        "customer_order",
        ["contract", "signer_account", "nonce"],
        unique=True,
        sqlite_where=sa.text("kind <> 'cancellation'"),
        postgresql_where=sa.text("kind <> 'cancellation'"),
    )
    op.create_table(
        "deposit",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("sealed_bank_reference", sa.LargeBinary(), nullable=True),
        sa.Column("deposit_reference", sa.String(length=66), nullable=False),
        sa.Column("proposal_id", sa.String(length=66), nullable=True),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("propose_operation_id", sa.String(length=40), nullable=True),
        sa.Column("decide_operation_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_deposit_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit")),
        sa.UniqueConstraint(
            "currency", "deposit_reference", name=op.f("uq_deposit_currency_deposit_reference")
        ),
    )
    op.create_index(op.f("ix_deposit_customer_id"), "deposit", ["customer_id"], unique=False)
    op.create_index(op.f("ix_deposit_proposal_id"), "deposit", ["proposal_id"], unique=False)
    op.create_table(
        "lane_transaction",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("lane_address", sa.String(length=42), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("bound_at", sa.BigInteger(), nullable=False),
        sa.Column("last_sent_at", sa.BigInteger(), nullable=True),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.String(length=66), nullable=True),
        sa.Column("succeeded", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "state in ('bound', 'sent', 'mined', 'replaced')",
            name=op.f("ck_lane_transaction_state"),
        ),
        sa.ForeignKeyConstraint(
            ["lane_address"], ["lane.address"], name=op.f("fk_lane_transaction_lane_address")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lane_transaction")),
        sa.UniqueConstraint("hash", name=op.f("uq_lane_transaction_hash")),
    )
    op.create_index(op.f("ix_lane_transaction_state"), "lane_transaction", ["state"], unique=False)
    op.create_index(
        "uq_lane_transaction_lane_address_nonce",
        "lane_transaction",
        ["lane_address", "nonce"],
        unique=True,
        sqlite_where=sa.text("state <> 'replaced'"),
        postgresql_where=sa.text("state <> 'replaced'"),
    )
    op.create_table(
        "recovery",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("old_account", sa.String(length=42), nullable=False),
        sa.Column("new_account", sa.String(length=42), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("acceptance", sa.LargeBinary(), nullable=True),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("propose_operation_id", sa.String(length=40), nullable=True),
        sa.Column("execute_operation_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_recovery_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
    )
    op.create_index(op.f("ix_recovery_customer_id"), "recovery", ["customer_id"], unique=False)
    op.create_index(op.f("ix_recovery_new_account"), "recovery", ["new_account"], unique=False)
    op.create_table(
        "payout",
        sa.Column("withdrawal_id", sa.String(length=40), nullable=False),
        sa.Column("sealed_reference", sa.LargeBinary(), nullable=True),
        sa.Column("reference_hash", sa.String(length=66), nullable=False),
        sa.Column("confirmed_by", sa.String(length=40), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("operation_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"], ["customer_order.id"], name=op.f("fk_payout_withdrawal_id")
        ),
        sa.PrimaryKeyConstraint("withdrawal_id", name=op.f("pk_payout")),
    )
    op.create_index(op.f("ix_payout_reference_hash"), "payout", ["reference_hash"], unique=False)
    op.create_table(
        "transaction_operation",
        sa.Column("transaction_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["operation.id"], name=op.f("fk_transaction_operation_operation_id")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["lane_transaction.id"],
            name=op.f("fk_transaction_operation_transaction_id"),
        ),
        sa.PrimaryKeyConstraint(
            "transaction_id", "position", name=op.f("pk_transaction_operation")
        ),
    )
    op.create_index(
        op.f("ix_transaction_operation_operation_id"),
        "transaction_operation",
        ["operation_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("transaction_operation")
    op.drop_table("payout")
    op.drop_table("recovery")
    op.drop_table("lane_transaction")
    op.drop_table("deposit")
    op.drop_table("customer_order")
    op.drop_table("request")
    op.drop_table("order_nonce")
    op.drop_table("operation")
    op.drop_table("lane")
    op.drop_table("database_epoch")
    op.drop_table("court_order")
