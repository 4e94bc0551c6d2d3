"""What is done by itself: transfers whose review took too long are refunded.

The contract lets anyone do that, so the key that does it here has no power at all. Whoever does not
want to wait for this product can do the same with ``scripts/refund_expired.py``.
"""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.caretaking import GRACE_SECONDS, PRODUCT, accept_for_anyone, caretaker
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.role_calls import RoleCall
from wallet_chain.crossborder.history import Change, enter
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.store.tables import CrossBorderTransfer, Operation, Order

REFUND = "refund_hold"
"""The kind of the operation."""

_AT_A_TIME = 100


def tend(bank: Bank) -> None:
    """Refund what may be refunded, and note what nobody signed in time."""
    now = bank.clock()
    with bank.store.reading() as session:
        due = session.scalars(_due(now)).first() is not None
        unsigned = session.scalars(_unsigned(now)).first() is not None
    if due:
        sender = caretaker(bank)
        with bank.store.transaction() as session:
            for transfer in session.scalars(_due(now)).all():
                accept_refund(bank, session, sender, transfer, PRODUCT)
        bank.pipeline.wake()
    if unsigned:
        with bank.store.transaction() as session:
            for transfer in session.scalars(_unsigned(now)).all():
                enter(session, transfer, Change("expired", now))


def refund_call(session: Session, transfer: CrossBorderTransfer) -> RoleCall:
    """The call that returns a held transfer's legs."""
    order = session.get_one(Order, transfer.id)
    return RoleCall(REFUND, "CrossBorder", "refund", (order_struct("transfer", order.message),))


def accept_refund(
    bank: Bank, session: Session, sender: str, transfer: CrossBorderTransfer, principal_id: str
) -> Operation:
    """Put a refund on its way, in the caller's transaction."""
    call = refund_call(session, transfer)
    return accept_for_anyone(bank, session, sender, call, transfer.id, principal_id)


def _due(now: int) -> Select[CrossBorderTransfer]:
    under_way = select(Operation.id).where(
        Operation.resource_id == CrossBorderTransfer.id,
        Operation.kind == REFUND,
        Operation.state.in_(UNFINISHED),
    )
    return (
        select(CrossBorderTransfer)
        .where(
            CrossBorderTransfer.state == "held",
            CrossBorderTransfer.hold_expires_at < now - GRACE_SECONDS,
            ~under_way.exists(),
        )
        .order_by(CrossBorderTransfer.id)
        .limit(_AT_A_TIME)
    )


def _unsigned(now: int) -> Select[CrossBorderTransfer]:
    return (
        select(CrossBorderTransfer)
        .join(Order, Order.id == CrossBorderTransfer.id)
        .where(CrossBorderTransfer.state == "awaiting_signature", Order.deadline < now)
        .limit(_AT_A_TIME)
    )
