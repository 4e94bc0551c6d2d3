"""Looking up blocks, transactions and receipts in py-evm's own indexes."""

from typing import Any

from eth.abc import BlockHeaderAPI
from eth.exceptions import HeaderNotFound, TransactionNotFound
from lru import LRU

from wallet_chain.ledger.embedded.block_record import BlockRecord
from wallet_chain.ledger.embedded.evm import EvmChain
from wallet_chain.ledger.embedded.hexadecimal import read_hash, read_quantity
from wallet_chain.ledger.embedded.rpc_error import invalid_params, refused

_CACHED_BLOCKS_MAX = 256
PENDING_TAGS = frozenset({"latest", "pending"})
_HEAD_TAGS = frozenset({"latest", "pending", "safe", "finalized"})


class BlockReader:
    """Reads the canonical chain. Recent blocks stay decoded, as they are asked for at once."""

    def __init__(self, chain: EvmChain) -> None:
        self._chain = chain
        self._records: LRU[bytes, BlockRecord] = LRU(_CACHED_BLOCKS_MAX)

    def remember(self, record: BlockRecord) -> None:
        """Keep a block that was just mined, so that its first reader decodes nothing."""
        self._records[record.header.hash] = record

    def head(self) -> BlockHeaderAPI:
        """The header of the newest block."""
        return self._chain.get_canonical_head()

    def header_at(self, number: int) -> BlockHeaderAPI | None:
        """The header at a height, or None above the head."""
        try:
            return self._chain.get_canonical_block_header_by_number(number)  # type: ignore[arg-type]
        except HeaderNotFound:
            return None

    def header_of(self, block_hash: bytes) -> BlockHeaderAPI | None:
        """The header with a hash, or None when the canonical chain has no such block."""
        try:
            header = self._chain.get_block_header_by_hash(block_hash)  # type: ignore[arg-type]
        except HeaderNotFound:
            return None
        # A reverted block is still in the database; it is no longer a block of the chain.
        canonical = self.header_at(header.block_number)
        return header if canonical is not None and canonical.hash == block_hash else None

    def find_header(self, tag: Any) -> BlockHeaderAPI | None:
        """The header that a block parameter names, or None when there is no such block.

        Takes a quantity, a tag, or EIP-1898's ``{"blockNumber": ...}`` and ``{"blockHash": ...}``.
        ``pending`` is the head, because every accepted transaction is mined at once. Raises
        RpcError -32602 for anything else.
        """
        if tag is None or (isinstance(tag, str) and tag in _HEAD_TAGS):
            return self.head()
        if tag == "earliest":
            return self.header_at(0)
        if isinstance(tag, dict):
            if "blockHash" in tag:
                return self.header_of(read_hash(tag["blockHash"], "blockHash"))
            if "blockNumber" in tag:
                return self.header_at(read_quantity(tag["blockNumber"], "blockNumber"))
            raise invalid_params("block: expected blockNumber or blockHash")
        if isinstance(tag, str) and len(tag) == 66:
            return self.header_of(read_hash(tag, "block"))
        return self.header_at(read_quantity(tag, "block"))

    def require_header(self, tag: Any) -> BlockHeaderAPI:
        """As :meth:`find_header`; raises RpcError -32000 ``header not found`` for None."""
        header = self.find_header(tag)
        if header is None:
            raise refused("header not found")
        return header

    def record(self, header: BlockHeaderAPI) -> BlockRecord:
        """The whole block of a header."""
        cached = self._records.get(header.hash)
        if cached is not None:
            return cached
        vm_class = self._chain.get_vm_class(header)
        record = BlockRecord(
            header,
            self._chain.chaindb.get_block_transactions(header, vm_class.get_transaction_builder()),
            tuple(self._chain.chaindb.get_receipts(header, vm_class.get_receipt_builder())),
        )
        self._records[header.hash] = record
        return record

    def locate(self, transaction_hash: bytes) -> tuple[BlockRecord, int] | None:
        """The block that holds a transaction and its index there, or None when not mined."""
        try:
            number, index = self._chain.get_canonical_transaction_index(transaction_hash)  # type: ignore[arg-type]
        except TransactionNotFound:
            return None
        header = self.header_at(number)
        return None if header is None else (self.record(header), index)
