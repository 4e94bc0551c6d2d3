"""Refunds of purchases: of everything in the same proportion, and never more than was paid."""

import pytest

from tests.purchases.market import (
    PROGRAMME,
    bought,
    deposit,
    end_of_month,
    found_programme,
    offered,
    points_of,
    pool_of,
    purchase,
    refund,
    refunded,
    role_call,
)
from tests.town import ALL, Town, ask, digest_of, eur
from wallet_chain import purchases
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import (
    InsufficientFunds,
    InvalidRequest,
    KindNotAllowed,
    NotFound,
    NotRefundable,
    OfferBudgetSpent,
    RefundTooLarge,
)
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.ledger.units import MemberState
from wallet_chain.money import positive_money
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.reindex import reindex
from wallet_chain.pipeline.verify import verify
from wallet_chain.purchases.drafts import PurchaseDraft, PurchaseRefundDraft


def test_half_a_refund_reverses_half_of_everything(town: Town) -> None:
    off = offered(town, "reduction", minimum=eur("100.00"), off=eur("15.00"), budget=eur("15.00"))
    bought(town, town.anna, "100.00", programme=1)
    made = bought(town, town.anna, "120.00", programme=1, points=80, offers=(off,))
    pool = pool_of(town, town.shop)
    assert points_of(town, town.anna) == 124

    half = refunded(town, made, "60.00")
    assert half.returned is not None
    assert half.returned.cash == eur("52.10")
    assert (half.returned.restored, half.returned.taken_back, half.returned.gone) == (40, 52, 0)
    assert half.returned.deposited == eur("0.40")
    assert points_of(town, town.anna) == 124 + 40 - 52
    assert pool_of(town, town.shop) == pool + 52
    assert town.balance(town.anna) == "347.90"
    # The offer got back half of what it gave, which is too little for another purchase.
    with town.refusal(OfferBudgetSpent) as caught:
        purchase(town, town.ben, "100.00", offers=(off,))
    assert caught.value.facts["left"] == "750"

    refunded(town, made)
    assert points_of(town, town.anna) == 100
    assert town.balance(town.anna) == "400.00"
    bought(town, town.ben, "100.00", offers=(off,))
    seen = purchases.get_purchase(town.bank, town.anna.caller, made.id)
    assert (seen.refunded, seen.refunded_cash) == (eur("120.00"), eur("104.20"))
    assert seen.refunded_points == 80
    listed = purchases.list_purchase_refunds(town.bank, town.anna.caller, made.id, ALL).items
    assert [one.money for one in listed] == [eur("60.00"), eur("60.00")]


def test_the_merchant_pays_what_the_dry_run_said(town: Town) -> None:
    bought(town, town.anna, "100.00", programme=1)
    made = bought(town, town.anna, "99.99", programme=1, points=33)
    # Points of this purchase are gone: 99 were earned, 30 are left in the lot.
    bought(town, town.anna, "10.00", programme=1, points=136)
    refunded(town, made, "7.77")
    draft = PurchaseRefundDraft(made.id, eur("33.33"))
    told = purchases.preview_purchase_refund(town.bank, town.shop.caller, draft)
    moved = {one.account: one.change.amount_minor for one in told.movements}
    before = [eur(town.balance(one)).amount_minor for one in (town.shop, town.anna)]
    refunded(town, made, "33.33")
    after = [eur(town.balance(one)).amount_minor for one in (town.shop, town.anna)]
    assert after[0] - before[0] == moved[town.shop.account]
    assert after[1] - before[1] == moved[town.anna.account]
    assert sum(moved.values()) == 0


def test_earned_points_that_were_spent_are_kept_from_the_money(town: Town) -> None:
    made = bought(town, town.anna, "100.00", programme=1)
    bought(town, town.anna, "0.80", programme=1, points=80)
    pool = pool_of(town, town.shop)
    whole = refunded(town, made)
    assert whole.returned is not None
    assert (whole.returned.taken_back, whole.returned.gone) == (20, 80)
    assert whole.returned.cash == eur("99.20")
    assert whole.returned.compensation == eur("0.80")
    assert points_of(town, town.anna) == 0
    # 20 points are free again, and the money for the other 80 is there instead.
    assert pool_of(town, town.shop) == pool + 100


def test_points_that_came_back_too_late_get_another_month(town: Town) -> None:
    found_programme(town, 2, months=1)
    bought(town, town.anna, "100.00", programme=2)
    made = bought(town, town.anna, "10.00", programme=2, points=100)
    town.wait(end_of_month(town.clock(), 1) - town.clock())
    assert points_of(town, town.anna, 2) == 0
    back = refunded(town, made)
    assert back.returned is not None
    assert (back.returned.restored, back.returned.postponed) == (100, 100)
    assert points_of(town, town.anna, 2) == 100


