"""Mandates: granted by the payer, collected once a period within the ceiling, ended by either side."""

import pytest

from tests.mandates.conftest import Gym
from tests.town import ALL, DAY, ask, eur
from wallet_chain import identity, mandates
from wallet_chain.errors import (
    InsufficientFunds,
    InvalidRequest,
    KindNotAllowed,
    LimitExceeded,
    MandateCeilingExceeded,
    MandateEnded,
    MandateInvalid,
    MandateNotGranted,
    MandateNotInTime,
    NotAMerchant,
    NotFound,
    PayeeUnknown,
    PeriodAlreadyCharged,
    SelfPayment,
)
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.mandates.drafts import ChargeDraft, EndDraft, MandateDraft, MandateFilter
from wallet_chain.pipeline.verify import verify


def test_a_mandate_is_collected_once_a_period_up_to_its_ceiling(gym: Gym) -> None:
    town = gym.town
    mandate = gym.grant(town.anna, details="Gym in Lindenweg")
    assert mandate.state == "active"
    assert mandate.period is not None
    assert (mandate.period.number, mandate.period.left) == (0, eur("30.00"))

    assert gym.charged(mandate.id, "12.50").state == "settled"
    assert town.balance(town.anna) == "487.50"
    assert town.balance(town.shop) == "112.50"
    seen = gym.look(town.shop, mandate.id)
    assert seen.details == "Gym in Lindenweg"
    assert seen.collected == eur("12.50")
    assert seen.period is not None
    assert (seen.period.charged, seen.period.left.amount_minor) == (True, 0)
    with town.refusal(PeriodAlreadyCharged):
        gym.charge(mandate.id, "0.01")

    town.wait(7 * DAY)
    with town.refusal(MandateCeilingExceeded) as caught:
        gym.charge(mandate.id, "30.01")
    assert caught.value.facts["ceiling"] == "30.00"
    assert gym.charged(mandate.id, "30.00").period == 1
    assert gym.look(town.anna, mandate.id).collected == eur("42.50")
    page = mandates.list_charges(town.bank, town.anna.caller, mandate.id, ALL)
    assert [(c.period, c.money.decimal) for c in page.items] == [(0, "12.50"), (1, "30.00")]
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_a_period_that_was_not_collected_does_not_add_up(gym: Gym) -> None:
    mandate = gym.grant(gym.town.anna)
    gym.town.wait(15 * DAY)
    with gym.town.refusal(MandateCeilingExceeded):
        gym.charge(mandate.id, "60.00")
    assert gym.charged(mandate.id, "30.00").period == 2


def test_calendar_months_begin_on_the_first(gym: Gym) -> None:
    town = gym.town
    mandate = gym.grant(town.anna, period_days=0)
    assert mandate.period is not None
    gym.charged(mandate.id, "1.00")
    town.wait(mandate.period.ends_at - town.clock())
    with town.refusal(PeriodAlreadyCharged):
        gym.charge(mandate.id, "1.00")
    town.wait(1)
    assert gym.charged(mandate.id, "2.00").period == 1


def test_two_charges_at_the_same_time_are_one(gym: Gym) -> None:
    mandate = gym.grant(gym.town.anna)
    first = gym.charge(mandate.id, "5.00")
    assert first.state == "accepted"
    with gym.town.refusal(PeriodAlreadyCharged):
        gym.charge(mandate.id, "5.00")
    preview = mandates.preview_charge(
        gym.town.bank, gym.town.shop.caller, ChargeDraft(mandate.id, eur("5.00"))
    )
    assert preview.refusal is not None
    assert preview.refusal.code == "period_already_charged"


def test_a_charge_that_comes_too_late_expires_and_the_next_period_is_free(gym: Gym) -> None:
    town = gym.town
    mandate = gym.grant(town.anna)
    assert mandate.period is not None
    town.wait(mandate.period.ends_at - town.clock() - 60)
    made = gym.charge(mandate.id, "5.00")
    assert made.deadline == mandate.period.ends_at
    town.clock.advance(120)
    town.bank.rpc.call("evm_mine", [])
    town.settle()
    seen = mandates.get_charge(town.bank, town.shop.caller, made.id)
    assert seen.state in ("expired", "rejected")
    assert town.balance(town.anna) == "500.00"
    assert gym.charged(mandate.id, "5.00").state == "settled"


