"""Recursive Length Prefix, encoding only (Ethereum Yellow Paper, appendix B).

Headers, transactions and receipts are encoded for every block and every signature, so this is
written for speed; a test compares it with the ``rlp`` package.
"""

from collections.abc import Iterable, Sequence

Item = bytes | Sequence["Item"]

_ONE_BYTE = [bytes((value,)) for value in range(256)]


def rlp_encode(item: Item) -> bytes:
    """The encoding of a byte string, or of a list of items."""
    if isinstance(item, bytes):
        length = len(item)
        if length == 1 and item[0] < 0x80:
            return item
        if length < 56:
            return _ONE_BYTE[0x80 + length] + item
        return _prefix(length, 0x80) + item
    return rlp_list([rlp_encode(part) for part in item])


def rlp_list(encoded_parts: Iterable[bytes]) -> bytes:
    """The encoding of a list whose items are encoded already."""
    payload = b"".join(encoded_parts)
    return _prefix(len(payload), 0xC0) + payload


def integer(number: int) -> bytes:
    """A scalar: big endian without leading zeros; zero is the empty string."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _prefix(length: int, offset: int) -> bytes:
    if length < 56:
        return _ONE_BYTE[offset + length]
    size = integer(length)
    return bytes((offset + 55 + len(size),)) + size
