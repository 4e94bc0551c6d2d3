"""Payments that are accepted together: only what is plain, and never what the chain would refuse."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults import Line
from tests.town import DAY, Person, Town, ask, eur
from wallet_chain import identity, payments, policy
from wallet_chain.bank.views import Answer, PageRequest
from wallet_chain.errors import WalletError
from wallet_chain.identity.drafts import AliasDraft, StandingDraft
from wallet_chain.ledger.units import MovementKind
from wallet_chain.money import Money
from wallet_chain.payments import PaymentAsk
from wallet_chain.payments.drafts import PaymentDraft, PaymentFilter
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.verify import verify
from wallet_chain.policy.drafts import CorridorDraft, SwitchDraft, TierDraft


def _one(payer: Person, payee: str, amount: str = "10.00", key: str | None = None) -> PaymentAsk:
    return PaymentAsk(payer.caller, ask(key), PaymentDraft(payee, eur(amount)))


def _taken(town: Town, asked: Sequence[PaymentAsk]) -> list[Answer[PaymentView] | None]:
    return payments.accept_plain(town.bank, asked)


def _is_plain(town: Town, payer: Person, payee: str, amount: str = "10.00") -> bool:
    before = town.contents()
    (answer,) = _taken(town, [_one(payer, payee, amount)])
    if answer is None:
        assert town.contents() == before
    return answer is not None


def test_a_round_settles_in_the_order_in_which_it_was_asked(town: Town) -> None:
    asked = [_one(town.anna, town.ben.account, f"{n}.00") for n in range(1, 6)]
    asked.insert(2, _one(town.ben, town.anna.account, "50.00"))
    answers = _taken(town, asked)

    made = [answer.resource for answer in answers if answer is not None]
    assert len(made) == len(asked)
    assert {payment.state for payment in made} == {"accepted"}
    town.settle()
    for payment, caller in ((made[0], town.anna.caller), (made[2], town.ben.caller)):
        assert payments.get_payment(town.bank, caller, payment.id).state == "settled"
    assert (town.balance(town.anna), town.balance(town.ben)) == ("535.00", "465.00")
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_a_payment_of_a_round_is_shown_as_it_is_found_later(town: Town) -> None:
    draft = PaymentDraft(town.ben.account, eur("10.00"), details="for the concert")
    (answer,) = _taken(town, [PaymentAsk(town.anna.caller, ask(), draft)])
    assert answer is not None
    found = payments.get_payment(town.bank, town.anna.caller, answer.resource.id)
    assert answer.resource == found
    assert found.details == "for the concert"


def test_a_payee_is_found_by_any_name(town: Town) -> None:
    identity.add_alias(town.bank, town.ben.caller, ask(), AliasDraft(town.ben.id, "@ben"))
    for name in (town.ben.account, town.ben.account.lower(), town.ben.id, "@ben", " @Ben "):
        (answer,) = _taken(town, [_one(town.anna, name)])
        assert answer is not None
        assert answer.resource.payee_account == town.ben.account


def test_equal_requests_of_one_round_make_one_payment(town: Town) -> None:
    one = _one(town.anna, town.ben.account, key="once")
    first, second = _taken(town, [one, one])
    assert first is not None
    assert second is None
    again = payments.create_payment(town.bank, one.caller, one.ask, one.draft)
    assert again.replayed
    assert again.resource.id == first.resource.id
    assert _taken(town, [one]) == [None]


def test_a_key_that_another_customer_used_is_free(town: Town) -> None:
    first = _one(town.anna, town.ben.account, key="mine")
    second = _one(town.ben, town.anna.account, key="mine")
    assert all(answer is not None for answer in _taken(town, [first, second]))


def test_what_is_on_its_way_counts(town: Town) -> None:
    answers = _taken(town, [_one(town.anna, town.ben.account, "200.00") for _ in range(3)])
    assert [answer is not None for answer in answers] == [True, True, False]
    assert not _is_plain(town, town.anna, town.ben.account, "100.01")
    assert _is_plain(town, town.anna, town.ben.account, "100.00")
    town.settle()
    assert town.balance(town.anna) == "0.00"


def test_what_is_on_its_way_counts_among_thousands_of_others(town: Town) -> None:
    """Then each payer's own orders are looked for, from the oldest that waits."""
    town.clock.advance(60)
    assert _is_plain(town, town.anna, town.shop.account, "200.00")
    town.clock.advance(60)
    for _ in range(6):
        assert all(_taken(town, [_one(town.ben, town.shop.account, "0.01") for _ in range(100)]))
    assert _is_plain(town, town.anna, town.shop.account, "200.00")
    assert not _is_plain(town, town.anna, town.shop.account, "100.01")
    assert _is_plain(town, town.anna, town.shop.account, "100.00")
    assert _is_plain(town, town.ben, town.shop.account, "200.00")


