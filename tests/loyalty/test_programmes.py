"""Programmes, members, pools and earning."""

from typing import Any

import pytest

from tests.loyalty.stories import (
    COALITION,
    agrees,
    buy,
    created,
    deposited,
    earning,
    finished,
    joined,
    pool_of,
    settled,
    wait_until_month,
    withdrawn,
)
from tests.town import ALL, Town, ask, digest_of, eur
from wallet_chain import identity, issuance, loyalty
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import (
    AmountNotPositive,
    CustomerNotForgettable,
    EarningTooHigh,
    InsufficientFunds,
    InvalidRequest,
    MerchantNotInProgramme,
    NotAMerchant,
    NotFound,
    NotProgrammePayer,
    PermissionRefused,
    PoolInsufficient,
    ProgrammeClosed,
    ProgrammeInvalid,
    ProgrammeMismatch,
)
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.issuance.drafts import PayoutDraft, WithdrawalDraft
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.loyalty.drafts import (
    EarningDraft,
    MemberDraft,
    PoolDraft,
    PoolReturnDraft,
    ProgrammeDraft,
    ProgrammeFilter,
)
from wallet_chain.money import positive_money


def _terms(town: Town, **changes: Any) -> ProgrammeDraft:
    terms: dict[str, Any] = {"name": "Taler", "kind": "merchant", "owner_customer_id": town.shop.id}
    terms |= {"worth": eur("0.01"), "points": 1, "months": 3, "transferable": False}
    return ProgrammeDraft(**(terms | changes))


def test_a_programme_is_created_and_found(town: Town) -> None:
    made = created(town, name="Bohnen", worth=eur("0.10"), points=40, months=36)
    assert (made.state, made.programme, made.name) == ("open", 2, "Bohnen")
    # Ten cents for forty points are one for four.
    assert (made.worth, made.points, made.step) == (eur("0.01"), 4, 4)
    assert made.owner_account == town.shop.account
    found = loyalty.list_programmes(town.bank, town.anna.caller, ProgrammeFilter(), ALL).items
    assert [one.programme for one in found] == [2, 1]
    assert {one.owner_customer_id for one in found} == {None}
    assert {one.operation for one in found} == {None}
    cafe = ProgrammeFilter(merchant=town.cafe.id, kind="coalition", currency="EUR", closed=False)
    (seen,) = loyalty.list_programmes(town.bank, town.anna.caller, cafe, ALL).items
    assert (seen.programme, seen.name) == (1, "Altstadt-Taler")
    first = PageRequest(limit=1)
    page = loyalty.list_programmes(town.bank, town.anna.caller, ProgrammeFilter(), first)
    rest = PageRequest(limit=1, cursor=page.next_cursor)
    page = loyalty.list_programmes(town.bank, town.anna.caller, ProgrammeFilter(), rest)
    assert ([one.programme for one in page.items], page.next_cursor) == ([1], None)
    assert made.id is not None
    by_id = loyalty.get_programme(town.bank, town.anna.caller, made.id)
    assert by_id == loyalty.get_programme(town.bank, town.anna.caller, "2")
    agrees(town)


