"""Gifts: put aside once, claimed with the code once each, and the rest goes back by itself."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from web3 import Web3

from scripts.return_gifts import ABI, return_gifts
from tests.crossborder.test_refund_script import ThisChain, shape
from tests.town import ALL, DAY, Person, Town, ask, digest_of, eur
from wallet_chain import gifts, identity
from wallet_chain.bank.caretaking import GRACE_SECONDS
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.errors import (
    CustomerNotForgettable,
    GiftAlreadyClaimed,
    GiftEmpty,
    GiftExpired,
    GiftInvalid,
    GiftNotReady,
    GiftStillOpen,
    InsufficientFunds,
    InvalidRequest,
    KycMissing,
    NotFound,
    SelfPayment,
    WalletError,
)
from wallet_chain.gifts.division import divided
from wallet_chain.gifts.drafts import ClaimDraft, GiftDraft, GiftFilter, ReturnDraft
from wallet_chain.gifts.views import ClaimView, GiftView
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.ledger.artifacts import artifact
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.tables import Gift, SignerKey


def give(town: Town, giver: Person, amount: str, **terms: Any) -> GiftView:
    """A gift, on chain."""
    draft = GiftDraft(eur(amount), **terms)
    made = gifts.create_gift(town.bank, giver.caller, ask(), draft).resource
    town.settle()
    return look(town, giver, made.id)


def look(town: Town, who: Person, gift_id: str) -> GiftView:
    return gifts.get_gift(town.bank, who.caller, gift_id)


def claim(town: Town, who: Person, gift: GiftView) -> ClaimView:
    """A claim, not on chain yet."""
    assert gift.code is not None
    return gifts.claim_gift(town.bank, who.caller, ask(), ClaimDraft(gift.code)).resource


def claimed(town: Town, who: Person, gift: GiftView) -> ClaimView:
    made = claim(town, who, gift)
    town.settle()
    return gifts.get_claim(town.bank, who.caller, made.id)


def verified(town: Town) -> None:
    assert verify(town.bank.store, town.bank.rpc, town.bank.contracts) == []


def test_friends_claim_equal_shares_with_the_code_and_all_of_it_arrives(town: Town) -> None:
    gift = give(town, town.anna, "10.00", shares=3, details="for your birthday")
    assert (gift.state, gift.left.decimal, gift.shares_left) == ("open", "10.00", 3)
    assert town.balance(town.anna) == "490.00"

    got = [claimed(town, who, gift) for who in (town.ben, town.shop, town.clara)]
    assert [one.money.decimal for one in got] == ["3.34", "3.33", "3.33"]
    assert {one.state for one in got} == {"settled"}
    assert got[0].details == "for your birthday"
    assert town.balance(town.ben) == "503.34"
    assert town.balance(town.clara) == "503.33"
    assert look(town, town.anna, gift.id).state == "claimed"
    shown = gifts.list_claims(town.bank, town.anna.caller, gift.id, ALL)
    assert [one.account for one in shown.items] == [
        town.ben.account,
        town.shop.account,
        town.clara.account,
    ]
    verified(town)


def test_random_shares_add_up_to_the_gift(town: Town) -> None:
    gift = give(town, town.anna, "7.00", shares=3, division="random")
    got = [claimed(town, who, gift) for who in (town.ben, town.shop, town.clara)]
    assert sum(one.money.amount_minor for one in got) == 7_00
    assert all(one.money.amount_minor > 0 for one in got)
    assert look(town, town.anna, gift.id).left.amount_minor == 0
    verified(town)


@given(st.sampled_from(["equal", "random"]), st.integers(1, 100), st.data())
def test_a_division_is_exact_and_leaves_nobody_out(
    division: str, shares: int, data: st.DataObject
) -> None:
    amount = data.draw(st.integers(shares, 10**12))
    parts = divided(division, amount, shares)
    assert (len(parts), sum(parts)) == (shares, amount)
    assert min(parts) >= 1
    if division == "equal":
        assert max(parts) - min(parts) <= 1


def test_each_customer_gets_one_share(town: Town) -> None:
    gift = give(town, town.anna, "3.00", shares=3)
    claim(town, town.ben, gift)
    # Under way, and when it has settled.
    with town.refusal(GiftAlreadyClaimed):
        claim(town, town.ben, gift)
    town.settle()
    with town.refusal(GiftAlreadyClaimed):
        claim(town, town.ben, gift)
    assert town.balance(town.ben) == "501.00"


def test_who_comes_last_gets_nothing(town: Town) -> None:
    gift = give(town, town.anna, "1.00")
    claim(town, town.ben, gift)
    with town.refusal(GiftEmpty):
        claim(town, town.shop, gift)
    town.settle()
    with town.refusal(GiftEmpty):
        claim(town, town.shop, gift)


def test_two_claims_at_the_same_moment_get_two_shares(town: Town) -> None:
    gift = give(town, town.anna, "5.01", shares=2)
    made: list[ClaimView] = []
    refused: list[WalletError] = []

    def run(who: Person) -> None:
        try:
            made.append(claim(town, who, gift))
        except WalletError as refusal:
            refused.append(refusal)

    threads = [threading.Thread(target=run, args=(w,)) for w in (town.ben, town.shop, town.clara)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.money.decimal for one in made) == ["2.50", "2.51"]
    assert [one.code for one in refused] == ["gift_empty"]
    town.settle()
    assert look(town, town.anna, gift.id).state == "claimed"
    verified(town)


def test_a_claim_that_fails_leaves_its_share_to_others(town: Town) -> None:
    gift = give(town, town.anna, "1.00")
    made = claim(town, town.ben, gift)
    # Time passes on its way, and its deadline with it.
    town.clock.advance(made.deadline - town.clock() + 1)
    town.bank.rpc.call("evm_mine", [])
    town.settle()
    failed = gifts.get_claim(town.bank, town.ben.caller, made.id)
    assert failed.state in ("expired", "rejected")
    assert claimed(town, town.shop, gift).money == eur("1.00")
    verified(town)


def test_what_nobody_claims_goes_back_by_itself(town: Town) -> None:
    gift = give(town, town.anna, "9.00", shares=3)
    claimed(town, town.ben, gift)
    town.wait(DAY + 1)
    with town.refusal(GiftExpired):
        claim(town, town.shop, gift)
    assert look(town, town.anna, gift.id).state == "over"
    town.wait(GRACE_SECONDS)
    town.bank.pipeline.recover()
    town.settle()
    seen = look(town, town.anna, gift.id)
    assert (seen.state, seen.returned) == ("returned", eur("6.00"))
    assert seen.returning is not None
    assert seen.returning.state == "settled"
    assert town.balance(town.anna) == "497.00"
    verified(town)


def test_the_giver_may_ask_for_the_rest_as_soon_as_the_time_is_over(town: Town) -> None:
    gift = give(town, town.anna, "9.00", shares=3)
    draft = ReturnDraft(gift.id)
    with town.refusal(GiftStillOpen):
        gifts.return_gift(town.bank, town.anna.caller, ask(), draft)
    town.wait(DAY + 1)
    with town.refusal(NotFound):
        gifts.return_gift(town.bank, town.ben.caller, ask(), draft)
    first = gifts.return_gift(town.bank, town.anna.caller, ask(), draft).resource
    again = gifts.return_gift(town.bank, town.anna.caller, ask(), draft).resource
    assert first.returning is not None
    assert again.returning is not None
    assert again.returning.id == first.returning.id
    town.settle()
    assert town.balance(town.anna) == "500.00"
    with town.refusal(GiftEmpty):
        gifts.return_gift(town.bank, town.anna.caller, ask(), draft)


def test_a_stranger_returns_what_is_over_without_the_bank(town: Town) -> None:
    late = give(town, town.anna, "2.00")
    town.wait(DAY + 1)
    fresh = give(town, town.anna, "3.00")
    w3 = Web3(ThisChain(town.bank.rpc))
    address = town.bank.contracts.address("Gifts")
    assert return_gifts(w3, address, "0x" + "77" * 32) == [late.order_id]
    assert return_gifts(w3, address, "0x" + "77" * 32) == []
    town.settle()
    assert look(town, town.anna, late.id).state == "returned"
    assert look(town, town.anna, fresh.id).state == "open"
    verified(town)


@pytest.mark.parametrize("entry", ABI, ids=lambda entry: entry["name"])
def test_what_the_script_knows_of_the_contract_is_true(entry: dict[str, object]) -> None:
    compiled = next(
        one
        for one in artifact("Gifts").abi
        if (one["type"], one.get("name")) == (entry["type"], entry["name"])
    )
    assert shape(compiled) == shape(entry)


def test_a_giver_with_an_own_key_signs_and_nothing_can_be_claimed_before(town: Town) -> None:
    made = give(town, town.clara, "4.00", shares=2)
    assert (made.state, made.left.amount_minor) == ("awaiting_signature", 0)
    with town.refusal(GiftNotReady):
        claim(town, town.ben, made)
    assert made.typed_data is not None
    assert town.clara.signer is not None
    signature = town.clara.signer.sign_digest(digest_of(made.typed_data))
    draft = SignatureDraft(made.id, signature)
    gifts.sign_gift(town.bank, town.clara.caller, ask(), draft)
    town.settle()
    assert claimed(town, town.ben, made).money == eur("2.00")


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"shares": 0}, InvalidRequest),
        ({"shares": 101}, InvalidRequest),
        ({"division": "by age"}, InvalidRequest),
        ({"details": ""}, InvalidRequest),
        ({"details": "x" * 141}, InvalidRequest),
        ({"money": eur("0.02"), "shares": 3}, GiftInvalid),
        ({"money": eur("500.01")}, InsufficientFunds),
        ({"claim_until": 1}, GiftInvalid),
    ],
)
def test_gifts_that_cannot_be_are_refused_before_anything_is_stored(
    town: Town, terms: dict[str, Any], refusal: type[WalletError]
) -> None:
    draft = GiftDraft(**({"money": eur("5.00")} | terms))
    with town.refusal(refusal):
        gifts.create_gift(town.bank, town.anna.caller, ask(), draft)


def test_a_window_of_more_than_a_year_is_refused(town: Town) -> None:
    longest = town.clock() + 366 * DAY
    assert give(town, town.anna, "1.00", claim_until=longest).state == "open"
    with town.refusal(GiftInvalid):
        give(town, town.anna, "1.00", claim_until=longest + 1)


def test_wrong_codes_all_look_the_same_and_one_s_own_gift_is_not_claimed(town: Town) -> None:
    gift = give(town, town.anna, "5.00", shares=2)
    words: set[str] = set()
    for code in ("", "x", "00" * 16, "00" * 15, gift.order_id, gift.id):
        with town.refusal(NotFound) as caught:
            gifts.claim_gift(town.bank, town.ben.caller, ask(), ClaimDraft(code))
        words.add(caught.value.detail)
    assert len(words) == 1
    with town.refusal(SelfPayment):
        claim(town, town.anna, gift)
    assert gift.code is not None
    shouted = ClaimDraft(f" {gift.code.upper()} ")
    made = gifts.claim_gift(town.bank, town.ben.caller, ask(), shouted).resource
    assert made.money == eur("2.50")


def test_only_the_giver_sees_the_code_and_strangers_see_nothing(town: Town) -> None:
    gift = give(town, town.anna, "5.00", shares=2)
    with town.refusal(NotFound):
        look(town, town.ben, gift.id)
    claimed(town, town.ben, gift)
    assert look(town, town.ben, gift.id).code is None
    staff = gifts.get_gift(town.bank, town.staff("auditor"), gift.id)
    assert staff.code is None
    with town.refusal(NotFound):
        gifts.list_claims(town.bank, town.ben.caller, gift.id, ALL)
    assert _listed(town, town.ben, None) == [gift.id]
    assert _listed(town, town.ben, "given") == []
    assert _listed(town, town.anna, "given") == [gift.id]
    assert _listed(town, town.shop, None) == []


def _listed(town: Town, who: Person, direction: str | None) -> Sequence[str]:
    page = gifts.list_gifts(town.bank, who.caller, GiftFilter(direction), ALL)
    return [one.id for one in page.items]


def test_the_code_and_its_key_are_nowhere_in_clear(town: Town) -> None:
    gift = give(town, town.anna, "5.00")
    assert gift.code is not None
    with town.bank.store.reading() as session:
        row = session.get_one(Gift, gift.id)
        assert gift.code not in row.code_index
        assert gift.code.encode() not in row.sealed_code
        key = session.scalars(select(SignerKey).where(SignerKey.address == row.code_account)).one()
    secret = bytes.fromhex(gift.code)
    assert secret not in key.sealed_key
    assert key.purpose == "gift"


def test_who_is_frozen_or_unknown_claims_nothing(town: Town) -> None:
    gift = give(town, town.anna, "5.00", shares=2)
    stranger = town.customer()
    caller = town.key_to_call(stranger.id)
    assert gift.code is not None
    with town.refusal(KycMissing):
        gifts.claim_gift(town.bank, caller, ask(), ClaimDraft(gift.code))
    draft = StandingDraft(town.ben.id, "fraud_suspected")
    identity.freeze_customer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    told = gifts.preview_claim(town.bank, town.ben.caller, ClaimDraft(gift.code))
    assert told.refusal is not None
    assert told.refusal.code == "account_frozen"


def test_a_giver_can_not_be_closed_while_something_may_come_back(town: Town) -> None:
    gift = give(town, town.anna, "500.00", shares=2)
    draft = StandingDraft(town.anna.id, "left_the_bank")
    claimed(town, town.ben, gift)
    with town.refusal(CustomerNotForgettable) as caught:
        identity.close_customer(town.bank, town.staff("compliance"), ask(), draft)
    assert caught.value.facts["gifts"] == [gift.order_id]
    claimed(town, town.shop, gift)
    identity.close_customer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    verified(town)


def test_dry_runs_write_nothing_and_do_not_tell_a_random_share(town: Town) -> None:
    equal = give(town, town.anna, "4.00", shares=2)
    random = give(town, town.anna, "4.00", shares=2, division="random")
    before = town.contents()
    assert gifts.preview_gift(town.bank, town.anna.caller, GiftDraft(eur("1.00"))).would_settle
    assert equal.code is not None
    assert random.code is not None
    told = gifts.preview_claim(town.bank, town.ben.caller, ClaimDraft(equal.code))
    assert [one.change for one in told.movements] == [eur("2.00")]
    told = gifts.preview_claim(town.bank, town.ben.caller, ClaimDraft(random.code))
    assert (told.would_settle, told.movements) == (True, ())
    assert town.contents() == before


def test_a_repeated_request_gives_one_gift_and_one_claim(town: Town) -> None:
    draft = GiftDraft(eur("4.00"), shares=2)
    first = gifts.create_gift(town.bank, town.anna.caller, ask("gift"), draft)
    again = gifts.create_gift(town.bank, town.anna.caller, ask("gift"), draft)
    assert (again.replayed, again.resource.id) == (True, first.resource.id)
    town.settle()
    gift = look(town, town.anna, first.resource.id)
    assert gift.code is not None
    once = gifts.claim_gift(town.bank, town.ben.caller, ask("mine"), ClaimDraft(gift.code))
    twice = gifts.claim_gift(town.bank, town.ben.caller, ask("mine"), ClaimDraft(gift.code))
    assert (twice.replayed, twice.resource.id) == (True, once.resource.id)
    town.settle()
    assert town.balance(town.ben) == "502.00"
