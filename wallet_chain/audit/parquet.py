"""Apache Parquet, written in pieces: as much of the format as tables of events and lines need.

One page for each column of a row group, values as they are (PLAIN) under gzip, definition levels for
nulls; the footer is Thrift's compact form. Only the footer, a few bytes for each row group, is kept
until the end. The reader of the Arrow project reads it back in the tests.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import Any

MAGIC = b"PAR1"
SCALE = 4
"""No currency of ISO 4217 has more decimals."""

_PRECISION = 38
_DECIMAL_BYTES = 16
_GZIP = 2
_PLAIN, _RLE = 0, 3
_COMPRESSION_LEVEL = 4


class Kind(Enum):
    """What a column holds: Parquet's physical type, its length, and what it means."""

    TEXT = (6, None, 0)
    INTEGER = (2, None, None)
    MOMENT = (2, None, 9)
    """Unix seconds; milliseconds in the file."""
    AMOUNT = (7, _DECIMAL_BYTES, 5)
    """A decimal of 38 digits, four of them after the point."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; any of its values may be null."""

    name: str
    kind: Kind


def parquet(
    columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], rows_a_group: int
) -> Iterator[bytes]:
    """The file, one piece for each row group."""
    yield MAGIC
    offset, count = len(MAGIC), 0
    groups: list[bytes] = []
    for part in _in_parts(rows, rows_a_group):
        pages, chunks = [], []
        start = offset
        for column in columns:
            page, chunk = _chunk(column, [row[column.name] for row in part], offset)
            pages.append(page)
            chunks.append(chunk)
            offset += len(page)
        count += len(part)
        groups.append(
            _struct((1, _list(12, chunks)), (2, _i64(offset - start)), (3, _i64(len(part))))
        )
        yield b"".join(pages)
    footer = _struct(
        (1, _i32(1)),
        (2, _list(12, [_root(len(columns)), *(_element(column) for column in columns)])),
        (3, _i64(count)),
        (4, _list(12, groups)),
        (6, _text("wallet-chain")),
    )
    yield footer + struct.pack("<I", len(footer)) + MAGIC


def _in_parts(rows: Iterable[Mapping[str, Any]], size: int) -> Iterator[list[Mapping[str, Any]]]:
    part: list[Mapping[str, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def _chunk(column: Column, values: list[Any], offset: int) -> tuple[bytes, bytes]:
    """A column of a row group: its page, and what the footer says of it."""
    levels = _levels(value is not None for value in values)
    data = b"".join(_plain(column.kind, value) for value in values if value is not None)
    raw = struct.pack("<I", len(levels)) + levels + data
    packer = zlib.compressobj(_COMPRESSION_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = packer.compress(raw) + packer.flush()
    page = _struct((1, _i32(len(values))), (2, _i32(_PLAIN)), (3, _i32(_RLE)), (4, _i32(_RLE)))
    head = _struct((1, _i32(0)), (2, _i32(len(raw))), (3, _i32(len(packed))), (5, (12, page)))
    meta = _struct(
        (1, _i32(column.kind.value[0])),
        (2, _list(5, [_number(_PLAIN), _number(_RLE)])),
        (3, _list(8, [_text(column.name)[1]])),
        (4, _i32(_GZIP)),
        (5, _i64(len(values))),
        (6, _i64(len(head) + len(raw))),
        (7, _i64(len(head) + len(packed))),
        (9, _i64(offset)),
    )
    return head + packed, _struct((2, _i64(offset)), (3, (12, meta)))


def _plain(kind: Kind, value: Any) -> bytes:
    if kind is Kind.TEXT:
        data = str(value).encode()
        return struct.pack("<I", len(data)) + data
    if kind is Kind.AMOUNT:
        scaled = Decimal(value).scaleb(SCALE)
        return int(scaled).to_bytes(_DECIMAL_BYTES, "big", signed=True)
    return struct.pack("<q", value * 1000 if kind is Kind.MOMENT else value)


def _levels(present: Iterable[bool]) -> bytes:
    """Which values are there, as runs."""
    runs = []
    for there, run in groupby(present):
        runs.append(_varint(sum(1 for _ in run) << 1) + bytes([there]))
    return b"".join(runs)


def _root(children: int) -> bytes:
    return _struct((4, _text("schema")), (5, _i32(children)))


def _element(column: Column) -> bytes:
    physical, length, meaning = column.kind.value
    fields = [(1, _i32(physical))]
    if length is not None:
        fields.append((2, _i32(length)))
    fields += [(3, _i32(1)), (4, _text(column.name))]
    if meaning is not None:
        fields.append((6, _i32(meaning)))
    if column.kind is Kind.AMOUNT:
        fields += [(7, _i32(SCALE)), (8, _i32(_PRECISION))]
    return _struct(*fields)


# Thrift's compact form: a field is its number's distance from the one before, its type, its value.

_Field = tuple[int, bytes]


def _struct(*fields: tuple[int, _Field]) -> bytes:
    parts, before = [], 0
    for number, (kind, data) in fields:
        parts.append(bytes([(number - before) << 4 | kind]) + data)
        before = number
    return b"".join(parts) + b"\x00"


def _i32(value: int) -> _Field:
    return 5, _number(value)


def _i64(value: int) -> _Field:
    return 6, _number(value)


def _text(value: str) -> _Field:
    data = value.encode()
    return 8, _varint(len(data)) + data


def _list(kind: int, items: Sequence[bytes]) -> _Field:
    few = len(items) < 15
    head = bytes([len(items) << 4 | kind]) if few else bytes([0xF0 | kind]) + _varint(len(items))
    return 9, head + b"".join(items)


def _number(value: int) -> bytes:
    return _varint((value << 1) ^ (value >> 63))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
