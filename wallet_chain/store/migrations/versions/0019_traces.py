"""In whose trace an operation was asked for, and which process has tended what is unfinished."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("operation", sa.Column("traceparent", sa.String(length=55), nullable=True))
    op.add_column("running_process", sa.Column("tended_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("running_process", "tended_at")
    op.drop_column("operation", "traceparent")
