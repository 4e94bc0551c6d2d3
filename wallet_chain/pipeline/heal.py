"""A halted lane brought back: what the chain has seen of it is found there and written down.

An operator's command. A lane halts when the chain has seen transactions with its key that are not
stored here: the database is an older backup, or somebody else uses the key. In the second case
replace the key; this is for the first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from wallet_chain.errors import ChainRefused, ChainStateLost, NotFound, NotReady
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.hashing import checksum_address, from_hex
from wallet_chain.ledger.roots import encode_transaction
from wallet_chain.ledger.rpc import Rpc, transaction_count
from wallet_chain.pipeline.blocks import Block, fetch_blocks, sender_of
from wallet_chain.pipeline.finish import OPEN_STATES, end_operations, refusal_json
from wallet_chain.pipeline.index import Indexer
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, Operation, Transaction, TransactionOperation

_BLOCKS_AT_A_TIME = 32

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Healed:
    """What was done to a lane."""

    adopted: int
    """Transactions that were found on chain and written down."""
    replaced: int
    """Stored transactions whose nonce another one has; what they carried is tried again."""
    ended: int
    """Role calls that turned out to be done."""
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


def heal_lane(
    store: Store,
    rpc: Rpc,
    contracts: Contracts,
    indexer: Indexer,
    address: str,
    progress: Progress,
) -> Healed:
    """Write down the lane's transactions that only the chain knows, and let it work again.

    Signed orders among them have ended by their events already; a role call is found by its
    calldata. Raises NotFound for an unknown lane, NotReady until all blocks are indexed, and
    ChainStateLost when the chain does not show what it has counted.
    """
    cursor = indexer.cursor()
    if cursor is None or indexer.stopped_reason is not None:
        raise NotReady("Bring the index up to the chain's head first; then heal the lane.")
    count = transaction_count(rpc, address, hex(cursor.number))
    with store.reading() as session:
        unknown, start = _unknown_nonces(session, address, count)
    found = {}
    if unknown:
        for one in _search(rpc, contracts, address, start, cursor.number, progress):
            nonce = int(one.transaction["nonce"], 16)
            if nonce in unknown:
                found[nonce] = one
    if found.keys() != unknown:
        raise ChainStateLost(
            f"The chain counts {count} transactions of {address}, but some of them are in no block"
            " that the node shows. Let it synchronise, then try again.",
            missing=sorted(unknown - found.keys())[:10],
        )
    with store.transaction() as session:
        return _write(session, address, count, [found[n] for n in sorted(found)])


def _unknown_nonces(session: Session, address: str, count: int) -> tuple[set[int], int]:
    """Nonces that the chain has used and no mined row explains, and the block to search from."""
    lane = session.get(Lane, address)
    if lane is None:
        raise NotFound(f"There is no lane {address}.", address=address)
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


def _write(session: Session, address: str, count: int, found: list[_Found]) -> Healed:
    replaced = sum(_replace(session, address, one) for one in found)
    ended = sum(_adopt(session, address, one) for one in found)
    lane = session.get_one(Lane, address, with_for_update=True)
    lane.next_nonce = max(lane.next_nonce or 0, count)
    if lane.first_nonce is None:
        lane.first_nonce = count
    lane.halted_reason = None
    lane.epoch += 1
    lane.lease_until = 0
    return Healed(len(found), replaced, ended, lane.next_nonce)


def _replace(session: Session, address: str, one: _Found) -> int:
    """Give up a stored transaction whose nonce the chain gave to another one."""
    stored = session.scalars(
        select(Transaction).where(
            Transaction.lane_address == address,
            Transaction.nonce == int(one.transaction["nonce"], 16),
            Transaction.state.in_(("bound", "sent")),
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
