"""Where the benchmarks run: a server on the chain and the database that were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.anvil_process import RICH_KEY, anvil
from scripts.server_process import ServerProcess

CHAINS = ("eth-tester", "anvil")
STORES = ("sqlite", "postgresql")


@contextmanager
def bench_server(
    chain: str, store: str = "sqlite", block_seconds: int = 0
) -> Iterator[tuple[ServerProcess, str]]:
    """A server that answers, and the URL of its node; empty on the embedded chain.

    ``chain`` is ``eth-tester`` for the embedded chain, which is made of it, or ``anvil``, which makes
    a block for every transaction or one every ``block_seconds``.
    """
    with TemporaryDirectory(prefix="wallet-chain-bench-") as name, database(store, name) as url:
        settings = {"database_url": url} if url else {}
        if chain == "anvil":
            with anvil(block_seconds=block_seconds) as node:
                settings |= {"chain": "rpc", "rpc_url": node, "funder_key": RICH_KEY}
                settings |= {"poll_seconds": "0.02"}
                with _running(ServerProcess(Path(name), **settings)) as server:
                    yield server, node
        else:
            with _running(ServerProcess(Path(name), **settings)) as server:
                yield server, ""


@contextmanager
def _running(server: ServerProcess) -> Iterator[ServerProcess]:
    try:
        server.start()
        yield server
    finally:
        server.kill(whole_group=True)


@contextmanager
def database(store: str, folder: str) -> Iterator[str]:
    """The URL of an empty database; empty for the server's own SQLite file."""
    if store == "sqlite":
        yield ""
        return
    # As it comes: every commit is on disk before it is answered. The package has no types.
    postgres = import_module("pgserver").get_server(f"{folder}/postgresql", cleanup_mode="stop")
    with postgres:
        yield str(postgres.get_uri()).replace("postgresql://", "postgresql+psycopg://")
