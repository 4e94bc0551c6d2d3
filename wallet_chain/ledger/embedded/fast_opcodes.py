"""The commonest opcodes without py-evm's layers of calls: the same results in half the time.

Each one here handles the ordinary case only. Whatever is unusual (too little gas, too few or too
many stack items, memory that has to grow, a jump to nowhere) goes to py-evm's own opcode, with the
computation still untouched, so every error is py-evm's. A test runs both side by side on random
programs and compares stack, memory, gas, output and error.
"""

# ruff: noqa: SLF001 - py-evm offers no public way to a computation's gas meter, stack and memory.

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from eth.abc import OpcodeAPI
from eth.vm import opcode_values as op

Opcode = Callable[[Any], None]

_UINT256_MAX = 2**256 - 1
_WORD_BYTES = 32
_STACK_MAX = 1024
_from_bytes = int.from_bytes


@lru_cache(maxsize=256)
def jump_destinations(code: bytes) -> frozenset[int]:
    """The positions of ``code`` that a jump may go to: JUMPDEST outside the data of a PUSH."""
    found, position = set(), 0
    while position < len(code):
        opcode = code[position]
        if opcode == op.JUMPDEST:
            found.add(position)
        elif op.PUSH1 <= opcode <= op.PUSH32:
            position += opcode - op.PUSH1 + 1
        position += 1
    return frozenset(found)


