"""Payments that settle: by whatever name the payee goes, in whatever currency, under whose key."""

import pytest

from tests.town import ALL, Person, Town, ask, digest_of, eur
from wallet_chain import identity, payments
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import NotFound
from wallet_chain.identity.drafts import AliasDraft
from wallet_chain.payments.drafts import PaymentDraft, PaymentFilter


def test_a_payment_moves_money_and_carries_its_receipt(town: Town) -> None:
    payment = town.paid(town.anna, town.ben.account, "12.34", details="two coffees")

    assert payment.state == "settled"
    assert payment.details == "two coffees"
    assert payment.operation is not None
    assert payment.operation.transaction_hash is not None
    assert payment.operation.log_index is not None
    assert town.balance(town.anna) == "487.66"
    assert town.balance(town.ben) == "512.34"


def test_a_payment_is_accepted_before_it_is_settled(town: Town) -> None:
    payment = town.pay(town.anna, town.ben.account, "1.00")

    assert payment.state == "accepted"
    assert payment.typed_data is None
    assert town.balance(town.anna) == "500.00"
    town.settle()
    assert town.balance(town.anna) == "499.00"


def test_a_payee_is_found_by_customer_id_and_by_alias(town: Town) -> None:
    draft = AliasDraft(town.ben.id, "+49 (30) 555-0199")
    identity.add_alias(town.bank, town.staff("operator"), ask(), draft)

    for name in (town.ben.id, "+49305550199", " +49 30 5550199 "):
        assert town.paid(town.anna, name, "1.00").payee_account == town.ben.account


@pytest.mark.parametrize(
    ("currency", "funds", "amount", "left"),
    [("JPY", "100", "40", "60"), ("BHD", "1.500", "0.255", "1.245")],
)
def test_currencies_with_no_and_with_three_decimals_move_as_well(
    town: Town, currency: str, funds: str, amount: str, left: str
) -> None:
    town.fund(town.anna, funds, currency)

    assert town.paid(town.anna, town.ben.account, amount, currency=currency).state == "settled"
    assert town.balance(town.anna, currency) == left
    assert town.balance(town.ben, currency) == amount


def test_a_customer_with_an_own_key_signs_the_typed_data(town: Town) -> None:
    payment = town.pay(town.clara, town.ben.account, "20.00")
    assert payment.state == "awaiting_signature"
    assert payment.operation is None
    assert payment.typed_data is not None
    assert town.clara.signer is not None
    town.settle()
    assert town.balance(town.clara) == "500.00"

    signature = town.clara.signer.sign_digest(digest_of(payment.typed_data))
    signed = payments.sign_payment(
        town.bank, town.clara.caller, ask(), SignatureDraft(payment.id, signature)
    ).resource

    assert signed.state == "accepted"
    assert signed.typed_data is None
    town.settle()
    assert payments.get_payment(town.bank, town.clara.caller, payment.id).state == "settled"
    assert town.balance(town.clara) == "480.00"


def test_an_order_sent_to_the_chain_by_its_holder_is_seen_all_the_same(town: Town) -> None:
    payment = town.pay(town.clara, town.ben.account, "20.00")
    assert payment.typed_data is not None
    assert town.clara.signer is not None
    signature = town.clara.signer.sign_digest(digest_of(payment.typed_data))
    town.send_past_the_bank(payment.typed_data["message"], signature)

    assert payments.get_payment(town.bank, town.clara.caller, payment.id).state == "settled"
    assert town.balance(town.clara) == "480.00"


def test_both_sides_and_staff_see_a_payment_and_nobody_else(town: Town) -> None:
    payment = town.paid(town.anna, town.ben.account, "3.00", details="lunch")
    bank = town.bank

    seen_by_payer = payments.get_payment(bank, town.anna.caller, payment.id)
    assert (seen_by_payer.payer_customer_id, seen_by_payer.payee_customer_id) == (
        town.anna.id,
        None,
    )
    seen_by_payee = payments.get_payment(bank, town.ben.caller, payment.id)
    assert (seen_by_payee.payer_customer_id, seen_by_payee.payee_customer_id) == (
        None,
        town.ben.id,
    )
    assert seen_by_payee.details == "lunch"
    seen_by_staff = payments.get_payment(bank, town.staff("compliance"), payment.id)
    assert seen_by_staff.payer_customer_id == town.anna.id
    with pytest.raises(NotFound):
        payments.get_payment(bank, town.clara.caller, payment.id)
    with pytest.raises(NotFound):
        payments.get_payment(bank, town.anna.caller, "pay_01J00000000000000000000000")


