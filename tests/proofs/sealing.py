"""The blocks of a bundle as another consensus would have sealed them.

States, receipts and transactions stay what the real chain made; mix hash, extra data and seals are
made here after Besu's and geth's rules, with the ``rlp`` package and eth-keys.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import rlp
from eth_keys import keys

from tests.proofs.asking import rewritten
from wallet_chain.ledger.hashing import keccak256

EXTRA, MIX_HASH = 12, 13
BFT_MIX_HASH = bytes.fromhex("63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365")
VANITY = b"wallet chain".ljust(32, b"\x00")

Seals = Callable[[bytes], list[bytes]]


def key(name: str) -> keys.PrivateKey:
    """A key that is always the same."""
    return keys.PrivateKey(keccak256(name.encode()))


VALIDATORS = [key(f"validator {number}") for number in range(4)]


def seal(signer: keys.PrivateKey, digest: bytes) -> bytes:
    """65 bytes: r, s and the parity."""
    return bytes(signer.sign_msg_hash(digest).to_bytes())


def sealed_by(signers: Sequence[keys.PrivateKey]) -> Seals:
    """The seals of these validators."""
    return lambda digest: [seal(signer, digest) for signer in signers]


def addresses(signers: Sequence[keys.PrivateKey] = VALIDATORS) -> list[bytes]:
    """Their addresses, ascending as in a header."""
    return sorted(signer.public_key.to_canonical_address() for signer in signers)


def qbft_header(
    encoded: bytes,
    seals: Seals,
    *,
    round_number: int = 0,
    validators: Sequence[bytes] | None = None,
    signed_round: int | None = None,
    vote: Sequence[Any] = (),
) -> bytes:
    """The header as a BFT chain would have it; ``signed_round`` differs for a forged one."""
    fields = rlp.decode(encoded)
    fields[MIX_HASH] = BFT_MIX_HASH
    named = list(addresses() if validators is None else validators)
    signed = round_number if signed_round is None else signed_round

    def extra(number: int, sealed: list[bytes]) -> bytes:
        scalar = number.to_bytes((number.bit_length() + 7) // 8, "big")
        return bytes(rlp.encode([VANITY, named, list(vote), scalar, sealed]))

    fields[EXTRA] = extra(signed, [])
    digest = keccak256(rlp.encode(fields))
    fields[EXTRA] = extra(round_number, seals(digest))
    return bytes(rlp.encode(fields))


def clique_header(encoded: bytes, signer: keys.PrivateKey) -> bytes:
    """The header as geth's Clique would have it."""
    fields = rlp.decode(encoded)
    fields[EXTRA] = VANITY
    fields[EXTRA] = VANITY + seal(signer, keccak256(rlp.encode(fields)))
    return bytes(rlp.encode(fields))


def resealed(bundle: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The bundle with each header changed; those that only linked blocks are left out."""
    value = json.loads(bundle)
    value["blocks"] = [block for block in value["blocks"] if len(block) > 1]
    for block in value["blocks"]:
        block["header"] = "0x" + change(bytes.fromhex(block["header"][2:])).hex()
    return rewritten(value)


def trusting(trust: dict[str, Any], rule: str, sealers: Sequence[bytes]) -> dict[str, Any]:
    """A trust file's value with another finality rule."""
    era = {"from_block": "0", "sealers": ["0x" + each.hex() for each in sealers]}
    return trust | {"finality": {"rule": rule, "eras": [era]}}
