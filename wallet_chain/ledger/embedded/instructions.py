"""EVM instructions that touch nothing but stack, memory and call data, each as one small function.

They run in place of py-evm's own, which spend most of their time on checks that
:mod:`~wallet_chain.ledger.embedded.interpreter` makes once for a whole run of instructions. What
each does is the Yellow Paper's appendix H.2. The stack holds integers only, its top is at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass

from eth.vm.gas_meter import GasMeter
from eth.vm.memory import Memory
from eth_hash.auto import keccak

WORD = 32
_MASK = 2**256 - 1
_SIGN = 2**255
_GAS_PER_MEMORY_WORD = 3
_GAS_PER_HASHED_WORD = 6
_GAS_PER_COPIED_WORD = 3
_MEMORY_QUADRATIC_DIVISOR = 512


class OpenMemory(Memory):
    """py-evm's memory, whose bytes may be read and written without a call for each."""

    @property
    def content(self) -> bytearray:
        """The bytes as they are now; growing may replace them."""
        return self._bytes


@dataclass(slots=True)
class Machine:
    """What one call frame's instructions work on besides the stack."""

    memory: OpenMemory
    content: bytearray
    """``memory``'s bytes; taken anew whenever somebody else may have let it grow."""
    meter: GasMeter
    call_data: bytes
    call_value: int
    caller: int
    address: int

    def reach(self, start: int, size: int) -> None:
        """Let memory hold ``size`` bytes from ``start``, at the price of Yellow Paper's H.1."""
        if size == 0 or start + size <= len(self.content):
            return
        words, before = (start + size + WORD - 1) // WORD, len(self.content) // WORD
        cost = _GAS_PER_MEMORY_WORD * (words - before)
        cost += words * words // _MEMORY_QUADRATIC_DIVISOR
        cost -= before * before // _MEMORY_QUADRATIC_DIVISOR
        self.meter.consume_gas(cost, "memory")
        self.memory.extend(start, size)
        self.content = self.memory.content


Stack = list[int]
Act = Callable[[Stack, Machine, int], None]
"""An instruction. The last argument is what the code itself says: pushed value, stack position."""


def push(stack: Stack, _: Machine, value: int) -> None:
    """PUSH0 to PUSH32, and PC."""
    stack.append(value)


def dup(stack: Stack, _: Machine, position: int) -> None:
    """DUP1 to DUP16; ``position`` counts from the end, -1 is the top."""
    stack.append(stack[position])


def swap(stack: Stack, _: Machine, position: int) -> None:
    """SWAP1 to SWAP16; ``position`` counts from the end, -2 is the one below the top."""
    stack[-1], stack[position] = stack[position], stack[-1]


def _pop(stack: Stack, _: Machine, __: int) -> None:
    stack.pop()


