"""Identifiers with their kind in front, e.g. ``pay_01JABCDEFGHJKMNPQRSTVWXYZ0``.

The 26 characters are a ULID: 48 bits of Unix milliseconds and 80 random bits in Crockford's
base 32, so that ids made later sort later and none can be guessed.
"""

import secrets

from wallet_chain.clock import unix_nanoseconds

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
_RANDOM_BITS = 80


def new_id(prefix: str) -> str:
    """A fresh id such as ``pay_...``; the prefix is given without its underscore."""
    milliseconds = unix_nanoseconds() // 1_000_000
    number = (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    characters = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, 32)
        characters.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(characters))}"
