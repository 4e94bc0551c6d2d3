"""The root of a Merkle-Patricia trie over a list (Ethereum Yellow Paper, appendix D).

Blocks commit to their transactions and receipts by such roots: the key of an item is the RLP of its
index. Nothing is stored; tests compare root and paths with the ``trie`` package.
"""

from collections.abc import Sequence

from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rlp_encoding import integer, rlp_encode, rlp_list

_Entry = tuple[bytes, bytes]
"""A key in nibbles, one a byte, and its value."""

EMPTY_ROOT = keccak256(rlp_encode(b""))
_EMPTY = rlp_encode(b"")
_FIRST_KEY = b"\x08\x00"
_HASH_BYTES = 32


def ordered_root(values: Sequence[bytes]) -> bytes:
    """The 32-byte root over the values in their order."""
    if not values:
        return EMPTY_ROOT
    if len(values) == 1:
        # Most blocks of a small chain hold one transaction: its trie is one leaf.
        return keccak256(_leaf(_FIRST_KEY, values[0]))
    entries = [(_nibbles(rlp_encode(integer(i))), value) for i, value in enumerate(values)]
    return keccak256(_node(sorted(entries), 0))


def ordered_path(values: Sequence[bytes], index: int) -> list[bytes]:
    """The encoded nodes from the root to the value with this index, root first.

    Nodes of less than 32 bytes stand inside their parents and have no place of their own.
    """
    entries = sorted((_nibbles(rlp_encode(integer(i))), value) for i, value in enumerate(values))
    key, depth, path = _nibbles(rlp_encode(integer(index))), 0, list[bytes]()
    while True:
        node = _node(entries, depth)
        if not path or len(node) >= _HASH_BYTES:
            path.append(node)
        if len(entries) == 1:
            return path
        shared = _shared(entries[0][0], entries[-1][0], depth)
        if shared > depth:
            depth = shared
            continue
        entries = [entry for entry in entries if entry[0][depth] == key[depth]]
        depth += 1


def _node(entries: list[_Entry], depth: int) -> bytes:
    """The encoded node over sorted entries whose first ``depth`` nibbles are the same.

    No key is the beginning of another (each is one RLP item), so a branch holds no value.
    """
    if len(entries) == 1:
        key, value = entries[0]
        return _leaf(key[depth:], value)
    shared = _shared(entries[0][0], entries[-1][0], depth)
    if shared > depth:
        path = _hex_prefix(entries[0][0][depth:shared], 0)
        return rlp_list([rlp_encode(path), _reference(_node(entries, shared))])
    children = [_EMPTY] * 17
    for nibble in {key[depth] for key, _ in entries}:
        below = [entry for entry in entries if entry[0][depth] == nibble]
        children[nibble] = _reference(_node(below, depth + 1))
    return rlp_list(children)


def _leaf(path: bytes, value: bytes) -> bytes:
    return rlp_list([rlp_encode(_hex_prefix(path, 2)), rlp_encode(value)])


def _reference(node: bytes) -> bytes:
    # A node shorter than a hash stands in its parent itself.
    return node if len(node) < _HASH_BYTES else rlp_encode(keccak256(node))


def _hex_prefix(path: bytes, flag: int) -> bytes:
    nibbles = bytes((flag + 1,)) + path if len(path) % 2 else bytes((flag, 0)) + path
    return bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))


def _shared(first: bytes, last: bytes, depth: int) -> int:
    # In sorted order, what the outermost keys share all keys share.
    while first[depth] == last[depth]:
        depth += 1
    return depth


def _nibbles(key: bytes) -> bytes:
    return bytes(nibble for byte in key for nibble in (byte >> 4, byte & 15))
