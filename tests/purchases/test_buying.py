"""Purchases as customers ask for them: what they do, and what is refused before anything is stored."""

import pytest

from tests.purchases.market import (
    bought,
    end_of_month,
    found_programme,
    offer,
    offered,
    points_of,
    pool_of,
    purchase,
    role_call,
)
from tests.town import DAY, Town, ask, digest_of, eur
from wallet_chain import payments, purchases
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import (
    InsufficientFunds,
    InvalidRequest,
    LimitExceeded,
    MerchantNotInProgramme,
    NotAMerchant,
    NotFirstPurchase,
    NotFound,
    OfferBudgetSpent,
    OfferCustomerBudgetSpent,
    OfferEnded,
    OfferMinimumNotReached,
    OfferNotCombinable,
    OfferNotInTime,
    OfferUnknown,
    PayeeUnknown,
    PointsExceedPrice,
    PointsInsufficient,
    PoolInsufficient,
    ProgrammeUnknown,
    SelfPayment,
    SignatureInvalid,
    SignatureNotAwaited,
    WalletError,
)
from wallet_chain.ledger.units import MemberState
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.purchases.drafts import PurchaseDraft


def test_a_purchase_with_an_offer_and_points_settles_as_it_was_quoted(town: Town) -> None:
    fifteen_off = offered(town, "reduction", minimum=eur("100.00"), off=eur("15.00"))
    bought(town, town.anna, "100.00", programme=1)
    assert points_of(town, town.anna) == 100

    made = purchase(
        town, town.anna, "120.00", programme=1, points=80, offers=(fifteen_off,), details="Table 7"
    )
    assert (made.state, made.money, made.cash) == ("accepted", eur("120.00"), eur("104.20"))
    assert made.settlement is None
    town.settle()

    seen = purchases.get_purchase(town.bank, town.anna.caller, made.id)
    assert seen.state == "settled"
    assert seen.settlement is not None
    assert seen.settlement.reduction == eur("15.00")
    assert seen.settlement.points_value == eur("0.80")
    assert seen.settlement.cash == eur("104.20")
    assert seen.settlement.earned == 104
    assert seen.details == "Table 7"
    assert points_of(town, town.anna) == 100 - 80 + 104
    assert town.balance(town.anna) == "295.80"
    # 204 points were earned and 80 spent: a cent each.
    assert pool_of(town, town.shop) == 20_00 - 204


def test_both_sides_and_staff_see_a_purchase_and_nobody_else(town: Town) -> None:
    made = bought(town, town.anna, "10.00", details="for you")
    for caller in (town.anna.caller, town.shop.caller, town.staff("auditor")):
        assert purchases.get_purchase(town.bank, caller, made.id).details == "for you"
    with town.refusal(NotFound):
        purchases.get_purchase(town.bank, town.ben.caller, made.id)


def test_the_best_offers_are_taken_when_asked_for(town: Town) -> None:
    offered(town, "reduction", minimum=eur("20.00"), off=eur("5.00"))
    offered(town, "percentage", off=eur("50.00"), rate_bps=1000)
    offered(town, "percentage", off=eur("50.00"), rate_bps=2000, combinable=False)
    made = bought(town, town.anna, "100.00", best_offers=True)
    # 20 % alone beats 5.00 and 10 % of the rest.
    assert made.cash == eur("80.00")
    assert len(made.offers) == 1


def test_who_keeps_an_own_key_signs_the_purchase(town: Town) -> None:
    made = purchase(town, town.clara, "30.00", programme=1)
    assert made.state == "awaiting_signature"
    assert made.typed_data is not None
    assert town.clara.signer is not None
    with town.refusal(SignatureInvalid):
        draft = SignatureDraft(made.id, b"\x1b" * 65)
        purchases.sign_purchase(town.bank, town.clara.caller, ask(), draft)
    with town.refusal(NotFound):
        purchases.sign_purchase(town.bank, town.shop.caller, ask(), draft)

    signature = town.clara.signer.sign_digest(digest_of(made.typed_data))
    draft = SignatureDraft(made.id, signature)
    purchases.sign_purchase(town.bank, town.clara.caller, ask(), draft)
    town.settle()
    assert purchases.get_purchase(town.bank, town.clara.caller, made.id).state == "settled"
    assert points_of(town, town.clara) == 30
    with town.refusal(SignatureNotAwaited):
        purchases.sign_purchase(town.bank, town.clara.caller, ask(), draft)


