"""Runs EVM code several times as fast as py-evm's own loop, under py-evm's state and gas meter.

Code is cut into straight runs: instructions that nothing can enter or leave in the middle. What a
run takes from the stack, how high the stack gets and what its instructions cost is known
beforehand, so these are checked once, not at every instruction. That is exact: within a run nothing
can tell how much gas is left, and a frame that runs out of gas or stack loses all its gas and all
its effects wherever in the run that happens. Whatever reads or writes state, calls, creates or logs
ends a run and is done by py-evm's own instruction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eth.exceptions import FullStack, InsufficientStack, InvalidJumpDestination, OutOfGas
from eth.vm.code_stream import CodeStream
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES

from wallet_chain.ledger.embedded.instructions import (
    PLAIN,
    Act,
    Machine,
    OpenMemory,
    Stack,
    dup,
    push,
    swap,
)

_STACK_MAX = 1024
_CODES_MAX = 256
_STOP, _JUMP, _JUMPI, _PC, _JUMPDEST = 0x00, 0x56, 0x57, 0x58, 0x5B
_PUSH0, _PUSH32, _DUP1, _DUP16, _SWAP1, _SWAP16 = 0x5F, 0x7F, 0x80, 0x8F, 0x90, 0x9F

_DONE_HERE = (
    *PLAIN,
    _JUMP,
    _JUMPI,
    _PC,
    *range(_PUSH0, _PUSH32 + 1),
    *range(_DUP1, _DUP16 + 1),
    *range(_SWAP1, _SWAP16 + 1),
)
_GAS: dict[int, int] = {
    byte: PRAGUE_OPCODES[byte].gas_cost  # type: ignore[attr-defined]
    for byte in _DONE_HERE
}


@dataclass(frozen=True, slots=True)
class Run:
    """Instructions that are always done together, and what happens after them."""

    steps: tuple[tuple[Act, int], ...]
    takes: int
    """How many items have to be on the stack."""
    grows: int
    """How many more items than at its start the stack holds at most."""
    gas: int
    ends_with: int | None
    """JUMP, JUMPI or an instruction of py-evm; None where the next run just follows."""
    next: int
    """Position of the instruction after the last."""


class Program:
    """A piece of code with its runs, each found when it is first reached."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        self.landings = frozenset(_landings(code))
        self.runs: dict[int, Run] = {}

    def run_at(self, position: int) -> Run:
        """The run that begins at this position of the code."""
        found = self.runs.get(position)
        if found is None:
            found = self.runs[position] = self._read(position)
        return found

    def _read(self, position: int) -> Run:
        steps: list[tuple[Act, int]] = []
        takes = height = grows = gas = 0
        begin = position
        while True:
            byte = self.code[position] if position < len(self.code) else _STOP
            if byte == _JUMPDEST and position > begin:
                return Run(tuple(steps), takes, grows, gas, None, position)
            if byte in (_JUMP, _JUMPI):
                takes = max(takes, (1 if byte == _JUMP else 2) - height)
                return Run(tuple(steps), takes, grows, gas + _GAS[byte], byte, position + 1)
            plain = _plain(self.code, position, byte)
            if plain is None:
                return Run(tuple(steps), takes, grows, gas, byte, position + 1)
            steps.append((plain.act, plain.operand))
            takes = max(takes, plain.takes - height)
            height += plain.leaves - plain.takes
            grows = max(grows, height)
            gas += _GAS[byte]
            position += plain.length


@dataclass(frozen=True, slots=True)
class _Plain:
    act: Act
    operand: int
    takes: int
    leaves: int
    length: int


def _plain(code: bytes, position: int, byte: int) -> _Plain | None:
    """The instruction at a position; None when it is one that py-evm has to do."""
    if _PUSH0 <= byte <= _PUSH32:
        size = byte - _PUSH0
        # Code that ends too early counts as followed by zeros.
        value = code[position + 1 : position + 1 + size].ljust(size, b"\0")
        return _Plain(push, int.from_bytes(value, "big"), 0, 1, 1 + size)
    if _DUP1 <= byte <= _DUP16:
        depth = byte - _DUP1 + 1
        return _Plain(dup, -depth, depth, depth + 1, 1)
    if _SWAP1 <= byte <= _SWAP16:
        depth = byte - _SWAP1 + 2
        return _Plain(swap, -depth, depth, depth, 1)
    if byte == _PC:
        return _Plain(push, position, 0, 1, 1)
    known = PLAIN.get(byte)
    return _Plain(known.act, 0, known.takes, known.leaves, 1) if known else None


def _landings(code: bytes) -> Iterator[int]:
    """Positions of the JUMPDESTs that are instructions, not data of a PUSH."""
    position = 0
    while position < len(code):
        byte = code[position]
        if byte == _JUMPDEST:
            yield position
        position += 1 + (byte - _PUSH0 if _PUSH0 <= byte <= _PUSH32 else 0)


program_of = lru_cache(maxsize=_CODES_MAX)(Program)
"""The program of a code; the latest ones are kept."""


class FastCode(CodeStream):
    """Does the runs by itself and gives py-evm's loop only the instructions between them."""

    def __init__(self, stack: Stack, machine: Machine, code: bytes) -> None:
        super().__init__(code)
        self._stack = stack
        self._machine = machine

    def __iter__(self) -> Iterator[int]:
        """Every instruction that py-evm has to do. Raises py-evm's VMError."""
        stack, machine, program = self._stack, self._machine, program_of(self._raw_code_bytes)
        meter, runs, position = machine.meter, program.runs, 0
        while True:
            run = runs.get(position) or program.run_at(position)
            _check(run, len(stack), meter.gas_remaining)
            meter.gas_remaining -= run.gas
            for act, operand in run.steps:
                act(stack, machine, operand)
            position = run.next
            if run.ends_with == _JUMPI:
                target = stack.pop()
                if stack.pop():
                    position = _landed(program, target)
            elif run.ends_with == _JUMP:
                position = _landed(program, stack.pop())
            elif run.ends_with is not None:
                self.program_counter = position
                yield run.ends_with
                _take_back(stack, machine)


def _check(run: Run, height: int, gas_remaining: int) -> None:
    """Refuse a run that py-evm would stop somewhere in the middle."""
    if height < run.takes:
        raise InsufficientStack(f"needs {run.takes} stack items, has {height}")
    if height + run.grows > _STACK_MAX:
        raise FullStack("Stack limit reached")
    if run.gas > gas_remaining:
        raise OutOfGas(f"needs {run.gas} gas, has {gas_remaining}")


def _landed(program: Program, target: int) -> int:
    if target not in program.landings:
        raise InvalidJumpDestination(f"no JUMPDEST at {target}")
    return target


def _take_back(stack: Any, machine: Machine) -> None:
    """After an instruction of py-evm: it may have pushed bytes, and let memory grow."""
    if stack and type(stack[-1]) is not int:
        stack[-1] = int.from_bytes(stack[-1], "big")
    machine.content = machine.memory.content


class FastComputation(PragueComputation):
    """py-evm's Prague with the loop above."""

    def __init__(self, state: Any, message: Any, transaction_context: Any) -> None:
        super().__init__(state, message, transaction_context)
        memory = OpenMemory()
        self._memory = memory
        machine = Machine(
            memory=memory,
            content=memory.content,
            meter=self._gas_meter,  # type: ignore[arg-type]
            call_data=message.data_as_bytes,
            call_value=message.value,
            caller=int.from_bytes(message.sender, "big"),
            address=int.from_bytes(message.storage_address, "big"),
        )
        self.code = FastCode(self._stack.values, machine, message.code)  # type: ignore[attr-defined]
