"""How operations end: written only here, in the transaction that writes the block that ends them.

A signed order ends by its event, whoever sent it. A role call ends with its transaction. What a
transaction carried without ending it goes back to ``accepted``: the contract executes an order
once, and a reverted transaction did nothing, so another attempt can do no harm. The same is true when
its nonce was used up by a filler: then it can't be mined any more (see ``versions``).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session, defer

from wallet_chain.errors import ChainRefused, OrderAlreadyUsed, WalletError
from wallet_chain.ledger.revert_facts import RevertContext
from wallet_chain.ledger.reverts import refusal_from_revert
from wallet_chain.pipeline.blocks import Block, sender_of
from wallet_chain.pipeline.lanes import halt
from wallet_chain.pipeline.news import Mined
from wallet_chain.pipeline.order_facts import order_facts
from wallet_chain.pipeline.versions import take_version, versions_by_hash
from wallet_chain.store.tables import (
    ChainOrder,
    Lane,
    Operation,
    Transaction,
    TransactionOperation,
    TransactionVersion,
)
from wallet_chain.store.writing import table_of

OPEN_STATES = ("accepted", "bound")
"""States from which an operation can still end."""

_IDS_AT_A_TIME = 500
_operation = table_of(Operation)
_transaction = table_of(Transaction)
_UNEXPLAINED = ChainRefused("The transaction failed on chain; its reason is not known any more.")
_END = (
    update(_operation)
    .where(
        _operation.c.id == bindparam("ended_id"),
        or_(*(_operation.c.state == state for state in OPEN_STATES)),
    )
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "refusal",
                "transaction_hash",
                "block_number",
                "log_index",
                "finished_at",
            )
        }
    )
)


@dataclass(slots=True)
class Finished:
    """What a block did to operations."""

    ended: list[str] = field(default_factory=list)
    """Ids of the operations that are final now."""
    returned: list[str] = field(default_factory=list)
    """Ids of those that will be tried again."""
    mined: list[Mined] = field(default_factory=list)
    """Our transactions that it has."""


@dataclass(frozen=True, slots=True)
class Ours:
    """What of ours some blocks may touch."""

    transactions: Mapping[str, Transaction]
    """By hash, those of the blocks that this database sent."""
    lanes: Mapping[str, int]
    """Of the lanes that sent others of the blocks' transactions, the first nonce that is ours."""
    any_open: bool
    """Whether any operation can still end."""
    versions: Mapping[str, TransactionVersion] = field(default_factory=dict)
    """By hash, those of the blocks' transactions that are further versions of stored ones."""

    def is_done_with(self, block: Block) -> bool:
        """Whether ``finish`` would change nothing: none of it is ours, or it was told before."""
        return not self.any_open and all(
            self._told_before(block, one) for one in block.transactions
        )

    def _told_before(self, block: Block, transaction: Mapping[str, Any]) -> bool:
        row = self.transactions.get(transaction["hash"])
        if row is None:
            return transaction["hash"] not in self.versions and not self.is_foreign_use(transaction)
        return row.state == "mined" and row.block_hash == block.hash

    def is_foreign_use(self, transaction: Mapping[str, Any]) -> bool:
        """Whether a lane's key signed it and it is not stored here."""
        if transaction["hash"] in self.transactions or transaction["hash"] in self.versions:
            return False
        first_nonce = self.lanes.get(sender_of(transaction))
        return first_nonce is not None and int(transaction["nonce"], 16) >= first_nonce


@dataclass(frozen=True, slots=True)
class _Carried:
    """An operation that is not final, inside a transaction of ours."""

    id: str
    position: int
    order_id: str | None
    calldata: bytes


def ours_in(session: Session, blocks: Sequence[Block]) -> Ours:
    """What of ours these blocks may touch, as it is before any of them is written."""
    found: dict[str, Transaction] = {}
    for hashes in in_parts(one["hash"] for block in blocks for one in block.transactions):
        rows = session.scalars(
            select(Transaction).options(defer(Transaction.raw)).where(Transaction.hash.in_(hashes))
        )
        found |= {row.hash: row for row in rows}
    others = {
        sender_of(one) for block in blocks for one in block.transactions if one["hash"] not in found
    }
    lanes: dict[str, int] = {}
    for addresses in in_parts(others):
        signed = select(Lane.address, Lane.first_nonce).where(
            Lane.address.in_(addresses), Lane.first_nonce.is_not(None)
        )
        lanes |= {address: first or 0 for address, first in session.execute(signed)}
    is_open = select(Operation.id).where(Operation.state.in_(OPEN_STATES)).limit(1)
    return Ours(
        found, lanes, session.scalar(is_open) is not None, _versions(session, blocks, found, lanes)
    )


