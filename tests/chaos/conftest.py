"""A stage for each kind of database and session: founding one takes seconds."""

from collections.abc import Callable, Iterator

import pytest

from tests.chaos.run import Run
from tests.chaos.scenarios import SCENARIOS, finish
from tests.chaos.stage import Stage

Player = Callable[..., tuple[Run, list[str]]]


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Stage]]:
    """Gives the stage for a kind of database."""
    stages: dict[str, Stage] = {}

    def stage_on(database: str) -> Stage:
        if database not in stages:
            stages[database] = Stage(database, tmp_path_factory.mktemp(f"chaos-{database}"))
        return stages[database]

    yield stage_on
    for stage in stages.values():
        stage.close()


@pytest.fixture
def play(staged: Callable[[str], Stage]) -> Player:
    """Plays a scenario, heals, and gives the run with all that was wrong at its end."""

    def played(name: str, database: str, seed: str = "short") -> tuple[Run, list[str]]:
        scenario = SCENARIOS[name]
        with staged(database).episode(**scenario.settings) as scene:
            run = Run(scene, f"{seed}/{name}", workers=scenario.workers)
            scenario.play(run)
            return run, finish(run, scenario)

    return played