@pytest.mark.parametrize("ender", ["anna", "shop"])
def test_either_side_ends_it_and_nothing_can_be_collected_any_more(gym: Gym, ender: str) -> None:
    town = gym.town
    mandate = gym.grant(town.anna)
    who = getattr(town, ender)
    ended = gym.end(who, mandate.id)
    assert (ended.state, ended.ended_by, ended.period) == ("ended", who.account, None)
    with town.refusal(MandateEnded):
        gym.charge(mandate.id, "1.00")
    with town.refusal(MandateEnded):
        gym.end(who, mandate.id)


def test_an_end_that_is_under_way_is_not_made_twice(gym: Gym) -> None:
    town = gym.town
    mandate = gym.grant(town.anna)
    draft = EndDraft(mandate.id)
    first = mandates.end_mandate(town.bank, town.anna.caller, ask(), draft).resource
    again = mandates.end_mandate(town.bank, town.anna.caller, ask(), draft).resource
    assert first.ending is not None
    assert again.ending is not None
    assert first.ending.id == again.ending.id


def test_a_payer_with_an_own_key_signs_the_mandate_and_its_end(gym: Gym) -> None:
    town = gym.town
    made = gym.grant(town.clara)
    assert made.state == "awaiting_signature"
    with town.refusal(MandateNotGranted):
        gym.charge(made.id, "1.00")
    assert gym.look(town.shop, made.id).typed_data is None
    draft = gym.signature(town.clara, made.typed_data, made.id)
    mandates.sign_mandate(town.bank, town.clara.caller, ask(), draft)
    town.settle()
    assert gym.charged(made.id, "10.00").state == "settled"
    assert town.balance(town.clara) == "490.00"
    ended = gym.end(town.clara, made.id)
    assert ended.ending is not None
    assert (ended.state, ended.ending.state) == ("active", "awaiting_signature")
    draft = gym.signature(town.clara, ended.ending.typed_data, made.id)
    mandates.sign_end(town.bank, town.clara.caller, ask(), draft)
    town.settle()
    assert gym.look(town.clara, made.id).state == "ended"


def test_what_is_over_or_not_yet_begun_collects_nothing(gym: Gym) -> None:
    town = gym.town
    now = town.clock()
    later = gym.grant(town.anna, starts_at=now + DAY, ends_at=now + 2 * DAY)
    assert later.state == "scheduled"
    with town.refusal(MandateNotInTime):
        gym.charge(later.id, "1.00")
    town.wait(DAY)
    assert gym.charged(later.id, "1.00").state == "settled"
    town.wait(DAY + 1)
    assert gym.look(town.anna, later.id).state == "over"
    with town.refusal(MandateNotInTime):
        gym.charge(later.id, "1.00")


def test_mandates_that_cannot_be_are_refused_before_anything_is_stored(gym: Gym) -> None:
    town = gym.town
    now = town.clock()
    for changes in (
        {"ends_at": now},
        {"starts_at": now - 1},
        {"starts_at": now + DAY, "ends_at": now + DAY},
    ):
        with town.refusal(MandateInvalid):
            gym.grant(town.anna, **changes)
    for changes in ({"period_days": 367}, {"period_days": -1}, {"details": "x" * 141}):
        with town.refusal(InvalidRequest):
            gym.grant(town.anna, **changes)
    draft = MandateDraft(town.ben.account, eur("1.00"), now + DAY)
    with town.refusal(NotAMerchant):
        mandates.grant_mandate(town.bank, town.anna.caller, ask(), draft)
    with town.refusal(SelfPayment):
        gym.grant(town.shop)
    unknown = MandateDraft("@nobody.here", eur("1.00"), now + DAY)
    with town.refusal(PayeeUnknown):
        mandates.grant_mandate(town.bank, town.anna.caller, ask(), unknown)


