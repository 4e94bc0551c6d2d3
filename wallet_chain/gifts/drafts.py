"""What is asked of the gifts capability."""

from dataclasses import dataclass

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class GiftDraft:
    """Put money of the caller's customer aside for others to claim with a code."""

    money: Money
    """All of it."""
    shares: int = 1
    """By how many it can be claimed."""
    division: str = "equal"
    """``equal`` or ``random``."""
    claim_until: int | None = None
    """The last moment for a claim, Unix seconds; null: a day from now."""
    details: str | None = None
    """Up to 140 characters for those who claim; encrypted here, only its salted hash on chain."""


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """Claim a share of a gift for the caller's customer."""

    code: str
    """As the giver told it."""


@dataclass(frozen=True, slots=True)
class ReturnDraft:
    """Send what is left of a gift back to its giver, once its time is over."""

    gift_id: str


@dataclass(frozen=True, slots=True)
class GiftFilter:
    """Which gifts; null: any."""

    direction: str | None = None
    """``given`` or ``claimed``, as seen from ``customer_id`` (or the caller's customer)."""
    customer_id: str | None = None
    """A customer may only name itself."""
