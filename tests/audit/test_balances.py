"""Balances at any block or moment, statements, and supply against reserves."""

import csv
import io

import orjson
import pytest

from tests.town import DAY, Person, Town, ask, eur
from wallet_chain import audit, issuance
from wallet_chain.audit.drafts import BalanceQuery, StatementQuery
from wallet_chain.audit.views import EntryView, StatementView
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import (
    CursorInvalid,
    InvalidAddress,
    InvalidRequest,
    NotFound,
    UnknownCurrency,
)
from wallet_chain.issuance.drafts import WithdrawalDraft
from wallet_chain.ledger.hashing import ZERO_HASH


def _lives(town: Town) -> list[int]:
    """Movements of anna on three days; answers with the block after each."""
    blocks = []
    for amount in ("5.00", "10.00", "20.00"):
        town.paid(town.anna, town.ben.account, amount)
        blocks.append(int(town.bank.rpc.call("eth_blockNumber", []), 16))
        town.wait(DAY)
    town.paid(town.ben, town.anna.account, "1.00")
    draft = WithdrawalDraft(eur("2.00"), "IBAN")
    issuance.create_withdrawal(town.bank, town.anna.caller, ask(), draft)
    town.settle()
    return blocks


def test_a_balance_at_any_block_is_what_the_contract_says_at_that_block(town: Town) -> None:
    _lives(town)
    head = int(town.bank.rpc.call("eth_blockNumber", []), 16)
    auditor = town.staff("auditor")
    for person in (town.anna, town.ben):
        for number in range(town.bank.contracts.book.deployed_block, head + 1):
            seen = audit.balance_at(
                town.bank, auditor, BalanceQuery(person.account, "EUR", block_number=number)
            )
            balance, sequence, history = town.bank.contracts.read(
                "EUR", "accountState", person.account, block=number
            )
            assert (seen.money.amount_minor, seen.sequence) == (balance, sequence)
            assert seen.head == "0x" + history.hex()
            assert seen.block_number == number


def test_a_balance_at_a_moment_is_that_of_the_last_block_before(town: Town) -> None:
    start = town.clock()
    blocks = _lives(town)
    auditor = town.staff("auditor")

    def at(moment: int) -> str:
        query = BalanceQuery(town.anna.account, "EUR", at=moment)
        return audit.balance_at(town.bank, auditor, query).money.decimal

    assert at(start) == "495.00"
    assert at(start + DAY - 1) == "495.00"
    assert at(start + DAY) == "485.00"
    assert at(start + 2 * DAY) == "465.00"
    assert at(town.clock()) == "464.00"
    query = BalanceQuery(town.anna.account, "EUR", at=start + DAY - 1)
    assert audit.balance_at(town.bank, auditor, query).block_number == blocks[0]


def test_an_account_without_a_line_holds_nothing(town: Town) -> None:
    auditor = town.staff("auditor")
    for account in (town.anna.account, "0x" + "ab" * 20):
        seen = audit.balance_at(town.bank, auditor, BalanceQuery(account, "USD"))
        assert (seen.money.amount_minor, seen.sequence, seen.head) == (0, 0, ZERO_HASH)


def test_what_is_not_indexed_or_has_not_come_is_not_answered(town: Town) -> None:
    auditor, account = town.staff("auditor"), town.anna.account
    assert audit.balance_at(town.bank, auditor, BalanceQuery(account, "EUR", at=town.clock()))
    refused = (
        (BalanceQuery(account, "EUR", block_number=10**6), NotFound),
        (BalanceQuery(account, "EUR", block_number=-1), NotFound),
        (BalanceQuery(account, "EUR", at=1), NotFound),
        (BalanceQuery(account, "EUR", at=town.clock() + 1), InvalidRequest),
        (BalanceQuery(account, "EUR", block_number=1, at=1), InvalidRequest),
        (BalanceQuery("0x12", "EUR"), InvalidAddress),
        (BalanceQuery(account, "XYZ"), UnknownCurrency),
    )
    for query, kind in refused:
        with pytest.raises(kind):
            audit.balance_at(town.bank, auditor, query)


