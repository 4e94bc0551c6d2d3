"""The entries, with what they commit to, for those who may see all of it."""

from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import cut, read_position, scope_of
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import LogEntry
from wallet_chain.transparency.drafts import EntryFilter
from wallet_chain.transparency.views import LogEntryView


def list_entries(
    bank: Bank, caller: Caller, filters: EntryFilter, request: PageRequest
) -> Page[LogEntryView]:
    """Entries that match, oldest first. Asking is itself a look, and so an entry.

    Raises CursorInvalid.
    """
    scope = scope_of("log entries", filters)
    position = read_position(bank, scope, request)
    columns = (
        (LogEntry.kind, filters.kind),
        (LogEntry.subject, filters.subject),
        (LogEntry.customer_id, filters.customer_id),
    )
    statement = select(LogEntry).where(
        *(column == value for column, value in columns if value is not None)
    )
    if filters.index_from is not None:
        statement = statement.where(LogEntry.position >= filters.index_from)
    if filters.index_to is not None:
        statement = statement.where(LogEntry.position <= filters.index_to)
    if position is not None:
        statement = statement.where(LogEntry.position > position[0])
    statement = statement.order_by(LogEntry.position).limit(request.limit + 1)
    with looking(bank, caller) as session:
        rows = session.scalars(statement).all()
        record_look(bank, session, caller, "log entries", filters.customer_id)
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: _view(bank, session, row),
            lambda row: (row.position,),
        )


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
