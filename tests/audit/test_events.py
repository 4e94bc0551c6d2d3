"""Events by any combination of filters, each with its block, transaction and log."""

import csv
import io
import itertools
from dataclasses import asdict

import orjson
import pytest

from tests.town import ALL, Town, ask, eur
from wallet_chain import audit, identity, payments
from wallet_chain.audit.drafts import AccessFilter, EventFilter
from wallet_chain.audit.exports import EVENT_COLUMNS
from wallet_chain.audit.views import EventView
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import (
    CursorInvalid,
    InvalidAddress,
    InvalidRequest,
    NotFound,
    UnknownCurrency,
)
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.payments.drafts import RefundDraft
from wallet_chain.payments.views import PaymentView


def _found(town: Town, **filters: object) -> list[EventView]:
    wanted = EventFilter(**filters)  # type: ignore[arg-type]
    items: list[EventView] = []
    cursor = None
    while True:
        request = PageRequest(limit=7, cursor=cursor)
        page = audit.list_events(town.bank, town.staff("auditor"), wanted, request)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items


def _lives(town: Town) -> list[PaymentView]:
    made = [
        town.paid(town.anna, town.ben.account, "5.00"),
        town.paid(town.ben, town.anna.account, "7.00"),
        town.paid(town.anna, town.shop.account, "20.00"),
    ]
    town.wait(100)
    made.append(town.paid(town.anna, town.ben.account, "5.00"))
    draft = RefundDraft(made[2].id, eur("4.00"))
    payments.create_refund(town.bank, town.shop.caller, ask(), draft)
    town.settle()
    return made


def test_an_event_names_its_block_transaction_and_log(town: Town) -> None:
    payment = town.paid(town.anna, town.ben.account, "5.00")
    [event] = _found(town, order_id=payment.order_id, name="PaymentSettled")

    assert payment.operation is not None
    assert event.block_number == payment.operation.block_number
    assert event.transaction_hash == payment.operation.transaction_hash
    assert event.log_index == payment.operation.log_index
    assert (event.kind, event.account, event.counterparty) == (
        "payment",
        town.anna.account,
        town.ben.account,
    )
    assert event.money == eur("5.00")
    assert event.reference == payment.reference
    receipt = town.bank.rpc.call("eth_getTransactionReceipt", [event.transaction_hash])
    assert int(receipt["blockNumber"], 16) == event.block_number
    assert event.contract == town.bank.contracts.address("Payments")


def test_every_combination_of_filters_finds_what_all_of_them_match(town: Town) -> None:
    made = _lives(town)
    everything = _found(town)
    [wanted] = _found(town, order_id=made[3].order_id, name="PaymentSettled")
    each = {
        "account": wanted.account,
        "counterparty": wanted.counterparty,
        "currency": "EUR",
        "kind": wanted.kind,
        "name": wanted.name,
        "amount_min_minor": 5_00,
        "amount_max_minor": 5_00,
        "time_from": wanted.block_time,
        "time_to": wanted.block_time,
        "block_from": wanted.block_number,
        "block_to": wanted.block_number,
        "order_id": wanted.order_id,
        "reference": wanted.reference,
        "transaction_hash": wanted.transaction_hash,
    }
    for size in (1, 2):
        for names in itertools.combinations(each, size):
            filters = {name: each[name] for name in names}
            if {"amount_min_minor", "amount_max_minor"} & set(names):
                filters["currency"] = "EUR"
            expected = [event for event in everything if _matches(event, filters)]
            assert _found(town, **filters) == expected, names
            assert wanted in expected
    assert wanted in _found(town, **each)


def _matches(event: EventView, filters: dict[str, object]) -> bool:
    """The filters' meaning, said a second time."""
    sides = {event.account, event.counterparty}
    amount = None if event.money is None else event.money.amount_minor
    tests = {
        "account": lambda v: v in sides,
        "counterparty": lambda v: v in sides,
        "currency": lambda v: event.currency == v,
        "kind": lambda v: event.kind == v,
        "name": lambda v: event.name == v,
        "amount_min_minor": lambda v: amount is not None and amount >= v,
        "amount_max_minor": lambda v: amount is not None and amount <= v,
        "time_from": lambda v: event.block_time >= v,
        "time_to": lambda v: event.block_time <= v,
        "block_from": lambda v: event.block_number >= v,
        "block_to": lambda v: event.block_number <= v,
        "order_id": lambda v: event.order_id == v,
        "reference": lambda v: event.reference == v,
        "transaction_hash": lambda v: event.transaction_hash == v,
    }
    return all(tests[name](value) for name, value in filters.items())


