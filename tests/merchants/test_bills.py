"""Bills: published once, paid once, by hand or by themselves."""

from typing import Any

import pytest

from tests.faults import Line
from tests.town import ALL, DAY, Person, Town, ask, digest_of, eur
from wallet_chain import identity, merchants, purchases
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import (
    BillExists,
    BillWithdrawn,
    ChainUnavailable,
    InsufficientFunds,
    InvalidRequest,
    InvoiceAlreadyPaid,
    NotAMerchant,
    NotFound,
    PaymentUnderWay,
    ScheduleInvalid,
    SelfPayment,
)
from wallet_chain.identity.drafts import ForgetDraft, StandingDraft
from wallet_chain.merchants import caretaker
from wallet_chain.merchants.drafts import BillDraft, BillFilter, ScheduleDraft
from wallet_chain.merchants.views import BillView
from wallet_chain.store.tables import DueOrder, Order


def bill(town: Town, to: Person, amount: str = "40.00", **more: Any) -> BillView:
    """A bill of the shop's, due in ten days."""
    draft = BillDraft(
        to.id,
        more.pop("number", "C-1017"),
        more.pop("period", "2026-03"),
        eur(amount),
        more.pop("due_at", town.clock() + 10 * DAY),
        **more,
    )
    by = more.pop("by", town.shop)
    return merchants.publish_bill(town.bank, by.caller, ask(), draft).resource


def schedule(town: Town, by: Person, bill_id: str, at: int) -> BillView:
    draft = ScheduleDraft(bill_id, at)
    return merchants.schedule_bill(town.bank, by.caller, ask(), draft).resource


def seen(town: Town, by: Person, bill_id: str) -> BillView:
    return merchants.get_bill(town.bank, by.caller, bill_id)


def tend(town: Town) -> None:
    """The caretaker's round, and what follows from it."""
    merchants.tend(town.bank)
    town.settle()


def test_a_bill_is_seen_by_both_sides_and_paid_once(town: Town) -> None:
    made = bill(town, town.anna, details="Electricity")
    assert (made.state, made.overdue, made.biller_name) == ("open", False, "Anna Becker")
    assert seen(town, town.anna, made.id).details == "Electricity"
    with town.refusal(NotFound):
        seen(town, town.ben, made.id)
    with town.refusal(NotFound):
        merchants.pay_bill(town.bank, town.ben.caller, ask(), made.id)
    with town.refusal(NotFound):
        merchants.pay_bill(town.bank, town.shop.caller, ask(), made.id)
    merchants.pay_bill(town.bank, town.anna.caller, ask(), made.id)
    with town.refusal(PaymentUnderWay):
        merchants.pay_bill(town.bank, town.anna.caller, ask(), made.id)
    town.settle()
    assert seen(town, town.shop, made.id).state == "paid"
    assert (town.balance(town.anna), town.balance(town.shop)) == ("460.00", "120.00")
    with town.refusal(InvoiceAlreadyPaid):
        merchants.pay_bill(town.bank, town.anna.caller, ask(), made.id)


def test_the_chain_itself_refuses_a_bill_that_was_paid(town: Town) -> None:
    made = bill(town, town.anna)
    merchants.pay_bill(town.bank, town.anna.caller, ask(), made.id)
    town.settle()
    with town.bank.store.transaction() as session:
        # A database that was set back does not know of the payment any more.
        row = session.query(DueOrder).one()
        session.delete(row)
        order = session.get_one(Order, row.order_id)
        assert order.kind == "purchase"
    assert seen(town, town.anna, made.id).state == "open"
    with town.refusal(InvoiceAlreadyPaid):
        merchants.pay_bill(town.bank, town.anna.caller, ask(), made.id)


def test_a_number_and_period_are_billed_once(town: Town) -> None:
    first = bill(town, town.anna)
    with town.refusal(BillExists) as caught:
        bill(town, town.ben, number=" C-1017 ")
    assert caught.value.facts["bill_id"] == first.id
    assert bill(town, town.anna, period="2026-04").state == "open"
    assert bill(town, town.anna, number="C-1018").state == "open"


def test_who_keeps_an_own_key_signs_the_bill(town: Town) -> None:
    made = bill(town, town.clara)
    with town.refusal(ScheduleInvalid):
        schedule(town, town.clara, made.id, town.clock() + DAY)
    answer = merchants.pay_bill(town.bank, town.clara.caller, ask(), made.id).resource
    (payment,) = answer.payments
    assert payment.typed_data is not None
    assert town.clara.signer is not None
    signature = town.clara.signer.sign_digest(digest_of(payment.typed_data))
    draft = SignatureDraft(payment.id, signature)
    purchases.sign_purchase(town.bank, town.clara.caller, ask(), draft)
    town.settle()
    assert seen(town, town.clara, made.id).state == "paid"
    assert seen(town, town.shop, made.id).payments[0].typed_data is None


