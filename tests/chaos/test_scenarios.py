"""The short form: whatever else goes wrong, once each. The long form plays all on both databases."""

import pytest

from tests.chaos.conftest import Player
from tests.chaos.scenarios import SCENARIOS

pytestmark = [pytest.mark.slow, pytest.mark.anvil]

_FOR_POSTGRES = ("paused", "uncertain")
PLAYED = [
    *(
        (name, "sqlite")
        for name, scenario in SCENARIOS.items()
        if "sqlite" in scenario.databases and name != "killed"
    ),
    *(pytest.param(name, "postgresql", marks=pytest.mark.postgres) for name in _FOR_POSTGRES),
]


@pytest.mark.parametrize(("name", "database"), PLAYED)
def test_whatever_goes_wrong_it_ends_well(play: Player, name: str, database: str) -> None:
    _, found = play(name, database)
    assert found == []
