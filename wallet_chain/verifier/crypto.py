"""Keccak-256, and who signed on secp256k1: the two things that are left to libraries."""

from coincurve import PublicKey
from sha3 import keccak_256  # type: ignore[import-untyped]

from wallet_chain.verifier.finding import Invalid, require

N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of secp256k1's group."""


def keccak256(data: bytes) -> bytes:
    """The 32-byte Keccak-256 that Ethereum uses (not SHA3-256)."""
    return bytes(keccak_256(data).digest())


def recover(digest: bytes, r: int, s: int, parity: int, code: str = "bad_signature") -> bytes:
    """The 20-byte address that signed ``digest``. Raises Invalid (``code``) when nobody can have."""
    possible = 0 < r < N and 0 < s < N and parity in (0, 1)
    require(possible, code, "A signature's numbers are out of range.")
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((parity,))
    try:
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except Exception as error:
        # The library raises a bare Exception for a signature that fits no key.
        raise Invalid(code, "A signature fits no key.") from error
    return keccak256(key.format(compressed=False)[1:])[12:]
