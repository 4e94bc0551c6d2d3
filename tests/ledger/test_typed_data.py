"""EIP-712 digests against another library, and which signatures count."""

import json
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chains import embedded
from tests.deployed import World, signer
from wallet_chain.errors import ChainUnavailable, SignatureInvalid
from wallet_chain.ledger.hashing import checksum_address, from_hex
from wallet_chain.ledger.rpc import NodeConnection
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import (
    KINDS,
    Domain,
    check_signature,
    domain_for,
    message_json,
    order_digest,
    order_struct,
    recover,
    typed_data,
)
from wallet_chain.money import CURRENCIES

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

addresses = st.binary(min_size=20, max_size=20).map(checksum_address)
values = {
    "address": addresses,
    "bytes32": st.binary(min_size=32, max_size=32).map(lambda b: "0x" + b.hex()),
    "string": st.sampled_from(sorted(CURRENCIES)) | st.text(max_size=40),
    "bool": st.booleans(),
    "uint8": st.integers(0, 255),
    "uint16": st.integers(0, 2**16 - 1),
    "uint32": st.integers(0, 2**32 - 1),
    "uint40": st.integers(0, 2**40 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "uint128": st.integers(0, 2**128 - 1),
    "uint256": st.integers(0, 2**256 - 1),
    "address[]": st.lists(addresses, max_size=10),
    "uint64[]": st.lists(st.integers(0, 2**64 - 1), max_size=10),
}
domains = st.builds(Domain, st.integers(1, 2**63 - 1), addresses)


def messages(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: values[type_] for name, type_ in KINDS[kind].fields})


def example(kind: str) -> dict[str, Any]:
    fixed: dict[str, Any] = {
        "address": "0x" + "ab" * 20,
        "bytes32": "0x" + "cd" * 32,
        "string": "EUR",
        "bool": True,
        "uint8": 0,
        "uint16": 1_000,
        "uint32": 7,
        "uint40": 1_900_000_000,
        "uint64": 1_900_000_000,
        "uint128": 12_34,
        "uint256": 2**200 + 7,
        "address[]": ["0x" + "ab" * 20, "0x" + "cd" * 20],
        "uint64[]": [2**60 + 1, 1],
    }
    return {name: fixed[type_] for name, type_ in KINDS[kind].fields}


DOMAIN = Domain(20_260, "0x" + "11" * 20)


def by_eth_account(full: dict[str, Any]) -> bytes:
    return bytes(_hash_eip191_message(encode_typed_data(full_message=full)))


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data(), domain=domains)
@settings(max_examples=40, deadline=None)
def test_every_digest_is_the_one_that_another_library_computes(
    kind: str, data: st.DataObject, domain: Domain
) -> None:
    message = data.draw(messages(kind))
    ours = order_digest(kind, domain, message)
    full = typed_data(kind, domain, message)
    for name, type_ in KINDS[kind].fields:
        if type_ == "uint64[]":
            full["message"][name] = [int(one) for one in full["message"][name]]
        elif type_.startswith("uint"):
            full["message"][name] = int(full["message"][name])
    assert ours == by_eth_account(full)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_typed_data_is_json_and_holds_no_number_that_could_be_rounded(kind: str) -> None:
    message = example(kind)
    full = json.loads(json.dumps(typed_data(kind, DOMAIN, message)))
    assert full["primaryType"] == KINDS[kind].struct
    flat = [
        one
        for value in full["message"].values()
        for one in (value if isinstance(value, list) else [value])
    ]
    assert all(isinstance(value, str | bool) for value in flat)
    assert order_digest(kind, DOMAIN, full["message"]) == order_digest(kind, DOMAIN, message)
    assert message_json(kind, message) == full["message"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_changing_any_field_changes_the_digest(kind: str) -> None:
    message = example(kind)
    digests = {order_digest(kind, DOMAIN, message)}
    changed: dict[str, Any] = {
        "address": "0x" + "ac" * 20,
        "bytes32": "0x" + "ce" * 32,
        "string": "USD",
        "bool": False,
        "uint8": 1,
        "uint16": 1,
        "uint32": 1,
        "uint40": 1,
        "uint64": 1,
        "uint128": 1,
        "uint256": 1,
        "address[]": ["0x" + "cd" * 20, "0x" + "ab" * 20],
        "uint64[]": [2**60 + 1],
    }
    for name, type_ in KINDS[kind].fields:
        digests.add(order_digest(kind, DOMAIN, message | {name: changed[type_]}))
    digests.add(order_digest(kind, Domain(1, DOMAIN.verifying_contract), message))
    digests.add(order_digest(kind, Domain(DOMAIN.chain_id, "0x" + "12" * 20), message))
    assert len(digests) == len(KINDS[kind].fields) + 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payer", "0x11"),
        ("payer", "nobody"),
        ("amount", -1),
        ("amount", 2**128),
        ("amount", "12.34"),
        ("reference", "0x00"),
        ("deadline", 2**64),
    ],
)
def test_a_message_that_does_not_fit_its_type_is_refused(field: str, value: Any) -> None:
    message = example("payment")
    order_digest("payment", DOMAIN, message)
    with pytest.raises(ValueError):  # noqa: PT011 - each type has words of its own
        order_digest("payment", DOMAIN, message | {field: value})


