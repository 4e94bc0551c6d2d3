"""Keccak-256 and the ways in which bytes are written as text: ``0x`` hex and EIP-55 addresses."""

from functools import lru_cache

from eth_hash.auto import keccak

from wallet_chain.errors import InvalidAddress

ZERO_ADDRESS = "0x" + "00" * 20
ZERO_HASH = "0x" + "00" * 32


def keccak256(data: bytes) -> bytes:
    """The 32-byte Keccak-256 hash used by Ethereum (not SHA3-256)."""
    return keccak(data)


def to_hex(data: bytes) -> str:
    """``0x`` and lower-case hex digits, two a byte."""
    return "0x" + data.hex()


def from_hex(text: str) -> bytes:
    """The bytes of ``0x`` hex; raises ValueError when the text is not that."""
    if text[:2] not in ("0x", "0X"):
        raise ValueError("hex data starts with 0x")
    return bytes.fromhex(text[2:])


@lru_cache(maxsize=65_536)
def checksum_address(address: bytes | str) -> str:
    """The EIP-55 form of 20 bytes or of 40 hex digits after ``0x``, in any case.

    Raises InvalidAddress when it is neither. A wrong checksum in the argument is not noticed here;
    see ``read_address``.
    """
    digits = address.hex() if isinstance(address, bytes) else address[2:].lower()
    prefixed = isinstance(address, bytes) or address[:2] in ("0x", "0X")
    if not prefixed or len(digits) != 40 or not all(d in "0123456789abcdef" for d in digits):
        raise InvalidAddress(
            f"{address!r} is not an account address; write 0x and 40 hex digits.",
            address=str(address),
        )
    marks = keccak(digits.encode()).hex()
    return "0x" + "".join(
        d.upper() if int(mark, 16) > 7 else d for d, mark in zip(digits, marks, strict=False)
    )


def read_address(text: str) -> str:
    """An address that a person typed, as EIP-55.

    All lower or all upper case is taken as it is; mixed case must be the right checksum.
    Raises InvalidAddress.
    """
    checksummed = checksum_address(text)
    digits = text[2:]
    if digits not in (digits.lower(), digits.upper()) and text[2:] != checksummed[2:]:
        raise InvalidAddress(
            f"The capitals in {text} are not the checksum of an address (EIP-55):"
            " one of its characters is wrong. Copy it again.",
            address=text,
        )
    return checksummed
