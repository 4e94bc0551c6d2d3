"""The blocks of a bundle, and what can be asked of them: everything answered was proven first."""

from typing import Any, NamedTuple, NoReturn

from wallet_chain.verifier import rlp
from wallet_chain.verifier.canonical import exactly, hexed, in_hex, of
from wallet_chain.verifier.crypto import N, keccak256, recover
from wallet_chain.verifier.finding import Unproven, need, require
from wallet_chain.verifier.headers import read_header
from wallet_chain.verifier.trie import Tries
from wallet_chain.verifier.trust import Contract


class Log(NamedTuple):
    """One event, as a contract emitted it."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


class Block:
    """One block that a bundle brings. What is asked raises Invalid or Unproven."""

    def __init__(self, value: Any, rule: str) -> None:
        self._brought = exactly(value, "block", "header", "receipts transactions state storage")
        self.header = read_header(hexed(self._brought["header"], "header"), rule)
        self._name = f"Block {self.header.number}"
        self._tries: dict[str, Tries] = {}
        self._logs: dict[int, tuple[Log, ...]] = {}
        self._storage_roots: dict[bytes, bytes] = {}

    def logs(self, index: int) -> tuple[Log, ...]:
        """The logs of the transaction with this position in the block."""
        if index not in self._logs:
            self._logs[index] = _logs(self._indexed("receipts", index))
        return self._logs[index]

    def transaction(self, index: int, chain_id: int) -> dict[str, str]:
        """Hash, sender and receiver of the transaction with this position in the block."""
        return _transaction(self._indexed("transactions", index), chain_id)

    def require_code(self, contract: Contract) -> bytes:
        """The contract has the trusted code at the end of the block; answers with its storage's root."""
        if contract.address not in self._storage_roots:
            leaf = self._found("state", self.header.roots["state"], keccak256(contract.address))
            require(leaf is not None, "no_contract", f"{self._name} has no {contract.name}.")
            account = rlp.decode_list(leaf or b"")
            require(len(account) == 4, "bad_node", "An account in the state has no form.")
            right = rlp.string(account[3], 32) == contract.code_hash
            require(right, "other_code", f"{contract.name} has other code than what is trusted.")
            self._storage_roots[contract.address] = rlp.string(account[2], 32)
        return self._storage_roots[contract.address]

    def slot(self, contract: Contract, place: bytes) -> int:
        """What a contract stores at a place at the end of the block; nothing is 0."""
        value = self._found("storage", self.require_code(contract), keccak256(place))
        return 0 if value is None else rlp.scalar(rlp.decode(value))

    def finish(self) -> None:
        """Raises Invalid when something was brought that nothing needed."""
        used = {kind for kind, tries in self._tries.items() if tries.is_used_up()}
        vain = ", ".join(self._brought.keys() - used - {"header"})
        require(vain == "", "unused_evidence", f"{self._name} brings {vain} for nothing.")

    def _indexed(self, kind: str, index: int) -> bytes:
        key = rlp.encode(rlp.encode_number(index))
        found = self._found(kind, self.header.roots[kind], key)
        require(found is not None, "no_such_place", f"{self._name} has no {kind} {index}.")
        return found or b""

    def _found(self, kind: str, root: bytes, key: bytes) -> bytes | None:
        """What a trie has under a key; only its nodes are the bundle's."""
        if kind not in self._tries:
            where = f"{self._name}, {kind}"
            nodes = of(list, self._brought.get(kind, []), where)
            self._tries[kind] = Tries([hexed(node, where) for node in nodes], where)
        return self._tries[kind].get(root, key)


class Evidence(dict[int, Block]):
    """All blocks that a bundle brings, by number, ascending."""

    def __init__(self, blocks: Any, rule: str) -> None:
        super().__init__()
        for each in of(list, blocks, "blocks"):
            block = Block(each, rule)
            ascends = block.header.number > next(reversed(self), -1)
            require(ascends, "not_in_order", "The blocks do not ascend.")
            self[block.header.number] = block

    def __missing__(self, number: int) -> NoReturn:
        raise Unproven("block_missing", f"Block {number} is not in the bundle.")


def _typed(data: bytes) -> tuple[int, list[rlp.Item]]:
    """The type of EIP-2718, 0 for a legacy one, and the fields."""
    require(len(data) > 0, "bad_rlp", "A transaction or receipt is empty.")
    kind = data[0] if data[0] < 0x80 else 0
    return kind, rlp.decode_list(data[1:] if data[0] < 0x80 else data)


def _logs(receipt: bytes) -> tuple[Log, ...]:
    kind, parts = _typed(receipt)
    require(kind <= 4 and len(parts) == 4, "bad_receipt", "A receipt has no form.")
    rlp.scalar(parts[1])
    rlp.string(parts[2], 256)
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
    count, receiver = _FIELDS.get(kind, (-1, 0))
    require(len(fields) == count, "bad_transaction", "A transaction has no form that is known.")
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
