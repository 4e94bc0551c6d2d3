"""What the verifier's owner believes: it never comes from the bundle."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wallet_chain.verifier.canonical import as_list, as_object, exactly, hexed, number, text
from wallet_chain.verifier.finding import Invalid, require

FORMAT = "wallet-chain-trust/1"


@dataclass(frozen=True)
class Contract:
    """A contract that is trusted to do what its code says."""

    name: str
    address: bytes
    code_hash: bytes

    @property
    def is_currency(self) -> bool:
        """Whether this is a currency's token: those are named by ISO 4217."""
        return len(self.name) == 3 and self.name.isupper()


@dataclass(frozen=True)
class Trust:
    """A trust file, read."""

    chain_id: int
    genesis_hash: bytes
    rule: str
    """``pinned``, ``qbft`` or ``clique``."""
    pinned: Mapping[int, bytes]
    """Block number -> hash, for ``pinned``."""
    eras: tuple[tuple[int, frozenset[bytes]], ...]
    """First block -> who seals from there on, ascending; for the other rules."""
    contracts: Mapping[bytes, Contract]

    def sealers(self, block: int) -> frozenset[bytes]:
        """Who may seal a block; nobody before the first era."""
        found: frozenset[bytes] = frozenset()
        for first, sealers in self.eras:
            if first <= block:
                found = sealers
        return found

    def named(self, name: str) -> Contract:
        """The contract with a name. Raises Invalid when none is trusted."""
        for contract in self.contracts.values():
            if contract.name == name:
                return contract
        raise Invalid("unknown_contract", f"The trust file has no contract {name}.")

    def currency(self, code: str) -> Contract:
        """A currency's token. Raises Invalid when it is not trusted."""
        token = self.named(code)
        require(token.is_currency, "unknown_contract", f"{code} is no currency's token.")
        return token


def read_trust(value: Any) -> Trust:
    """A trust file's JSON value. Raises Invalid (code ``wrong_form``) when it is not one."""
    fields = exactly(value, "trust", "format chain_id genesis_hash finality contracts")
    require(fields["format"] == FORMAT, "wrong_form", f"trust.format has to be {FORMAT}.")
    finality = as_object(fields["finality"], "trust.finality")
    rule = text(finality.get("rule"), "trust.finality.rule")
    pinned: dict[int, bytes] = {}
    eras: list[tuple[int, frozenset[bytes]]] = []
    if rule == "pinned":
        blocks = as_object(exactly(finality, "trust.finality", "rule blocks")["blocks"], "blocks")
        pinned = {number(at, "block"): hexed(blocks[at], "block's hash", 32) for at in blocks}
    else:
        require(rule in ("qbft", "clique"), "wrong_form", f"There is no rule {rule}.")
        listed = as_list(exactly(finality, "trust.finality", "rule eras")["eras"], "eras")
        eras = sorted((_era(each) for each in listed), key=lambda era: era[0])
    contracts = as_object(fields["contracts"], "trust.contracts")
    known = [_contract(name, contracts[name]) for name in contracts]
    return Trust(
        chain_id=number(fields["chain_id"], "trust.chain_id"),
        genesis_hash=hexed(fields["genesis_hash"], "trust.genesis_hash", 32),
        rule=rule,
        pinned=pinned,
        eras=tuple(eras),
        contracts={contract.address: contract for contract in known},
    )


def _era(value: Any) -> tuple[int, frozenset[bytes]]:
    fields = exactly(value, "era", "from_block sealers")
    sealers = [hexed(each, "sealer", 20) for each in as_list(fields["sealers"], "sealers")]
    fits = 0 < len(sealers) == len(set(sealers))
    require(fits, "wrong_form", "An era names its sealers, each once.")
    return number(fields["from_block"], "era.from_block"), frozenset(sealers)


def _contract(name: str, value: Any) -> Contract:
    fields = exactly(value, name, "address code_hash")
    address = hexed(fields["address"], f"{name}.address", 20)
    return Contract(name, address, hexed(fields["code_hash"], f"{name}.code_hash", 32))
