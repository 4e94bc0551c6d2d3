"""Which processes run on the database, so that workers share the lanes evenly."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "running_process",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_running_process")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("running_process")