def test_customers_see_balances_and_statements_of_their_own_account_only(town: Town) -> None:
    own = BalanceQuery(town.anna.account, "EUR")
    assert audit.balance_at(town.bank, town.anna.caller, own).money == eur("500.00")
    with pytest.raises(NotFound):
        audit.balance_at(town.bank, town.ben.caller, own)
    query = StatementQuery(town.anna.account, "EUR")
    assert audit.get_statement(town.bank, town.anna.caller, query, PageRequest()).lines
    with pytest.raises(NotFound):
        audit.get_statement(town.bank, town.ben.caller, query, PageRequest())
    with pytest.raises(NotFound):
        audit.export_statement(town.bank, town.ben.caller, query, "csv")


def _statement(town: Town, person: Person, **period: int) -> StatementView:
    query = StatementQuery(person.account, "EUR", **period)
    return audit.get_statement(town.bank, person.caller, query, PageRequest(limit=200))


def test_a_statement_leads_from_its_opening_to_its_closing_balance(town: Town) -> None:
    start = town.clock()
    _lives(town)
    whole = _statement(town, town.anna)
    assert (whole.opening.amount_minor, whole.closing.decimal) == (0, "464.00")
    assert [line.change.decimal for line in whole.lines] == [
        "500.00",
        "-5.00",
        "-10.00",
        "-20.00",
        "1.00",
        "-2.00",
    ]
    assert [line.kind for line in whole.lines] == [
        "mint",
        "payment",
        "payment",
        "payment",
        "payment",
        "redemption",
    ]
    assert [line.sequence for line in whole.lines] == [1, 2, 3, 4, 5, 6]
    part = _statement(town, town.anna, time_from=start + DAY, time_to=start + 2 * DAY)
    assert (part.opening.decimal, part.closing.decimal) == ("495.00", "465.00")
    assert [line.change.decimal for line in part.lines] == ["-10.00", "-20.00"]
    for statement in (whole, part):
        moved = sum(line.change.amount_minor for line in statement.lines)
        assert statement.opening.amount_minor + moved == statement.closing.amount_minor
    empty = _statement(town, town.anna, time_from=start + 10, time_to=start + 20)
    assert (empty.opening, empty.closing, empty.lines) == (eur("495.00"), eur("495.00"), ())


def test_a_statement_comes_in_pages(town: Town) -> None:
    _lives(town)
    query = StatementQuery(town.anna.account, "EUR")
    lines: list[EntryView] = []
    cursor = None
    while True:
        page = audit.get_statement(
            town.bank, town.anna.caller, query, PageRequest(limit=4, cursor=cursor)
        )
        assert page.closing.decimal == "464.00"
        lines += page.lines
        cursor = page.next_cursor
        if cursor is None:
            break
    assert tuple(lines) == _statement(town, town.anna).lines
    with pytest.raises(CursorInvalid):
        audit.get_statement(town.bank, town.anna.caller, query, PageRequest(4, "nonsense"))
    backwards = StatementQuery(town.anna.account, "EUR", 2, 1)
    with pytest.raises(InvalidRequest):
        audit.get_statement(town.bank, town.anna.caller, backwards, PageRequest())


def test_an_exported_statement_says_the_same(town: Town) -> None:
    _lives(town)
    whole = _statement(town, town.anna)
    query = StatementQuery(town.anna.account, "EUR")
    table = b"".join(audit.export_statement(town.bank, town.anna.caller, query, "csv")).decode()
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    lines = [
        orjson.loads(line)
        for piece in audit.export_statement(town.bank, town.anna.caller, query, "jsonl")
        for line in piece.splitlines()
    ]
    for said in (rows, lines):
        assert [(row["change"], row["balance"], row["head"]) for row in said] == [
            (line.change.decimal, line.balance.decimal, line.head) for line in whole.lines
        ]


def test_supply_equals_all_balances_and_stays_within_the_reserves(town: Town) -> None:
    _lives(town)
    for view in audit.supply_against_reserves(town.bank, town.staff("auditor")):
        on_chain = town.bank.contracts.read(view.currency, "totalSupply")
        assert view.supply.amount_minor == view.accounts_total.amount_minor == on_chain
        assert view.covered
    by_code = {
        view.currency: view
        for view in audit.supply_against_reserves(town.bank, town.staff("auditor"))
    }
    assert by_code["EUR"].supply == eur("1598.00")
    assert by_code["EUR"].reserves == eur("1000000.00")
    assert by_code["USD"].reserves is None


def test_reserves_that_fall_below_the_supply_are_shown(town: Town) -> None:
    town.attest("1599.99")
    by_code = {
        view.currency: view
        for view in audit.supply_against_reserves(town.bank, town.staff("auditor"))
    }
    assert not by_code["EUR"].covered
    assert by_code["JPY"].covered
