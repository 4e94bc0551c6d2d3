"""Periods given by blocks and by moments at once."""

import re
from typing import Any

import pytest

from tests.town import ALL, DAY, Town
from wallet_chain import audit
from wallet_chain.audit.drafts import CustomerStatementQuery, EventFilter, FlowQuery, StatementQuery
from wallet_chain.errors import InvalidRequest


def _days(town: Town) -> list[tuple[int, int]]:
    """Number and time of the last block after each of three payments on three days."""
    # The chain of the tests may begin with a block from later, left over by the test before.
    town.wait(9 * DAY)
    found = []
    for amount in ("5.00", "10.00", "20.00"):
        town.paid(town.anna, town.ben.account, amount)
        chain = audit.get_chain(town.bank, town.staff("auditor"))
        found.append((chain.indexed_block, chain.indexed_time))
        town.wait(DAY)
    return found


def test_blocks_and_moments_that_exclude_each_other_are_refused(town: Town) -> None:
    (first, first_time), _, (last, last_time) = _days(town)
    bank, auditor, account = town.bank, town.staff("auditor"), town.anna.account
    for wrong in (
        {"block_from": last, "time_to": first_time},
        {"block_to": first, "time_from": last_time},
        {"block_from": first, "time_to": 1},
    ):
        period: dict[str, Any] = wrong
        statement = StatementQuery(account, "EUR", **period)
        for question in (
            lambda asked=statement: audit.get_statement(bank, auditor, asked, ALL),
            lambda asked=statement: audit.export_statement(bank, auditor, asked, "csv"),
            lambda asked=statement: audit.export_bank_statement(bank, auditor, asked),
            lambda p=period: audit.get_customer_statement(
                bank, auditor, CustomerStatementQuery(town.anna.id, "EUR", **p), ALL
            ),
            lambda p=period: audit.total_events(bank, auditor, EventFilter(**p), None),
            lambda p=period: audit.list_events(bank, auditor, EventFilter(**p), ALL),
            lambda p=period: audit.list_flows(bank, auditor, FlowQuery(**p), ALL),
        ):
            with pytest.raises(InvalidRequest, match="no block in common"):
                question()


def test_a_period_without_a_block_opens_and_closes_with_the_same(town: Town) -> None:
    (first, first_time), (second, _), _ = _days(town)
    for period in (
        {"time_from": first_time + 1, "time_to": first_time + 2},
        {"block_from": first + 1, "time_to": first_time},
    ):
        asked: dict[str, Any] = period
        query = StatementQuery(town.anna.account, "EUR", **asked)
        said = audit.get_statement(town.bank, town.staff("auditor"), query, ALL)
        before = StatementQuery(town.anna.account, "EUR", block_to=first)
        held = audit.get_statement(town.bank, town.staff("auditor"), before, ALL).closing
        assert (said.opening, said.closing, said.lines) == (held, held, ())
        assert (said.totals.lines, said.totals.came_in.amount_minor) == (0, 0)
    both: dict[str, Any] = {"block_from": first + 1, "block_to": second, "time_from": first_time}
    query = StatementQuery(town.anna.account, "EUR", **both)
    said = audit.get_statement(town.bank, town.staff("auditor"), query, ALL)
    assert (said.totals.lines, said.totals.went_out.decimal) == (1, "10.00")


def test_a_document_says_which_time_its_blocks_cover(town: Town) -> None:
    (first, first_time), (second, second_time), _ = _days(town)

    def dates(**period: Any) -> list[str]:
        query = StatementQuery(town.anna.account, "EUR", **period)
        said = audit.get_bank_statement(town.bank, town.staff("auditor"), query).decode()
        return re.findall(r"<(?:\w+:)?(?:Fr|To)DtTm>([^<]+)<", said)

    covered = dates(block_from=second - 1, block_to=second)
    assert len(covered) == 2
    # Moments that were asked for beside narrower blocks are not covered.
    assert dates(block_from=second - 1, block_to=second, time_from=first_time) == covered
    later = second_time + 30 * DAY
    assert dates(block_from=second - 1, block_to=second, time_to=later) == covered
    # Nor is what has not come yet.
    assert dates(block_from=first, time_to=later) == dates(block_from=first)
