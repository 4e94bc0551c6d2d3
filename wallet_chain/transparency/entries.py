"""The entries, with what they commit to, for those who may see all of it."""

from typing import Any

import orjson
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import Position, read_position, scope_of, write_position
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import LogEntry
from wallet_chain.transparency.drafts import EntryFilter
from wallet_chain.transparency.views import LogEntryView

EXAMINED_MAX = 1_000
"""How many entries one page looks through at most."""


def list_entries(
    bank: Bank, caller: Caller, filters: EntryFilter, request: PageRequest
) -> Page[LogEntryView]:
    """Entries that match, oldest first. Asking is itself a look, and so an entry.

    With several filters a page may have fewer items than its limit, even none, while more follow.
    Raises CursorInvalid.
    """
    scope = scope_of("log entries", filters)
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        rows, following = _found(session, filters, position, request.limit)
        record_look(bank, session, caller, "log entries", filters.customer_id)
        items = tuple(_view(bank, session, row) for row in rows)
    cursor = None if following is None else write_position(bank, scope, (following,))
    return Page(items, cursor)


def _found(
    session: Session, filters: EntryFilter, position: Position | None, limit: int
) -> tuple[list[LogEntry], int | None]:
    """Entries that match, and the place behind which the next page begins."""
    columns = ("subject", "customer_id", "kind")
    wanted = {name: value for name in columns if (value := getattr(filters, name)) is not None}
    bounds: list[ColumnElement[bool]] = []
    if filters.index_from is not None:
        bounds.append(LogEntry.position >= filters.index_from)
    if filters.index_to is not None:
        bounds.append(LogEntry.position <= filters.index_to)
    if position is not None:
        bounds.append(LogEntry.position > position[0])
    # The first one leads, by its index; the others are looked up in what it leads to.
    led = [getattr(LogEntry, name) == value for name, value in list(wanted.items())[:1]]
    part = select(LogEntry.position, *(getattr(LogEntry, name) for name in wanted))
    part = part.where(*led, *bounds).order_by(LogEntry.position).limit(EXAMINED_MAX)
    seen = part.subquery()
    met = select(seen.c.position).where(*(seen.c[name] == wanted[name] for name in wanted))
    places = list(session.scalars(met.order_by(seen.c.position).limit(limit + 1)))
    statement = select(LogEntry).where(LogEntry.position.in_(places[:limit]))
    rows = list(session.scalars(statement.order_by(LogEntry.position)))
    if len(places) > limit:
        return rows, places[limit - 1]
    examined = select(func.count(), func.max(seen.c.position)).select_from(seen)
    count, last = session.execute(examined).one()
    return rows, last if count == EXAMINED_MAX else None


def opening_of(bank: Bank, session: Session, row: LogEntry) -> dict[str, Any] | None:
    """``record`` (text) and ``salt`` (hex) of an entry; None when its customer was erased.

    Raises MasterKeyWrong when the sealed opening was changed.
    """
    if row.customer_id is None:
        plain: dict[str, Any] = orjson.loads(row.opening)
        return plain
    opened: dict[str, Any] | None = opened_or_none(bank, session, row.customer_id, row.opening)
    return opened


def _view(bank: Bank, session: Session, row: LogEntry) -> LogEntryView:
    opening = opening_of(bank, session, row) or {}
    text = opening.get("record")
    return LogEntryView(
        index=row.position,
        kind=row.kind,
        at=row.at,
        subject=row.subject,
        customer_id=row.customer_id,
        leaf=row.leaf.decode(),
        record=None if text is None else orjson.loads(text),
        record_text=text,
        salt=opening.get("salt"),
    )