def _push(slow: Any, size: int) -> Opcode:
    cost = slow.gas_cost

    def push(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        code = computation.code
        start = code.program_counter
        end = start + size
        if meter.gas_remaining < cost or len(values) >= _STACK_MAX or end > code._length_cache:
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        code.program_counter = end
        values.append(_from_bytes(code._raw_code_bytes[start:end], "big"))

    return push


def _dup(slow: Any, position: int) -> Opcode:
    cost = slow.gas_cost

    def dup(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        if meter.gas_remaining < cost or not position <= len(values) < _STACK_MAX:
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        values.append(values[-position])

    return dup


def _swap(slow: Any, position: int) -> Opcode:
    cost, index = slow.gas_cost, -position - 1

    def swap(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        if meter.gas_remaining < cost or len(values) <= position:
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        values[-1], values[index] = values[index], values[-1]

    return swap


def _binary(slow: Any, combine: Callable[[int, int], int]) -> Opcode:
    """``combine(top, second)`` replaces the two; it has to keep within 256 bits."""
    cost = slow.gas_cost

    def binary(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        if meter.gas_remaining < cost or len(values) < 2:
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        left, right = values.pop(), values[-1]
        if type(left) is bytes:
            left = _from_bytes(left, "big")
        if type(right) is bytes:
            right = _from_bytes(right, "big")
        values[-1] = combine(left, right)

    return binary


def _unary(slow: Any, change: Callable[[int], int]) -> Opcode:
    cost = slow.gas_cost

    def unary(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        if meter.gas_remaining < cost or not values:
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        value = values[-1]
        values[-1] = change(_from_bytes(value, "big") if type(value) is bytes else value)

    return unary


def _pop(slow: Any) -> Opcode:
    cost = slow.gas_cost

    def pop(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        if meter.gas_remaining < cost or not values:
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        del values[-1]

    return pop


def _jumpdest(slow: Any) -> Opcode:
    cost = slow.gas_cost

    def jumpdest(computation: Any) -> None:
        meter = computation._gas_meter
        if meter.gas_remaining < cost:
            slow(computation=computation)
            return
        meter.gas_remaining -= cost

    return jumpdest


def _jump(slow: Any) -> Opcode:
    cost = slow.gas_cost

    def jump(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        code = computation.code
        target = values[-1] if values else -1
        if type(target) is bytes:
            target = _from_bytes(target, "big")
        if meter.gas_remaining < cost or target not in jump_destinations(code._raw_code_bytes):
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        del values[-1]
        code.program_counter = target

    return jump


def _jumpi(slow: Any) -> Opcode:
    cost = slow.gas_cost

    def jumpi(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        if meter.gas_remaining < cost or len(values) < 2:
            slow(computation=computation)
            return
        target, condition = values[-1], values[-2]
        if type(condition) is bytes:
            condition = _from_bytes(condition, "big")
        if condition:
            if type(target) is bytes:
                target = _from_bytes(target, "big")
            code = computation.code
            if target not in jump_destinations(code._raw_code_bytes):
                slow(computation=computation)
                return
            code.program_counter = target
        meter.gas_remaining -= cost
        del values[-2:]

    return jumpi


def _mload(slow: Any) -> Opcode:
    cost = slow.gas_cost

    def mload(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        start = values[-1] if values else None
        memory = computation._memory._bytes
        if (
            type(start) is not int
            or meter.gas_remaining < cost
            or start + _WORD_BYTES > len(memory)
        ):
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        values[-1] = _from_bytes(memory[start : start + _WORD_BYTES], "big")

    return mload


def _mstore(slow: Any) -> Opcode:
    cost = slow.gas_cost

    def mstore(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        if len(values) < 2:
            slow(computation=computation)
            return
        start, value = values[-1], values[-2]
        memory = computation._memory._bytes
        if (
            type(start) is not int
            or meter.gas_remaining < cost
            or start + _WORD_BYTES > len(memory)
        ):
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        del values[-2:]
        memory[start : start + _WORD_BYTES] = (
            value.rjust(_WORD_BYTES, b"\x00")
            if type(value) is bytes
            else value.to_bytes(_WORD_BYTES, "big")
        )

    return mstore


def _calldataload(slow: Any) -> Opcode:
    cost = slow.gas_cost

    def calldataload(computation: Any) -> None:
        meter, values = computation._gas_meter, computation._stack.values
        start = values[-1] if values else None
        if type(start) is not int or meter.gas_remaining < cost:
            slow(computation=computation)
            return
        meter.gas_remaining -= cost
        part = computation.msg.data_as_bytes[start : start + _WORD_BYTES]
        # What lies beyond the end of the data reads as zeros.
        values[-1] = _from_bytes(part, "big") << 8 * (_WORD_BYTES - len(part))

    return calldataload


_BINARY: dict[int, Callable[[int, int], int]] = {
    op.ADD: lambda left, right: (left + right) & _UINT256_MAX,
    op.SUB: lambda left, right: (left - right) & _UINT256_MAX,
    op.MUL: lambda left, right: (left * right) & _UINT256_MAX,
    op.DIV: lambda left, right: left // right if right else 0,
    op.LT: lambda left, right: 1 if left < right else 0,
    op.GT: lambda left, right: 1 if left > right else 0,
    op.EQ: lambda left, right: 1 if left == right else 0,
    op.AND: operator.and_,
    op.OR: operator.or_,
    op.XOR: operator.xor,
    op.SHL: lambda shift, value: (value << shift) & _UINT256_MAX if shift < 256 else 0,
    op.SHR: lambda shift, value: value >> shift if shift < 256 else 0,
}

_UNARY: dict[int, Callable[[int], int]] = {
    op.ISZERO: lambda value: 0 if value else 1,
    op.NOT: lambda value: value ^ _UINT256_MAX,
}

_OTHERS: dict[int, Callable[[Any], Opcode]] = {
    op.POP: _pop,
    op.JUMP: _jump,
    op.JUMPI: _jumpi,
    op.JUMPDEST: _jumpdest,
    op.MLOAD: _mload,
    op.MSTORE: _mstore,
    op.CALLDATALOAD: _calldataload,
}


def with_fast_opcodes(table: dict[int, OpcodeAPI]) -> dict[int, Any]:
    """A copy of py-evm's table of opcodes with those above in place of its own."""
    fast: dict[int, Any] = dict(table)
    fast[op.PUSH0] = _push(table[op.PUSH0], 0)
    for size in range(1, 33):
        fast[op.PUSH1 + size - 1] = _push(table[op.PUSH1 + size - 1], size)
    for position in range(1, 17):
        fast[op.DUP1 + position - 1] = _dup(table[op.DUP1 + position - 1], position)
        fast[op.SWAP1 + position - 1] = _swap(table[op.SWAP1 + position - 1], position)
    for value, combine in _BINARY.items():
        fast[value] = _binary(table[value], combine)
    for value, change in _UNARY.items():
        fast[value] = _unary(table[value], change)
    for value, make in _OTHERS.items():
        fast[value] = make(table[value])
    return fast
