"""Payments of requests that await their payer's signature: how long, and whom they hold up."""

import pytest

from tests.merchants.till import asked, paid, pay, seen, sign
from tests.town import Town, ask, digest_of
from wallet_chain import merchants, purchases
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import (
    OrderExpired,
    PaymentUnderWay,
    RequestCancelled,
    WalletError,
)
from wallet_chain.merchants.drafts import InstalmentTerms, PlanDraft
from wallet_chain.merchants.views import DuePaymentView

THREE = InstalmentTerms(3)


def cancel(town: Town, request_id: str) -> None:
    merchants.cancel_request(town.bank, town.shop.caller, ask(), request_id)


def sign_as_purchase(town: Town, payment: DuePaymentView) -> None:
    """Clara's signature by the purchases' own door."""
    assert town.clara.signer is not None
    assert payment.typed_data is not None
    signature = town.clara.signer.sign_digest(digest_of(payment.typed_data))
    draft = SignatureDraft(payment.id, signature)
    purchases.sign_purchase(town.bank, town.clara.caller, ask(), draft)


def refused(town: Town, request_id: str, payment: DuePaymentView, why: type[WalletError]) -> None:
    """No door takes the signature, and nothing was moved."""
    with town.refusal(why):
        sign(town, town.clara, request_id, payment)
    if payment.kind == "purchase":
        with town.refusal(why):
            sign_as_purchase(town, payment)
    town.settle()
    assert town.balance(town.clara) == "500.00"


@pytest.mark.parametrize("tip", [None, "1.00"])
def test_what_expired_before_the_signature_is_not_paid(town: Town, tip: str | None) -> None:
    until = town.clock() + 60
    made = asked(town, town.shop, "5.00", expires_at=until, tip_allowed=True)
    payment = pay(town, town.clara, made.id, tip=tip).payments[0]
    assert payment.deadline == until
    town.wait(61)
    refused(town, made.id, payment, OrderExpired)
    static = asked(town, town.shop, "5.00", static=True, expires_at=town.clock() + 60)
    assert pay(town, town.clara, static.id).payments[0].deadline == static.expires_at
    plan = asked(town, town.shop, "9.00", expires_at=town.clock() + 60, instalments=THREE)
    begun = merchants.create_plan(town.bank, town.clara.caller, ask(), PlanDraft(plan.id)).resource
    assert begun.payments[0].deadline == plan.expires_at


@pytest.mark.parametrize("static", [True, False])
@pytest.mark.parametrize("tip", [None, "1.00"])
def test_what_was_withdrawn_before_the_signature_is_not_paid(
    town: Town, tip: str | None, static: bool
) -> None:
    made = asked(town, town.shop, "5.00", static=static, tip_allowed=True)
    payment = pay(town, town.clara, made.id, tip=tip).payments[0]
    cancel(town, made.id)
    refused(town, made.id, payment, RequestCancelled)
    assert seen(town, town.shop, made.id).state == "cancelled"


def test_a_plan_is_not_begun_on_what_was_withdrawn(town: Town) -> None:
    made = asked(town, town.shop, "9.00", instalments=THREE)
    begun = merchants.create_plan(town.bank, town.clara.caller, ask(), PlanDraft(made.id)).resource
    cancel(town, made.id)
    with town.refusal(RequestCancelled):
        sign_as_purchase(town, begun.payments[0])
    town.settle()
    assert town.balance(town.clara) == "500.00"


def test_a_plan_that_is_begun_is_not_withdrawn(town: Town) -> None:
    made = asked(town, town.shop, "9.00", instalments=THREE)
    begun = merchants.create_plan(town.bank, town.clara.caller, ask(), PlanDraft(made.id)).resource
    sign_as_purchase(town, begun.payments[0])
    with town.refusal(PaymentUnderWay):
        cancel(town, made.id)


def test_who_never_signs_holds_others_up_for_two_minutes_at_most(town: Town) -> None:
    tipped = asked(town, town.shop, "10.00", tip_allowed=True)
    unsigned = pay(town, town.clara, tipped.id, tip="0.01").payments[0]
    chosen = asked(town, town.shop)
    pay(town, town.clara, chosen.id, money="0.01")
    parts = asked(town, town.shop, "9.00", instalments=THREE)
    merchants.create_plan(town.bank, town.clara.caller, ask(), PlanDraft(parts.id))
    assert unsigned.deadline == town.clock() + 120
    for made, money in ((tipped, None), (chosen, "10.00"), (parts, None)):
        with town.refusal(PaymentUnderWay):
            pay(town, town.anna, made.id, money=money)
    town.wait(121)
    for made, money in ((tipped, None), (chosen, "10.00"), (parts, None)):
        assert paid(town, town.anna, made.id, money=money).state == "paid"


def test_where_nobody_is_held_up_there_is_the_usual_time_to_sign(town: Town) -> None:
    usual = town.clock() + town.bank.settings.order_ttl_seconds
    plain = asked(town, town.shop, "10.00")
    named = asked(town, town.shop, "10.00", tip_allowed=True, payer=town.clara.id)
    for made in (plain, named):
        assert pay(town, town.clara, made.id).payments[0].deadline == usual
    assert paid(town, town.anna, plain.id).state == "paid"
