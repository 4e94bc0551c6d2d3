"""Screening lists and results, name checks, beneficiaries and travel-rule records."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from wallet_chain.store.migrations.guards import Guard, lift_guards, set_guards

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON_OBJECT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_GUARDS = (
    Guard(
        "screening_result_kept", "screening_result", "DELETE", "a screening result is never deleted"
    ),
    Guard(
        "travel_rule_record_kept",
        "travel_rule_record",
        "DELETE",
        "a travel-rule record is never deleted",
    ),
)


def upgrade() -> None:
    op.create_table(
        "screening_list",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.Column("loaded_by", sa.String(length=40), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_list")),
    )
    op.create_index(
        "uq_screening_list_in_force",
        "screening_list",
        ["source"],
        unique=True,
        sqlite_where=sa.text("retired_at is null"),
        postgresql_where=sa.text("retired_at is null"),
    )
    op.create_table(
        "screening_entry",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("list_id", sa.String(length=40), nullable=False),
        sa.Column("entry_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facts", JSON_OBJECT, nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["screening_list.id"], name=op.f("fk_screening_entry_list_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_entry")),
    )
    op.create_index(op.f("ix_screening_entry_list_id"), "screening_entry", ["list_id"])
    op.create_table(
        "screening_result",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("transfer_id", sa.String(length=40), nullable=False),
        sa.Column("occasion", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("lists", JSON_OBJECT, nullable=False),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=True),
        sa.Column("screened_at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["cross_border_transfer.id"],
            name=op.f("fk_screening_result_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_result")),
    )
    op.create_index(op.f("ix_screening_result_transfer_id"), "screening_result", ["transfer_id"])
    op.create_index(op.f("ix_screening_result_customer_id"), "screening_result", ["customer_id"])
    op.create_table(
        "name_check",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("principal_id", sa.String(length=40), nullable=False),
        sa.Column("payee_customer_id", sa.String(length=40), nullable=True),
        sa.Column("payee_account", sa.String(length=42), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_name_check_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_check")),
    )
    op.create_index("ix_name_check_customer_at", "name_check", ["customer_id", "checked_at"])
    op.create_table(
        "beneficiary",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("payee_customer_id", sa.String(length=40), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("name_check_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_beneficiary_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["name_check_id"], ["name_check.id"], name=op.f("fk_beneficiary_name_check_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beneficiary")),
    )
    op.create_index(op.f("ix_beneficiary_customer_id"), "beneficiary", ["customer_id"])
    op.create_index(op.f("ix_beneficiary_payee_customer_id"), "beneficiary", ["payee_customer_id"])
    op.create_table(
        "travel_rule_record",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("transfer_id", sa.String(length=40), nullable=False),
        sa.Column("sender_customer_id", sa.String(length=40), nullable=False),
        sa.Column("recipient_customer_id", sa.String(length=40), nullable=True),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("sealed_originator", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_beneficiary", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sender_customer_id"],
            ["customer.id"],
            name=op.f("fk_travel_rule_record_sender_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"],
            ["cross_border_transfer.id"],
            name=op.f("fk_travel_rule_record_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_travel_rule_record")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_travel_rule_record_transfer_id")),
    )
    for column in ("sender_customer_id", "recipient_customer_id"):
        op.create_index(op.f(f"ix_travel_rule_record_{column}"), "travel_rule_record", [column])
    op.add_column(
        "cross_border_transfer", sa.Column("beneficiary_id", sa.String(length=40), nullable=True)
    )
    set_guards(_GUARDS)


def downgrade() -> None:
    lift_guards(_GUARDS)
    op.drop_column("cross_border_transfer", "beneficiary_id")
    for table in (
        "travel_rule_record",
        "beneficiary",
        "name_check",
        "screening_result",
        "screening_entry",
        "screening_list",
    ):
        op.drop_table(table)
