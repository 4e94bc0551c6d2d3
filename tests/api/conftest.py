"""A running, populated bank for the tests of a module."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api.bank import Clock, FallibleChain
from tests.api.model import Model
from tests.api.world import World
from tests.databases import drop_databases

Models = Callable[[str], Model]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Brings a world about on a kind of database, once a session."""
    made: dict[str, Model] = {}

    def find(database: str) -> Model:
        if database not in made:
            made[database] = Model(database, tmp_path_factory.mktemp(f"model-{database}"))
        return made[database]

    return find


@pytest.fixture(scope="module")
def database() -> str:
    """The kind of database; a module that runs on others names them."""
    return "sqlite"


@pytest.fixture(scope="module")
def clock(models: Models, database: str) -> Clock:
    """The time that bank and chain both read; tests may move it forward."""
    return models(database).clock


@pytest.fixture(scope="module")
def chain(models: Models, database: str) -> FallibleChain:
    """The embedded chain, behind a connection that can be cut."""
    return FallibleChain(models(database).rpc)


@pytest.fixture(scope="module")
def world(
    models: Models, database: str, chain: FallibleChain, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A server with people in it, on a database and a state of the chain of this module's own."""
    folder: Path = tmp_path_factory.mktemp("bank")
    with models(database).visit(folder, chain) as world:
        yield world
    drop_databases(folder)