def _versions(
    session: Session,
    blocks: Sequence[Block],
    found: Mapping[str, Transaction],
    lanes: Mapping[str, int],
) -> dict[str, TransactionVersion]:
    """Further versions among what lanes have signed and no row of their own explains."""
    versions: dict[str, TransactionVersion] = {}
    unexplained = (
        one["hash"]
        for block in blocks
        for one in block.transactions
        if one["hash"] not in found and sender_of(one) in lanes
    )
    for hashes in in_parts(unexplained):
        versions |= versions_by_hash(session, hashes)
    return versions


def finish(
    session: Session,
    block: Block,
    ended_orders: Sequence[Mapping[str, Any]],
    reverts: Mapping[str, WalletError],
    ours: Ours,
) -> Finished:
    """Mark our transactions of the block as mined, and end what it ended.

    The block is in the tables already. ``reverts`` has the reason of each transaction of ours that
    failed, by hash.
    """
    finished = Finished()
    _end_orders(session, block, ended_orders, finished)
    orders = Counter(row["transaction_hash"] for row in ended_orders)
    for position, transaction in enumerate(block.transactions):
        succeeded = int(block.receipts[position]["status"], 16) == 1
        known = ours.transactions.get(transaction["hash"])
        version = ours.versions.get(transaction["hash"])
        if known is not None:
            _mark_mined(session, block, known, succeeded)
        elif version is not None:
            known, first = take_version(session, version, block, succeeded)
            if known.kind == "filler":
                _return(session, _carried_by(session, first.id), finished)
        else:
            continue
        gas = int(block.receipts[position]["gasUsed"], 16)
        finished.mined.append(Mined(known.kind, gas, orders[known.hash]))
        carried = _carried_by(session, known.id)
        if known.kind == "single":
            _end_role_call(session, block, position, carried, reverts, finished)
        elif carried and succeeded:
            _settle_rest(session, block, position, carried, finished)
        elif carried:
            _return(session, carried, finished)
            _halt_without_right(session, known.lane_address, reverts.get(known.hash))
    _halt_foreign_use(session, block, ours)
    return finished


def end_operations(session: Session, ended: Sequence[dict[str, Any]], time: int) -> None:
    """Write terminal states as of a block's time, in Unix seconds.

    Each row gives ``ended_id``, ``state`` and what else is known. What is final already stays.
    """
    if ended:
        blank = {"refusal": None, "transaction_hash": None, "block_number": None, "log_index": None}
        session.connection().execute(_END, [blank | {"finished_at": time} | row for row in ended])


def _end(session: Session, block: Block, ended: list[dict[str, Any]], finished: Finished) -> None:
    end_operations(session, ended, block.time)
    finished.ended.extend(row["ended_id"] for row in ended)


def refusal_json(refusal: WalletError) -> dict[str, Any]:
    """A refusal as it is kept with an operation."""
    return {
        "code": refusal.code,
        "detail": refusal.detail,
        "retryable": refusal.retryable,
        "facts": refusal.facts,
    }


def in_parts(values: Iterable[str]) -> Iterator[list[str]]:
    """The values in lists that are short enough for one statement."""
    everything = list(values)
    for start in range(0, len(everything), _IDS_AT_A_TIME):
        yield everything[start : start + _IDS_AT_A_TIME]


def _mark_mined(session: Session, block: Block, known: Transaction, succeeded: bool) -> None:
    session.execute(
        update(_transaction)
        .where(_transaction.c.id == known.id)
        .values(
            state="mined",
            block_number=block.number,
            block_hash=block.hash,
            succeeded=succeeded,
        )
    )


def _end_orders(
    session: Session, block: Block, rows: Sequence[Mapping[str, Any]], finished: Finished
) -> None:
    by_id = {row["order_id"]: row for row in rows}
    ended = []
    for order_ids in in_parts(by_id):
        statement = select(Operation.id, Operation.order_id, Operation.calldata).where(
            Operation.order_id.in_(order_ids), Operation.state.in_(OPEN_STATES)
        )
        for operation_id, order_id, calldata in session.execute(statement):
            outcome = _outcome(by_id[order_id], calldata)
            if outcome is not None:
                ended.append({"ended_id": operation_id, **outcome})
    _end(session, block, ended, finished)


