"""Running sums at any block, and from them supply against reserves over time."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import SeriesQuery
from wallet_chain.audit.periods import Blocks, last_block_at
from wallet_chain.audit.views import SupplyPoint, SupplySeries
from wallet_chain.bank import Bank
from wallet_chain.bank.books import cursor_of, require_sums
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.errors import InvalidRequest
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainBlock, ChainSeriesPoint

POINTS_MAX = 400
POINTS_MIN = 2


@dataclass(frozen=True, slots=True)
class Sums:
    """How many there were and what they add up to, in minor units."""

    count: int
    total: int

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(self.count - other.count, self.total - other.total)


NOTHING = Sums(0, 0)


def sums_at(session: Session, name: str, block_number: int) -> Sums:
    """A series' sums at the end of a block."""
    row = session.execute(
        select(ChainSeriesPoint.count, ChainSeriesPoint.total)
        .where(ChainSeriesPoint.name == name, ChainSeriesPoint.block_number <= block_number)
        .order_by(ChainSeriesPoint.block_number.desc())
        .limit(1)
    ).first()
    return NOTHING if row is None else Sums(row[0], int(row[1]))


def sums_in(session: Session, name: str, blocks: Blocks) -> Sums:
    """What a range of blocks added to a series. Raises NotReady."""
    require_sums(session)
    if blocks.last < blocks.first:
        return NOTHING
    before = sums_at(session, name, blocks.first - 1) if blocks.first > 0 else NOTHING
    return sums_at(session, name, blocks.last) - before


def supply_at(session: Session, currency: Currency, block_number: int) -> Money:
    """How much of a currency there was at the end of a block."""
    issued = sums_at(session, f"issued/{currency.code}", block_number)
    redeemed = sums_at(session, f"redeemed/{currency.code}", block_number)
    return Money(issued.total - redeemed.total, currency)


def supply_series(bank: Bank, caller: Caller, query: SeriesQuery) -> SupplySeries:
    """A currency's supply and attested reserves at evenly spread moments.

    Raises InvalidRequest (too few or too many points, reversed, not come yet), UnknownCurrency,
    NotReady.
    """
    currency = currency_named(query.currency)
    if not POINTS_MIN <= query.points <= POINTS_MAX:
        raise InvalidRequest(
            f"A series has {POINTS_MIN} to {POINTS_MAX} points.", field="points", limit=POINTS_MAX
        )
    with looking(bank, caller) as session:
        asked = {"currency": currency.code, "from": query.time_from, "to": query.time_to}
        record_look(bank, session, caller, "supply series", None, asked)
        require_sums(session)
        first, last = _moments(bank, session, query)
        step = (last - first) / (query.points - 1)
        moments = [first + round(number * step) for number in range(query.points)]
        points = tuple(_point(session, currency, moment) for moment in moments)
    return SupplySeries(currency.code, points)


def _moments(bank: Bank, session: Session, query: SeriesQuery) -> tuple[int, int]:
    cursor = cursor_of(session)
    last, first = query.time_to, query.time_from
    if last is None:
        newest = session.get(ChainBlock, cursor.number)
        last = bank.clock() if newest is None else max(newest.time, first or 0)
    if first is None:
        # The first block of a chain may say any time, such as that of its genesis file.
        oldest = session.scalars(
            select(ChainBlock.time)
            .where(ChainBlock.number > 0)
            .order_by(ChainBlock.number)
            .limit(1)
        ).first()
        first = last if oldest is None else min(oldest, last)
    if first > bank.clock():
        raise InvalidRequest("time_from has not come yet.", field="time_from")
    if first > last:
        raise InvalidRequest("The period ends before it begins.", field="time_to")
    if last > bank.clock() and query.time_to is not None:
        raise InvalidRequest("time_to has not come yet.", field="time_to")
    return first, last


def _point(session: Session, currency: Currency, moment: int) -> SupplyPoint:
    block = last_block_at(session, moment)
    supply = supply_at(session, currency, block)
    attested = sums_at(session, f"reserves/{currency.code}", block)
    reserves = Money(attested.total, currency) if attested.count else None
    covered = supply.amount_minor <= attested.total
    return SupplyPoint(moment, block, supply, reserves, covered)
