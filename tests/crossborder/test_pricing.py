"""Prices: exact, against the converter, and the same as the contract's to the last unit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chains import embedded
from tests.crossborder.rates_seen import EUROS_FOR_ONE, adds_up, computed_by_the_contract, mid
from tests.deployed import World, deployed
from wallet_chain.crossborder.pricing import (
    BPS,
    Terms,
    fee_up,
    gross_up,
    price_source,
    price_target,
    smallest_source,
)

CODES = st.sampled_from(sorted(EUROS_FOR_ONE))
TERMS = st.builds(
    Terms,
    spread_bps=st.integers(0, 400),
    fee_bps=st.integers(0, 300),
    fee_minimum_minor=st.integers(0, 500),
)
FREE = Terms(0, 0, 0)


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
    assert adds_up(world, pair, priced)
    computed = computed_by_the_contract(world, pair, priced, off)
    if computed is None:
        # The fee leaves nothing, or the amount is zero: refused before the sum.
        assert off == -1
        assert priced.target_minor == 1 or priced.source_minor - priced.fee_minor == 1
    else:
        right = priced.target_minor if fixed == "source" else priced.source_minor - priced.fee_minor
        assert computed == right