def test_an_offer_that_ran_out_while_the_signature_was_awaited_is_refused_then(town: Town) -> None:
    one_euro = offered(town, "reduction", minimum=eur("10.00"), off=eur("1.00"), budget=eur("1.00"))
    made = purchase(town, town.clara, "30.00", offers=(one_euro,))
    bought(town, town.anna, "30.00", offers=(one_euro,))
    assert town.clara.signer is not None
    assert made.typed_data is not None
    signature = town.clara.signer.sign_digest(digest_of(made.typed_data))
    with town.refusal(OfferBudgetSpent):
        draft = SignatureDraft(made.id, signature)
        purchases.sign_purchase(town.bank, town.clara.caller, ask(), draft)


def test_a_merchant_learns_nothing_of_what_the_payer_holds(town: Town) -> None:
    made = purchase(town, town.clara, "100.00")
    payment = town.pay(town.clara, town.ben.account, "450.00")
    assert town.clara.signer is not None
    assert made.typed_data is not None
    assert payment.typed_data is not None
    draft = SignatureDraft(made.id, town.clara.signer.sign_digest(digest_of(made.typed_data)))
    purchases.sign_purchase(town.bank, town.clara.caller, ask(), draft)
    # Sent past the bank, so that nothing here knows that the money is going.
    signature = town.clara.signer.sign_digest(digest_of(payment.typed_data))
    town.send_past_the_bank(payment.typed_data["message"], signature)
    told, *known = (
        purchases.get_purchase(town.bank, caller, made.id).operation
        for caller in (town.shop.caller, town.clara.caller, town.staff("auditor"))
    )
    assert told is not None
    assert told.refusal is not None
    assert (told.refusal.code, told.refusal.facts) == ("insufficient_funds", {})
    assert "50.00" not in told.refusal.detail
    for one in known:
        assert one is not None
        assert one.refusal is not None
        assert one.refusal.facts["have"] == "50.00"


def test_the_same_request_buys_once(town: Town) -> None:
    draft = PurchaseDraft(town.shop.account, eur("10.00"), programme=1)
    first = purchases.create_purchase(town.bank, town.anna.caller, ask("buy-once"), draft)
    again = purchases.create_purchase(town.bank, town.anna.caller, ask("buy-once"), draft)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.resource.id == first.resource.id
    town.settle()
    assert town.balance(town.anna) == "490.00"


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"points": 1}, InvalidRequest),
        ({"programme": 9}, ProgrammeUnknown),
        ({"programme": 1, "points": 1}, PointsInsufficient),
        ({"offers": ("0x" + "ab" * 32,)}, OfferUnknown),
        ({"offers": ("off_01JZ4WVXQ2M8K5T7R9B3C6D1EF",)}, OfferUnknown),
        ({"details": "x" * 141}, InvalidRequest),
        ({"details": ""}, InvalidRequest),
        ({"programme": -1}, InvalidRequest),
        ({"programme": 1, "points": -1}, InvalidRequest),
        ({"programme": 2**32}, InvalidRequest),
    ],
)
def test_what_makes_no_purchase_is_refused(
    town: Town, changes: dict[str, object], refused: type[WalletError]
) -> None:
    with town.refusal(refused):
        purchase(town, town.anna, "10.00", **changes)


def test_only_a_merchant_sells(town: Town) -> None:
    def buy_from(merchant: str) -> None:
        draft = PurchaseDraft(merchant, eur("10.00"))
        purchases.create_purchase(town.bank, town.anna.caller, ask(), draft)

    with town.refusal(NotAMerchant):
        buy_from(town.ben.id)
    with town.refusal(SelfPayment):
        buy_from(town.anna.id)
    with town.refusal(PayeeUnknown):
        buy_from("@nobody")


