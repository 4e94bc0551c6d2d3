"""Asking for daily closes, and comparing them with what the log says of them."""

from collections.abc import Iterator

import orjson
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.facts import DAILY_CLOSE, canonical
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.clock import DAY_SECONDS, from_iso, to_iso
from wallet_chain.errors import InvalidRequest, NotFound, ProofUnavailable
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.difference import Difference
from wallet_chain.pipeline.requests import Caller
from wallet_chain.proofs.closing import close_record, close_subject
from wallet_chain.proofs.drafts import CloseFilter
from wallet_chain.proofs.packing import unpacked
from wallet_chain.proofs.views import CloseView
from wallet_chain.store.tables import DailyClose, LogEntry

_DATE = len("2026-03-01")


def list_closes(
    bank: Bank, caller: Caller, filters: CloseFilter, request: PageRequest
) -> Page[CloseView]:
    """Daily closes, the latest first. Raises InvalidRequest, CursorInvalid, UnknownCurrency."""
    scope = scope_of("closes", filters)
    position = read_position(bank, scope, request)
    statement = select(DailyClose).order_by(DailyClose.day.desc(), DailyClose.currency.desc())
    if filters.currency is not None:
        statement = statement.where(DailyClose.currency == currency_named(filters.currency).code)
    if filters.day_from is not None:
        statement = statement.where(DailyClose.day >= _day(filters.day_from, "day_from"))
    if filters.day_to is not None:
        statement = statement.where(DailyClose.day <= _day(filters.day_to, "day_to"))
    if position is not None:
        statement = statement.where(tuple_(DailyClose.day, DailyClose.currency) < tuple_(*position))
    with looking(bank, caller) as session:
        rows = session.scalars(statement.limit(request.limit + 1)).all()
        record_look(bank, session, caller, "closes")
        return cut(bank, scope, request, rows, _view, lambda row: (row.day, row.currency))


def get_close(bank: Bank, caller: Caller, day: str, currency: str) -> bytes:
    """The bundle of a close, as it was taken; ``day`` is a date like ``2026-03-01``.

    Raises InvalidRequest, UnknownCurrency, NotFound, ProofUnavailable (it was changed since).
    """
    number, code = _day(day, "day"), currency_named(currency).code
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "close", None, {"day": day, "currency": code})
        row = session.get(DailyClose, (number, code))
        if row is None:
            raise NotFound(
                f"There is no close of {code} for {day}. A day is closed when a block of a later day"
                " is final, and only while the node can prove its state."
            )
        return unpacked(row)


def verify_closes(bank: Bank) -> list[Difference]:
    """Every close against its digest, and against what the log says of it."""
    with bank.store.reading() as session:
        return list(_differences(session))


def _differences(session: Session) -> Iterator[Difference]:
    told = {
        entry.subject: orjson.loads(entry.opening)["record"]
        for entry in session.scalars(select(LogEntry).where(LogEntry.kind == DAILY_CLOSE))
    }
    for row in session.scalars(select(DailyClose).order_by(DailyClose.day, DailyClose.currency)):
        subject = close_subject(row.day, row.currency)
        try:
            unpacked(row)
        except ProofUnavailable as failure:
            yield Difference("daily_close", subject, failure.detail)
        if told.pop(subject, None) != canonical(close_record(row)):
            yield Difference("daily_close", subject, "the log says something else of it")
        session.expunge(row)
    for subject in told:
        yield Difference("daily_close", subject, "the log tells of it, and it is gone")


def _day(date: str, field: str) -> int:
    try:
        if len(date) != _DATE:
            raise ValueError(date)
        return from_iso(date) // DAY_SECONDS
    except ValueError as error:
        raise InvalidRequest("A day is a date like 2026-03-01.", field=field) from error


def _view(row: DailyClose) -> CloseView:
    currency = currency_named(row.currency)
    return CloseView(
        day=to_iso(row.day * DAY_SECONDS)[:_DATE],
        currency=row.currency,
        block_number=row.block_number,
        block_hash=row.block_hash,
        accounts=row.accounts,
        supply=Money(row.supply_minor, currency),
        customers=Money(row.supply_minor - row.escrowed_minor, currency),
        escrowed=Money(row.escrowed_minor, currency),
        reserves=Money(int(row.reserves), currency),
        reserves_as_of=row.reserves_as_of,
        covered=row.covered,
        digest=row.digest,
        size=row.size,
        taken_at=row.taken_at,
        log_subject=close_subject(row.day, row.currency),
    )
