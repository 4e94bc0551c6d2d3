"""Private keys in memory, and transactions signed with them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from coincurve import PrivateKey

from wallet_chain.ledger.hashing import checksum_address, from_hex, keccak256, to_hex
from wallet_chain.ledger.rlp_encoding import Item, integer, rlp_encode
from wallet_chain.ledger.rpc import Rpc, RpcFailure, ask, block_by_number

_DYNAMIC_FEE = b"\x02"
_GAS_PRICE_FACTOR = 2


class LocalSigner:
    """A secp256k1 key in this process's memory. Its ``repr`` shows the address only."""

    def __init__(self, private_key: bytes) -> None:
        """Take 32 bytes; raises ValueError when they are no key of the curve."""
        if len(private_key) != 32:
            raise ValueError("a private key has 32 bytes")
        self._key = PrivateKey(private_key)
        self.address = address_of(self._key.public_key.format(compressed=False))

    @classmethod
    def from_hex(cls, text: str) -> "LocalSigner":
        """Read 32 bytes in hex, with or without ``0x``."""
        return cls(bytes.fromhex(text.removeprefix("0x")))

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes ``r || s || v`` over a 32-byte digest; s is low (EIP-2), v is 27 or 28."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes((27 + signature[64],))

    def sign_recoverable(self, digest: bytes) -> tuple[int, int, int]:
        """``(y parity, r, s)`` over a 32-byte digest, as transactions carry them."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return (
            signature[64],
            int.from_bytes(signature[:32], "big"),
            int.from_bytes(signature[32:64], "big"),
        )

    def __repr__(self) -> str:
        return f"LocalSigner({self.address})"


def address_of(uncompressed_public_key: bytes) -> str:
    """The EIP-55 address of a 65-byte public key."""
    return checksum_address(keccak256(uncompressed_public_key[1:])[12:])


@dataclass(frozen=True)
class Fees:
    """What a transaction offers for its gas, in wei a unit of gas."""

    max_fee_per_gas: int = 0
    max_priority_fee_per_gas: int = 0
    legacy: bool = False
    """The chain knows no base fee (before EIP-1559): the transaction is of the first kind."""

    @property
    def is_free(self) -> bool:
        """Whether sending costs nothing, so that no account needs funds."""
        return self.max_fee_per_gas == 0


def fee_policy(rpc: Rpc) -> Fees:
    """What to offer on this chain now: nothing where it asks nothing, else twice its gas price.

    Twice, because the signed bytes are sent again unchanged until they are mined, while the base
    fee may rise by an eighth each block (EIP-1559). Only what the block asks is paid.
    """
    gas_price = int(ask(rpc, "eth_gasPrice", []), 16)
    block = block_by_number(rpc, "latest") or {}
    base_fee = block.get("baseFeePerGas")
    if base_fee is None:
        return Fees(gas_price * _GAS_PRICE_FACTOR, legacy=True)
    if gas_price == 0 and int(base_fee, 16) == 0:
        return Fees()
    # A node may quote a price below the base fee of its newest block; that would never be mined.
    floor = max(gas_price, int(base_fee, 16))
    return Fees(floor * _GAS_PRICE_FACTOR, max(gas_price - int(base_fee, 16), 0))


@dataclass(frozen=True)
class SignedTransaction:
    """Bytes ready to be sent, any number of times: the chain takes them once."""

    raw: bytes

    @cached_property
    def hash(self) -> str:
        """The transaction's hash, ``0x`` hex."""
        return to_hex(keccak256(self.raw))


def sign_transaction(
    signer: LocalSigner,
    *,
    chain_id: int,
    nonce: int,
    to: str | None,
    data: bytes,
    gas: int,
    fees: Fees,
    value: int = 0,
) -> SignedTransaction:
    """Sign a call (or with ``to`` None a creation): type 2 (EIP-1559), or legacy with EIP-155."""
    target = b"" if to is None else from_hex(to)
    if fees.legacy:
        return _sign_legacy(signer, chain_id, nonce, target, data, gas, fees, value)
    fields: list[Item] = [
        integer(chain_id),
        integer(nonce),
        integer(fees.max_priority_fee_per_gas),
        integer(fees.max_fee_per_gas),
        integer(gas),
        target,
        integer(value),
        data,
        [],
    ]
    parity, r, s = signer.sign_recoverable(keccak256(_DYNAMIC_FEE + rlp_encode(fields)))
    fields += [integer(parity), integer(r), integer(s)]
    return SignedTransaction(_DYNAMIC_FEE + rlp_encode(fields))


def _sign_legacy(
    signer: LocalSigner,
    chain_id: int,
    nonce: int,
    target: bytes,
    data: bytes,
    gas: int,
    fees: Fees,
    value: int,
) -> SignedTransaction:
    fields: list[Item] = [
        integer(nonce),
        integer(fees.max_fee_per_gas),
        integer(gas),
        target,
        integer(value),
        data,
    ]
    digest = keccak256(rlp_encode([*fields, integer(chain_id), b"", b""]))
    parity, r, s = signer.sign_recoverable(digest)
    fields += [integer(35 + 2 * chain_id + parity), integer(r), integer(s)]
    return SignedTransaction(rlp_encode(fields))


def send_raw(rpc: Rpc, transaction: SignedTransaction) -> None:
    """Hand the bytes to the node. Raises RpcFailure or ChainUnavailable; see ``classify``."""
    rpc.call("eth_sendRawTransaction", [to_hex(transaction.raw)])


def receipt_of(rpc: Rpc, transaction_hash: str) -> dict[str, Any] | None:
    """The receipt of a mined transaction; None while it is not mined."""
    try:
        receipt: dict[str, Any] | None = rpc.call("eth_getTransactionReceipt", [transaction_hash])
    except RpcFailure:
        # Some nodes answer an error instead of null for a transaction that they do not know yet.
        return None
    return receipt
