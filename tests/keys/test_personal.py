"""Personal data and its erasure."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.databases import fresh_database
from tests.keys.stored_bytes import files_of, rows_as_text
from wallet_chain.clock import system_clock
from wallet_chain.errors import CustomerForgotten, MasterKeyWrong
from wallet_chain.ids import new_id
from wallet_chain.keys.key_halves import KeyHalves
from wallet_chain.keys.personal import PersonalKeys
from wallet_chain.keys.vault import Vault
from wallet_chain.ledger.hashing import from_hex, keccak256, to_hex
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Customer, CustomerKey

NAME = "Annegret Zwiebelmeier"
PERSON = {"name": NAME, "born": "1980-02-29", "note": "\u017blaza \u6d4b\u8bd5"}


def new_customer(store: Store, keys: PersonalKeys) -> str:
    customer_id = new_id("cus")
    with store.transaction() as session:
        session.add(
            Customer(
                id=customer_id,
                kind="person",
                state="onboarding",
                custody="bank",
                country=276,
                customer_ref=to_hex(keccak256(customer_id.encode())),
                created_at=1,
                updated_at=1,
            )
        )
        session.flush()
        keys.create_for(session, customer_id)
        session.get_one(Customer, customer_id).sealed_personal = keys.seal(
            session, customer_id, PERSON
        )
    return customer_id


def sealed_of(store: Store, customer_id: str) -> bytes:
    with store.reading() as session:
        sealed = session.get_one(Customer, customer_id).sealed_personal
        assert sealed is not None
        return sealed


def test_data_comes_back_as_it_was_sealed(store: Store, vault: Vault, halves: KeyHalves) -> None:
    keys = PersonalKeys(vault, halves)
    customer_id = new_customer(store, keys)
    with store.reading() as session:
        assert keys.open(session, customer_id, sealed_of(store, customer_id)) == PERSON
        for value in (None, "", [], {"a": [1, True, None]}, 2**53 - 1):
            assert keys.open(session, customer_id, keys.seal(session, customer_id, value)) == value


def test_the_database_shows_nothing_of_a_person(
    store: Store, vault: Vault, halves: KeyHalves
) -> None:
    customer_id = new_customer(store, PersonalKeys(vault, halves))
    shown = rows_as_text(store)
    assert customer_id in shown
    assert NAME not in shown
    assert NAME.encode().hex() not in shown
    if store.is_sqlite:
        assert customer_id.encode() in files_of(store)
        assert NAME.encode() not in files_of(store)


def test_a_forgotten_customer_s_data_can_t_be_read_by_anybody(
    store: Store, vault: Vault, halves: KeyHalves
) -> None:
    keys = PersonalKeys(vault, halves)
    forgotten, other = new_customer(store, keys), new_customer(store, keys)
    with store.reading() as session:
        wrapped = session.get_one(CustomerKey, forgotten).wrapped_key
    with store.transaction() as session:
        keys.forget(session, forgotten)
    for reader in (keys, PersonalKeys(vault, halves)):
        with store.reading() as session:
            with pytest.raises(CustomerForgotten) as refusal:
                reader.open(session, forgotten, sealed_of(store, forgotten))
            assert refusal.value.facts == {"customer_id": forgotten}
            with pytest.raises(CustomerForgotten):
                reader.customer_ref(session, forgotten)
            with pytest.raises(CustomerForgotten):
                reader.seal(session, forgotten, "anything")
            assert reader.open(session, other, sealed_of(store, other)) == PERSON
    assert wrapped.hex() not in rows_as_text(store)


def test_the_key_of_a_forgotten_customer_is_gone_from_the_file_too(
    vault: Vault, tmp_path: Path, halves: KeyHalves
) -> None:
    # PostgreSQL keeps the dead row until it vacuums the table, so this is about SQLite.
    store = Store.open(fresh_database("sqlite", tmp_path), system_clock)
    store.migrate()
    keys = PersonalKeys(vault, halves)
    customer_id = new_customer(store, keys)
    with store.reading() as session:
        wrapped = session.get_one(CustomerKey, customer_id).wrapped_key
    assert wrapped in files_of(store)
    with store.transaction() as session:
        keys.forget(session, customer_id)
    store.close()
    assert wrapped not in files_of(store)


def test_forgetting_twice_is_forgetting_once(store: Store, vault: Vault, halves: KeyHalves) -> None:
    keys = PersonalKeys(vault, halves)
    customer_id = new_customer(store, keys)
    for _ in range(2):
        with store.transaction() as session:
            keys.forget(session, customer_id)


def test_data_of_one_customer_does_not_open_as_another_s(
    store: Store, vault: Vault, halves: KeyHalves
) -> None:
    keys = PersonalKeys(vault, halves)
    mine, theirs = new_customer(store, keys), new_customer(store, keys)
    with store.reading() as session, pytest.raises(MasterKeyWrong, match="another customer"):
        keys.open(session, mine, sealed_of(store, theirs))


def test_another_master_key_opens_no_customer(
    store: Store, vault: Vault, halves: KeyHalves
) -> None:
    customer_id = new_customer(store, PersonalKeys(vault, halves))
    stranger = PersonalKeys(Vault(b"\x01" * 32), halves)
    with store.reading() as session, pytest.raises(MasterKeyWrong):
        stranger.open(session, customer_id, sealed_of(store, customer_id))


def test_the_reference_on_chain_is_steady_and_tells_nobody_who_it_is(
    store: Store, vault: Vault, halves: KeyHalves
) -> None:
    keys = PersonalKeys(vault, halves)
    first, second = new_customer(store, keys), new_customer(store, keys)
    with store.reading() as session:
        reference = keys.customer_ref(session, first)
        assert re.fullmatch("0x[0-9a-f]{64}", reference)
        assert keys.customer_ref(session, first) == reference
        assert keys.customer_ref(session, second) != reference


def test_a_text_s_hash_on_chain_can_be_shown_to_belong_to_it(
    store: Store, vault: Vault, halves: KeyHalves
) -> None:
    keys = PersonalKeys(vault, halves)
    customer_id = new_customer(store, keys)
    with store.reading() as session:
        salted = keys.salted_hash(session, customer_id, "rent, March")
        opened = keys.open(session, customer_id, salted.sealed)
        assert opened["text"] == "rent, March"
        assert to_hex(keccak256(from_hex(opened["salt"]) + b"rent, March")) == salted.hash
        again = keys.salted_hash(session, customer_id, "rent, March")
        assert again.hash != salted.hash


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30))
def test_a_blind_index_is_steady_and_hides_its_text(halves: KeyHalves, text: str) -> None:
    keys = PersonalKeys(Vault(b"\x5a" * 32), halves)
    index = keys.blind_index(text)
    assert re.fullmatch("[0-9a-f]{64}", index)
    assert keys.blind_index(text) == index
    assert PersonalKeys(Vault(b"\x01" * 32), halves).blind_index(text) != index


def test_a_blind_index_finds_a_name_however_it_is_typed(halves: KeyHalves) -> None:
    keys = PersonalKeys(Vault(b"\x5a" * 32), halves)
    composed, decomposed = "Jos\u00e9@Bank", " jose\u0301@bank "
    assert keys.blind_index(composed) == keys.blind_index(decomposed)
    assert keys.blind_index(composed) != keys.blind_index("jose@bank")
