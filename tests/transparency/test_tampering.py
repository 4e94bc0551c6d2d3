"""Whoever owns the database and rewrites the log is caught: by the tree, the signatures, the witnesses."""

from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tests.town import Town
from tests.transparency.logs import found, looked_at, rehash, signed, tampering
from wallet_chain import transparency
from wallet_chain.bank.facts import leaf_of, log_fact
from wallet_chain.errors import LogBroken, StoreUnavailable
from wallet_chain.store.tables import AccessRecord, LogCheckpoint, LogEntry, LogHead
from wallet_chain.witness import Refused, Witness, make_witness

FORGED = leaf_of("access", 1, "5d" * 32)


def last_position(town: Town) -> int:
    with town.bank.store.reading() as session:
        return session.execute(select(func.max(LogEntry.position))).scalar_one()


def witness_of(town: Town, folder: Path, name: str = "witness.example/w1") -> Witness:
    key = transparency.get_log(town.bank, town.staff("auditor")).verifier_key
    return make_witness(folder, name, key)


def shown_to(town: Town, witness: Witness) -> str:
    """Have the witness look at the latest checkpoint; answers with its cosignature or the code."""
    caller = town.staff("auditor")

    def proofs(first: int, size: int) -> list[bytes]:
        hashes = transparency.prove_consistency(town.bank, caller, first, size).hashes
        return [bytes.fromhex(each) for each in hashes]

    note = transparency.get_checkpoint(town.bank, caller).note
    try:
        return witness.cosign(note, proofs, town.clock())
    except Refused as refusal:
        return refusal.code


@pytest.fixture
def watched(town: Town, tmp_path: Path) -> tuple[Town, Witness]:
    """A log with a signed checkpoint, which a witness has cosigned, and five entries since."""
    looked_at(town)
    signed(town)
    witness = witness_of(town, tmp_path / "witness")
    assert shown_to(town, witness).startswith("— witness.example/w1 ")
    assert found(town) == []
    return town, witness


def change(session: Session, position: int) -> None:
    """Give an entry another leaf that is well formed, and the tree the hashes that go with it."""
    row = session.get_one(LogEntry, position)
    row.leaf = leaf_of(row.kind, row.at, "5d" * 32)
    session.flush()
    rehash(session)


def cut_to(session: Session, size: int) -> None:
    """Take the last entries away, as if they had never been."""
    session.execute(delete(LogEntry).where(LogEntry.position >= size))
    session.execute(update(LogHead).values(size=size))
    rehash(session)


def test_the_database_itself_refuses_to_change_or_delete_entries(town: Town) -> None:
    for statement in (
        update(LogEntry).values(leaf=FORGED),
        delete(LogEntry).where(LogEntry.position == 0),
        update(LogHead).values(size=0),
    ):
        with (
            pytest.raises((IntegrityError, OperationalError, StoreUnavailable)),
            town.bank.store.transaction() as session,
        ):
            session.execute(statement)


def test_a_changed_entry_is_caught(watched: tuple[Town, Witness]) -> None:
    town, _ = watched
    with tampering(town) as session:
        session.execute(update(LogEntry).where(LogEntry.position == 2).values(leaf=FORGED))
    assert {"log_node 0/2", "log_entry 2"} <= set(found(town))


def test_a_changed_opening_is_caught(watched: tuple[Town, Witness]) -> None:
    town, _ = watched
    with town.bank.store.transaction() as session:
        log_fact(town.bank, session, "refusal", "ref_1", {"code": "limit_exceeded"})
    place = last_position(town)
    with tampering(town) as session:
        row = session.get_one(LogEntry, place)
        row.opening = row.opening.replace(b"limit_exceeded", b"account_frozen")
        sealed = select(func.min(LogEntry.position)).where(LogEntry.customer_id.is_not(None))
        other = session.execute(sealed).scalar_one()
        session.get_one(LogEntry, other).opening = b"\x01" + bytes(60)
    assert {f"log_entry {place}", f"log_entry {other}"} <= set(found(town))


def test_a_changed_record_of_access_is_caught(watched: tuple[Town, Witness]) -> None:
    town, _ = watched
    with tampering(town) as session:
        session.execute(update(AccessRecord).where(AccessRecord.id == 1).values(action="nothing"))
    assert found(town) == ["access_record 1"]


def test_a_deleted_record_of_access_is_caught(watched: tuple[Town, Witness]) -> None:
    town, _ = watched
    with tampering(town) as session:
        session.execute(delete(AccessRecord).where(AccessRecord.id == 1))
    assert found(town) == ["access_record acc_1"]


