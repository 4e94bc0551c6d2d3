"""Digests of documents, as callers write them."""

import re

from wallet_chain.errors import InvalidRequest

_SHA256 = re.compile(r"(?:0x)?([0-9a-fA-F]{64})", re.ASCII)


def read_sha256(text: str, field: str) -> bytes:
    """32 bytes from 64 hex digits, with or without ``0x``. Raises InvalidRequest."""
    match = _SHA256.fullmatch(text)
    if match is None:
        raise InvalidRequest(f"{field} is a SHA-256 in 64 hex digits.", field=field)
    return bytes.fromhex(match.group(1))
