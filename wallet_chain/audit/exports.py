"""Events and statements as CSV, JSON lines or Parquet, in pieces: memory does not grow with their length.

Rows are read a thousand at a time, each piece in its own read, and up to the block that was the last
one when the export began: so what is exported is one state of the books.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import orjson

from wallet_chain.audit.asking import question_of
from wallet_chain.audit.drafts import EventFilter, StatementQuery
from wallet_chain.audit.events import asked_of_events, event_view
from wallet_chain.audit.parquet import Column, Kind, parquet
from wallet_chain.audit.periods import blocks_of
from wallet_chain.audit.searching import search
from wallet_chain.audit.statements import (
    entries_after,
    entry_position,
    entry_view,
    look_at_statement,
    read_query,
    span_of,
)
from wallet_chain.audit.views import EntryView, EventView
from wallet_chain.bank import Bank
from wallet_chain.bank.paging import Position
from wallet_chain.bank.witness import looking
from wallet_chain.clock import from_iso, to_iso
from wallet_chain.errors import InvalidRequest
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainEntry, ChainEvent

ROWS_AT_A_TIME = 1_000

EXAMINED_AT_A_TIME = 5_000
ROWS_A_GROUP = 10_000
"""Of a Parquet file; so many are in memory at once."""

FORMATS = ("csv", "jsonl", "parquet")

_NUMBERS = ("block_number", "transaction_index", "log_index", "sequence", "programme")
_AMOUNTS = ("amount", "change", "balance")

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
    "programme",
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


def export_events(bank: Bank, caller: Caller, filters: EventFilter, form: str) -> Iterator[bytes]:
    """All events that match, in the order of the chain, as ``csv`` (with a header), ``jsonl`` or
    ``parquet``.

    Whatever can be refused is raised by the call itself, before the first piece. Raises as
    ``list_events``.
    """
    _require_form(form)
    with looking(bank, caller) as session:
        asked = asked_of_events(bank, session, caller, "events export", filters)
    question = question_of(asked.up_to_now())

    def rows() -> Iterator[ChainEvent]:
        position: Position | None = None
        while True:
            with bank.store.reading() as session:
                found = search(session, question, position, ROWS_AT_A_TIME, EXAMINED_AT_A_TIME)
            yield from found.rows
            position = found.next_position
            if position is None:
                return

    return _written(form, EVENT_COLUMNS, (_event_line(event_view(row)) for row in rows()))


def export_statement(
    bank: Bank, caller: Caller, query: StatementQuery, form: str
) -> Iterator[bytes]:
    """All lines of a statement, as ``csv`` (with a header), ``jsonl`` or ``parquet``. Raises as
    ``get_statement``."""
    _require_form(form)
    account, currency = read_query(query)
    with looking(bank, caller) as session:
        look_at_statement(bank, session, caller, "statement export", query)
        span = span_of(session, account, currency, blocks_of(bank, session, query))

    def rows() -> Iterator[ChainEntry]:
        position: Position | None = None
        while True:
            with bank.store.reading() as session:
                part = entries_after(session, span, position, ROWS_AT_A_TIME)
            yield from part
            if not part:
                return
            position = entry_position(part[-1])

    lines = (_entry_line(account, currency.code, entry_view(row, currency)) for row in rows())
    return _written(form, ENTRY_COLUMNS, lines)


def _require_form(form: str) -> None:
    if form not in FORMATS:
        raise InvalidRequest(f"format is one of {', '.join(FORMATS)}.", field="format")


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
        "programme": event.programme,
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
        return _joined(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
    if form == "parquet":
        kinds = [Column(name, _kind(name)) for name in columns]
        return parquet(kinds, map(_flat, lines), ROWS_A_GROUP)
    return _joined(_as_csv(columns, lines))


def _joined(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Many lines a piece: each piece costs a turn of the server."""
    while piece := b"".join(islice(lines, ROWS_AT_A_TIME)):
        yield piece


def _kind(column: str) -> Kind:
    if column in _NUMBERS:
        return Kind.INTEGER
    if column in _AMOUNTS:
        return Kind.AMOUNT
    return Kind.MOMENT if column == "time" else Kind.TEXT


def _flat(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line whose moment is a number, and whatever is nested JSON."""
    flat = {name: _cell(v) if isinstance(v, Mapping) else v for name, v in line.items()}
    return flat | {"time": from_iso(line["time"])}


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