def test_the_contracts_compute_the_same_order_ids(world: World) -> None:
    contracts = world.contracts
    domain = domain_for(contracts.book, "Payments")
    assert contracts.read("Payments", "domainSeparator") == domain.separator
    issuance = domain_for(contracts.book, "Issuance")
    assert contracts.read("Issuance", "domainSeparator") == issuance.separator
    for kind, name, function in (
        ("payment", "Payments", "paymentId"),
        ("refund", "Payments", "refundId"),
        ("withdrawal", "Issuance", "redemptionId"),
        ("split", "SplitPayments", "splitId"),
        ("mandate", "Mandates", "mandateId"),
        ("gift", "Gifts", "giftId"),
    ):
        message = example(kind)
        on_chain = contracts.read(name, function, order_struct(kind, message))
        assert on_chain == order_digest(kind, domain_for(contracts.book, name), message)


def test_a_signature_is_recovered_and_agrees_with_another_library() -> None:
    key = signer("payer")
    digest = order_digest("payment", DOMAIN, example("payment"))
    signature = key.sign_digest(digest)
    assert recover(digest, signature) == key.address
    other = Account.unsafe_sign_hash(digest, bytes.fromhex(key._key.to_hex()))
    assert bytes(other.signature) == signature


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
@settings(max_examples=50, deadline=None)
def test_our_signatures_always_have_a_low_s(secret: bytes, digest: bytes) -> None:
    try:
        key = LocalSigner(secret)
    except ValueError:
        return
    signature = key.sign_digest(digest)
    assert int.from_bytes(signature[32:64], "big") <= CURVE_ORDER // 2
    assert signature[64] in (27, 28)
    assert recover(digest, signature) == key.address


def high_s(signature: bytes) -> bytes:
    """The other signature that the same key could have made: s mirrored, v flipped."""
    s = CURVE_ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes((55 - signature[64],))


DIGEST = order_digest("payment", DOMAIN, example("payment"))
GOOD = signer("payer").sign_digest(DIGEST)


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (high_s(GOOD), "upper half"),
        (GOOD[:64] + b"\x00", "27 or 28"),
        (GOOD[:64] + b"\x01", "27 or 28"),
        (GOOD[:64] + b"\x1d", "27 or 28"),
        (GOOD[:64], "65 bytes"),
        (GOOD + b"\x00", "65 bytes"),
        (b"", "65 bytes"),
        (bytes(64) + b"\x1b", "not a signature"),
        (b"\xff" * 32 + GOOD[32:], "not a signature"),
    ],
)
def test_a_signature_in_a_form_that_the_contracts_refuse_is_refused(
    signature: bytes, words: str
) -> None:
    assert recover(DIGEST, GOOD) == signer("payer").address
    with pytest.raises(SignatureInvalid, match=words):
        recover(DIGEST, signature)


@pytest.mark.parametrize("spoil", [high_s, lambda s: s[:64] + bytes((s[64] - 27,))])
def test_what_we_refuse_the_contracts_refuse_too(world: World, spoil: Any) -> None:
    payer, payee = signer("payer"), signer("payee")
    world.register(payer.address)
    world.register(payee.address)
    world.mint("EUR", payer.address, 100)
    message = world.payment(payer.address, payee.address, 1)
    payments = world.contracts.address("Payments")
    good = world.signed(payer, message)
    assert world.contracts.preflight(payee.address, payments, good) is None
    digest = order_digest("payment", domain_for(world.contracts.book, "Payments"), message)
    signature = spoil(payer.sign_digest(digest))
    bad = world.contracts.encode("Payments", "pay", order_struct("payment", message), signature)
    refusal = world.contracts.preflight(payee.address, payments, bad)
    assert isinstance(refusal, SignatureInvalid)
    assert not check_signature(world.rpc, payer.address, digest, signature)


def wallet_contract(world: World, answer: str) -> str:
    """A contract that answers every call with this hex word, or reverts when it is empty."""
    runtime = f"7f{answer}60005260206000f3" if answer else "60006000fd"
    size = f"{len(runtime) // 2:02x}"
    creation = from_hex(f"0x60{size}600c60003960{size}6000f3{runtime}")
    receipt = world.send(signer("REGISTRAR"), None, creation)
    address: str = receipt["contractAddress"]
    return address


MAGIC = "1626ba7e" + "00" * 28


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [(MAGIC, True), ("1626ba7f" + "00" * 28, False), ("1626ba7e" + "00" * 27 + "01", False)]
    + [("", False)],
)
def test_a_wallet_contract_is_asked_whether_it_accepts(
    world: World, answer: str, accepted: bool
) -> None:
    wallet = wallet_contract(world, answer)
    assert check_signature(world.rpc, wallet, DIGEST, b"any form") is accepted


def test_a_person_s_key_needs_no_contract_and_another_key_does_not_do(world: World) -> None:
    payer = signer("payer").address
    assert check_signature(world.rpc, payer, DIGEST, GOOD)
    assert check_signature(world.rpc, payer.lower(), DIGEST, GOOD)
    assert not check_signature(world.rpc, signer("payee").address, DIGEST, GOOD)
    assert not check_signature(world.rpc, payer, bytes(32), GOOD)


def test_a_node_that_is_down_is_no_verdict_on_a_signature() -> None:
    with NodeConnection("http://127.0.0.1:9", timeout_seconds=0.5) as down:
        assert check_signature(down, signer("payer").address, DIGEST, GOOD)
        with pytest.raises(ChainUnavailable):
            check_signature(down, signer("payee").address, DIGEST, GOOD)
    assert not check_signature(embedded(), signer("payee").address, DIGEST, GOOD)
