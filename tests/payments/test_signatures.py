"""Signatures that are not the holder's over this very order are refused, here and on chain.

Each test begins with the order as it should be, which then settles in the end.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.town import Town, ask, digest_of
from wallet_chain import payments
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import (
    NotFound,
    OrderAlreadyUsed,
    OrderExpired,
    SignatureInvalid,
    SignatureNotAwaited,
    WalletError,
)
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.payments.views import PaymentView

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

TypedData = dict[str, Any]


def _signed(town: Town, typed_data: TypedData) -> bytes:
    assert town.clara.signer is not None
    return town.clara.signer.sign_digest(digest_of(typed_data))


def _hand_in(town: Town, payment: PaymentView, signature: bytes) -> PaymentView:
    draft = SignatureDraft(payment.id, signature)
    return payments.sign_payment(town.bank, town.clara.caller, ask(), draft).resource


def _awaiting(town: Town) -> tuple[PaymentView, TypedData]:
    payment = town.pay(town.clara, town.ben.account, "20.00")
    assert payment.typed_data is not None
    return payment, dict(payment.typed_data)


def _with_high_s(signature: bytes) -> bytes:
    s = CURVE_ORDER - int.from_bytes(signature[32:64], "big")
    return signature[:32] + s.to_bytes(32, "big") + bytes((55 - signature[64],))


def _changed(field: str, value: str) -> Callable[[TypedData], TypedData]:
    return lambda data: data | {"message": data["message"] | {field: value}}


def _elsewhere(field: str, value: Any) -> Callable[[TypedData], TypedData]:
    return lambda data: data | {"domain": data["domain"] | {field: value}}


OTHER = "0x00000000000000000000000000000000000000AA"


@pytest.mark.parametrize(
    "change",
    [
        _changed("amount", "2001"),
        _changed("payee", OTHER),
        _changed("currency", "USD"),
        _changed("reference", "0x" + "11" * 32),
        _changed("details", "0x" + "11" * 32),
        _changed("nonce", "1"),
        _changed("deadline", "1800000001"),
        _elsewhere("chainId", 1),
        _elsewhere("verifyingContract", OTHER),
    ],
    ids=[
        "amount",
        "payee",
        "currency",
        "reference",
        "details",
        "nonce",
        "deadline",
        "chain",
        "contract",
    ],
)
def test_a_signature_over_something_else_is_refused(
    town: Town, change: Callable[[TypedData], TypedData]
) -> None:
    payment, typed_data = _awaiting(town)
    with town.refusal(SignatureInvalid):
        _hand_in(town, payment, _signed(town, change(typed_data)))

    assert _hand_in(town, payment, _signed(town, typed_data)).state == "accepted"
    town.settle()
    assert town.balance(town.clara) == "480.00"


def test_a_signature_by_another_key_is_refused(town: Town) -> None:
    payment, typed_data = _awaiting(town)
    thief = LocalSigner(keccak256(b"a thief"))
    with town.refusal(SignatureInvalid):
        _hand_in(town, payment, thief.sign_digest(digest_of(typed_data)))

    assert _hand_in(town, payment, _signed(town, typed_data)).state == "accepted"


@pytest.mark.parametrize("spoil", [_with_high_s, lambda s: s[:64], lambda s: s + b"\x00"])
def test_a_signature_in_another_form_is_refused(
    town: Town, spoil: Callable[[bytes], bytes]
) -> None:
    payment, typed_data = _awaiting(town)
    with town.refusal(SignatureInvalid):
        _hand_in(town, payment, spoil(_signed(town, typed_data)))

    assert _hand_in(town, payment, _signed(town, typed_data)).state == "accepted"


def test_the_contract_refuses_what_the_product_refuses(town: Town) -> None:
    payment, typed_data = _awaiting(town)
    right = _signed(town, typed_data)
    assert _refusal_of_chain(town, typed_data["message"], right) is None

    dearer = typed_data["message"] | {"amount": "2001"}
    assert type(_refusal_of_chain(town, dearer, right)) is SignatureInvalid
    assert type(_refusal_of_chain(town, typed_data["message"], _with_high_s(right))) is (
        SignatureInvalid
    )
    assert payments.get_payment(town.bank, town.clara.caller, payment.id).state == (
        "awaiting_signature"
    )


def test_an_order_that_was_executed_is_refused_when_it_is_sent_again(town: Town) -> None:
    payment, typed_data = _awaiting(town)
    signature = _signed(town, typed_data)
    _hand_in(town, payment, signature)
    town.settle()
    assert town.balance(town.clara) == "480.00"

    again = _refusal_of_chain(town, typed_data["message"], signature)
    assert type(again) is OrderAlreadyUsed
    with town.refusal(SignatureNotAwaited):
        _hand_in(town, payment, signature)


def test_a_nonce_does_not_work_twice_whatever_it_is_used_for(town: Town) -> None:
    payment, typed_data = _awaiting(town)
    _hand_in(town, payment, _signed(town, typed_data))
    town.settle()

    other = typed_data | {"message": typed_data["message"] | {"amount": "1"}}
    refusal = _refusal_of_chain(town, other["message"], _signed(town, other))
    assert type(refusal) is OrderAlreadyUsed


def test_an_order_that_was_not_signed_in_time_has_expired(town: Town) -> None:
    payment, typed_data = _awaiting(town)
    signature = _signed(town, typed_data)
    assert _refusal_of_chain(town, typed_data["message"], signature) is None
    town.wait(town.bank.settings.order_ttl_seconds + 1)

    with town.refusal(OrderExpired):
        _hand_in(town, payment, signature)
    assert type(_refusal_of_chain(town, typed_data["message"], signature)) is OrderExpired
    expired = payments.get_payment(town.bank, town.clara.caller, payment.id)
    assert expired.state == "expired"
    assert expired.typed_data is None


def test_only_the_payer_can_hand_in_a_signature(town: Town) -> None:
    payment, typed_data = _awaiting(town)
    draft = SignatureDraft(payment.id, _signed(town, typed_data))
    for caller in (town.ben.caller, town.anna.caller, town.staff("operator")):
        with town.refusal(NotFound):
            payments.sign_payment(town.bank, caller, ask(), draft)
    assert payments.sign_payment(town.bank, town.clara.caller, ask(), draft).resource.state == (
        "accepted"
    )


def test_a_payment_of_a_key_that_the_bank_keeps_awaits_no_signature(town: Town) -> None:
    payment = town.pay(town.anna, town.ben.account, "1.00")
    with town.refusal(SignatureNotAwaited):
        payments.sign_payment(
            town.bank, town.anna.caller, ask(), SignatureDraft(payment.id, bytes(65))
        )


def _refusal_of_chain(town: Town, message: dict[str, Any], signature: bytes) -> WalletError | None:
    contracts = town.bank.contracts
    calldata = contracts.encode("Payments", "pay", order_struct("payment", message), signature)
    return contracts.preflight(OTHER, contracts.address("Payments"), calldata)
