"""No way round any cycle of currencies gains, whatever is fixed at each step; the contract agrees."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chains import embedded
from tests.crossborder.rates_seen import EUROS_FOR_ONE, adds_up, computed_by_the_contract, mid
from tests.deployed import World, deployed
from wallet_chain.crossborder.pricing import BPS, Priced, Terms, price_source, price_target
from wallet_chain.money import currency_named

CODES = sorted(EUROS_FOR_ONE)
STEP = st.tuples(
    st.sampled_from(CODES),
    st.builds(
        Terms,
        spread_bps=st.integers(0, 300) | st.just(0),
        fee_bps=st.integers(0, 300) | st.just(0),
        fee_minimum_minor=st.integers(0, 50) | st.just(0),
    ),
    st.sampled_from(["source", "target"]),
)
Step = tuple[str, Terms, str]


@pytest.fixture(scope="module")
def world() -> World:
    return deployed(embedded())


def worth(minor: int, code: str) -> Fraction:
    """In euros, exactly."""
    return Fraction(minor, 10 ** currency_named(code).minor_digits) * EUROS_FOR_ONE[code]


def convert(held: int, source: str, step: Step) -> Priced | None:
    """Convert what is held, or as much of it as the amount takes that it could buy."""
    target, terms, fixed = step
    rate = mid(source, target)
    priced = price_source(held, rate, terms)
    if priced is None or fixed == "source":
        return priced
    cheapest = price_target(priced.target_minor, rate, terms)
    assert cheapest is not None
    assert cheapest.source_minor <= held, "what was to be had for it costs more the other way round"
    return cheapest


def walk(start: str, steps: list[Step], amount: int) -> list[tuple[str, str, Priced]]:
    """The conversions of one walk that ends where it began; what is not converted is kept."""
    purse = dict.fromkeys(CODES, 0)
    purse[start] = amount
    done, source = [], start
    for step in [*steps, (start, Terms(0, 0, 0), "source")]:
        target = step[0]
        if target == source:
            continue
        priced = convert(purse[source], source, step) if purse[source] else None
        if priced is None:
            continue
        before = sum(worth(minor, code) for code, minor in purse.items())
        purse[source] -= priced.source_minor
        purse[target] += priced.target_minor
        after = sum(worth(minor, code) for code, minor in purse.items())
        assert after <= before, "a conversion gained"
        assert after <= before - worth(priced.fee_minor, source), "the fee came back"
        done.append((source, target, priced))
        source = target
    assert sum(worth(minor, code) for code, minor in purse.items()) <= worth(amount, start)
    assert all(minor >= 0 for minor in purse.values())
    return done


def test_the_currencies_have_no_two_and_three_decimals() -> None:
    assert {currency_named(code).minor_digits for code in CODES} == {0, 2, 3}


@given(
    start=st.sampled_from(CODES),
    steps=st.lists(STEP, min_size=1, max_size=10),
    amount=st.integers(1, 200) | st.integers(1, 10**12),
)
@settings(max_examples=3_000, deadline=None)
def test_no_walk_through_currencies_gains(start: str, steps: list[Step], amount: int) -> None:
    for source, target, priced in walk(start, steps, amount):
        # Whoever offers by these terms never gives better than the mid rate.
        assert priced.rate <= mid(source, target)
        assert 0 <= priced.cost_bps <= BPS


@given(
    start=st.sampled_from(CODES),
    steps=st.lists(STEP, min_size=1, max_size=4),
    amount=st.integers(1, 200) | st.integers(1, 10**9),
)
@settings(max_examples=60, deadline=None)
def test_the_contract_agrees_at_every_step_of_a_walk(
    world: World, start: str, steps: list[Step], amount: int
) -> None:
    for source, target, priced in walk(start, steps, amount):
        pair = (source, target)
        assert adds_up(world, pair, priced)
        down = priced.rounding == "target_down"
        right = priced.target_minor if down else priced.source_minor - priced.fee_minor
        assert computed_by_the_contract(world, pair, priced, 1) == right
