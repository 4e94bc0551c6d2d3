"""How a daily close's bundle is kept: compressed, with a digest of what it was before."""

import hashlib
import zlib

from wallet_chain.errors import ProofUnavailable
from wallet_chain.store.tables import DailyClose


def digest_of(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def packed(content: bytes) -> bytes:
    """A bundle's bytes as they are kept."""
    return zlib.compress(content)


def unpacked(row: DailyClose) -> bytes:
    """A close's bundle. Raises ProofUnavailable when it is not the one that was taken."""
    try:
        content = zlib.decompress(row.packed)
    except zlib.error:
        content = b""
    if digest_of(content) != row.digest:
        raise ProofUnavailable(
            f"The stored close of {row.currency} at block {row.block_number} was changed after it was"
            " taken; have the operator restore the table daily_close from a backup.",
            block=row.block_number,
        )
    return content
