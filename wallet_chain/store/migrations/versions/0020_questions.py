"""Indexes for questions that combine filters, and the transparency log kept from more than before."""

import sqlalchemy as sa
from alembic import op

from wallet_chain.store.migrations.guards import Guard, lift_guards, set_guards

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_PLACE = ["block_number", "log_index"]
_SIDES = ("account", "counterparty")
_KEYS = ("kind", "subject", "customer_id")
_KEPT = {
    "log_head": "the log only grows",
    "log_entry": "entries of the log are never deleted",
    "log_node": "the tree of the log only grows",
    "log_checkpoint": "what was signed is never deleted",
    "log_cosignature": "what a witness signed is never deleted",
    "access_record": "records of access are never deleted",
}

_GUARDS = (
    *(Guard(f"{table}_whole", table, "TRUNCATE", said) for table, said in _KEPT.items()),
    Guard("log_head_alone", "log_head", "INSERT", "the log has one head"),
    Guard("log_head_kept", "log_head", "DELETE", _KEPT["log_head"]),
    Guard("log_head_same", "log_head", "UPDATE", _KEPT["log_head"], "NEW.id <> OLD.id"),
    Guard("log_cosignature_unchanged", "log_cosignature", "UPDATE", "what a witness signed stays"),
    Guard("log_cosignature_kept", "log_cosignature", "DELETE", _KEPT["log_cosignature"]),
)


def upgrade() -> None:
    """Make the indexes wider, add one, and set the guards."""
    for side in _SIDES:
        [other] = {*_SIDES} - {side}
        columns = [side, *_PLACE, other, "currency", "amount_minor", "kind", "name"]
        op.drop_index(f"ix_chain_event_{side}", "chain_event")
        _index(f"ix_chain_event_{side}", columns, side)
    _index("ix_chain_event_pair", [*_SIDES, *_PLACE], "counterparty")
    for key in _KEYS:
        op.drop_index(f"ix_log_entry_{key}", "log_entry")
        op.create_index(f"ix_log_entry_{key}", "log_entry", [key, "position"])
    set_guards(_GUARDS)


def downgrade() -> None:
    """As it was."""
    lift_guards(_GUARDS)
    for key in _KEYS:
        op.drop_index(f"ix_log_entry_{key}", "log_entry")
        op.create_index(f"ix_log_entry_{key}", "log_entry", [key])
    op.drop_index("ix_chain_event_pair", "chain_event")
    for side in _SIDES:
        op.drop_index(f"ix_chain_event_{side}", "chain_event")
        op.create_index(f"ix_chain_event_{side}", "chain_event", [side, *_PLACE])


def _index(name: str, columns: list[str], given: str) -> None:
    where = sa.text(f"{given} IS NOT NULL")
    op.create_index(name, "chain_event", columns, sqlite_where=where, postgresql_where=where)
