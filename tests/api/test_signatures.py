"""A payment moves on its payer's signature over exactly this order, and on nothing else."""

from typing import Any

import pytest
from eth_account import Account
from eth_keys.constants import SECPK1_N

from tests.api.bank import Clock
from tests.api.client import ok, refusal
from tests.api.traces import PAYMENTS, refused
from tests.api.world import WAIT, World, euros, sign
from tests.chains import FUNDER
from wallet_chain.ledger.transactions import fee_policy, send_raw, sign_transaction
from wallet_chain.ledger.typed_data import order_struct


@pytest.fixture
def order(world: World) -> dict[str, Any]:
    """A payment of Ada's that awaits her signature."""
    body = {"payee": world.bob.account, "money": euros("1.00"), "details": "signed by hand"}
    answer = world.ada.api.post(PAYMENTS, body)
    assert answer.status_code == 201
    found = dict(ok(answer))
    assert found["state"] == "awaiting_signature"
    assert found["operation"] is None
    return found


def hand_in(world: World, order: dict[str, Any], signature: str, expected: str) -> dict[str, Any]:
    """The facts of a refused signature; the order still awaits a right one."""
    path = f"{PAYMENTS}/{order['id']}/signature"
    body = {"signature": signature}
    facts = refused(world, world.ada.api, path, body, expected, world.ada, world.bob)
    seen = ok(world.ada.api.get(f"{PAYMENTS}/{order['id']}"))
    assert seen["state"] == "awaiting_signature"
    return facts


def accepted(world: World, order: dict[str, Any]) -> dict[str, Any]:
    """What becomes of the order when it is signed as it is."""
    body = {"signature": sign(world.ada_wallet, order)}
    path = f"{PAYMENTS}/{order['id']}/signature"
    return dict(ok(world.ada.api.post(path, body, wait=WAIT)))


def test_the_signature_of_the_payer_settles_the_payment(
    world: World, order: dict[str, Any]
) -> None:
    assert accepted(world, order)["state"] == "settled"


def test_the_signature_of_another_key_is_refused(world: World, order: dict[str, Any]) -> None:
    thief = Account.from_key("0x" + "66" * 32)
    facts = hand_in(world, order, sign(thief, order), "422 signature_invalid")
    assert facts["signer"] == world.ada.account
    assert accepted(world, order)["state"] == "settled"


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("message", "amount", "101"),
        ("message", "payee", "0x52908400098527886E0F7030069857D2E4169EE7"),
        ("message", "currency", "USD"),
        ("message", "nonce", "1"),
        ("message", "deadline", "1900000000"),
        ("message", "reference", "0x" + "11" * 32),
        ("message", "details", "0x" + "22" * 32),
        ("domain", "chainId", 1),
        ("domain", "verifyingContract", "0x52908400098527886E0F7030069857D2E4169EE7"),
        ("domain", "version", "2"),
        ("domain", "name", "Another Chain"),
    ],
)
def test_a_signature_over_anything_else_is_refused(
    world: World, order: dict[str, Any], part: str, name: str, value: Any
) -> None:
    typed_data = order["typed_data"]
    changed = {**typed_data, part: {**typed_data[part], name: value}}
    signature = sign(world.ada_wallet, {"typed_data": changed})
    hand_in(world, order, signature, "422 signature_invalid")
    assert accepted(world, order)["state"] == "settled"


def test_the_other_form_of_a_signature_is_refused(world: World, order: dict[str, Any]) -> None:
    # Each signature has a twin with a high S, which anybody can compute (EIP-2).
    signature = bytes.fromhex(sign(world.ada_wallet, order)[2:])
    high_s = SECPK1_N - int.from_bytes(signature[32:64], "big")
    twin = signature[:32] + high_s.to_bytes(32, "big") + bytes([55 - signature[64]])
    hand_in(world, order, "0x" + twin.hex(), "422 signature_invalid")
    assert accepted(world, order)["state"] == "settled"


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("0x" + "00" * 65, "422 signature_invalid"),
        ("0x" + "ff" * 65, "422 signature_invalid"),
        ("0x" + "1b" * 64, "422 signature_invalid"),
        ("0x1b", "422 signature_invalid"),
        ("0x" + "1b" * 2_048, "422 signature_invalid"),
        ("0x" + "1b" * 2_049, "422 invalid_request"),
        ("0x1", "422 invalid_request"),
        ("0x", "422 invalid_request"),
        ("1b" * 65, "422 invalid_request"),
        ("0x" + "zz" * 65, "422 invalid_request"),
    ],
)
def test_what_is_no_signature_is_refused(
    world: World, order: dict[str, Any], signature: str, expected: str
) -> None:
    hand_in(world, order, signature, expected)


