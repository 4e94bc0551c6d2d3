"""From what a contract reverted with to the one error that a caller is shown.

The table itself is in ``revert_rules``; here it is read.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError

from wallet_chain.errors import ChainRefused, OrderOutOfGas, WalletError
from wallet_chain.ledger.artifacts import CONTRACTS, AbiItem, artifact
from wallet_chain.ledger.hashing import checksum_address, to_hex
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.revert_rules import MAPPING, OF_PROVIDERS
from wallet_chain.ledger.rpc import RpcFailure

_ERROR_STRING = bytes.fromhex("08c379a0")
_PANIC = bytes.fromhex("4e487b71")

_NO_CONTEXT = RevertContext()


@dataclass(frozen=True)
class ContractError:
    """A custom error as it was raised: its name and its arguments by name."""

    name: str
    arguments: dict[str, Any]


@cache
def errors_by_selector() -> dict[bytes, AbiItem]:
    """Every custom error of every contract that we deploy, by selector."""
    return {s: item for name in CONTRACTS for s, item in artifact(name).errors.items()}


def decode_error(data: bytes) -> ContractError | None:
    """The custom error in revert data; None when it is none of ours or cut short."""
    item = errors_by_selector().get(data[:4])
    if item is None:
        return None
    try:
        values = abi_decode(item.types, data[4:])
    except DecodingError:
        return None
    return ContractError(item.name, dict(zip(item.names, values, strict=True)))


def refusal_from_revert(data: bytes, context: RevertContext = _NO_CONTEXT) -> WalletError:
    """The error for revert data. Never raises: what is not known becomes ChainRefused.

    No data at all is how a call ends that ran out of the gas it was given, or that was made to a
    wallet contract which refuses without a word: OrderOutOfGas.
    """
    if not data:
        return OrderOutOfGas(
            "The order used more gas than an order may, or the payer's wallet contract refused it"
            " without a reason. Try again; if it stays, use a wallet whose check costs less."
        )
    error = decode_error(data)
    if error is None:
        return _unknown(data)
    rules = OF_PROVIDERS if _is_about_provider(error, context) else MAPPING
    return rules[error.name].refusal(error.arguments, context)


def refusal_named(name: str, arguments: dict[str, Any], context: RevertContext) -> WalletError:
    """The error that stands for a custom error which was foreseen here, not raised on chain."""
    return MAPPING[name].refusal(arguments, context)


def refusal_from_failure(failure: RpcFailure, context: RevertContext = _NO_CONTEXT) -> WalletError:
    """The error for a call that a node answered with an error object."""
    data = failure.revert_data
    if data:
        return refusal_from_revert(data, context)
    return ChainRefused(
        f"The chain's node refused the call: {failure.message}. Look into the node's log;"
        " asking again will not help until that is put right.",
        reason=failure.message[:200],
        rpc_code=failure.code,
    )


def _is_about_provider(error: ContractError, context: RevertContext) -> bool:
    if context.provider is None or error.name not in OF_PROVIDERS:
        return False
    named = error.arguments.get("account", error.arguments.get("sender"))
    return named is not None and checksum_address(named) == context.provider


def _unknown(data: bytes) -> WalletError:
    reason = _text(data)
    return ChainRefused(
        f"A contract refused with {reason}, which this version does not know. Nothing was moved;"
        " compare the version of the product with that of the contracts.",
        reason=reason,
        data=to_hex(data[:260]),
    )


def _text(data: bytes) -> str:
    try:
        if data[:4] == _ERROR_STRING:
            return f"the text {abi_decode(['string'], data[4:])[0][:200]!r}"
        if data[:4] == _PANIC:
            return f"Solidity's panic {abi_decode(['uint256'], data[4:])[0]:#04x}"
    except (DecodingError, UnicodeDecodeError):
        return "an error that is cut short"
    return f"error {to_hex(data[:4])}"
