"""What customers and staff ask for in a run, each with its key for ever."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from wallet_chain.ledger.hashing import to_hex

WAIT_AND_REPEAT = {
    "chain_unavailable",
    "store_busy",
    "store_unavailable",
    "overloaded",
    "not_ready",
    "chain_state_lost",
    "lane_halted",
    # The node answered a question with an error that nobody knows.
    "chain_refused",
}
"""Refusals after which a client asks again with the same key."""

PAYERS = ("anna", "ben")
ATTEST_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Wish:
    """One request as its client repeats it until it is answered."""

    key: str
    kind: str
    """``pay``, or ``attest``: a call with a role's own key."""
    who: str
    amount_minor: int
    different: bool = False
    """The same key with another content: it must be refused."""

    @property
    def document(self) -> str:
        """What an attestation names, in hex: nothing else names it."""
        return hashlib.sha256(self.key.encode()).hexdigest()

    @property
    def body(self) -> dict[str, object]:
        """The JSON that was sent."""
        return {"who": self.who, "amount": self.amount_minor, "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a client was told."""

    resource_id: str
    operation_id: str | None
    replayed: bool


class Wishes:
    """An endless, seeded supply."""

    def __init__(
        self, seed: str, attest_share: float = ATTEST_SHARE, payers: Sequence[str] = PAYERS
    ) -> None:
        self._payers = tuple(payers)
        self._chance = random.Random(f"wishes/{seed}")
        self._seed = seed
        self.attest_share = attest_share
        """How many of them are attestations."""
        self._made = 0

    def next(self) -> Wish:
        """Another one."""
        attests = self._chance.random() < self.attest_share
        return self.one("attest" if attests else "pay")

    def one(self, kind: str) -> Wish:
        """Another one, of this kind."""
        self._made += 1
        key = f"{self._seed}/{self._made}"
        if kind == "attest":
            return Wish(key, kind, "auditor", 1_000_000_00 + self._made)
        return Wish(key, kind, self._chance.choice(self._payers), self._chance.randint(1, 5))


def reference_topic(reference: str) -> str:
    """A reference as an event's topic has it."""
    return to_hex(bytes.fromhex(reference.removeprefix("0x")))
