"""The rival: what a team writes on its first day with web3.py, timed as it stands.

One account pays others, one payment after another: ask for the nonce and the gas, build, sign,
send, wait for the receipt. Nothing is stored, nobody is asked for KYC, no holder signs an order.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any, cast

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_tester import EthereumTester, PyEVMBackend
from eth_typing import ChecksumAddress
from web3 import EthereumTesterProvider, Web3
from web3.contract import Contract

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


@dataclass(frozen=True)
class PlainWay:
    """A fresh eth-tester chain in this process, with OpenZeppelin's ERC-20 as it is."""

    web3: Web3
    payer: LocalAccount
    payees: list[ChecksumAddress]
    token: Contract

    def pay(self, number: int) -> None:
        """One payment. Raises RuntimeError when it failed."""
        eth = self.web3.eth
        transfer = self.token.functions.transfer(self.payees[number % len(self.payees)], 1)
        unsigned = transfer.build_transaction(
            {"from": self.payer.address, "nonce": eth.get_transaction_count(self.payer.address)}
        )
        signed = self.payer.sign_transaction(cast(dict[str, Any], unsigned))
        sent = eth.send_raw_transaction(signed.raw_transaction)
        receipt = eth.wait_for_transaction_receipt(sent)
        if receipt["status"] != 1:
            raise RuntimeError(f"plain payment {number} reverted")

    def per_second(self, payments: int) -> float:
        """Payments a second, over ``payments`` of them, after a few that warm up."""
        for number in range(10):
            self.pay(number)
        started = monotonic_seconds()
        for number in range(payments):
            self.pay(number)
        return payments / (monotonic_seconds() - started)


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


def plain_way(payees: int = 64) -> PlainWay:
    """Set up the rival: deploy the token and let every payee hold some of it already.

    The first payment to an account costs more than all later ones; those are what is measured.
    """
    backend = PyEVMBackend()
    web3 = Web3(EthereumTesterProvider(EthereumTester(backend)))
    payer: LocalAccount = Account.from_key(backend.account_keys[0].to_hex())
    abi, bytecode = compile_token(json.loads((CONTRACTS / "solc.json").read_text("utf-8")))
    deployed = web3.eth.wait_for_transaction_receipt(
        web3.eth.contract(abi=abi, bytecode=bytecode)
        .constructor()
        .transact({"from": payer.address})
    )
    address = deployed["contractAddress"]
    assert address is not None
    token = web3.eth.contract(address=address, abi=abi)
    drawn = random.Random(1)  # noqa: S311 - the same payees in each run, nothing secret
    accounts = [Account.from_key(drawn.randbytes(32)).address for _ in range(payees)]
    for account in accounts:
        token.functions.transfer(account, 10**6).transact({"from": payer.address})
    return PlainWay(web3, payer, accounts, token)
