"""Mid rates: read from the ECB's files or a signed feed, kept for ever, and quoted by while fresh."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.clock import to_iso
from wallet_chain.errors import RatesInvalid, RatesStale
from wallet_chain.money import CURRENCIES, currency_named
from wallet_chain.store.tables import FxRate

BASE = "EUR"
ECB = "European Central Bank"
FORMS = ("ecb-xml", "ecb-csv")

_RATE = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,12})?", re.ASCII)
_PUBLISHED_AT = 15
"""UTC hour: the ECB publishes at about 16:00 CET, and its files name the day only."""


@dataclass(frozen=True, slots=True)
class MidRates:
    """What one euro was worth in other currencies, as one source said at one moment."""

    source: str
    as_of: int
    """Unix seconds."""
    rates: Mapping[str, str]
    """Currency to a decimal string; those that this product does not know are left out."""


@dataclass(frozen=True, slots=True)
class Mid:
    """The mid rate of a pair of currencies."""

    rate: Fraction
    """Target units for one source unit."""
    source: str
    as_of: int
    """Of the older of its two sides."""

    def in_minor_units(self, source_currency: str, target_currency: str) -> Fraction:
        """Target minor units for one source minor unit."""
        digits = (
            currency_named(target_currency).minor_digits
            - currency_named(source_currency).minor_digits
        )
        return self.rate * Fraction(10) ** digits


def load_ecb_xml(content: bytes) -> MidRates:
    """Read ``eurofxref-daily.xml``. Raises RatesInvalid.

    Entities and document types are refused: they could read files or exhaust memory.
    """
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise RatesInvalid(f"The file is not the ECB's XML: {type(error).__name__}.") from error
    days = [node for node in root.iter() if _local(node.tag) == "Cube" and "time" in node.attrib]
    if len(days) != 1:
        raise RatesInvalid("The file must hold the rates of exactly one day.", days=len(days))
    pairs = [
        (node.attrib["currency"], node.attrib["rate"])
        for node in days[0]
        if {"currency", "rate"} <= node.attrib.keys()
    ]
    return mid_rates(ECB, _day(days[0].attrib["time"], "%Y-%m-%d"), pairs)


def load_ecb_csv(content: bytes) -> MidRates:
    """Read ``eurofxref.csv``: a line of names and a line of rates. Raises RatesInvalid."""
    try:
        lines = [line for line in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise RatesInvalid("The file is not the ECB's CSV.") from error
    if len(lines) != 2 or not lines[0] or lines[0][0].strip() != "Date":
        raise RatesInvalid("The file must have a line of names, from Date on, and one of rates.")
    names, values = ([word.strip() for word in line] for line in lines)
    pairs = [
        (name, value)
        for name, value in zip(names[1:], values[1:], strict=False)
        if name and value != "N/A"
    ]
    return mid_rates(ECB, _day(values[0], "%d %B %Y"), pairs)


def mid_rates(source: str, as_of: int, pairs: Iterable[tuple[str, str]]) -> MidRates:
    """Rates that are plain positive decimals, each currency once. Raises RatesInvalid."""
    found: dict[str, str] = {}
    for currency, rate in pairs:
        if not _RATE.fullmatch(rate) or Fraction(rate) <= 0:
            raise RatesInvalid(
                f"The rate of {currency[:8]!r} is not a decimal number above zero.",
                currency=currency[:8],
            )
        if currency in found or currency == BASE:
            raise RatesInvalid(f"{currency} stands twice among the rates.", currency=currency)
        found[currency] = rate
    known = {code: rate for code, rate in found.items() if code in CURRENCIES}
    if not known:
        raise RatesInvalid("There is no rate of a currency of this system.")
    return MidRates(source, as_of, known)


def newest_rates(session: Session) -> dict[str, FxRate]:
    """The newest rate of each currency; the one that came later wins among equals."""
    rows = session.scalars(select(FxRate).order_by(FxRate.currency, FxRate.as_of, FxRate.id))
    return {row.currency: row for row in rows}


def mid_of(bank: Bank, session: Session, source_currency: str, target_currency: str) -> Mid:
    """The mid rate to quote by now. Raises RatesStale when there is none that is fresh."""
    sides = [
        _fresh(bank, session, code) for code in (source_currency, target_currency) if code != BASE
    ]
    values = {row.currency: Fraction(row.rate) for row in sides} | {BASE: Fraction(1)}
    oldest = min(sides, key=lambda row: row.as_of)
    sources = sorted({row.source for row in sides})
    return Mid(values[target_currency] / values[source_currency], ", ".join(sources), oldest.as_of)


def _fresh(bank: Bank, session: Session, currency: str) -> FxRate:
    row = session.scalars(
        select(FxRate)
        .where(FxRate.currency == currency)
        .order_by(FxRate.as_of.desc(), FxRate.id.desc())
        .limit(1)
    ).first()
    age_max = bank.settings.fx_rate_max_age_seconds
    if row is None or bank.clock() - row.as_of > age_max:
        raise RatesStale(
            f"There is no rate of {currency} that is fresh enough to quote by; the newest is"
            f" {'missing' if row is None else 'of ' + to_iso(row.as_of)}. Try again once new rates"
            " are in.",
            currency=currency,
            as_of=None if row is None else to_iso(row.as_of),
            age_seconds_max=age_max,
        )
    return row


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _day(text: str, form: str) -> int:
    try:
        day = datetime.strptime(text, form).replace(tzinfo=UTC, hour=_PUBLISHED_AT)
    except ValueError as error:
        raise RatesInvalid("The file does not name its day.") from error
    return int(day.timestamp())
