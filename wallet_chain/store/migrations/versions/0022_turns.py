"""What waits to be bound, by lane and by principal: so that neither a call nor a newcomer waits behind it."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_WAITING = {
    "calls": ("lane_address", "state = 'accepted' AND lane_address IS NOT NULL"),
    "orders": ("principal_id", "state = 'accepted' AND lane_address IS NULL"),
}


def upgrade() -> None:
    """Add the indexes."""
    for name, (whose, condition) in _WAITING.items():
        where = sa.text(condition)
        op.create_index(
            f"ix_operation_waiting_{name}",
            "operation",
            [whose, "sequence"],
            sqlite_where=where,
            postgresql_where=where,
        )


def downgrade() -> None:
    """Take them away."""
    for name in _WAITING:
        op.drop_index(f"ix_operation_waiting_{name}", "operation")
