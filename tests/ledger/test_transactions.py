"""Signed transactions: right to the byte, taken by the chains, and what refusals to take them mean."""

from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chains import CHAIN_ID, FUNDER, anvil
from tests.deployed import World, signer
from wallet_chain.ledger.classify import SendOutcome, classify_failure, classify_send_error
from wallet_chain.ledger.deploy import created_address
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.ledger.rpc import RpcFailure, transaction_count
from wallet_chain.ledger.transactions import (
    Fees,
    LocalSigner,
    SignedTransaction,
    fee_policy,
    receipt_of,
    send_raw,
    sign_transaction,
)

PAYEE = signer("payee").address
SECRET = bytes.fromhex("11" * 32)


@given(
    nonce=st.integers(0, 2**63),
    gas=st.integers(0, 2**63),
    price=st.integers(0, 2**100),
    value=st.integers(0, 2**200),
    chain=st.integers(1, 2**53),
    data=st.binary(max_size=100),
    to=st.none() | st.just(PAYEE),
    legacy=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_signed_transaction_is_the_one_another_library_signs(
    nonce: int,
    gas: int,
    price: int,
    value: int,
    chain: int,
    data: bytes,
    to: str | None,
    legacy: bool,
) -> None:
    ours = sign_transaction(
        LocalSigner(SECRET),
        chain_id=chain,
        nonce=nonce,
        to=to,
        data=data,
        gas=gas,
        fees=Fees(price, price // 2, legacy=legacy),
        value=value,
    )
    fields: dict[str, Any] = {
        "nonce": nonce,
        "gas": gas,
        "value": value,
        "chainId": chain,
        "data": data,
    }
    if legacy:
        fields["gasPrice"] = price
    else:
        fields |= {"maxFeePerGas": price, "maxPriorityFeePerGas": price // 2, "type": 2}
    if to:
        fields["to"] = to
    theirs = Account.from_key(SECRET).sign_transaction(fields)
    assert ours.raw == bytes(theirs.raw_transaction)
    assert ours.hash == "0x" + bytes(theirs.hash).hex()


def test_a_signer_shows_its_address_and_never_its_key() -> None:
    key = LocalSigner(SECRET)
    assert key.address == Account.from_key(SECRET).address
    assert LocalSigner.from_hex("0x" + SECRET.hex()).address == key.address
    assert LocalSigner.from_hex(SECRET.hex()).address == key.address
    assert repr(key) == str(key) == f"LocalSigner({key.address})"


@pytest.mark.parametrize("secret", [b"", bytes(32), b"\xff" * 32, b"\x01" * 31, b"\x01" * 33])
def test_what_is_no_key_of_the_curve_is_refused(secret: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the curve's library has its own words
        LocalSigner(secret)


def test_fees_are_nothing_where_the_chain_asks_nothing(world: World) -> None:
    fees = fee_policy(world.rpc)
    assert fees.is_free
    assert fees == Fees(0, 0, legacy=False)


@pytest.mark.anvil
def test_fees_leave_room_for_the_price_to_rise() -> None:
    with anvil() as rpc:
        price = int(rpc.call("eth_gasPrice", []), 16)
        fees = fee_policy(rpc)
        assert not fees.legacy
        assert fees.max_fee_per_gas >= 2 * price
        assert fees.max_priority_fee_per_gas <= price
    nothing = ("--base-fee", "0", "--gas-price", "0", "--disable-min-priority-fee")
    with anvil(*nothing) as free:
        assert fee_policy(free).is_free
    with anvil("--hardfork", "berlin") as old:
        assert fee_policy(old).legacy


def transaction(world: World, **changes: Any) -> SignedTransaction:
    """A transfer of 1 wei by FUNDER that would be taken."""
    fields: dict[str, Any] = {
        "chain_id": CHAIN_ID,
        "nonce": transaction_count(world.rpc, FUNDER.address),
        "to": PAYEE,
        "data": b"",
        "gas": 50_000,
        "fees": fee_policy(world.rpc),
        "value": 1,
    }
    return sign_transaction(FUNDER, **(fields | changes))


def outcome(world: World, signed: SignedTransaction) -> SendOutcome:
    try:
        send_raw(world.rpc, signed)
    except RpcFailure as failure:
        return classify_failure(failure)
    return SendOutcome.ACCEPTED


def test_the_same_bytes_sent_again_are_known_not_refused(each_world: World) -> None:
    signed = transaction(each_world)
    each_world.mined(signed)
    again = outcome(each_world, signed)
    # Anvil looks at the nonce first: the receipt then tells that it was these very bytes.
    assert again in (SendOutcome.ALREADY_KNOWN, SendOutcome.NONCE_TOO_LOW)
    assert receipt_of(each_world.rpc, signed.hash) is not None


def test_a_nonce_that_was_used_is_too_low(each_world: World) -> None:
    each_world.mined(transaction(each_world))
    used = transaction_count(each_world.rpc, FUNDER.address) - 1
    other = transaction(each_world, nonce=used, value=2)
    assert outcome(each_world, other) is SendOutcome.NONCE_TOO_LOW
    assert receipt_of(each_world.rpc, other.hash) is None


def test_a_nonce_ahead_waits_and_is_known_when_it_comes_again(each_world: World) -> None:
    ahead = transaction(each_world, nonce=transaction_count(each_world.rpc, FUNDER.address) + 1)
    assert outcome(each_world, ahead) is SendOutcome.ACCEPTED
    assert receipt_of(each_world.rpc, ahead.hash) is None
    assert outcome(each_world, ahead) is SendOutcome.ALREADY_KNOWN
    each_world.mined(transaction(each_world))
    assert each_world.mined_already(ahead)["status"] == "0x1"


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({"chain_id": 1}, SendOutcome.REFUSED_FOR_GOOD),
        ({"gas": 20_000}, SendOutcome.NEVER_FITS),
        ({"gas": 10**12}, SendOutcome.NEVER_FITS),
    ],
)
def test_what_can_never_be_mined_is_told_from_what_only_does_not_fit(
    each_world: World, changes: dict[str, Any], meaning: SendOutcome
) -> None:
    # Mined, not only accepted: anvil answers before it mines, and the next nonce is asked of it.
    each_world.mined(transaction(each_world))
    assert outcome(each_world, transaction(each_world, **changes)) is meaning


def test_bytes_that_are_no_transaction_are_refused_for_good(each_world: World) -> None:
    broken = SignedTransaction(transaction(each_world).raw[:-5])
    assert outcome(each_world, broken) is SendOutcome.REFUSED_FOR_GOOD


def test_a_lack_of_money_can_be_put_right_so_it_is_not_final(each_world: World) -> None:
    fault = outcome(each_world, transaction(each_world, value=10**40))
    assert fault is SendOutcome.UNKNOWN


@pytest.mark.anvil
def test_another_transaction_with_a_waiting_nonce_is_underpriced(each_world: World) -> None:
    nonce = transaction_count(each_world.rpc, FUNDER.address) + 5
    assert outcome(each_world, transaction(each_world, nonce=nonce)) is SendOutcome.ACCEPTED
    other = outcome(each_world, transaction(each_world, nonce=nonce, value=2))
    assert other is SendOutcome.UNDERPRICED


def test_a_creation_s_address_is_known_beforehand(each_world: World) -> None:
    nonce = transaction_count(each_world.rpc, FUNDER.address)
    created = transaction(each_world, to=None, value=0, data=from_hex("0x00"), gas=100_000)
    receipt = each_world.mined(created)
    expected = created_address(FUNDER.address, nonce)
    assert receipt["contractAddress"].lower() == expected.lower()


KNOWN, LOW, HIGH, FULL, PRICE, FITS, GOOD, UNKNOWN = (
    SendOutcome.ALREADY_KNOWN,
    SendOutcome.NONCE_TOO_LOW,
    SendOutcome.NONCE_TOO_HIGH,
    SendOutcome.POOL_FULL,
    SendOutcome.UNDERPRICED,
    SendOutcome.NEVER_FITS,
    SendOutcome.REFUSED_FOR_GOOD,
    SendOutcome.UNKNOWN,
)


@pytest.mark.parametrize(
    ("node", "message", "meaning"),
    [
        ("geth", "already known", KNOWN),
        ("anvil", "transaction already imported", KNOWN),
        ("besu", "Known transaction", KNOWN),
        ("nethermind", "AlreadyKnown", KNOWN),
        ("geth", "nonce too low: next nonce 5, tx nonce 2", LOW),
        ("anvil", "nonce too low", LOW),
        ("besu", "Nonce too low", LOW),
        ("nethermind", "OldNonce", LOW),
        ("eth-tester", "Invalid transaction nonce: Expected 5, but got 2", LOW),
        ("eth-tester", "Invalid transaction nonce: Expected 1, but got 2", HIGH),
        ("besu", "Nonce too high", HIGH),
        ("besu", "Transaction nonce is too distant from current sender nonce", HIGH),
        ("geth", "txpool is full", FULL),
        ("geth", "account limit exceeded", FULL),
        ("geth", "future transaction tries to replace pending", FULL),
        ("nethermind", "FeeTooLowToCompete", FULL),
        ("geth", "transaction underpriced: tip needed 1, tip permitted 0", PRICE),
        ("geth", "replacement transaction underpriced", PRICE),
        ("besu", "Replacement transaction underpriced", PRICE),
        ("geth", "max fee per gas less than block base fee: address 0x1", PRICE),
        ("besu", "Gas price below configured minimum gas price", PRICE),
        ("besu", "Gas price below current base fee", PRICE),
        ("geth", "invalid sender", GOOD),
        ("geth", "intrinsic gas too low: gas 20000, minimum needed 21000", FITS),
        ("geth", "exceeds block gas limit", FITS),
        ("geth", "only replay-protected (EIP-155) transactions allowed over RPC", GOOD),
        ("geth", "rlp: expected input list for types.LegacyTx", GOOD),
        ("geth", "invalid chain id for signer: have 1 want 2", GOOD),
        ("geth", "oversized data: transaction size 1, limit 0", FITS),
        ("besu", "Wrong chainId", GOOD),
        ("besu", "ChainId is required", GOOD),
        ("besu", "Invalid signature", GOOD),
        ("besu", "Intrinsic gas exceeds gas limit", FITS),
        ("besu", "Transaction gas limit exceeds block gas limit", FITS),
        ("besu", "Upfront cost exceeds account balance", UNKNOWN),
        ("geth", "insufficient funds for gas * price + value", UNKNOWN),
        ("besu", "Sender account not authorized to send transactions", UNKNOWN),
        ("proxy", "upstream request timeout", UNKNOWN),
        ("", "", UNKNOWN),
    ],
)
def test_the_words_of_each_node_are_understood(
    node: str, message: str, meaning: SendOutcome
) -> None:
    assert classify_send_error(-32000, message) is meaning, node
