"""The blocks of a bundle, and what can be asked of them: everything answered was proven first."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from wallet_chain.verifier import rlp
from wallet_chain.verifier.canonical import exactly, hexed, in_hex, of
from wallet_chain.verifier.crypto import N, keccak256, recover
from wallet_chain.verifier.finding import need, require
from wallet_chain.verifier.headers import Header, read_header
from wallet_chain.verifier.trie import Tries
from wallet_chain.verifier.trust import Contract, Trust

_TRIES = "receipts transactions state storage"
_BLOOM = 256


class Log(NamedTuple):
    """One event, as a contract emitted it."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


class Evidence:
    """All blocks that a bundle brings. What is asked raises Invalid or Unproven."""

    def __init__(self, blocks: Any, trust: Trust) -> None:
        self._trust = trust
        self._blocks: dict[int, Mapping[str, Any]] = {}
        self._tries: dict[tuple[int, str], Tries] = {}
        self._receipts: dict[tuple[int, int], tuple[Log, ...]] = {}
        self._storage_roots: dict[tuple[int, bytes], bytes] = {}
        self.headers: dict[int, Header] = {}
        for each in of(list, blocks, "blocks"):
            block = exactly(each, "block", "header", _TRIES)
            header = read_header(hexed(block["header"], "header"), trust.rule)
            ascends = header.number > next(reversed(self.headers), -1)
            require(ascends, "not_in_order", "The blocks do not ascend.")
            self.headers[header.number], self._blocks[header.number] = header, block

    def header(self, number: int) -> Header:
        """A block's header."""
        need(number in self.headers, "block_missing", f"Block {number} is not in the bundle.")
        return self.headers[number]

    def logs(self, block: int, index: int) -> tuple[Log, ...]:
        """The logs of the transaction with this position in a block."""
        if (block, index) not in self._receipts:
            self._receipts[block, index] = _logs(self._indexed(block, "receipts", index))
        return self._receipts[block, index]

    def transaction(self, block: int, index: int) -> dict[str, str]:
        """Hash, sender and receiver of the transaction with this position in a block."""
        return _transaction(self._indexed(block, "transactions", index), self._trust.chain_id)

    def require_code(self, block: int, contract: Contract) -> None:
        """The contract has the trusted code at the end of a block."""
        leaf = self._found(block, "state", keccak256(contract.address))
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
        value = self._found(block, "storage", keccak256(place), root)
        return 0 if value is None else rlp.scalar(rlp.decode(value))

    def finish(self) -> None:
        """Raises Invalid when something was brought that nothing needed."""
        for number, block in self._blocks.items():
            for kind in set(block) - {"header"}:
                used = (number, kind) in self._tries and self._tries[number, kind].is_used_up
                needed = used and block[kind] != []
                require(needed, "unused_evidence", f"Block {number} brings {kind} for nothing.")

    def _indexed(self, block: int, kind: str, index: int) -> bytes:
        found = self._found(block, kind, rlp.encode(rlp.encode_number(index)))
        require(found is not None, "no_such_place", f"Block {block} has no {kind} {index}.")
        return found or b""

    def _found(self, block: int, kind: str, key: bytes, root: bytes | None = None) -> bytes | None:
        """What a trie of a block has under a key; its root is the header's unless one is given."""
        root = root or self.header(block).roots[kind]
        if (block, kind) not in self._tries:
            where = f"{kind} of block {block}"
            nodes = of(list, self._blocks[block].get(kind, []), where)
            self._tries[block, kind] = Tries([hexed(node, where) for node in nodes], where)
        return self._tries[block, kind].get(root, key)


def _typed(data: bytes) -> tuple[int, list[rlp.Item]]:
    """The type of EIP-2718, 0 for a legacy one, and the fields."""
    require(len(data) > 0, "bad_rlp", "A transaction or receipt is empty.")
    kind = data[0] if data[0] < 0x80 else 0
    return kind, rlp.decode_list(data[1:] if data[0] < 0x80 else data)


def _logs(receipt: bytes) -> tuple[Log, ...]:
    kind, parts = _typed(receipt)
    require(kind <= 4 and len(parts) == 4, "bad_receipt", "A receipt has no form.")
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


def _transaction(raw: bytes, chain_id: int) -> dict[str, str]:
    kind, fields = _typed(raw)
    count, receiver = _FIELDS.get(kind, (0, 0))
    fits = 0 < count == len(fields)
    require(fits, "bad_transaction", "A transaction has no form that is known.")
    v, r, s = (rlp.scalar(part) for part in fields[-3:])
    if kind == 0:
        need(v not in (27, 28), "no_chain", "The transaction names no chain: any could have it.")
        signed_for, parity = (v - 35) // 2, (v - 35) % 2
        signed = rlp.encode([*fields[:-3], rlp.encode_number(chain_id), b"", b""])
    else:
        signed_for, parity = rlp.scalar(fields[0]), v
        signed = bytes((kind,)) + rlp.encode(fields[:-3])
    require(signed_for == chain_id, "other_chain", "The transaction is for another chain.")
    require(s <= N // 2, "bad_signature", "The transaction's signature has a high s (EIP-2).")
    to = rlp.string(fields[receiver])
    require(len(to) in (0, 20), "bad_transaction", "A transaction's receiver has no form.")
    sender = recover(keccak256(signed), r, s, parity)
    return {"transaction_hash": in_hex(keccak256(raw)), "sender": in_hex(sender), "to": in_hex(to)}
