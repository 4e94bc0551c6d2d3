"""The town of all tests, with a shop that has a programme and a pool; once, then as copies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import DATABASES
from tests.founding import Founded
from tests.purchases.market import prepare
from tests.town import Town


@pytest.fixture(scope="session")
def founded_till() -> dict[str, Founded]:
    """What was founded so far in this session, by kind of database."""
    return {}


@pytest.fixture(params=DATABASES)
def town(
    request: pytest.FixtureRequest,
    founded_till: dict[str, Founded],
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
) -> Iterator[Town]:
    """A bank whose shop has a programme, the same for every test."""
    kind = request.param
    if kind not in founded_till:
        folder = tmp_path_factory.mktemp(f"till-{kind}")
        founded_till[kind] = Founded(kind, folder, prepare)
    with founded_till[kind].visit(tmp_path) as visited:
        yield visited
