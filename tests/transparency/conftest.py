"""A migrated store on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import DATABASES, fresh_database
from wallet_chain.clock import system_clock
from wallet_chain.store.engine import Store


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(fresh_database(request.param, tmp_path), system_clock)
    opened.migrate()
    yield opened
    opened.close()
