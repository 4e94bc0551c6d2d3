"""A halted lane brought back: what the chain has seen of it is found there and written down.

An operator's command. A lane halts when the chain has seen transactions with its key that are not
stored here: the database is an older backup, or somebody else uses the key. What an older backup
explains is written down; anything else only when the operator says that he knows it, else the key has to
be replaced. Nonces that the lane has given away and that no stored transaction has are filled, so that
those behind them can be mined. Who did it is kept.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from wallet_chain.clock import Clock
from wallet_chain.errors import (
    ChainRefused,
    ChainStateLost,
    InvalidRequest,
    LaneUseUnknown,
    NotFound,
    NotReady,
)
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.hashing import checksum_address, from_hex
from wallet_chain.ledger.replacing import Contents, emptied, sign_again
from wallet_chain.ledger.roots import encode_transaction
from wallet_chain.ledger.rpc import Rpc, transaction_count
from wallet_chain.pipeline.blocks import Block, fetch_blocks, sender_of
from wallet_chain.pipeline.bound_rows import store_bound
from wallet_chain.pipeline.finish import OPEN_STATES, end_operations, refusal_json
from wallet_chain.pipeline.index import Indexer
from wallet_chain.pipeline.readiness import Signers
from wallet_chain.pipeline.terms import ChainTerms
from wallet_chain.pipeline.versions import UNMINED
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import (
    Lane,
    LaneHealing,
    Operation,
    Transaction,
    TransactionOperation,
)

_BLOCKS_AT_A_TIME = 32
_NAME_LENGTH_MAX = 80
_SHOWN_MAX = 10

Progress = Callable[[str], None]


class Operator(TypedDict):
    """Who heals a lane: his name, and whether he knows transactions that nothing here explains."""

    by: str
    accept_unknown: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class Healed:
    """What was done to a lane."""

    adopted: int
    """Transactions that were found on chain and written down."""
    replaced: int
    """Stored transactions whose nonce another one has; what they carried is tried again."""
    ended: int
    """Role calls that turned out to be done."""
    filled: int
    """Nonces that no transaction had; each is used up by a transfer of nothing."""
    next_nonce: int


@dataclass(frozen=True, slots=True)
class _Found:
    block: Block
    position: int

    @property
    def transaction(self) -> dict[str, Any]:
        return self.block.transactions[self.position]

    @property
    def succeeded(self) -> bool:
        return int(self.block.receipts[self.position]["status"], 16) == 1


@dataclass(frozen=True, slots=True)
class Healer:
    """What it takes to heal a lane."""

    store: Store
    rpc: Rpc
    contracts: Contracts
    signers: Signers
    terms: ChainTerms
    clock: Clock

    def heal(
        self,
        indexer: Indexer,
        address: str,
        progress: Progress,
        *,
        by: str,
        accept_unknown: bool = False,
    ) -> Healed:
        """Write down the lane's transactions that only the chain knows, and let it work again.

        Signed orders among them have ended by their events already; a role call is found by its
        calldata. Raises NotFound for an unknown lane, NotReady until all blocks are indexed,
        ChainStateLost when the chain does not show what it has counted, InvalidRequest without a
        name of who does it, and LaneUseUnknown when transactions are there that nothing explains
        and ``accept_unknown`` is not set.
        """
        if not by.strip() or len(by) > _NAME_LENGTH_MAX:
            raise InvalidRequest(f"Say who heals the lane, in 1 to {_NAME_LENGTH_MAX} characters.")
        cursor = indexer.cursor()
        if cursor is None or cursor.stopped_reason is not None:
            raise NotReady("Bring the index up to the chain's head first; then heal the lane.")
        with self.store.reading() as session:
            if session.get(Lane, address) is None:
                raise NotFound(f"There is no lane {address}.", address=address)
        count = transaction_count(self.rpc, address, hex(cursor.number))
        with self.store.reading() as session:
            unknown, start = _unknown_nonces(session, address, count)
        found = self._find(address, unknown, start, cursor.number, progress)
        if found.keys() != unknown:
            raise ChainStateLost(
                f"The chain counts {count} transactions of {address}, but some of them are in no"
                " block that the node shows. Let it synchronise, then try again.",
                missing=sorted(unknown - found.keys())[:_SHOWN_MAX],
            )
        # The node is asked before the database is locked.
        self.terms.now()
        with self.store.transaction() as session:
            lane = session.get_one(Lane, address, with_for_update=True, populate_existing=True)
            in_order = [found[nonce] for nonce in sorted(found)]
            if not accept_unknown:
                self._require_explained(session, lane, in_order)
            healing = LaneHealing(
                lane_address=address,
                halted_reason=lane.halted_reason,
                healed_by=by.strip(),
                healed_at=self.clock(),
                unknown_accepted=accept_unknown,
            )
            healed = self._write(session, lane, count, in_order)
            healing.adopted, healing.replaced = healed.adopted, healed.replaced
            healing.ended, healing.filled = healed.ended, healed.filled
            session.add(healing)
            return healed

    def _find(
        self, address: str, unknown: set[int], start: int, last: int, progress: Progress
    ) -> dict[int, _Found]:
        found = {}
        if unknown:
            for one in _search(self.rpc, self.contracts, address, start, last, progress):
                nonce = int(one.transaction["nonce"], 16)
                if nonce in unknown:
                    found[nonce] = one
        return found

    def _require_explained(self, session: Session, lane: Lane, found: list[_Found]) -> None:
        unexplained = [one for one in found if not self._is_explained(session, lane, one)]
        if not unexplained:
            return
        raise LaneUseUnknown(
            f"{len(unexplained)} transactions were signed with the key of lane {lane.address}, and"
            " nothing here explains them. If they are known to you, for instance since the database"
            " is an older backup, accept them; else somebody else has the key, and it has to be"
            " replaced.",
            lane=lane.address,
            transactions=[
                {
                    "hash": one.transaction["hash"],
                    "block": one.block.number,
                    "to": one.transaction["to"],
                    "bytes": len(from_hex(one.transaction["input"])),
                }
                for one in unexplained[:_SHOWN_MAX]
            ],
        )

    def _is_explained(self, session: Session, lane: Lane, one: _Found) -> bool:
        """Whether an older backup explains it: orders, which their payers have signed; a call that is
        known here; a filled nonce; money for another lane."""
        transaction = one.transaction
        to = None if transaction["to"] is None else checksum_address(transaction["to"])
        if transaction["input"] == "0x":
            return to == lane.address or lane.purpose == "funder"
        if lane.purpose == "relayer":
            return to == self.contracts.address("Batch")
        return _role_call(session, lane.address, transaction) is not None

    def _write(self, session: Session, lane: Lane, count: int, found: list[_Found]) -> Healed:
        replaced = sum(_replace(session, lane.address, one) for one in found)
        ended = sum(_adopt(session, lane.address, one) for one in found)
        lane.next_nonce = max(lane.next_nonce or 0, count)
        if lane.first_nonce is None:
            lane.first_nonce = count
        # What the node said when the lane was halted counts no longer.
        session.execute(
            update(Transaction)
            .where(Transaction.lane_address == lane.address, Transaction.state.in_(UNMINED))
            .values(answer=None, last_sent_at=None)
            .execution_options(synchronize_session=False)
        )
        filled = self._fill(session, lane.address, count, lane.next_nonce)
        lane.halted_reason = None
        lane.epoch += 1
        lane.lease_until = 0
        session.flush()
        return Healed(len(found), replaced, ended, filled, lane.next_nonce)

    def _fill(self, session: Session, address: str, count: int, next_nonce: int) -> int:
        """Nothing behind a nonce that no transaction has would ever be mined."""
        stored = select(Transaction.nonce).where(
            Transaction.lane_address == address,
            Transaction.nonce >= count,
            Transaction.state != "replaced",
        )
        missing = sorted(set(range(count, next_nonce)) - set(session.scalars(stored)))
        for nonce in missing:
            nothing = Contents(self.contracts.book.chain_id, nonce, None, 0, b"", 0)
            filler = emptied(nothing, address)
            store_bound(
                session,
                lane_address=address,
                nonce=nonce,
                kind="filler",
                signed=sign_again(self.signers(address), filler, self.terms.now().fees),
                operation_ids=(),
                now=self.clock(),
            )
        return len(missing)


def _unknown_nonces(session: Session, address: str, count: int) -> tuple[set[int], int]:
    """Nonces that the chain has used and no mined row explains, and the block to search from."""
    lane = session.get_one(Lane, address)
    first = count if lane.first_nonce is None else lane.first_nonce
    mined = select(Transaction.nonce).where(
        Transaction.lane_address == address, Transaction.state == "mined"
    )
    unknown = set(range(first, count)) - set(session.scalars(mined))
    before = select(func.max(Transaction.block_number)).where(
        Transaction.lane_address == address,
        Transaction.state == "mined",
        Transaction.nonce < min(unknown, default=0),
    )
    return unknown, session.scalar(before) or 0


def _search(
    rpc: Rpc, contracts: Contracts, address: str, start: int, last: int, progress: Progress
) -> Iterator[_Found]:
    for first in range(start, last + 1, _BLOCKS_AT_A_TIME):
        progress(f"Looking for transactions of {address} from block {first} of {last}")
        numbers = range(first, min(first + _BLOCKS_AT_A_TIME, last + 1))
        for block in fetch_blocks(rpc, contracts.book, numbers):
            for position, transaction in enumerate(block.transactions):
                if sender_of(transaction) == address:
                    yield _Found(block, position)


def _replace(session: Session, address: str, one: _Found) -> int:
    """Give up a stored transaction whose nonce the chain gave to another one."""
    stored = session.scalars(
        select(Transaction).where(
            Transaction.lane_address == address,
            Transaction.nonce == int(one.transaction["nonce"], 16),
            Transaction.state.in_(UNMINED),
        )
    ).first()
    if stored is None or stored.hash == one.transaction["hash"]:
        return 0
    stored.state = "replaced"
    carried = select(TransactionOperation.operation_id).where(
        TransactionOperation.transaction_id == stored.id
    )
    session.execute(
        update(Operation)
        .where(Operation.id.in_(carried), Operation.state == "bound")
        .values(state="accepted")
        .execution_options(synchronize_session=False)
    )
    session.flush()
    return 1


def _adopt(session: Session, address: str, one: _Found) -> int:
    """Store a transaction as the chain has it; answers with the role calls that it ended."""
    transaction = one.transaction
    row = Transaction(
        lane_address=address,
        nonce=int(transaction["nonce"], 16),
        kind="adopted",
        raw=encode_transaction(transaction),
        hash=transaction["hash"],
        state="mined",
        bound_at=one.block.time,
        sends=0,
        block_number=one.block.number,
        block_hash=one.block.hash,
        succeeded=one.succeeded,
    )
    session.add(row)
    session.flush()
    operation = _role_call(session, address, transaction)
    if operation is None:
        return 0
    session.add(TransactionOperation(transaction_id=row.id, position=0, operation_id=operation.id))
    session.flush()
    ending: dict[str, Any] = {
        "ended_id": operation.id,
        "state": "settled",
        "transaction_hash": row.hash,
        "block_number": row.block_number,
        "log_index": next(
            (e.log_index for e in one.block.events if e.transaction_index == one.position), None
        ),
    }
    if not one.succeeded:
        refusal = ChainRefused("The transaction failed on chain before this database was restored.")
        ending |= {"state": "rejected", "refusal": refusal_json(refusal)}
    end_operations(session, [ending], one.block.time)
    return 1


def _role_call(session: Session, address: str, transaction: dict[str, Any]) -> Operation | None:
    if transaction["to"] is None:
        return None
    return session.scalars(
        select(Operation)
        .where(
            Operation.lane_address == address,
            Operation.target == checksum_address(transaction["to"]),
            Operation.calldata == from_hex(transaction["input"]),
            Operation.state.in_(OPEN_STATES),
        )
        .order_by(Operation.sequence)
        .limit(1)
    ).first()
