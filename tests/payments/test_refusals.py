"""Payments that are refused. Each test first shows the same payment settle without the fault."""

import pytest

from tests.town import DAY, Person, Town, ask, eur
from wallet_chain import identity, payments, policy
from wallet_chain.clock import from_iso
from wallet_chain.errors import (
    AccountFrozen,
    AccountUnknown,
    AmountNotANumber,
    AmountNotPositive,
    AmountTooLarge,
    CorridorClosed,
    InsufficientFunds,
    InvalidAddress,
    InvalidRequest,
    KycExpired,
    KycMissing,
    LimitExceeded,
    NotFound,
    OperationPaused,
    PayeeUnknown,
    SelfPayment,
    UnknownCurrency,
    WalletError,
    WrongDecimals,
)
from wallet_chain.identity.drafts import AliasDraft, StandingDraft
from wallet_chain.money import positive_money
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.policy.drafts import CorridorDraft, SwitchDraft, TierDraft


def _pays(town: Town, payer: Person, payee: str, amount: str = "10.00") -> None:
    assert town.paid(payer, payee, amount).state == "settled"


def _is_refused(
    town: Town, kind: type[WalletError], payer: Person, payee: str, amount: str = "10.00"
) -> WalletError:
    with town.refusal(kind) as caught:
        town.pay(payer, payee, amount)
    return caught.value


def test_a_payer_without_kyc_is_refused(town: Town) -> None:
    made = town.customer()
    nina = Person(made.id, str(made.account), town.key_to_call(made.id))
    refused = _is_refused(town, KycMissing, nina, town.ben.account)
    assert refused.facts["side"] == "payer"

    town.approve(town.submit(nina.id).id)
    town.fund(nina, "20.00")
    _pays(town, nina, town.ben.account)


def test_a_payee_without_kyc_is_refused(town: Town) -> None:
    nina = town.customer()
    for name in (nina.id, "@nina"):
        if name == "@nina":
            draft = AliasDraft(nina.id, "@nina")
            identity.add_alias(town.bank, town.staff("operator"), ask(), draft)
        assert _is_refused(town, KycMissing, town.anna, name).facts["side"] == "payee"
    _is_refused(town, AccountUnknown, town.anna, str(nina.account))

    town.approve(town.submit(nina.id).id)
    _pays(town, town.anna, "@nina")
    _pays(town, town.anna, str(nina.account))


def test_kyc_that_has_lapsed_stops_the_payer_until_it_is_renewed(town: Town) -> None:
    _pays(town, town.anna, town.ben.account)
    town.wait(2 * 365 * DAY)

    refused = _is_refused(town, KycExpired, town.anna, town.ben.account)
    assert refused.facts["account"] == town.anna.account
    assert identity.get_customer(town.bank, town.anna.caller, town.anna.id).kyc_lapsed

    for person in (town.anna, town.ben):
        town.approve(town.submit(person.id).id)
    _pays(town, town.anna, town.ben.account)


def test_kyc_that_has_lapsed_stops_the_payee(town: Town) -> None:
    _pays(town, town.anna, town.ben.account)
    town.wait(2 * 365 * DAY)
    town.approve(town.submit(town.anna.id).id)

    refused = _is_refused(town, KycExpired, town.anna, town.ben.account)
    assert refused.facts["account"] == town.ben.account


@pytest.mark.parametrize("side", ["anna", "ben"])
def test_a_frozen_account_neither_pays_nor_is_paid(town: Town, side: str) -> None:
    _pays(town, town.anna, town.ben.account)
    frozen = StandingDraft(getattr(town, side).id, "fraud_suspected")
    officer = town.staff("compliance")
    identity.freeze_customer(town.bank, officer, ask(), frozen)
    town.settle()

    refused = _is_refused(town, AccountFrozen, town.anna, town.ben.account)
    assert refused.facts["account"] == getattr(town, side).account

    identity.unfreeze_customer(town.bank, officer, ask(), frozen)
    town.settle()
    _pays(town, town.anna, town.ben.account)


def test_more_than_a_single_payment_may_be_is_refused(town: Town) -> None:
    town.fund(town.anna, "1500.00")
    _pays(town, town.anna, town.ben.account, "1000.00")

    refused = _is_refused(town, LimitExceeded, town.anna, town.ben.account, "1000.01")
    assert refused.facts["rule"] == "per_payment"


