"""Small contracts in plain bytecode, and accounts, for the embedded chain's tests."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from wallet_chain.ledger.embedded import EmbeddedChain

CHAIN_ID = 7_001
START = 1_800_000_000
FUNDER: LocalAccount = Account.from_key("0x" + "11" * 32)
OTHER: LocalAccount = Account.from_key("0x" + "22" * 32)
NOBODY = "0x" + "99" * 20

# storage[word 0] = word 1; log1(topic = word 0, data = word 1); return word 1
STORE = "6020356000355560203560005260003560206000a160206000f3"
# answer with block.timestamp and block.number
CLOCK = "426000524360205260406000f3"
# revert with the call data
REVERT = "366000600037366000fd"
INVALID = "fe"
# return whether calling the address in word 0 with (word 1, 1) succeeded
ISOLATE = "6020356000526001602052600060006040600060006000355af160005260206000f3"


def nest(*, logs: bool) -> str:
    """A contract that calls itself as often as word 0 says, ignores failure, and writes 10 slots.

    Only the innermost call writes. Whether it did shows in a log, or else in what is returned.
    """
    writes = "".join(f"600160{slot:02x}55" for slot in range(1, 11))
    marks = "60006000a0" if logs else ""
    returned_bytes = "00" if logs else "20"
    return (
        f"60003580156022576001900360005260{returned_bytes}60006020600060"
        "00305af15060206000f3"
        f"5b{writes}{marks}602a60005260206000f3"
    )


@dataclass
class Hand:
    """A clock that a test moves."""

    now: int = START

    def __call__(self) -> int:
        return self.now


@dataclass
class World:
    """An embedded chain with its clock."""

    chain: EmbeddedChain
    clock: Hand

    def ask(self, method: str, *params: Any) -> Any:
        return self.chain.handle(method, list(params))

    def send(self, **fields: Any) -> dict[str, Any]:
        """Sign as the funder, send, and return the receipt."""
        nonce = int(self.ask("eth_getTransactionCount", FUNDER.address), 16)
        sent = self.ask("eth_sendRawTransaction", signed(nonce, **fields))
        receipt: dict[str, Any] = self.ask("eth_getTransactionReceipt", sent)
        return receipt

    def deploy(self, runtime: str) -> str:
        """Put a contract on the chain; answers with its address."""
        address: str = self.send(to=None, data=creation(runtime), gas=1_000_000)["contractAddress"]
        return address


def creation(runtime: str) -> str:
    """Creation code that installs ``runtime`` (hex, below 256 bytes)."""
    size = f"{len(runtime) // 2:02x}"
    return f"0x60{size}600c60003960{size}6000f3{runtime}"


def words(*numbers: int) -> str:
    """Call data of 32-byte words."""
    return "0x" + "".join(f"{number:064x}" for number in numbers)


def signed(nonce: int, *, signer: LocalAccount = FUNDER, **fields: Any) -> str:
    """A raw legacy transaction unless fields of another type are given; free of fees."""
    transaction: dict[str, Any] = {
        "nonce": nonce,
        "gas": 200_000,
        "to": NOBODY,
        "value": 0,
        "data": "0x",
        "chainId": CHAIN_ID,
        **({} if "maxFeePerGas" in fields else {"gasPrice": 0}),
        **fields,
    }
    if transaction["to"] is None:
        del transaction["to"]
    else:
        transaction["to"] = to_checksum_address(transaction["to"])
    return "0x" + bytes(signer.sign_transaction(transaction).raw_transaction).hex()


def in_memory() -> World:
    clock = Hand()
    chain = EmbeddedChain.in_memory(chain_id=CHAIN_ID, funder=FUNDER.address, clock=clock)
    return World(chain, clock)


def durable(path: Path, clock: Callable[[], int] = lambda: START) -> EmbeddedChain:
    return EmbeddedChain.open(path, chain_id=CHAIN_ID, funder=FUNDER.address, clock=clock)


def payments(first_nonce: int) -> Iterator[str]:
    """An endless stream of signed payments of 1 wei."""
    nonce = first_nonce
    while True:
        yield signed(nonce, value=1, gas=21_000)
        nonce += 1


def stream_payments(path: str, first_nonce: int, acknowledged: Connection) -> None:
    """Send payments until killed, and write one byte to a pipe for each that was answered."""
    chain = durable(Path(path))
    for raw in payments(first_nonce):
        chain.handle("eth_sendRawTransaction", [raw])
        os.write(acknowledged.fileno(), b".")
