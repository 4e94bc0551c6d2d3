"""A real server process for measurements: its own data directory, its own embedded chain."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from wallet_chain.clock import monotonic_seconds, pause

START_SECONDS_MAX = 120.0
COMMAND = Path(sys.executable).parent / "wallet-chain"


@dataclass(frozen=True)
class Served:
    """A running `wallet-chain run`, as anyone would start it."""

    url: str
    admin_key: str
    data_dir: Path
    process: subprocess.Popen[bytes]


@contextmanager
def served(**settings: str) -> Iterator[Served]:
    """Start a server in a temporary directory; ``settings`` are ``WALLET_CHAIN_`` variables."""
    with tempfile.TemporaryDirectory(prefix="wallet-chain-bench-") as folder:
        data_dir = Path(folder) / "data"
        port = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if "WALLET_CHAIN" not in name},
            "WALLET_CHAIN_DATA_DIR": str(data_dir),
            "WALLET_CHAIN_PORT": str(port),
            **{f"WALLET_CHAIN_{name.upper()}": value for name, value in settings.items()},
        }
        log = Path(folder) / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [COMMAND, "run"], env=environment, cwd=folder, stdout=output, stderr=output
            )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, process, log)
            admin_key = subprocess.run(
                [COMMAND, "keys", "create", "--days", "1", "--quiet"],
                env=environment,
                cwd=folder,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
            yield Served(url, admin_key, data_dir, process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server says that it is ready. Raises RuntimeError with its log when it dies."""
    deadline = monotonic_seconds() + START_SECONDS_MAX
    while monotonic_seconds() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/health/ready", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pause(0.1)
        else:
            pause(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text('utf-8', 'replace')}")
