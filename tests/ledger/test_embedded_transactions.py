"""What the embedded chain does with a signed transaction, and in which words it refuses one."""

import pytest
from eth_account import Account

from tests.ledger.embedded_probe import (
    CHAIN_ID,
    FUNDER,
    NOBODY,
    OTHER,
    REVERT,
    World,
    creation,
    in_memory,
    signed,
)
from wallet_chain.ledger.embedded import RpcError
from wallet_chain.ledger.embedded.pool import WAITING_PER_SENDER_MAX


@pytest.fixture
def world() -> World:
    return in_memory()


def refusal(world: World, raw: str) -> str:
    with pytest.raises(RpcError) as raised:
        world.ask("eth_sendRawTransaction", raw)
    assert raised.value.code == -32000
    return raised.value.message


def test_a_transaction_is_mined_before_it_is_answered(world: World) -> None:
    receipt = world.send(value=5)
    assert receipt["blockNumber"] == "0x1"
    assert receipt["status"] == "0x1"
    assert receipt["effectiveGasPrice"] == "0x0"
    assert world.ask("eth_getBalance", NOBODY) == "0x5"
    assert world.ask("eth_getBalance", NOBODY, "0x0") == "0x0"


def test_a_transaction_that_reverts_is_mined_with_status_zero(world: World) -> None:
    reverter = world.deploy(REVERT)
    receipt = world.send(to=reverter, data="0x1234")
    assert receipt["status"] == "0x0"
    assert receipt["logs"] == []
    assert world.ask("eth_getTransactionCount", FUNDER.address) == "0x2"


def test_the_same_bytes_again_are_already_known(world: World) -> None:
    raw = signed(0)
    world.ask("eth_sendRawTransaction", raw)
    assert refusal(world, raw) == "already known"
    waiting = signed(5)
    world.ask("eth_sendRawTransaction", waiting)
    assert refusal(world, waiting) == "already known"


def test_another_transaction_with_a_used_nonce_is_too_low(world: World) -> None:
    world.ask("eth_sendRawTransaction", signed(0))
    assert refusal(world, signed(0, value=1)) == "nonce too low: next nonce 1, tx nonce 0"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"gas": 20_999}, "intrinsic gas too low: gas 20999, minimum needed 21000"),
        # EIP-7623: 100 bytes of data cost 21,000 + 100 * 4 * 10 at least, more than intrinsic gas.
        ({"data": "0x" + "ff" * 100, "gas": 24_999}, "intrinsic gas too low: gas 24999, minimum"),
        ({"gas": 200_000_001}, "exceeds block gas limit: tx gas 200000001, limit 200000000"),
        ({"value": 10**31}, "insufficient funds for gas * price + value: balance"),
        ({"gasPrice": 10**30}, "insufficient funds for gas * price + value: balance"),
        ({"chainId": CHAIN_ID + 1}, f"invalid chain id for signer: have 7002 want {CHAIN_ID}"),
        (
            {"maxFeePerGas": 1, "maxPriorityFeePerGas": 2},
            "max priority fee per gas higher than max fee per gas",
        ),
    ],
)
def test_a_transaction_with_one_fault_is_refused_in_geths_words(
    world: World, fields: dict[str, object], text: str
) -> None:
    assert refusal(world, signed(0, **fields)).startswith(text)
    assert world.ask("eth_blockNumber") == "0x0"
    assert world.send()["status"] == "0x1"


def test_malformed_bytes_are_refused(world: World) -> None:
    whole = bytes.fromhex(signed(0)[2:])
    for raw in (b"", b"\x03\xc0", b"\x7f", whole[:-1], whole + b"\x00", b"\xc0", b"\x02\xc0"):
        assert refusal(world, "0x" + raw.hex())
    with pytest.raises(RpcError) as raised:
        world.ask("eth_sendRawTransaction", "0x123")
    assert raised.value.code == -32602


def test_a_transaction_that_names_no_chain_is_refused(world: World) -> None:
    unprotected = FUNDER.sign_transaction(
        {"nonce": 0, "gas": 21_000, "gasPrice": 0, "to": NOBODY, "value": 0, "data": "0x"}
    )
    text = refusal(world, "0x" + bytes(unprotected.raw_transaction).hex())
    assert text == "only replay-protected (EIP-155) transactions allowed over RPC"


def test_the_second_root_of_a_signature_is_refused(world: World) -> None:
    good = FUNDER.sign_transaction(
        {
            "nonce": 0,
            "gas": 21_000,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "to": NOBODY,
            "value": 0,
            "chainId": CHAIN_ID,
        }
    )
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    low, high = good.s.to_bytes(32, "big"), (order - good.s).to_bytes(32, "big")
    raw = bytes(good.raw_transaction)
    assert refusal(world, "0x" + raw.replace(low, high).hex()).startswith("invalid sender")
    assert world.ask("eth_sendRawTransaction", "0x" + raw.hex())


def test_a_nonce_ahead_waits_until_the_gap_is_filled(world: World) -> None:
    third, second = signed(2, value=3), signed(1, value=2)
    waiting = world.ask("eth_sendRawTransaction", third)
    world.ask("eth_sendRawTransaction", second)
    pending = world.ask("eth_getTransactionByHash", waiting)
    assert (pending["blockHash"], pending["blockNumber"]) == (None, None)
    assert world.ask("eth_getRawTransactionByHash", waiting) == third
    assert world.ask("eth_getTransactionReceipt", waiting) is None
    assert world.ask("eth_getTransactionCount", FUNDER.address, "pending") == "0x0"

    world.ask("eth_sendRawTransaction", signed(0, value=1))
    assert world.ask("eth_blockNumber") == "0x3"
    assert world.ask("eth_getTransactionReceipt", waiting)["blockNumber"] == "0x3"
    assert world.ask("eth_getBalance", NOBODY) == "0x6"


def test_a_waiting_nonce_is_not_replaced_and_the_pool_is_bounded(world: World) -> None:
    world.ask("eth_sendRawTransaction", signed(1))
    assert refusal(world, signed(1, value=9)) == "replacement transaction underpriced"
    for nonce in range(2, WAITING_PER_SENDER_MAX + 1):
        world.ask("eth_sendRawTransaction", signed(nonce))
    assert refusal(world, signed(WAITING_PER_SENDER_MAX + 1)) == "txpool is full"


def test_a_waiting_transaction_that_became_unpayable_is_dropped(world: World) -> None:
    world.send(to=OTHER.address, value=10)
    dropped = world.ask("eth_sendRawTransaction", signed(1, signer=OTHER, value=10))
    world.ask("eth_sendRawTransaction", signed(0, signer=OTHER, value=1))
    assert world.ask("eth_getTransactionByHash", dropped) is None
    assert world.ask("eth_getTransactionCount", OTHER.address) == "0x1"


def test_a_transaction_that_cannot_start_leaves_no_trace(world: World) -> None:
    before = world.ask("eth_getBlockByNumber", "latest", True)
    poor = Account.from_key("0x" + "33" * 32)
    assert "insufficient funds" in refusal(world, signed(0, signer=poor, value=1))
    assert world.ask("eth_getBlockByNumber", "latest", True) == before


def test_creating_a_contract_answers_with_its_address_and_code(world: World) -> None:
    receipt = world.send(to=None, data=creation(REVERT), gas=1_000_000)
    assert receipt["to"] is None
    assert world.ask("eth_getCode", receipt["contractAddress"]) == "0x" + REVERT
    assert world.ask("eth_getCode", receipt["contractAddress"], "0x0") == "0x"
