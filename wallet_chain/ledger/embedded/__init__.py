"""A whole chain inside one process: py-evm held by eth-tester, in memory or in one SQLite file.

Each name below is loaded when it is first used: py-evm and web3 take a second to import, and who
only starts the chain's process needs neither.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wallet_chain.ledger.embedded.chain import DEFAULT_BLOCK_GAS_LIMIT, EmbeddedChain
    from wallet_chain.ledger.embedded.process import ChainProcess, ChainProcessError, start_process
    from wallet_chain.ledger.embedded.provider import EmbeddedProvider
    from wallet_chain.ledger.embedded.rpc_error import RpcError
    from wallet_chain.ledger.embedded.server import RpcServer, serve
    from wallet_chain.ledger.embedded.sqlite_database import (
        ChainFileError,
        ChainFileInUseError,
        ChainFileMismatchError,
    )

__all__ = [
    "DEFAULT_BLOCK_GAS_LIMIT",
    "ChainFileError",
    "ChainFileInUseError",
    "ChainFileMismatchError",
    "ChainProcess",
    "ChainProcessError",
    "EmbeddedChain",
    "EmbeddedProvider",
    "RpcError",
    "RpcServer",
    "serve",
    "start_process",
]

_HOMES = {
    "DEFAULT_BLOCK_GAS_LIMIT": "chain",
    "ChainFileError": "sqlite_database",
    "ChainFileInUseError": "sqlite_database",
    "ChainFileMismatchError": "sqlite_database",
    "ChainProcess": "process",
    "ChainProcessError": "process",
    "EmbeddedChain": "chain",
    "EmbeddedProvider": "provider",
    "RpcError": "rpc_error",
    "RpcServer": "server",
    "serve": "server",
    "start_process": "process",
}


def __getattr__(name: str) -> Any:
    """Load one of the names above (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