def test_more_than_a_day_allows_is_refused_and_says_when_it_frees(town: Town) -> None:
    town.fund(town.anna, "4000.00")
    _pays(town, town.anna, town.ben.account, "1000.00")
    _pays(town, town.anna, town.ben.account, "1000.00")

    refused = _is_refused(town, LimitExceeded, town.anna, town.ben.account, "500.01")
    assert refused.facts["rule"] == "day"
    frees_at = from_iso(refused.facts["frees_at"])
    assert town.clock() < frees_at <= town.clock() + 30 * 3600
    _pays(town, town.anna, town.ben.account, "500.00")

    town.wait(frees_at - town.clock())
    _pays(town, town.anna, town.ben.account, "500.01")


def test_more_than_a_month_allows_is_refused(town: Town) -> None:
    limits = TierDraft(2, 1_000_00, 2_500_00, 3_000_00, 10_000_00)
    policy.set_tier(town.bank, town.staff("admin"), ask(), limits)
    town.fund(town.anna, "4000.00")
    for _ in range(3):
        _pays(town, town.anna, town.ben.account, "900.00")
        town.wait(2 * DAY)

    refused = _is_refused(town, LimitExceeded, town.anna, town.ben.account, "300.01")
    assert refused.facts["rule"] == "month"
    _pays(town, town.anna, town.ben.account, "300.00")


def test_more_than_the_payee_may_hold_is_refused(town: Town) -> None:
    town.fund(town.ben, "9400.00")
    _pays(town, town.anna, town.ben.account, "100.00")

    refused = _is_refused(town, LimitExceeded, town.anna, town.ben.account, "0.01")
    assert refused.facts["rule"] == "balance"


def test_limits_count_all_currencies_together(town: Town) -> None:
    town.fund(town.anna, "4000.00")
    town.fund(town.anna, "1000.000", "BHD")
    _pays(town, town.anna, town.ben.account, "1000.00")
    _pays(town, town.anna, town.ben.account, "1000.00")
    # 220 dinar are worth more than the 500 euro that are left of the day.
    with town.refusal(LimitExceeded) as caught:
        town.pay(town.anna, town.ben.account, "220.000", currency="BHD")
    assert caught.value.facts["rule"] == "day"
    assert town.paid(town.anna, town.ben.account, "200.000", currency="BHD").state == "settled"


def test_more_than_the_account_holds_is_refused(town: Town) -> None:
    refused = _is_refused(town, InsufficientFunds, town.anna, town.ben.account, "500.01")
    assert refused.facts["need"] == "500.01"
    assert refused.facts["have"] == "500.00"

    _pays(town, town.anna, town.ben.account, "500.00")


def test_money_that_is_on_its_way_can_not_be_spent_twice(town: Town) -> None:
    town.pay(town.anna, town.ben.account, "300.00")

    refused = _is_refused(town, InsufficientFunds, town.anna, town.ben.account, "200.01")
    assert refused.facts["pending"] == "300.00"
    _pays(town, town.anna, town.ben.account, "200.00")


def test_a_payment_to_oneself_is_refused(town: Town) -> None:
    for name in (town.anna.account, town.anna.id):
        _is_refused(town, SelfPayment, town.anna, name)
    _pays(town, town.anna, town.ben.account)


def test_an_unknown_payee_is_refused(town: Town) -> None:
    _pays(town, town.anna, town.ben.id)
    for name in ("@somebody", "cus_01J00000000000000000000000", "+4915112345678", "just text"):
        _is_refused(town, PayeeUnknown, town.anna, name)
    _is_refused(town, AccountUnknown, town.anna, "0x" + "ab" * 20)


def test_an_address_with_a_typing_error_is_refused(town: Town) -> None:
    _pays(town, town.anna, town.ben.account)
    swapped = town.ben.account.swapcase().replace("0X", "0x")
    _is_refused(town, InvalidAddress, town.anna, swapped)
    _is_refused(town, InvalidAddress, town.anna, town.ben.account[:-1])


