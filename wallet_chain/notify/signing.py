"""Signatures of webhooks, after the Standard Webhooks specification (standardwebhooks.com, v1).

What is signed is ``<webhook-id>.<webhook-timestamp>.<body>``, with HMAC-SHA256 under the secret. While
one secret replaces another the header holds a signature by each.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

SECRET_BYTES = 32
_PREFIX = "whsec_"


def new_secret() -> bytes:
    """A fresh secret."""
    return secrets.token_bytes(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """The secret as receivers' libraries take it."""
    return _PREFIX + base64.b64encode(secret).decode("ascii")


def signed_headers(
    event_id: str, sent_at: int, body: bytes, keys: Sequence[bytes]
) -> dict[str, str]:
    """The three headers of one attempt; ``sent_at`` is in Unix seconds."""
    signed = f"{event_id}.{sent_at}.".encode() + body
    signatures = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": " ".join(
            "v1," + base64.b64encode(signature).decode("ascii") for signature in signatures
        ),
    }
