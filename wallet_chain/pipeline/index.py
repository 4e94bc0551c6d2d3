"""Indexing: blocks are verified, projected and used to end operations.

One transaction writes a block, or several light ones while there is much to catch up with.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update

from wallet_chain.errors import ChainRefused, ChainUnavailable, OrderOutOfGas, WalletError
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.ledger.rpc import Rpc
from wallet_chain.pipeline.blocks import (
    Block,
    Contradiction,
    believed,
    hash_at,
    head_of,
    sender_of,
)
from wallet_chain.pipeline.copying import CURSOR_ID, Copy
from wallet_chain.pipeline.finish import Finished, finish, in_parts, ours_in
from wallet_chain.pipeline.news import Follower, News
from wallet_chain.pipeline.project import project_block
from wallet_chain.pipeline.reading_ahead import Fetched, ReadingAhead
from wallet_chain.pipeline.versions import versions_by_hash
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import ChainCursor, Transaction
from wallet_chain.store.writing import table_of

BLOCKS_AT_A_TIME = 32
EVENTS_TOGETHER_MAX = 1000
"""A transaction that holds this many events is committed, so that others who write come to it."""

BLOCKS_IN_ONE_STEP_ALONE = 256
EVENTS_TOGETHER_ALONE_MAX = 10_000
"""The same where all of the chain is read and nobody else writes: fewer commits, each row written
less often."""

_REASON_LENGTH_MAX = 400
_log = logging.getLogger(__name__)
_cursor = table_of(ChainCursor)
_CURSOR = select(_cursor.c.number, _cursor.c.hash, _cursor.c.stopped_reason).where(
    _cursor.c.id == CURSOR_ID
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last block that is in the tables."""

    number: int
    hash: str
    stopped_reason: str | None


@dataclass(slots=True)
class Progress:
    """What one look at the chain brought."""

    blocks: int = 0
    finished: Finished = field(default_factory=Finished)
    more: bool = False
    """Whether further blocks are there already."""