def test_a_deleted_entry_is_caught(watched: tuple[Town, Witness]) -> None:
    town, _ = watched
    with tampering(town) as session:
        session.execute(delete(LogEntry).where(LogEntry.position == 3))
    assert "log_entry 3" in found(town)


def test_entries_cut_off_at_the_end_are_caught(watched: tuple[Town, Witness]) -> None:
    town, witness = watched
    size = last_position(town) + 1
    with tampering(town) as session:
        cut_to(session, size - 3)
    assert any(each.startswith("log_checkpoint ") for each in found(town))
    with pytest.raises(LogBroken):
        signed(town)
    with tampering(town) as session:
        session.execute(delete(LogCheckpoint))
    signed(town)
    assert shown_to(town, witness) == "log_rolled_back"


def test_an_inserted_entry_is_caught(watched: tuple[Town, Witness]) -> None:
    town, _ = watched
    place = last_position(town) + 1
    with tampering(town) as session:
        row = LogEntry(
            position=place, kind="access", at=1, subject="acc_9", leaf=FORGED, opening=b"{}"
        )
        session.add(row)
    assert {f"log_node 0/{place}", "log_head 1"} <= set(found(town))


def test_reordered_entries_are_caught(watched: tuple[Town, Witness]) -> None:
    town, _ = watched
    with tampering(town) as session:
        one, other = session.get_one(LogEntry, 1), session.get_one(LogEntry, 2)
        one.leaf, other.leaf = other.leaf, one.leaf
        one.opening, other.opening = other.opening, one.opening
        one.customer_id, other.customer_id = other.customer_id, one.customer_id
    assert {"log_node 0/1", "log_node 0/2"} <= set(found(town))


def test_a_history_rewritten_with_its_tree_contradicts_what_was_signed(
    watched: tuple[Town, Witness],
) -> None:
    town, _ = watched
    size = last_position(town) + 1
    with tampering(town) as session:
        change(session, 2)
    differences = found(town)
    assert not any(each.startswith("log_node") for each in differences)
    assert any(each.startswith("log_checkpoint ") for each in differences)
    looked_at(town, 1)
    assert last_position(town) == size
    with pytest.raises(LogBroken):
        signed(town)


def test_a_history_rewritten_and_signed_anew_is_caught_by_a_witness(
    watched: tuple[Town, Witness],
) -> None:
    town, witness = watched
    with tampering(town) as session:
        change(session, 2)
        session.execute(delete(LogCheckpoint))
    looked_at(town)
    signed(town)
    assert shown_to(town, witness) == "log_rewritten"
    evidence = (witness.folder / "evidence.json").read_text("utf-8")
    assert "log_rewritten" in evidence
    assert "seen" in evidence


def test_a_log_forked_for_two_witnesses_is_caught_when_they_meet(
    watched: tuple[Town, Witness], tmp_path: Path
) -> None:
    town, first = watched
    second = witness_of(town, tmp_path / "second", "witness.example/w2")
    shown = transparency.get_checkpoint(town.bank, town.staff("auditor"))
    with tampering(town) as session:
        cut_to(session, shown.size)
        change(session, 2)
        session.execute(delete(LogCheckpoint))
    transparency.tend(town.bank)
    forked = transparency.get_checkpoint(town.bank, town.staff("auditor"))
    assert forked.size == shown.size
    assert forked.root != shown.root
    # The second witness has never seen another, so it can't know.
    assert shown_to(town, second).startswith("— witness.example/w2 ")
    # Either checkpoint, shown to the other witness, is proof against the log.
    with pytest.raises(Refused, match="log_forked"):
        first.cosign(forked.note, lambda *_: [], town.clock())
    with pytest.raises(Refused, match="log_forked"):
        second.cosign(shown.note, lambda *_: [], town.clock())


def test_a_checkpoint_signed_by_another_key_is_caught(watched: tuple[Town, Witness]) -> None:
    town, witness = watched
    note = transparency.get_checkpoint(town.bank, town.staff("auditor")).note
    head, _, line = note.rpartition("\n— ")
    with pytest.raises(Refused, match="bad_signature"):
        witness.cosign(head + "\n— other.example " + line.split(" ", 1)[1], lambda *_: [], 1)
    text_, _, lines = note.partition("\n\n")
    origin, size, root = text_.split("\n")
    grown_text = "\n".join((origin, str(int(size) + 1), root))
    with pytest.raises(Refused, match="bad_signature"):
        witness.cosign(f"{grown_text}\n\n{lines}", lambda *_: [], 1)
