"""Who is calling: the API key in the Authorization header, looked up and remembered briefly."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from starlette.concurrency import run_in_threadpool

from wallet_chain.bank import Bank
from wallet_chain.clock import monotonic_seconds
from wallet_chain.errors import Unauthenticated
from wallet_chain.identity import authenticate
from wallet_chain.pipeline.requests import Caller

REMEMBERED_SECONDS = 2.0
"""How long a key that another process revoked may still be taken. A key that is revoked through
this process is refused at once."""

_REMEMBERED_MAX = 10_000
_TOKEN_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    until: float


class Callers:
    """The callers seen lately, by the SHA-256 of their key: no key is kept in memory."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._remembered: dict[bytes, _Remembered] = {}
        self._changes = 0

    async def identify(self, authorizations: Sequence[str]) -> Caller:
        """The caller that this header names. Raises Unauthenticated or ApiKeyExpired."""
        token = _bearer_token(authorizations)
        digest = sha256(token.encode()).digest()
        known = self._remembered.get(digest)
        if known is not None and monotonic_seconds() < known.until:
            return known.caller
        changes = self._changes
        caller = await run_in_threadpool(authenticate, self._bank, token)
        # A key that was revoked while it was being looked up is not remembered.
        if changes == self._changes:
            self._remember(digest, caller)
        return caller

    def forget_all(self) -> None:
        """Look every key up anew: called whenever a key or its principal changes."""
        self._changes += 1
        self._remembered.clear()

    def _remember(self, digest: bytes, caller: Caller) -> None:
        if len(self._remembered) >= _REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[digest] = _Remembered(caller, monotonic_seconds() + REMEMBERED_SECONDS)


def _bearer_token(authorizations: Sequence[str]) -> str:
    """The token of the one ``Authorization: Bearer <token>`` (RFC 6750, section 2.1)."""
    if len(authorizations) != 1:
        raise Unauthenticated("Send your API key once, as 'Authorization: Bearer wck_...'.")
    scheme, _, token = authorizations[0].partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.isascii() or len(token) > _TOKEN_LENGTH_MAX:
        raise Unauthenticated("Send your API key as 'Authorization: Bearer wck_...'.")
    return token
