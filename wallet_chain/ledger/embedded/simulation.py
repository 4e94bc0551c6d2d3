"""eth_call and eth_estimateGas: executing without leaving a trace."""

from dataclasses import dataclass
from typing import Any

from eth.abc import ComputationAPI, StateAPI
from eth.exceptions import (
    InsufficientFunds,
    InvalidInstruction,
    InvalidJumpDestination,
    OutOfGas,
    Revert,
    WriteProtection,
)
from eth.vm.forks.prague.constants import STANDARD_TOKEN_COST, TOTAL_COST_FLOOR_PER_TOKEN
from eth.vm.spoof import SpoofTransaction
from eth_utils.exceptions import ValidationError

from wallet_chain.ledger.embedded.evm import ZERO_ADDRESS, WalletVM
from wallet_chain.ledger.embedded.hexadecimal import (
    data,
    read_address,
    read_data,
    read_hash,
    read_quantity,
)
from wallet_chain.ledger.embedded.rpc_error import (
    EXECUTION_REVERTED,
    RpcError,
    invalid_params,
    refused,
)

PLAIN_TRANSFER_GAS = 21_000
_CALL_STIPEND_GAS = 2_300
# EIP-150 keeps back one part in 64 at each nested call, so each depth needs this much more.
_DEPTHS_TRIED = (1, 2, 4, 8, 16, 32)
_GETH_TEXTS: dict[type[BaseException], str] = {
    OutOfGas: "out of gas",
    InvalidInstruction: "invalid opcode",
    InvalidJumpDestination: "invalid jump destination",
    WriteProtection: "write protection",
    InsufficientFunds: "insufficient balance for transfer",
}


@dataclass(frozen=True, slots=True)
class CallRequest:
    """What an eth_call or eth_estimateGas asks to execute. Fees are not charged."""

    sender: bytes
    to: bytes
    """20 bytes, or empty to create a contract."""
    value: int
    """Wei."""
    payload: bytes
    gas: int | None
    access_list: tuple[tuple[bytes, tuple[int, ...]], ...]

    @classmethod
    def read(cls, parameters: Any) -> "CallRequest":
        """Read a JSON-RPC call object; raises RpcError -32602 when a field is malformed."""
        if not isinstance(parameters, dict):
            raise invalid_params("call: expected an object")
        given = {name: value for name, value in parameters.items() if value is not None}
        payload = given.get("input", given.get("data", "0x"))
        return cls(
            sender=read_address(given["from"], "from") if "from" in given else ZERO_ADDRESS,
            to=read_address(given["to"], "to") if given.get("to", "0x") != "0x" else b"",
            value=read_quantity(given.get("value", "0x0"), "value"),
            payload=read_data(payload, "data"),
            gas=read_quantity(given["gas"], "gas") if "gas" in given else None,
            access_list=tuple(
                (
                    read_address(entry["address"], "accessList"),
                    tuple(
                        int.from_bytes(read_hash(slot, "accessList"), "big")
                        for slot in entry["storageKeys"]
                    ),
                )
                for entry in given.get("accessList", [])
            ),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one execution ended."""

    computation: ComputationAPI
    gas_spent: int
    """Before refunds: what the gas limit has to cover."""

    def same_effect(self, other: "Outcome") -> bool:
        """Whether both succeeded with the same output and the same logs."""
        mine, theirs = self.computation, other.computation
        return (
            not mine.is_error
            and not theirs.is_error
            and mine.output == theirs.output
            and mine.get_log_entries() == theirs.get_log_entries()
        )


def execute(state: StateAPI, request: CallRequest, gas: int) -> Outcome:
    """Execute with a gas limit and undo everything.

    Raises RpcError -32000 when the transaction would not even start, e.g. for lack of funds.
    """
    spoofed = _spoofed(state, request, gas)
    balance = state.get_balance(request.sender)  # type: ignore[arg-type]
    if balance < request.value:
        raise refused(
            "insufficient funds for gas * price + value: "
            f"balance {balance}, tx cost {request.value}"
        )
    least = gas_required_min(spoofed)
    if gas < least:
        raise refused(f"intrinsic gas too low: have {gas}, want {least}")
    snapshot = state.snapshot()
    try:
        computation = state.apply_transaction(spoofed)
    except ValidationError as error:
        raise refused(str(error)) from error
    finally:
        state.revert(snapshot)
    spent = gas - computation.get_gas_remaining()
    return Outcome(computation, spent)


def _spoofed(state: StateAPI, request: CallRequest, gas: int) -> Any:
    """An unsigned transaction that names its sender, as py-evm's executor takes it."""
    builder: Any = WalletVM.get_transaction_builder()
    fields: dict[str, Any] = {
        "nonce": state.get_nonce(request.sender),  # type: ignore[arg-type]
        "gas_price": 0,
        "gas": gas,
        "to": request.to,
        "value": request.value,
        "data": request.payload,
    }
    if not request.access_list:
        return SpoofTransaction(builder.create_unsigned_transaction(**fields), from_=request.sender)
    unsigned = builder.new_unsigned_access_list_transaction(
        chain_id=state.execution_context.chain_id, access_list=request.access_list, **fields
    )
    return SpoofTransaction(unsigned, from_=request.sender)


def gas_required_min(transaction: Any) -> int:
    """The least gas limit a transaction may have: intrinsic gas, and EIP-7623's floor for data."""
    zeros = transaction.data.count(0)
    tokens = zeros + (len(transaction.data) - zeros) * STANDARD_TOKEN_COST
    floor = PLAIN_TRANSFER_GAS + int(tokens) * TOTAL_COST_FLOOR_PER_TOKEN
    return max(int(transaction.intrinsic_gas), int(floor))


def call(state: StateAPI, request: CallRequest, gas_max: int) -> str:
    """The output as data.

    Raises RpcError 3 with the revert bytes when the call reverts, -32000 when it fails otherwise.
    """
    gas = gas_max if request.gas is None else min(request.gas, gas_max)
    outcome = execute(state, request, gas)
    _raise_if_failed(outcome)
    return data(outcome.computation.output)


def _raise_if_failed(outcome: Outcome) -> None:
    if not outcome.computation.is_error:
        return
    error = outcome.computation.error
    if isinstance(error, Revert):
        raise RpcError(EXECUTION_REVERTED, "execution reverted", data(outcome.computation.output))
    reason = _GETH_TEXTS.get(type(error), type(error).__name__)
    raise refused(f"{reason}: {error}" if str(error) else reason)


def estimate_gas(state: StateAPI, request: CallRequest, gas_max: int) -> int:
    """A gas limit with which the transaction does what it does with the most gas allowed.

    The same output and logs are asked for, not mere success: a batch that isolates its orders
    succeeds with too little gas too, but its last orders then fail. The answer is at most a few
    percent and the refund above the least such limit. Raises as :func:`call` does.
    """
    most = gas_max if request.gas is None else min(request.gas, gas_max)
    ample = execute(state, request, most)
    _raise_if_failed(ample)
    least = max(ample.gas_spent, gas_required_min(_spoofed(state, request, most)))
    if least == PLAIN_TRANSFER_GAS:
        return least
    with_stipend = least + _CALL_STIPEND_GAS
    for depth in _DEPTHS_TRIED:
        # Rounded up, so that the limit never falls below what was measured.
        tried = -(-with_stipend * 64**depth // 63**depth)
        if tried >= most:
            break
        if ample.same_effect(execute(state, request, tried)):
            return int(tried)
    return most
