"""The log against itself: every entry hashed again, every checkpoint and every fact compared.

Whoever holds the database and the master key can forge all of it together; that is found by the
witnesses and by the anchors on chain, not here.
"""

from collections.abc import Callable, Iterator

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.facts import ACCESS, commitment_to, leaf_of
from wallet_chain.bank.witness import access_facts, access_subject
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
    checkpoints = {row.size: row for row in session.scalars(select(LogCheckpoint))}
    peaks: dict[Place, bytes] = {}
    size = 0
    yield from _checkpoint(signer.note, checkpoints.pop(0, None), EMPTY_ROOT)
    while rows := _part(session, size):
        for row in rows:
            if row.position != size:
                yield Difference(
                    "log_entry", str(size), f"is missing; the next one is {row.position}"
                )
                return
            yield from _entry(bank, session, row)
            added = grown(peaks, size, [row.leaf])
            yield from _nodes(session, added)
            size += 1
            peaks = _peaks(peaks | added, size)
            yield from _checkpoint(signer.note, checkpoints.pop(size, None), _root(peaks))
        session.expunge_all()
        progress(f"Log: {size} entries")
    counted = log_size(session)
    if counted != size:
        yield Difference("log_head", "1", f"counts {counted} entries, and there are {size}")
    for late in sorted(checkpoints):
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


def _nodes(session: Session, added: dict[Place, bytes]) -> Iterator[Difference]:
    for place, value in added.items():
        stored = session.get(LogNode, place)
        if stored is None or stored.hash != value:
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
    entries = select(LogEntry.subject, func.count(), func.min(LogEntry.position)).where(
        LogEntry.kind == ACCESS
    )
    places = {row[0]: (row[1], row[2]) for row in session.execute(entries.group_by("subject"))}
    for record in session.scalars(
        select(AccessRecord).order_by(AccessRecord.id).execution_options(yield_per=_AT_A_TIME)
    ):
        count, position = places.pop(access_subject(record.id), (0, -1))
        if count != 1:
            yield Difference("access_record", str(record.id), f"has {count} entries in the log")
            continue
        entry = session.get_one(LogEntry, position)
        try:
            opening = opening_of(bank, session, entry)
            same = opening is None or orjson.loads(opening["record"]) == _plain(record)
        except (MasterKeyWrong, CustomerKeysMissing, ValueError, KeyError, TypeError):
            # Told already, of the entry.
            continue
        if not same:
            yield Difference("access_record", str(record.id), "is not what its entry commits to")
    for subject in sorted(places):
        yield Difference("access_record", subject, "is in the log and not in the table")


def _plain(record: AccessRecord) -> object:
    facts = {name: value for name, value in access_facts(record).items() if value is not None}
    return orjson.loads(orjson.dumps(facts))
