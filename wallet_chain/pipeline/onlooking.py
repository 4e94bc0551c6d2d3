"""Looking at the chain without writing: for a process that accepts what others bring to the chain."""

from sqlalchemy import select

from wallet_chain.clock import Clock
from wallet_chain.ledger.rpc import Rpc
from wallet_chain.pipeline.blocks import head_of
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import ChainCursor


class Onlooker:
    """Compares the node's last block with the tables that the workers write."""

    def __init__(self, store: Store, rpc: Rpc, finality_blocks: int, clock: Clock) -> None:
        self._store = store
        self._rpc = rpc
        self._finality_blocks = finality_blocks
        self._clock = clock
        self._waiting_for: tuple[int, int] | None = None
        self.caught_up_at: int | None = None
        """The last moment (Unix seconds) of which everything that the chain knew is in the tables;
        while the node is silent, or while nobody indexes, it stays behind."""
        self.head_number: int | None = None
        self.stopped_reason: str | None = None

    def look(self) -> bool:
        """One look; whether the tables have caught up with an earlier one.

        Raises ChainUnavailable, StoreBusy and StoreUnavailable.
        """
        now = self._clock()
        self.head_number = head_of(self._rpc).number
        with self._store.reading() as session:
            cursor = session.scalars(select(ChainCursor)).first()
        self.stopped_reason = None if cursor is None else cursor.stopped_reason
        if self._waiting_for is None:
            self._waiting_for = (self.head_number - self._finality_blocks, now)
        block, at = self._waiting_for
        if cursor is None or cursor.number < block:
            return False
        # The chain goes on meanwhile: what the tables have reached is how it stood at that look.
        self.caught_up_at, self._waiting_for = at, None
        return True
