"""Daily closes: each currency's whole book at the last block of a UTC day, proven and kept.

A node keeps the state of old blocks for a while only. What is taken at the end of each day serves for
ever: as a bundle of its own, and as the state proofs of any statement that opens or closes there.
"""

import logging
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.books import block_at
from wallet_chain.bank.facts import DAILY_CLOSE, log_fact
from wallet_chain.clock import DAY_SECONDS, monotonic_seconds
from wallet_chain.errors import ProofUnavailable
from wallet_chain.logs import facts
from wallet_chain.proofs.books import Book, bundle_of, read_book
from wallet_chain.proofs.packing import digest_of, packed
from wallet_chain.store.tables import ChainBlock, ChainCursor, DailyClose, LogHead

DAYS_BACK_MAX = 31
"""So many days are made up for after a stop; what is older stays without a close."""

_SECONDS_A_ROUND = 5.0
"""Then the next round goes on: whoever closes also sends."""

_log = logging.getLogger(__name__)

Due = tuple[int, str, ChainBlock]
"""A day (since 1970-01-01), a currency, and the day's last block."""


def close_days(bank: Bank) -> None:
    """Take the closes of all days that are over by the chain's own time: a final block of a later day
    is indexed.

    Raises InvalidRequest (too many accounts), ProofUnavailable when the node has lost a state already
    (other days are closed all the same), ChainStateLost, ChainUnavailable.
    """
    began = monotonic_seconds()
    missed: ProofUnavailable | None = None
    with bank.store.reading() as session:
        due = list(_due(bank, session))
    for day, currency, block in due:
        try:
            take_close(bank, day, currency, block)
        except ProofUnavailable as failure:
            missed = missed or failure
        if monotonic_seconds() - began > _SECONDS_A_ROUND:
            break
    if missed is not None:
        raise missed


def take_close(bank: Bank, day: int, currency: str, block: ChainBlock) -> None:
    """Prove a currency's book at a block, and keep it as the close of a day; once for ever.

    Raises InvalidRequest, ProofUnavailable, ChainStateLost, ChainUnavailable.
    """
    with bank.store.reading() as session:
        book = read_book(bank, session, currency, block.number)
    content = bundle_of(bank, book, under_reserves=book.is_covered, pinned_block=None)
    row = _row(bank, day, block, book, content)
    with bank.store.transaction() as session:
        # One process decides at a time, as for anchors.
        session.execute(select(LogHead.size).with_for_update())
        if session.get(DailyClose, (day, currency)) is not None:
            return
        session.add(row)
        log_fact(bank, session, DAILY_CLOSE, close_subject(day, currency), close_record(row))
    said = facts(day=day, currency=currency, block=block.number, digest=row.digest)
    _log.info("closed", extra=said)
    if not row.covered:
        _log.warning("the attested reserves do not cover the supply", extra=said)


def close_subject(day: int, currency: str) -> str:
    """What the log calls a close."""
    return f"close_{day}_{currency}"


def close_record(row: DailyClose) -> dict[str, str]:
    """A close as the log commits to it."""
    return {
        "day": str(row.day),
        "currency": row.currency,
        "block": str(row.block_number),
        "block_hash": row.block_hash,
        "supply": str(row.supply_minor),
        "escrowed": str(row.escrowed_minor),
        "reserves": row.reserves,
        "reserves_as_of": str(row.reserves_as_of),
        "digest": row.digest,
    }


def _due(bank: Bank, session: Session) -> Iterator[Due]:
    cursor = session.scalars(select(ChainCursor)).first()
    newest = None if cursor is None else session.get(ChainBlock, cursor.number)
    if newest is None:
        return
    last_day = newest.time // DAY_SECONDS - 1
    for currency in sorted(bank.contracts.book.tokens):
        closed = session.scalars(
            select(DailyClose.day)
            .where(DailyClose.currency == currency)
            .order_by(DailyClose.day.desc())
            .limit(1)
        ).first()
        first = last_day if closed is None else max(closed + 1, last_day - DAYS_BACK_MAX + 1)
        for day in range(first, last_day + 1):
            block = block_at(session, (day + 1) * DAY_SECONDS - 1)
            if block is not None and block.number >= bank.contracts.book.deployed_block:
                yield day, currency, block


def _row(bank: Bank, day: int, block: ChainBlock, book: Book, content: bytes) -> DailyClose:
    return DailyClose(
        day=day,
        currency=book.currency,
        block_number=block.number,
        block_hash=block.hash,
        accounts=len(book.lines),
        supply_minor=book.supply_minor,
        escrowed_minor=book.escrowed_minor,
        reserves=str(book.reserves_minor),
        reserves_as_of=book.reserves_as_of,
        covered=book.is_covered,
        digest=digest_of(content),
        size=len(content),
        packed=packed(content),
        taken_at=bank.clock(),
    )
