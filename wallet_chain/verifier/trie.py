"""Reads a Merkle-Patricia trie (Yellow Paper, appendix D) from the nodes that a bundle brings."""

from collections.abc import Sequence

from wallet_chain.verifier import rlp
from wallet_chain.verifier.crypto import keccak256
from wallet_chain.verifier.finding import need, require

EMPTY_ROOT = keccak256(b"\x80")


class Tries:
    """Tries of which only the roots are believed.

    ``nodes`` stand in the order in which the reader first needs them; each has to have the hash by
    which its parent, or a root, names it.
    """

    def __init__(self, nodes: Sequence[bytes], where: str) -> None:
        self._where, self._left = where, list(reversed(nodes))
        self._known: dict[bytes, list[rlp.Item]] = {}

    def get(self, root: bytes, key: bytes) -> bytes | None:
        """The value under a key; None when the trie with this root provably has none.

        Raises Invalid for a node that is not the one named, Unproven when nodes are missing.
        """
        if root == EMPTY_ROOT:
            return None
        path = key.hex()
        reference: rlp.Item = root
        while reference != b"":
            node = self._node(reference)
            if len(node) == 17:
                if not path:
                    return rlp.string(node[16]) or None
                path, reference = path[1:], node[int(path[0], 16)]
                continue
            require(len(node) == 2, "bad_node", f"{self._where}: a node has no form.")
            is_leaf, part = self._path(rlp.string(node[0]))
            if is_leaf:
                return rlp.string(node[1]) if part == path else None
            require(part != "", "bad_node", f"{self._where}: an extension is empty.")
            if not path.startswith(part):
                return None
            path, reference = path[len(part) :], node[1]
        return None

    def is_used_up(self) -> bool:
        """Whether nodes were brought, and all of them needed."""
        return bool(self._known) and not self._left

    def _node(self, reference: rlp.Item) -> list[rlp.Item]:
        if not isinstance(reference, bytes):
            short = len(rlp.encode(reference)) < 32
            require(short, "bad_node", f"{self._where}: a node stands where its hash belongs.")
            return reference
        rlp.string(reference, 32)
        if reference not in self._known:
            need(bool(self._left), "node_missing", f"{self._where}: a node is missing.")
            node = self._left.pop()
            right = keccak256(node) == reference
            require(right, "wrong_node", f"{self._where}: a node is not the one that belongs here.")
            self._known[reference] = rlp.decode_list(node)
        return self._known[reference]

    def _path(self, encoded: bytes) -> tuple[bool, str]:
        """Whether a node is a leaf, and its nibbles (hex prefix, appendix C)."""
        digits = encoded.hex()
        fits = digits[:1] in ("1", "3") or digits[:2] in ("00", "20")
        require(fits, "bad_node", f"{self._where}: a path has no form.")
        return digits[0] in "23", digits[1:] if digits[0] in "13" else digits[2:]
