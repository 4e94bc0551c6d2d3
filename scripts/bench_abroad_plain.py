"""The rival of transfers abroad: a bare swap of two ERC-20s by web3.py, one after another.

One account swaps and pays others through a contract that moves both legs in one transaction and
checks nothing else: no quote, no holder's signature over it, no KYC, no limits, nothing stored.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_tester import EthereumTester, PyEVMBackend
from eth_typing import ChecksumAddress
from web3 import EthereumTesterProvider, Web3
from web3.contract import Contract

from scripts.anvil_process import RICH_KEY, anvil
from scripts.compile import CONTRACTS, NODE_MODULES, Sources, remappings, run_compiler
from wallet_chain.clock import monotonic_seconds

NAME = "project/PlainSwap.sol"
SOURCE = """
// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

contract PlainCoin is ERC20 {
    constructor() ERC20("Plain", "PLN") {
        _mint(msg.sender, 1e30);
    }
}

contract PlainSwap {
    function swap(ERC20 source, ERC20 target, address provider, address to, uint256 amount)
        external
    {
        source.transferFrom(msg.sender, provider, amount);
        target.transferFrom(provider, to, amount * 78 / 10);
    }
}
"""


@dataclass(frozen=True)
class PlainSwaps:
    """A chain with two coins and the bare swap between them."""

    web3: Web3
    payer: LocalAccount
    provider: ChecksumAddress
    payees: list[ChecksumAddress]
    coins: tuple[ChecksumAddress, ChecksumAddress]
    swap: Contract

    def pay(self, number: int) -> None:
        """One swap. Raises RuntimeError when it failed."""
        eth = self.web3.eth
        to = self.payees[number % len(self.payees)]
        call = self.swap.functions.swap(*self.coins, self.provider, to, 10)
        unsigned = call.build_transaction(
            {"from": self.payer.address, "nonce": eth.get_transaction_count(self.payer.address)}
        )
        signed = self.payer.sign_transaction(cast(dict[str, Any], unsigned))
        sent = eth.send_raw_transaction(signed.raw_transaction)
        receipt = eth.wait_for_transaction_receipt(sent, poll_latency=0.005)
        if receipt["status"] != 1:
            raise RuntimeError(f"plain swap {number} reverted")

    def per_second(self, swaps: int) -> float:
        """Swaps a second, over ``swaps`` of them, after a few that warm up."""
        for number in range(5):
            self.pay(number)
        started = monotonic_seconds()
        for number in range(swaps):
            self.pay(number)
        return swaps / (monotonic_seconds() - started)


@contextmanager
def plain_swaps(chain: str) -> Iterator[PlainSwaps]:
    """The rival on a fresh eth-tester in this process, or on an anvil of its own."""
    if chain == "anvil":
        with anvil() as url:
            yield _deployed(Web3(Web3.HTTPProvider(url)), Account.from_key(RICH_KEY))
        return
    backend = PyEVMBackend()
    key = backend.account_keys[0].to_hex()
    yield _deployed(Web3(EthereumTesterProvider(EthereumTester(backend))), Account.from_key(key))


def _deployed(web3: Web3, payer: LocalAccount, payees: int = 32) -> PlainSwaps:
    """Both coins and the swap; every payee holds some already, since first payments cost more."""
    config = json.loads((CONTRACTS / "solc.json").read_text("utf-8"))
    compiled = _compiled(config)
    source, target = (_deploy(web3, payer, compiled["PlainCoin"]) for _ in range(2))
    swap = _deploy(web3, payer, compiled["PlainSwap"])
    for coin in (source, target):
        _send(web3, payer, coin.functions.approve(swap.address, 10**29))
    drawn = random.Random(1)  # noqa: S311 - the same payees in each run, nothing secret
    accounts = [Account.from_key(drawn.randbytes(32)).address for _ in range(payees)]
    for account in accounts:
        _send(web3, payer, target.functions.transfer(account, 10**6))
    coins = (source.address, target.address)
    return PlainSwaps(web3, payer, payer.address, accounts, coins, swap)


def _deploy(web3: Web3, payer: LocalAccount, compiled: Any) -> Contract:
    bytecode = "0x" + compiled["evm"]["bytecode"]["object"]
    contract = web3.eth.contract(abi=compiled["abi"], bytecode=bytecode)
    receipt = _send(web3, payer, contract.constructor())
    deployed: Contract = web3.eth.contract(address=receipt["contractAddress"], abi=compiled["abi"])
    return deployed


def _send(web3: Web3, payer: LocalAccount, call: Any) -> Any:
    unsigned = call.build_transaction(
        {"from": payer.address, "nonce": web3.eth.get_transaction_count(payer.address)}
    )
    signed = payer.sign_transaction(unsigned)
    return web3.eth.wait_for_transaction_receipt(
        web3.eth.send_raw_transaction(signed.raw_transaction), poll_latency=0.005
    )


def _compiled(config: dict[str, Any]) -> dict[str, Any]:
    """The contracts, compiled with the settings of the product's."""
    package = NODE_MODULES / "@openzeppelin" / "contracts"
    prefix = remappings(config)["@openzeppelin/contracts/"]
    sources = Sources(config=config, text={NAME: SOURCE.strip()}, wanted=frozenset({NAME}))
    waiting = sources.imports(NAME)
    while waiting:
        name = waiting.pop()
        if name not in sources.text:
            sources.text[name] = (package / name.removeprefix(prefix)).read_text("utf-8")
            waiting.extend(sources.imports(name))
    found: dict[str, Any] = run_compiler(sources)["contracts"][NAME]
    return found
