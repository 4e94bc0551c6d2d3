"""Instalments: the last cent, the dates, collecting, missing, and paying off early."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.merchants.till import asked, pay, seen
from tests.town import ALL, DAY, Person, Town, ask, digest_of, eur
from wallet_chain import merchants, purchases
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import (
    AmountNotRequested,
    InstalmentsNotOffered,
    InsufficientFunds,
    InvoiceAlreadyPaid,
    NotFound,
    PaymentUnderWay,
    PlanComplete,
)
from wallet_chain.merchants import caretaker
from wallet_chain.merchants.drafts import InstalmentTerms, PlanDraft, PlanFilter, RequestFilter
from wallet_chain.merchants.instalments import months_later, parts_of
from wallet_chain.merchants.views import InstalmentPlanView

THREE = InstalmentTerms(3, 1, eur("1.00"))


def begun(town: Town, by: Person, amount: str = "100.00") -> InstalmentPlanView:
    """A plan of three parts for something of the shop's, its first part accepted."""
    request = asked(town, town.shop, amount, instalments=THREE)
    draft = PlanDraft(request.id, request.payload)
    return merchants.create_plan(town.bank, by.caller, ask(), draft).resource


def plan_of(town: Town, by: Person, plan_id: str) -> InstalmentPlanView:
    return merchants.get_plan(town.bank, by.caller, plan_id)


def states(plan: InstalmentPlanView) -> list[str]:
    return [part.state for part in plan.instalments]


def in_state(town: Town, state: str) -> list[str]:
    """The shop's requests in a state."""
    chosen = RequestFilter(state=state)
    return [r.id for r in merchants.list_requests(town.bank, town.shop.caller, chosen, ALL).items]


def until_due(town: Town, plan: InstalmentPlanView, number: int) -> None:
    town.wait(plan.instalments[number - 1].due_at - town.clock())


def tend(town: Town) -> None:
    merchants.tend(town.bank)
    town.settle()


