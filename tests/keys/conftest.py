"""A migrated store on each kind of database, and a vault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import DATABASES, copy_database, fresh_database
from wallet_chain.clock import system_clock
from wallet_chain.keys.key_halves import KeyHalves
from wallet_chain.keys.vault import Vault
from wallet_chain.store.engine import Store


@pytest.fixture(scope="package", params=DATABASES)
def migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str]:
    """Kind and URL of a database with empty tables, to be copied."""
    kind: str = request.param
    url = fresh_database(kind, tmp_path_factory.mktemp("migrated"))
    store = Store.open(url, system_clock)
    store.migrate()
    store.close()
    return kind, url


@pytest.fixture
def store(migrated: tuple[str, str], tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(copy_database(*migrated, tmp_path), system_clock)
    yield opened
    opened.close()


@pytest.fixture
def vault() -> Vault:
    return Vault(b"\x5a" * 32)


@pytest.fixture
def halves(tmp_path: Path) -> Iterator[KeyHalves]:
    opened = KeyHalves(f"sqlite:///{tmp_path / 'customer-keys.sqlite3'}")
    yield opened
    opened.close()
