"""A server of a story's own, in a folder of its own, which can wake up on another day."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from wallet_chain.cli.client import Refused
from wallet_chain.cli.demo_keys import DemoKeys
from wallet_chain.clock import monotonic_seconds, pause

START_SECONDS_MAX = 300
_LOOK_SECONDS = 0.2
_ANSWER_SECONDS_MAX = 5


class OwnServer:
    """`wallet-chain run --demo` as a process, with the embedded chain and nobody else's data."""

    def __init__(self, folder: Path) -> None:
        """Nothing starts yet; everything is kept in ``folder``."""
        self.data_dir = folder / "data"
        self.log = folder / "server.log"
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, days_ahead: int = 0) -> DemoKeys:
        """Start it and wait until its demonstration is complete; gives the demonstration's keys.

        Raises Refused with what it said when it ends instead.
        """
        settings = {"DATA_DIR": str(self.data_dir), "DAYS_AHEAD": str(days_ahead)}
        ours = {f"WALLET_CHAIN_{name}": value for name, value in settings.items()}
        others = {name: value for name, value in os.environ.items() if "WALLET_CHAIN" not in name}
        command = [sys.executable, "-m", "wallet_chain.cli.main", "run", "--demo"]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [*command, "--port", str(self._port)],
                env=others | ours,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.log.parent,
            )
        deadline = monotonic_seconds() + START_SECONDS_MAX
        while self._process.poll() is None and monotonic_seconds() < deadline:
            keys = DemoKeys.load(self.data_dir)
            if keys.complete and self._answers():
                return keys
            pause(_LOOK_SECONDS)
        said = self.log.read_text("utf-8", "replace").strip().splitlines()[-20:]
        raise Refused("not_started", "The story's server did not start:\n" + "\n".join(said), 0, {})

    def stop(self) -> None:
        """Let it finish what it does; its data stays."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(START_SECONDS_MAX)

    def wake_up_later(self, days: int) -> DemoKeys:
        """The same bank, so many days ahead of today."""
        self.stop()
        return self.start(days)

    def _answers(self) -> bool:
        try:
            answer = httpx.get(f"{self.url}/health/ready", timeout=_ANSWER_SECONDS_MAX)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A server that has not started, in a folder that goes away with it."""
    with TemporaryDirectory(prefix="wallet-chain-story-") as folder:
        server = OwnServer(Path(folder))
        try:
            yield server
        finally:
            server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
