"""Single operations, and how far the books are."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.views import ChainView
from wallet_chain.bank import Bank
from wallet_chain.bank.books import cursor_of
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.sides import discreet_receipt, is_side, payer_of
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
        order = None if operation is None else _order_of(session, operation)
        if operation is None or not _may_see(caller, operation, order):
            raise not_found("operation", operation_id)
        record_look(bank, session, caller, "operation", None, {"id": operation_id})
        receipt = discreet_receipt(
            caller, None if order is None else payer_of(order), operation_view(operation)
        )
        assert receipt is not None
        return receipt


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


def _order_of(session: Session, operation: Operation) -> Order | None:
    """The order that the operation brings to the chain."""
    return session.scalars(select(Order).where(Order.operation_id == operation.id).limit(1)).first()


def _may_see(caller: Caller, operation: Operation, order: Order | None) -> bool:
    if not is_customer(caller) or caller.customer_id == operation.resource_id:
        return True
    return order is not None and is_side(caller, order)
