"""The short form of the ten minutes without a node: an outage at the same ratio to an order's life."""

import secrets
from collections.abc import Callable

import pytest

from tests.chaos.outage import Outage, play, report
from tests.chaos.stage import Stage
from tests.databases import DATABASES

pytestmark = [pytest.mark.slow, pytest.mark.anvil]

LIFE_SECONDS = 60
AWAY_SECONDS = 20.0


@pytest.mark.parametrize("database", DATABASES)
def test_all_that_was_accepted_settles_within_a_minute_of_the_nodes_return(
    staged: Callable[[str], Stage], database: str
) -> None:
    settings = {"order_ttl_seconds": LIFE_SECONDS}
    outage = Outage(AWAY_SECONDS, 10, 3, 3, settings, f"short/{secrets.token_hex(4)}")
    outcome = play(staged(database), outage)
    assert outcome.faults == [], report(outage, outcome)
    assert outcome.waiting > AWAY_SECONDS * outage.rate / 2
    said = outcome.customers.phases["away"].statuses
    assert set(said) <= {"200", "201", "202", "503 chain_unavailable"}


def test_an_outage_that_orders_do_not_outlive_is_noticed(staged: Callable[[str], Stage]) -> None:
    """What the test before rests on is its settings' ratio: with another one it must fail."""
    outage = Outage(32, 2, 1, 1, {"order_ttl_seconds": 30}, "too long")
    outcome = play(staged("sqlite"), outage)
    assert "unsettled" in {fault.split(":")[0] for fault in outcome.faults}
    # Never sent, or sent and voided: either way nothing was paid, and that is certain.
    assert set(outcome.ended) - {"settled"} <= {"expired", "rejected"}
    # Late in the silence nothing was accepted any more.
    assert outcome.customers.phases["away"].statuses["503 overloaded"] > 0
