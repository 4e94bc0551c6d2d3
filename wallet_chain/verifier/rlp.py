"""Recursive Length Prefix (Ethereum Yellow Paper, appendix B), and nothing but its one encoding."""

from typing import TypeAlias

from wallet_chain.verifier.finding import Invalid, require

Item: TypeAlias = "bytes | list[Item]"

_DEPTH_MAX = 16


def decode(data: bytes) -> Item:
    """The one item in these bytes. Raises Invalid for other encodings and for trailing bytes."""
    item, end = _item(data, 0, len(data), 0)
    require(end == len(data), "bad_rlp", "Bytes are left over after an item.")
    return item


def decode_list(data: bytes) -> list[Item]:
    """The list in these bytes."""
    item = decode(data)
    if isinstance(item, bytes):
        raise Invalid("bad_rlp", "A list was expected, and a string is there.")
    return item


def string(item: Item, size: int | None = None) -> bytes:
    """``item``, which has to be a string, of ``size`` bytes where one is given."""
    if not isinstance(item, bytes) or size not in (None, len(item)):
        raise Invalid("bad_rlp", "A string of another length was expected.")
    return item


def listed(item: Item) -> list[Item]:
    """``item``, which has to be a list."""
    if isinstance(item, bytes):
        raise Invalid("bad_rlp", "A list was expected, and a string is there.")
    return item


def scalar(item: Item) -> int:
    """A number of at most 256 bits, big endian without leading zeros."""
    data = string(item)
    fits = len(data) <= 32 and not data.startswith(b"\x00")
    require(fits, "bad_rlp", "A number has leading zeros or is too large.")
    return int.from_bytes(data, "big")


def encode(item: Item) -> bytes:
    """The encoding of an item."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(len(item), 0x80) + item
    payload = b"".join(map(encode, item))
    return _prefix(len(payload), 0xC0) + payload


def encode_number(value: int) -> bytes:
    """A number as an item's bytes."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _prefix(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes((offset + length,))
    size = encode_number(length)
    return bytes((offset + 55 + len(size),)) + size


def _item(data: bytes, at: int, end: int, depth: int) -> tuple[Item, int]:
    require(at < end and depth <= _DEPTH_MAX, "bad_rlp", "An item is missing or nested too deep.")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    offset = 0x80 if first < 0xC0 else 0xC0
    length, start = first - offset, at + 1
    if length > 55:
        size = length - 55
        written = data[start : start + size]
        start += size
        length = int.from_bytes(written, "big")
        shortest = len(written) == size and written[0] != 0 and length > 55
        require(shortest and start <= end, "bad_rlp", "A length is not in its shortest form.")
    stop = start + length
    require(stop <= end, "bad_rlp", "An item is longer than what holds it.")
    if offset == 0x80:
        single = length == 1 and data[start] < 0x80
        require(not single, "bad_rlp", "A byte is not in its shortest form.")
        return data[start:stop], stop
    items: list[Item] = []
    while start < stop:
        item, start = _item(data, start, stop, depth + 1)
        items.append(item)
    return items, stop