def test_the_policy_and_the_balance_decide_as_for_a_payment(town: Town) -> None:
    with town.refusal(InsufficientFunds):
        purchase(town, town.anna, "500.01")
    with town.refusal(LimitExceeded):
        purchase(town, town.anna, "1000.01")
    purchase(town, town.anna, "300.00")
    # What is on its way counts already.
    with town.refusal(InsufficientFunds):
        purchase(town, town.anna, "200.01")
    purchase(town, town.anna, "200.00")
    town.settle()
    assert town.balance(town.anna) == "0.00"


def test_money_on_its_way_to_a_merchant_is_not_paid_to_somebody_else(town: Town) -> None:
    purchase(town, town.anna, "300.00")
    with town.refusal(InsufficientFunds):
        draft = PaymentDraft(town.ben.id, eur("200.01"))
        payments.create_payment(town.bank, town.anna.caller, ask(), draft)


def test_an_offer_out_of_time_is_refused(town: Town) -> None:
    later = offered(
        town,
        "reduction",
        minimum=eur("10.00"),
        off=eur("1.00"),
        starts_at=town.clock() + DAY,
        ends_at=town.clock() + 2 * DAY,
    )
    with town.refusal(OfferNotInTime):
        purchase(town, town.anna, "10.00", offers=(later,))
    town.wait(DAY)
    bought(town, town.anna, "10.00", offers=(later,))
    town.wait(DAY + 1)
    with town.refusal(OfferNotInTime):
        purchase(town, town.anna, "10.00", offers=(later,))


def test_an_offer_gives_no_more_than_its_budgets(town: Town) -> None:
    shared = offered(town, "reduction", minimum=eur("10.00"), off=eur("4.00"), budget=eur("10.00"))
    each = offered(town, "percentage", off=eur("4.00"), rate_bps=5000, customer_budget=eur("4.00"))
    bought(town, town.anna, "10.00", offers=(shared, each))
    with town.refusal(OfferCustomerBudgetSpent):
        purchase(town, town.anna, "10.00", offers=(each,))
    bought(town, town.ben, "10.00", offers=(shared, each))
    with town.refusal(OfferBudgetSpent) as caught:
        purchase(town, town.ben, "10.00", offers=(shared,))
    assert caught.value.facts["left"] == "200"


def test_a_threshold_is_met_with_what_other_discounts_leave(town: Town) -> None:
    first = offered(town, "reduction", minimum=eur("100.00"), off=eur("15.00"))
    then = offered(town, "percentage", minimum=eur("100.00"), off=eur("50.00"), rate_bps=1000)
    bought(town, town.anna, "100.00", offers=(then,))
    with town.refusal(OfferMinimumNotReached) as caught:
        purchase(town, town.anna, "100.00", offers=(first, then))
    assert caught.value.facts["reached"] == "85.00"
    bought(town, town.anna, "115.00", offers=(first, then))


def test_an_offer_for_a_first_purchase_is_for_that_one_only(town: Town) -> None:
    welcome = offered(town, "reduction", minimum=eur("10.00"), off=eur("5.00"), first_purchase=True)
    bought(town, town.anna, "10.00", offers=(welcome,))
    with town.refusal(NotFirstPurchase):
        purchase(town, town.anna, "10.00", offers=(welcome,))
    bought(town, town.ben, "10.00")
    with town.refusal(NotFirstPurchase):
        purchase(town, town.ben, "10.00", offers=(welcome,))


def test_an_offer_that_stands_alone_takes_no_other_beside_it(town: Town) -> None:
    alone = offered(town, "reduction", minimum=eur("10.00"), off=eur("5.00"), combinable=False)
    other = offered(town, "percentage", off=eur("5.00"), rate_bps=1000)
    with town.refusal(OfferNotCombinable):
        purchase(town, town.anna, "50.00", offers=(alone, other))
    second = offered(town, "reduction", minimum=eur("10.00"), off=eur("1.00"))
    with town.refusal(InvalidRequest):
        purchase(town, town.anna, "50.00", offers=(alone, second))