def _outcome(row: Mapping[str, Any], calldata: bytes) -> dict[str, Any] | None:
    """How an operation ends by the row of its order; None when the row is not about its nonce."""
    refusal = None
    facts = order_facts(calldata)
    if facts is not None and not facts.is_ended_by(row["signer"], row["nonce"]):
        return None
    if row["outcome"] == "rejected":
        context = RevertContext() if facts is None else facts.context
        refusal = refusal_json(refusal_from_revert(row["reason"], context))
    return {
        "state": row["outcome"],
        "refusal": refusal,
        "transaction_hash": row["transaction_hash"],
        "block_number": row["block_number"],
        "log_index": row["log_index"],
    }


def _carried_by(session: Session, transaction_id: int) -> list[_Carried]:
    statement = (
        select(Operation.id, TransactionOperation.position, Operation.order_id, Operation.calldata)
        .join(TransactionOperation, TransactionOperation.operation_id == Operation.id)
        .where(
            TransactionOperation.transaction_id == transaction_id,
            Operation.state.in_(OPEN_STATES),
        )
        .order_by(TransactionOperation.position)
    )
    return [_Carried(*row) for row in session.execute(statement)]


def _end_role_call(
    session: Session,
    block: Block,
    position: int,
    carried: list[_Carried],
    reverts: Mapping[str, WalletError],
    finished: Finished,
) -> None:
    transaction_hash = block.transactions[position]["hash"]
    ending: dict[str, Any] = {
        "transaction_hash": transaction_hash,
        "block_number": block.number,
        "log_index": next(
            (e.log_index for e in block.events if e.transaction_index == position), None
        ),
    }
    if int(block.receipts[position]["status"], 16) == 1:
        ending["state"] = "settled"
    else:
        ending["state"] = "rejected"
        ending["refusal"] = refusal_json(reverts.get(transaction_hash, _UNEXPLAINED))
    _end(session, block, [{"ended_id": one.id, **ending} for one in carried], finished)


def _settle_rest(
    session: Session, block: Block, position: int, carried: list[_Carried], finished: Finished
) -> None:
    """What a batch carried and no event of its block ended: it failed and could not be voided."""
    reasons = {
        event.args["index"]: event.args["reason"]
        for event in block.events
        if event.name == "ItemFailed" and event.transaction_index == position
    }
    earlier = _earlier_outcomes(session, carried)
    ended, rest = [], []
    for one in carried:
        row = earlier.get(one.order_id or "")
        outcome = None if row is None else _outcome(row, one.calldata)
        if outcome is None and _is_used_up(reasons.get(one.position, b"")):
            # Another order, or a cancellation, has this nonce for good.
            refusal = refusal_from_revert(reasons[one.position])
            outcome = {"state": "rejected", "refusal": refusal_json(refusal)}
            outcome |= {"transaction_hash": block.transactions[position]["hash"]}
            outcome |= {"block_number": block.number}
        if outcome is None:
            rest.append(one)
        else:
            ended.append({"ended_id": one.id, **outcome})
    _end(session, block, ended, finished)
    _return(session, rest, finished)


def _earlier_outcomes(session: Session, carried: list[_Carried]) -> dict[str, Mapping[str, Any]]:
    table = table_of(ChainOrder)
    found: dict[str, Mapping[str, Any]] = {}
    for order_ids in in_parts(one.order_id for one in carried if one.order_id is not None):
        rows = session.execute(select(table).where(table.c.order_id.in_(order_ids)))
        found |= {row["order_id"]: row for row in rows.mappings()}
    return found


def _is_used_up(reason: bytes) -> bool:
    return reason != b"" and isinstance(refusal_from_revert(reason), OrderAlreadyUsed)


def _return(session: Session, carried: list[_Carried], finished: Finished) -> None:
    for ids in in_parts(one.id for one in carried):
        session.execute(
            update(_operation)
            .where(_operation.c.id.in_(ids), _operation.c.state.in_(OPEN_STATES))
            .values(state="accepted", attempts=_operation.c.attempts + 1)
        )
        finished.returned.extend(ids)


def _halt_without_right(session: Session, address: str, reason: WalletError | None) -> None:
    if reason is not None and reason.code == "permission_refused":
        halt(session, address, f"The chain refuses batches of this account: {reason.detail}")


def _halt_foreign_use(session: Session, block: Block, ours: Ours) -> None:
    """Halt a lane whose key signed something that is not stored here."""
    for transaction in block.transactions:
        if ours.is_foreign_use(transaction):
            halt(
                session,
                sender_of(transaction),
                f"Transaction {transaction['hash']} in block {block.number} was signed with this"
                " account's key but is not stored here.",
            )
