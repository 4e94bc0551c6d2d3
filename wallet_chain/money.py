"""Money as whole minor units of an ISO 4217 currency. No float touches it.

Minor units ("exponents") are those of ISO 4217 table A.1: JPY 0, EUR 2, BHD 3.
"""

import re
from dataclasses import dataclass

from wallet_chain.errors import (
    AmountNotANumber,
    AmountNotPositive,
    AmountTooLarge,
    UnknownCurrency,
    WrongDecimals,
)

AMOUNT_MINOR_MAX = 2**63 - 1
"""The largest amount anywhere: the contracts cap each currency's supply there, so that every
database and every JSON reader holds it exactly."""

_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: alphabetic code, numeric code, digits after the point, name."""

    code: str
    numeric: int
    minor_digits: int
    name: str


CURRENCIES: dict[str, Currency] = {
    c.code: c
    for c in (
        Currency("BHD", 48, 3, "Bahraini Dinar"),
        Currency("CHF", 756, 2, "Swiss Franc"),
        Currency("CNY", 156, 2, "Yuan Renminbi"),
        Currency("EUR", 978, 2, "Euro"),
        Currency("GBP", 826, 2, "Pound Sterling"),
        Currency("JPY", 392, 0, "Yen"),
        Currency("KWD", 414, 3, "Kuwaiti Dinar"),
        Currency("SGD", 702, 2, "Singapore Dollar"),
        Currency("USD", 840, 2, "US Dollar"),
    )
}
"""The currencies this product knows how to write; which of them run is the chain's decision."""


def currency_named(code: str) -> Currency:
    """The currency with this ISO 4217 alphabetic code. Raises UnknownCurrency."""
    found = CURRENCIES.get(code)
    if found is None:
        raise UnknownCurrency(
            f"{code!r} is not a currency of this system; use one of {', '.join(sorted(CURRENCIES))}.",
            currency=code,
        )
    return found


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency. May be zero or negative inside; never in an order."""

    amount_minor: int
    currency: Currency

    @property
    def decimal(self) -> str:
        """The amount as a decimal string with exactly the currency's digits, e.g. ``12.34``."""
        return minor_to_decimal(self.amount_minor, self.currency)

    def to_json(self) -> dict[str, str]:
        """``{"amount": "12.34", "currency": "EUR"}``, the form used by the API."""
        return {"amount": self.decimal, "currency": self.currency.code}

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency.code}"


def minor_to_decimal(amount_minor: int, currency: Currency) -> str:
    """Minor units to a decimal string: ``(1234, EUR) -> "12.34"``, ``(5, JPY) -> "5"``."""
    sign = "-" if amount_minor < 0 else ""
    digits = str(abs(amount_minor)).rjust(currency.minor_digits + 1, "0")
    if currency.minor_digits == 0:
        return sign + digits
    return f"{sign}{digits[: -currency.minor_digits]}.{digits[-currency.minor_digits :]}"


def positive_money(amount: str, currency_code: str) -> Money:
    """Read an amount that someone wants to move.

    The text must be a plain decimal with exactly the currency's number of digits, above zero and
    at most ``AMOUNT_MINOR_MAX``. Raises UnknownCurrency, AmountNotANumber, WrongDecimals,
    AmountNotPositive or AmountTooLarge, tested in this order.
    """
    currency = currency_named(currency_code)
    if len(amount) > 64:
        raise AmountTooLarge("The amount is too long to be an amount of money.", limit=64)
    match = _DECIMAL.fullmatch(amount)
    if match is None:
        raise AmountNotANumber(
            f"{amount!r} is not a decimal number; write it like {minor_to_decimal(1234, currency)!r}.",
            amount=amount,
        )
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if len(fraction) != currency.minor_digits:
        raise WrongDecimals(
            f"{currency.code} amounts have {currency.minor_digits} decimals;"
            f" {amount!r} has {len(fraction)}.",
            amount=amount,
            currency=currency.code,
            decimals=currency.minor_digits,
        )
    amount_minor = int(whole + fraction)
    if sign or amount_minor == 0:
        raise AmountNotPositive("The amount must be above zero.", amount=amount)
    if amount_minor > AMOUNT_MINOR_MAX:
        raise AmountTooLarge(
            "The amount is larger than any that this system can hold.",
            amount=amount,
            limit=minor_to_decimal(AMOUNT_MINOR_MAX, currency),
        )
    return Money(amount_minor, currency)
