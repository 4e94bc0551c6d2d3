"""Totals, sums over time, powers and histories: each compared with the lines that it is made of."""

import io
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

import pyarrow.parquet
import pytest

from tests.town import ALL, DAY, Person, Town, ask, eur
from wallet_chain import audit, identity
from wallet_chain.audit import searching, totals
from wallet_chain.audit.drafts import (
    BooksQuery,
    CustomerStatementQuery,
    EventFilter,
    FlowQuery,
    PowerFilter,
    SeriesQuery,
    StatementQuery,
)
from wallet_chain.audit.views import CurrencyTotal, EventView
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import InvalidRequest, NotFound
from wallet_chain.identity.drafts import RecoveryDraft, StandingDraft

Sums = dict[str, tuple[int, int, int, int]]


def _life(town: Town) -> None:
    """Some days of payments, a second currency, a customer abroad, and one with a new account."""
    town.attest("5000.00", "USD")
    town.fund(town.anna, "20.00", "USD")
    town.paid(town.anna, town.ben.account, "5.00")
    town.wait(DAY)
    lea = town.welcome("lea", tier=2, country="FR")
    town.paid(town.anna, lea.account, "7.00")
    town.paid(town.ben, town.anna.account, "3.00")
    _recover(town, town.ben)
    town.wait(DAY)
    town.paid(town.anna, town.ben.account, "11.00")


def _recover(town: Town, person: Person) -> None:
    draft = RecoveryDraft(person.id)
    identity.propose_recovery(town.bank, town.staff("operator"), ask(), draft)
    town.settle()
    identity.execute_recovery(town.bank, town.staff("compliance"), ask(), person.id)
    town.settle()
    view = identity.get_customer(town.bank, person.caller, person.id)
    assert view.account not in (None, person.account)
    town.cast.people["ben"] = Person(person.id, str(view.account), person.caller, None)


def _pages(town: Town, filters: EventFilter, limit: int = 200) -> Iterator[EventView]:
    cursor = None
    for _ in range(5_000):
        request = PageRequest(limit, cursor)
        page = audit.list_events(town.bank, town.staff("auditor"), filters, request)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
    raise AssertionError("the pages have no end")