def test_limits_count_what_settled_and_what_is_on_its_way(town: Town) -> None:
    limits = TierDraft(2, 100_00, 250_00, 250_00, 10_000_00)
    policy.set_tier(town.bank, town.staff("admin"), ask(), limits)
    town.settle()
    assert not _is_plain(town, town.anna, town.ben.account, "100.01")
    assert _is_plain(town, town.anna, town.ben.account, "100.00")
    town.settle()
    assert _is_plain(town, town.anna, town.ben.account, "100.00")
    # One unit is kept back for the rounding of what is on its way.
    assert not _is_plain(town, town.anna, town.ben.account, "50.00")
    assert _is_plain(town, town.anna, town.ben.account, "49.99")
    town.settle()
    assert not _is_plain(town, town.anna, town.ben.account, "0.02")
    town.wait(2 * DAY)
    assert not _is_plain(town, town.anna, town.ben.account, "0.02")
    town.wait(40 * DAY)
    assert _is_plain(town, town.anna, town.ben.account, "1.00")


def test_what_a_payee_may_hold_counts_in_all_currencies(town: Town) -> None:
    limits = TierDraft(2, 1_000_00, 2_500_00, 20_000_00, 600_00)
    policy.set_tier(town.bank, town.staff("admin"), ask(), limits)
    town.settle()
    assert not _is_plain(town, town.anna, town.ben.account, "100.01")
    assert _is_plain(town, town.anna, town.ben.account, "100.00")


@pytest.mark.parametrize("side", ["anna", "ben"])
def test_a_frozen_account_is_no_plain_case(town: Town, side: str) -> None:
    assert _is_plain(town, town.anna, town.ben.account)
    frozen = StandingDraft(getattr(town, side).id, "fraud_suspected")
    identity.freeze_customer(town.bank, town.staff("compliance"), ask(), frozen)
    town.settle()
    assert not _is_plain(town, town.anna, town.ben.account)


@pytest.mark.parametrize("renewed", ["anna", "ben", None])
def test_lapsed_kyc_is_no_plain_case(town: Town, renewed: str | None) -> None:
    assert _is_plain(town, town.anna, town.ben.account)
    town.wait(2 * 365 * DAY)
    if renewed is not None:
        town.approve(town.submit(getattr(town, renewed).id).id)
    assert not _is_plain(town, town.anna, town.ben.account)


@pytest.mark.parametrize("switch", ["outgoing", "everything"])
def test_a_pause_is_no_plain_case(town: Town, switch: str) -> None:
    draft = SwitchDraft(switch, paused=True)
    policy.set_switch(town.bank, town.staff("admin"), ask(), draft)
    town.settle()
    assert not _is_plain(town, town.anna, town.ben.account)


def test_a_closed_corridor_is_no_plain_case(town: Town) -> None:
    draft = CorridorDraft("DE", "DE", "closed")
    policy.set_corridor(town.bank, town.staff("admin"), ask(), draft)
    town.settle()
    assert not _is_plain(town, town.anna, town.ben.account)


