"""Signed bytes read again, so that another transaction can take their nonce.

What is signed again comes out of the bytes themselves and not out of what somebody believes to be in
them: so a replacement can't say anything else than what it replaces.
"""

from dataclasses import dataclass
from typing import Any

import rlp

from wallet_chain.ledger.hashing import checksum_address
from wallet_chain.ledger.transactions import (
    Fees,
    LocalSigner,
    SignedTransaction,
    sign_transaction,
)

TRANSFER_GAS = 21_000
"""Of a transfer without data, on every chain."""

_DYNAMIC_FEE = b"\x02"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a transaction does, without what it offers for it."""

    chain_id: int
    nonce: int
    to: str | None
    value: int
    data: bytes
    gas: int


def read_signed(raw: bytes) -> tuple[Contents, Fees]:
    """Contents and fees of bytes that ``sign_transaction`` has made. Raises ValueError for others."""
    if raw[:1] == _DYNAMIC_FEE:
        fields = _fields(raw[1:], 12)
        chain_id, nonce, tip, most, gas = (_integer(one) for one in fields[:5])
        if fields[8]:
            raise ValueError("a list of accesses is none of ours")
        fees = Fees(most, tip)
        to, value, data = fields[5:8]
    else:
        fields = _fields(raw, 9)
        nonce, price, gas = (_integer(one) for one in fields[:3])
        to, value, data = fields[3:6]
        chain_id = (_integer(fields[6]) - 35) // 2
        fees = Fees(price, legacy=True)
    target = checksum_address(to) if to else None
    return Contents(chain_id, nonce, target, _integer(value), data, gas), fees


def sign_again(signer: LocalSigner, contents: Contents, fees: Fees) -> SignedTransaction:
    """The same contents, offered for other fees."""
    return sign_transaction(
        signer,
        chain_id=contents.chain_id,
        nonce=contents.nonce,
        to=contents.to,
        data=contents.data,
        gas=contents.gas,
        fees=fees,
        value=contents.value,
    )


def emptied(contents: Contents, own_address: str) -> Contents:
    """What only uses the nonce up: a transfer of nothing to the sender itself."""
    return Contents(contents.chain_id, contents.nonce, own_address, 0, b"", TRANSFER_GAS)


def raised(old: Fees, asked: Fees, max_fee_per_gas: int) -> Fees | None:
    """What to offer for the same nonce next: what the chain asks now, and at least an eighth more
    than before in both parts, since nodes take nothing less instead. None when that is beyond
    ``max_fee_per_gas`` (wei)."""
    least = _an_eighth_more(old.max_fee_per_gas)
    if least > max_fee_per_gas:
        return None
    most = min(max(least, asked.max_fee_per_gas), max_fee_per_gas)
    if old.legacy:
        return Fees(most, legacy=True)
    tip = min(asked.max_priority_fee_per_gas, most)
    return Fees(most, max(tip, _an_eighth_more(old.max_priority_fee_per_gas)))


def _an_eighth_more(wei: int) -> int:
    return max(-(-wei * 9 // 8), wei + 1)


def _fields(encoded: bytes, count: int) -> list[Any]:
    try:
        fields = rlp.decode(encoded)
    except rlp.exceptions.RLPException as error:
        raise ValueError("this is no transaction") from error
    if not isinstance(fields, list) or len(fields) != count:
        raise ValueError("this is no transaction")
    return fields


def _integer(field: bytes) -> int:
    return int.from_bytes(field, "big")
