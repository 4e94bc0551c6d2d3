"""What the database itself refuses, whatever the program above it does.

Terminal operations, signed bytes, idempotency keys and records of access never change; a lane's
nonce never goes back.
"""

from wallet_chain.store.migrations.guards import Guard, lift_guards, set_guards

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TERMINAL = "OLD.state IN ('settled', 'rejected', 'cancelled', 'expired')"

_GUARDS = (
    Guard(
        "operation_terminal", "operation", "UPDATE", "a terminal operation never changes", _TERMINAL
    ),
    Guard(
        "operation_kept",
        "operation",
        "DELETE",
        "operations are never deleted",
        "OLD.id IS NOT NULL",
    ),
    Guard(
        "request_kept",
        "request",
        "DELETE",
        "idempotency keys never expire",
        "OLD.idempotency_key IS NOT NULL",
    ),
    Guard(
        "request_unchanged",
        "request",
        "UPDATE",
        "what an idempotency key stands for never changes",
        "OLD.principal_id <> NEW.principal_id OR OLD.idempotency_key <> NEW.idempotency_key"
        " OR OLD.fingerprint <> NEW.fingerprint OR OLD.resource_id <> NEW.resource_id",
    ),
    Guard(
        "lane_transaction_kept",
        "lane_transaction",
        "DELETE",
        "signed transactions are never deleted",
        "OLD.id IS NOT NULL",
    ),
    Guard(
        "lane_transaction_unchanged",
        "lane_transaction",
        "UPDATE",
        "signed bytes never change",
        "OLD.raw <> NEW.raw OR OLD.hash <> NEW.hash OR OLD.nonce <> NEW.nonce"
        " OR OLD.lane_address <> NEW.lane_address",
    ),
    Guard(
        "lane_nonce_rises",
        "lane",
        "UPDATE",
        "a nonce is never handed back",
        "OLD.next_nonce IS NOT NULL"
        " AND (NEW.next_nonce IS NULL OR NEW.next_nonce < OLD.next_nonce)",
    ),
    Guard(
        "access_record_unchanged",
        "access_record",
        "UPDATE",
        "records of access never change",
        "OLD.id IS NOT NULL",
    ),
    Guard(
        "access_record_kept",
        "access_record",
        "DELETE",
        "records of access are never deleted",
        "OLD.id IS NOT NULL",
    ),
)


def upgrade() -> None:
    set_guards(_GUARDS)


def downgrade() -> None:
    lift_guards(_GUARDS)
