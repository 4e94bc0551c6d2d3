"""Reads screening lists in OpenSanctions' simple form (``targets.simple.csv``), strictly.

A list is taken as a whole or not at all: one that was cut off, or whose columns have moved, would let
through whoever stands in what is missing.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from wallet_chain.errors import ScreeningListInvalid

COLUMNS = (
    "id",
    "schema",
    "name",
    "aliases",
    "birth_date",
    "countries",
    "identifiers",
    "sanctions",
    "phones",
    "emails",
    "dataset",
    "first_seen",
    "last_seen",
    "last_change",
)
"""https://www.opensanctions.org/docs/bulk/csv/"""

_LENGTHS = {"id": 255, "schema": 60, "name": 2_000}
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_MOMENT = re.compile(r"\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2})?.*)?)?)?", re.ASCII)
_COUNTRY = re.compile(r"[a-z0-9]{2,4}(-[a-z0-9]{1,5})?", re.ASCII)
# Some entries have hundreds of aliases, more than the library takes in a cell by default.
csv.field_size_limit(1_000_000)


@dataclass(frozen=True, slots=True)
class Entry:
    """One target of a list."""

    entry_id: str
    kind: str
    """``Person``, ``Organization``, ``Company``, ``Vessel`` ..."""
    name: str
    aliases: tuple[str, ...]
    birth_dates: tuple[str, ...]
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""
    countries: tuple[str, ...]
    identifiers: tuple[str, ...]
    sanctions: str
    dataset: str


@dataclass(frozen=True, slots=True)
class ReadList:
    """A whole list."""

    version: str
    """SHA-256, in hex, of the bytes."""
    entries: tuple[Entry, ...]


def read_targets(document: bytes) -> ReadList:
    """Read a whole list. Raises ScreeningListInvalid, naming the first line that is wrong."""
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = document.count(b"\n", 0, error.start) + 1
        raise _wrong(line, "it is not UTF-8") from error
    if "\x00" in text:
        raise _wrong(text.count("\n", 0, text.index("\x00")) + 1, "it holds a NUL character")
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    for line, row in _rows(text):
        entry = _entry(line, row)
        if entry.entry_id in seen:
            raise _wrong(
                line, f"the id {entry.entry_id!r} stands in line {seen[entry.entry_id]} too"
            )
        seen[entry.entry_id] = line
        entries.append(entry)
    if not entries:
        raise _wrong(2, "there is no entry; a list that names nobody was cut off")
    return ReadList(hashlib.sha256(document).hexdigest(), tuple(entries))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row after the first one, with the line on which it begins."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for row in reader:
            if begins == 1:
                _require_header(row)
            elif row:
                yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _wrong(begins, str(error)) from error
    if begins == 1:
        raise _wrong(1, "the file is empty")


def _require_header(row: list[str]) -> None:
    if tuple(row) == COLUMNS:
        return
    missing = [name for name in COLUMNS if name not in row]
    unknown = [name[:40] for name in row if name not in COLUMNS]
    raise _wrong(
        1,
        "the columns must be "
        + ",".join(COLUMNS)
        + "; "
        + (f"missing: {', '.join(missing)}; " if missing else "")
        + (f"unknown: {', '.join(unknown[:5])}; " if unknown else "")
        + "this is OpenSanctions' targets.simple.csv",
    )


def _entry(line: int, row: list[str]) -> Entry:
    if len(row) != len(COLUMNS):
        raise _wrong(line, f"it has {len(row)} columns instead of {len(COLUMNS)}")
    told = {name: value.strip() for name, value in zip(COLUMNS, row, strict=True)}
    for name, length in _LENGTHS.items():
        if not 1 <= len(told[name]) <= length:
            raise _wrong(line, f"{name} has 1 to {length} characters")
    births = _several(told, "birth_date")
    countries = _several(told, "countries")
    _require_each(line, "birth_date", births, _DATE, "a date such as 1962-04-17, 1962-04 or 1962")
    _require_each(line, "countries", countries, _COUNTRY, "a country's code such as de")
    for name in ("first_seen", "last_seen", "last_change"):
        if told[name]:
            _require_each(line, name, (told[name],), _MOMENT, "a date or time such as 2026-03-01")
    return Entry(
        entry_id=told["id"],
        kind=told["schema"],
        name=told["name"],
        aliases=_several(told, "aliases"),
        birth_dates=births,
        countries=countries,
        identifiers=_several(told, "identifiers"),
        sanctions=told["sanctions"],
        dataset=told["dataset"],
    )


def _several(told: dict[str, str], name: str) -> tuple[str, ...]:
    """The values of a cell that holds several, separated by semicolons; quoted where they hold one."""
    cell = told[name]
    if '"' not in cell:
        values = cell.split(";")
    else:
        try:
            values = next(csv.reader([cell.replace("\n", " ")], delimiter=";", strict=True))
        except csv.Error:
            # Names hold quotation marks of their own; then they are no quoting.
            values = cell.split(";")
    return tuple(value.strip() for value in values if value.strip())


def _require_each(
    line: int, name: str, values: tuple[str, ...], form: re.Pattern[str], what: str
) -> None:
    for value in values:
        if not form.fullmatch(value):
            raise _wrong(line, f"{name} is {what}, not {value[:40]!r}")


def _wrong(line: int, what: str) -> ScreeningListInvalid:
    return ScreeningListInvalid(f"Line {line}: {what}. Nothing of the list was taken.", line=line)