def test_an_offer_that_was_ended_is_refused_and_can_not_be_ended_twice(town: Town) -> None:
    made = offered(town, "reduction", minimum=eur("10.00"), off=eur("5.00"))
    with town.refusal(NotFound):
        purchases.end_offer(town.bank, town.anna.caller, ask(), made)
    ended = purchases.end_offer(town.bank, town.shop.caller, ask(), made).resource
    assert ended.ending is not None
    again = purchases.end_offer(town.bank, town.shop.caller, ask(), made).resource
    assert again.ending is not None
    assert again.ending.id == ended.ending.id
    town.settle()
    with town.refusal(OfferEnded):
        purchase(town, town.anna, "10.00", offers=(made,))
    with town.refusal(OfferEnded):
        purchases.end_offer(town.bank, town.shop.caller, ask(), made)


def test_an_offer_that_is_not_published_yet_can_be_neither_used_nor_ended(town: Town) -> None:
    made = offer(town, "reduction", minimum=eur("10.00"), off=eur("5.00"))
    with town.refusal(OfferUnknown):
        purchase(town, town.anna, "10.00", offers=(made.id,))
    with town.refusal(OfferUnknown):
        purchases.end_offer(town.bank, town.shop.caller, ask(), made.id)


def test_points_that_expired_this_minute_are_not_spent(town: Town) -> None:
    found_programme(town, 2, months=1)
    bought(town, town.anna, "100.00", programme=2)
    # They are good to the last second of the month after this one.
    end = end_of_month(town.clock(), 1)
    town.wait(end - 1 - town.clock())
    bought(town, town.anna, "1.00", programme=2, points=60)
    purchase(town, town.anna, "1.00", programme=2, points=40)
    town.clock.advance(1)
    town.settle()
    town.wait(0)
    with town.refusal(PointsInsufficient):
        purchase(town, town.anna, "1.00", programme=2, points=1)


def test_more_points_than_there_is_to_pay_are_not_taken(town: Town) -> None:
    bought(town, town.anna, "300.00", programme=1)
    with town.refusal(PointsExceedPrice):
        purchase(town, town.anna, "2.99", programme=1, points=300)
    bought(town, town.anna, "3.00", programme=1, points=300)
    assert town.balance(town.anna) == "200.00"


def test_a_pool_that_is_too_small_stops_the_purchase_before_and_on_the_chain(town: Town) -> None:
    # 20.00 are enough for 2000 points; 100 points each for these.
    bonus = offered(town, "points", programme=1, points=1000)
    first = purchase(town, town.anna, "100.00", programme=1, offers=(bonus,))
    second = purchase(town, town.ben, "100.00", programme=1, offers=(bonus,))
    town.settle()
    assert purchases.get_purchase(town.bank, town.anna.caller, first.id).state == "settled"
    lost = purchases.get_purchase(town.bank, town.ben.caller, second.id)
    assert lost.state == "rejected"
    assert lost.operation is not None
    assert lost.operation.refusal is not None
    assert lost.operation.refusal.code == "pool_insufficient"
    # Nothing of it happened.
    assert town.balance(town.ben) == "500.00"
    assert points_of(town, town.ben) == 0
    with town.refusal(PoolInsufficient):
        purchase(town, town.ben, "100.00", programme=1, offers=(bonus,))
    bought(town, town.ben, "100.00")


def test_a_suspended_merchant_sells_without_points_only(town: Town) -> None:
    role_call(town, "setMember", (1, town.shop.account, int(MemberState.SUSPENDED)))
    with town.refusal(MerchantNotInProgramme):
        purchase(town, town.anna, "10.00", programme=1)
    bought(town, town.anna, "10.00")


def test_a_dry_run_tells_what_moves_and_writes_nothing(town: Town) -> None:
    bought(town, town.anna, "100.00", programme=1)
    before = town.contents()
    draft = PurchaseDraft(town.shop.id, eur("50.00"), 1, 100)
    told = purchases.preview_purchase(town.bank, town.anna.caller, draft)
    assert told.would_settle
    moved = {one.account: one.change.decimal for one in told.movements}
    loyalty = town.bank.contracts.address("Loyalty")
    assert moved == {town.anna.account: "-49.00", loyalty: "-1.00", town.shop.account: "50.00"}
    draft = PurchaseDraft(town.shop.id, eur("50.00"), 1, 101)
    told = purchases.preview_purchase(town.bank, town.anna.caller, draft)
    assert told.refusal is not None
    assert told.refusal.code == "points_insufficient"
    assert town.contents() == before
