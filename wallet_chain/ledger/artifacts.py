"""The compiled contracts that the package ships, and their ABIs as quick look-up tables."""

from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

import orjson

from wallet_chain.ledger.hashing import from_hex, keccak256

_FOLDER = resources.files("wallet_chain.ledger") / "artifacts"

CONTRACTS = (
    "AccessManager",
    "IdentityRegistry",
    "TransferPolicy",
    "CurrencyToken",
    "Batch",
    "Payments",
    "Issuance",
    "CrossBorder",
    "Loyalty",
    "LoyaltyDesk",
    "Offers",
    "Purchases",
    "Mandates",
    "Gifts",
    "SplitPayments",
    "AccountRecovery",
    "Anchors",
)
"""Every contract that a deployment consists of; one CurrencyToken a currency."""


@dataclass(frozen=True)
class AbiItem:
    """A function, event or error of an ABI, with its canonical types worked out once."""

    name: str
    types: tuple[str, ...]
    names: tuple[str, ...]
    indexed: tuple[bool, ...]
    outputs: tuple[str, ...]

    @cached_property
    def signature(self) -> str:
        """Name and types, e.g. ``transfer(address,uint256)``."""
        return f"{self.name}({','.join(self.types)})"

    @cached_property
    def hash(self) -> bytes:
        """Keccak of the signature: an event's topic 0."""
        return keccak256(self.signature.encode())

    @cached_property
    def selector(self) -> bytes:
        """The first four bytes of the hash, with which calls and errors start."""
        return self.hash[:4]


@dataclass(frozen=True)
class Artifact:
    """One compiled contract."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes

    @cached_property
    def functions(self) -> dict[str, AbiItem]:
        """Functions by name, and each also by its whole signature.

        A name that is overloaded stands for none: ask by signature.
        """
        found = {item.signature: item for item in self._items("function")}
        names = [item.name for item in found.values()]
        return found | {item.name: item for item in found.values() if names.count(item.name) == 1}

    @cached_property
    def events(self) -> dict[bytes, AbiItem]:
        """Events by topic 0."""
        return {item.hash: item for item in self._items("event")}

    @cached_property
    def errors(self) -> dict[bytes, AbiItem]:
        """Custom errors by selector."""
        return {item.selector: item for item in self._items("error")}

    @cached_property
    def constructor_types(self) -> tuple[str, ...]:
        """The canonical types of the constructor's arguments."""
        found = [entry for entry in self.abi if entry["type"] == "constructor"]
        return tuple(canonical(p) for p in found[0]["inputs"]) if found else ()

    def _items(self, kind: str) -> list[AbiItem]:
        return [_item(entry) for entry in self.abi if entry["type"] == kind]


def canonical(parameter: dict[str, Any]) -> str:
    """The type of an ABI parameter as signatures write it: a struct is ``(uint256,bytes)``."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(canonical(part) for part in parameter["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


def _item(entry: dict[str, Any]) -> AbiItem:
    inputs = entry["inputs"]
    return AbiItem(
        name=entry["name"],
        types=tuple(canonical(p) for p in inputs),
        # Solidity code writes ``reference_`` where the plain word is one of the language's own.
        names=tuple(p["name"].rstrip("_") for p in inputs),
        indexed=tuple(p.get("indexed", False) for p in inputs),
        outputs=tuple(canonical(p) for p in entry.get("outputs", ())),
    )


@cache
def artifact(name: str) -> Artifact:
    """The artifact of a contract by name, read once a process. Raises KeyError when unknown."""
    if name not in CONTRACTS:
        raise KeyError(f"{name} is none of the contracts {', '.join(CONTRACTS)}")
    content = orjson.loads((_FOLDER / f"{name}.json").read_bytes())
    return Artifact(
        name=name,
        abi=content["abi"],
        bytecode=from_hex(content["bytecode"]),
    )


@dataclass(frozen=True)
class GuardedFunction:
    """A function that only holders of a role may call, as ``contracts/roles.json`` says."""

    contract: str
    signature: str
    role: str


@cache
def guarded_functions() -> tuple[GuardedFunction, ...]:
    """Which role each restricted function needs; the same list that the contracts are tested by."""
    rows = orjson.loads((_FOLDER / "roles.json").read_bytes())
    return tuple(GuardedFunction(r["contract"], r["function"], r["role"]) for r in rows)
