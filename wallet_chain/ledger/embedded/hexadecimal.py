"""Hexadecimal as Ethereum's JSON-RPC writes it (EIP-1474, section "Value encoding").

A *quantity* has no leading zeros (``0x0`` for zero); *data* has two digits per byte.
"""

from typing import Any

from wallet_chain.ledger.embedded.rpc_error import invalid_params

ADDRESS_BYTES = 20
HASH_BYTES = 32
_UINT256_MAX = 2**256 - 1


def quantity(number: int) -> str:
    """An integer as a quantity."""
    return hex(number)


def data(value: bytes) -> str:
    """Bytes as data."""
    return "0x" + value.hex()


def word(number: int, size_bytes: int = HASH_BYTES) -> str:
    """An unsigned integer as data of a fixed width."""
    return "0x" + number.to_bytes(size_bytes, "big").hex()


def read_quantity(value: Any, name: str) -> int:
    """An unsigned 256-bit integer from a quantity; raises RpcError -32602 otherwise."""
    if isinstance(value, str) and value.startswith("0x") and len(value) > 2:
        try:
            number = int(value, 16)
        except ValueError:
            raise invalid_params(f"{name}: {value!r} is not a hexadecimal quantity") from None
        if 0 <= number <= _UINT256_MAX:
            return number
        raise invalid_params(f"{name}: {value!r} does not fit in 256 bits")
    raise invalid_params(f"{name}: expected a hexadecimal quantity such as 0x1a")


def read_data(value: Any, name: str) -> bytes:
    """Bytes from data; raises RpcError -32602 otherwise."""
    if isinstance(value, str) and value.startswith("0x"):
        try:
            return bytes.fromhex(value[2:])
        except ValueError:
            raise invalid_params(f"{name}: not an even number of hexadecimal digits") from None
    raise invalid_params(f"{name}: expected hexadecimal data beginning with 0x")


def read_address(value: Any, name: str) -> bytes:
    """The 20 bytes of an address; raises RpcError -32602 otherwise."""
    address = read_data(value, name)
    if len(address) != ADDRESS_BYTES:
        raise invalid_params(f"{name}: an address has 20 bytes, not {len(address)}")
    return address


def read_hash(value: Any, name: str) -> bytes:
    """The 32 bytes of a hash; raises RpcError -32602 otherwise."""
    digest = read_data(value, name)
    if len(digest) != HASH_BYTES:
        raise invalid_params(f"{name}: a hash has 32 bytes, not {len(digest)}")
    return digest


def read_slot(value: Any, name: str) -> int:
    """A storage slot, written as a quantity or as up to 32 bytes of data."""
    return read_quantity(value, name)
