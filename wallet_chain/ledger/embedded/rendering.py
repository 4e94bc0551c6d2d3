"""Blocks, transactions, receipts and logs as JSON-RPC objects, field for field as geth has them.

A block object carries every header field, so that a reader can encode the header again and check
its hash; receipts and transactions likewise lead back to the roots in the header.
"""

from typing import Any

import rlp
from eth.abc import BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI
from eth_hash.auto import keccak

from wallet_chain.ledger.embedded.block_record import BlockRecord
from wallet_chain.ledger.embedded.hexadecimal import data, quantity, word

_BLOOM_BYTES = 256
LEGACY, ACCESS_LIST, DYNAMIC_FEE = 0, 1, 2


def transaction_type(transaction: SignedTransactionAPI) -> int:
    """EIP-2718's type, with 0 for a legacy transaction."""
    return transaction.type_id or LEGACY


def effective_gas_price(transaction: SignedTransactionAPI, header: BlockHeaderAPI | None) -> int:
    """Wei per gas actually paid (EIP-1559)."""
    base_fee = 0 if header is None else header.base_fee_per_gas or 0
    return min(transaction.max_fee_per_gas, base_fee + transaction.max_priority_fee_per_gas)


def render_header(header: BlockHeaderAPI) -> dict[str, Any]:
    """All header fields plus the hash."""
    # py-evm's interface leaves out or makes optional what came after its first fork.
    later: Any = header
    return {
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "sha3Uncles": data(header.uncles_hash),
        "miner": data(header.coinbase),
        "stateRoot": data(header.state_root),
        "transactionsRoot": data(header.transaction_root),
        "receiptsRoot": data(header.receipt_root),
        "logsBloom": word(header.bloom, _BLOOM_BYTES),
        "difficulty": quantity(header.difficulty),
        "number": quantity(header.block_number),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": data(header.extra_data),
        "mixHash": data(header.mix_hash),
        "nonce": data(header.nonce),
        "baseFeePerGas": quantity(later.base_fee_per_gas),
        "withdrawalsRoot": data(later.withdrawals_root),
        "blobGasUsed": quantity(later.blob_gas_used),
        "excessBlobGas": quantity(later.excess_blob_gas),
        "parentBeaconBlockRoot": data(later.parent_beacon_block_root),
        "requestsHash": data(later.requests_hash),
    }


def render_block(record: BlockRecord, *, full_transactions: bool) -> dict[str, Any]:
    """A block with its transactions, or with their hashes only."""
    transactions: list[Any]
    if full_transactions:
        transactions = [
            render_transaction(transaction, record.header, index)
            for index, transaction in enumerate(record.transactions)
        ]
    else:
        transactions = [data(transaction.hash) for transaction in record.transactions]
    return {
        **render_header(record.header),
        "size": quantity(_size_bytes(record)),
        "transactions": transactions,
        "uncles": [],
        "withdrawals": [],
    }


def _size_bytes(record: BlockRecord) -> int:
    """Length of the block's RLP: header, transactions, no uncles, no withdrawals."""
    transactions = [
        rlp.decode(encoded) if encoded[0] >= 0xC0 else encoded
        for encoded in (transaction.encode() for transaction in record.transactions)
    ]
    return len(rlp.encode([rlp.decode(rlp.encode(record.header)), transactions, [], []]))


def render_transaction(
    transaction: SignedTransactionAPI, header: BlockHeaderAPI | None, index: int | None
) -> dict[str, Any]:
    """A transaction; ``header`` and ``index`` are None while it waits for an earlier nonce."""
    kind = transaction_type(transaction)
    rendered: dict[str, Any] = {
        "blockHash": None if header is None else data(header.hash),
        "blockNumber": None if header is None else quantity(header.block_number),
        "transactionIndex": None if index is None else quantity(index),
        "hash": data(transaction.hash),
        "type": quantity(kind),
        "chainId": quantity(transaction.chain_id or 0),
        "nonce": quantity(transaction.nonce),
        "from": data(transaction.sender),
        "to": data(transaction.to) if transaction.to else None,
        "value": quantity(transaction.value),
        "gas": quantity(transaction.gas),
        "gasPrice": quantity(effective_gas_price(transaction, header)),
        "input": data(transaction.data),
        "r": quantity(transaction.r),
        "s": quantity(transaction.s),
    }
    if kind == LEGACY:
        rendered["v"] = quantity(transaction.v)  # type: ignore[attr-defined]
        return rendered
    rendered["v"] = rendered["yParity"] = quantity(transaction.y_parity)
    rendered["accessList"] = [
        {"address": data(address), "storageKeys": [word(slot) for slot in slots]}
        for address, slots in transaction.access_list
    ]
    if kind == DYNAMIC_FEE:
        rendered["maxFeePerGas"] = quantity(transaction.max_fee_per_gas)
        rendered["maxPriorityFeePerGas"] = quantity(transaction.max_priority_fee_per_gas)
    return rendered


def contract_address(transaction: SignedTransactionAPI) -> bytes | None:
    """Where a creating transaction puts its contract; None for any other transaction."""
    if transaction.to:
        return None
    return keccak(rlp.encode([transaction.sender, transaction.nonce]))[12:]


def render_receipt(record: BlockRecord, index: int) -> dict[str, Any]:
    """The receipt of one transaction of a block."""
    transaction, receipt = record.transactions[index], record.receipts[index]
    created = contract_address(transaction)
    return {
        "transactionHash": data(transaction.hash),
        "transactionIndex": quantity(index),
        "blockHash": data(record.header.hash),
        "blockNumber": quantity(record.header.block_number),
        "from": data(transaction.sender),
        "to": data(transaction.to) if transaction.to else None,
        "cumulativeGasUsed": quantity(receipt.gas_used),
        "gasUsed": quantity(record.gas_used(index)),
        "contractAddress": None if created is None else data(created),
        "logs": render_logs(record, index),
        "logsBloom": word(receipt.bloom, _BLOOM_BYTES),
        "type": quantity(transaction_type(transaction)),
        "status": quantity(1 if succeeded(receipt) else 0),
        "effectiveGasPrice": quantity(effective_gas_price(transaction, record.header)),
    }


def succeeded(receipt: ReceiptAPI) -> bool:
    """EIP-658's status: whether the transaction ended without reverting."""
    return receipt.state_root == b"\x01"


def render_logs(record: BlockRecord, index: int) -> list[dict[str, Any]]:
    """The logs of one transaction of a block."""
    first = record.first_log_index(index)
    place = {
        "blockNumber": quantity(record.header.block_number),
        "blockHash": data(record.header.hash),
        "blockTimestamp": quantity(record.header.timestamp),
        "transactionHash": data(record.transactions[index].hash),
        "transactionIndex": quantity(index),
        "removed": False,
    }
    return [
        {
            "address": data(log.address),
            "topics": [word(topic) for topic in log.topics],
            "data": data(log.data),
            "logIndex": quantity(first + position),
            **place,
        }
        for position, log in enumerate(record.receipts[index].logs)
    ]
