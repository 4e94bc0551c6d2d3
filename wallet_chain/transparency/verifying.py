"""The log against itself: every entry hashed again, every checkpoint and every fact compared.

Whoever holds the database and the master key can forge all of it together; that is found by the
witnesses and by the anchors on chain, not here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.facts import ACCESS, commitment_to, leaf_of
from wallet_chain.bank.witness import access_facts, access_subject, accesses_named
from wallet_chain.errors import CustomerKeysMissing, MasterKeyWrong
from wallet_chain.pipeline.difference import Difference
from wallet_chain.store.merkle import EMPTY_ROOT, grown, node_hash
from wallet_chain.store.tables import AccessRecord, LogCheckpoint, LogEntry, LogNode
from wallet_chain.transparency.checkpoints import log_size
from wallet_chain.transparency.entries import opening_of
from wallet_chain.transparency.keys import log_signer

_AT_A_TIME = 1_000

Place = tuple[int, int]


def verify_log(bank: Bank, progress: Callable[[str], None] = lambda _: None) -> list[Difference]:
    """Every difference: in its places (``log_entry``), its tree (``log_node``), what was signed
    (``log_checkpoint``) and the records that it tells of (``access_record``).

    Raises StoreBusy, StoreUnavailable.
    """
    with bank.store.reading() as session:
        found = list(_entries_and_tree(bank, session, progress))
        found += _accesses(bank, session)
    return found


def _entries_and_tree(
    bank: Bank, session: Session, progress: Callable[[str], None]
) -> Iterator[Difference]:
    signer = log_signer(bank, session)
    checkpoints = _signed(session, 0, 0)
    peaks: dict[Place, bytes] = {}
    size = 0
    yield from _checkpoint(signer.note, checkpoints.pop(0, None), EMPTY_ROOT)
    while rows := _part(session, size):
        checkpoints = _signed(session, size + 1, size + len(rows))
        nodes = _stored(session, size, len(rows))
        for row in rows:
            if row.position != size:
                yield Difference(
                    "log_entry", str(size), f"is missing; the next one is {row.position}"
                )
                return
            yield from _entry(bank, session, row)
            added = grown(peaks, size, [row.leaf])
            yield from _nodes(nodes, added)
            size += 1
            peaks = _peaks(peaks | added, size)
            yield from _checkpoint(signer.note, checkpoints.pop(size, None), _root(peaks))
        session.expunge_all()
        progress(f"Log: {size} entries")
    counted = log_size(session)
    if counted != size:
        yield Difference("log_head", "1", f"counts {counted} entries, and there are {size}")
    later = select(LogCheckpoint.size).where(LogCheckpoint.size > size)
    for late in session.scalars(later.order_by(LogCheckpoint.size).limit(_AT_A_TIME)):
        yield Difference(
            "log_checkpoint", str(late), f"was signed, and the log has {size} entries now"
        )
    stored = session.execute(select(func.count()).select_from(LogNode)).scalar_one()
    expected = sum(size >> level for level in range(size.bit_length()))
    if stored != expected:
        yield Difference("log_node", "count", f"{stored} are stored, and there are {expected}")


def _part(session: Session, size: int) -> list[LogEntry]:
    statement = select(LogEntry).where(LogEntry.position >= size).order_by(LogEntry.position)
    return list(session.scalars(statement.limit(_AT_A_TIME)))


def _signed(session: Session, first: int, last: int) -> dict[int, LogCheckpoint]:
    """The checkpoints of these sizes."""
    statement = select(LogCheckpoint).where(LogCheckpoint.size.between(first, last))
    return {row.size: row for row in session.scalars(statement)}


def _stored(session: Session, size: int, more: int) -> dict[Place, bytes]:
    """The hashes that so many entries behind ``size`` added to the tree."""
    found: dict[Place, bytes] = {}
    for level in range((size + more).bit_length()):
        first, after = size >> level, (size + more) >> level
        statement = select(LogNode.position, LogNode.hash).where(
            LogNode.level == level, LogNode.position >= first, LogNode.position < after
        )
        found |= {(level, row[0]): row[1] for row in session.execute(statement)}
    return found


def _entry(bank: Bank, session: Session, row: LogEntry) -> Iterator[Difference]:
    """The leaf says what the row says, and commits to the opening."""
    key = str(row.position)
    commitment = ""
    try:
        commitment = orjson.loads(row.leaf)["commitment"]
    except (ValueError, TypeError, KeyError):
        yield Difference("log_entry", key, "its leaf has no form")
        return
    if row.leaf != leaf_of(row.kind, row.at, commitment):
        yield Difference("log_entry", key, "its leaf is of another kind or time")
    try:
        opening = opening_of(bank, session, row)
        if opening is None:
            return
        said = commitment_to(bytes.fromhex(opening["salt"]), opening["record"])
    except (MasterKeyWrong, CustomerKeysMissing, ValueError, KeyError, TypeError):
        yield Difference("log_entry", key, "its opening was changed")
        return
    if said != commitment:
        yield Difference("log_entry", key, "its leaf commits to another record")


def _nodes(stored: dict[Place, bytes], added: dict[Place, bytes]) -> Iterator[Difference]:
    for place, value in added.items():
        if stored.get(place) != value:
            level, at = place
            what = "an entry or the tree" if level == 0 else "the tree"
            yield Difference("log_node", f"{level}/{at}", f"another hash is stored: {what} changed")


def _checkpoint(
    note: Callable[[int, bytes], str], row: LogCheckpoint | None, root: bytes
) -> Iterator[Difference]:
    if row is None:
        return
    if row.root != root:
        yield Difference(
            "log_checkpoint", str(row.size), "was signed over other entries: the log was rewritten"
        )
    if row.note != note(row.size, row.root):
        yield Difference("log_checkpoint", str(row.size), "is not what the log's key signs")


def _peaks(nodes: dict[Place, bytes], size: int) -> dict[Place, bytes]:
    """Only the complete subtrees that a tree of this size is made of."""
    kept: dict[Place, bytes] = {}
    first = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            kept[level, first >> level] = nodes[level, first >> level]
            first += 1 << level
    return kept


def _root(peaks: dict[Place, bytes]) -> bytes:
    values = [peaks[place] for place in sorted(peaks)]
    root = values[0]
    for value in values[1:]:
        root = node_hash(value, root)
    return root


def _accesses(bank: Bank, session: Session) -> Iterator[Difference]:
    """Every record of access has one entry, which commits to it."""
    last = 0
    records = select(AccessRecord).order_by(AccessRecord.id).limit(_AT_A_TIME)
    while part := session.scalars(records.where(AccessRecord.id > last)).all():
        last = part[-1].id
        entries = _entries_of(session, [access_subject(record.id) for record in part])
        for record in part:
            found = entries[access_subject(record.id)]
            yield from _access(bank, session, record, found)
        session.expunge_all()
    yield from _without_record(session)


def _entries_of(session: Session, subjects: list[str]) -> dict[str, list[LogEntry]]:
    found: dict[str, list[LogEntry]] = defaultdict(list)
    statement = select(LogEntry).where(LogEntry.subject.in_(subjects), LogEntry.kind == ACCESS)
    for row in session.scalars(statement.order_by(LogEntry.position)):
        found[row.subject].append(row)
    return found


def _access(
    bank: Bank, session: Session, record: AccessRecord, entries: list[LogEntry]
) -> Iterator[Difference]:
    key = str(record.id)
    if len(entries) != 1:
        yield Difference("access_record", key, f"has {len(entries)} entries in the log")
        return
    try:
        opening = opening_of(bank, session, entries[0])
        same = opening is None or orjson.loads(opening["record"]) == _plain(record)
    except (MasterKeyWrong, CustomerKeysMissing, ValueError, KeyError, TypeError):
        # Told already, of the entry.
        return
    if not same:
        yield Difference("access_record", key, "is not what its entry commits to")


def _without_record(session: Session) -> Iterator[Difference]:
    """Entries about an access that the table does not have."""
    place = -1
    entries = select(LogEntry.position, LogEntry.subject).where(LogEntry.kind == ACCESS)
    entries = entries.order_by(LogEntry.position).limit(_AT_A_TIME)
    while part := session.execute(entries.where(LogEntry.position > place)).all():
        place = part[-1][0]
        subjects = {row[1] for row in part}
        known = select(AccessRecord.id).where(AccessRecord.id.in_(accesses_named(subjects)))
        for subject in sorted(subjects - {access_subject(each) for each in session.scalars(known)}):
            yield Difference("access_record", subject, "is in the log and not in the table")


def _plain(record: AccessRecord) -> object:
    facts = {name: value for name, value in access_facts(record).items() if value is not None}
    return orjson.loads(orjson.dumps(facts))
