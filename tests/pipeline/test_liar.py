"""A node that drops one log, lags or lies: caught before anything is projected, each time."""

from pathlib import Path

import pytest

from tests.pipeline.liar import stage, tries


@pytest.mark.anvil
def test_every_lie_of_a_node_is_caught_before_anything_is_projected(tmp_path: Path) -> None:
    with stage("short") as (world, liar):
        outcome = tries(60, "short", world, liar, tmp_path)
    assert outcome.missed == []
    assert sum(outcome.caught.values()) == 60
