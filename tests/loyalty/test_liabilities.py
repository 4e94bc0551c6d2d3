"""What is owed in points: the report adds up, agrees with the chain, and expiry frees what it must."""

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st
from sqlalchemy import update

from tests.loyalty.stories import (
    COALITION,
    agrees,
    buy,
    created,
    deposited,
    liabilities,
    operations,
    pool_of,
    wait_until_month,
)
from tests.proofs.asking import book_facts
from tests.town import ALL, DAY, Town, eur
from wallet_chain import loyalty
from wallet_chain.bank.caretaking import GRACE_SECONDS, accept_for_anyone, caretaker
from wallet_chain.bank.role_calls import RoleCall
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import keccak256
from wallet_chain.ledger.months import month_of, month_start, month_text
from wallet_chain.loyalty.shares import divided
from wallet_chain.store.tables import ChainMember


def test_the_pools_stand_in_the_whole_book_as_escrow(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    (euro,) = [one for one in liabilities(town).held if one.currency == "EUR"]
    assert euro.held.amount_minor > 0
    assert book_facts(town)["escrows"] == {"Loyalty": str(euro.held.amount_minor)}


def test_the_report_adds_up_by_programme_payer_and_month(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    buy(town, town.ben, town.cafe, "20.00")
    wait_until_month(town, 1)
    buy(town, town.anna, town.cafe, "70.00", points=40)

    report = liabilities(town)
    assert report.agrees
    (line,) = report.programmes
    assert (line.name, line.currency, line.points) == ("Altstadt-Taler", "EUR", 50 + 20 - 40 + 69)
    assert line.reserve_parts == str(line.points)
    assert line.points == sum(month.points for month in line.months)
    for month in line.months:
        assert sum(payer.points for payer in month.payers) == month.points
        assert sum(payer.issued for payer in month.payers) == month.issued
    early = line.months[0]
    assert {(one.customer_id, one.issued, one.points) for one in early.payers} == {
        (town.shop.id, 50, 21),
        (town.cafe.id, 20, 9),
    } or {(one.customer_id, one.issued, one.points) for one in early.payers} == {
        (town.shop.id, 50, 22),
        (town.cafe.id, 20, 8),
    }
    free = sum(pool.free.amount_minor for pool in line.pools)
    assert line.money.amount_minor == free + line.points == 40_00 - 40
    (euro,) = [one for one in report.held if one.currency == "EUR"]
    assert euro.reported == euro.held == line.money
    assert euro.difference.amount_minor == 0
    agrees(town)


def test_a_part_of_the_report_is_a_part_of_the_same_numbers(town: Town) -> None:
    created(town)
    buy(town, town.anna, town.shop, "50.00")
    buy(town, town.ben, town.cafe, "20.00")
    whole = next(one for one in liabilities(town).programmes if one.programme == 1)
    (part,) = liabilities(town, programme=COALITION, customer_id=town.cafe.id).programmes
    assert part.points == whole.points
    assert [one.account for one in part.pools] == [town.cafe.account]
    assert [one.account for one in part.months[0].payers] == [town.cafe.account]
    month = month_text(month_of(town.clock()))
    (empty,) = liabilities(town, programme=COALITION, month=month).programmes
    assert empty.months == ()
    assert len(liabilities(town).programmes) == 2
    for wrong in ("2026-13", "26-01", "1969-12"):
        with pytest.raises(InvalidRequest):
            liabilities(town, month=wrong)


def test_points_worth_parts_of_a_cent_are_counted_exactly(town: Town) -> None:
    made = created(town, kind="bank", owner_customer_id=town.cafe.id, worth=eur("0.02"), points=7)
    deposited(town, town.cafe, "0.01", programme=str(made.programme))
    line = liabilities(town, programme=str(made.programme)).programmes[0]
    assert (line.parts_per_minor, line.pools_parts, line.money) == (7, "7", eur("0.01"))
    agrees(town)


def test_a_report_that_does_not_agree_says_so(town: Town) -> None:
    with town.bank.store.transaction() as session:
        session.execute(
            update(ChainMember)
            .where(ChainMember.account == town.shop.account)
            .values(free_parts="2001")
        )
    report = liabilities(town)
    assert not report.agrees
    assert any("2001" in one for one in report.differences)
    (euro,) = [one for one in report.held if one.currency == "EUR"]
    assert euro.difference.amount_minor == -1


def test_what_expired_goes_back_to_the_pools_by_itself(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    buy(town, town.anna, town.cafe, "30.00", points=20)
    month = month_text(month_of(town.clock()) + 3)
    wait_until_month(town, 4)
    (line,) = liabilities(town).programmes
    assert [(one.month, one.expired, one.points) for one in line.months] == [(month, True, 59)]
    waiting = pool_of(town, town.shop).months[0]
    assert (waiting.month, waiting.expired) == (month, True)

    loyalty.tend(town.bank)
    loyalty.tend(town.bank)
    town.settle()
    assert [one.state for one in operations(town, "points_release")] == ["settled", "settled"]
    (line,) = liabilities(town).programmes
    assert (line.points, line.months, line.reserve_parts) == (0, (), "0")
    assert line.money == eur("39.80")
    assert pool_of(town, town.shop).free.amount_minor == 20_00 - 50 + waiting.points
    entries = loyalty.list_pool_entries(town.bank, town.shop.caller, COALITION, None, ALL).items
    assert (entries[0].kind, entries[0].points, entries[0].month) == (
        "released",
        waiting.points,
        month,
    )
    loyalty.tend(town.bank)
    town.settle()
    assert len(operations(town, "points_release")) == 2
    agrees(town)


def test_a_release_that_the_chain_refused_is_left_alone_for_a_day_and_others_go_on(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_chain.loyalty.caretaker._AT_A_TIME", 1)
    buy(town, town.anna, town.shop, "50.00")
    buy(town, town.anna, town.cafe, "30.00")
    month = month_of(town.clock()) + 3
    first, second = sorted((town.shop, town.cafe), key=lambda person: person.account)
    town.wait(month_start(month + 1) - 100 - town.clock())
    # Somebody is too early.
    sender = caretaker(town.bank)
    said = f"1/{month}/{first.account}"
    resource_id = f"rls_{keccak256(said.encode()).hex()[:32]}"
    with town.bank.store.transaction() as session:
        call = RoleCall("points_release", "Loyalty", "release", (1, month, first.account))
        accept_for_anyone(town.bank, session, sender, call, resource_id)
    town.settle()

    town.wait(100 + GRACE_SECONDS + 1)
    for _ in range(2):
        loyalty.tend(town.bank)
        town.settle()
    assert [one.state for one in operations(town, "points_release")] == ["rejected", "settled"]
    assert pool_of(town, first).months
    assert not pool_of(town, second).months

    town.wait(DAY)
    loyalty.tend(town.bank)
    town.settle()
    assert not pool_of(town, first).months
    agrees(town)


def test_nothing_is_released_before_the_month_is_over(town: Town) -> None:
    buy(town, town.anna, town.shop, "50.00")
    wait_until_month(town, 3)
    loyalty.tend(town.bank)
    assert operations(town, "points_release") == []


@generated(
    st.integers(0, 10**9),
    st.dictionaries(st.text("0123456789abcdef", min_size=4), st.integers(1, 10**9), max_size=9),
)
def test_shares_add_up_to_all_points(points: int, issued_by: dict[str, int]) -> None:
    shares = divided(points, issued_by)
    assert sum(shares.values()) == (points if issued_by else 0)
    assert all(share >= 0 for share in shares.values())
