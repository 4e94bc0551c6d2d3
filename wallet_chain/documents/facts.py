"""What documents are made of. Whoever fills these in decides what the reader may see."""

from dataclasses import dataclass
from fractions import Fraction

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class Agent:
    """The bank itself."""

    id: str
    """Its own name for itself, where it has neither BIC nor LEI."""
    name: str
    bic: str | None = None
    lei: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A side of a transfer, or the owner of an account. What is null is not told."""

    account: str
    name: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a transfer's history."""

    sequence: int
    state: str
    at: int
    """Unix seconds."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """A transfer abroad."""

    id: str
    uetr: str
    sender: Party
    recipient: Party
    provider_account: str
    source: Money
    """What is taken from the sender, fee included."""
    fee: Money
    target: Money
    rate: Fraction
    """Whole target units for one whole source unit."""
    purpose: str
    """Of ISO 20022's external list."""
    remittance: str | None
    created_at: int
    history: tuple[Step, ...]

    @property
    def last(self) -> Step:
        """How it stands."""
        return self.history[-1]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement."""

    sequence: int
    change: Money
    at: int
    """Of the block, Unix seconds."""
    kind: str
    reference: str
    transaction_hash: str
    block_number: int
    log_index: int
    uetr: str | None = None
    """Where it is a leg of a transfer abroad."""


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """An account's lines in a period, with the balances before and after."""

    id: str
    """At most 35 characters."""
    owner: Party
    opening: Money
    closing: Money
    time_from: int
    time_to: int
    made_at: int
    lines: tuple[Line, ...]
