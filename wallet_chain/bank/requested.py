"""Whether the payment request that an order pays still stands.

It is asked wherever a signature comes in, since an order that pays a request can be handed in by more
than one door.
"""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.errors import RequestCancelled, RequestExpired
from wallet_chain.store.tables import Instalment, InstalmentPlan, Order, PaymentRequest


def require_standing(bank: Bank, request: PaymentRequest) -> None:
    """Raise RequestCancelled or RequestExpired."""
    if request.cancelled_at is not None:
        raise RequestCancelled("The request was withdrawn; ask whoever made it.", id=request.id)
    if request.expires_at is not None and bank.clock() > request.expires_at:
        raise RequestExpired(
            "The request has expired; ask for a new one.",
            id=request.id,
            expired_at=request.expires_at,
        )


def require_still_requested(bank: Bank, session: Session, order: Order, *, lock: bool) -> None:
    """Raise as ``require_standing`` for an order that pays a request, or begins its instalments.

    With ``lock`` the request can't be withdrawn until the commit.
    """
    if order.related_id is None:
        return
    begun = (
        select(InstalmentPlan.request_id)
        .join(Instalment, Instalment.plan_id == InstalmentPlan.id)
        .where(Instalment.id == order.related_id, Instalment.number == 1)
        .scalar_subquery()
    )
    statement = (
        select(PaymentRequest)
        .where(or_(PaymentRequest.id == order.related_id, PaymentRequest.id == begun))
        .execution_options(populate_existing=True)
    )
    request = session.scalars(statement.with_for_update() if lock else statement).first()
    if request is not None:
        require_standing(bank, request)
