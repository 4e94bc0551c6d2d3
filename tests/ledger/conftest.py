"""A deployment that the tests of a module share; each test finds it as it was made."""

from collections.abc import Iterator

import pytest

from tests.chains import CHAINS, chain_of, embedded
from tests.deployed import World, deployed, rolled_back


@pytest.fixture(scope="module")
def embedded_world() -> World:
    return deployed(embedded())


@pytest.fixture(scope="module", params=CHAINS)
def any_world(request: pytest.FixtureRequest) -> Iterator[World]:
    with chain_of(request.param) as rpc:
        yield deployed(rpc)


@pytest.fixture
def world(embedded_world: World) -> Iterator[World]:
    """The embedded chain."""
    with rolled_back(embedded_world.rpc):
        yield embedded_world


@pytest.fixture
def each_world(any_world: World) -> Iterator[World]:
    """The embedded chain, then anvil."""
    with rolled_back(any_world.rpc):
        yield any_world
