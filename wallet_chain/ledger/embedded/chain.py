"""The embedded chain: one object that behaves like a node with a mempool and a JSON-RPC surface."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from eth.abc import SignedTransactionAPI
from eth_hash.auto import keccak
from eth_tester import EthereumTester
from eth_utils.exceptions import ValidationError

from wallet_chain.clock import Clock
from wallet_chain.ledger.embedded import admission
from wallet_chain.ledger.embedded.blocks import BlockReader
from wallet_chain.ledger.embedded.database import ChainDatabase, MemoryDatabase
from wallet_chain.ledger.embedded.evm import (
    EmbeddedBackend,
    EvmChain,
    chain_class,
    write_genesis,
)
from wallet_chain.ledger.embedded.methods import METHODS
from wallet_chain.ledger.embedded.pool import GapPool
from wallet_chain.ledger.embedded.recent import NotRecentError
from wallet_chain.ledger.embedded.rpc_error import METHOD_NOT_FOUND, RpcError, refused
from wallet_chain.ledger.embedded.snapshots import Snapshots
from wallet_chain.ledger.embedded.sqlite_database import (
    ChainFileMismatchError,
    GenesisFacts,
    SqliteDatabase,
)
from wallet_chain.ledger.embedded.states import StateReader

DEFAULT_BLOCK_GAS_LIMIT = 200_000_000


class EmbeddedChain:
    """A chain with one block producer: this object. Safe to call from several threads.

    Every accepted transaction is mined at once in a block of its own, so a sender's answer to
    ``eth_sendRawTransaction`` comes after the block is stored. One with a nonce ahead of its
    sender's waits in memory. Transactions need no fee: ``gasPrice`` 0, or ``maxFeePerGas`` 0.
    """

    def __init__(
        self, database: ChainDatabase, evm: EvmChain, clock: Clock, *, dev_methods: bool
    ) -> None:
        """Use :meth:`in_memory` or :meth:`open`."""
        self._lock = threading.RLock()
        self._clock = clock
        self._clock_offset_seconds = 0
        self._evm = evm
        evm.clock = self.now
        self.database = database
        self.dev_methods = dev_methods
        self.tester = EthereumTester(EmbeddedBackend(evm), auto_mine_transactions=True)
        self.blocks = BlockReader(evm)
        self.states = StateReader(evm, self.blocks, self.now)
        self.pool = GapPool()
        self._snapshots = Snapshots(evm, database, self.blocks)

    @classmethod
    def in_memory(
        cls,
        *,
        chain_id: int,
        funder: str,
        clock: Clock,
        block_gas_limit: int = DEFAULT_BLOCK_GAS_LIMIT,
    ) -> Self:
        """A chain for tests, gone with the process. ``clock`` gives Unix seconds.

        Block 0 gives ``funder``, an address in hexadecimal, 10**30 wei. The development methods
        (``evm_snapshot`` and so on) are on.
        """
        database = MemoryDatabase()
        facts = GenesisFacts(chain_id, _address(funder), block_gas_limit, clock())
        return cls(database, write_genesis(database, facts, clock), clock, dev_methods=True)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        chain_id: int,
        funder: str,
        clock: Clock,
        block_gas_limit: int = DEFAULT_BLOCK_GAS_LIMIT,
        dev_methods: bool = False,
    ) -> Self:
        """Open the chain in a file, or create it there.

        ``block_gas_limit`` counts at creation; an existing chain keeps its own. Raises
        ChainFileInUseError when another process has the file open, and ChainFileMismatchError when the
        file holds a chain with another chain id or funder, or no chain.
        """
        database = SqliteDatabase(path)
        try:
            facts = database.genesis()
            if facts is None:
                evm = _create(
                    database,
                    GenesisFacts(chain_id, _address(funder), block_gas_limit, clock()),
                    clock,
                )
            else:
                _check_same_chain(path, facts, chain_id, _address(funder))
                evm = chain_class(chain_id, clock)(database)
        except BaseException:
            database.close()
            raise
        return cls(database, evm, clock, dev_methods=dev_methods)

    def handle(self, method: str, params: Any) -> Any:
        """Answer one JSON-RPC method with a value ready for JSON; raises RpcError.

        ``params`` is the list of positional parameters.
        """
        answer = METHODS.get(method)
        if answer is None or (answer.dev_only and not self.dev_methods):
            raise RpcError(METHOD_NOT_FOUND, f"the method {method} does not exist/is not available")
        arguments = answer.arguments(params)
        if answer.reads_blocks:
            try:
                # Whoever follows the chain reads a block while the next one is executed.
                return answer.run(self._evm.recent, *arguments)
            except NotRecentError:
                pass
        with self._lock:
            try:
                return answer.run(self, *arguments)
            except RpcError:
                raise
            except BaseException:
                self.states.forget()
                raise

    def close(self) -> None:
        """Finish the request under way, then close the file. Waiting transactions are lost."""
        with self._lock:
            self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def chain_id(self) -> int:
        """EIP-155's chain id."""
        return int(self._evm.chain_id)

    def now(self) -> int:
        """The chain's present: Unix seconds of the clock plus what evm_increaseTime added."""
        return self._clock() + self._clock_offset_seconds

    def send_raw_transaction(self, raw: bytes) -> bytes:
        """Take a signed transaction; answers with its hash.

        It is mined before this returns, or waits for earlier nonces. Raises RpcError -32000 with
        geth's text: ``already known`` exactly when this very transaction was taken before,
        ``nonce too low`` when another one has its nonce.
        """
        with self._lock:
            transaction_hash = keccak(raw)
            if self.pool.get(transaction_hash) or self.blocks.locate(transaction_hash):
                raise refused("already known")
            transaction = admission.decode(raw, self.chain_id)
            state = self.states.next()
            admission.check(transaction, state, self.blocks.head())
            if transaction.nonce > state.get_nonce(transaction.sender):
                self.pool.add(transaction)
            else:
                self._mine(transaction)
                self._mine_waiting(transaction)
            return bytes(transaction.hash)

    def mine_block(self, timestamp: int | None = None) -> None:
        """Mine an empty block, dated ``timestamp`` (Unix seconds) when given and not too early."""
        with self._lock:
            at = self.now() if timestamp is None else timestamp
            self._evm.mine((), max(self.blocks.head().timestamp, at))

    def take_snapshot(self) -> int:
        """Remember the head; answers with the snapshot's number."""
        with self._lock:
            return self._snapshots.take(self._clock_offset_seconds)

    def revert_to_snapshot(self, snapshot_id: int) -> bool:
        """Go back to a snapshot, which is used up; False when there is none of that number."""
        with self._lock:
            snapshot = self._snapshots.revert(snapshot_id)
            if snapshot is None:
                return False
            self._clock_offset_seconds = snapshot.clock_offset_seconds
            self.pool.clear()
            return True

    def increase_time(self, seconds: int) -> int:
        """Move the chain's present forward; answers with the whole offset in seconds."""
        with self._lock:
            self._clock_offset_seconds += seconds
            return self._clock_offset_seconds

    def _mine(self, transaction: SignedTransactionAPI) -> None:
        timestamp = max(self.blocks.head().timestamp, self.now())
        try:
            mined = self._evm.mine((transaction,), timestamp)
        except ValidationError as error:
            raise refused(str(error)) from error
        self.blocks.remember(mined)

    def _mine_waiting(self, mined: SignedTransactionAPI) -> None:
        """Mine what waited for ``mined``; one that is no longer valid is dropped, as by any node."""
        sender, nonce = mined.sender, mined.nonce + 1
        while (waiting := self.pool.take(sender, nonce)) is not None:
            try:
                self._mine(waiting)
            except RpcError:
                return
            nonce += 1


def _create(database: SqliteDatabase, facts: GenesisFacts, clock: Clock) -> EvmChain:
    """Build block 0 in memory and write it at once, so that no half-made chain is ever found."""
    scratch = MemoryDatabase()
    write_genesis(scratch, facts, clock)
    database.create(facts, scratch.entries)
    return chain_class(facts.chain_id, clock)(database)


def _check_same_chain(path: Path, facts: GenesisFacts, chain_id: int, funder: bytes) -> None:
    if facts.chain_id != chain_id:
        raise ChainFileMismatchError(
            f"{path} holds chain {facts.chain_id}, not {chain_id}; "
            "the chain id is fixed when the file is made"
        )
    if facts.funder != funder:
        raise ChainFileMismatchError(
            f"{path} was made with funder 0x{facts.funder.hex()}, not 0x{funder.hex()}"
        )


def _address(text: str) -> bytes:
    """The 20 bytes of a hexadecimal address; raises ValueError otherwise."""
    address = bytes.fromhex(text.removeprefix("0x"))
    if len(address) != 20:
        raise ValueError(f"{text} is not an address of 20 bytes")
    return address
