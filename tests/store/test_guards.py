"""What the database refuses by itself, whatever program writes to it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from wallet_chain.store.engine import Store
from wallet_chain.store.tables import (
    AccessRecord,
    Lane,
    LaneHealing,
    LogCheckpoint,
    LogCosignature,
    LogEntry,
    LogNode,
    Operation,
    Request,
    Transaction,
    TransactionVersion,
)

ADDRESS = "0x" + "11" * 20
TERMINAL = ["settled", "rejected", "cancelled", "expired"]


def _operation(state: str) -> Operation:
    return Operation(
        id="op_1",
        sequence=1,
        kind="payment",
        resource_id="pay_1",
        principal_id="prn_1",
        target=ADDRESS,
        calldata=b"",
        state=state,
        accepted_at=1,
    )


def _execute(store: Store, statement: str) -> None:
    with store.transaction() as session:
        session.execute(text(statement))


@pytest.mark.parametrize("state", TERMINAL)
@pytest.mark.parametrize("later", ["accepted", *TERMINAL])
def test_a_terminal_operation_never_changes(store: Store, state: str, later: str) -> None:
    with store.transaction() as session:
        session.add(_operation("bound"))
    _execute(store, f"UPDATE operation SET state = '{state}'")
    with pytest.raises(IntegrityError, match="terminal"):
        _execute(store, f"UPDATE operation SET state = '{later}', block_number = 7")


def test_an_operation_that_is_not_terminal_may_change(store: Store) -> None:
    with store.transaction() as session:
        session.add(_operation("accepted"))
    for state in ("bound", "accepted", "bound"):
        _execute(store, f"UPDATE operation SET state = '{state}'")


def test_an_unknown_state_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.transaction() as session:
        session.add(_operation("failed"))


def test_an_operation_is_never_deleted(store: Store) -> None:
    with store.transaction() as session:
        session.add(_operation("accepted"))
    with pytest.raises(IntegrityError, match="never deleted"):
        _execute(store, "DELETE FROM operation")


def test_an_idempotency_key_is_kept_for_ever_with_what_it_stands_for(store: Store) -> None:
    with store.transaction() as session:
        session.add(
            Request(
                principal_id="prn_1",
                idempotency_key="k",
                fingerprint="f" * 64,
                fields={},
                resource_id="pay_1",
                created_at=1,
            )
        )
    with pytest.raises(IntegrityError, match="never expire"):
        _execute(store, "DELETE FROM request")
    for column in ("fingerprint", "resource_id", "idempotency_key", "principal_id"):
        with pytest.raises(IntegrityError, match="never changes"):
            _execute(store, f"UPDATE request SET {column} = 'other'")
    _execute(store, "UPDATE request SET operation_id = 'op_1'")


def test_signed_bytes_are_kept_as_they_are(store: Store) -> None:
    with store.transaction() as session:
        session.add(Lane(address=ADDRESS, purpose="relayer", next_nonce=1, epoch=1, lease_until=0))
        session.flush()
        session.add(
            Transaction(
                lane_address=ADDRESS,
                nonce=0,
                kind="batch",
                raw=b"signed",
                hash="0x" + "22" * 32,
                state="bound",
                bound_at=1,
            )
        )
    _execute(store, "UPDATE lane_transaction SET state = 'sent', sends = 1")
    with pytest.raises(IntegrityError, match="never change"):
        _execute(store, "UPDATE lane_transaction SET nonce = 5")
    with pytest.raises(IntegrityError, match="never deleted"):
        _execute(store, "DELETE FROM lane_transaction")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_head SET size = size - 1",
        "UPDATE log_head SET id = 2",
        "DELETE FROM log_head",
        "INSERT INTO log_head (id, size) VALUES (2, 0)",
        "UPDATE log_cosignature SET line = 'another'",
        "DELETE FROM log_cosignature",
    ],
)
def test_the_log_has_one_head_that_only_grows_and_keeps_what_was_signed(
    store: Store, statement: str
) -> None:
    with store.transaction() as session:
        session.add(LogCheckpoint(size=1, root=b"", note="", at=1))
        session.flush()
        session.add(LogCosignature(size=1, witness="w", line="one", at=1))
    with pytest.raises(IntegrityError):
        _execute(store, statement)


@pytest.mark.parametrize(
    "table",
    ["log_head", "log_entry", "log_node", "log_checkpoint", "log_cosignature", "access_record"],
)
def test_what_is_kept_is_not_emptied_at_once(store: Store, table: str) -> None:
    with store.transaction() as session:
        session.add(
            AccessRecord(at=1, principal_id="prn_1", role="auditor", action="GET /x", query={})
        )
        session.add(LogNode(level=0, position=0, hash=b""))
        session.add(LogCheckpoint(size=1, root=b"", note="", at=1))
        session.flush()
        session.add(LogCosignature(size=1, witness="w", line="one", at=1))
        row = {"position": 0, "kind": "access", "at": 1, "subject": "acc_1", "customer_id": None}
        session.add(LogEntry(**row, leaf=b"", opening=b""))
    statement = f"DELETE FROM {table}" if store.is_sqlite else f"TRUNCATE {table} CASCADE"
    with pytest.raises(IntegrityError):
        _execute(store, statement)


def test_further_versions_are_kept_as_they_are(store: Store) -> None:
    lane = Lane(address=ADDRESS, purpose="relayer", next_nonce=1, epoch=1, lease_until=0)
    first = Transaction(lane_address=ADDRESS, nonce=0, kind="batch", raw=b"signed", state="bound")
    first.hash, first.bound_at = "0x" + "22" * 32, 1
    with store.transaction() as session:
        session.add(lane)
        session.flush()
        session.add(first)
        session.flush()
        version = TransactionVersion(transaction_id=first.id, number=2, kind="fee", raw=b"more")
        version.hash, version.max_fee_per_gas, version.made_at = "0x" + "33" * 32, 1, 1
        session.add(version)
    for column in ("raw = 'x'", "hash = '0x'", "kind = 'filler'", "number = 3"):
        with pytest.raises(IntegrityError, match="never change"):
            _execute(store, f"UPDATE transaction_version SET {column}")
    with pytest.raises(IntegrityError, match="never deleted"):
        _execute(store, "DELETE FROM transaction_version")


def test_who_healed_a_lane_is_kept(store: Store) -> None:
    with store.transaction() as session:
        session.add(Lane(address=ADDRESS, purpose="relayer", epoch=1, lease_until=0))
        session.flush()
        counts = {"adopted": 1, "replaced": 0, "ended": 0, "filled": 0}
        session.add(
            LaneHealing(
                lane_address=ADDRESS,
                healed_by="olga",
                healed_at=1,
                unknown_accepted=False,
                **counts,
            )
        )
    with pytest.raises(IntegrityError, match="never change"):
        _execute(store, "UPDATE lane_healing SET healed_by = 'otto'")
    with pytest.raises(IntegrityError, match="never deleted"):
        _execute(store, "DELETE FROM lane_healing")


def test_a_nonce_is_never_handed_back(store: Store) -> None:
    with store.transaction() as session:
        session.add(Lane(address=ADDRESS, purpose="relayer", epoch=1, lease_until=0))
    _execute(store, "UPDATE lane SET next_nonce = 5")
    _execute(store, "UPDATE lane SET next_nonce = 6, epoch = 2")
    for lower in ("5", "NULL"):
        with pytest.raises(IntegrityError, match="never handed back"):
            _execute(store, f"UPDATE lane SET next_nonce = {lower}")


def test_a_record_of_access_stays_as_it_was_written(store: Store) -> None:
    with store.transaction() as session:
        session.add(
            AccessRecord(at=1, principal_id="prn_1", role="auditor", action="GET /x", query={})
        )
    for statement in ("UPDATE access_record SET role = 'admin'", "DELETE FROM access_record"):
        with pytest.raises(IntegrityError, match="records of access"):
            _execute(store, statement)