def test_a_scheduled_bill_is_paid_by_itself_at_its_time_and_once(town: Town) -> None:
    made = bill(town, town.anna)
    at = town.clock() + 3 * DAY
    assert schedule(town, town.anna, made.id, at).scheduled_at == at
    assert seen(town, town.shop, made.id).scheduled_at is None
    town.wait(3 * DAY - 1)
    tend(town)
    assert seen(town, town.anna, made.id).state == "open"
    town.wait(1)
    tend(town)
    tend(town)
    assert seen(town, town.anna, made.id).state == "paid"
    assert town.balance(town.anna) == "460.00"


def test_what_was_unscheduled_or_withdrawn_is_not_paid(town: Town) -> None:
    one, other = bill(town, town.anna), bill(town, town.anna, number="2")
    for each in (one, other):
        schedule(town, town.anna, each.id, town.clock() + DAY)
    merchants.unschedule_bill(town.bank, town.anna.caller, ask(), one.id)
    with town.refusal(NotFound):
        merchants.withdraw_bill(town.bank, town.anna.caller, ask(), other.id)
    merchants.withdraw_bill(town.bank, town.shop.caller, ask(), other.id)
    town.wait(2 * DAY)
    tend(town)
    assert town.balance(town.anna) == "500.00"
    for verb in (
        lambda: merchants.pay_bill(town.bank, town.anna.caller, ask(), other.id),
        lambda: schedule(town, town.anna, other.id, town.clock() + DAY),
        lambda: merchants.withdraw_bill(town.bank, town.shop.caller, ask(), other.id),
    ):
        with town.refusal(BillWithdrawn):
            verb()
    merchants.pay_bill(town.bank, town.anna.caller, ask(), one.id)
    with town.refusal(PaymentUnderWay):
        merchants.withdraw_bill(town.bank, town.shop.caller, ask(), one.id)
    town.settle()
    with town.refusal(InvoiceAlreadyPaid):
        merchants.withdraw_bill(town.bank, town.shop.caller, ask(), one.id)


def test_paying_by_itself_tells_why_it_failed_and_tries_again_the_next_day(town: Town) -> None:
    made = bill(town, town.anna, "450.00")
    town.paid(town.anna, town.ben.id, "100.00")
    schedule(town, town.anna, made.id, town.clock() + DAY)
    town.wait(DAY)
    tend(town)
    refused = seen(town, town.anna, made.id)
    assert refused.last_refusal is not None
    assert (refused.state, refused.last_refusal.code) == ("open", "insufficient_funds")
    assert seen(town, town.shop, made.id).last_refusal is None
    town.paid(town.ben, town.anna.id, "100.00")
    tend(town)
    assert seen(town, town.anna, made.id).state == "open"
    town.wait(DAY)
    tend(town)
    assert seen(town, town.anna, made.id).state == "paid"
    assert town.balance(town.anna) == "50.00"


def tend_too_late(town: Town) -> None:
    """The caretaker's round, whose orders reach the chain after their deadline."""
    merchants.tend(town.bank)
    town.clock.advance(town.bank.settings.order_ttl_seconds + 1)
    town.settle()


def test_a_bill_whose_order_failed_on_chain_is_scheduled_anew_and_paid(town: Town) -> None:
    made = bill(town, town.anna)
    schedule(town, town.anna, made.id, town.clock())
    tend_too_late(town)
    failed = seen(town, town.anna, made.id)
    assert (failed.state, failed.payments[0].state) == ("open", "rejected")
    schedule(town, town.anna, made.id, town.clock())
    tend(town)
    done = seen(town, town.anna, made.id)
    assert (done.state, done.last_refusal, len(done.payments)) == ("paid", None, 2)
    assert town.balance(town.anna) == "460.00"


def test_after_the_last_try_a_bill_is_given_up_until_it_is_scheduled_anew(town: Town) -> None:
    made = bill(town, town.anna, "450.00")
    town.paid(town.anna, town.ben.id, "100.00")
    schedule(town, town.anna, made.id, town.clock())
    for _ in range(caretaker.TRIES_MAX):
        assert seen(town, town.anna, made.id).scheduled_at is not None
        tend(town)
        town.wait(DAY)
    given_up = seen(town, town.anna, made.id)
    assert (given_up.scheduled_at, given_up.state) == (None, "open")
    assert given_up.last_refusal is not None
    assert given_up.last_refusal.code == "insufficient_funds"
    assert given_up.last_refusal.detail.endswith("is not tried again: pay it yourself.")
    town.paid(town.ben, town.anna.id, "100.00")
    tend(town)
    assert seen(town, town.anna, made.id) == given_up
    schedule(town, town.anna, made.id, town.clock())
    tend(town)
    assert seen(town, town.anna, made.id).state == "paid"


def test_a_bill_whose_last_order_fails_on_chain_is_given_up_the_next_day(town: Town) -> None:
    made = bill(town, town.anna)
    schedule(town, town.anna, made.id, town.clock())
    for _ in range(caretaker.TRIES_MAX):
        tend_too_late(town)
        town.wait(DAY)
    assert seen(town, town.anna, made.id).scheduled_at is not None
    tend(town)
    given_up = seen(town, town.anna, made.id)
    assert (given_up.scheduled_at, given_up.state) == (None, "open")
    assert given_up.last_refusal is not None
    assert given_up.last_refusal.code == "order_expired"
    assert given_up.last_refusal.detail.endswith("is not tried again: pay it yourself.")
    assert town.balance(town.anna) == "500.00"


