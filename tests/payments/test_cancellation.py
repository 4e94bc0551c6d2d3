"""Cancellations: a signed order races the payment, and the chain says which came first."""

import pytest

from tests.town import Town, ask, digest_of
from wallet_chain import payments
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import KindNotAllowed, NotCancellable, NotFound, SignatureInvalid
from wallet_chain.payments.drafts import CancellationDraft
from wallet_chain.payments.views import PaymentView


def _cancel(town: Town, who: str, payment: PaymentView) -> PaymentView:
    person = getattr(town, who)
    draft = CancellationDraft(payment.id)
    return payments.cancel_payment(town.bank, person.caller, ask(), draft).resource


def _now(town: Town, payment: PaymentView) -> PaymentView:
    return payments.get_payment(town.bank, town.staff("operator"), payment.id)


def test_a_payment_that_waits_is_cancelled_and_moves_nothing(town: Town) -> None:
    payment = town.pay(town.anna, town.ben.account, "50.00")
    assert _cancel(town, "anna", payment).state == "accepted"
    town.settle()

    ended = _now(town, payment)
    assert ended.state == "cancelled"
    assert ended.cancellation is not None
    assert ended.cancellation.state == "settled"
    assert town.balance(town.anna) == "500.00"


def test_a_settled_payment_can_not_be_cancelled(town: Town) -> None:
    payment = town.paid(town.anna, town.ben.account, "50.00")
    with town.refusal(NotCancellable):
        _cancel(town, "anna", payment)
    # The same call before it settled is accepted.
    other = town.pay(town.anna, town.ben.account, "50.00")
    assert _cancel(town, "anna", other).cancellation is not None


def test_only_the_payer_cancels(town: Town) -> None:
    payment = town.pay(town.anna, town.ben.account, "50.00")
    with town.refusal(KindNotAllowed):
        _cancel(town, "ben", payment)
    with town.refusal(NotFound):
        _cancel(town, "clara", payment)
    with town.refusal(NotFound):
        draft = CancellationDraft(payment.id)
        payments.cancel_payment(town.bank, town.staff("operator"), ask(), draft)
    assert _cancel(town, "anna", payment).cancellation is not None


def test_a_cancellation_under_way_is_not_made_twice(town: Town) -> None:
    payment = town.pay(town.anna, town.ben.account, "50.00")
    first = _cancel(town, "anna", payment).cancellation
    second = _cancel(town, "anna", payment).cancellation
    assert first is not None
    assert second is not None
    assert first.id == second.id
    town.settle()
    assert _now(town, payment).state == "cancelled"


def test_who_keeps_an_own_key_signs_the_cancellation(town: Town) -> None:
    payment = town.pay(town.clara, town.ben.account, "50.00")
    assert payment.typed_data is not None
    cancellation = _cancel(town, "clara", payment).cancellation
    assert cancellation is not None
    assert cancellation.state == "awaiting_signature"
    assert cancellation.typed_data is not None
    assert town.clara.signer is not None

    wrong = town.clara.signer.sign_digest(digest_of(payment.typed_data))
    with town.refusal(SignatureInvalid):
        payments.sign_cancellation(
            town.bank, town.clara.caller, ask(), SignatureDraft(payment.id, wrong)
        )
    right = town.clara.signer.sign_digest(digest_of(cancellation.typed_data))
    payments.sign_cancellation(
        town.bank, town.clara.caller, ask(), SignatureDraft(payment.id, right)
    )
    town.settle()
    assert _now(town, payment).state == "cancelled"

    # The signed payment itself is worth nothing now, whoever sends it.
    town.send_past_the_bank(payment.typed_data["message"], wrong)
    assert town.balance(town.clara) == "500.00"
    assert _now(town, payment).state == "cancelled"


def test_when_the_payment_comes_first_the_cancellation_has_no_effect(town: Town) -> None:
    payment = town.pay(town.clara, town.ben.account, "50.00")
    assert payment.typed_data is not None
    assert town.clara.signer is not None
    cancellation = _cancel(town, "clara", payment).cancellation
    assert cancellation is not None
    assert cancellation.typed_data is not None
    signature = town.clara.signer.sign_digest(digest_of(payment.typed_data))
    town.send_past_the_bank(payment.typed_data["message"], signature)

    right = town.clara.signer.sign_digest(digest_of(cancellation.typed_data))
    payments.sign_cancellation(
        town.bank, town.clara.caller, ask(), SignatureDraft(payment.id, right)
    )
    town.settle()
    town.wait(town.bank.settings.order_ttl_seconds + 1)

    ended = _now(town, payment)
    assert ended.state == "settled"
    assert ended.cancellation is not None
    assert ended.cancellation.state in ("rejected", "expired")
    assert town.balance(town.clara) == "450.00"


def test_an_unknown_payment_can_not_be_cancelled(town: Town) -> None:
    draft = CancellationDraft("pay_01J00000000000000000000000")
    with pytest.raises(NotFound):
        payments.cancel_payment(town.bank, town.anna.caller, ask(), draft)
