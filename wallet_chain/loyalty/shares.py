"""Whose money is set aside for points that are still held, as a release would divide it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.ledger.hashing import ZERO_ADDRESS
from wallet_chain.store.tables import ChainPoints

EVERYBODY = ZERO_ADDRESS
"""Under this account are the totals."""


@dataclass(slots=True)
class MonthShares:
    """Points of one programme that expire together."""

    points: int = 0
    """Held by all customers, and not released."""
    issued: int = 0
    """For how many somebody paid, less what was taken back."""
    issued_by: dict[str, int] = field(default_factory=dict)
    """The same for each who paid, by origin."""

    @property
    def shares(self) -> dict[str, int]:
        """``points`` divided among who paid."""
        return divided(self.points, self.issued_by)


def divided(points: int, issued_by: Mapping[str, int]) -> dict[str, int]:
    """What each would get back if all were released in the order of their accounts.

    As in the contract each gets its part of what is left, rounded down, and the last one the rest:
    the parts add up to ``points``, exactly.
    """
    left, issued_left = points, sum(issued_by.values())
    shares: dict[str, int] = {}
    for account, issued in sorted(issued_by.items()):
        shares[account] = left * issued // issued_left if issued_left else 0
        left -= shares[account]
        issued_left -= issued
    return shares


def outstanding(session: Session, programme: int) -> dict[int, MonthShares]:
    """What is owed in a programme, by the month at whose end it expires; none that is all zero."""
    months: dict[int, MonthShares] = defaultdict(MonthShares)
    rows = session.scalars(
        select(ChainPoints)
        .where(
            ChainPoints.programme == programme,
            or_(ChainPoints.account == EVERYBODY, ChainPoints.issued > 0),
        )
        .order_by(ChainPoints.month)
    )
    for row in rows:
        month = months[row.month]
        if row.account == EVERYBODY:
            month.points, month.issued = row.points, row.issued
        else:
            month.issued_by[row.account] = row.issued
    return {number: month for number, month in months.items() if month.issued or month.points}
