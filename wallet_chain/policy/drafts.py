"""What is asked of the policy capability."""

from dataclasses import dataclass

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class TierDraft:
    """A tier's limits in minor units of the reference currency (EUR); null: without limit."""

    tier: int
    per_payment_minor: int | None
    day_minor: int | None
    month_minor: int | None
    balance_minor: int | None


@dataclass(frozen=True, slots=True)
class CorridorDraft:
    """Whether money may move between two countries (ISO 3166-1 alpha-2)."""

    from_country: str
    to_country: str
    status: str
    """``open``, ``review`` or ``closed``."""


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """What one unit of a currency is worth in the reference currency, as a decimal: ``0.92``."""

    currency: str
    price: str
    anchor: bool = False
    """Move the middle of the band inside which prices may be set, too."""


@dataclass(frozen=True, slots=True)
class CapsDraft:
    """The most that may be minted in one proposal and in one day."""

    currency: str
    per_mint: Money
    per_day: Money


@dataclass(frozen=True, slots=True)
class SwitchDraft:
    """Pause or resume a kind of movement."""

    switch: str
    """``outgoing``, ``issuance``, ``redemption`` or ``everything``."""
    paused: bool


@dataclass(frozen=True, slots=True)
class CourtOrderDraft:
    """A transfer ordered by a court; reaches frozen accounts too."""

    from_account: str
    to_account: str
    money: Money
    order_reference: str
    """The court's file number, 1 to 140 characters; used once, a keyed hash of it on chain."""
