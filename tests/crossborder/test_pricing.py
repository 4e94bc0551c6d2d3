"""Prices: exact, against the converter, and the same as the contract's to the last unit."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chains import embedded
from tests.deployed import World, deployed
from wallet_chain.crossborder.pricing import (
    BPS,
    Priced,
    Terms,
    fee_up,
    gross_up,
    price_source,
    price_target,
    smallest_source,
)
from wallet_chain.crossborder.rates import Mid
from wallet_chain.errors import QuoteInvalid, WalletError
from wallet_chain.ledger.typed_data import domain_for, order_digest, order_struct
from wallet_chain.ledger.units import Rounding

# Euros for one unit; no, two, and three decimals.
EUROS = {
    "JPY": Fraction(10_000, 1_724_100),
    "EUR": Fraction(1),
    "USD": Fraction(10_000, 11_628),
    "CNY": Fraction(10, 78),
    "BHD": Fraction(10_000, 4_386),
}
CODES = st.sampled_from(sorted(EUROS))
TERMS = st.builds(
    Terms,
    spread_bps=st.integers(0, 400),
    fee_bps=st.integers(0, 300),
    fee_minimum_minor=st.integers(0, 500),
)
FREE = Terms(0, 0, 0)


def mid(source: str, target: str) -> Fraction:
    return Mid(EUROS[source] / EUROS[target], "test", 0).in_minor_units(source, target)


@given(start=CODES, steps=st.lists(CODES, min_size=1, max_size=8), amount=st.integers(1, 10**12))
@settings(max_examples=2_000, deadline=None)
def test_no_chain_of_conversions_gains_even_without_spread_and_fee(
    start: str, steps: list[str], amount: int
) -> None:
    held, currency = amount, start
    for target in [*steps, start]:
        if target == currency:
            continue
        priced = price_source(held, mid(currency, target), FREE)
        if priced is None:
            return
        held, currency = priced.target_minor, target
    assert held <= amount


@given(start=CODES, steps=st.lists(CODES, min_size=1, max_size=6), amount=st.integers(1, 10**9))
@settings(max_examples=2_000, deadline=None)
def test_nor_does_one_that_fixes_what_is_received(
    start: str, steps: list[str], amount: int
) -> None:
    """Walked backwards: what must be sent, at every step, to end up with the amount."""
    needed, currency = amount, start
    for source in [*steps, start]:
        if source == currency:
            continue
        priced = price_target(needed, mid(source, currency), FREE)
        assert priced is not None
        needed, currency = priced.source_minor, source
    assert needed >= amount


@given(pair=st.tuples(CODES, CODES), terms=TERMS, amount=st.integers(1, 10**13))
@settings(max_examples=2_000, deadline=None)
def test_an_offer_adds_up_and_is_never_better_than_the_mid_rate(
    pair: tuple[str, str], terms: Terms, amount: int
) -> None:
    rate = mid(*pair)
    for priced in (price_source(amount, rate, terms), price_target(amount, rate, terms)):
        if priced is None:
            continue
        assert 0 <= priced.fee_minor < priced.source_minor
        assert priced.fee_minor == fee_up(priced.source_minor, terms)
        assert priced.target_minor <= priced.source_minor * rate
        assert priced.cost_bps >= 0
        worth = priced.target_minor / rate
        cost = (priced.source_minor - worth) * BPS / priced.source_minor
        assert cost <= priced.cost_bps < cost + 1


@given(terms=TERMS, converted=st.integers(1, 10**12))
@settings(max_examples=2_000, deadline=None)
def test_the_amount_that_is_grossed_up_is_the_least_that_does(terms: Terms, converted: int) -> None:
    source = gross_up(converted, terms)
    assert source - fee_up(source, terms) == converted
    assert source - 1 - fee_up(source - 1, terms) < converted


@given(pair=st.tuples(CODES, CODES), terms=TERMS)
@settings(max_examples=500, deadline=None)
def test_the_smallest_amount_arrives_and_one_less_does_not(
    pair: tuple[str, str], terms: Terms
) -> None:
    rate = mid(*pair)
    least = smallest_source(rate, terms)
    assert price_source(least, rate, terms) is not None
    assert least == 1 or price_source(least - 1, rate, terms) is None


@pytest.fixture(scope="module")
def world() -> World:
    return deployed(embedded())


@given(
    pair=st.tuples(CODES, CODES).filter(lambda pair: pair[0] != pair[1]),
    terms=TERMS,
    amount=st.integers(1, 10**11),
    fixed=st.sampled_from(["source", "target"]),
    off=st.sampled_from([-1, 1]),
)
@settings(max_examples=150, deadline=None)
def test_the_contract_computes_the_same_to_the_last_unit(
    world: World, pair: tuple[str, str], terms: Terms, amount: int, fixed: str, off: int
) -> None:
    rate = mid(*pair)
    priced = (price_source if fixed == "source" else price_target)(amount, rate, terms)
    if priced is None:
        return
    assert not isinstance(preview(world, pair, priced, 0), QuoteInvalid)
    refusal = preview(world, pair, priced, off)
    if refusal is None or (priced.target_minor + off == 0 and fixed == "source"):
        return
    if isinstance(refusal, QuoteInvalid) and "computed" in refusal.facts:
        right = priced.target_minor if fixed == "source" else priced.source_minor - priced.fee_minor
        assert refusal.facts["computed"] == str(right)
    else:
        # The fee leaves nothing, or the amount is zero: refused before the sum.
        assert refusal is not None


def preview(world: World, pair: tuple[str, str], priced: Priced, off: int) -> Exception | None:
    """What the contract says of an offer whose dependent amount is off by so much."""
    down = priced.rounding == "target_down"
    quote = {
        "provider": "0x" + "11" * 20,
        "sourceCurrency": pair[0],
        "targetCurrency": pair[1],
        "sourceAmount": priced.source_minor + (0 if down else off),
        "fee": priced.fee_minor,
        "targetAmount": priced.target_minor + (off if down else 0),
        "rateNumerator": priced.rate.numerator,
        "rateDenominator": priced.rate.denominator,
        "rounding": int(Rounding[priced.rounding.upper()]),
        "expiry": world.now() + 600,
        "quoteId": b"\x01" * 32,
    }
    domain = domain_for(world.contracts.book, "CrossBorder")
    order = {
        "quote": order_digest("quote", domain, quote),
        "provider": quote["provider"],
        "sender": "0x" + "22" * 20,
        "recipient": "0x" + "33" * 20,
        "sourceCurrency": pair[0],
        "sourceAmount": quote["sourceAmount"],
        "targetCurrency": pair[1],
        "targetAmount": quote["targetAmount"],
        "purpose": "GDDS",
        "travelRule": b"\x00" * 32,
        "reference": b"\x00" * 32,
        "nonce": 1,
        "deadline": world.now() + 600,
    }
    names = ("fee", "rateNumerator", "rateDenominator", "rounding", "expiry", "quoteId")
    terms = tuple(quote[name] for name in names)
    try:
        world.contracts.read("CrossBorder", "preview", order_struct("transfer", order), terms)
    except WalletError as refusal:
        return refusal
    return None
