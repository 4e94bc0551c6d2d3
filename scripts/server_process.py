"""A real `wallet-chain run` in a process of its own, for measurements and for tests that kill it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from wallet_chain.clock import monotonic_seconds, pause

START_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 60.0
COMMAND = Path(sys.executable).parent / "wallet-chain"


class ServerProcess:
    """One data directory below ``folder``, and the server that is or is not running on it."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """Nothing starts yet; ``settings`` are ``WALLET_CHAIN_`` variables, in lower case."""
        self.folder = folder
        self.data_dir = folder / "data"
        self.port = int(settings.setdefault("port", str(free_port())))
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if "WALLET_CHAIN" not in name},
            "WALLET_CHAIN_DATA_DIR": str(self.data_dir),
            **{f"WALLET_CHAIN_{name.upper()}": value for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._chain: subprocess.Popen[bytes] | None = None
        self._chain_port = 0

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """The process. Raises RuntimeError when none was started."""
        if self._process is None:
            raise RuntimeError("the server was not started")
        return self._process

    def start(self, *options: str, until: str = "/health/ready") -> float:
        """Start it and wait until it answers; gives the seconds that took.

        Raises RuntimeError with what it said when it ends instead.
        """
        started = monotonic_seconds()
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [COMMAND, "run", *options],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        while monotonic_seconds() < started + START_SECONDS_MAX:
            if self._process.poll() is not None:
                break
            if _answers(self.url + until):
                return monotonic_seconds() - started
            pause(0.05)
        raise RuntimeError(f"the server did not start:\n{self.said()}")

    def start_chain(self) -> None:
        """Run the data directory's chain by itself; the server then uses it as any other node."""
        if self._chain_port == 0:
            self._chain_port = free_port()
            self.environment["WALLET_CHAIN_CHAIN"] = "rpc"
            self.environment["WALLET_CHAIN_RPC_URL"] = f"http://127.0.0.1:{self._chain_port}"
        with self.log.open("ab") as output:
            self._chain = subprocess.Popen(
                [COMMAND, "chain", "--port", str(self._chain_port)],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        deadline = monotonic_seconds() + START_SECONDS_MAX
        while not _listens(self._chain_port):
            if self._chain.poll() is not None or monotonic_seconds() > deadline:
                raise RuntimeError(f"the chain did not start:\n{self.said()}")
            pause(0.05)

    def kill_chain(self) -> None:
        """Kill -9 the chain that runs by itself, and wait until nothing answers there any more."""
        assert self._chain is not None
        self._chain.kill()
        self._chain.wait(STOP_SECONDS_MAX)
        while _listens(self._chain_port):
            pause(0.02)

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does, and give its exit code."""
        self.running.send_signal(signal.SIGTERM)
        try:
            return self.running.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill(whole_group=True)
            raise

    def kill(self, *, whole_group: bool = False) -> None:
        """Kill -9: the server alone, or with its embedded chain in the same instant."""
        if whole_group and self._chain is not None:
            self.kill_chain()
        if self._process is None or self._process.poll() is not None:
            return
        if whole_group:
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait(STOP_SECONDS_MAX)

    def said(self) -> str:
        """Everything that it has printed so far."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def wait_for_line(self, text: str) -> None:
        """Return once it has printed this. Raises RuntimeError when it ends before it does."""
        deadline = monotonic_seconds() + START_SECONDS_MAX
        while text not in self.said():
            if self.running.poll() is not None or monotonic_seconds() > deadline:
                raise RuntimeError(f"the server did not say {text!r}:\n{self.said()}")
            pause(0.05)

    def command(
        self, *arguments: str, seconds_max: float = START_SECONDS_MAX
    ) -> subprocess.CompletedProcess[str]:
        """Another `wallet-chain` command on the same data directory."""
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds_max,
            check=False,
        )

    def admin_key(self) -> str:
        """An administrator's API key, made as an operator would make one."""
        made = self.command("keys", "create", "--days", "1")
        if made.returncode:
            raise RuntimeError(f"no key was made:\n{made.stderr}")
        return made.stdout.strip()


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
