"""Operations as they are shown: state, refusal and where on the chain they ended."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank.views import OperationView, Refusal
from wallet_chain.errors import WalletError
from wallet_chain.store.tables import Operation


def operation_view(operation: Operation) -> OperationView:
    """An operation's row as a view."""
    refusal = operation.refusal
    return OperationView(
        id=operation.id,
        kind=operation.kind,
        resource_id=operation.resource_id,
        state=operation.state,
        refusal=None
        if refusal is None
        else Refusal(
            code=refusal["code"],
            detail=refusal["detail"],
            retryable=bool(refusal.get("retryable", False)),
            facts=refusal.get("facts", {}),
        ),
        transaction_hash=operation.transaction_hash,
        block_number=operation.block_number,
        log_index=operation.log_index,
        accepted_at=operation.accepted_at,
        finished_at=operation.finished_at,
    )


def operation_or_none(session: Session, operation_id: str | None) -> OperationView | None:
    """The operation with this id; None when there is no id yet."""
    operation = None if operation_id is None else session.get(Operation, operation_id)
    return None if operation is None else operation_view(operation)


def operations_by_id(
    session: Session, operation_ids: Iterable[str | None]
) -> dict[str, OperationView]:
    """Many operations in one query, by id."""
    wanted = {one for one in operation_ids if one is not None}
    if not wanted:
        return {}
    rows = session.scalars(select(Operation).where(Operation.id.in_(wanted)))
    return {row.id: operation_view(row) for row in rows}


def latest_operation(session: Session, resource_id: str) -> OperationView | None:
    """The last operation that was accepted for a resource."""
    operation = session.scalars(
        select(Operation)
        .where(Operation.resource_id == resource_id)
        .order_by(Operation.sequence.desc())
        .limit(1)
    ).first()
    return None if operation is None else operation_view(operation)


def refusal_of(error: WalletError) -> Refusal:
    """A refusal that was raised, as a view."""
    return Refusal(error.code, error.detail, error.retryable, error.facts)
