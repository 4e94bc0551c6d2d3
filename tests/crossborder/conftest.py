"""The town of all tests, made ready to send money abroad; once, then as copies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crossborder.abroad import FEEDER, prepare
from tests.databases import DATABASES
from tests.founding import Founded
from tests.town import Town


@pytest.fixture(scope="session")
def founded_abroad() -> dict[str, Founded]:
    """What was founded so far in this session, by kind of database."""
    return {}


@pytest.fixture(params=DATABASES)
def town(
    request: pytest.FixtureRequest,
    founded_abroad: dict[str, Founded],
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
) -> Iterator[Town]:
    """A bank whose customers can send money abroad, the same for every test."""
    kind = request.param
    if kind not in founded_abroad:
        folder = tmp_path_factory.mktemp(f"abroad-{kind}")
        founded_abroad[kind] = Founded(kind, folder, prepare)
    with founded_abroad[kind].visit(tmp_path) as visited:
        visited.bank.settings.fx_feeders = frozenset({FEEDER.address})
        yield visited
