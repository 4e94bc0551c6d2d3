"""What every capability answers with: written once, used by all.

Moments are whole Unix seconds. Identifiers carry their kind in front (``pay_...``). A hash is
``0x`` and 64 lower-case digits, an account an EIP-55 address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from wallet_chain.money import Money

Resource = TypeVar("Resource")


@dataclass(frozen=True, slots=True)
class Answer(Generic[Resource]):
    """What a write answers: the resource, and whether the same request had been answered before."""

    resource: Resource
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Resource]):
    """A part of a list. ``next_cursor`` asks for the part that follows; null at the end."""

    items: tuple[Resource, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many items to answer (1 to 200), and the cursor that the page before this one gave."""

    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the chain would refuse or has refused: the same words as the API's problem details."""

    code: str
    detail: str
    retryable: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperationView:
    """One thing on its way to the chain, and the receipt once it is there."""

    id: str
    kind: str
    resource_id: str
    state: str
    """``accepted`` -> ``bound`` -> ``settled`` | ``rejected`` | ``cancelled`` | ``expired``."""
    refusal: Refusal | None
    transaction_hash: str | None
    block_number: int | None
    log_index: int | None
    accepted_at: int
    finished_at: int | None

    @property
    def final(self) -> bool:
        """Whether the state can't change any more."""
        return self.state in FINAL_STATES


FINAL_STATES = frozenset({"settled", "rejected", "cancelled", "expired"})


@dataclass(frozen=True, slots=True)
class Movement:
    """What one account would gain (positive) or lose (negative)."""

    account: str
    change: Money


@dataclass(frozen=True, slots=True)
class Preview:
    """The answer of a dry run. Nothing was written."""

    would_settle: bool
    refusal: Refusal | None
    headroom: Mapping[str, int | None]
    """What the limits leave, as the policy explains it; amounts in reference minor units."""
    movements: tuple[Movement, ...]
    """Empty when it would be refused."""
