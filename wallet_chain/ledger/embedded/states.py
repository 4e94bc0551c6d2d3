"""The state that a read or a simulated call runs on."""

from typing import Any

from eth.abc import BlockHeaderAPI, StateAPI
from eth.vm.chain_context import ChainContext
from lru import LRU

from wallet_chain.clock import Clock
from wallet_chain.ledger.embedded.blocks import PENDING_TAGS, BlockReader
from wallet_chain.ledger.embedded.evm import EvmChain, WalletState, WalletVM, header_on

_CACHED_STATES_MAX = 4


class StateReader:
    """Opens states by block parameter and keeps the newest ones, with the trie nodes they read.

    Whoever simulates on such a state has to revert it; after an unforeseen error
    :meth:`forget` throws the kept states away, so that none survives half-changed.
    """

    def __init__(self, chain: EvmChain, blocks: BlockReader, clock: Clock) -> None:
        self._chain = chain
        self._blocks = blocks
        self._clock = clock
        self._states: LRU[tuple[bytes, bool], StateAPI] = LRU(_CACHED_STATES_MAX)

    def at(self, tag: Any) -> StateAPI:
        """The state a block parameter names; raises RpcError -32000 for an unknown block.

        For ``latest`` and ``pending`` it is the head's state seen from the block to come: number
        head + 1, and the timestamp that a transaction sent now would get. For any other
        parameter it is that block's state with its own number and timestamp.
        """
        if tag is None or (isinstance(tag, str) and tag in PENDING_TAGS):
            return self.next()
        header = self._blocks.require_header(tag)
        return self._open((header.hash, False), header)

    def next(self) -> StateAPI:
        """The head's state, seen from a block mined now."""
        head = self._blocks.head()
        header = header_on(head, timestamp=max(head.timestamp, self._clock()))
        state = self._open((head.hash, True), header)
        if state.timestamp != header.timestamp:
            state.execution_context = self._context(header)
        return state

    def forget(self) -> None:
        """Drop every kept state."""
        self._states.clear()

    def _context(self, header: BlockHeaderAPI) -> Any:
        previous = WalletVM.get_prev_hashes(header.parent_hash, self._chain.chaindb)
        return WalletVM.create_execution_context(
            header, previous or (), ChainContext(self._chain.chain_id)
        )

    def _open(self, key: tuple[bytes, bool], header: BlockHeaderAPI) -> StateAPI:
        state = self._states.get(key)
        if state is None:
            state = WalletState(self._chain.chaindb.db, self._context(header), header.state_root)
            self._states[key] = state
        return state
