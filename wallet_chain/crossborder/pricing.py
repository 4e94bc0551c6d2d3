"""What an exchange costs, in whole minor units and exact fractions.

A rate is target minor units for one source minor unit. Every rounding is against the one who
converts, and by the same two rules as the contract's: ``target_down`` where the amount sent is fixed,
``source_up`` where the amount received is. So a chain of conversions in any order never gains.
"""

from dataclasses import dataclass
from fractions import Fraction

BPS = 10_000

_WORD = 2**128
_FINE = 2**64


@dataclass(frozen=True, slots=True)
class Terms:
    """What a provider asks for: a part of the rate, and a fee of the amount sent."""

    spread_bps: int
    fee_bps: int
    fee_minimum_minor: int
    """In source minor units."""


@dataclass(frozen=True, slots=True)
class Priced:
    """An exchange whose numbers add up."""

    source_minor: int
    """What the sender gives, fee included."""
    fee_minor: int
    target_minor: int
    rate: Fraction
    """After the spread."""
    rounding: str
    """``target_down`` or ``source_up``."""
    mid: Fraction
    """Before the spread."""

    @property
    def cost_bps(self) -> int:
        """What spread, fee and rounding cost together, of the amount sent, rounded up."""
        worth = self.target_minor / self.mid
        return ceil_of((self.source_minor - worth) * BPS / self.source_minor)


def floor_of(value: Fraction) -> int:
    """The next whole number below."""
    return value.numerator // value.denominator


def ceil_of(value: Fraction) -> int:
    """The next whole number above."""
    return -(-value.numerator // value.denominator)


def rate_after_spread(mid: Fraction, spread_bps: int) -> Fraction:
    """The rate that a customer gets; rounded down where a contract's word could not hold it."""
    rate = mid * (BPS - spread_bps) / BPS
    if rate.numerator < _WORD and rate.denominator < _WORD:
        return rate
    return Fraction(floor_of(rate * _FINE), _FINE)


def fee_up(source_minor: int, terms: Terms) -> int:
    """The fee of an amount sent, rounded up."""
    return max(terms.fee_minimum_minor, -(-source_minor * terms.fee_bps // BPS))


def target_down(converted_minor: int, rate: Fraction) -> int:
    """What an amount buys, as ``Conversion.targetDown``."""
    return converted_minor * rate.numerator // rate.denominator


def source_up(target_minor: int, rate: Fraction) -> int:
    """What must be converted for an amount, as ``Conversion.sourceUp``."""
    return -(-target_minor * rate.denominator // rate.numerator)


def price_source(source_minor: int, mid: Fraction, terms: Terms) -> Priced | None:
    """What arrives when so much is sent; None when nothing would."""
    fee = fee_up(source_minor, terms)
    rate = rate_after_spread(mid, terms.spread_bps)
    if fee >= source_minor or rate <= 0:
        return None
    target = target_down(source_minor - fee, rate)
    if target < 1:
        return None
    return Priced(source_minor, fee, target, rate, "target_down", mid)


def price_target(target_minor: int, mid: Fraction, terms: Terms) -> Priced | None:
    """What must be sent for so much to arrive; None when no rate is left after the spread."""
    rate = rate_after_spread(mid, terms.spread_bps)
    if rate <= 0:
        return None
    converted = source_up(target_minor, rate)
    source = gross_up(converted, terms)
    return Priced(source, source - converted, target_minor, rate, "source_up", mid)


def gross_up(converted_minor: int, terms: Terms) -> int:
    """The least amount sent that leaves so much to convert, exactly, once its fee is taken.

    What is left grows by one minor unit or none with each one that is sent more, so it hits every
    amount.
    """
    by_part = -(-converted_minor * BPS // (BPS - terms.fee_bps))
    return max(converted_minor + terms.fee_minimum_minor, by_part)


def smallest_source(mid: Fraction, terms: Terms) -> int:
    """The least amount sent of which anything arrives."""
    rate = rate_after_spread(mid, terms.spread_bps)
    return gross_up(source_up(1, rate), terms)