def test_who_signs_alone_and_who_is_nobody_are_no_plain_cases(town: Town) -> None:
    assert not _is_plain(town, town.clara, town.ben.account)
    for payee in (town.anna.account, "@nobody", "cus_nobody", "0x12", "", "0x" + "11" * 20):
        assert not _is_plain(town, town.anna, payee)
    assert not _is_plain(town, town.anna, town.ben.account, "500.01")
    staff = PaymentAsk(town.staff("operator"), ask(), PaymentDraft(town.ben.account, eur("1.00")))
    assert _taken(town, [staff]) == [None]
    for details in ("", "x" * 141):
        draft = PaymentDraft(town.ben.account, eur("1.00"), details=details)
        assert _taken(town, [PaymentAsk(town.anna.caller, ask(), draft)]) == [None]


def test_a_request_that_reached_the_chain_before_is_no_plain_case(town: Town) -> None:
    one = _one(town.anna, town.ben.account, key="lost")
    assert _taken(town, [one]) != [None]
    town.settle()
    with town.bank.store.transaction() as session:
        # A database restored from before the request: the chain alone remembers.
        for table in ("request", "transaction_operation", "operation", "customer_order"):
            session.connection().exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_kept") if (
                town.bank.store.is_sqlite
            ) else session.connection().exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            session.connection().exec_driver_sql(f"DELETE FROM {table}")
    assert _taken(town, [one]) == [None]


def test_while_the_chain_is_silent_for_a_short_time_payments_are_accepted(
    cut_off: tuple[Town, Line],
) -> None:
    town, line = cut_off
    line.cut = True
    assert _is_plain(town, town.anna, town.ben.account)
    half = town.bank.settings.order_ttl_seconds // 2
    town.clock.advance(half)
    assert _is_plain(town, town.anna, town.ben.account)
    town.clock.advance(1)
    assert not _is_plain(town, town.anna, town.ben.account)
    line.cut = False
    town.settle()
    assert town.balance(town.ben) == "520.00"
    assert _is_plain(town, town.anna, town.ben.account)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rounds=st.lists(
        st.lists(
            st.tuples(st.booleans(), st.integers(1, 300_00)),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=3,
    ),
    hours=st.integers(0, 40),
)
def test_what_is_plain_is_never_refused(
    town_in_a_file: Town, rounds: list[list[tuple[bool, int]]], hours: int
) -> None:
    town = town_in_a_file
    for one_round in rounds:
        asked = []
        for by_anna, minor in one_round:
            payer, payee = (town.anna, town.ben) if by_anna else (town.ben, town.anna)
            draft = PaymentDraft(payee.account, Money(minor, eur("1.00").currency))
            asked.append(PaymentAsk(payer.caller, ask(), draft))
        answers = _taken(town, asked)
        for one, answer in zip(asked, answers, strict=True):
            if answer is None and len(asked) == 1:
                # Alone in a settled world the tables and the chain see the same.
                assert _refusal(town, one) is not None
        town.settle()
        for answer in answers:
            if answer is not None:
                assert _state(town, answer.resource.id) == "settled"
        town.wait(hours * 3600)


def _refusal(town: Town, one: PaymentAsk) -> WalletError | None:
    payer = town.anna if one.caller.customer_id == town.anna.id else town.ben
    money = one.draft.money
    return town.bank.contracts.refusal_of(
        MovementKind.PAYMENT,
        payer.account,
        one.draft.payee,
        money.currency.code,
        money.amount_minor,
    )


def _state(town: Town, payment_id: str) -> str:
    auditor = town.staff("auditor")
    return payments.get_payment(town.bank, auditor, payment_id).state


def test_a_list_shows_all_payments_of_a_round(town: Town) -> None:
    _taken(town, [_one(town.anna, town.ben.account, "1.00") for _ in range(7)])
    listed = payments.list_payments(
        town.bank, town.anna.caller, PaymentFilter(), PageRequest(limit=50)
    )
    assert len(listed.items) == 7
