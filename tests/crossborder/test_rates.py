"""Rates: the ECB's files, a signed feed, and what neither may bring."""

from fractions import Fraction
from importlib import resources

import pytest

from tests.crossborder.abroad import RATES, feed, quoted
from tests.town import Town, ask
from wallet_chain import crossborder, errors
from wallet_chain.crossborder.drafts import RatesDraft, RatesFileDraft
from wallet_chain.crossborder.numbers import percent_text, rate_text
from wallet_chain.crossborder.rates import ECB, load_ecb_csv, load_ecb_xml
from wallet_chain.errors import RatesInvalid

DATA = resources.files("wallet_chain.crossborder") / "data"
XML = (DATA / "eurofxref-daily.xml").read_bytes()
CSV = (DATA / "eurofxref.csv").read_bytes()


def test_both_of_the_ecbs_forms_say_the_same() -> None:
    from_xml, from_csv = load_ecb_xml(XML), load_ecb_csv(CSV)
    assert from_xml == from_csv
    assert from_xml.source == ECB
    assert from_xml.as_of == 1_795_186_800
    assert from_xml.rates["USD"] == "1.1628"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<a/>",
        b"<a",
        XML.replace(b"1.1628", b"1,1628"),
        XML.replace(b"1.1628", b"-1"),
        XML.replace(b"1.1628", b"0"),
        XML.replace(b"1.1628", b"1e3"),
        XML.replace(b"'JPY'", b"'USD'"),
        XML.replace(b"2026-11-20", b"yesterday"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + XML.partition(b"?>")[2],
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + XML.partition(b"?>")[2],
    ],
)
def test_xml_that_is_not_the_ecbs_is_refused(document: bytes) -> None:
    assert load_ecb_xml(XML)
    with pytest.raises(RatesInvalid):
        load_ecb_xml(document)


@pytest.mark.parametrize(
    "document",
    [b"", b"\xff\xfe", b"Date, USD\n", CSV + b"x, 1\n", CSV.replace(b"Date", b"Day"), b"Date\n1\n"],
)
def test_csv_that_is_not_the_ecbs_is_refused(document: bytes) -> None:
    assert load_ecb_csv(CSV)
    with pytest.raises(RatesInvalid):
        load_ecb_csv(document)


def load(town: Town, document: bytes, **more: str) -> None:
    draft = RatesFileDraft(document, "ecb-csv", more)
    crossborder.submit_rates(town.bank, town.staff("admin"), ask(), draft)
    town.settle()


def dated(day: str) -> bytes:
    return f"Date, USD, CNY, \n{day}, 1.2, 7.9, \n".encode()


def test_a_loaded_file_is_quoted_by_and_moves_the_chains_prices(town: Town) -> None:
    town.wait(2 * 86_400)
    load(town, dated("16 January 2027"), BHD="0.45")
    shown = {line.currency: line for line in crossborder.list_rates(town.bank, town.anna.caller)}
    assert (shown["CNY"].rate, shown["CNY"].source, shown["CNY"].fresh) == ("7.9", ECB, True)
    quote = quoted(town, town.anna, "EUR 100.00", "CNY")
    assert (quote.mid_rate, quote.mid_source) == ("7.9", ECB)
    price, _ = town.bank.contracts.read("TransferPolicy", "priceOf", b"CNY")
    assert price == -(-(10**18) * 10 // 79)


@pytest.mark.parametrize("day", ["14 January 2027", "30 January 2027"])
def test_rates_that_are_older_or_of_the_future_are_refused(town: Town, day: str) -> None:
    with town.refusal(RatesInvalid):
        load(town, dated(day))


def test_rates_signed_by_a_stranger_are_refused(town: Town) -> None:
    town.wait(60)
    feed(town, RATES)
    town.wait(60)
    town.bank.settings.fx_feeders = frozenset()
    with town.refusal(errors.SignatureInvalid):
        feed(town, RATES)


def test_rates_that_were_altered_are_refused(town: Town) -> None:
    town.wait(60)
    draft = RatesDraft("a test feed", town.clock(), RATES, b"\x1b" * 65)
    with town.refusal(errors.SignatureInvalid):
        crossborder.submit_rates(town.bank, town.staff("admin"), ask(), draft)


def test_a_price_beyond_its_band_is_refused(town: Town) -> None:
    town.wait(60)
    with town.refusal(errors.ConfigurationRefused):
        feed(town, RATES | {"CNY": "78"})


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Fraction(78, 10), "7.8"),
        (Fraction(1, 3), "0.3333333333"),
        (Fraction(58, 10_000), "0.0058"),
        (Fraction(1, 7_000_000), "0.0000001428571429"),
        (Fraction(172), "172"),
    ],
)
def test_a_rate_is_written_for_people(rate: Fraction, text: str) -> None:
    assert rate_text(rate) == text
    assert (percent_text(85), percent_text(150), percent_text(7)) == ("0.85", "1.50", "0.07")