def _add(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop()
    stack[-1] = (left + stack[-1]) & _MASK


def _mul(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop()
    stack[-1] = (left * stack[-1]) & _MASK


def _sub(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop()
    stack[-1] = (left - stack[-1]) & _MASK


def _div(stack: Stack, _: Machine, __: int) -> None:
    left, right = stack.pop(), stack[-1]
    stack[-1] = left // right if right else 0


def _mod(stack: Stack, _: Machine, __: int) -> None:
    left, right = stack.pop(), stack[-1]
    stack[-1] = left % right if right else 0


def _lt(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop()
    stack[-1] = 1 if left < stack[-1] else 0


def _gt(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop()
    stack[-1] = 1 if left > stack[-1] else 0


def _slt(stack: Stack, _: Machine, __: int) -> None:
    # Flipping the sign bit turns the order of signed numbers into that of unsigned ones.
    left = stack.pop() ^ _SIGN
    stack[-1] = 1 if left < stack[-1] ^ _SIGN else 0


def _sgt(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop() ^ _SIGN
    stack[-1] = 1 if left > stack[-1] ^ _SIGN else 0


def _eq(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop()
    stack[-1] = 1 if left == stack[-1] else 0


def _iszero(stack: Stack, _: Machine, __: int) -> None:
    stack[-1] = 0 if stack[-1] else 1


def _and(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop()
    stack[-1] &= left


def _or(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop()
    stack[-1] |= left


def _xor(stack: Stack, _: Machine, __: int) -> None:
    left = stack.pop()
    stack[-1] ^= left


def _not(stack: Stack, _: Machine, __: int) -> None:
    stack[-1] ^= _MASK


def _byte(stack: Stack, _: Machine, __: int) -> None:
    position = stack.pop()
    stack[-1] = (stack[-1] >> (8 * (31 - position))) & 0xFF if position < WORD else 0


def _shl(stack: Stack, _: Machine, __: int) -> None:
    bits = stack.pop()
    stack[-1] = (stack[-1] << bits) & _MASK if bits < 256 else 0


def _shr(stack: Stack, _: Machine, __: int) -> None:
    bits = stack.pop()
    stack[-1] = stack[-1] >> bits if bits < 256 else 0


def _keccak256(stack: Stack, machine: Machine, _: int) -> None:
    start, size = stack.pop(), stack[-1]
    machine.reach(start, size)
    machine.meter.consume_gas(_GAS_PER_HASHED_WORD * ((size + WORD - 1) // WORD), "KECCAK256")
    hashed = keccak(bytes(machine.content[start : start + size]) if size else b"")
    stack[-1] = int.from_bytes(hashed, "big")


def _address(stack: Stack, machine: Machine, _: int) -> None:
    stack.append(machine.address)


def _caller(stack: Stack, machine: Machine, _: int) -> None:
    stack.append(machine.caller)


def _callvalue(stack: Stack, machine: Machine, _: int) -> None:
    stack.append(machine.call_value)


def _calldataload(stack: Stack, machine: Machine, _: int) -> None:
    start = stack[-1]
    word = machine.call_data[start : start + WORD]
    stack[-1] = int.from_bytes(word, "big") << (8 * (WORD - len(word)))


def _calldatasize(stack: Stack, machine: Machine, _: int) -> None:
    stack.append(len(machine.call_data))


def _calldatacopy(stack: Stack, machine: Machine, _: int) -> None:
    to, start, size = stack.pop(), stack.pop(), stack.pop()
    machine.reach(to, size)
    machine.meter.consume_gas(_GAS_PER_COPIED_WORD * ((size + WORD - 1) // WORD), "CALLDATACOPY")
    if size:
        machine.content[to : to + size] = machine.call_data[start : start + size].ljust(size, b"\0")


def _mload(stack: Stack, machine: Machine, _: int) -> None:
    start = stack[-1]
    machine.reach(start, WORD)
    stack[-1] = int.from_bytes(machine.content[start : start + WORD], "big")


def _mstore(stack: Stack, machine: Machine, _: int) -> None:
    start = stack.pop()
    machine.reach(start, WORD)
    machine.content[start : start + WORD] = stack.pop().to_bytes(WORD, "big")


def _mstore8(stack: Stack, machine: Machine, _: int) -> None:
    start = stack.pop()
    machine.reach(start, 1)
    machine.content[start] = stack.pop() & 0xFF


def _jumpdest(stack: Stack, machine: Machine, _: int) -> None:
    """A place to land; does nothing."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """What it takes from the stack, what it leaves there, and how it is done."""

    takes: int
    leaves: int
    act: Act


PLAIN: dict[int, Instruction] = {
    0x01: Instruction(2, 1, _add),
    0x02: Instruction(2, 1, _mul),
    0x03: Instruction(2, 1, _sub),
    0x04: Instruction(2, 1, _div),
    0x06: Instruction(2, 1, _mod),
    0x10: Instruction(2, 1, _lt),
    0x11: Instruction(2, 1, _gt),
    0x12: Instruction(2, 1, _slt),
    0x13: Instruction(2, 1, _sgt),
    0x14: Instruction(2, 1, _eq),
    0x15: Instruction(1, 1, _iszero),
    0x16: Instruction(2, 1, _and),
    0x17: Instruction(2, 1, _or),
    0x18: Instruction(2, 1, _xor),
    0x19: Instruction(1, 1, _not),
    0x1A: Instruction(2, 1, _byte),
    0x1B: Instruction(2, 1, _shl),
    0x1C: Instruction(2, 1, _shr),
    0x20: Instruction(2, 1, _keccak256),
    0x30: Instruction(0, 1, _address),
    0x33: Instruction(0, 1, _caller),
    0x34: Instruction(0, 1, _callvalue),
    0x35: Instruction(1, 1, _calldataload),
    0x36: Instruction(0, 1, _calldatasize),
    0x37: Instruction(3, 0, _calldatacopy),
    0x50: Instruction(1, 0, _pop),
    0x51: Instruction(1, 1, _mload),
    0x52: Instruction(2, 0, _mstore),
    0x53: Instruction(2, 0, _mstore8),
    0x5B: Instruction(0, 0, _jumpdest),
}
"""By opcode. DUP, SWAP and PUSH, which carry a number, are read by the interpreter."""
