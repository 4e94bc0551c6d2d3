"""A bank for every test that asks for one, on the database that was chosen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import DATABASES
from tests.town import Founded, Town


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Founded]:
    """What was founded so far in this session, by kind of database."""
    return {}


@pytest.fixture(params=DATABASES)
def town(
    request: pytest.FixtureRequest,
    founded: dict[str, Founded],
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
) -> Iterator[Town]:
    """A bank with staff, customers and some money, the same for every test."""
    kind = request.param
    if kind not in founded:
        founded[kind] = Founded(kind, tmp_path_factory.mktemp(f"town-{kind}"))
    with founded[kind].visit(tmp_path) as visited:
        yield visited
