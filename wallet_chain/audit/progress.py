"""Single operations, and how far the books are."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.audit.views import ChainView
from wallet_chain.bank import Bank
from wallet_chain.bank.books import cursor_of
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.views import OperationView
from wallet_chain.bank.witness import is_customer, looking, not_found, record_look
from wallet_chain.ledger.rpc import block_number
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainBlock, Operation, Order


def get_operation(bank: Bank, caller: Caller, operation_id: str) -> OperationView:
    """An operation with its receipt. A customer sees those of its own orders and account.

    Raises NotFound.
    """
    with looking(bank, caller) as session:
        operation = session.get(Operation, operation_id)
        if operation is None or not _may_see(session, caller, operation):
            raise not_found("operation", operation_id)
        record_look(bank, session, caller, "operation", None, {"id": operation_id})
        return operation_view(operation)


def get_chain(bank: Bank, caller: Caller, with_digest: bool = False) -> ChainView:  # noqa: ARG001
    """How far the books are, and optionally the digest over all that was copied from the chain.

    Raises ChainUnavailable, NotReady.
    """
    head = block_number(bank.rpc)
    book = bank.contracts.book
    with bank.store.reading() as session:
        cursor = cursor_of(session)
        block = session.get(ChainBlock, cursor.number)
        digest = state_digest(session) if with_digest else None
    return ChainView(
        chain_id=book.chain_id,
        genesis_hash=book.genesis_hash,
        indexed_block=cursor.number,
        indexed_hash=cursor.hash,
        indexed_time=0 if block is None else block.time,
        head_block=head,
        digest=digest,
        stopped_reason=cursor.stopped_reason,
        contracts=book.by_name,
    )


def _may_see(session: Session, caller: Caller, operation: Operation) -> bool:
    if not is_customer(caller):
        return True
    if caller.customer_id == operation.resource_id:
        return True
    order = session.scalars(
        select(Order.id).where(
            Order.operation_id == operation.id,
            or_(
                Order.signer_customer_id == caller.customer_id,
                Order.counterparty_customer_id == caller.customer_id,
            ),
        )
    ).first()
    return order is not None
