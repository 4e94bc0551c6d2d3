"""Prices as people write them, and as the contract counts: exactly, or not at all.

People say what one unit of a currency is worth in the reference currency. The contract keeps minor
units of the reference currency for one minor unit, times 1e18.
"""

import re

from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.units import PRICE_SCALE, REFERENCE_CURRENCY
from wallet_chain.money import CURRENCIES, Currency

_PRICE = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.([0-9]{1,18}))?", re.ASCII)


def read_price(text: str, currency: Currency) -> int:
    """``("0.92", USD)`` to 0.92e18, ``("0.0061", JPY)`` to 0.61e18. Raises InvalidRequest."""
    match = _PRICE.fullmatch(text)
    if match is None:
        raise InvalidRequest("price is a decimal number like 0.92.", field="price")
    fraction = match.group(2) or ""
    numerator = int(match.group(1) + fraction) * PRICE_SCALE * _reference_units()
    scale: int = 10 ** (len(fraction) + currency.minor_digits)
    price, inexact = divmod(numerator, scale)
    if inexact or price == 0:
        raise InvalidRequest("price must be above zero and have fewer decimals.", field="price")
    return price


def write_price(price: int, currency: Currency) -> str:
    """The contract's price as people write it, without trailing zeros."""
    whole, rest = divmod(price * 10**currency.minor_digits, PRICE_SCALE * _reference_units())
    digits = str(rest).rjust(len(str(PRICE_SCALE * _reference_units())) - 1, "0").rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def _reference_units() -> int:
    units: int = 10 ** CURRENCIES[REFERENCE_CURRENCY].minor_digits
    return units
