"""The master key: where it comes from, and what it protects."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from wallet_chain.errors import MasterKeyMissing, MasterKeyWrong
from wallet_chain.keys.vault import (
    SealBroken,
    Vault,
    create_master_key_file,
    load_master_key,
    seal,
    unseal,
)
from wallet_chain.settings import Settings

KEY = bytes(range(32))


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_what_is_sealed_opens_with_its_key_in_its_place_only(value: bytes, place: bytes) -> None:
    sealed = seal(KEY, value, place)
    assert unseal(KEY, sealed, place) == value
    with pytest.raises(SealBroken):
        unseal(KEY, sealed, place + b"!")
    with pytest.raises(SealBroken):
        unseal(KEY[::-1], sealed, place)


def test_every_changed_byte_is_noticed() -> None:
    sealed = seal(KEY, b"secret", b"place")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            unseal(KEY, bytes(changed), b"place")
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            unseal(KEY, sealed[:length], b"place")


def test_the_same_value_is_never_sealed_alike() -> None:
    assert len({seal(KEY, b"secret", b"place") for _ in range(50)}) == 50


def test_a_wrapped_key_opens_with_the_same_master_key_only() -> None:
    wrapped = Vault(KEY).wrap(b"k" * 32, b"row 1")
    assert Vault(KEY).unwrap(wrapped, b"row 1") == b"k" * 32
    with pytest.raises(MasterKeyWrong, match="WALLET_CHAIN_MASTER_KEY"):
        Vault(KEY[::-1]).unwrap(wrapped, b"row 1")
    with pytest.raises(MasterKeyWrong):
        Vault(KEY).unwrap(wrapped, b"row 2")


def test_a_derived_key_is_steady_and_differs_by_purpose_and_master_key() -> None:
    derived = Vault(KEY).derived_key("one")
    assert derived == Vault(KEY).derived_key("one")
    assert len(derived) == 32
    others = [Vault(KEY).derived_key("two"), Vault(KEY[::-1]).derived_key("one"), KEY]
    assert derived not in others


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MasterKeyWrong, match="64 hex digits"):
        Vault(b"\x01" * length)


def test_a_vault_shows_nothing_of_its_key() -> None:
    assert KEY.hex() not in repr(Vault(KEY))
    assert repr(Vault(KEY)) == "Vault(...)"


def settings(folder: Path, **values: object) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **values)  # type: ignore[arg-type]


def test_a_new_master_key_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "master.key"
    key = create_master_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_master_key(settings(tmp_path, master_key_file=path)) == key
    assert create_master_key_file(tmp_path / "another.key") != key


def test_a_master_key_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = create_master_key_file(path)
    with pytest.raises(FileExistsError):
        create_master_key_file(path)
    assert load_master_key(settings(tmp_path)) == key


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    create_master_key_file(tmp_path / "master.key")
    for text in (KEY.hex(), "0x" + KEY.hex(), KEY.hex().upper() + "\n"):
        assert load_master_key(settings(tmp_path, master_key=SecretStr(text))) == KEY


def test_a_missing_master_key_says_how_to_make_or_restore_one(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyMissing) as refusal:
        load_master_key(settings(tmp_path))
    assert "wallet-chain keys create-master" in refusal.value.detail
    assert str(tmp_path / "master.key") in refusal.value.detail


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33, "\u20ac" * 64])
def test_a_file_or_variable_without_a_key_is_refused_and_not_shown(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "master.key").write_text(text, "utf-8")
    with pytest.raises((MasterKeyWrong, MasterKeyMissing)) as refusal:
        load_master_key(settings(tmp_path))
    if len(text) > 4:
        assert text not in refusal.value.detail
    with pytest.raises(MasterKeyWrong) as refusal:
        load_master_key(settings(tmp_path, master_key=SecretStr(text)))
    assert "64 hex digits" in refusal.value.detail


def test_a_file_that_can_t_be_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "master.key"
    folder.mkdir()
    with pytest.raises(MasterKeyMissing, match="check its rights"):
        load_master_key(settings(tmp_path))
    assert os.listdir(folder) == []  # noqa: PTH208
