"""A customer's points: balance, forecast, history and gifts to others."""

import pytest

from tests.loyalty.stories import (
    COALITION,
    agrees,
    buy,
    created,
    given,
    points_of,
    wait_until_month,
)
from tests.town import ALL, Town, ask, digest_of
from wallet_chain import identity, loyalty
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import (
    AccountFrozen,
    AccountInvalid,
    InvalidRequest,
    NotFound,
    PointsInsufficient,
    PointsNotTransferable,
    SelfPayment,
)
from wallet_chain.identity.drafts import RecoveryDraft, StandingDraft
from wallet_chain.ledger.months import month_of, month_start, month_text
from wallet_chain.loyalty.drafts import PointsQuery, PointsTransferDraft

QUERY = PointsQuery()


def _month(town: Town, ahead: int) -> str:
    return month_text(month_of(town.clock()) + ahead)


def test_points_are_shown_by_month_and_forecast(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    first = _month(town, 3)
    wait_until_month(town, 1)
    buy(town, town.anna, town.cafe, "20.99")
    second = _month(town, 3)

    (balance,) = loyalty.get_points(town.bank, town.anna.caller, QUERY)
    assert (balance.points, balance.value.decimal, balance.step) == (70, "0.70", 1)
    assert [(lot.month, lot.points) for lot in balance.lots] == [(first, 50), (second, 20)]
    assert balance.lots[0].expires_at == month_start(month_of(town.clock()) + 3)
    assert (balance.name, balance.customer_id) == ("Altstadt-Taler", town.anna.id)
    (forecast,) = loyalty.get_forecast(town.bank, town.anna.caller, QUERY)
    assert [(one.month, one.points, one.left) for one in forecast.months] == [
        (first, 50, 20),
        (second, 20, 0),
    ]
    agrees(town)


def test_points_can_be_spent_up_to_the_last_second_of_their_month(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    last = month_start(month_of(town.clock()) + 4) - 1
    town.wait(last - town.clock())
    assert points_of(town, town.anna) == {_month(town, 0): 50}
    town.wait(1)
    assert points_of(town, town.anna) == {}
    (balance,) = loyalty.get_points(town.bank, town.anna.caller, QUERY)
    assert (balance.points, balance.expired) == (0, 50)
    with pytest.raises(PointsInsufficient):
        buy(town, town.anna, town.shop, "10.00", points=1)


def test_the_history_tells_what_happened_and_by_what(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    buy(town, town.anna, town.cafe, "10.00", points=30)
    given(town, town.anna, town.ben, 5)
    page = loyalty.list_points_entries(town.bank, town.anna.caller, QUERY, ALL)
    told = [(one.kind, one.change, one.counterparty_account) for one in page.items]
    assert told == [
        ("given", -5, town.ben.account),
        ("earned", 9, town.cafe.account),
        ("spent", -30, town.cafe.account),
        ("earned", 50, town.shop.account),
    ]
    assert [one.resource_id is not None for one in page.items] == [True] * 4
    first = loyalty.list_points_entries(
        town.bank, town.anna.caller, PointsQuery(programme=COALITION), PageRequest(limit=3)
    )
    rest = loyalty.list_points_entries(
        town.bank,
        town.anna.caller,
        PointsQuery(programme=COALITION),
        PageRequest(limit=3, cursor=first.next_cursor),
    )
    assert first.items + rest.items == page.items
    seen = loyalty.list_points_entries(
        town.bank, town.staff("auditor"), PointsQuery(customer_id=town.ben.id), ALL
    )
    assert [(one.kind, one.change) for one in seen.items] == [("received", 5)]


def test_points_are_given_and_keep_their_months(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    wait_until_month(town, 1)
    buy(town, town.anna, town.shop, "40.00")
    given(town, town.anna, town.ben, 60)
    assert points_of(town, town.ben) == {_month(town, 2): 50, _month(town, 3): 10}
    assert points_of(town, town.anna) == {_month(town, 3): 30}
    for person in (town.anna, town.ben):
        found = loyalty.list_transfers(town.bank, person.caller, None, ALL).items
        assert [(one.points, one.from_account) for one in found] == [(60, town.anna.account)]
    with pytest.raises(NotFound):
        loyalty.get_transfer(town.bank, town.clara.caller, found[0].id)
    agrees(town)


def test_points_that_are_on_their_way_are_not_given_twice(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    draft = PointsTransferDraft(COALITION, town.ben.id, 30)
    loyalty.create_transfer(town.bank, town.anna.caller, ask(), draft)
    (balance,) = loyalty.get_points(town.bank, town.anna.caller, QUERY)
    assert (balance.points, balance.pending) == (50, 30)
    with town.refusal(PointsInsufficient) as caught:
        loyalty.create_transfer(town.bank, town.anna.caller, ask(), draft)
    assert caught.value.facts["have"] == "20"
    preview = loyalty.preview_transfer(town.bank, town.anna.caller, draft)
    assert preview.refusal is not None
    assert preview.refusal.code == "points_insufficient"
    town.settle()
    assert sum(points_of(town, town.anna).values()) == 20


def test_who_may_not_give_or_get_points_is_refused_and_nothing_is_left(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    bank, anna = town.bank, town.anna.caller

    def give(to: str, points: int, programme: str = COALITION) -> None:
        draft = PointsTransferDraft(programme, to, points)
        loyalty.create_transfer(bank, anna, ask(), draft)

    with town.refusal(PointsInsufficient):
        give(town.ben.id, 51)
    with town.refusal(SelfPayment):
        give(town.anna.id, 1)
    with town.refusal(InvalidRequest):
        give(town.ben.id, 0)
    with town.refusal(InvalidRequest):
        give(town.ben.id, 2**63)
    with town.refusal(AccountInvalid):
        give(bank.contracts.address("Loyalty"), 1)
    created(town)
    with town.refusal(PointsNotTransferable):
        give(town.ben.id, 1, "2")
    frozen = StandingDraft(town.ben.id, "fraud_suspected")
    identity.freeze_customer(bank, town.staff("compliance"), ask(), frozen)
    town.settle()
    with town.refusal(AccountFrozen):
        give(town.ben.id, 1)


def test_who_keeps_an_own_key_signs_away_points(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    given(town, town.anna, town.clara, 40)
    clara = town.clara
    assert clara.signer is not None
    draft = PointsTransferDraft(COALITION, town.ben.id, 15)
    made = loyalty.create_transfer(town.bank, clara.caller, ask(), draft).resource
    assert made.state == "awaiting_signature"
    assert made.typed_data is not None
    signature = clara.signer.sign_digest(digest_of(made.typed_data))
    loyalty.sign_transfer(town.bank, clara.caller, ask(), SignatureDraft(made.id, signature))
    town.settle()
    assert sum(points_of(town, clara).values()) == 25
    agrees(town)


def test_points_follow_a_customer_to_a_new_key(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    draft = RecoveryDraft(town.anna.id)
    identity.propose_recovery(town.bank, town.staff("operator"), ask(), draft)
    town.settle()
    identity.execute_recovery(town.bank, town.staff("compliance"), ask(), town.anna.id)
    town.settle()
    (balance,) = loyalty.get_points(town.bank, town.anna.caller, QUERY)
    assert balance.points == 50
    assert balance.account != town.anna.account
    agrees(town)


def test_points_are_their_holder_s_to_see(town: Town) -> None:
    with pytest.raises(NotFound):
        loyalty.get_points(town.bank, town.ben.caller, PointsQuery(customer_id=town.anna.id))
    with pytest.raises(InvalidRequest):
        loyalty.get_points(town.bank, town.staff("auditor"), QUERY)
    with pytest.raises(NotFound):
        loyalty.get_points(town.bank, town.ben.caller, PointsQuery(programme="99"))
    assert loyalty.get_points(town.bank, town.ben.caller, QUERY) == ()