def test_one_who_is_gone_keeps_nobody_elses_bill_from_being_paid(town: Town) -> None:
    dora = town.welcome("dora")
    first, second = bill(town, dora, number="1"), bill(town, town.anna, number="2")
    for who, one in ((dora, first), (town.anna, second)):
        schedule(town, who, one.id, town.clock() + DAY)
    standing = StandingDraft(dora.id, "customer_request")
    compliance = town.staff("compliance")
    identity.close_customer(town.bank, compliance, ask(), standing)
    town.settle()
    identity.forget_customer(town.bank, compliance, ask(), ForgetDraft(dora.id))
    town.wait(DAY)
    tend(town)
    assert seen(town, town.anna, second.id).state == "paid"
    refused = merchants.get_bill(town.bank, town.staff("auditor"), first.id)
    assert refused.last_refusal is not None
    assert (refused.state, refused.last_refusal.code) == ("open", "customer_forgotten")


def test_while_the_chain_is_away_no_try_is_used_up(cut_off: tuple[Town, Line]) -> None:
    town, line = cut_off
    made = bill(town, town.anna)
    schedule(town, town.anna, made.id, town.clock() + DAY)
    town.wait(DAY)
    line.cut = True
    with pytest.raises(ChainUnavailable):
        merchants.tend(town.bank)
    line.cut = False
    tend(town)
    assert seen(town, town.anna, made.id).state == "paid"


def test_bills_and_schedules_have_a_form(town: Town) -> None:
    for changes in (
        {"number": " "},
        {"number": "x" * 36},
        {"period": "x" * 21},
        {"period": "a\nb"},
        {"due_at": town.clock()},
        {"details": "x" * 141},
    ):
        with town.refusal(InvalidRequest):
            bill(town, town.anna, **changes)
    with town.refusal(SelfPayment):
        bill(town, town.shop)
    draft = BillDraft(town.anna.id, "1", "2026", eur("1.00"), town.clock() + DAY)
    with town.refusal(NotAMerchant):
        merchants.publish_bill(town.bank, town.ben.caller, ask(), draft)
    made = bill(town, town.anna)
    for at in (town.clock() - 1, made.due_at + DAY + 1):
        with town.refusal(ScheduleInvalid):
            schedule(town, town.anna, made.id, at)
    town.wait(11 * DAY)
    assert seen(town, town.anna, made.id).overdue


def test_bills_are_listed_by_side_state_and_number(town: Town) -> None:
    mine = [bill(town, town.anna, f"{n}.00", number=str(n)) for n in range(1, 4)]
    merchants.pay_bill(town.bank, town.anna.caller, ask(), mine[0].id)
    merchants.withdraw_bill(town.bank, town.shop.caller, ask(), mine[1].id)
    town.settle()

    def numbers(by: Person, **filters: str) -> list[str]:
        page = merchants.list_bills(town.bank, by.caller, BillFilter(**filters), ALL)
        return [one.number for one in page.items]

    assert numbers(town.anna) == ["3", "2", "1"]
    assert numbers(town.shop, direction="in", state="open") == ["3"]
    assert numbers(town.anna, state="paid") == ["1"]
    assert numbers(town.anna, state="withdrawn") == ["2"]
    assert numbers(town.shop, number="2") == ["2"]
    assert numbers(town.ben) == []


def test_a_dry_run_of_paying_writes_nothing(town: Town) -> None:
    made = bill(town, town.anna, "600.00")
    before = town.contents()
    told = merchants.preview_pay_bill(town.bank, town.anna.caller, made.id)
    assert told.refusal is not None
    assert told.refusal.code == InsufficientFunds.code
    assert town.contents() == before
    with pytest.raises(NotFound):
        merchants.preview_pay_bill(town.bank, town.ben.caller, made.id)


def test_a_biller_learns_nothing_of_what_the_payer_holds(town: Town) -> None:
    made = bill(town, town.clara)
    (payment,) = merchants.pay_bill(town.bank, town.clara.caller, ask(), made.id).resource.payments
    away = town.pay(town.clara, town.ben.account, "470.00")
    assert town.clara.signer is not None
    assert payment.typed_data is not None
    assert away.typed_data is not None
    draft = SignatureDraft(payment.id, town.clara.signer.sign_digest(digest_of(payment.typed_data)))
    purchases.sign_purchase(town.bank, town.clara.caller, ask(), draft)
    # Sent past the bank, so that nothing here knows that the money is going.
    signature = town.clara.signer.sign_digest(digest_of(away.typed_data))
    town.send_past_the_bank(away.typed_data["message"], signature)
    (told,), *known = (seen(town, person, made.id).payments for person in (town.shop, town.clara))
    assert told.operation is not None
    assert told.operation.refusal is not None
    assert (told.operation.refusal.code, told.operation.refusal.facts) == (
        "insufficient_funds",
        {},
    )
    (whole,) = known[0]
    assert whole.operation is not None
    assert whole.operation.refusal is not None
    assert whole.operation.refusal.facts["have"] == "30.00"
