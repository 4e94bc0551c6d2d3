"""The half of each customer's key that is kept apart from the database."""

import stat
from pathlib import Path

import pytest

from tests.databases import DATABASES, fresh_database
from wallet_chain.errors import CustomerForgotten, CustomerKeysMissing, StoreUnavailable
from wallet_chain.keys.key_halves import HALF_BYTES, KeyHalves


@pytest.mark.parametrize("kind", DATABASES)
def test_a_half_is_there_until_it_is_destroyed(kind: str, tmp_path: Path) -> None:
    url = fresh_database(kind, tmp_path)
    halves = KeyHalves(url)
    first, second = halves.create("cus_1"), halves.create("cus_2")
    assert len(first) == HALF_BYTES
    assert first != second
    halves.close()

    again = KeyHalves(url)
    assert (again.get("cus_1"), again.get("cus_2")) == (first, second)
    for _ in range(2):
        again.destroy(["cus_1"])
        with pytest.raises(CustomerForgotten):
            again.get("cus_1")
    assert again.get("cus_2") == second
    again.require(["cus_1", "cus_2"])
    with pytest.raises(CustomerKeysMissing):
        again.require(["cus_1", "cus_3"])
    with pytest.raises(CustomerKeysMissing):
        again.get("cus_3")
    again.close()


def test_its_file_is_for_its_owner_and_keeps_nothing_that_was_destroyed(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "customer-keys.sqlite3"
    halves = KeyHalves(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    gone = [halves.create(f"cus_{number}") for number in range(300)]
    kept = halves.create("cus_kept")
    halves.destroy(f"cus_{number}" for number in range(300))

    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert kept in content
    assert not any(half in content for half in gone)
    halves.close()


def test_a_place_that_can_not_be_is_refused() -> None:
    for url in ("sqlite://", "postgresql://nobody@127.0.0.1:1/nothing"):
        with pytest.raises(StoreUnavailable):
            KeyHalves(url)
