"""The log's Merkle tree (RFC 6962, section 2.1) over the hashes of complete subtrees in ``log_node``.

Entries are hashed as ``SHA-256(0x00 || leaf)``, inner nodes as ``SHA-256(0x01 || left || right)``, so
that no leaf can be passed off as a node. Appending writes two rows an entry on average; a proof reads
some twenty for a million entries.
"""

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from wallet_chain.store.tables import LogNode
from wallet_chain.store.writing import add

EMPTY_ROOT = hashlib.sha256().digest()

Place = tuple[int, int]
"""Level and position of a complete subtree."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def append(session: Session, size: int, leaves: Sequence[bytes]) -> None:
    """Add leaves to a tree of ``size`` entries, with every subtree that becomes complete by them."""
    known = _read(session, _complete(0, size))
    added = grown(known, size, leaves)
    rows = [{"level": level, "position": at, "hash": each} for (level, at), each in added.items()]
    add(session, LogNode, rows)


def grown(known: dict[Place, bytes], size: int, leaves: Iterable[bytes]) -> dict[Place, bytes]:
    """The subtrees that are complete with these leaves and were not before."""
    added: dict[Place, bytes] = {}
    for index, leaf in enumerate(leaves, start=size):
        level, at, value = 0, index, leaf_hash(leaf)
        added[level, at] = value
        while at % 2:
            left = (level, at - 1)
            value = node_hash(added[left] if left in added else known[left], value)
            level, at = level + 1, at // 2
            added[level, at] = value
    return added


def root_at(session: Session, size: int) -> bytes:
    """The root of the tree's first ``size`` entries."""
    return _folded(session, [_complete(0, size)])[0] if size else EMPTY_ROOT


def inclusion_proof(session: Session, index: int, size: int) -> list[bytes]:
    """The hashes from an entry's sibling up to the root's child (RFC 6962, section 2.1.1)."""
    ranges: list[tuple[int, int]] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    return _folded(session, [_complete(*each) for each in reversed(ranges)])


def consistency_proof(session: Session, first_size: int, size: int) -> list[bytes]:
    """That the first ``first_size`` entries are the beginning of ``size`` (RFC 6962, section 2.1.2)."""
    if first_size in (0, size):
        return []
    ranges: list[tuple[int, int]] = []
    first, end, whole = 0, size, True
    while first_size != end:
        middle = first + _split(end - first)
        if first_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first, whole = middle, False
    # What the verifier holds already, the old root itself, need not be sent.
    last = [] if whole else [(first, end)]
    return _folded(session, [_complete(*each) for each in last + ranges[::-1]])


def _split(entries: int) -> int:
    """The largest power of two below ``entries``."""
    return 1 << (entries - 1).bit_length() - 1


def _complete(first: int, end: int) -> list[Place]:
    """The complete subtrees of a range that begins where a subtree of its size may, left to right."""
    places = []
    while first < end:
        level = (end - first).bit_length() - 1
        places.append((level, first >> level))
        first += 1 << level
    return places


def _folded(session: Session, parts: Sequence[Sequence[Place]]) -> list[bytes]:
    """The hash over each list of subtrees."""
    known = _read(session, [place for part in parts for place in part])
    values = []
    for part in parts:
        value = known[part[-1]]
        for place in reversed(part[:-1]):
            value = node_hash(known[place], value)
        values.append(value)
    return values


def _read(session: Session, places: Sequence[Place]) -> dict[Place, bytes]:
    if not places:
        return {}
    levels: dict[int, list[int]] = {}
    for level, position in places:
        levels.setdefault(level, []).append(position)
    # One condition a level: each is a look into the key's index, where a list of pairs is none.
    wanted = or_(
        *(
            and_(LogNode.level == level, LogNode.position.in_(positions))
            for level, positions in levels.items()
        )
    )
    rows = session.execute(select(LogNode.level, LogNode.position, LogNode.hash).where(wanted))
    return {(row.level, row.position): row.hash for row in rows}
