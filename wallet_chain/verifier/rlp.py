"""Recursive Length Prefix (Ethereum Yellow Paper, appendix B), and nothing but its one encoding."""

from typing import TypeAlias

from wallet_chain.verifier.finding import Invalid, require

Item: TypeAlias = "bytes | list[Item]"

_DEPTH_MAX = 16


def decode(data: bytes) -> Item:
    """The one item in these bytes. Raises Invalid unless they are its one encoding."""
    item, _ = _item(data, 0, 0)
    require(encode(item) == data, "bad_rlp", "An item is not in its one encoding.")
    return item


def decode_list(data: bytes) -> list[Item]:
    """The list in these bytes."""
    return listed(decode(data))


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


def _item(data: bytes, at: int, depth: int) -> tuple[Item, int]:
    """The item that begins at a position, and where it ends; ``decode`` finds what is wrong in it."""
    require(at < len(data) and depth <= _DEPTH_MAX, "bad_rlp", "An item is missing or too deep.")
    first, start = data[at], at + 1
    if first < 0x80:
        return data[at:start], start
    offset = 0x80 if first < 0xC0 else 0xC0
    length = first - offset
    if length > 55:
        start += length - 55
        length = int.from_bytes(data[at + 1 : start], "big")
    stop = start + length
    if offset == 0x80:
        return data[start:stop], stop
    items: list[Item] = []
    while start < stop:
        item, start = _item(data, start, depth + 1)
        items.append(item)
    return items, stop
