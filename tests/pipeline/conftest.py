"""A migrated store on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import DATABASES, fresh_database
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
