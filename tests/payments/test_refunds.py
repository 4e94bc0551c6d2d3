"""Refunds: by who was paid, up to what was paid."""

import pytest

from tests.town import ALL, Person, Town, ask, digest_of, eur
from wallet_chain import payments
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import (
    InsufficientFunds,
    InvalidRequest,
    KindNotAllowed,
    NotFound,
    NotRefundable,
    RefundTooLarge,
)
from wallet_chain.money import positive_money
from wallet_chain.payments.drafts import RefundDraft
from wallet_chain.payments.views import PaymentView, RefundView


def _refund(town: Town, by: Person, payment: PaymentView, amount: str | None = None) -> RefundView:
    money = None if amount is None else eur(amount)
    draft = RefundDraft(payment.id, money)
    return payments.create_refund(town.bank, by.caller, ask(), draft).resource


def test_a_payment_is_refunded_in_parts_and_then_in_whole(town: Town) -> None:
    payment = town.paid(town.anna, town.shop.account, "50.00")
    first = _refund(town, town.shop, payment, "20.00")
    town.settle()
    rest = _refund(town, town.shop, payment)
    town.settle()

    assert rest.money == eur("30.00")
    seen = payments.get_payment(town.bank, town.anna.caller, payment.id)
    assert seen.refunded == eur("50.00")
    assert seen.state == "settled"
    assert town.balance(town.anna) == "500.00"
    listed = payments.list_refunds(town.bank, town.anna.caller, payment.id, ALL).items
    assert [(one.id, one.state) for one in listed] == [
        (first.id, "settled"),
        (rest.id, "settled"),
    ]


def test_more_than_was_paid_can_not_be_refunded(town: Town) -> None:
    payment = town.paid(town.anna, town.shop.account, "50.00")
    with town.refusal(RefundTooLarge) as caught:
        _refund(town, town.shop, payment, "50.01")
    assert caught.value.facts["left"] == "50.00"

    _refund(town, town.shop, payment, "50.00")
    # What is on its way counts already.
    with town.refusal(RefundTooLarge):
        _refund(town, town.shop, payment, "0.01")
    town.settle()
    with town.refusal(RefundTooLarge):
        _refund(town, town.shop, payment, "0.01")
    with town.refusal(RefundTooLarge):
        _refund(town, town.shop, payment)


def test_a_payment_that_has_not_settled_can_not_be_refunded(town: Town) -> None:
    payment = town.pay(town.anna, town.shop.account, "50.00")
    with town.refusal(NotRefundable):
        _refund(town, town.shop, payment)
    town.settle()
    assert _refund(town, town.shop, payment).state == "accepted"


def test_only_who_was_paid_refunds(town: Town) -> None:
    payment = town.paid(town.anna, town.shop.account, "50.00")
    with town.refusal(KindNotAllowed):
        _refund(town, town.anna, payment)
    with town.refusal(NotFound):
        _refund(town, town.ben, payment)
    with town.refusal(NotFound):
        payments.create_refund(
            town.bank, town.staff("operator"), ask(), RefundDraft(payment.id, None)
        )
    assert _refund(town, town.shop, payment).state == "accepted"


def test_a_refund_is_in_the_payments_currency(town: Town) -> None:
    payment = town.paid(town.anna, town.shop.account, "50.00")
    draft = RefundDraft(payment.id, positive_money("10", "JPY"))
    with town.refusal(InvalidRequest):
        payments.create_refund(town.bank, town.shop.caller, ask(), draft)
    assert _refund(town, town.shop, payment, "10.00").state == "accepted"


def test_money_that_was_spent_can_not_be_refunded(town: Town) -> None:
    payment = town.paid(town.anna, town.shop.account, "50.00")
    town.paid(town.shop, town.ben.account, "150.00")
    with town.refusal(InsufficientFunds):
        _refund(town, town.shop, payment)
    town.paid(town.ben, town.shop.account, "50.00")
    assert _refund(town, town.shop, payment).state == "accepted"


def test_who_keeps_an_own_key_signs_the_refund(town: Town) -> None:
    payment = town.paid(town.anna, town.clara.account, "50.00")
    refund = _refund(town, town.clara, payment, "20.00")
    assert refund.state == "awaiting_signature"
    assert refund.typed_data is not None
    assert town.clara.signer is not None

    signature = town.clara.signer.sign_digest(digest_of(refund.typed_data))
    draft = SignatureDraft(refund.id, signature)
    payments.sign_refund(town.bank, town.clara.caller, ask(), draft)
    town.settle()

    assert payments.get_refund(town.bank, town.anna.caller, refund.id).state == "settled"
    assert town.balance(town.anna) == "470.00"


def test_a_dry_run_of_a_refund_writes_nothing(town: Town) -> None:
    payment = town.paid(town.anna, town.shop.account, "50.00")
    before = town.contents()
    draft = RefundDraft(payment.id, None)
    preview = payments.preview_refund(town.bank, town.shop.caller, draft)
    assert preview.would_settle
    assert [(m.account, m.change.decimal) for m in preview.movements] == [
        (town.shop.account, "-50.00"),
        (town.anna.account, "50.00"),
    ]
    too_much = RefundDraft(payment.id, eur("60.00"))
    refused = payments.preview_refund(town.bank, town.shop.caller, too_much)
    assert refused.refusal is not None
    assert refused.refusal.code == "refund_too_large"
    assert town.contents() == before


def test_a_refund_is_seen_by_both_sides_only(town: Town) -> None:
    payment = town.paid(town.anna, town.shop.account, "50.00")
    refund = _refund(town, town.shop, payment)
    for person in (town.anna, town.shop):
        assert payments.get_refund(town.bank, person.caller, refund.id).id == refund.id
    with pytest.raises(NotFound):
        payments.get_refund(town.bank, town.ben.caller, refund.id)
    with pytest.raises(NotFound):
        payments.list_refunds(town.bank, town.ben.caller, payment.id, ALL)
