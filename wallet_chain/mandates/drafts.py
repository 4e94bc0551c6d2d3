"""What is asked of the mandates capability."""

from dataclasses import dataclass

from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class MandateDraft:
    """Let a merchant collect money from the caller's customer, again and again."""

    merchant: str
    """An account, an alias or a customer's id."""
    ceiling: Money
    """The most that can be collected in a period."""
    ends_at: int
    """The last moment at which money can be collected, Unix seconds."""
    period_days: int = 0
    """How long a period is; 0: a calendar month in UTC."""
    starts_at: int | None = None
    """The first such moment; null: now."""
    details: str | None = None
    """Up to 140 characters for both sides; encrypted here, only its salted hash on chain."""


@dataclass(frozen=True, slots=True)
class ChargeDraft:
    """Collect money by a mandate, for its present period, as its merchant."""

    mandate_id: str
    money: Money
    details: str | None = None


@dataclass(frozen=True, slots=True)
class EndDraft:
    """End a mandate, as either side of it."""

    mandate_id: str


@dataclass(frozen=True, slots=True)
class MandateFilter:
    """Which mandates; null: any."""

    direction: str | None = None
    """``granted`` or ``received``, as seen from ``customer_id`` (or the caller's customer)."""
    customer_id: str | None = None
    """Either side; a customer may only name itself."""
