"""A bank for every test that asks for one, on the database that was chosen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import coverage
import pytest

from tests.databases import DATABASES, drop_databases
from tests.faults import Line
from tests.founding import Founded
from tests.town import Town

Finder = Callable[[str], Founded]

TWINS = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Finds the tests that are done on SQLite too."""
    ids = {item.nodeid for item in items}
    for item in items:
        on_sqlite = item.nodeid.replace("postgresql", "sqlite")
        item.stash[TWINS] = on_sqlite != item.nodeid and on_sqlite in ids


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Counts no lines while a test is done for the second time: counting takes more than half of the
    time, and nearly all lines are those of the first."""
    counting = coverage.Coverage.current() if item.stash[TWINS] else None
    if counting is not None:
        counting.stop()
    try:
        return (yield)
    finally:
        if counting is not None:
            counting.start()


@pytest.fixture(autouse=True)
def databases_of_a_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Drops the databases of a test after all else of it has ended."""
    if "tmp_path" in request.fixturenames:
        folder: Path = request.getfixturevalue("tmp_path")
        yield
        drop_databases(folder)
    else:
        yield


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> Finder:
    """Founds a town on a kind of database, once a session."""
    founded: dict[str, Founded] = {}

    def find(kind: str) -> Founded:
        if kind not in founded:
            founded[kind] = Founded(kind, tmp_path_factory.mktemp(f"town-{kind}"))
        return founded[kind]

    return find


@pytest.fixture(params=DATABASES)
def town(request: pytest.FixtureRequest, found: Finder, tmp_path: Path) -> Iterator[Town]:
    """A bank with staff, customers and some money, the same for every test."""
    with found(request.param).visit(tmp_path) as visited:
        yield visited


@pytest.fixture
def town_in_a_file(found: Finder, tmp_path: Path) -> Iterator[Town]:
    """The same bank on SQLite, for what only a file can suffer."""
    with found("sqlite").visit(tmp_path) as visited:
        yield visited


@pytest.fixture(params=DATABASES)
def cut_off(
    request: pytest.FixtureRequest, found: Finder, tmp_path: Path
) -> Iterator[tuple[Town, Line]]:
    """The same bank, and its line to the chain, which can be cut."""
    founded = found(request.param)
    line = Line(founded.rpc)
    with founded.visit(tmp_path, line) as visited:
        line.cut = False
        yield visited, line
        line.cut, line.cut_after_sends = False, None
