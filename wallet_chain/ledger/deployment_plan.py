"""What a deployment starts with: currencies, prices, limits, caps, and who holds which role."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from wallet_chain.ledger.roles import CONTRACT_ROLES, ROLES
from wallet_chain.ledger.units import NO_LIMIT, PRICE_SCALE, REFERENCE_CURRENCY
from wallet_chain.money import currency_named

DAY_SECONDS = 86_400


@dataclass(frozen=True)
class TierLimits:
    """A tier's limits in minor units of the reference currency; None for no limit."""

    per_payment_minor: int | None
    day_minor: int | None
    month_minor: int | None
    balance_minor: int | None

    def words(self) -> tuple[int, int, int, int]:
        """As the contract takes them."""
        limits = (self.per_payment_minor, self.day_minor, self.month_minor, self.balance_minor)
        first, second, third, fourth = (NO_LIMIT if x is None else x for x in limits)
        return first, second, third, fourth


@dataclass(frozen=True)
class MintCaps:
    """The most that may be issued, in minor units of the currency itself."""

    per_mint_minor: int
    per_day_minor: int


@dataclass(frozen=True)
class DeploymentPlan:
    """Everything that the contracts are set to when they are deployed."""

    currencies: tuple[tuple[str, int], ...]
    """Code and price: minor units of the reference currency for one minor unit, times 1e18."""
    tier_limits: Mapping[int, TierLimits]
    """By tier, 1 to 4; a tier without limits may move nothing."""
    caps: Mapping[str, MintCaps]
    """By currency; without caps nothing can be issued."""
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role name -> addresses that hold it from the start."""
    governor_delay_seconds: int = 2 * DAY_SECONDS
    """How long a replacement of the policy is announced before it takes effect."""

    def __post_init__(self) -> None:
        """Raise ValueError for a plan that could not be carried out."""
        for code, _ in self.currencies:
            currency_named(code)
        people = ROLES.keys() - CONTRACT_ROLES - {"GOVERNOR"}
        strangers = self.grants.keys() - people
        if strangers:
            raise ValueError(f"these roles can't be granted to a person: {sorted(strangers)}")


def price_of(code: str, reference_per_unit: Fraction) -> int:
    """The contract's price of a currency, of which one whole unit costs so much of the reference.

    Rounded up, as limits are held against the one who pays.
    """
    minor_per_unit = 10 ** currency_named(code).minor_digits
    reference_minor_per_unit = 10 ** currency_named(REFERENCE_CURRENCY).minor_digits
    scaled = reference_per_unit * PRICE_SCALE * Fraction(reference_minor_per_unit, minor_per_unit)
    return ceil(scaled)


DEFAULT_RATES: Mapping[str, Fraction] = {
    "EUR": Fraction(1),
    "USD": Fraction(86, 100),
    "CNY": Fraction(10, 78),
    "JPY": Fraction(58, 10_000),
    "BHD": Fraction(228, 100),
}
"""Euro for one unit. They bound limits only, no money is converted by them; the rate feeder keeps
them current."""

DEFAULT_TIER_LIMITS: Mapping[int, TierLimits] = {
    1: TierLimits(250_00, 600_00, 6_000_00, 1_250_00),
    2: TierLimits(1_000_00, 2_500_00, 20_000_00, 10_000_00),
    3: TierLimits(6_000_00, 12_500_00, 100_000_00, 60_000_00),
    4: TierLimits(1_000_000_00, 5_000_000_00, 50_000_000_00, None),
}
"""In EUR cents, after the e-CNY wallets' four categories: 1 a phone number only, 4 in person."""

_UNITS_PER_MINT = 1_000_000
_UNITS_PER_DAY = 10_000_000


def default_plan(
    grants: Mapping[str, tuple[str, ...]], rates: Mapping[str, Fraction] = DEFAULT_RATES
) -> DeploymentPlan:
    """A plan for these currencies with the limits of a first installation.

    Caps are the same value in every currency: a million euro a mint, ten million a day.
    """
    return DeploymentPlan(
        currencies=tuple((code, price_of(code, rate)) for code, rate in rates.items()),
        tier_limits=DEFAULT_TIER_LIMITS,
        caps={code: _caps_worth(code, rate) for code, rate in rates.items()},
        grants=grants,
    )


def _caps_worth(code: str, rate: Fraction) -> MintCaps:
    minor_per_euro = Fraction(10 ** currency_named(code).minor_digits) / rate
    return MintCaps(int(_UNITS_PER_MINT * minor_per_euro), int(_UNITS_PER_DAY * minor_per_euro))
