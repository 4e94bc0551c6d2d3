"""The blocks of a bundle, and what can be asked of them: everything answered was proven first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.verifier import rlp
from wallet_chain.verifier.canonical import as_list, exactly, hexed
from wallet_chain.verifier.crypto import N, keccak256, recover
from wallet_chain.verifier.finding import Unproven, require
from wallet_chain.verifier.headers import Header, read_header
from wallet_chain.verifier.trie import Tries
from wallet_chain.verifier.trust import Contract, Trust

_TRIES = "receipts transactions state storage"
_BLOOM = 256


@dataclass(frozen=True)
class Log:
    """One event, as a contract emitted it."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Transaction:
    """Who called what; the hash covers everything."""

    hash: bytes
    sender: bytes
    to: bytes
    """Empty for a creation."""


class Evidence:
    """All blocks that a bundle brings. What is asked raises Invalid or Unproven."""

    def __init__(self, blocks: Any, trust: Trust) -> None:
        self._trust = trust
        self._nodes: dict[int, Mapping[str, Any]] = {}
        self._tries: dict[tuple[int, str], Tries] = {}
        self._receipts: dict[tuple[int, int], tuple[Log, ...]] = {}
        self._storage_roots: dict[tuple[int, bytes], bytes] = {}
        self.headers: dict[int, Header] = {}
        last = -1
        for each in as_list(blocks, "blocks"):
            block = exactly(each, "block", "header", _TRIES)
            header = read_header(hexed(block["header"], "header"), trust.rule)
            require(header.number > last, "not_in_order", "The blocks do not ascend.")
            last = header.number
            self.headers[last], self._nodes[last] = header, block

    def header(self, number: int) -> Header:
        """A block's header."""
        if number not in self.headers:
            raise Unproven("block_missing", f"Block {number} is not in the bundle.")
        return self.headers[number]

    def logs(self, block: int, index: int) -> tuple[Log, ...]:
        """The logs of the transaction with this position in a block."""
        if (block, index) not in self._receipts:
            self._receipts[block, index] = _logs(self._indexed(block, "receipts", index))
        return self._receipts[block, index]

    def transaction(self, block: int, index: int) -> Transaction:
        """The transaction with this position in a block."""
        return _transaction(self._indexed(block, "transactions", index), self._trust.chain_id)

    def require_code(self, block: int, contract: Contract) -> None:
        """The contract has the trusted code at the end of a block."""
        root = self.header(block).roots["state"]
        leaf = self._brought(block, "state").get(root, keccak256(contract.address))
        require(leaf is not None, "no_contract", f"{contract.name} is not there at block {block}.")
        account = rlp.decode_list(leaf or b"")
        require(len(account) == 4, "bad_node", "An account in the state has no form.")
        right = rlp.string(account[3], 32) == contract.code_hash
        require(right, "other_code", f"{contract.name} has other code than what is trusted.")
        self._storage_roots[block, contract.address] = rlp.string(account[2], 32)

    def slot(self, block: int, contract: Contract, place: bytes) -> int:
        """What a contract stores at a place at the end of a block; nothing is 0."""
        if (block, contract.address) not in self._storage_roots:
            self.require_code(block, contract)
        root = self._storage_roots[block, contract.address]
        value = self._brought(block, "storage").get(root, keccak256(place))
        return 0 if value is None else rlp.scalar(rlp.decode(value))

    def finish(self) -> None:
        """Raises Invalid when something was brought that nothing needed."""
        for number, block in self._nodes.items():
            for kind in set(block) - {"header"}:
                needed = (number, kind) in self._tries and len(block[kind]) > 0
                require(needed, "unused_evidence", f"Block {number} brings {kind} for nothing.")
        for tries in self._tries.values():
            tries.finish()

    def _indexed(self, block: int, kind: str, index: int) -> bytes:
        key = rlp.encode(rlp.encode_number(index))
        found = self._brought(block, kind).get(self.header(block).roots[kind], key)
        require(found is not None, "no_such_place", f"Block {block} has no {kind} {index}.")
        return found or b""

    def _brought(self, block: int, kind: str) -> Tries:
        if (block, kind) not in self._tries:
            where = f"{kind} of block {block}"
            nodes = as_list(self._nodes[block].get(kind, []), where)
            self._tries[block, kind] = Tries([hexed(node, where) for node in nodes], where)
        return self._tries[block, kind]


def _typed(data: bytes) -> tuple[int, bytes]:
    """The type of EIP-2718, 0 for a legacy one, and the RLP after it."""
    require(len(data) > 0, "bad_rlp", "A transaction or receipt is empty.")
    return (data[0], data[1:]) if data[0] < 0x80 else (0, data)


def _logs(receipt: bytes) -> tuple[Log, ...]:
    kind, body = _typed(receipt)
    parts = rlp.decode_list(body)
    fits = kind <= 4 and len(parts) == 4
    require(fits, "bad_receipt", "A receipt has no form.")
    rlp.scalar(parts[1])
    rlp.string(parts[2], _BLOOM)
    require(rlp.scalar(parts[0]) == 1, "transaction_failed", "The transaction did not succeed.")
    found = []
    for entry in map(rlp.listed, rlp.listed(parts[3])):
        require(len(entry) == 3, "bad_receipt", "A log has no form.")
        topics = tuple(rlp.string(topic, 32) for topic in rlp.listed(entry[1]))
        found.append(Log(rlp.string(entry[0], 20), topics, rlp.string(entry[2])))
    return tuple(found)


_FIELDS = {0: (9, 3), 1: (11, 4), 2: (12, 5), 3: (14, 5), 4: (13, 5)}
"""Type -> number of fields, and position of the receiver."""


def _transaction(raw: bytes, chain_id: int) -> Transaction:
    kind, body = _typed(raw)
    fields = rlp.decode_list(body)
    fits = kind in _FIELDS and len(fields) == _FIELDS[kind][0]
    require(fits, "bad_transaction", "A transaction has no form that is known.")
    v, r, s = (rlp.scalar(part) for part in fields[-3:])
    if kind == 0:
        if v in (27, 28):
            raise Unproven(
                "no_chain", "The transaction names no chain, so any chain could have it."
            )
        signed_for, parity = (v - 35) // 2, (v - 35) % 2
        unsigned = [*fields[:-3], rlp.encode_number(chain_id), b"", b""]
        digest = keccak256(rlp.encode(unsigned))
    else:
        signed_for, parity = rlp.scalar(fields[0]), v
        digest = keccak256(bytes((kind,)) + rlp.encode(fields[:-3]))
    require(signed_for == chain_id, "other_chain", "The transaction is for another chain.")
    require(s <= N // 2, "bad_signature", "The transaction's signature has a high s (EIP-2).")
    to = rlp.string(fields[_FIELDS[kind][1]])
    require(len(to) in (0, 20), "bad_transaction", "A transaction's receiver has no form.")
    return Transaction(keccak256(raw), recover(digest, r, s, parity), to)
