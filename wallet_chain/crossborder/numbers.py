"""Rates and costs as people read them. Nothing is computed with these texts."""

from fractions import Fraction

_DIGITS = 10


def rate_text(rate: Fraction) -> str:
    """A rate with ten significant digits at least, rounded to the nearest, without idle zeros."""
    places = _DIGITS
    while 0 < rate < Fraction(1, 10) ** (places - _DIGITS + 1) and places < 3 * _DIGITS:
        places += 1
    return _decimal(round(rate * 10**places), places)


def percent_text(bps: int) -> str:
    """Hundredths of a per cent as per cent: ``85`` is ``0.85``."""
    return f"{'-' if bps < 0 else ''}{abs(bps) // 100}.{abs(bps) % 100:02}"


def _decimal(scaled: int, places: int) -> str:
    whole, rest = divmod(scaled, 10**places)
    digits = str(rest).rjust(places, "0").rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)