class Indexer:
    """Follows the chain. One thread at a time."""

    def __init__(
        self,
        store: Store,
        rpc: Rpc,
        contracts: Contracts,
        finality_blocks: int = 0,
        followers: Sequence[Follower] = (),
        blocks_at_a_time: int = BLOCKS_AT_A_TIME,
    ) -> None:
        self._store = store
        self._rpc = rpc
        self._contracts = contracts
        self._finality_blocks = finality_blocks
        self._followers = followers
        self._blocks_at_a_time = blocks_at_a_time
        self._blocks_in_one_step = blocks_at_a_time
        self._events_together = EVENTS_TOGETHER_MAX
        self._reading = ReadingAhead(rpc)
        self.stopped_reason: str | None = None
        """Why nothing more is projected; kept in the cursor's row as soon as there is one."""
        self.behind: str | None = None
        """That the node lacks blocks which are final here; it may be synchronising."""
        self.head_number: int | None = None

    def cursor(self) -> Cursor | None:
        """Where the tables stand; None before the first block."""
        with self._store.reading() as session:
            row = session.execute(_CURSOR).one_or_none()
            return None if row is None else Cursor(*row)

    def index(self) -> Progress:
        """Project the next blocks, if there are any.

        A block that contradicts what is final stops the projection for good: finality is immediate,
        so this is an incident and not a fork to follow. Raises ChainUnavailable, StoreBusy ...
        """
        progress = Progress()
        cursor = self.cursor()
        if cursor is not None:
            self.stopped_reason = cursor.stopped_reason
        if self.stopped_reason is not None:
            return progress
        try:
            last = self._last_final(cursor)
            first = 0 if cursor is None else cursor.number + 1
            end = min(last + 1, first + self._blocks_in_one_step)
            fetched = self._fetched(first, end, last)
            each = (believed(self._contracts.book, *one) for one in fetched)
            for blocks in _together(each, self._events_together):
                self._write(blocks, progress)
            progress.more = end <= last
        except Contradiction as found:
            self._stop(str(found))
        return progress

    def read_all(self, progress: Callable[[int], None]) -> None:
        """Project all there is, while nobody else writes.

        Raises Contradiction where ``index`` would stop for good.
        """
        self._blocks_in_one_step = max(self._blocks_at_a_time, BLOCKS_IN_ONE_STEP_ALONE)
        self._events_together = EVENTS_TOGETHER_ALONE_MAX
        while True:
            step = self.index()
            if self.stopped_reason is not None:
                raise Contradiction(self.stopped_reason)
            cursor = self.cursor()
            progress(-1 if cursor is None else cursor.number)
            if not step.more:
                return

    def resume(self) -> None:
        """Try again after an operator looked into why the projection stopped."""
        with self._store.transaction() as session:
            session.execute(update(_cursor).values(stopped_reason=None))
        self.stopped_reason = None

    def _fetched(self, first: int, end: int, last: int) -> Iterator[Fetched]:
        """The blocks from ``first`` to before ``end``, some at a time."""
        for start in range(first, end, self._blocks_at_a_time):
            stop = min(end, start + self._blocks_at_a_time)
            following = range(stop, min(last + 1, stop + self._blocks_at_a_time))
            yield from self._reading.fetch(range(start, stop), following)

    def _last_final(self, cursor: Cursor | None) -> int:
        """The last block that may be projected; raises Contradiction when ours is gone."""
        head = head_of(self._rpc)
        self.head_number = head.number
        if cursor is None:
            return head.number - self._finality_blocks
        self.behind = None
        if head.number < cursor.number:
            self.behind = (
                f"The node is at block {head.number}; block {cursor.number} was final here. It is"
                " synchronising, or has lost blocks."
            )
            return cursor.number
        last = head.number - self._finality_blocks
        if last > cursor.number:
            # The next block's parent is compared, which says the same.
            return last
        same = head.hash if head.number == cursor.number else hash_at(self._rpc, cursor.number)
        if same != cursor.hash:
            raise Contradiction(
                f"Block {cursor.number} is {same} at the node, but {cursor.hash} was final here."
            )
        return cursor.number

    def _write(self, blocks: Sequence[Block], progress: Progress) -> None:
        """Write these blocks together; where that can't be, one by one up to the one at fault."""
        try:
            self._apply(blocks, progress)
        except WalletError:
            raise
        except Exception:
            if len(blocks) == 1:
                raise
            for block in blocks:
                self._apply([block], progress)

    def _apply(self, blocks: Sequence[Block], progress: Progress) -> None:
        reverts = {key: why for block in blocks for key, why in self._reverts(block).items()}
        written = Progress()
        with self._store.transaction() as session:
            copy = Copy(session)
            ours = ours_in(session, blocks)
            for block in blocks:
                if copy.has(block.number):
                    # Another process was quicker; it wrote what this one would have written.
                    continue
                ended = project_block(copy, block, self._contracts.book.genesis_hash)
                written.blocks += 1
                if not self._followers and ours.is_done_with(block):
                    continue
                copy.flush()
                finished = finish(session, block, ended, reverts, ours)
                written.finished.ended += finished.ended
                written.finished.returned += finished.returned
                for follow in self._followers:
                    follow(
                        session,
                        News(block.time, block.events, finished.ended, finished.mined),
                    )
            copy.flush()
        progress.blocks += written.blocks
        progress.finished.ended += written.finished.ended
        progress.finished.returned += written.finished.returned

    def _reverts(self, block: Block) -> dict[str, WalletError]:
        """Why transactions of ours failed, asked from the chain before the database is locked."""
        failed = {
            receipt["transactionHash"]: position
            for position, receipt in enumerate(block.receipts)
            if int(receipt["status"], 16) != 1
        }
        if not failed:
            return {}
        ours: set[str] = set()
        with self._store.reading() as session:
            for hashes in in_parts(failed):
                known = select(Transaction.hash).where(
                    Transaction.hash.in_(hashes), Transaction.state != "mined"
                )
                ours.update(session.scalars(known))
                ours.update(versions_by_hash(session, hashes))
        return {one: self._reason(block, failed[one]) for one in ours}

    def _reason(self, block: Block, position: int) -> WalletError:
        transaction, receipt = block.transactions[position], block.receipts[position]
        target, calldata = transaction["to"], from_hex(transaction["input"])
        # The state before the block is nearly always that before the transaction.
        for at in (max(block.number - 1, 0), block.number):
            refusal = self._contracts.preflight(sender_of(transaction), target, calldata, block=at)
            if isinstance(refusal, ChainUnavailable):
                raise refusal
            if refusal is not None:
                return refusal
        if int(receipt["gasUsed"], 16) == int(transaction["gas"], 16):
            return OrderOutOfGas("The transaction used up all the gas that it was given.")
        return ChainRefused(
            f"Transaction {transaction['hash']} failed on chain; repeating the call gives no"
            " reason any more.",
            transaction_hash=transaction["hash"],
        )

    def _stop(self, reason: str) -> None:
        self.stopped_reason = reason[:_REASON_LENGTH_MAX]
        _log.critical("indexing has stopped, an operator must look: %s", reason)
        with self._store.transaction() as session:
            session.execute(update(_cursor).values(stopped_reason=self.stopped_reason))


def _together(blocks: Iterable[Block], events_max: int) -> Iterator[list[Block]]:
    """The blocks in groups for one transaction each; those before a fault are a group too."""
    group: list[Block] = []
    events = 0
    try:
        for block in blocks:
            group.append(block)
            events += len(block.events)
            if events >= events_max:
                yield group
                group, events = [], 0
    except (Contradiction, WalletError):
        if group:
            yield group
        raise
    if group:
        yield group
