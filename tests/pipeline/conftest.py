"""A migrated store on each kind of database; a deployment that the tests of a module share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chains import START, embedded
from tests.databases import DATABASES, fresh_database
from tests.deployed import World, deployed, rolled_back
from tests.pipeline.bench import ANNA, BERT, SHOP, Bench, settings
from wallet_chain.clock import system_clock
from wallet_chain.store.engine import Store


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return fresh_database(request.param, tmp_path)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store.open(database_url, system_clock)
    opened.migrate()
    yield opened
    opened.close()


class Now:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = START

    def __call__(self) -> int:
        return self.seconds


@pytest.fixture(scope="module")
def now() -> Now:
    return Now()


@pytest.fixture(scope="module")
def customers(now: Now) -> World:
    """Anna and Bert hold 1,000.00 EUR each; the shop is registered."""
    world = deployed(embedded(now))
    for person in (ANNA, BERT, SHOP):
        world.register(person.address)
    for person in (ANNA, BERT):
        world.mint("EUR", person.address, 1_000_00)
    return world


@pytest.fixture
def bench(customers: World, store: Store, now: Now) -> Iterator[Bench]:
    before = now.seconds
    with rolled_back(customers.rpc):
        yield Bench(customers, store, now, settings()).open()
    now.seconds = before