def test_earned_points_that_expired_cost_nobody_anything(town: Town) -> None:
    found_programme(town, 2, months=1)
    made = bought(town, town.anna, "100.00", programme=2)
    town.wait(end_of_month(town.clock(), 1) - town.clock())
    whole = refunded(town, made)
    assert whole.returned is not None
    assert whole.returned.cash == eur("100.00")
    assert whole.returned.compensation.amount_minor == 0
    assert town.balance(town.anna) == "500.00"


def test_more_than_was_paid_can_not_be_taken_back(town: Town) -> None:
    made = bought(town, town.anna, "50.00", programme=1)
    with town.refusal(RefundTooLarge) as caught:
        refund(town, made, "50.01")
    assert caught.value.facts["left"] == "50.00"
    refund(town, made, "50.00")
    # What is on its way counts already.
    with town.refusal(RefundTooLarge):
        refund(town, made, "0.01")
    town.settle()
    with town.refusal(RefundTooLarge):
        refund(town, made, "0.01")
    with town.refusal(RefundTooLarge):
        refund(town, made)


def test_only_the_merchant_takes_a_purchase_back(town: Town) -> None:
    made = bought(town, town.anna, "50.00")
    with town.refusal(KindNotAllowed):
        refund(town, made, by=town.anna)
    with town.refusal(NotFound):
        refund(town, made, by=town.ben)
    with town.refusal(NotFound):
        draft = PurchaseRefundDraft(made.id)
        purchases.create_purchase_refund(town.bank, town.staff("operator"), ask(), draft)


def test_only_a_settled_purchase_is_taken_back_in_its_own_currency(town: Town) -> None:
    made = purchase(town, town.anna, "50.00")
    with town.refusal(NotRefundable):
        refund(town, made)
    town.settle()
    with town.refusal(InvalidRequest):
        draft = PurchaseRefundDraft(made.id, positive_money("10", "JPY"))
        purchases.create_purchase_refund(town.bank, town.shop.caller, ask(), draft)
    refunded(town, made)


def test_a_merchant_without_the_money_for_points_can_not_take_back(town: Town) -> None:
    bought(town, town.anna, "100.00", programme=1)
    made = bought(town, town.anna, "1.00", programme=1, points=100)
    held = town.balance(town.shop)
    town.paid(town.shop, town.ben.account, held)
    with town.refusal(InsufficientFunds) as caught:
        refund(town, made)
    assert caught.value.facts["need"] == "1.00"
    town.paid(town.ben, town.shop.account, "1.00")
    refunded(town, made)


@pytest.mark.parametrize("end", ["closed", "suspended"])
def test_refunds_go_on_when_the_programme_does_not(town: Town, end: str) -> None:
    bought(town, town.anna, "100.00", programme=1)
    made = bought(town, town.anna, "100.00", programme=1, points=50)
    if end == "closed":
        role_call(town, "closeProgramme", (PROGRAMME,))
    else:
        role_call(town, "setMember", (1, town.shop.account, int(MemberState.SUSPENDED)))
    refunded(town, made)
    assert points_of(town, town.anna) == 100
    assert town.balance(town.anna) == "400.00"


def test_a_merchant_with_an_own_key_signs_the_refund(town: Town) -> None:
    key = LocalSigner(keccak256(b"the corner shop's own key"))
    corner = town.welcome("corner", tier=3, key=key, kind="business", merchant=True)
    draft = PurchaseDraft(corner.id, eur("50.00"))
    made = purchases.create_purchase(town.bank, town.anna.caller, ask(), draft).resource
    town.settle()
    asked = refund(town, made, "20.00", by=corner)
    assert asked.state == "awaiting_signature"
    assert asked.typed_data is not None
    signature = key.sign_digest(digest_of(asked.typed_data))
    signed = SignatureDraft(asked.id, signature)
    with town.refusal(NotFound):
        purchases.sign_purchase_refund(town.bank, town.shop.caller, ask(), signed)
    purchases.sign_purchase_refund(town.bank, corner.caller, ask(), signed)
    town.settle()
    seen = purchases.get_purchase_refund(town.bank, town.anna.caller, asked.id)
    assert seen.state == "settled"
    assert town.balance(town.anna) == "470.00"


def test_everything_can_be_rebuilt_and_agrees_with_the_contracts(town: Town) -> None:
    off = offered(town, "percentage", off=eur("9.00"), rate_bps=1000, customer_budget=eur("20.00"))
    bought(town, town.anna, "100.00", programme=1)
    made = bought(town, town.anna, "100.00", programme=1, points=37, offers=(off,))
    deposit(town, "5.00")
    refunded(town, made, "33.33")
    bank = town.bank
    with bank.store.reading() as session:
        before = state_digest(session)
    assert verify(bank.store, bank.rpc, bank.contracts) == []
    assert reindex(bank.store, bank.rpc, bank.contracts, 0, lambda _: None) == before
