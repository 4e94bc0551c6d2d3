"""The root of a Merkle-Patricia trie over a list (Ethereum Yellow Paper, appendix D).

Blocks commit to their transactions and receipts by such roots: the key of an item is the RLP of its
index. Nothing is stored; tests compare root and paths with the ``trie`` package.
"""

from collections.abc import Iterator, Sequence

from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.rlp_encoding import integer, rlp_encode, rlp_list

_Part = tuple[int, int, int]
"""Sorted entries: the first one, the one after the last, and how many nibbles they are known to share."""

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
    return OrderedTrie(values).root


class OrderedTrie:
    """The trie over values in their order; its nodes are encoded once, however many are asked for."""

    def __init__(self, values: Sequence[bytes]) -> None:
        """Raises ValueError when there are none."""
        if not values:
            raise ValueError("an empty trie has no nodes")
        self._entries = sorted(
            (_nibbles(rlp_encode(integer(i))), value) for i, value in enumerate(values)
        )
        self._made: dict[_Part, bytes] = {}

    @property
    def root(self) -> bytes:
        """The 32-byte root."""
        return keccak256(self._node(self._all))

    def path(self, index: int) -> list[bytes]:
        """The encoded nodes from the root to the value with this index, root first.

        Nodes of less than 32 bytes stand inside their parents and have no place of their own.
        """
        key, part, path = _nibbles(rlp_encode(integer(index))), self._all, list[bytes]()
        while True:
            node = self._node(part)
            if not path or len(node) >= _HASH_BYTES:
                path.append(node)
            first, last, depth = part
            if last - first == 1:
                return path
            shared = self._shared(part)
            if shared > depth:
                part = first, last, shared
            else:
                part = next(one for nibble, one in self._below(part) if nibble == key[depth])

    @property
    def _all(self) -> _Part:
        return 0, len(self._entries), 0

    def _node(self, part: _Part) -> bytes:
        """The encoded node over sorted entries whose first nibbles are the same.

        No key is the beginning of another (each is one RLP item), so a branch holds no value.
        """
        made = self._made.get(part)
        if made is None:
            made = self._made[part] = self._encoded(part)
        return made

    def _encoded(self, part: _Part) -> bytes:
        first, last, depth = part
        if last - first == 1:
            key, value = self._entries[first]
            return _leaf(key[depth:], value)
        shared = self._shared(part)
        if shared > depth:
            path = _hex_prefix(self._entries[first][0][depth:shared], 0)
            return rlp_list([rlp_encode(path), _reference(self._node((first, last, shared)))])
        children = [_EMPTY] * 17
        for nibble, below in self._below(part):
            children[nibble] = _reference(self._node(below))
        return rlp_list(children)

    def _below(self, part: _Part) -> Iterator[tuple[int, _Part]]:
        """Each next nibble, and the entries that have it."""
        first, last, depth = part
        while first < last:
            nibble, end = self._entries[first][0][depth], first + 1
            while end < last and self._entries[end][0][depth] == nibble:
                end += 1
            yield nibble, (first, end, depth + 1)
            first = end

    def _shared(self, part: _Part) -> int:
        # In sorted order, what the outermost keys share all keys share.
        first, last, depth = part
        one, other = self._entries[first][0], self._entries[last - 1][0]
        while one[depth] == other[depth]:
            depth += 1
        return depth


def _leaf(path: bytes, value: bytes) -> bytes:
    return rlp_list([rlp_encode(_hex_prefix(path, 2)), rlp_encode(value)])


def _reference(node: bytes) -> bytes:
    # A node shorter than a hash stands in its parent itself.
    return node if len(node) < _HASH_BYTES else rlp_encode(keccak256(node))


def _hex_prefix(path: bytes, flag: int) -> bytes:
    nibbles = bytes((flag + 1,)) + path if len(path) % 2 else bytes((flag, 0)) + path
    return bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))


def _nibbles(key: bytes) -> bytes:
    return bytes(nibble for byte in key for nibble in (byte >> 4, byte & 15))
