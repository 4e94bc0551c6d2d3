"""What each account has used of its rolling limits, among the tables that copy the chain.

After this migration run ``wallet-chain reindex`` once on a database that has blocks in it already.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "chain_usage",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("recent", sa.String(length=78), nullable=False),
        sa.Column("past", sa.String(length=78), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_chain_usage")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("chain_usage")