@given(st.integers(36, 10**12), st.integers(0, 10**9), st.integers(2, 36), st.integers(1, 12))
def test_parts_add_up_to_the_last_cent(amount: int, fee: int, count: int, months: int) -> None:
    parts = parts_of(amount, fee, count, months, 1_772_440_200)
    assert sum(part.principal_minor for part in parts) == amount
    assert sum(part.fee_minor for part in parts) == fee
    *others, last = parts
    assert {(p.principal_minor, p.fee_minor) for p in others} == {(amount // count, fee // count)}
    assert 0 <= last.principal_minor - amount // count < count
    assert 0 <= last.fee_minor - fee // count < count
    assert [part.due_at for part in parts] == sorted({part.due_at for part in parts})


@pytest.mark.parametrize(
    ("start", "months", "later"),
    [
        ("2026-01-31T10:00:00", 1, "2026-02-28T10:00:00"),
        ("2026-01-31T10:00:00", 2, "2026-03-31T10:00:00"),
        ("2028-01-31T23:59:59", 1, "2028-02-29T23:59:59"),
        ("2026-11-30T00:00:00", 3, "2027-02-28T00:00:00"),
        ("2026-12-15T12:00:00", 1, "2027-01-15T12:00:00"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_months_last(
    start: str, months: int, later: str
) -> None:
    moment, wanted = (datetime.fromisoformat(t).replace(tzinfo=UTC) for t in (start, later))
    assert months_later(int(moment.timestamp()), months) == int(wanted.timestamp())


def test_a_plan_is_fixed_at_the_purchase_and_collected_on_its_dates(town: Town) -> None:
    made = begun(town, town.anna)
    assert (made.state, states(made)) == ("starting", ["under_way", "open", "open"])
    amounts = [part.money for part in made.instalments]
    assert amounts == [eur("33.66"), eur("33.66"), eur("33.68")]
    town.settle()
    active = plan_of(town, town.anna, made.id)
    assert (active.state, active.paid, active.payoff) == ("active", eur("33.66"), eur("66.67"))
    assert seen(town, town.shop, made.request_id).state == "in_instalments"
    assert in_state(town, "open") == [made.request_id]
    for number in (2, 3):
        until_due(town, made, number)
        tend(town)
        tend(town)
    done = plan_of(town, town.shop, made.id)
    assert (done.state, done.paid, done.payoff) == ("complete", eur("101.00"), None)
    assert states(done) == ["paid"] * 3
    assert (town.balance(town.anna), town.balance(town.shop)) == ("399.00", "181.00")
    assert seen(town, town.shop, made.request_id).state == "paid"
    assert (in_state(town, "open"), in_state(town, "paid")) == ([], [made.request_id])
    for verb in (merchants.pay_instalment, merchants.pay_off):
        with town.refusal(PlanComplete):
            verb(town.bank, town.anna.caller, ask(), made.id)


def test_paying_off_early_saves_the_fee_of_parts_that_are_not_due(town: Town) -> None:
    made = begun(town, town.anna)
    town.settle()
    with town.refusal(AmountNotRequested):
        merchants.pay_off(town.bank, town.anna.caller, ask(), made.id, eur("66.00"))
    with town.refusal(NotFound):
        merchants.pay_off(town.bank, town.ben.caller, ask(), made.id)
    merchants.pay_off(town.bank, town.anna.caller, ask(), made.id, eur("66.67"))
    for verb in (merchants.pay_instalment, merchants.pay_off):
        with town.refusal(PaymentUnderWay):
            verb(town.bank, town.anna.caller, ask(), made.id)
    town.settle()
    done = plan_of(town, town.anna, made.id)
    assert (done.state, states(done)) == ("complete", ["paid", "paid_off", "paid_off"])
    assert (done.paid, town.balance(town.anna)) == (eur("100.33"), "399.67")
    assert in_state(town, "paid") == [made.request_id]
    until_due(town, made, 3)
    tend(town)
    assert town.balance(town.anna) == "399.67"


def test_a_missed_part_is_seen_as_such_tried_again_and_paid_later(town: Town) -> None:
    made = begun(town, town.anna)
    town.settle()
    town.paid(town.anna, town.ben.id, "460.00")
    until_due(town, made, 2)
    tend(town)
    late = plan_of(town, town.anna, made.id)
    assert late.instalments[1].last_refusal is not None
    assert late.instalments[1].last_refusal.code == InsufficientFunds.code
    assert (late.state, late.instalments[1].state) == ("active", "open")
    # What the payer holds is not the payee's affair.
    assert plan_of(town, town.shop, made.id).instalments[1].last_refusal is None
    told = merchants.get_plan(town.bank, town.staff("auditor"), made.id)
    assert told.instalments[1].last_refusal == late.instalments[1].last_refusal
    assert late.payoff == eur("67.00")
    town.wait(DAY + 1)
    tend(town)
    missed = plan_of(town, town.shop, made.id)
    assert (missed.state, states(missed)) == ("missed", ["paid", "missed", "open"])
    town.paid(town.ben, town.anna.id, "100.00")
    merchants.pay_instalment(town.bank, town.anna.caller, ask(), made.id)
    town.settle()
    assert plan_of(town, town.anna, made.id).state == "active"
    merchants.pay_instalment(town.bank, town.anna.caller, ask(), made.id)
    town.settle()
    done = plan_of(town, town.anna, made.id)
    assert (done.state, done.paid) == ("complete", eur("101.00"))


def test_a_request_is_paid_as_a_whole_or_in_parts_never_both(town: Town) -> None:
    plain = asked(town, town.shop, "100.00")
    with town.refusal(InstalmentsNotOffered):
        merchants.create_plan(town.bank, town.anna.caller, ask(), PlanDraft(plain.id))
    offered = asked(town, town.shop, "100.00", instalments=THREE)
    draft = PlanDraft(offered.id)
    merchants.create_plan(town.bank, town.anna.caller, ask(), draft)
    with town.refusal(PaymentUnderWay):
        pay(town, town.ben, offered.id)
    town.settle()
    with town.refusal(PaymentUnderWay):
        merchants.create_plan(town.bank, town.ben.caller, ask(), draft)
    with town.refusal(PaymentUnderWay):
        merchants.cancel_request(town.bank, town.shop.caller, ask(), offered.id)
    whole = asked(town, town.shop, "100.00", instalments=THREE)
    pay(town, town.ben, whole.id)
    with town.refusal(PaymentUnderWay):
        merchants.create_plan(town.bank, town.anna.caller, ask(), PlanDraft(whole.id))
    town.settle()
    with town.refusal(InvoiceAlreadyPaid):
        merchants.create_plan(town.bank, town.anna.caller, ask(), PlanDraft(whole.id))


def test_a_plan_whose_first_part_nobody_signs_is_void_and_the_request_open_again(
    town: Town,
) -> None:
    made = begun(town, town.clara)
    assert made.payments[0].typed_data is not None
    with town.refusal(PaymentUnderWay):
        pay(town, town.anna, made.request_id)
    town.wait(made.payments[0].deadline - town.clock() + 1)
    assert plan_of(town, town.clara, made.id).state == "void"
    assert seen(town, town.shop, made.request_id).state == "open"
    with town.refusal(PlanComplete):
        merchants.pay_instalment(town.bank, town.clara.caller, ask(), made.id)
    other = begun(town, town.clara)
    payment = other.payments[0]
    assert payment.typed_data is not None
    assert town.clara.signer is not None
    signature = town.clara.signer.sign_digest(digest_of(payment.typed_data))
    purchases.sign_purchase(
        town.bank, town.clara.caller, ask(), SignatureDraft(payment.id, signature)
    )
    town.settle()
    # Nobody else can sign for her: collecting leaves her parts alone.
    until_due(town, other, 2)
    tend(town)
    assert states(plan_of(town, town.clara, other.id)) == ["paid", "open", "open"]


def test_plans_are_listed_for_both_sides(town: Town) -> None:
    made = begun(town, town.anna)

    def ids(by: Person, direction: str | None = None) -> list[str]:
        chosen = PlanFilter(direction)
        return [p.id for p in merchants.list_plans(town.bank, by.caller, chosen, ALL).items]

    assert ids(town.anna) == ids(town.shop, "in") == [made.id]
    assert ids(town.shop, "out") == ids(town.ben) == []
    with town.refusal(NotFound):
        plan_of(town, town.ben, made.id)


def test_parts_that_wait_for_another_take_nobody_elses_turn(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caretaker, "_AT_A_TIME", 1)
    void = begun(town, town.anna)
    # Accepted, and never sent in time.
    town.wait(void.payments[0].deadline - town.clock() + 1)
    town.bank.pipeline.recover()
    assert plan_of(town, town.anna, void.id).state == "void"
    made = begun(town, town.anna)
    town.settle()
    until_due(town, made, 2)
    tend(town)
    assert states(plan_of(town, town.anna, made.id)) == ["paid", "paid", "open"]
