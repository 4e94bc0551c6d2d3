"""Periods by time or by block, understood as a range of blocks: every index of the books has those."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.books import cursor_of
from wallet_chain.errors import InvalidRequest, NotFound
from wallet_chain.store.tables import ChainBlock


class Period(Protocol):
    """Bounds that are included; null: open."""

    @property
    def time_from(self) -> int | None: ...
    @property
    def time_to(self) -> int | None: ...
    @property
    def block_from(self) -> int | None: ...
    @property
    def block_to(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Blocks:
    """A range of blocks that includes its bounds; it may be empty. ``cursor`` is the last indexed."""

    first: int
    last: int
    cursor: int


def require_order(period: Period) -> None:
    """Raise InvalidRequest for a range that ends before it begins."""
    for name, start, end in (
        ("time_to", period.time_from, period.time_to),
        ("block_to", period.block_from, period.block_to),
    ):
        if start is not None and end is not None and start > end:
            raise InvalidRequest("The period ends before it begins.", field=name)


def blocks_of(bank: Bank, session: Session, period: Period) -> Blocks:
    """The blocks of a period, up to the last one that is indexed.

    Raises InvalidRequest (reversed, begins after now, or blocks and moments that exclude each
    other), NotFound (begins with a block that is not indexed yet), NotReady.
    """
    require_order(period)
    cursor = cursor_of(session).number
    first, last = period.block_from or 0, cursor
    if first > cursor:
        raise NotFound(
            f"Block {first} is not indexed; the last one is {cursor}.", indexed_block=cursor
        )
    if period.block_to is not None:
        last = min(last, period.block_to)
    if period.time_from is not None:
        if period.time_from > bank.clock():
            raise InvalidRequest("time_from has not come yet.", field="time_from")
        first = max(first, first_block_at(session, period.time_from) or cursor + 1)
    if period.time_to is not None:
        last = min(last, last_block_at(session, period.time_to))
    if last < first - 1:
        # Moments with no block between them leave nothing, right before ``first``; this is another.
        raise InvalidRequest(
            "The range of blocks and that of time have no block in common.", field="block_from"
        )
    return Blocks(first, last, cursor)


def first_block_at(session: Session, moment: int) -> int | None:
    """The first indexed block at or after a moment."""
    return session.scalar(
        select(ChainBlock.number)
        .where(ChainBlock.time >= moment)
        .order_by(ChainBlock.time, ChainBlock.number)
        .limit(1)
    )


def last_block_at(session: Session, moment: int) -> int:
    """The last indexed block at or before a moment; -1 before the first."""
    found = session.scalar(
        select(ChainBlock.number)
        .where(ChainBlock.time <= moment)
        .order_by(ChainBlock.time.desc(), ChainBlock.number.desc())
        .limit(1)
    )
    return -1 if found is None else found
