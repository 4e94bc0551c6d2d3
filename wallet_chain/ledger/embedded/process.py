"""Starting the embedded chain as a child process, and waiting until it answers."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from wallet_chain.clock import monotonic_seconds, pause

START_SECONDS_MAX = 30.0
_POLL_SECONDS = 0.02
_STOP_SECONDS_MAX = 30.0


class ChainProcessError(Exception):
    """The child did not start; the message holds what it wrote to standard error."""


@dataclass(frozen=True, slots=True)
class ChainProcess:
    """A running child that serves one chain file. It exits when this process dies."""

    child: "subprocess.Popen[bytes]"
    port: int

    @property
    def url(self) -> str:
        """Where to send JSON-RPC requests."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> int:
        """Let the child finish its request and close the file; answers with its exit code."""
        if self.child.stdin is not None:
            self.child.stdin.close()
        return self.child.wait(_STOP_SECONDS_MAX)

    def kill(self) -> None:
        """End the child at once, as a power cut would."""
        self.child.kill()
        self.child.wait(_STOP_SECONDS_MAX)
        if self.child.stdin is not None:
            self.child.stdin.close()


def start_process(
    path: Path,
    *,
    chain_id: int,
    funder: str,
    port: int = 0,
    fast_evm: bool = True,
    days_ahead: int = 0,
) -> ChainProcess:
    """Serve the chain in ``path`` from a child process, and return when it answers.

    Without ``fast_evm`` all code is executed by py-evm itself. Its blocks are dated ``days_ahead``.
    What the child logs is appended to ``path`` with ``.log`` added to its name.
    Raises ChainProcessError when the child exits instead, e.g. because the file is in use or
    holds another chain, and when it is not ready after 30 seconds.
    """
    log = path.with_name(path.name + ".log")
    # Beside the chain, so that it can be renamed to its lasting name.
    with tempfile.TemporaryDirectory(prefix=".starting-", dir=path.parent) as directory:
        port_file = Path(directory) / "port"
        command = [sys.executable, "-m", "wallet_chain.ledger.embedded"]
        command += ["--path", str(path), "--chain-id", str(chain_id), "--funder", funder]
        command += ["--port", str(port), "--port-file", str(port_file), "--exit-with-parent"]
        command += ["--days-ahead", str(days_ahead)]
        command += [] if fast_evm else ["--plain-evm"]
        with log.open("ab") as stderr:
            logged_before_bytes = stderr.tell()
            child = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr
            )
        deadline = monotonic_seconds() + START_SECONDS_MAX
        while not port_file.exists():
            if child.poll() is not None:
                logged = log.read_bytes()[logged_before_bytes:]
                raise ChainProcessError(logged.decode(errors="replace").strip())
            if monotonic_seconds() > deadline:
                child.kill()
                child.wait()
                raise ChainProcessError(f"not ready after {START_SECONDS_MAX:.0f} seconds")
            pause(_POLL_SECONDS)
        port_file.replace(port_path(path))
        return ChainProcess(child, int(port_path(path).read_text()))


def port_path(path: Path) -> Path:
    """Where the port of the process that last served a chain file is noted.

    Others on the machine find a running chain by it. It stays when the process ends, so whatever
    answers there has to be asked whether it is that chain.
    """
    return path.with_name(path.name + ".port")
