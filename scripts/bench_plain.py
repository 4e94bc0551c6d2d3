"""The rivals: what others do with a bare ERC-20, timed as it stands.

Nothing is stored, nobody is asked for KYC, no holder signs an order: one account pays others out of
OpenZeppelin's contract as it is. ``asked`` is what a team writes on its first day with web3.py: ask
for the nonce and the gas, build, sign, send, wait for the receipt, one by one. ``given`` is told
nonce and gas. ``pipelined`` is a good asyncio script: nonces counted here, many in flight. ``flood``
pushes transactions that were signed beforehand in JSON-RPC batches: the node alone.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import httpx
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_tester import EthereumTester, PyEVMBackend
from eth_typing import ChecksumAddress
from web3 import AsyncHTTPProvider, AsyncWeb3, EthereumTesterProvider, Web3
from web3.contract import Contract
from web3.types import RPCEndpoint, TxParams

from scripts.compile import CONTRACTS, NODE_MODULES, Sources, remappings, run_compiler
from wallet_chain.clock import monotonic_seconds

NAME = "project/PlainToken.sol"
SOURCE = """
// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

contract PlainToken is ERC20 {
    constructor() ERC20("Plain", "PLN") {
        _mint(msg.sender, 1e30);
    }
}
"""
_PUSHED_AT_ONCE = 200
_IN_FLIGHT = 50
_LOOK_SECONDS = 0.005
_FLOOD_SECONDS_MAX = 120


@dataclass(frozen=True)
class PlainWay:
    """A chain with OpenZeppelin's ERC-20 as it is, and accounts that hold some of it."""

    web3: Web3
    payer: LocalAccount
    payees: list[ChecksumAddress]
    token: Contract
    chain_id: int
    url: str = ""
    """The node's; empty when the chain is in this process."""

    def asked_per_second(self, payments: int) -> float:
        """Payments a second, one by one, nonce and gas asked for each."""
        return self._one_by_one(payments, None)

    def given_per_second(self, payments: int) -> float:
        """Payments a second, one by one, with nonce, gas and fee given."""
        return self._one_by_one(payments, self._given())

    def pipelined_per_second(self, payments: int) -> float:
        """Payments a second of an asyncio script with nonces of its own and many in flight."""
        return asyncio.run(self._pipelined(payments))

    def flood_per_second(self, payments: int) -> float:
        """Payments a second of the bare node: signed before the clock starts, pushed in batches.

        Thousands of transactions make anvil's automatic mining stall, so each batch is mined with
        one call.
        """
        eth = self.web3.eth
        first = eth.get_transaction_count(self.payer.address)
        signed = [self._signed(first + n, n) for n in range(payments)]
        with httpx.Client(timeout=_FLOOD_SECONDS_MAX) as client:
            self._call(client, [("evm_setAutomine", [False])])
            started = monotonic_seconds()
            for start in range(0, payments, _PUSHED_AT_ONCE):
                part = signed[start : start + _PUSHED_AT_ONCE]
                pushed = [("eth_sendRawTransaction", ["0x" + raw.hex()]) for raw in part]
                self._call(client, pushed)
                # By itself: anvil begins the calls of one request together.
                self._call(client, [("evm_mine", [])])
            took = monotonic_seconds() - started
            self._call(client, [("evm_setAutomine", [True])])
        if eth.get_transaction_count(self.payer.address) != first + payments:
            raise RuntimeError("the node did not take the flood")
        return payments / took

    def _one_by_one(self, payments: int, given: dict[str, Any] | None) -> float:
        for number in range(10):
            self._pay(number, None)
        nonce = self.web3.eth.get_transaction_count(self.payer.address)
        started = monotonic_seconds()
        for number in range(payments):
            self._pay(number, None if given is None else {**given, "nonce": nonce + number})
        return payments / (monotonic_seconds() - started)

    def _pay(self, number: int, given: dict[str, Any] | None) -> None:
        eth = self.web3.eth
        transfer = self.token.functions.transfer(self.payees[number % len(self.payees)], 1)
        asked = given or {"nonce": eth.get_transaction_count(self.payer.address)}
        unsigned = transfer.build_transaction(cast(TxParams, {"from": self.payer.address, **asked}))
        signed = self.payer.sign_transaction(cast(dict[str, Any], unsigned))
        sent = eth.send_raw_transaction(signed.raw_transaction)
        receipt = eth.wait_for_transaction_receipt(sent, poll_latency=_LOOK_SECONDS)
        if receipt["status"] != 1:
            raise RuntimeError(f"plain payment {number} reverted")

    async def _pipelined(self, payments: int) -> float:
        web3 = AsyncWeb3(AsyncHTTPProvider(self.url))
        room = asyncio.Semaphore(_IN_FLIGHT)
        nonce = await web3.eth.get_transaction_count(self.payer.address)

        async def pay(number: int) -> None:
            async with room:
                sent = await web3.eth.send_raw_transaction(self._signed(nonce + number, number))
                receipt = await web3.eth.wait_for_transaction_receipt(
                    sent, poll_latency=_LOOK_SECONDS
                )
                if receipt["status"] != 1:
                    raise RuntimeError(f"plain payment {number} reverted")

        started = monotonic_seconds()
        await asyncio.gather(*(pay(number) for number in range(payments)))
        took = monotonic_seconds() - started
        await web3.provider.disconnect()
        return payments / took

    def _call(self, client: httpx.Client, calls: Sequence[tuple[str, list[Any]]]) -> None:
        asked = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
            for number, (method, parameters) in enumerate(calls)
        ]
        answers = client.post(self.url, json=asked).raise_for_status().json()
        if refused := [answer for answer in answers if "error" in answer]:
            raise RuntimeError(f"the node refused: {refused[0]}")

    def _signed(self, nonce: int, number: int) -> bytes:
        transfer = self.token.encode_abi(
            "transfer", args=[self.payees[number % len(self.payees)], 1]
        )
        transaction = {**self._given(), "nonce": nonce, "to": self.token.address, "data": transfer}
        return bytes(self.payer.sign_transaction(transaction).raw_transaction)

    def _given(self) -> dict[str, Any]:
        return {
            "gas": 80_000,
            "maxFeePerGas": 10**10,
            "maxPriorityFeePerGas": 10**9,
            "chainId": self.chain_id,
            "value": 0,
        }


