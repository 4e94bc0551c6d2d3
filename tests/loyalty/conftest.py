"""The town of all tests with a second merchant and a coalition of the two; once, then as copies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import DATABASES
from tests.founding import Founded
from tests.loyalty.stories import prepare
from tests.town import Town


@pytest.fixture(scope="session")
def founded_coalition() -> dict[str, Founded]:
    """What was founded so far in this session, by kind of database."""
    return {}


@pytest.fixture(params=DATABASES)
def town(
    request: pytest.FixtureRequest,
    founded_coalition: dict[str, Founded],
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
) -> Iterator[Town]:
    """A bank with a coalition of the shop and the cafe, the same for every test."""
    kind = request.param
    if kind not in founded_coalition:
        folder = tmp_path_factory.mktemp(f"coalition-{kind}")
        founded_coalition[kind] = Founded(kind, folder, prepare)
    with founded_coalition[kind].visit(tmp_path) as visited:
        yield visited