def test_a_closed_corridor_refuses_and_an_open_one_does_not(town: Town) -> None:
    _pays(town, town.anna, town.clara.account)
    admin = town.staff("admin")
    policy.set_corridor(town.bank, admin, ask(), CorridorDraft("DE", "FR", "closed"))
    town.settle()

    refused = _is_refused(town, CorridorClosed, town.anna, town.clara.account)
    assert (refused.facts["from_country"], refused.facts["to_country"]) == (276, 250)
    _pays(town, town.anna, town.ben.account)
    _pays(town, town.clara, town.anna.account)


def test_a_pause_stops_payments_until_it_is_lifted(town: Town) -> None:
    _pays(town, town.anna, town.ben.account)
    admin = town.staff("admin")
    policy.set_switch(town.bank, admin, ask(), SwitchDraft("outgoing", True))
    town.settle()
    refused = _is_refused(town, OperationPaused, town.anna, town.ben.account)
    assert refused.retryable

    policy.set_switch(town.bank, admin, ask(), SwitchDraft("outgoing", False))
    town.settle()
    _pays(town, town.anna, town.ben.account)


def test_a_currency_that_does_not_run_here_is_refused(town: Town) -> None:
    with town.refusal(UnknownCurrency):
        town.pay(town.anna, town.ben.account, "1.00", currency="GBP")
    _pays(town, town.anna, town.ben.account, "1.00")


def test_details_that_are_too_long_are_refused(town: Town) -> None:
    assert town.pay(town.anna, town.ben.account, "1.00", details="x" * 140).details == "x" * 140
    for details in ("x" * 141, ""):
        with town.refusal(InvalidRequest):
            town.pay(town.anna, town.ben.account, "1.00", details=details)


def test_staff_can_not_pay_for_a_customer(town: Town) -> None:
    draft = PaymentDraft(town.ben.account, eur("1.00"))
    for role in ("operator", "compliance", "admin"):
        with town.refusal(NotFound):
            payments.create_payment(town.bank, town.staff(role), ask(), draft)
    payments.create_payment(town.bank, town.anna.caller, ask(), draft)


@pytest.mark.parametrize(
    ("amount", "currency", "kind"),
    [
        ("10.001", "EUR", WrongDecimals),
        ("10", "EUR", WrongDecimals),
        ("10.0", "JPY", WrongDecimals),
        ("10.00", "BHD", WrongDecimals),
        ("10.00", "XYZ", UnknownCurrency),
        ("0.00", "EUR", AmountNotPositive),
        ("-1.00", "EUR", AmountNotPositive),
        ("ten", "EUR", AmountNotANumber),
        ("NaN", "EUR", AmountNotANumber),
        ("1e3", "EUR", AmountNotANumber),
        ("92233720368547758.08", "EUR", AmountTooLarge),
        ("9" * 70, "EUR", AmountTooLarge),
    ],
)
def test_an_amount_that_is_none_does_not_become_money(
    amount: str, currency: str, kind: type[WalletError]
) -> None:
    assert positive_money("10.00", "EUR").amount_minor == 1000
    with pytest.raises(kind) as caught:
        positive_money(amount, currency)
    assert type(caught.value) is kind


def test_the_largest_amount_that_is_money_is_refused_for_lack_of_it_only(town: Town) -> None:
    _is_refused(town, LimitExceeded, town.anna, town.ben.account, "92233720368547758.07")
    with town.refusal(InsufficientFunds):
        town.pay(town.shop, town.anna.account, "1000.00")
    _pays(town, town.shop, town.anna.account, "100.00")


def test_what_only_the_chain_finds_out_is_the_payments_refusal(town: Town) -> None:
    town.fund(town.anna, "4000.00")
    made = [town.pay(town.anna, town.ben.account, "900.00") for _ in range(3)]
    assert [payment.state for payment in made] == ["accepted"] * 3
    town.settle()

    ended = [payments.get_payment(town.bank, town.anna.caller, one.id) for one in made]
    assert [payment.state for payment in ended] == ["settled", "settled", "rejected"]
    assert ended[2].operation is not None
    assert ended[2].operation.refusal is not None
    assert ended[2].operation.refusal.code == "limit_exceeded"
    assert ended[2].operation.refusal.facts["rule"] == "day"
    assert town.balance(town.anna) == "2700.00"