def compile_token(config: dict[str, Any]) -> tuple[Any, str]:
    """ABI and bytecode of the token, compiled with the settings of the product's contracts."""
    package = NODE_MODULES / "@openzeppelin" / "contracts"
    prefix = remappings(config)["@openzeppelin/contracts/"]
    sources = Sources(config=config, text={NAME: SOURCE.strip()}, wanted=frozenset({NAME}))
    waiting = sources.imports(NAME)
    while waiting:
        name = waiting.pop()
        if name not in sources.text:
            sources.text[name] = (package / name.removeprefix(prefix)).read_text("utf-8")
            waiting.extend(sources.imports(name))
    compiled = run_compiler(sources)["contracts"][NAME]["PlainToken"]
    return compiled["abi"], "0x" + compiled["evm"]["bytecode"]["object"]


def plain_way(node: str = "") -> PlainWay:
    """The rival on the node at this URL, or on a fresh eth-tester in this process."""
    if node:
        web3 = Web3(Web3.HTTPProvider(node))
        # Not the funder's key: a lane of ours halts when somebody else signs with its key.
        payer = Account.from_key(random.Random(2).randbytes(32))  # noqa: S311
        give = RPCEndpoint("anvil_setBalance")
        web3.provider.make_request(give, [payer.address, hex(Web3.to_wei(1_000, "ether"))])
        return _deployed(web3, payer, node)
    backend = PyEVMBackend()
    web3 = Web3(EthereumTesterProvider(EthereumTester(backend)))
    return _deployed(web3, Account.from_key(backend.account_keys[0].to_hex()), "")


def _deployed(web3: Web3, payer: LocalAccount, url: str, payees: int = 64) -> PlainWay:
    """Deploy the token, and let every payee hold some of it already.

    The first payment to an account costs more than all later ones; those are what is measured.
    """
    abi, bytecode = compile_token(json.loads((CONTRACTS / "solc.json").read_text("utf-8")))
    receipt = _send(web3, payer, web3.eth.contract(abi=abi, bytecode=bytecode).constructor())
    token = web3.eth.contract(address=receipt["contractAddress"], abi=abi)
    drawn = random.Random(1)  # noqa: S311 - the same payees in each run, nothing secret
    accounts = [Account.from_key(drawn.randbytes(32)).address for _ in range(payees)]
    for account in accounts:
        _send(web3, payer, token.functions.transfer(account, 10**6))
    return PlainWay(web3, payer, accounts, token, web3.eth.chain_id, url)


def _send(web3: Web3, payer: LocalAccount, call: Any) -> Any:
    unsigned = call.build_transaction(
        {"from": payer.address, "nonce": web3.eth.get_transaction_count(payer.address)}
    )
    sent = web3.eth.send_raw_transaction(payer.sign_transaction(unsigned).raw_transaction)
    return web3.eth.wait_for_transaction_receipt(sent, poll_latency=_LOOK_SECONDS)
