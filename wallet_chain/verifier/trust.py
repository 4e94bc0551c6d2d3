"""What the verifier's owner believes: it never comes from the bundle."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from wallet_chain.verifier.canonical import exactly, hexed, number, of
from wallet_chain.verifier.finding import require

FORMAT = "wallet-chain-trust/1"


class Contract(NamedTuple):
    """A contract that is trusted to do what its code says."""

    name: str
    address: bytes
    code_hash: bytes

    @property
    def is_currency(self) -> bool:
        """Whether this is a currency's token: those are named by ISO 4217."""
        return re.fullmatch("[A-Z]{3}", self.name) is not None


class Trust(NamedTuple):
    """A trust file, read."""

    chain_id: int
    genesis_hash: bytes
    rule: str
    """``pinned``, ``qbft`` or ``clique``."""
    pinned: Mapping[int, bytes]
    """Block number -> hash, for ``pinned``."""
    eras: Mapping[int, frozenset[bytes]]
    """First block -> who seals from there on; for the other rules."""
    contracts: Mapping[bytes, Contract]

    def sealers(self, block: int) -> frozenset[bytes]:
        """Who may seal a block; nobody before the first era."""
        begun = [first for first in self.eras if first <= block]
        return self.eras[max(begun)] if begun else frozenset()

    def named(self, name: str) -> Contract:
        """The contract with a name. Raises Invalid when none is trusted."""
        found = [contract for contract in self.contracts.values() if contract.name == name]
        require(bool(found), "unknown_contract", f"The trust file has no contract {name}.")
        return found[0]

    def currency(self, code: Any) -> Contract:
        """A currency's token. Raises Invalid when it is not trusted."""
        token = self.named(of(str, code, "currency"))
        require(token.is_currency, "unknown_contract", f"{code} is no currency's token.")
        return token


def read_trust(value: Any) -> Trust:
    """A trust file's JSON value. Raises Invalid (code ``wrong_form``) when it is not one."""
    fields = exactly(value, "trust", "format chain_id genesis_hash finality contracts")
    require(fields["format"] == FORMAT, "wrong_form", f"trust.format has to be {FORMAT}.")
    finality = of(dict, fields["finality"], "trust.finality")
    rule = of(str, finality.get("rule"), "trust.finality.rule")
    require(rule in _RULES, "wrong_form", f"There is no rule {rule}.")
    exactly(finality, "trust.finality", f"rule {_RULES[rule]}")
    blocks = of(dict, finality.get("blocks", {}), "blocks")
    contracts = of(dict, fields["contracts"], "trust.contracts")
    return Trust(
        chain_id=number(fields["chain_id"], "trust.chain_id"),
        genesis_hash=hexed(fields["genesis_hash"], "trust.genesis_hash", 32),
        rule=rule,
        pinned={number(at, "block"): hexed(blocks[at], "block's hash", 32) for at in blocks},
        eras=dict(_era(each) for each in of(list, finality.get("eras", []), "eras")),
        contracts=dict(_contract(name, contracts[name]) for name in contracts),
    )


_RULES = {"pinned": "blocks", "qbft": "eras", "clique": "eras"}
"""Each rule of finality, and by what the trust file explains it."""


def _era(value: Any) -> tuple[int, frozenset[bytes]]:
    fields = exactly(value, "era", "from_block sealers")
    sealers = [hexed(each, "sealer", 20) for each in of(list, fields["sealers"], "sealers")]
    require(0 < len(sealers) == len(set(sealers)), "wrong_form", "An era names each sealer once.")
    return number(fields["from_block"], "era.from_block"), frozenset(sealers)


def _contract(name: str, value: Any) -> tuple[bytes, Contract]:
    fields = exactly(value, name, "address code_hash")
    address = hexed(fields["address"], f"{name}.address", 20)
    return address, Contract(name, address, hexed(fields["code_hash"], f"{name}.code_hash", 32))
