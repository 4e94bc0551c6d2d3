"""Proofs of states that the node has lost, out of the daily closes."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import rlp
from sqlalchemy import select
from trie.exceptions import MissingTraversalNode, MissingTrieNode
from trie.hexary import HexaryTrie

from wallet_chain.bank import Bank
from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.proofs.packing import unpacked
from wallet_chain.store.tables import DailyClose

_STATE_ROOT, _STORAGE_ROOT = 3, 2
_HASHED_BYTES_MIN = 32

_MISSING = (KeyError, MissingTraversalNode, MissingTrieNode)
"""What a trie raises for a node that no close has needed."""


class StoredProofs:
    """What the closes of a block can prove, in the form of eth_getProof's answers."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._known: dict[int, tuple[bytes, dict[bytes, bytes]]] = {}

    def proof(
        self, block_number: int, contract: str, slots: Sequence[str]
    ) -> Mapping[str, Any] | None:
        """The proof of a contract and its slots (32 bytes each, in hex); None when no close has it.

        Raises ProofUnavailable for a close that is damaged.
        """
        root, nodes = self._nodes(block_number)
        if not nodes:
            return None
        try:
            state = HexaryTrie(nodes, root)
            key = keccak256(from_hex(contract))
            encoded = state.get(key)
            if not encoded:
                return None
            account: list[bytes] = rlp.decode(encoded)
            storage = HexaryTrie(nodes, account[_STORAGE_ROOT])
            return {
                "accountProof": _path(state, key),
                "storageProof": [_slot(storage, keccak256(from_hex(slot))) for slot in slots],
            }
        except _MISSING:
            return None

    def _nodes(self, block_number: int) -> tuple[bytes, dict[bytes, bytes]]:
        """The state's root at a block, and all nodes that its closes hold, by hash."""
        if block_number not in self._known:
            self._known[block_number] = self._read(block_number)
        return self._known[block_number]

    def _read(self, block_number: int) -> tuple[bytes, dict[bytes, bytes]]:
        root, nodes = b"", dict[bytes, bytes]()
        with self._bank.store.reading() as session:
            rows = session.scalars(
                select(DailyClose)
                .where(DailyClose.block_number == block_number)
                .order_by(DailyClose.day, DailyClose.currency)
            ).all()
            bundles = {row.digest: unpacked(row) for row in rows}
        for content in bundles.values():
            [block] = orjson.loads(content)["blocks"]
            root = rlp.decode(from_hex(block["header"]))[_STATE_ROOT]
            for node in (*block["state"], *block.get("storage", ())):
                encoded = from_hex(node)
                nodes[keccak256(encoded)] = encoded
        return root, nodes


def _slot(storage: HexaryTrie, key: bytes) -> Mapping[str, Any]:
    encoded = storage.get(key)
    value = int.from_bytes(rlp.decode(encoded), "big") if encoded else 0
    return {"value": hex(value), "proof": _path(storage, key)}


def _path(trie: HexaryTrie, key: bytes) -> list[str]:
    """The nodes towards a key, without those that stand inside their parents."""
    nodes = [rlp.encode(node) for node in trie.get_proof(key)]  # type: ignore[no-untyped-call]
    return [
        to_hex(node) for at, node in enumerate(nodes) if at == 0 or len(node) >= _HASHED_BYTES_MIN
    ]