def test_pages_hold_every_event_once_in_the_order_of_the_chain(town: Town) -> None:
    _lives(town)
    places = [(event.block_number, event.log_index) for event in _found(town)]
    assert len(places) > 40
    assert places == sorted(set(places))


def test_acts_of_staff_are_events_as_well(town: Town) -> None:
    draft = StandingDraft(town.anna.id, "fraud_suspected")
    identity.freeze_customer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    [event] = _found(town, account=town.anna.account, kind="freeze")
    assert event.arguments["by"] == town.staff("compliance").signer_address
    assert bytes.fromhex(event.arguments["reason"][2:]).rstrip(b"\0") == b"fraud_suspected"


def test_amounts_need_a_currency_and_accounts_a_form(town: Town) -> None:
    auditor = town.staff("auditor")
    for filters, kind in (
        (EventFilter(amount_min_minor=1), InvalidRequest),
        (EventFilter(account="anna"), InvalidAddress),
        (EventFilter(counterparty="0x1"), InvalidAddress),
        (EventFilter(currency="XYZ"), UnknownCurrency),
    ):
        with pytest.raises(kind):
            audit.list_events(town.bank, auditor, filters, ALL)
        with pytest.raises(kind):
            audit.export_events(town.bank, auditor, filters, "csv")
    for cursor in ("x", "5b315d.aa"):
        with pytest.raises(CursorInvalid):
            audit.list_events(town.bank, auditor, EventFilter(), PageRequest(1, cursor))


def test_a_customer_sees_events_of_its_own_account_only(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "5.00")
    own = EventFilter(account=town.anna.account)
    assert audit.list_events(town.bank, town.anna.caller, own, ALL).items
    with pytest.raises(NotFound):
        audit.list_events(town.bank, town.anna.caller, EventFilter(account=town.ben.account), ALL)
    with pytest.raises(InvalidRequest):
        audit.list_events(town.bank, town.anna.caller, EventFilter(), ALL)


def test_csv_and_json_lines_say_the_same_as_the_list(town: Town) -> None:
    _lives(town)
    auditor = town.staff("auditor")
    filters = EventFilter(currency="EUR", kind="payment")
    listed = _found(town, **asdict(filters))
    assert listed

    lines = b"".join(audit.export_events(town.bank, auditor, filters, "jsonl")).splitlines()
    table = b"".join(audit.export_events(town.bank, auditor, filters, "csv")).decode()
    rows = list(csv.DictReader(io.StringIO(table, newline="")))

    assert len(lines) == len(rows) == len(listed)
    assert tuple(rows[0]) == EVENT_COLUMNS
    for event, line, row in zip(listed, lines, rows, strict=True):
        parsed = orjson.loads(line)
        assert parsed["arguments"] == event.arguments
        assert orjson.loads(row["arguments"]) == event.arguments
        assert event.money is not None
        for said in (parsed, row):
            assert int(said["block_number"]) == event.block_number
            assert said["transaction_hash"] == event.transaction_hash
            assert int(said["log_index"]) == event.log_index
            assert said["amount"] == event.money.decimal


def test_an_export_is_read_in_pieces_and_ends_where_it_began(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wallet_chain.audit.exports.ROWS_AT_A_TIME", 5)
    before = len(_found(town))
    lines = audit.export_events(town.bank, town.staff("auditor"), EventFilter(), "jsonl")
    first = next(lines)
    town.paid(town.anna, town.ben.account, "5.00")
    pieces = [first, *lines]
    assert [len(piece.splitlines()) for piece in pieces[:-1]] == [5] * (len(pieces) - 1)
    assert len(b"".join(pieces).splitlines()) == before
    assert len(_found(town)) > before


def test_an_unknown_format_is_refused_before_the_first_byte(town: Town) -> None:
    auditor = town.staff("auditor")
    assert next(audit.export_events(town.bank, auditor, EventFilter(), "csv"))
    with pytest.raises(InvalidRequest):
        audit.export_events(town.bank, auditor, EventFilter(), "xml")


def test_an_export_is_a_look_that_is_recorded(town: Town) -> None:
    auditor = town.staff("auditor")
    audit.export_events(town.bank, auditor, EventFilter(account=town.anna.account), "csv")
    [look] = audit.list_accesses(
        town.bank, auditor, AccessFilter(action="events export"), ALL
    ).items
    assert look.customer_id == town.anna.id
    assert look.query["account"] == town.anna.account
