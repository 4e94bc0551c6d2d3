"""Send what nobody claimed of gifts back to their givers, without the bank and without its API.

Anyone may do this once a gift's time is over: the contract returns the rest to the giver, and asks
nobody. It needs web3, a node, the address book of the deployment, and any key at all; where the
chain asks for gas the key must be able to pay for it.

    python scripts/return_gifts.py --rpc http://127.0.0.1:8545 --book data/addresses/20260.json

The key is made up unless RETURN_KEY holds one.
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

_GIFT = [
    ("giver", "address"),
    ("currency", "bytes3"),
    ("amount", "uint64"),
    ("shares", "uint32"),
    ("code", "address"),
    ("claimUntil", "uint40"),
    ("details", "bytes32"),
    ("reference_", "bytes32"),
    ("nonce", "uint256"),
    ("deadline", "uint64"),
]
_GIFT_TUPLE: dict[str, Any] = {
    "name": "gift",
    "type": "tuple",
    "components": [{"name": name, "type": kind} for name, kind in _GIFT],
}
ABI: list[dict[str, Any]] = [
    {
        "type": "event",
        "name": "GiftMade",
        "anonymous": False,
        "inputs": [
            {"name": "orderId", "type": "bytes32", "indexed": True},
            {"name": "reference_", "type": "bytes32", "indexed": True},
            {"name": "giver", "type": "address", "indexed": True},
            {**_GIFT_TUPLE, "indexed": False},
        ],
    },
    {
        "type": "function",
        "name": "giftOf",
        "stateMutability": "view",
        "inputs": [{"name": "gift", "type": "bytes32"}],
        "outputs": [{"name": "left", "type": "uint64"}, {"name": "shares", "type": "uint32"}],
    },
    {
        "type": "function",
        "name": "returnRest",
        "stateMutability": "nonpayable",
        "inputs": [_GIFT_TUPLE],
        "outputs": [],
    },
]
"""What is needed of the contract; a test holds it against the compiled one."""


def return_gifts(w3: Web3, contract_address: str, key: str) -> list[str]:
    """Return the rest of every gift whose time is over; gives the order ids, as hex."""
    contract = w3.eth.contract(address=Web3.to_checksum_address(contract_address), abi=ABI)
    account = Account.from_key(key)
    returned: list[str] = []
    for made in contract.events.GiftMade.get_logs(from_block=0):
        order_id = made["args"]["orderId"]
        if contract.functions.giftOf(order_id).call()[0] == 0:
            continue
        call = contract.functions.returnRest(tuple(made["args"]["gift"].values()))
        try:
            # Time is that of the block which would carry it, and only the node knows it.
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
            returned.append(str(Web3.to_hex(order_id)))
    return returned


def main() -> None:
    """Ask for the node and the address book, and return what can be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rpc", required=True, help="URL of any node of the chain")
    parser.add_argument("--book", required=True, type=Path, help="address book of the deployment")
    options = parser.parse_args()
    book = json.loads(options.book.read_text("utf-8"))
    key = os.environ.get("RETURN_KEY") or Account.create().key.to_0x_hex()
    w3 = Web3(Web3.HTTPProvider(options.rpc))
    returned = return_gifts(w3, book["gifts"], key)
    for order_id in returned:
        print(f"returned {order_id}")
    print(f"{len(returned)} gifts returned")


if __name__ == "__main__":
    main()
