"""Calldata and results, encoded and decoded by a contract's ABI."""

from collections.abc import Callable
from typing import Any, cast

from eth_abi.abi import decode as abi_decode
from eth_abi.registry import registry

from wallet_chain.errors import NotDeployed
from wallet_chain.ledger.artifacts import AbiItem, artifact
from wallet_chain.ledger.hashing import checksum_address

CURRENCY_CONTRACT = "CurrencyToken"
"""The kind of contract that every currency is one of."""

_Encoder = Callable[[tuple[Any, ...]], bytes]


def encoder(types: tuple[str, ...]) -> _Encoder:
    """Encodes one value per type; the registry keeps each encoder that it has made."""
    if not types:
        return _nothing
    return cast(_Encoder, registry.get_encoder(f"({','.join(types)})"))


def _nothing(_values: tuple[Any, ...]) -> bytes:
    return b""


def function_of(contract: str, function: str) -> AbiItem:
    """A function of a contract's ABI by name or signature. Raises KeyError when there is none."""
    return artifact(contract).functions[function]


def encode_call(contract: str, function: str, *args: Any) -> bytes:
    """Calldata for a kind of contract (``CurrencyToken`` for every currency)."""
    item = function_of(contract, function)
    return item.selector + encoder(item.types)(args)


def decode_result(contract: str, function: str, answer: bytes) -> Any:
    """The outputs of a call: one value as it is, several as a tuple.

    Raises NotDeployed when nothing came back, as from an address without a contract.
    """
    outputs = function_of(contract, function).outputs
    if outputs and not answer:
        raise NotDeployed(f"There is no {contract} at the address that was asked.")
    values = with_checksums(outputs, abi_decode(outputs, answer))
    return values[0] if len(values) == 1 else values


def with_checksums(types: tuple[str, ...], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Decoded values with each plain address, or list of them, as EIP-55."""
    return tuple(_with_checksum(kind, value) for kind, value in zip(types, values, strict=True))


def _with_checksum(kind: str, value: Any) -> Any:
    if kind == "address":
        return checksum_address(value)
    if kind == "address[]":
        return tuple(checksum_address(one) for one in value)
    return value
