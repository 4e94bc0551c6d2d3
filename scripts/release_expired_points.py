"""Release what was set aside for points that have expired, without the bank and without its API.

Anyone may do this: once a month is over, the contract gives what its points were worth back to the
pools that paid for them, and asks nobody. It needs web3, a node, the address book of the deployment,
and any key at all; where the chain asks for gas the key must be able to pay for it.

    python scripts/release_expired_points.py --rpc http://127.0.0.1:8545 --book data/addresses/20260.json

The key is made up unless RELEASE_KEY holds one.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eth_account import Account
from web3 import Web3
from web3.exceptions import ContractLogicError


def _event(name: str, inputs: list[tuple[str, str, bool]]) -> dict[str, Any]:
    return {
        "type": "event",
        "name": name,
        "anonymous": False,
        "inputs": [{"name": n, "type": t, "indexed": i} for n, t, i in inputs],
    }


def _function(
    name: str, inputs: list[tuple[str, str]], outputs: list[tuple[str, str]], view: bool
) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "stateMutability": "view" if view else "nonpayable",
        "inputs": [{"name": n, "type": t} for n, t in inputs],
        "outputs": [{"name": n, "type": t} for n, t in outputs],
    }


ABI: list[dict[str, Any]] = [
    _event(
        "PointsEarned",
        [
            ("orderId", "bytes32", True),
            ("customer", "address", True),
            ("merchant", "address", True),
            ("programme", "uint32", False),
            ("expiryMonth", "uint256", False),
            ("points", "uint256", False),
        ],
    ),
    _event(
        "PointsRestored",
        [
            ("orderId", "bytes32", True),
            ("customer", "address", True),
            ("merchant", "address", True),
            ("programme", "uint32", False),
            ("lots", "uint256[]", False),
            ("postponed", "uint256", False),
            ("amount", "uint256", False),
            ("compensation", "uint256", False),
        ],
    ),
    _event("PointsMoved", [("from", "address", True), ("to", "address", True)]),
    _function(
        "payerOf", [("programme", "uint32"), ("merchant", "address")], [("", "address")], True
    ),
    _function("currentMonth", [], [("", "uint256")], True),
    _function(
        "release",
        [("programme", "uint32"), ("expiryMonth", "uint256"), ("account", "address")],
        [],
        False,
    ),
]
"""What is needed of the contract; a test holds it against the compiled one."""

_POINTS_BITS = 64

Release = tuple[int, int, str]
"""Programme, month, and an account of whoever paid for the points."""


def release_expired_points(w3: Web3, contract_address: str, key: str) -> list[Release]:
    """Release all that is left of months that are over; gives what was released."""
    contract = w3.eth.contract(address=Web3.to_checksum_address(contract_address), abi=ABI)
    sender = Account.from_key(key)
    released: list[Release] = []
    for programme, month, account in sorted(set(_issued(contract))):
        call = contract.functions.release(programme, month, account)
        try:
            # Time is that of the block which would carry the release, and only the node knows it.
            call.call({"from": sender.address}, "pending")
        except ContractLogicError:
            continue
        transaction = call.build_transaction(
            {
                "from": sender.address,
                "nonce": w3.eth.get_transaction_count(sender.address),
                "gas": 500_000,
                "gasPrice": w3.eth.gas_price,
                "chainId": w3.eth.chain_id,
            }
        )
        signed = sender.sign_transaction(transaction)
        receipt = w3.eth.wait_for_transaction_receipt(
            w3.eth.send_raw_transaction(signed.raw_transaction), timeout=60
        )
        if receipt["status"] == 1:
            released.append((programme, month, account))
    return released


def _issued(contract: Any) -> Iterator[Release]:
    """Who ever paid for points of which month, by the account that it has now."""
    moved = {
        event["args"]["from"]: event["args"]["to"]
        for event in contract.events.PointsMoved.get_logs(from_block=0)
    }
    payers: dict[tuple[int, str], str] = {}

    def payer_of(programme: int, merchant: str) -> str:
        merchant = _present(moved, merchant)
        if (programme, merchant) not in payers:
            payer = contract.functions.payerOf(programme, merchant).call()
            payers[programme, merchant] = _present(moved, payer)
        return payers[programme, merchant]

    for event in contract.events.PointsEarned.get_logs(from_block=0):
        said = event["args"]
        yield said["programme"], said["expiryMonth"], payer_of(said["programme"], said["merchant"])
    for event in contract.events.PointsRestored.get_logs(from_block=0):
        said = event["args"]
        if said["postponed"]:
            # They are the last of the list, and the merchant itself paid for them.
            month = said["lots"][-1] >> _POINTS_BITS
            yield said["programme"], month, _present(moved, said["merchant"])


def _present(moved: dict[str, str], account: str) -> str:
    """The account that followed, however many keys were replaced."""
    while account in moved:
        account = moved[account]
    return account


def main() -> None:
    """Ask for the node and the address book, and release what can be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rpc", required=True, help="URL of any node of the chain")
    parser.add_argument("--book", required=True, type=Path, help="address book of the deployment")
    options = parser.parse_args()
    book = json.loads(options.book.read_text("utf-8"))
    key = os.environ.get("RELEASE_KEY") or Account.create().key.to_0x_hex()
    w3 = Web3(Web3.HTTPProvider(options.rpc))
    released = release_expired_points(w3, book["loyalty"], key)
    for programme, month, account in released:
        print(f"released programme {programme} month {month} of {account}")
    print(f"{len(released)} releases")


if __name__ == "__main__":
    main()
