"""Proofs about a Merkle tree, checked as RFC 9162 says (sections 2.1.3.2 and 2.1.4.2)."""

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that the tree must have for the leaf to be at its place; None: the proof has no form."""
    if not 0 <= index < size:
        return None
    first, last = index, size - 1
    value = hashlib.sha256(b"\x00" + leaf).digest()
    for sibling in proof:
        if last == 0:
            return None
        if first & 1 or first == last:
            value = _node(sibling, value)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            value = _node(value, sibling)
        first, last = first >> 1, last >> 1
    return value if last == 0 else None


def root_from_consistency(
    first_size: int, second_size: int, first_root: bytes, proof: Sequence[bytes]
) -> bytes | None:
    """The root that the larger tree must have if it begins with the smaller one.

    None: it does not begin with it, or the proof has no form. Every tree begins with the empty one,
    which proves nothing about the larger one's root; so ``first_size`` is above zero.
    """
    if not 0 < first_size <= second_size:
        return None
    if first_size == second_size:
        return None if proof else first_root
    path = list(proof)
    if first_size & (first_size - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return None
    first, last = first_size - 1, second_size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = path[0]
    for value in path[1:]:
        if last == 0:
            return None
        if first & 1 or first == last:
            old, new = _node(value, old), _node(value, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = _node(new, value)
        first, last = first >> 1, last >> 1
    return new if last == 0 and old == first_root else None


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