def test_an_order_that_was_signed_is_not_signed_again(world: World, order: dict[str, Any]) -> None:
    path = f"{PAYMENTS}/{order['id']}/signature"
    body = {"signature": sign(world.ada_wallet, order)}
    first = ok(world.ada.api.post(path, body, wait=WAIT))
    assert first["state"] == "settled"
    facts = refused(
        world, world.ada.api, path, body, "409 signature_not_awaited", world.ada, world.bob
    )
    assert facts["state"] == "settled"


def test_an_order_whose_deadline_has_passed_is_refused(
    world: World, order: dict[str, Any], clock: Clock
) -> None:
    clock.forward(order["deadline"] - clock() + 1)
    path = f"{PAYMENTS}/{order['id']}/signature"
    body = {"signature": sign(world.ada_wallet, order)}
    refused(world, world.ada.api, path, body, "422 order_expired", world.ada, world.bob)
    assert ok(world.ada.api.get(f"{PAYMENTS}/{order['id']}"))["state"] == "expired"
    body = {"payee": world.bob.account, "money": euros("1.00")}
    assert accepted(world, ok(world.ada.api.post(PAYMENTS, body)))["state"] == "settled"


def test_a_nonce_that_was_used_with_another_content_is_refused_by_the_chain(
    world: World, order: dict[str, Any]
) -> None:
    # Ada signs another amount under the same nonce and sends that order to the chain herself.
    message = {**order["typed_data"]["message"], "amount": "50"}
    other = {"typed_data": {**order["typed_data"], "message": message}}
    signature = bytes.fromhex(sign(world.ada_wallet, other)[2:])
    contracts = world.bank.contracts
    calldata = contracts.encode("Payments", "pay", order_struct("payment", message), signature)
    transaction = sign_transaction(
        FUNDER,
        chain_id=contracts.book.chain_id,
        nonce=int(world.bank.rpc.call("eth_getTransactionCount", [FUNDER.address, "latest"]), 16),
        to=contracts.address("Payments"),
        data=calldata,
        gas=1_000_000,
        fees=fee_policy(world.bank.rpc),
    )
    send_raw(world.bank.rpc, transaction)
    ended = accepted(world, order)
    assert ended["state"] == "rejected"
    assert ended["operation"]["refusal"]["code"] == "order_already_used"
    query = {"account": world.ada.account, "kind": "payment", "limit": 200}
    newest = ok(world.ada.api.get("/v1/audit/events", **query))["items"][-1]
    assert newest["money"] == euros("0.50")
    assert newest["order_id"] != order["order_id"]


def test_a_withdrawal_a_refund_and_a_cancellation_take_only_their_own_signature(
    world: World, order: dict[str, Any]
) -> None:
    ada = world.ada
    signature = sign(world.ada_wallet, order)
    asked = ok(ada.api.post("/v1/withdrawals", {"money": euros("1.00"), "payout_to": "DE89"}))
    answer = ada.api.post(f"/v1/withdrawals/{asked['id']}/signature", {"signature": signature})
    assert refusal(answer) == "422 signature_invalid"
    assert world.sign(ada, f"/v1/withdrawals/{asked['id']}", asked)["state"] == "settled"
    cancelled = ok(ada.api.post(f"{PAYMENTS}/{order['id']}/cancel"))["cancellation"]
    assert cancelled["state"] == "awaiting_signature"
    path = f"{PAYMENTS}/{order['id']}/cancel/signature"
    answer = ada.api.post(path, {"signature": signature})
    assert refusal(answer) == "422 signature_invalid"
    body = {"signature": sign(world.ada_wallet, cancelled)}
    assert ok(ada.api.post(path, body, wait=WAIT))["cancellation"]["state"] == "settled"
    # What was cancelled on chain can't be settled any more, however well it is signed.
    late = ada.api.post(f"{PAYMENTS}/{order['id']}/signature", {"signature": signature})
    assert refusal(late) == "409 signature_not_awaited"
