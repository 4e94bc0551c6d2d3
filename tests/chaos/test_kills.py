"""The short form: a kill -9 at every named point, on each kind of database."""

import pytest

from tests.chaos.conftest import Player
from tests.chaos.points import POINTS
from tests.databases import DATABASES

pytestmark = [pytest.mark.slow, pytest.mark.anvil]


@pytest.mark.parametrize("database", DATABASES)
def test_killed_at_every_point_each_order_executes_exactly_once(
    play: Player, database: str
) -> None:
    run, found = play("killed", database)
    assert found == []
    assert set(run.totals.kills) >= set(POINTS)
    assert run.totals.ended["settled"] > 20
