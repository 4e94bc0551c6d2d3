"""Encoding a block again from its JSON alone, as an auditor would."""

from typing import Any

import rlp
from eth_hash.auto import keccak
from trie.hexary import HexaryTrie

HEADER_DATA = {
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "extraData",
    "mixHash",
    "nonce",
    "withdrawalsRoot",
    "parentBeaconBlockRoot",
    "requestsHash",
}
# In the order of Prague's header.
HEADER_FIELDS = [
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
    "baseFeePerGas",
    "withdrawalsRoot",
    "blobGasUsed",
    "excessBlobGas",
    "parentBeaconBlockRoot",
    "requestsHash",
]


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def number(text: str) -> bytes:
    value = int(text, 16)
    assert text == hex(value), f"{text} is not a canonical quantity"
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def header_hash(block: dict[str, Any]) -> str:
    fields = [
        raw(block[name]) if name in HEADER_DATA else number(block[name]) for name in HEADER_FIELDS
    ]
    return "0x" + keccak(rlp.encode(fields)).hex()


def root(items: list[bytes]) -> str:
    trie = HexaryTrie({})
    for index, item in enumerate(items):
        trie[rlp.encode(index)] = item
    return "0x" + trie.root_hash.hex()


def receipt_bytes(receipt: dict[str, Any]) -> bytes:
    logs = [
        [raw(log["address"]), [raw(topic) for topic in log["topics"]], raw(log["data"])]
        for log in receipt["logs"]
    ]
    body = rlp.encode(
        [
            number(receipt["status"]),
            number(receipt["cumulativeGasUsed"]),
            raw(receipt["logsBloom"]),
            logs,
        ]
    )
    kind = number(receipt["type"])
    return kind + body


def transaction_bytes(transaction: dict[str, Any]) -> bytes:
    to = raw(transaction["to"]) if transaction["to"] else b""
    value, payload = number(transaction["value"]), raw(transaction["input"])
    signature = [number(transaction[name]) for name in ("r", "s")]
    if transaction["type"] == "0x0":
        head = [number(transaction[name]) for name in ("nonce", "gasPrice", "gas")]
        return bytes(rlp.encode([*head, to, value, payload, number(transaction["v"]), *signature]))
    fees = {"0x1": ["gasPrice"], "0x2": ["maxPriorityFeePerGas", "maxFeePerGas"]}
    names = ["chainId", "nonce", *fees[transaction["type"]], "gas"]
    accesses = [
        [raw(entry["address"]), [raw(slot) for slot in entry["storageKeys"]]]
        for entry in transaction["accessList"]
    ]
    head = [number(transaction[name]) for name in names]
    tail = [accesses, number(transaction["yParity"]), *signature]
    return number(transaction["type"]) + rlp.encode([*head, to, value, payload, *tail])


def check_block(block: dict[str, Any], receipts: list[dict[str, Any]]) -> None:
    """The JSON of a block with full transactions leads back to its own hashes."""
    assert header_hash(block) == block["hash"]
    assert root([receipt_bytes(receipt) for receipt in receipts]) == block["receiptsRoot"]
    encoded = [transaction_bytes(transaction) for transaction in block["transactions"]]
    assert root(encoded) == block["transactionsRoot"]
    assert ["0x" + keccak(item).hex() for item in encoded] == [
        transaction["hash"] for transaction in block["transactions"]
    ]
