"""Puts a bundle together from what the node says about its blocks and states.

Every block is recomputed and has to have the hash that the books have, so that a bundle says the
same as the books or does not come about. The same question at the same blocks gives the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.books import cursor_of
from wallet_chain.errors import ChainStateLost, InvalidRequest, ProofUnavailable
from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.ledger.ordered_trie import OrderedTrie
from wallet_chain.ledger.roots import (
    RootMismatch,
    block_hash,
    encode_header,
    encode_receipt,
    encode_transaction,
    is_sealed,
    verify_block,
)
from wallet_chain.ledger.rpc import RpcFailure
from wallet_chain.pipeline.blocks import fetch_whole
from wallet_chain.proofs.stored import StoredProofs
from wallet_chain.store.tables import ChainBlock

FORMAT = "wallet-chain-bundle/1"
BYTES_MAX = 64 * 2**20
"""No larger bundle is made; verifiers read none."""
BLOCKS_MAX = 20_000
"""The most headers that lead from the first block to the pinned one."""

_AT_A_TIME = 50
_SLOTS_AT_A_TIME = 500

# What reading a node's answer raises when it is not of the form that Ethereum's nodes give.
_NO_FORM = (KeyError, TypeError, ValueError, AttributeError)

Json = Mapping[str, Any]


@dataclass
class _Nodes:
    """The nodes of one trie, in the order in which they were first needed."""

    found: dict[bytes, str] = field(default_factory=dict)

    def need(self, path: Sequence[bytes]) -> None:
        """Add what is not there yet."""
        for node in path:
            self.found.setdefault(keccak256(node), to_hex(node))


@dataclass
class Logs:
    """The logs of a block, to find one by its position in the block."""

    receipts: Sequence[Json]

    def place(self, log_index: int) -> tuple[int, int] | None:
        """The transaction's position and the log's position among its logs; None if it has none."""
        before = 0
        for index, receipt in enumerate(self.receipts):
            if log_index < before + len(receipt["logs"]):
                return index, log_index - before
            before += len(receipt["logs"])
        return None


class Assembly:
    """A bundle in the making: ask for what the claim needs, in the order the format says."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._headers: dict[int, Json] = {}
        self._ordered: dict[tuple[int, str], OrderedTrie] = {}
        self._tries: dict[int, dict[str, _Nodes]] = {}
        self._indexed: set[tuple[int, str, int]] = set()
        self._stored = StoredProofs(bank)

    def fetch(
        self, numbers: Sequence[int], *, transactions: bool = True
    ) -> Iterator[tuple[int, Logs]]:
        """These blocks with all receipts, and all transactions if wanted, one after another.

        They are compared with the roots in their headers here, the headers with the books at last.
        """
        for start in range(0, len(numbers), _AT_A_TIME):
            part = numbers[start : start + _AT_A_TIME]
            for number, header, receipts in fetch_whole(
                self._bank.rpc, part, transactions=transactions
            ):
                try:
                    if transactions:
                        verify_block(header, receipts)
                    self._take_receipts(number, header, receipts)
                except (RootMismatch, *_NO_FORM) as error:
                    raise ChainStateLost(str(error), block=number) from error
                self._headers[number] = header
                yield number, Logs(receipts)

    def _take_receipts(self, number: int, header: Json, receipts: Sequence[Json]) -> None:
        if not receipts:
            return
        trie = OrderedTrie([encode_receipt(receipt) for receipt in receipts])
        if to_hex(trie.root) != header["receiptsRoot"]:
            raise RootMismatch(number, "receipts root", header["receiptsRoot"], to_hex(trie.root))
        self._ordered[number, "receipts"] = trie

    def need_receipt(self, number: int, index: int) -> None:
        """The receipt at a position of a block that was fetched."""
        self._need_indexed(number, "receipts", index)

    def need_transaction(self, number: int, index: int) -> None:
        """The transaction at a position of a block that was fetched with its transactions."""
        if (number, "transactions") not in self._ordered:
            raw = [encode_transaction(each) for each in self._headers[number]["transactions"]]
            self._ordered[number, "transactions"] = OrderedTrie(raw)
        self._need_indexed(number, "transactions", index)

    def need_state(self, number: int, contract: str, slots: Sequence[bytes] = ()) -> list[int]:
        """The code of a contract and what it stores at the end of a block.

        What the node can't prove any more comes out of the daily closes. Raises ProofUnavailable when
        they don't have it either.
        """
        values: list[int] = []
        for start in range(0, max(len(slots), 1), _SLOTS_AT_A_TIME):
            keys = [to_hex(slot) for slot in slots[start : start + _SLOTS_AT_A_TIME]]
            try:
                proof = self._proof(number, contract, keys)
            except ProofUnavailable:
                stored = self._stored.proof(number, contract, keys)
                if stored is None:
                    raise
                proof = stored
            try:
                self._add_proof(number, proof, values)
            except _NO_FORM as error:
                raise _unavailable(number, f"its answer lacks its form: {error}") from error
        return values

    def finish(self, claim: Json, numbers: Sequence[int], pinned_block: int | None) -> bytes:
        """The bundle's bytes; ``numbers`` are all blocks that the claim names.

        Raises InvalidRequest for one that would be too long, ChainStateLost when the node's blocks
        are not those of the books.
        """
        with self._bank.store.reading() as session:
            cursor = cursor_of(session).number
            if pinned_block is not None and not max(numbers) <= pinned_block <= cursor:
                raise InvalidRequest(
                    f"The pinned block has to be an indexed one ({cursor} is the last) that is not"
                    f" before block {max(numbers)}, the last one that the proof needs.",
                    field="pinned_block",
                )
            wanted = self._linked(sorted(set(numbers)), pinned_block)
            self._compare(session, wanted)
        book = self._bank.contracts.book
        bundle = {
            "format": FORMAT,
            "chain_id": str(book.chain_id),
            "genesis_hash": book.genesis_hash,
            "claim": claim,
            "blocks": [self._block(number) for number in wanted],
        }
        content = orjson.dumps(bundle, option=orjson.OPT_SORT_KEYS)
        if len(content) > BYTES_MAX:
            raise InvalidRequest(
                f"The bundle would have {len(content)} bytes of at most {BYTES_MAX}; ask for a"
                " shorter period.",
                field="time_from",
                limit=BYTES_MAX,
            )
        return content

    def _linked(self, numbers: list[int], pinned_block: int | None) -> list[int]:
        """All blocks of the bundle: without seals, those between the first and the last too."""
        self._fetch_headers(numbers[-1:])
        if is_sealed(self._headers[numbers[-1]]):
            self._fetch_headers(numbers)
            return numbers
        last = numbers[-1] if pinned_block is None else pinned_block
        linked = range(numbers[0], last + 1)
        if len(linked) > BLOCKS_MAX:
            raise InvalidRequest(
                f"Between block {numbers[0]} and block {last} are {len(linked)} blocks of at most"
                f" {BLOCKS_MAX} that a bundle can link; ask for a shorter period.",
                field="time_from",
                limit=BLOCKS_MAX,
            )
        self._fetch_headers(linked)
        return list(linked)

    def _fetch_headers(self, numbers: Sequence[int]) -> None:
        missing = [number for number in numbers if number not in self._headers]
        for start in range(0, len(missing), _AT_A_TIME):
            part = missing[start : start + _AT_A_TIME]
            calls = [("eth_getBlockByNumber", [hex(number), False]) for number in part]
            for number, header in zip(part, self._bank.rpc.batch(calls), strict=True):
                if not isinstance(header, dict):
                    raise ChainStateLost(f"The node has no block {number} any more.", block=number)
                self._headers[number] = header

    def _compare(self, session: Session, numbers: list[int]) -> None:
        """Every header has the hash that the books have for its block."""
        for start in range(0, len(numbers), _SLOTS_AT_A_TIME):
            part = numbers[start : start + _SLOTS_AT_A_TIME]
            rows = select(ChainBlock.number, ChainBlock.hash).where(ChainBlock.number.in_(part))
            known = {row.number: row.hash for row in session.execute(rows)}
            for number in part:
                if block_hash(self._headers[number]) != known.get(number):
                    raise ChainStateLost(
                        f"The node's block {number} is not the one that was indexed.", block=number
                    )

    def _block(self, number: int) -> Json:
        tries = {kind: list(n.found.values()) for kind, n in self._tries.get(number, {}).items()}
        return {"header": to_hex(encode_header(self._headers[number])), **tries}

    def _need_indexed(self, number: int, kind: str, index: int) -> None:
        if (number, kind, index) in self._indexed:
            return
        self._indexed.add((number, kind, index))
        self._nodes(number, kind).need(self._ordered[number, kind].path(index))

    def _nodes(self, number: int, kind: str) -> _Nodes:
        return self._tries.setdefault(number, {}).setdefault(kind, _Nodes())

    def _add_proof(self, number: int, proof: Json, values: list[int]) -> None:
        self._nodes(number, "state").need([from_hex(node) for node in proof["accountProof"]])
        for each in proof["storageProof"]:
            values.append(int(each["value"], 16))
            path = [from_hex(node) for node in each["proof"]]
            if path:
                self._nodes(number, "storage").need(path)

    def _proof(self, number: int, contract: str, keys: list[str]) -> Json:
        try:
            proof = self._bank.rpc.call("eth_getProof", [contract, keys, hex(number)])
        except RpcFailure as failure:
            raise _unavailable(number, failure.message) from failure
        if not isinstance(proof, dict) or len(proof.get("storageProof", ())) != len(keys):
            raise _unavailable(number, "its answer is none")
        return proof


def _unavailable(number: int, reason: str) -> ProofUnavailable:
    return ProofUnavailable(
        f"The node can't prove the state at block {number} ({reason}). Name a later block, or have"
        " the operator name a node that keeps the history of states and serves eth_getProof.",
        block=number,
    )
