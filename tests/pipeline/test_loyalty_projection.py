"""Programmes, pools and points in the tables, beside what the contract answers."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.chains import embedded
from tests.deployed import World, deployed, rolled_back, signer
from tests.mall import Mall
from tests.pipeline.bench import ANNA, BERT, SHOP, Bench, freeze_reason, settings
from tests.pipeline.conftest import Now
from wallet_chain.ledger.months import month_of, month_start, month_text
from wallet_chain.ledger.units import MemberState, ProgrammeKind
from wallet_chain.pipeline.digest import state_digest
from wallet_chain.pipeline.project_loyalty import EVERYBODY, NOBODY
from wallet_chain.pipeline.reindex import reindex
from wallet_chain.pipeline.verify import verify
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import (
    Base,
    ChainEvent,
    ChainMember,
    ChainOrigin,
    ChainPoints,
    ChainPointsEntry,
    ChainPoolEntry,
    ChainProgramme,
)
from wallet_chain.store.tables.derived_loyalty import LOYALTY

CAFE, BANK = signer("cafe"), signer("bank")


@pytest.fixture(scope="module")
def shops(now: Now) -> World:
    """Two merchants, two customers and the bank, with money each."""
    world = deployed(embedded(now))
    mall = Mall(world)
    for person in (ANNA, BERT):
        world.register(person.address)
    for shop in (SHOP, CAFE, BANK):
        mall.merchant(shop)
    for person in (ANNA, BERT, SHOP, CAFE, BANK):
        world.mint("EUR", person.address, 1_000_00)
    return world


@pytest.fixture
def mall(shops: World) -> Mall:
    return Mall(shops)


@pytest.fixture
def bench(shops: World, store: Store, now: Now) -> Iterator[Bench]:
    before = now.seconds
    with rolled_back(shops.rpc):
        yield Bench(shops, store, now, settings()).open()
    now.seconds = before


def _rows(bench: Bench, model: type[Base], *columns: str) -> list[tuple[Any, ...]]:
    bench.settle()
    with bench.store.reading() as session:
        rows = session.execute(select(*(getattr(model, name) for name in columns)))
        return sorted(tuple(row) for row in rows)


def _points(bench: Bench) -> dict[tuple[str, int], tuple[int, int]]:
    """Points and issued by account and month."""
    rows = _rows(bench, ChainPoints, "account", "month", "points", "issued")
    return {(account, month): (points, issued) for account, month, points, issued in rows}


def _free(bench: Bench) -> dict[str, int]:
    return {a: int(f) for a, f in _rows(bench, ChainMember, "account", "free_parts")}


def _verified(bench: Bench) -> None:
    bench.settle()
    assert verify(bench.store, bench.node, bench.contracts) == []


def _wait_until(mall: Mall, now: Now, moment: int) -> None:
    now.seconds = moment
    mall.world.rpc.call("evm_mine", [])


def _coalition(mall: Mall, **terms: Any) -> int:
    """A coalition of the two merchants: a point for each euro, worth a cent unless told."""
    programme = mall.programme(BANK, ProgrammeKind.COALITION, **terms)
    for shop in (SHOP, CAFE):
        mall.join(programme, shop)
        mall.earning(programme, shop, shop, 1, 100)
        mall.deposit(programme, shop, 10_00)
    return programme


def test_a_programme_is_copied_with_its_members_and_pools(bench: Bench, mall: Mall) -> None:
    programme = _coalition(mall, value=(1, 4), months=36, transferable=False)
    mall.withdraw(programme, CAFE, 4_00)
    mall.join(programme, CAFE, MemberState.SUSPENDED)
    mall.world.call("LOYALTY", "Loyalty", "closeProgramme", programme)
    mall.world.call("LOYALTY", "Loyalty", "returnPool", programme, SHOP.address)

    names = ("kind", "owner", "currency", "value_numerator", "value_denominator", "months")
    assert _rows(bench, ChainProgramme, *names) == [
        ("coalition", BANK.address, "EUR", 1, 4, 36),
    ]
    assert _rows(bench, ChainProgramme, "closed", "transferable") == [(True, False)]
    members = _rows(bench, ChainMember, "account", "state", "points", "per_minor", "free_parts")
    assert members == sorted(
        [
            (SHOP.address, "active", 1, 100, "0"),
            (CAFE.address, "suspended", 1, 100, str(6_00 * 4)),
        ]
    )
    pools = _rows(bench, ChainPoolEntry, "account", "kind", "change_parts", "free_parts")
    assert pools == sorted(
        [
            (SHOP.address, "deposit", "4000", "4000"),
            (SHOP.address, "return", "-4000", "0"),
            (CAFE.address, "deposit", "4000", "4000"),
            (CAFE.address, "withdrawal", "-1600", "2400"),
        ]
    )
    _verified(bench)


def test_points_are_earned_spent_and_given_by_month(bench: Bench, mall: Mall, now: Now) -> None:
    programme = _coalition(mall)
    first = mall.month() + 3
    mall.buy(ANNA, SHOP, 50_00, programme)
    _wait_until(mall, now, month_start(mall.month() + 1))
    mall.buy(ANNA, CAFE, 30_00, programme)
    mall.give(programme, ANNA, BERT, 60)
    mall.buy(BERT, SHOP, 10_00, programme, points=55)

    assert _points(bench) == {
        (ANNA.address, first): (0, 0),
        (ANNA.address, first + 1): (20, 0),
        (BERT.address, first): (0, 0),
        (BERT.address, first + 1): (5 + 9, 0),
        (SHOP.address, first): (0, 50),
        (SHOP.address, first + 1): (0, 9),
        (CAFE.address, first + 1): (0, 30),
        (EVERYBODY, first): (0, 50),
        (EVERYBODY, first + 1): (34, 39),
    }
    lines = _rows(bench, ChainPointsEntry, "block_number", "account", "kind", "change", "lots")
    assert [line[1:] for line in lines] == [
        (ANNA.address, "earned", 50, {str(first): 50}),
        (ANNA.address, "earned", 30, {str(first + 1): 30}),
        *sorted(
            [
                (ANNA.address, "given", -60, {str(first): 50, str(first + 1): 10}),
                (BERT.address, "received", 60, {str(first): 50, str(first + 1): 10}),
            ]
        ),
        (BERT.address, "earned", 9, {str(first + 1): 9}),
        (BERT.address, "spent", -55, {str(first): 50, str(first + 1): 5}),
    ]
    assert _rows(bench, ChainProgramme, "reserve_parts") == [("34",)]
    _verified(bench)


def test_a_refund_gives_and_takes_points_as_the_contract_does(
    bench: Bench, mall: Mall, now: Now
) -> None:
    programme = _coalition(mall, value=(3, 4))
    mall.buy(ANNA, CAFE, 99_00, programme)
    bought = mall.buy(ANNA, SHOP, 77_33, programme, points=80)
    # Some of what was earned is gone when the refund comes.
    mall.give(programme, ANNA, BERT, 70)
    mall.refund(bought, SHOP, 33_33)
    mall.refund(bought, SHOP, 44_00)

    kinds = {kind for (kind,) in _rows(bench, ChainPointsEntry, "kind")}
    assert kinds == {"earned", "spent", "given", "received", "taken_back", "restored"}
    pools = {kind for (kind,) in _rows(bench, ChainPoolEntry, "kind")}
    assert pools == {"deposit", "earned", "taken_back", "rest", "compensation"}
    _verified(bench)


def test_points_that_come_back_late_are_paid_for_by_the_merchant(
    bench: Bench, mall: Mall, now: Now
) -> None:
    programme = _coalition(mall, months=1)
    mall.buy(ANNA, CAFE, 99_00, programme)
    bought = mall.buy(ANNA, SHOP, 20_00, programme, points=90)
    _wait_until(mall, now, month_start(mall.month() + 2) + 86_400)
    mall.refund(bought, SHOP, 10_00)

    later = month_of(now.seconds + 30 * 86_400)
    points = _points(bench)
    assert points[ANNA.address, later] == (45, 0)
    assert points[SHOP.address, later] == (0, 45)
    # What was earned has expired and is taken back from a lot that is worth nothing.
    assert points[ANNA.address, later - 2][0] == 9 + 19 - 10
    _verified(bench)


def test_what_expired_is_released_to_who_paid_in_proportion(
    bench: Bench, mall: Mall, now: Now
) -> None:
    programme = _coalition(mall, months=1)
    mall.buy(ANNA, SHOP, 70_00, programme)
    mall.buy(ANNA, CAFE, 31_00, programme)
    mall.buy(ANNA, CAFE, 40_00, programme, points=40)
    month = mall.month() + 1
    _wait_until(mall, now, month_start(month + 1))
    mall.release(programme, month, SHOP.address)

    left = 70 + 31 - 40 + 39
    shop = left * 70 // 140
    points = _points(bench)
    assert points[EVERYBODY, month] == (left - shop, 70)
    assert points[SHOP.address, month] == (0, 0)
    # A customer's own lot stays as a record.
    assert points[ANNA.address, month] == (left, 0)
    assert _free(bench)[SHOP.address] == 10_00 - 70 + shop
    _verified(bench)

    mall.release(programme, month, CAFE.address)
    assert _points(bench)[EVERYBODY, month] == (0, 0)
    assert _rows(bench, ChainProgramme, "reserve_parts") == [("0",)]
    _verified(bench)


def test_points_and_pools_follow_their_holder_to_a_new_key(bench: Bench, mall: Mall) -> None:
    programme = _coalition(mall)
    mall.buy(ANNA, SHOP, 50_00, programme)
    anna, shop, again = signer("anna 2"), signer("shop 2"), signer("anna 3")
    for old, new in ((ANNA, anna), (SHOP, shop), (anna, again)):
        bench.role_call("FREEZER", "IdentityRegistry", "freeze", old.address, freeze_reason())
        bench.settle()
        mall.recover(old, new)
        bench.role_call("FREEZER", "IdentityRegistry", "unfreeze", new.address, freeze_reason())
        bench.settle()
    mall.buy(again, shop, 20_00, programme, points=30)
    mall.withdraw(programme, shop, 1_00)

    assert _rows(bench, ChainOrigin, "account", "origin") == sorted(
        [
            (ANNA.address, NOBODY),
            (anna.address, NOBODY),
            (again.address, ANNA.address),
            (SHOP.address, NOBODY),
            (shop.address, SHOP.address),
        ]
    )
    assert _points(bench)[ANNA.address, mall.month() + 3] == (50 - 30 + 19, 0)
    assert _free(bench)[SHOP.address] == 10_00 - 50 - 19 - 1_00
    _verified(bench)


def test_reindexing_gives_the_same_points(bench: Bench, mall: Mall) -> None:
    programme = _coalition(mall, value=(1, 3))
    bought = mall.buy(ANNA, SHOP, 50_00, programme)
    mall.buy(ANNA, CAFE, 10_00, programme, points=30)
    mall.refund(bought, SHOP, 25_01)
    bench.settle()
    with bench.store.transaction() as session:
        before = state_digest(session)
        digests = {before}
        for table in LOYALTY:
            session.execute(delete(table))
            digests.add(state_digest(session))
        # Nobody has a new key here.
        assert len(digests) == len(LOYALTY)
    assert reindex(bench.store, bench.node, bench.contracts, 0, lambda _: None) == before


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (ChainPoints, {"points": 1}),
        (ChainMember, {"free_parts": "7"}),
        (ChainProgramme, {"reserve_parts": "7"}),
        (ChainProgramme, {"months": 9}),
    ],
)
def test_a_wrong_row_is_found(
    bench: Bench, mall: Mall, table: type[Base], values: dict[str, Any]
) -> None:
    programme = _coalition(mall)
    mall.buy(ANNA, SHOP, 50_00, programme)
    bench.settle()
    with bench.store.transaction() as session:
        session.execute(update(table).values(values))

    found = verify(bench.store, bench.node, bench.contracts)
    details = [one.detail for one in found if one.where == table.__tablename__]
    assert any("by the contract" in detail for detail in details)
    assert any("on the chain" in detail for detail in details)


def test_every_points_event_is_searchable(bench: Bench, mall: Mall) -> None:
    programme = _coalition(mall)
    mall.buy(ANNA, SHOP, 50_00, programme)
    bench.settle()
    with bench.store.reading() as session:
        names = set(session.scalars(select(ChainEvent.name).where(ChainEvent.kind == "points")))
    assert names == {"PointsEarned"}


def test_months_are_written_as_people_read_them() -> None:
    assert month_text(0) == "1970-01"
    assert month_text(682) == "2026-11"
    assert month_of(month_start(682)) == 682
    assert month_of(month_start(682) - 1) == 681
