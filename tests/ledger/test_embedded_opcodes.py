"""The interpreter does what py-evm's own loop does, on random programs and at every edge."""

import random
from typing import Any

import pytest
from eth.abc import StateAPI
from eth.vm import opcode_values as op
from eth.vm.code_stream import CodeStream
from eth.vm.forks.cancun.transaction_context import CancunTransactionContext
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.message import Message

from tests.ledger.embedded_probe import in_memory
from wallet_chain.ledger.embedded.instructions import PLAIN
from wallet_chain.ledger.embedded.interpreter import FastComputation, Program

PROGRAMS = 3_000
DUPS_AND_SWAPS = range(op.DUP1, op.SWAP16 + 1)
PUSHES = range(op.PUSH1 - 1, op.PUSH32 + 1)
FAST = sorted({*PLAIN, *DUPS_AND_SWAPS, *PUSHES, op.JUMP, op.JUMPI, op.PC})
# Some of the rest, which leave bytes on the stack, views of memory, or memory grown.
OTHERS = [op.CALLER, op.CALLDATASIZE, op.SHA3, op.MSTORE8, op.MCOPY, op.MSIZE, op.BYTE, op.SAR]
OTHERS += [op.RETURNDATASIZE, op.GAS, op.PC, op.CALLDATACOPY, op.ADDRESS, op.SIGNEXTEND, op.SLT]
EDGES = [0, 1, 2, 31, 32, 33, 63, 64, 255, 256, 257, 2**128, 2**255 - 1, 2**255, 2**256 - 1]
CALL_DATA = bytes(range(1, 80))


# Random bytes contain every opcode, those too that py-evm warns about.
pytestmark = pytest.mark.filterwarnings("ignore:SELFDESTRUCT")


@pytest.fixture(scope="module")
def state() -> StateAPI:
    return in_memory().chain.states.next()


def outcome(kind: type[PragueComputation], state: StateAPI, code: bytes, gas: int) -> Any:
    """Everything that an execution leaves behind."""
    message = Message(
        gas=gas, to=b"\x07" * 20, sender=b"\x08" * 20, value=0, data=CALL_DATA, code=code
    )
    context = CancunTransactionContext(gas_price=0, origin=b"\x08" * 20)
    before = state.snapshot()
    ended: Any = kind.apply_computation(state, message, context)
    state.revert(before)
    if ended.is_error and ended.error.burns_gas:
        # All gas and all effects are lost; where and over what it fell does not show.
        assert ended.get_gas_remaining() == 0
        return type(ended.error)
    values = ended._stack.values
    return {
        "error": type(ended.error) if ended.is_error else None,
        "output": bytes(ended.output),
        "gas": ended.get_gas_remaining(),
        "stack": [
            item if isinstance(item, int) else int.from_bytes(item, "big") for item in values
        ],
        "memory": bytes(ended._memory._bytes),
    }


def push(value: int) -> bytes:
    encoded = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
    return bytes([op.PUSH1 + len(encoded) - 1]) + encoded


def program(chance: random.Random) -> bytes:
    code = b""
    for _ in range(chance.randrange(1, 12)):
        code += push(chance.choice(EDGES))
    for _ in range(chance.randrange(1, 60)):
        kind = chance.random()
        if kind < 0.30:
            code += push(chance.choice(EDGES) if kind < 0.2 else chance.randrange(120))
        elif kind < 0.36:
            code += push(chance.randrange(len(code) + 12)) + bytes([op.JUMP])
        elif kind < 0.42:
            condition = push(chance.randrange(2))
            code += condition + push(chance.randrange(len(code) + 12)) + bytes([op.JUMPI])
        elif kind < 0.52:
            code += bytes([op.JUMPDEST])
        elif kind < 0.60:
            code += push(chance.randrange(200)) + bytes([chance.choice([op.MLOAD, op.MSTORE])])
        elif kind < 0.92:
            code += bytes([chance.choice(FAST)])
        else:
            code += push(chance.randrange(64)) * 3 + bytes([chance.choice(OTHERS)])
    return code


def assert_same(state: StateAPI, code: bytes, gas: int) -> Any:
    expected = outcome(PragueComputation, state, code, gas)
    found = outcome(FastComputation, state, code, gas)
    # Of several errors in one run either may be the one that is told.
    both_burn = isinstance(expected, type) and isinstance(found, type)
    assert both_burn or found == expected, (code.hex(), gas)
    return found


def test_random_programs_end_as_under_py_evm(state: StateAPI) -> None:
    chance = random.Random(7)
    ends = []
    for _ in range(PROGRAMS):
        gas = chance.choice([chance.randrange(1, 200), 3_000])
        ends.append(assert_same(state, program(chance), gas))
    names = {end.__name__ for end in ends if isinstance(end, type)}
    assert {"OutOfGas", "InsufficientStack", "InvalidJumpDestination"} <= names
    assert sum(isinstance(end, dict) for end in ends) > PROGRAMS // 20


@pytest.mark.parametrize("opcode", FAST, ids=hex)
def test_each_opcode_agrees_at_its_edges(state: StateAPI, opcode: int) -> None:
    """Every pair of edge values, every short stack, a full stack, and gas short by one."""
    for left in EDGES:
        for right in EDGES:
            assert_same(state, push(right) + push(left) + bytes([opcode]), 10_000)
    for items in range(18):
        assert_same(state, b"\x5f" * items + bytes([opcode]), 10_000)
    for items in (1_022, 1_023, 1_024):
        assert_same(state, b"\x5f" * items + bytes([opcode]), 10_000)
    for gas in range(60, 80):
        assert_same(state, b"\x60\x05" * 20 + bytes([opcode]), gas)
    # A value of an opcode that py-evm leaves on the stack as bytes.
    assert_same(state, bytes([op.CALLER, op.ADDRESS, opcode]), 10_000)
    assert_same(state, bytes([op.ADDRESS]) + push(3) + bytes([opcode]), 10_000)
    assert_same(state, push(3) + bytes([op.ADDRESS, opcode]), 10_000)


def test_jump_destinations_are_those_of_py_evm() -> None:
    chance = random.Random(11)
    for _ in range(200):
        code = bytes(
            chance.choice([op.JUMPDEST, op.PUSH1, op.PUSH32, op.PUSH4, op.ADD]) for _ in range(150)
        )
        stream = CodeStream(code)
        expected = {
            position
            for position, value in enumerate(code)
            if value == op.JUMPDEST and stream.is_valid_opcode(position)
        }
        assert Program(code).landings == expected