def test_typed_data_is_for_the_signer_only(town: Town) -> None:
    payment = town.pay(town.clara, town.ben.account, "1.00")

    assert payment.typed_data is not None
    assert payments.get_payment(town.bank, town.ben.caller, payment.id).typed_data is None


def test_a_dry_run_says_what_would_move_and_writes_nothing(town: Town) -> None:
    before = town.contents()
    draft = PaymentDraft(town.ben.account, eur("30.00"))
    preview = payments.preview_payment(town.bank, town.anna.caller, draft)

    assert preview.would_settle
    assert preview.refusal is None
    assert preview.headroom["per_payment"] == 1_000_00
    assert [(m.account, m.change.decimal) for m in preview.movements] == [
        (town.anna.account, "-30.00"),
        (town.ben.account, "30.00"),
    ]
    assert town.contents() == before


def test_a_dry_run_explains_a_refusal(town: Town) -> None:
    draft = PaymentDraft(town.ben.account, eur("1000.01"))
    preview = payments.preview_payment(town.bank, town.anna.caller, draft)

    assert not preview.would_settle
    assert preview.refusal is not None
    assert preview.refusal.code == "limit_exceeded"
    assert preview.headroom["per_payment"] == 1_000_00
    assert preview.movements == ()

    nobody = PaymentDraft("@nobody.here", eur("1.00"))
    unknown = payments.preview_payment(town.bank, town.anna.caller, nobody)
    assert unknown.refusal is not None
    assert unknown.refusal.code == "payee_unknown"


def _found(town: Town, by: Person, **filters: object) -> list[str]:
    wanted = PaymentFilter(**filters)  # type: ignore[arg-type]
    return [p.id for p in payments.list_payments(town.bank, by.caller, wanted, ALL).items]


def test_payments_are_found_by_each_filter_and_by_all_of_them(town: Town) -> None:
    small = town.paid(town.anna, town.ben.account, "5.00")
    town.wait(60)
    large = town.paid(town.anna, town.shop.account, "50.00")
    town.wait(60)
    back = town.paid(town.ben, town.anna.account, "7.00")
    pending = town.pay(town.anna, town.ben.account, "1.00")

    anna = town.anna
    assert _found(town, anna) == [pending.id, back.id, large.id, small.id]
    assert _found(town, anna, direction="out") == [pending.id, large.id, small.id]
    assert _found(town, anna, direction="in") == [back.id]
    assert _found(town, anna, state="settled") == [back.id, large.id, small.id]
    assert _found(town, anna, state="accepted") == [pending.id]
    assert _found(town, anna, counterparty=town.shop.account) == [large.id]
    assert _found(town, anna, account=town.ben.account) == [pending.id, back.id, small.id]
    assert _found(town, anna, amount_min=eur("6.00")) == [back.id, large.id]
    assert _found(town, anna, amount_max=eur("5.00")) == [pending.id, small.id]
    assert _found(town, anna, currency="JPY") == []
    assert _found(town, anna, created_from=large.created_at, created_to=large.created_at) == [
        large.id
    ]
    assert _found(town, anna, order_id=small.order_id) == [small.id]
    assert _found(town, anna, reference=back.reference) == [back.id]
    assert _found(
        town,
        anna,
        direction="out",
        state="settled",
        counterparty=town.ben.account,
        currency="EUR",
        amount_min=eur("5.00"),
        amount_max=eur("5.00"),
        customer_id=anna.id,
    ) == [small.id]
    assert _found(town, town.clara) == []


def test_a_customer_can_not_list_payments_of_another(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "5.00")

    assert _found(town, town.anna, customer_id=town.anna.id)
    with pytest.raises(NotFound):
        _found(town, town.clara, customer_id=town.anna.id)


def test_sums_that_are_on_their_way_are_not_available(town: Town) -> None:
    town.pay(town.anna, town.ben.account, "100.00")

    [line] = identity.get_balances(town.bank, town.anna.caller, town.anna.id).balances
    assert (line.balance.decimal, line.available.decimal) == ("500.00", "400.00")
    town.settle()
    [line] = identity.get_balances(town.bank, town.anna.caller, town.anna.id).balances
    assert (line.balance.decimal, line.available.decimal) == ("400.00", "400.00")