def test_the_same_request_creates_one_programme(town: Town) -> None:
    request, operator = ask(), town.staff("operator")
    first = loyalty.create_programme(town.bank, operator, request, _terms(town))
    again = loyalty.create_programme(town.bank, operator, request, _terms(town))
    assert first.resource.state == "accepted"
    assert again.replayed
    assert again.resource.id == first.resource.id
    with pytest.raises(NotFound):
        # Not on chain yet, so nobody's but the bank's.
        loyalty.get_programme(town.bank, town.shop.caller, first.resource.id or "")
    town.settle()
    found = loyalty.list_programmes(town.bank, operator, ProgrammeFilter(), ALL).items
    assert len(found) == 2
    assert found[0].operation is not None
    assert found[0].operation.state == "settled"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": " "}, InvalidRequest),
        ({"name": "x" * 81}, InvalidRequest),
        ({"kind": "private"}, InvalidRequest),
        ({"months": 0}, ProgrammeInvalid),
        ({"months": 37}, ProgrammeInvalid),
        ({"points": 0}, ProgrammeInvalid),
        ({"points": 2**32}, ProgrammeInvalid),
        ({"worth": eur("42949672.97"), "points": 2}, ProgrammeInvalid),
        ({"owner_customer_id": "cus_01JZ4WVXQ2M8K5T7R9B3C6D1EF"}, NotFound),
    ],
)
def test_a_programme_that_can_not_be_is_refused(
    town: Town, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        loyalty.create_programme(town.bank, town.staff("operator"), ask(), _terms(town, **changes))


def test_only_a_merchant_pays_for_points_and_only_an_operator_opens_programmes(town: Town) -> None:
    with town.refusal(NotAMerchant):
        draft = _terms(town, owner_customer_id=town.anna.id)
        loyalty.create_programme(town.bank, town.staff("operator"), ask(), draft)
    with town.refusal(NotAMerchant):
        draft = MemberDraft(COALITION, town.anna.id, "active")
        loyalty.set_member(town.bank, town.staff("operator"), ask(), draft)
    with town.refusal(PermissionRefused):
        loyalty.create_programme(town.bank, town.staff("compliance"), ask(), _terms(town))


def test_money_goes_into_a_pool_and_out_of_it(town: Town) -> None:
    before = town.balance(town.cafe)
    done = deposited(town, town.cafe, "5.00")
    assert (done.kind, done.money, done.programme) == ("pool_deposit", eur("5.00"), 1)
    assert pool_of(town, town.cafe).free == eur("25.00")
    withdrawn(town, town.cafe, "25.00")
    assert pool_of(town, town.cafe).free.amount_minor == 0
    assert float(town.balance(town.cafe)) == float(before) + 20
    entries = loyalty.list_pool_entries(town.bank, town.cafe.caller, COALITION, None, ALL).items
    assert [(one.kind, one.change_parts, one.free_parts) for one in entries] == [
        ("withdrawal", "-2500", "0"),
        ("deposit", "500", "2500"),
        ("deposit", "2000", "2000"),
    ]
    agrees(town)


def test_what_is_set_aside_for_points_can_not_be_withdrawn(town: Town) -> None:
    buy(town, town.anna, town.cafe, "30.00")
    draft = PoolDraft(COALITION, eur("19.71"))
    with town.refusal(PoolInsufficient) as caught:
        loyalty.withdraw(town.bank, town.cafe.caller, ask(), draft)
    assert (caught.value.facts["free"], caught.value.facts["needed"]) == ("19.70", "19.71")
    preview = loyalty.preview_withdrawal(town.bank, town.cafe.caller, draft)
    assert preview.refusal is not None
    assert preview.refusal.code == "pool_insufficient"
    good = PoolDraft(COALITION, eur("19.70"))
    assert loyalty.preview_withdrawal(town.bank, town.cafe.caller, good).would_settle
    withdrawn(town, town.cafe, "19.70")
    agrees(town)


def test_a_deposit_meets_the_same_refusals_before_and_after(town: Town) -> None:
    too_much = PoolDraft(COALITION, eur("5000.00"))
    with town.refusal(InsufficientFunds):
        loyalty.deposit(town.bank, town.shop.caller, ask(), too_much)
    assert not loyalty.preview_deposit(town.bank, town.shop.caller, too_much).would_settle
    one = PoolDraft(COALITION, eur("1.00"))
    preview = loyalty.preview_deposit(town.bank, town.shop.caller, one)
    assert preview.would_settle
    assert [move.change.amount_minor for move in preview.movements] == [-100, 100]
    with town.refusal(ProgrammeMismatch):
        yen = PoolDraft(COALITION, positive_money("100", "JPY"))
        loyalty.deposit(town.bank, town.shop.caller, ask(), yen)
    with town.refusal(NotProgrammePayer):
        loyalty.deposit(town.bank, town.anna.caller, ask(), one)
    with town.refusal(NotFound):
        loyalty.deposit(town.bank, town.shop.caller, ask(), PoolDraft("77", eur("1.00")))


def test_two_deposits_can_not_use_the_same_money(town: Town) -> None:
    half = PoolDraft(COALITION, eur("50.00"))
    loyalty.deposit(town.bank, town.shop.caller, ask(), half)
    with town.refusal(InsufficientFunds):
        loyalty.deposit(town.bank, town.shop.caller, ask(), half)
    town.settle()
    assert pool_of(town, town.shop).free == eur("70.00")


def test_earning_is_what_the_payer_says(town: Town) -> None:
    done = earning(town, town.cafe, 3, "2.00")
    assert (done.points, done.money) == (3, eur("2.00"))
    members = loyalty.list_members(town.bank, town.anna.caller, COALITION, ALL).items
    cafe = next(one for one in members if one.account == town.cafe.account)
    assert (cafe.points, cafe.per, cafe.payer_account) == (3, eur("2.00"), town.cafe.account)
    earning(town, town.cafe, 0, "1.00")
    members = loyalty.list_members(town.bank, town.anna.caller, COALITION, ALL).items
    assert [one.per for one in members if one.account == town.cafe.account] == [None]

    def asked(merchant: str | None, points: int, per: str) -> None:
        draft = EarningDraft(COALITION, merchant, points, eur(per))
        loyalty.set_earning(town.bank, town.cafe.caller, ask(), draft)

    with town.refusal(EarningTooHigh):
        asked(None, 101, "1.00")
    with town.refusal(NotProgrammePayer):
        asked(town.shop.id, 1, "1.00")
    with town.refusal(InvalidRequest):
        asked(None, -1, "1.00")
    with town.refusal(ProgrammeMismatch):
        draft = EarningDraft(COALITION, None, 1, positive_money("100", "JPY"))
        loyalty.set_earning(town.bank, town.cafe.caller, ask(), draft)


def test_who_is_no_member_earns_nobody_points(town: Town) -> None:
    created(town, kind="bank", owner_customer_id=town.cafe.id)
    draft = EarningDraft("2", town.shop.id, 1, eur("1.00"))
    with town.refusal(MerchantNotInProgramme):
        loyalty.set_earning(town.bank, town.cafe.caller, ask(), draft)
    joined(town, "2", town.shop)
    made = loyalty.set_earning(town.bank, town.cafe.caller, ask(), draft).resource
    assert finished(town, town.cafe, made).merchant_account == town.shop.account
    joined(town, "2", town.shop, "suspended")
    (member,) = loyalty.list_members(town.bank, town.anna.caller, "2", ALL).items
    assert (member.state, member.payer_account) == ("suspended", town.cafe.account)


def test_a_merchant_s_own_programme_has_no_other_member(town: Town) -> None:
    created(town)
    with town.refusal(NotProgrammePayer):
        draft = MemberDraft("2", town.cafe.id, "active")
        loyalty.set_member(town.bank, town.staff("operator"), ask(), draft)


def test_a_closed_programme_takes_no_money(town: Town) -> None:
    operator = town.staff("operator")
    settled(town, loyalty.close_programme(town.bank, operator, ask(), COALITION).resource)
    assert loyalty.get_programme(town.bank, operator, COALITION).state == "closed"
    with town.refusal(ProgrammeClosed):
        loyalty.deposit(town.bank, town.shop.caller, ask(), PoolDraft(COALITION, eur("1.00")))
    with town.refusal(ProgrammeClosed):
        loyalty.close_programme(town.bank, operator, ask(), COALITION)
    withdrawn(town, town.shop, "20.00")
    agrees(town)


def test_a_pool_is_returned_for_a_court(town: Town) -> None:
    buy(town, town.anna, town.cafe, "30.00")
    before, operator = float(town.balance(town.cafe)), town.staff("operator")
    draft = PoolReturnDraft(COALITION, town.cafe.id)
    settled(town, loyalty.return_pool(town.bank, operator, ask(), draft).resource)
    assert float(town.balance(town.cafe)) == pytest.approx(before + 19.70)
    with town.refusal(AmountNotPositive):
        loyalty.return_pool(town.bank, operator, ask(), draft)
    agrees(town)


def test_who_keeps_an_own_key_signs_the_order(town: Town) -> None:
    key = LocalSigner(keccak256(b"a baker's own key"))
    baker = town.welcome("baker", tier=4, key=key, kind="business", merchant=True)
    town.fund(baker, "50.00", reference="for the baker")
    joined(town, COALITION, baker)
    draft = PoolDraft(COALITION, eur("7.00"))
    made = loyalty.deposit(town.bank, baker.caller, ask(), draft).resource
    assert (made.state, made.operation) == ("awaiting_signature", None)
    assert made.typed_data is not None
    signature = SignatureDraft(made.id, key.sign_digest(digest_of(made.typed_data)))
    with pytest.raises(NotFound):
        loyalty.sign_programme_order(town.bank, town.shop.caller, ask(), signature)
    loyalty.sign_programme_order(town.bank, baker.caller, ask(), signature)
    finished(town, baker, made)
    assert pool_of(town, baker).free == eur("7.00")
    with pytest.raises(NotFound):
        loyalty.get_programme_order(town.bank, town.shop.caller, made.id)
    agrees(town)


def test_a_merchant_sees_its_own_pool_and_staff_all(town: Town) -> None:
    pools = loyalty.list_pools(town.bank, town.shop.caller, COALITION, ALL).items
    assert [(one.account, one.customer_id) for one in pools] == [(town.shop.account, town.shop.id)]
    assert loyalty.list_pools(town.bank, town.anna.caller, COALITION, ALL).items == ()
    seen = loyalty.list_pools(town.bank, town.staff("auditor"), COALITION, ALL).items
    assert {one.customer_id for one in seen} == {town.shop.id, town.cafe.id}
    with pytest.raises(NotFound):
        loyalty.list_pool_entries(town.bank, town.shop.caller, COALITION, town.cafe.id, ALL)
    with pytest.raises(InvalidRequest):
        loyalty.list_pool_entries(town.bank, town.staff("auditor"), COALITION, None, ALL)


def test_a_merchant_whose_pool_has_money_is_not_closed(town: Town) -> None:
    buy(town, town.anna, town.cafe, "30.00")
    withdrawn(town, town.cafe, "19.70")
    bank, cafe = town.bank, town.cafe

    def close() -> None:
        standing = StandingDraft(cafe.id, "left_town")
        identity.close_customer(bank, town.staff("compliance"), ask(), standing)

    withdrawal = WithdrawalDraft(eur(town.balance(cafe)), "DE89370400440532013000")
    made = issuance.create_withdrawal(bank, cafe.caller, ask(), withdrawal).resource
    town.settle()
    paid = PayoutDraft(made.id, "SEPA 1")
    issuance.confirm_payout(bank, town.staff("operator"), ask(), paid)
    town.settle()
    # Nothing is free, but thirty cents come back when the points run out.
    with town.refusal(CustomerNotForgettable) as caught:
        close()
    assert caught.value.facts["pools"] == [1]
    wait_until_month(town, 4)
    loyalty.tend(bank)
    town.settle()
    with town.refusal(CustomerNotForgettable) as caught:
        close()
    assert caught.value.facts["pools"] == [1]
    withdrawn(town, cafe, "0.30")
    with town.refusal(CustomerNotForgettable) as caught:
        close()
    assert caught.value.facts["pools"] == []
