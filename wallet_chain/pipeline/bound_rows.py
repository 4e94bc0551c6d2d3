"""Signed transactions on their way into the database, before anybody sends them."""

from collections.abc import Sequence

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from wallet_chain.ledger.transactions import SignedTransaction
from wallet_chain.store.tables import Operation, Transaction, TransactionOperation
from wallet_chain.store.writing import add, table_of

_operation = table_of(Operation)
_transaction = table_of(Transaction)


def store_bound(
    session: Session,
    *,
    lane_address: str,
    nonce: int,
    kind: str,
    signed: SignedTransaction,
    operation_ids: Sequence[str],
    now: int,
) -> None:
    """Store the bytes with the operations that they carry, in order, and mark those as bound."""
    inserted = session.execute(
        insert(_transaction)
        .values(
            lane_address=lane_address,
            nonce=nonce,
            kind=kind,
            raw=signed.raw,
            hash=signed.hash,
            state="bound",
            bound_at=now,
        )
        .returning(_transaction.c.id)
    )
    transaction_id = inserted.scalar_one()
    add(
        session,
        TransactionOperation,
        [
            {"transaction_id": transaction_id, "position": position, "operation_id": operation_id}
            for position, operation_id in enumerate(operation_ids)
        ],
    )
    if operation_ids:
        session.execute(
            update(_operation).where(_operation.c.id.in_(operation_ids)).values(state="bound")
        )
