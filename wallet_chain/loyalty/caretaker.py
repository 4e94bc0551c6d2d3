"""What is done by itself: what was set aside for points that have expired goes back to the pools.

The contract lets anyone do that, so the key that does it here has no power at all. Whoever does not
want to wait for this product can do the same with ``scripts/release_expired_points.py``.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.caretaking import GRACE_SECONDS, accept_for_anyone, caretaker, left_alone
from wallet_chain.bank.role_calls import RoleCall
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.months import month_of
from wallet_chain.loyalty.known import present_accounts
from wallet_chain.loyalty.shares import EVERYBODY
from wallet_chain.store.tables import ChainPoints

RELEASE = "points_release"
"""The kind of the operation."""

_AT_A_TIME = 100


def tend(bank: Bank) -> None:
    """Release what may be released."""
    with bank.store.reading() as session:
        due = bool(_due(bank, session))
    if not due:
        return
    sender = caretaker(bank)
    with bank.store.transaction() as session:
        rows = _due(bank, session)
        present = present_accounts(session, [row.account for row in rows])
        for row in rows:
            arguments = (row.programme, row.month, present[row.account])
            call = RoleCall(RELEASE, "Loyalty", "release", arguments)
            accept_for_anyone(bank, session, sender, call, _resource_id(row))
    bank.pipeline.wake()


def _due(bank: Bank, session: Session) -> list[ChainPoints]:
    """Who paid for points of a month that is over, has not got the rest back, and is not about to."""
    not_now = set(session.scalars(left_alone(RELEASE, bank.clock())))
    over = month_of(bank.clock() - GRACE_SECONDS)
    rows = session.scalars(
        select(ChainPoints)
        .where(
            ChainPoints.issued > 0,
            ChainPoints.account != EVERYBODY,
            ChainPoints.month < over,
        )
        .order_by(ChainPoints.programme, ChainPoints.month, ChainPoints.account)
        # Which of them are left alone only a hash tells: so many more are enough.
        .limit(_AT_A_TIME + len(not_now))
    ).all()
    return [row for row in rows if _resource_id(row) not in not_now][:_AT_A_TIME]


def _resource_id(row: ChainPoints) -> str:
    """The same for the same release, always: so it is not asked for twice at a time."""
    said = f"{row.programme}/{row.month}/{row.account}"
    return f"rls_{keccak256(said.encode()).hex()[:32]}"
