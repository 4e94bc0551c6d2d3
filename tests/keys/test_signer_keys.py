"""Signing keys in the database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, update

from tests.deployed import signer
from tests.keys.stored_bytes import files_of, rows_as_text
from wallet_chain.clock import system_clock
from wallet_chain.errors import MasterKeyWrong, NotFound
from wallet_chain.keys import signer_keys as module
from wallet_chain.keys.signer_keys import SignerKeys
from wallet_chain.keys.vault import Vault
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.typed_data import recover
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import DataKey, SignerKey

DIGEST = keccak256(b"an order")
SECRET = bytes.fromhex("7a" * 32)


def opened(store: Store, vault: Vault) -> SignerKeys:
    keys = SignerKeys(store, vault, system_clock)
    keys.unlock()
    return keys


def made(store: Store, keys: SignerKeys, purpose: str = "customer") -> str:
    with store.transaction() as session:
        return keys.create(session, purpose, "cus_1")


def test_a_key_signs_for_its_address_and_still_does_after_a_restart(
    store: Store, vault: Vault
) -> None:
    address = made(store, opened(store, vault))
    for _ in range(2):
        keys = opened(store, vault)
        assert recover(DIGEST, keys.signer(address).sign_digest(DIGEST)) == address


def test_an_opened_key_is_kept_in_memory_and_the_oldest_makes_room(
    store: Store, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = opened(store, vault)
    first, second, third = (made(store, keys) for _ in range(3))
    kept = keys.signer(first)
    assert keys.signer(first) is kept
    monkeypatch.setattr(module, "OPENED_MAX", 2)
    keys.signer(second)
    assert keys.signer(first) is kept
    keys.signer(third)
    assert keys.signer(first) is kept
    assert list(keys._opened) == [third, first]


def test_nothing_in_the_database_shows_a_key(store: Store, vault: Vault) -> None:
    keys = opened(store, vault)
    with store.transaction() as session:
        address = keys.add(session, "deployer", "system", SECRET)
    (data_key,) = keys._data_keys.values()
    shown = rows_as_text(store)
    assert address in shown
    for secret in (SECRET, data_key, b"\x5a" * 32):
        assert secret.hex() not in shown
    if store.is_sqlite:
        stored = files_of(store)
        assert address.encode() in stored
        for secret in (SECRET, data_key, b"\x5a" * 32):
            assert secret not in stored
            assert secret.hex().encode() not in stored


def test_another_master_key_is_refused_at_the_start(store: Store, vault: Vault) -> None:
    address = made(store, opened(store, vault))
    with pytest.raises(MasterKeyWrong, match="does not open the keys in this database"):
        opened(store, Vault(b"\x01" * 32))
    assert opened(store, vault).signer(address).address == address


def test_a_start_makes_one_data_key_and_no_more(store: Store, vault: Vault) -> None:
    for _ in range(3):
        opened(store, vault)
    with store.reading() as session:
        assert session.query(DataKey).count() == 1


def test_a_key_whose_row_was_put_under_another_address_does_not_open(
    store: Store, vault: Vault
) -> None:
    keys = opened(store, vault)
    mine, theirs = made(store, keys), made(store, keys)
    with store.transaction() as session:
        sealed = session.get_one(SignerKey, theirs).sealed_key
        session.execute(
            update(SignerKey).where(SignerKey.address == mine).values(sealed_key=sealed)
        )
    with pytest.raises(MasterKeyWrong, match="row was changed"):
        keys.signer(mine)
    assert keys.signer(theirs).address == theirs


def test_an_address_without_a_key_is_not_found(store: Store, vault: Vault) -> None:
    keys = opened(store, vault)
    with pytest.raises(NotFound, match="its holder must sign"):
        keys.signer(signer("stranger").address)


def test_a_key_that_was_never_committed_is_not_remembered(store: Store, vault: Vault) -> None:
    keys = opened(store, vault)

    addresses: list[str] = []
    with pytest.raises(GivenUpError):
        make_and_give_up(store, keys, addresses)
    with pytest.raises(NotFound):
        keys.signer(addresses[0])


class GivenUpError(Exception):
    """Ends a transaction without its commit."""


def make_and_give_up(store: Store, keys: SignerKeys, addresses: list[str]) -> None:
    with store.transaction() as session:
        addresses.append(keys.create(session, "customer", "cus_1"))
        assert keys.signer(addresses[0], session).address == addresses[0]
        raise GivenUpError


def test_a_key_made_elsewhere_is_kept_and_what_is_no_key_is_refused(
    store: Store, vault: Vault
) -> None:
    keys = opened(store, vault)
    with store.transaction() as session:
        address = keys.add(session, "deployer", "system", SECRET)
        with pytest.raises(ValueError, match="32 bytes"):
            keys.add(session, "deployer", "system", b"short")
    assert keys.signer(address).sign_digest(DIGEST)[:64]


def test_addresses_are_listed_by_purpose(store: Store, vault: Vault) -> None:
    keys = opened(store, vault)
    relayers = sorted(made(store, keys, "relayer") for _ in range(2))
    made(store, keys, "staff")
    with store.reading() as session:
        assert sorted(keys.addresses(session, "relayer")) == relayers
        assert keys.addresses(session, "funder") == []


def test_a_lost_data_key_is_told_and_nothing_else_is_signed_with(
    store: Store, vault: Vault
) -> None:
    address = made(store, opened(store, vault))
    keys = SignerKeys(store, vault, system_clock)
    with pytest.raises(MasterKeyWrong):
        keys.signer(address)
    if store.is_sqlite:
        with store.transaction() as session:
            session.execute(delete(SignerKey))
            session.execute(delete(DataKey))
        with pytest.raises(NotFound):
            opened(store, vault).signer(address)


def test_many_threads_may_sign_at_once(store: Store, vault: Vault) -> None:
    keys = opened(store, vault)
    addresses = [made(store, keys) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(lambda a: keys.signer(a).sign_digest(DIGEST), addresses * 5))
    assert [recover(DIGEST, s) for s in signatures] == addresses * 5
