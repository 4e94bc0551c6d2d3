"""What the database itself refuses, whatever the program above it does.

Terminal operations, signed bytes, idempotency keys and records of access never change; a lane's
nonce never goes back.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TERMINAL = "OLD.state IN ('settled', 'rejected', 'cancelled', 'expired')"

# Name, table, event, condition under which the change is refused, and what the error says.
_GUARDS = (
    (
        "operation_terminal",
        "operation",
        "UPDATE",
        _TERMINAL,
        "a terminal operation never changes",
    ),
    (
        "operation_kept",
        "operation",
        "DELETE",
        "OLD.id IS NOT NULL",
        "operations are never deleted",
    ),
    (
        "request_kept",
        "request",
        "DELETE",
        "OLD.idempotency_key IS NOT NULL",
        "idempotency keys never expire",
    ),
    (
        "request_unchanged",
        "request",
        "UPDATE",
        "OLD.principal_id <> NEW.principal_id OR OLD.idempotency_key <> NEW.idempotency_key"
        " OR OLD.fingerprint <> NEW.fingerprint OR OLD.resource_id <> NEW.resource_id",
        "what an idempotency key stands for never changes",
    ),
    (
        "lane_transaction_kept",
        "lane_transaction",
        "DELETE",
        "OLD.id IS NOT NULL",
        "signed transactions are never deleted",
    ),
    (
        "lane_transaction_unchanged",
        "lane_transaction",
        "UPDATE",
        "OLD.raw <> NEW.raw OR OLD.hash <> NEW.hash OR OLD.nonce <> NEW.nonce"
        " OR OLD.lane_address <> NEW.lane_address",
        "signed bytes never change",
    ),
    (
        "lane_nonce_rises",
        "lane",
        "UPDATE",
        "OLD.next_nonce IS NOT NULL"
        " AND (NEW.next_nonce IS NULL OR NEW.next_nonce < OLD.next_nonce)",
        "a nonce is never handed back",
    ),
    (
        "access_record_unchanged",
        "access_record",
        "UPDATE",
        "OLD.id IS NOT NULL",
        "records of access never change",
    ),
    (
        "access_record_kept",
        "access_record",
        "DELETE",
        "OLD.id IS NOT NULL",
        "records of access are never deleted",
    ),
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, refused_when, text in _GUARDS:
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {refused_when}"
                f" BEGIN SELECT RAISE(ABORT, '{text}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION '{text}' USING ERRCODE = 'integrity_constraint_violation';"
            " END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW"
            f" WHEN ({refused_when}) EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in reversed(_GUARDS):
        op.execute(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}"))
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