def test_only_its_sides_know_of_it_and_only_its_merchant_collects(gym: Gym) -> None:
    town = gym.town
    mandate = gym.grant(town.anna)
    with town.refusal(NotFound):
        gym.look(town.ben, mandate.id)
    with town.refusal(NotFound):
        gym.charge(mandate.id, "1.00", by=town.ben)
    with town.refusal(KindNotAllowed):
        gym.charge(mandate.id, "1.00", by=town.anna)
    with town.refusal(NotFound):
        gym.end(town.ben, mandate.id)
    charge = gym.charged(mandate.id, "1.00")
    with town.refusal(NotFound):
        mandates.get_charge(town.bank, town.ben.caller, charge.id)
    found = mandates.list_mandates(town.bank, town.ben.caller, MandateFilter(), ALL)
    assert found.items == ()
    for who, direction in ((town.anna, "granted"), (town.shop, "received")):
        filters = MandateFilter(direction=direction)
        found = mandates.list_mandates(town.bank, who.caller, filters, ALL)
        assert [one.id for one in found.items] == [mandate.id]


def test_a_merchant_learns_nothing_of_what_the_payer_holds(gym: Gym) -> None:
    town = gym.town
    mandate = gym.grant(town.anna, ceiling="5000.00")
    for amount, kind in (("600.00", InsufficientFunds), ("1500.00", LimitExceeded)):
        with town.refusal(kind) as caught:
            gym.charge(mandate.id, amount)
        assert caught.value.facts == {}
        assert "500" not in caught.value.detail
    preview = mandates.preview_charge(
        town.bank, town.shop.caller, ChargeDraft(mandate.id, eur("600.00"))
    )
    assert preview.refusal is not None
    assert (preview.refusal.facts, preview.headroom) == ({}, {})
    # What is on its way out counts, and is told as little of.
    town.pay(town.anna, town.ben.account, "400.00")
    with town.refusal(InsufficientFunds) as caught:
        gym.charge(mandate.id, "200.00")
    assert caught.value.facts == {}


def test_a_charge_that_the_chain_refuses_tells_the_payer_more_than_the_merchant(gym: Gym) -> None:
    town = gym.town
    mandate = gym.grant(town.clara, ceiling="500.00")
    draft = gym.signature(town.clara, mandate.typed_data, mandate.id)
    mandates.sign_mandate(town.bank, town.clara.caller, ask(), draft)
    town.settle()
    payment = town.pay(town.clara, town.ben.account, "450.00")
    assert payment.typed_data is not None
    assert town.clara.signer is not None
    made = gym.charge(mandate.id, "100.00")
    message = payment.typed_data["message"]
    signature = gym.signature(town.clara, payment.typed_data, payment.id).signature
    # Sent past the bank, so that nothing here knows that the money is going.
    town.send_past_the_bank(message, signature)
    told = mandates.get_charge(town.bank, town.shop.caller, made.id).operation
    known = mandates.get_charge(town.bank, town.clara.caller, made.id).operation
    assert told is not None
    assert told.refusal is not None
    assert known is not None
    assert known.refusal is not None
    assert (told.refusal.code, told.refusal.facts) == ("insufficient_funds", {})
    assert known.refusal.facts["have"] == "50.00"


def test_a_frozen_payer_is_not_collected_from_but_ends_the_mandate_all_the_same(gym: Gym) -> None:
    town = gym.town
    mandate = gym.grant(town.anna)
    identity.freeze_customer(
        town.bank, town.staff("compliance"), ask(), StandingDraft(town.anna.id, "fraud_suspected")
    )
    town.settle()
    preview = mandates.preview_charge(
        town.bank, town.shop.caller, ChargeDraft(mandate.id, eur("1.00"))
    )
    assert preview.refusal is not None
    assert preview.refusal.code == "account_frozen"
    assert gym.end(town.anna, mandate.id).state == "ended"


def test_a_dry_run_says_what_a_mandate_would_meet(gym: Gym) -> None:
    town = gym.town
    good = MandateDraft(town.shop.account, eur("1.00"), town.clock() + DAY)
    assert mandates.preview_mandate(town.bank, town.anna.caller, good).would_settle
    bad = MandateDraft(town.ben.account, eur("1.00"), town.clock() + DAY)
    told = mandates.preview_mandate(town.bank, town.anna.caller, bad)
    assert told.refusal is not None
    assert told.refusal.code == "not_a_merchant"
