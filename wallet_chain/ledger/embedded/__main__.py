"""``python -m wallet_chain.ledger.embedded``: a durable chain as a process of its own."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from eth.vm.forks.prague.computation import PragueComputation

from wallet_chain.clock import clock_ahead
from wallet_chain.heap import settle
from wallet_chain.ledger.embedded.chain import DEFAULT_BLOCK_GAS_LIMIT, EmbeddedChain
from wallet_chain.ledger.embedded.evm import WalletState
from wallet_chain.ledger.embedded.server import serve
from wallet_chain.ledger.embedded.sqlite_database import ChainFileError

EXIT_CHAIN_FILE = 3
EXIT_ADDRESS_TAKEN = 4


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m wallet_chain.ledger.embedded")
    parser.add_argument("--path", type=Path, required=True, help="the chain file, made if missing")
    parser.add_argument("--chain-id", type=int, required=True)
    parser.add_argument("--funder", required=True, help="the address that block 0 funds")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--port-file", type=Path, help="where to write the port when ready")
    parser.add_argument("--block-gas-limit", type=int, default=DEFAULT_BLOCK_GAS_LIMIT)
    parser.add_argument("--days-ahead", type=int, default=0, help="live in the future")
    parser.add_argument(
        "--plain-evm", action="store_true", help="execute all code by py-evm's own loop"
    )
    parser.add_argument("--dev", action="store_true", help="allow evm_snapshot and the like")
    parser.add_argument(
        "--exit-with-parent",
        action="store_true",
        help="exit when standard input ends; the parent keeps a pipe to it open",
    )
    return parser.parse_args(argv)


def _stop_at_end_of_input(stopping: threading.Event) -> None:
    """The kernel closes a dead parent's end of the pipe, however the parent died."""
    # Not through Python's buffer: its lock, held here, would abort the process on its way out.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stopping.set()


def write_atomically(path: Path, text: str) -> None:
    """Let ``path`` hold ``text`` all at once, so that a reader never sees a part of it."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.replace(path)


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal or the parent's death; answers with the exit code."""
    arguments = _arguments(argv)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if arguments.exit_with_parent:
        threading.Thread(target=_stop_at_end_of_input, args=(stopping,), daemon=True).start()
    if arguments.plain_evm:
        WalletState.computation_class = PragueComputation
    try:
        chain = EmbeddedChain.open(
            arguments.path,
            chain_id=arguments.chain_id,
            funder=arguments.funder,
            clock=clock_ahead(arguments.days_ahead),
            block_gas_limit=arguments.block_gas_limit,
            dev_methods=arguments.dev,
        )
    except ChainFileError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CHAIN_FILE
    with chain:
        try:
            server = serve(chain, arguments.host, arguments.port)
        except OSError as error:
            sys.stderr.write(f"{arguments.host}:{arguments.port}: {error.strerror}\n")
            return EXIT_ADDRESS_TAKEN
        settle()
        with server:
            if arguments.port_file is not None:
                write_atomically(arguments.port_file, f"{server.port}\n")
            stopping.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
