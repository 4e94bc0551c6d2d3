"""Real chains for tests: the embedded one in this process, and anvil as a process of its own."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from wallet_chain.clock import monotonic_seconds, pause
from wallet_chain.ledger.embedded import EmbeddedChain
from wallet_chain.ledger.rpc import InProcessConnection, NodeConnection, Rpc
from wallet_chain.ledger.transactions import LocalSigner

CHAIN_ID = 20_260
START = 1_800_000_000
FUNDER = LocalSigner(bytes.fromhex("11" * 32))

CHAINS = ["embedded", pytest.param("anvil", marks=pytest.mark.anvil)]

_NODE_MODULES = Path(__file__).parent.parent / "node_modules"


def anvil_binary() -> Path:
    """The native binary that the npm package installs; its wrapper hides exit codes."""
    found = sorted(_NODE_MODULES.glob("@foundry-rs/anvil-*/bin/anvil"))
    if not found:
        pytest.skip("anvil is not installed; `make install` does it where npm has a build")
    return found[0]


@contextmanager
def anvil(*options: str) -> Iterator[NodeConnection]:
    """A fresh anvil on a port of its own choice; ``options`` are its command line's."""
    command = [str(anvil_binary()), "--port", "0", "--chain-id", str(CHAIN_ID), *options]
    # Into a file: nobody reads a pipe while the test runs, and a full one would stop anvil.
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output)
        try:
            with NodeConnection(f"http://{_listening_on(output)}") as rpc:
                yield rpc
        finally:
            process.kill()
            process.wait()


def _listening_on(output: TextIO) -> str:
    deadline = monotonic_seconds() + 20
    while True:
        output.seek(0)
        for line in output:
            if "Listening on" in line and line.endswith("\n"):
                return line.split()[-1]
        assert monotonic_seconds() < deadline, "anvil did not start"
        pause(0.02)


def embedded(clock: object = None) -> InProcessConnection:
    """A fresh embedded chain in memory, its time standing at ``START`` unless a clock is given."""
    present = clock if callable(clock) else lambda: START
    return InProcessConnection(
        EmbeddedChain.in_memory(chain_id=CHAIN_ID, funder=FUNDER.address, clock=present)
    )


@contextmanager
def chain_of(kind: str) -> Iterator[Rpc]:
    """A fresh chain by name, with ``FUNDER`` funded."""
    if kind == "embedded":
        yield embedded()
        return
    with anvil() as rpc:
        rpc.call("anvil_setBalance", [FUNDER.address, hex(10**24)])
        yield rpc