def test_a_page_that_may_examine_little_loses_nothing(
    town_in_a_file: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = town_in_a_file
    _life(town)
    everything = list(_pages(town, EventFilter()))
    monkeypatch.setattr(searching, "FEW", 2)
    monkeypatch.setattr("wallet_chain.audit.searching.search.__defaults__", (7,))
    filters: dict[str, object] = {
        "account": town.anna.account,
        "customer": town.ben.id,
        "counterparty": town.ben.account,
        "kind": "payment",
        "currency": "EUR",
        "name": "Transfer",
        "block_from": everything[len(everything) // 2].block_number,
    }
    for size in (1, 2, 3):
        for names in combinations(filters, size):
            wanted = {name: filters[name] for name in names}
            expected = [e for e in everything if _meets(town, e, wanted)]
            oldest = EventFilter(**wanted)  # type: ignore[arg-type]
            assert list(_pages(town, oldest, 3)) == expected, names
            newest = EventFilter(**wanted, newest=True)  # type: ignore[arg-type]
            assert list(_pages(town, newest, 3)) == expected[::-1], names


def _accounts(town: Town, customer_id: str) -> set[str]:
    query = CustomerStatementQuery(customer_id, "EUR")
    view = audit.get_customer_statement(town.bank, town.staff("auditor"), query, ALL)
    return {part.account for part in view.accounts}


def _meets(town: Town, event: EventView, wanted: dict[str, object]) -> bool:
    """The filters' meaning, said a second time."""
    sides = {event.account, event.counterparty}
    own = [{str(wanted["account"])}] if "account" in wanted else []
    own += [_accounts(town, str(wanted["customer"]))] if "customer" in wanted else []
    if any(not sides & accounts for accounts in own):
        return False
    other = wanted.get("counterparty")
    if other is not None and own:
        first, second = event.account, event.counterparty
        if not ((first in own[0] and second == other) or (first == other and second in own[0])):
            return False
    elif other is not None and other not in sides:
        return False
    plain = {"kind": event.kind, "currency": event.currency, "name": event.name}
    if any(plain[name] != value for name, value in wanted.items() if name in plain):
        return False
    first_block = wanted.get("block_from", 0)
    assert isinstance(first_block, int)
    return event.block_number >= first_block


def _said(items: tuple[CurrencyTotal, ...]) -> Sums:
    return {
        item.currency: (
            item.count,
            item.came_in.amount_minor,
            item.went_out.amount_minor,
            0 if item.between is None else item.between.amount_minor,
        )
        for item in items
        if item.count
    }


def _by_hand(events: list[EventView], own: set[str] | None) -> Sums:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for event in events:
        assert event.money is not None
        line, amount = sums[event.money.currency.code], event.money.amount_minor
        comes = event.account is None if own is None else event.counterparty in own
        goes = event.counterparty is None if own is None else event.account in own
        line[0] += 1
        line[1] += amount if comes and not goes else 0
        line[2] += amount if goes and not comes else 0
        line[3] += amount if comes == goes else 0
    return {code: (a, b, c, d) for code, (a, b, c, d) in sums.items()}


def test_totals_are_what_the_movements_add_up_to(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _life(town)
    auditor = town.staff("auditor")
    middle = list(_pages(town, EventFilter(kind="payment")))[1].block_number
    anna, bens = town.anna.account, _accounts(town, town.ben.id)
    assert len(bens) == 2
    cases = ((None, {}), ({anna}, {"account": anna}), (bens, {"customer": town.ben.id}))
    for own, more in cases:
        for period in ({}, {"block_from": middle}, {"block_to": middle - 1}):
            filters = EventFilter(**more, **period)
            moved = list(_pages(town, EventFilter(name="Transfer", **more, **period)))
            expected = _by_hand(moved, own)
            by_sums = audit.total_events(town.bank, auditor, filters, None)
            assert by_sums.complete
            assert _said(by_sums.items) == expected
            with monkeypatch.context() as patched:
                patched.setattr(totals, "_from_sums", lambda session, asked: None)
                patched.setattr(totals, "EXAMINED_MAX", 2)
                assert _added_up(town, filters) == expected


def _added_up(town: Town, filters: EventFilter) -> Sums:
    whole: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    cursor, answers = None, 0
    while cursor is not None or not answers:
        view = audit.total_events(town.bank, town.staff("auditor"), filters, cursor)
        for code, sums in _said(view.items).items():
            whole[code] = [a + b for a, b in zip(whole[code], sums, strict=True)]
        cursor, answers = view.next_cursor, answers + 1
        assert view.complete == (cursor is None)
    return {code: (a, b, c, d) for code, (a, b, c, d) in whole.items()}


def test_totals_of_a_kind_are_those_of_its_events(town: Town) -> None:
    _life(town)
    payments = list(_pages(town, EventFilter(kind="payment")))
    view = audit.total_events(
        town.bank, town.staff("auditor"), EventFilter(kind="payment", currency="EUR"), None
    )
    [total] = view.items
    assert (view.of, total.count) == ("payment", len(payments))
    assert total.between is not None
    assert total.between.amount_minor == sum(p.money.amount_minor for p in payments if p.money)
    for field in ("merchant", "programme", "reference"):
        wanted = {"merchant": town.shop.id, "programme": 1, "reference": "0x" + "ab" * 32}[field]
        with pytest.raises(InvalidRequest):
            audit.total_events(
                town.bank, town.staff("auditor"), EventFilter(**{field: wanted}), None
            )


def test_all_balances_of_any_block_are_the_contracts_and_add_up(town: Town) -> None:
    _life(town)
    auditor = town.staff("auditor")
    head = int(town.bank.rpc.call("eth_blockNumber", []), 16)
    for number in range(town.bank.contracts.book.deployed_block, head + 1, 5):
        found, cursor = {}, None
        while True:
            query = BooksQuery("EUR", block_number=number)
            view = audit.list_balances(town.bank, auditor, query, PageRequest(2, cursor))
            found |= {item.account: item.money.amount_minor for item in view.items}
            cursor = view.next_cursor
            if cursor is None:
                break
        for account, amount in found.items():
            state = town.bank.contracts.read("EUR", "accountState", account, block=number)
            assert state[0] == amount
        assert view.supply.amount_minor == sum(found.values())
        supply = town.bank.contracts.read("EUR", "totalSupply", block=number)
        assert view.supply.amount_minor == supply


def test_a_series_is_the_supply_at_each_moment(town: Town) -> None:
    start = town.clock()
    _life(town)
    query = SeriesQuery("EUR", time_from=start, time_to=town.clock(), points=9)
    view = audit.supply_series(town.bank, town.staff("auditor"), query)
    assert [point.at for point in view.items] == sorted(point.at for point in view.items)
    assert (view.items[0].at, view.items[-1].at, len(view.items)) == (start, town.clock(), 9)
    for point in view.items:
        on_chain = town.bank.contracts.read("EUR", "totalSupply", block=point.block_number)
        assert point.supply.amount_minor == on_chain
        assert point.reserves == eur("1000000.00")
        assert point.covered
    for wrong in (
        SeriesQuery("EUR", points=1),
        SeriesQuery("EUR", 5, 4),
        SeriesQuery("EUR", 2**40),
    ):
        with pytest.raises(InvalidRequest):
            audit.supply_series(town.bank, town.staff("auditor"), wrong)


def test_a_customers_statement_follows_it_to_its_new_account(town: Town) -> None:
    _life(town)
    query = CustomerStatementQuery(town.ben.id, "EUR")
    view = audit.get_customer_statement(town.bank, town.ben.caller, query, ALL)
    assert len(view.accounts) == 2
    lines, cursor = [], None
    while True:
        page = audit.get_customer_statement(
            town.bank, town.ben.caller, query, PageRequest(2, cursor)
        )
        lines += page.lines
        cursor = page.next_cursor
        if cursor is None:
            break
    assert tuple(lines) == view.lines
    places = [(line.block_number, line.log_index, line.account) for line in lines]
    assert places == sorted(set(places))
    for part in view.accounts:
        alone = audit.get_statement(
            town.bank, town.ben.caller, StatementQuery(part.account, "EUR"), ALL
        )
        assert (alone.opening, alone.closing, alone.totals) == (
            part.opening,
            part.closing,
            part.totals,
        )
        assert [line.head for line in alone.lines] == [
            line.head for line in lines if line.account == part.account
        ]
    moved = sum(line.change.amount_minor for line in lines)
    assert view.opening.amount_minor + moved == view.closing.amount_minor
    assert view.closing.decimal == town.balance(town.ben)
    assert view.totals.lines == len(lines)
    came, went = view.totals.came_in.amount_minor, view.totals.went_out.amount_minor
    assert came - went == view.closing.amount_minor
    with pytest.raises(NotFound):
        audit.get_customer_statement(town.bank, town.anna.caller, query, ALL)


def test_flows_are_payments_by_country_and_month(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    _life(town)
    auditor = town.staff("auditor")
    whole = audit.list_flows(town.bank, auditor, FlowQuery(currency="EUR"), ALL).items
    sent = {(f.from_country, f.to_country): (f.count, f.sent.decimal) for f in whole}
    assert sent["DE", "FR"] == (1, "7.00")
    payments = list(_pages(town, EventFilter(kind="payment", currency="EUR")))
    assert sum(count for count, _ in sent.values()) == len(payments)
    for period in ("day", "month", "year"):
        parts, cursor = [], None
        while True:
            page = audit.list_flows(
                town.bank, auditor, FlowQuery(period=period, currency="EUR"), PageRequest(1, cursor)
            )
            parts += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sum(part.count for part in parts) == len(payments)
        for part in parts:
            assert part.period_from <= part.period_to
            inside = [p for p in payments if part.period_from <= p.block_time <= part.period_to]
            assert part.count <= len(inside)
    monkeypatch.setattr("wallet_chain.audit.flows.PERIODS_MAX", 1)
    for wrong in (FlowQuery(period="day"), FlowQuery(by="planet"), FlowQuery(period="week")):
        with pytest.raises(InvalidRequest):
            audit.list_flows(town.bank, auditor, wrong, ALL)


def test_uses_of_powers_say_who(town: Town) -> None:
    town.fund(town.anna, "1.00")
    officer = town.staff("compliance")
    draft = StandingDraft(town.anna.id, "fraud_suspected")
    identity.freeze_customer(town.bank, officer, ask(), draft)
    town.settle()
    auditor = town.staff("auditor")
    newest = audit.list_powers(town.bank, auditor, PowerFilter(), ALL).items
    assert (newest[0].act, newest[0].account) == ("freeze", town.anna.account)
    assert newest[0].principal is not None
    assert newest[0].principal.id == officer.principal_id
    mints = audit.list_powers(
        town.bank,
        auditor,
        PowerFilter(power="issuance", actor=town.staff("issuer-checker").principal_id),
        ALL,
    ).items
    assert mints
    assert {(use.act, use.power) for use in mints} == {("mint", "issuance")}
    some = audit.list_powers(town.bank, auditor, PowerFilter(), PageRequest(2))
    rest = audit.list_powers(town.bank, auditor, PowerFilter(), PageRequest(200, some.next_cursor))
    assert (some.items + rest.items)[: len(newest)] == newest
    with pytest.raises(InvalidRequest):
        audit.list_powers(town.bank, auditor, PowerFilter(power="magic"), ALL)
    with pytest.raises(NotFound):
        audit.list_powers(town.bank, auditor, PowerFilter(actor="prn_nobody"), ALL)


def test_a_timeline_leads_through_all_systems_in_the_order_of_time(town: Town) -> None:
    payment = town.paid(town.anna, town.ben.account, "5.00")
    auditor = town.staff("auditor")
    view = audit.get_timeline(town.bank, auditor, payment.id)
    assert [item.at for item in view.items] == sorted(item.at for item in view.items)
    whats = {item.what for item in view.items}
    assert {"request", "order", "signature", "accepted", "mined", "event", "finished"} <= whats
    assert view.subject.state == "settled"
    assert view.subject.money == eur("5.00")
    assert payment.operation is not None
    for other in (payment.order_id, payment.operation.id, payment.reference):
        assert audit.get_timeline(town.bank, auditor, other).items == view.items
    for caller in (town.anna.caller, town.ben.caller):
        assert audit.get_timeline(town.bank, caller, payment.id).subject == view.subject
    seen = audit.get_timeline(town.bank, town.ben.caller, payment.id)
    assert "request" not in {item.what for item in seen.items}
    for caller, of in ((town.shop.caller, payment.id), (auditor, "pay_nothing")):
        with pytest.raises(NotFound):
            audit.get_timeline(town.bank, caller, of)


def test_parquet_holds_what_the_list_says(town: Town) -> None:
    _life(town)
    auditor = town.staff("auditor")
    listed = list(_pages(town, EventFilter(currency="EUR")))
    file = b"".join(audit.export_events(town.bank, auditor, EventFilter(currency="EUR"), "parquet"))
    rows = pyarrow.parquet.read_table(io.BytesIO(file)).to_pylist()
    assert len(rows) == len(listed)
    for row, event in zip(rows, listed, strict=True):
        assert (row["block_number"], row["log_index"]) == (event.block_number, event.log_index)
        assert int(row["time"].timestamp()) == event.block_time
        assert row["amount"] == (event.money and Decimal(event.money.decimal))
        assert (row["account"], row["order_id"]) == (event.account, event.order_id)


def test_a_question_that_makes_no_sense_is_refused_with_what_to_change(town: Town) -> None:
    auditor, later = town.staff("auditor"), town.clock() + 1_000
    for filters, kind in (
        (EventFilter(block_from=5, block_to=4), InvalidRequest),
        (EventFilter(time_from=5, time_to=4), InvalidRequest),
        (EventFilter(currency="EUR", amount_min_minor=2, amount_max_minor=1), InvalidRequest),
        (EventFilter(time_from=later), InvalidRequest),
        (EventFilter(block_from=10**9), NotFound),
        (EventFilter(customer="cus_nobody"), NotFound),
        (EventFilter(merchant="cus_nobody"), NotFound),
        (EventFilter(programme=999), NotFound),
        (EventFilter(uetr="no uetr"), NotFound),
    ):
        with pytest.raises(kind):
            audit.list_events(town.bank, auditor, filters, ALL)
        if filters.merchant is None and filters.programme is None:
            with pytest.raises(kind):
                audit.total_events(town.bank, auditor, filters, None)
        with pytest.raises(kind):
            audit.export_events(town.bank, auditor, filters, "csv")
    unknown = EventFilter(free_reference="nobody ever wrote this")
    assert audit.list_events(town.bank, auditor, unknown, ALL).items == ()
