"""The rolling day and month, held against a list of debits that forgets nothing."""

from hypothesis import given
from hypothesis import strategies as st

from wallet_chain.ledger.usage_windows import (
    DAY_BUCKET_SECONDS,
    MONTH_BUCKET_SECONDS,
    Usage,
)

BUCKETS = 6
START = 1_780_000_000
PAUSES = st.one_of(
    st.integers(0, DAY_BUCKET_SECONDS),
    st.integers(0, 2 * MONTH_BUCKET_SECONDS),
    st.integers(0, 10 * MONTH_BUCKET_SECONDS),
)


def _day(debits: list[tuple[int, int]], now: int) -> int:
    newest = now // DAY_BUCKET_SECONDS
    return sum(a for t, a in debits if newest - t // DAY_BUCKET_SECONDS < BUCKETS)


def _month(debits: list[tuple[int, int]], now: int) -> int:
    newest_day, newest = now // DAY_BUCKET_SECONDS, now // MONTH_BUCKET_SECONDS
    return sum(
        a
        for t, a in debits
        if newest_day - t // DAY_BUCKET_SECONDS < BUCKETS
        or newest - t // MONTH_BUCKET_SECONDS < BUCKETS
    )


@given(st.lists(st.tuples(PAUSES, st.integers(1, 2**26)), min_size=1, max_size=40))
def test_the_two_words_sum_up_what_a_list_would(steps: list[tuple[int, int]]) -> None:
    usage, now, debits = Usage(), START, list[tuple[int, int]]()
    for pause, amount in steps:
        now += pause
        usage = usage.rolled(now)
        assert (usage.day_sum, usage.month_sum) == (_day(debits, now), _month(debits, now))
        usage = usage.added(amount)
        debits.append((now, amount))
        assert (usage.day_sum, usage.month_sum) == (_day(debits, now), _month(debits, now))


@given(st.integers(1, 2**26), PAUSES, PAUSES)
def test_rolling_in_two_steps_sums_up_as_in_one(amount: int, first: int, second: int) -> None:
    spent = Usage().rolled(START).added(amount)
    twice = spent.rolled(START + first).rolled(START + first + second)
    once = spent.rolled(START + first + second)
    assert (twice.day_sum, twice.month_sum) == (once.day_sum, once.month_sum)


@given(st.integers(1, 2**26), PAUSES)
def test_time_never_runs_backwards(amount: int, pause: int) -> None:
    spent = Usage().rolled(START + pause).added(amount)
    assert spent.rolled(START) == spent
