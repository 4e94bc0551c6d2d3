"""The short form: every named point, every fault and every scenario, once."""

import pytest

from tests.chaos.conftest import Player
from tests.chaos.points import POINTS
from tests.chaos.scenarios import SCENARIOS
from tests.databases import DATABASES

pytestmark = [pytest.mark.slow, pytest.mark.anvil]

SEED = "short"
PLAYED = [
    pytest.param(name, database, marks=[pytest.mark.postgres] if database != "sqlite" else [])
    for database in ("sqlite", "postgresql")
    for name, scenario in SCENARIOS.items()
    if database in scenario.databases and name != "killed"
]


@pytest.mark.parametrize("database", DATABASES)
def test_killed_at_every_point_each_order_executes_exactly_once(
    play: Player, database: str
) -> None:
    run, found = play("killed", database, SEED)
    assert found == []
    assert set(run.totals.kills) >= set(POINTS)
    assert run.totals.ended["settled"] > 20


@pytest.mark.parametrize(("name", "database"), PLAYED)
def test_whatever_goes_wrong_it_ends_well(play: Player, name: str, database: str) -> None:
    run, found = play(name, database, SEED)
    assert found == []
    assert run.totals.ended["settled"] > 10
