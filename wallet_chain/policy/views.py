"""What the policy capability answers."""

from dataclasses import dataclass

from wallet_chain.bank.views import OperationView
from wallet_chain.money import Money


@dataclass(frozen=True, slots=True)
class TierView:
    """A tier's limits in minor units of the reference currency (EUR); null: without limit."""

    tier: int
    per_payment_minor: int | None
    day_minor: int | None
    month_minor: int | None
    balance_minor: int | None


@dataclass(frozen=True, slots=True)
class CorridorView:
    """Whether money may move between two countries. Corridors that are not listed are open."""

    from_country: str
    to_country: str
    status: str


@dataclass(frozen=True, slots=True)
class CurrencyView:
    """A currency that runs here."""

    currency: str
    token: str
    minor_digits: int
    price: str
    """Units of the reference currency for one unit, in decimal."""
    per_mint: Money | None
    per_day: Money | None
    """Null until caps were set: then nothing can be minted."""


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The rules in force as of ``block_number``; ``version`` rises with every change."""

    version: int
    block_number: int
    tiers: tuple[TierView, ...]
    corridors: tuple[CorridorView, ...]
    currencies: tuple[CurrencyView, ...]
    paused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CourtOrderView:
    """A court-ordered transfer."""

    id: str
    from_account: str
    to_account: str
    money: Money
    order_reference: str
    order_hash: str
    """What the chain calls it."""
    operation: OperationView
    created_at: int
