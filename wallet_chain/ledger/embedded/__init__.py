"""A whole chain inside one process: py-evm held by eth-tester, in memory or in one SQLite file."""

from wallet_chain.ledger.embedded.chain import DEFAULT_BLOCK_GAS_LIMIT, EmbeddedChain
from wallet_chain.ledger.embedded.provider import EmbeddedProvider
from wallet_chain.ledger.embedded.rpc_error import RpcError
from wallet_chain.ledger.embedded.sqlite_database import (
    ChainFileError,
    ChainFileInUse,
    ChainFileMismatch,
)

__all__ = [
    "DEFAULT_BLOCK_GAS_LIMIT",
    "ChainFileError",
    "ChainFileInUse",
    "ChainFileMismatch",
    "EmbeddedChain",
    "EmbeddedProvider",
    "RpcError",
]
