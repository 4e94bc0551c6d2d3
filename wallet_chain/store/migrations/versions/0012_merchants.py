"""Payment requests, bills and instalments, and the orders that pay them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "bill",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("biller_customer_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=35), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_details", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("scheduled_at", sa.BigInteger(), nullable=True),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("refusal", _JSON, nullable=True),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["biller_customer_id"], ["customer.id"], name=op.f("fk_bill_biller_customer_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_bill_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill")),
        sa.UniqueConstraint(
            "biller_customer_id",
            "number",
            "period",
            name=op.f("uq_bill_biller_customer_id_number_period"),
        ),
    )
    op.create_index("ix_bill_customer_id_id", "bill", ["customer_id", "id"], unique=False)
    op.create_index("ix_bill_scheduled_at", "bill", ["scheduled_at"], unique=False)
    op.create_table(
        "payment_request",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("payee_customer_id", sa.String(length=40), nullable=False),
        sa.Column("payer_customer_id", sa.String(length=40), nullable=True),
        sa.Column("group_id", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("tip_allowed", sa.Boolean(), nullable=False),
        sa.Column("receivers", _JSON, nullable=True),
        sa.Column("instalments", _JSON, nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.Column("commitment", sa.String(length=32), nullable=False),
        sa.Column("sealed_payload", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payee_customer_id"],
            ["customer.id"],
            name=op.f("fk_payment_request_payee_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["payer_customer_id"],
            ["customer.id"],
            name=op.f("fk_payment_request_payer_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_request")),
    )
    op.create_index(
        op.f("ix_payment_request_group_id"), "payment_request", ["group_id"], unique=False
    )
    op.create_index(
        "ix_payment_request_payee", "payment_request", ["payee_customer_id", "id"], unique=False
    )
    op.create_index(
        "ix_payment_request_payer", "payment_request", ["payer_customer_id", "id"], unique=False
    )
    op.create_table(
        "request_group",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("sealed_title", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_request_group_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_group")),
    )
    op.create_index(
        op.f("ix_request_group_customer_id"), "request_group", ["customer_id"], unique=False
    )
    op.create_table(
        "due_order",
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("due_id", sa.String(length=40), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("invoice", sa.String(length=66), nullable=False),
        sa.Column("payer_customer_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_due_order_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["payer_customer_id"], ["customer.id"], name=op.f("fk_due_order_payer_customer_id")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_due_order")),
    )
    op.create_index(op.f("ix_due_order_due_id"), "due_order", ["due_id"], unique=False)
    op.create_index(op.f("ix_due_order_invoice"), "due_order", ["invoice"], unique=False)
    op.create_index(
        op.f("ix_due_order_payer_customer_id"), "due_order", ["payer_customer_id"], unique=False
    )
    op.create_table(
        "instalment_plan",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("payer_customer_id", sa.String(length=40), nullable=False),
        sa.Column("payee_customer_id", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payee_customer_id"],
            ["customer.id"],
            name=op.f("fk_instalment_plan_payee_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["payer_customer_id"],
            ["customer.id"],
            name=op.f("fk_instalment_plan_payer_customer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["payment_request.id"], name=op.f("fk_instalment_plan_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment_plan")),
    )
    op.create_index(
        op.f("ix_instalment_plan_payee_customer_id"),
        "instalment_plan",
        ["payee_customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_instalment_plan_payer_customer_id"),
        "instalment_plan",
        ["payer_customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_instalment_plan_request_id"), "instalment_plan", ["request_id"], unique=False
    )
    op.create_table(
        "instalment",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("plan_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("refusal", _JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["instalment_plan.id"], name=op.f("fk_instalment_plan_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_instalment_plan_id_number")),
    )
    op.create_index(op.f("ix_instalment_due_at"), "instalment", ["due_at"], unique=False)


def downgrade() -> None:
    """Take them away."""
    for table in (
        "instalment",
        "instalment_plan",
        "due_order",
        "request_group",
        "payment_request",
        "bill",
    ):
        op.drop_table(table)
