"""An anvil of one's own, for measurements: the native binary that the npm package installs."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from wallet_chain.clock import monotonic_seconds, pause

RICH_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""The first of the keys that every anvil gives money to."""

_NODE_MODULES = Path(__file__).resolve().parent.parent / "node_modules"
_START_SECONDS_MAX = 20


@contextmanager
def anvil(chain_id: int = 20_260, block_seconds: int = 0) -> Iterator[str]:
    """The URL of a fresh anvil on a free port. Raises RuntimeError where it is not installed.

    It makes a block for every transaction, or one every ``block_seconds``.
    """
    found = sorted(_NODE_MODULES.glob("@foundry-rs/anvil-*/bin/anvil"))
    if not found:
        raise RuntimeError("anvil is not installed; `make install` does it")
    # Into a file: nobody reads a pipe meanwhile, and a full one would stop anvil.
    with tempfile.TemporaryFile("w+") as output:
        command = [str(found[0]), "--port", "0", "--chain-id", str(chain_id)]
        if block_seconds:
            command += ["--block-time", str(block_seconds)]
        process = subprocess.Popen(command, stdout=output)
        try:
            yield "http://" + _listening_on(process, output)
        finally:
            process.kill()
            process.wait()


def _listening_on(process: subprocess.Popen[bytes], output: TextIO) -> str:
    deadline = monotonic_seconds() + _START_SECONDS_MAX
    while monotonic_seconds() < deadline and process.poll() is None:
        output.seek(0)
        for line in output:
            if "Listening on" in line and line.endswith("\n"):
                return str(line.split()[-1])
        pause(0.02)
    raise RuntimeError("anvil did not start")
