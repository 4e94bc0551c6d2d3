"""Refund transfers abroad whose review took too long, without the bank and without its API.

Anyone may do this: the contract returns both legs to sender and provider, and asks nobody. It needs
web3, a node, the address book of the deployment, and any key at all; where the chain asks for gas the
key must be able to pay for it.

    python scripts/refund_expired.py --rpc http://127.0.0.1:8545 --book data/addresses/20260.json

The key is made up unless REFUND_KEY holds one.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from eth_account import Account
from web3 import Web3
from web3.exceptions import ContractLogicError

_ORDER = [
    ("quote", "bytes32"),
    ("provider", "address"),
    ("sender", "address"),
    ("recipient", "address"),
    ("sourceCurrency", "bytes3"),
    ("sourceAmount", "uint128"),
    ("targetCurrency", "bytes3"),
    ("targetAmount", "uint128"),
    ("purpose", "bytes4"),
    ("travelRule", "bytes32"),
    ("reference_", "bytes32"),
    ("nonce", "uint256"),
    ("deadline", "uint64"),
]
_ORDER_TUPLE: dict[str, Any] = {
    "name": "order",
    "type": "tuple",
    "components": [{"name": name, "type": kind} for name, kind in _ORDER],
}
ABI: list[dict[str, Any]] = [
    {
        "type": "event",
        "name": "TransferHeld",
        "anonymous": False,
        "inputs": [
            {"name": "orderId", "type": "bytes32", "indexed": True},
            {"name": "reference_", "type": "bytes32", "indexed": True},
            {"name": "sender", "type": "address", "indexed": True},
            {**_ORDER_TUPLE, "indexed": False},
            {"name": "expiresAt", "type": "uint40", "indexed": False},
            {"name": "twoReviewers", "type": "bool", "indexed": False},
        ],
    },
    {
        "type": "function",
        "name": "reviewOf",
        "stateMutability": "view",
        "inputs": [{"name": "orderId", "type": "bytes32"}],
        "outputs": [
            {
                "name": "",
                "type": "tuple",
                "components": [
                    {"name": "state", "type": "uint8"},
                    {"name": "expiresAt", "type": "uint40"},
                    {"name": "twoReviewers", "type": "bool"},
                    {"name": "approver", "type": "address"},
                ],
            }
        ],
    },
    {
        "type": "function",
        "name": "refund",
        "stateMutability": "nonpayable",
        "inputs": [_ORDER_TUPLE],
        "outputs": [],
    },
]
"""What is needed of the contract; a test holds it against the compiled one."""

HELD = 1


def refund_expired(w3: Web3, contract_address: str, key: str) -> list[str]:
    """Refund every held transfer whose time is over; gives the order ids, as hex."""
    contract = w3.eth.contract(address=Web3.to_checksum_address(contract_address), abi=ABI)
    account = Account.from_key(key)
    refunded: list[str] = []
    for held in contract.events.TransferHeld.get_logs(from_block=0):
        order_id = held["args"]["orderId"]
        if contract.functions.reviewOf(order_id).call()[0] != HELD:
            continue
        call = contract.functions.refund(tuple(held["args"]["order"].values()))
        try:
            # Time is that of the block which would carry the refund, and only the node knows it.
            call.call({"from": account.address}, "pending")
        except ContractLogicError:
            continue
        transaction = call.build_transaction(
            {
                "from": account.address,
                "nonce": w3.eth.get_transaction_count(account.address),
                "gas": 1_000_000,
                "gasPrice": w3.eth.gas_price,
                "chainId": w3.eth.chain_id,
            }
        )
        signed = account.sign_transaction(transaction)
        receipt = w3.eth.wait_for_transaction_receipt(
            w3.eth.send_raw_transaction(signed.raw_transaction), timeout=60
        )
        if receipt["status"] == 1:
            refunded.append(str(Web3.to_hex(order_id)))
    return refunded


def main() -> None:
    """Ask for the node and the address book, and refund what can be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rpc", required=True, help="URL of any node of the chain")
    parser.add_argument("--book", required=True, type=Path, help="address book of the deployment")
    options = parser.parse_args()
    book = json.loads(options.book.read_text("utf-8"))
    key = os.environ.get("REFUND_KEY") or Account.create().key.to_0x_hex()
    w3 = Web3(Web3.HTTPProvider(options.rpc))
    refunded = refund_expired(w3, book["cross_border"], key)
    for order_id in refunded:
        print(f"refunded {order_id}")
    print(f"{len(refunded)} transfers refunded")


if __name__ == "__main__":
    main()
