"""Versions of a lane's transaction: other bytes with the same nonce, of which a block takes one.

Why this is exactly once. A nonce is used once by the chain, so of all versions of a transaction at
most one is ever executed, whichever it is; all of them are stored before they are sent, so that it is
recognised. A version with a higher fee carries the same contents, hence the same operations, once. A
filler carries none: where it is mined, and only from its final block on, the operations go back to be
bound again, since no version that holds them can be mined any more. Behind all that stands the
contract, which executes an order once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import insert, literal, select, update
from sqlalchemy.orm import Session

from wallet_chain.ledger.transactions import SignedTransaction
from wallet_chain.pipeline.blocks import Block
from wallet_chain.store.tables import Transaction, TransactionOperation, TransactionVersion
from wallet_chain.store.writing import table_of

UNMINED = ("bound", "sent")
"""States of a transaction of which no version is in a final block."""

_transaction = table_of(Transaction)
_version = table_of(TransactionVersion)
_carried = table_of(TransactionOperation)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """Signed bytes that take the place of a transaction's version ``after``."""

    transaction_id: int
    after: int
    kind: str
    signed: SignedTransaction
    max_fee_per_gas: int


def store_version(session: Session, new: NewVersion, now: int) -> bool:
    """Write it down, to be sent from now on; false when the transaction has gone on meanwhile.

    Whoever calls it holds the transaction's lane.
    """
    moved = session.connection().execute(
        update(_transaction)
        .where(
            _transaction.c.id == new.transaction_id,
            _transaction.c.version == new.after,
            _transaction.c.state.in_(UNMINED),
        )
        .values(version=new.after + 1, state="bound", last_sent_at=None, answer=None)
    )
    if moved.rowcount != 1:
        return False
    session.execute(
        insert(_version).values(
            transaction_id=new.transaction_id,
            number=new.after + 1,
            kind=new.kind,
            raw=new.signed.raw,
            hash=new.signed.hash,
            max_fee_per_gas=new.max_fee_per_gas,
            made_at=now,
        )
    )
    return True


def versions_by_hash(session: Session, hashes: Iterable[str]) -> dict[str, TransactionVersion]:
    """Those of these transactions that are further versions of stored ones, whichever version."""
    rows = session.scalars(
        select(TransactionVersion).where(TransactionVersion.hash.in_(list(hashes)))
    )
    return {row.hash: row for row in rows}


def take_version(
    session: Session, version: TransactionVersion, block: Block, succeeded: bool
) -> tuple[Transaction, Transaction]:
    """A final block has this version: write it down as the mined transaction of its nonce.

    Answers with it, and with the first version, which can't be mined any more. With a higher fee it
    carries what that carried; a filler carries nothing.
    """
    first = session.get_one(Transaction, version.transaction_id, populate_existing=True)
    session.execute(
        update(_transaction).where(_transaction.c.id == first.id).values(state="replaced")
    )
    filler = version.kind == "filler"
    mined = Transaction(
        lane_address=first.lane_address,
        nonce=first.nonce,
        kind="filler" if filler else first.kind,
        raw=version.raw,
        hash=version.hash,
        state="mined",
        bound_at=version.made_at,
        last_sent_at=first.last_sent_at,
        sends=first.sends,
        block_number=block.number,
        block_hash=block.hash,
        succeeded=succeeded,
    )
    session.add(mined)
    session.flush()
    if not filler:
        same = select(literal(mined.id), _carried.c.position, _carried.c.operation_id)
        session.execute(
            insert(_carried).from_select(
                ["transaction_id", "position", "operation_id"],
                same.where(_carried.c.transaction_id == first.id),
            )
        )
    return mined, first
