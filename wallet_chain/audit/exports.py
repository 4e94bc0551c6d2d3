"""Events and statements as CSV or JSON lines, in pieces: memory does not grow with their length.

Rows are read a thousand at a time, each piece in its own read, and up to the block that was the last
one when the export began: so what is exported is one state of the books.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import orjson

from wallet_chain.audit.drafts import EventFilter, StatementQuery
from wallet_chain.audit.events import (
    event_conditions,
    event_position,
    event_view,
    events_after,
    look_at_events,
)
from wallet_chain.audit.statements import (
    entries_after,
    entry_position,
    entry_view,
    look_at_statement,
    read_query,
)
from wallet_chain.audit.views import EntryView, EventView
from wallet_chain.bank import Bank
from wallet_chain.bank.books import cursor_of
from wallet_chain.bank.paging import Position
from wallet_chain.bank.witness import looking
from wallet_chain.clock import to_iso
from wallet_chain.errors import InvalidRequest
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainEntry, ChainEvent

ROWS_AT_A_TIME = 1_000

FORMATS = ("csv", "jsonl")

EVENT_COLUMNS = (
    "block_number",
    "time",
    "transaction_hash",
    "transaction_index",
    "log_index",
    "contract",
    "event",
    "kind",
    "account",
    "counterparty",
    "currency",
    "amount",
    "order_id",
    "reference",
    "arguments",
)

ENTRY_COLUMNS = (
    "account",
    "currency",
    "sequence",
    "block_number",
    "time",
    "transaction_hash",
    "log_index",
    "kind",
    "counterparty",
    "change",
    "balance",
    "reference",
    "head",
)

Row = TypeVar("Row")


def export_events(bank: Bank, caller: Caller, filters: EventFilter, form: str) -> Iterator[bytes]:
    """All events that match, in the order of the chain, as ``csv`` (with a header) or ``jsonl``.

    Whatever can be refused is raised by the call itself, before the first piece. Raises as
    ``list_events``.
    """
    _require_form(form)
    event_conditions(filters)
    with looking(bank, caller) as session:
        look_at_events(bank, session, caller, "events export", filters)
        last = cursor_of(session).number
    until = last if filters.block_to is None else min(filters.block_to, last)
    conditions = event_conditions(replace(filters, block_to=until))

    def piece(position: Position | None) -> list[ChainEvent]:
        with bank.store.reading() as session:
            return events_after(session, conditions, position, ROWS_AT_A_TIME)

    rows = _all(piece, event_position)
    return _written(form, EVENT_COLUMNS, (_event_line(event_view(row)) for row in rows))


def export_statement(
    bank: Bank, caller: Caller, query: StatementQuery, form: str
) -> Iterator[bytes]:
    """All lines of a statement, as ``csv`` (with a header) or ``jsonl``. Raises as
    ``get_statement``."""
    _require_form(form)
    account, currency = read_query(query)
    with looking(bank, caller) as session:
        look_at_statement(bank, session, caller, "statement export", query)
        last = cursor_of(session).number

    def piece(position: Position | None) -> list[ChainEntry]:
        with bank.store.reading() as session:
            rows = entries_after(session, account, currency, query, position, ROWS_AT_A_TIME)
        return [row for row in rows if row.block_number <= last]

    lines = (
        _entry_line(account, currency.code, entry_view(row, currency))
        for row in _all(piece, entry_position)
    )
    return _written(form, ENTRY_COLUMNS, lines)


def _require_form(form: str) -> None:
    if form not in FORMATS:
        raise InvalidRequest(f"format is one of {', '.join(FORMATS)}.", field="format")


def _all(
    piece: Callable[[Position | None], list[Row]], position_of: Callable[[Row], Position]
) -> Iterator[Row]:
    position = None
    while rows := piece(position):
        yield from rows
        position = position_of(rows[-1])


def _event_line(event: EventView) -> dict[str, Any]:
    return {
        "block_number": event.block_number,
        "time": to_iso(event.block_time),
        "transaction_hash": event.transaction_hash,
        "transaction_index": event.transaction_index,
        "log_index": event.log_index,
        "contract": event.contract,
        "event": event.name,
        "kind": event.kind,
        "account": event.account,
        "counterparty": event.counterparty,
        "currency": event.currency,
        "amount": None if event.money is None else event.money.decimal,
        "order_id": event.order_id,
        "reference": event.reference,
        "arguments": event.arguments,
    }


def _entry_line(account: str, currency: str, entry: EntryView) -> dict[str, Any]:
    return {
        "account": account,
        "currency": currency,
        "sequence": entry.sequence,
        "block_number": entry.block_number,
        "time": to_iso(entry.block_time),
        "transaction_hash": entry.transaction_hash,
        "log_index": entry.log_index,
        "kind": entry.kind,
        "counterparty": entry.counterparty,
        "change": entry.change.decimal,
        "balance": entry.balance.decimal,
        "reference": entry.reference,
        "head": entry.head,
    }


def _written(
    form: str, columns: tuple[str, ...], lines: Iterator[Mapping[str, Any]]
) -> Iterator[bytes]:
    if form == "jsonl":
        return (orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
    return _as_csv(columns, lines)


def _as_csv(columns: tuple[str, ...], lines: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    """RFC 4180 with a header line; what is nested is written as JSON."""
    yield _csv_line(columns)
    for line in lines:
        yield _csv_line([_cell(line[column]) for column in columns])


def _csv_line(cells: tuple[str, ...] | list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return str(value)
