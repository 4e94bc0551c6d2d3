"""Running sums that are not there yet, and lists over them that grow between two pages."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import update

from tests.town import ALL, DAY, Town
from wallet_chain import audit
from wallet_chain.audit.drafts import (
    BooksQuery,
    CustomerStatementQuery,
    EventFilter,
    FlowQuery,
    FundsQuery,
    SeriesQuery,
    StatementQuery,
)
from wallet_chain.bank.views import PageRequest
from wallet_chain.errors import NotReady
from wallet_chain.store.tables import ChainCursor

REASON = "The tables were extended and have to be rebuilt once: run wallet-chain reindex."


def test_before_a_rebuild_nothing_is_told_from_sums(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "5.00")
    bank, auditor, anna = town.bank, town.staff("auditor"), town.anna
    statement = StatementQuery(anna.account, "EUR")
    from_sums: tuple[Callable[[], object], ...] = (
        partial(audit.get_statement, bank, auditor, statement, ALL),
        partial(audit.export_statement, bank, auditor, statement, "csv"),
        partial(audit.export_bank_statement, bank, auditor, statement),
        partial(
            audit.get_customer_statement, bank, auditor, CustomerStatementQuery(anna.id, "EUR"), ALL
        ),
        partial(audit.total_events, bank, auditor, EventFilter(), None),
        partial(audit.total_events, bank, auditor, EventFilter(kind="payment"), None),
        partial(audit.total_events, bank, auditor, EventFilter(account=anna.account), None),
        partial(audit.supply_series, bank, auditor, SeriesQuery("EUR")),
        partial(audit.list_balances, bank, auditor, BooksQuery("EUR"), ALL),
        partial(audit.list_flows, bank, auditor, FlowQuery(), ALL),
        partial(audit.follow_funds, bank, auditor, FundsQuery("back", anna.account, "EUR", 2)),
    )
    for question in from_sums:
        question()
    with bank.store.transaction() as session:
        session.execute(update(ChainCursor).values(stopped_reason=REASON))
    for question in from_sums:
        with pytest.raises(NotReady, match="wallet-chain reindex"):
            question()
    assert audit.list_events(bank, auditor, EventFilter(), ALL).items
    # Any other reason why the index stands leaves the sums as they are.
    with bank.store.transaction() as session:
        session.execute(update(ChainCursor).values(stopped_reason="Block 7 contradicts."))
    for question in from_sums:
        question()


def test_a_new_pair_of_countries_between_two_pages_repeats_nothing(town: Town) -> None:
    auditor = town.staff("auditor")
    lea = town.welcome("lea", tier=2, country="FR")
    town.paid(town.anna, lea.account, "1.00")
    town.wait(DAY)
    town.paid(town.anna, lea.account, "2.00")
    town.paid(town.anna, town.ben.account, "3.00")
    query = FlowQuery(period="day", currency="EUR")
    whole = audit.list_flows(town.bank, auditor, query, ALL).items
    first = audit.list_flows(town.bank, auditor, query, PageRequest(2))
    # It comes before all others in the order of pairs.
    eve = town.welcome("eve", tier=2, country="AT")
    town.fund(eve, "5.00")
    town.paid(eve, town.anna.account, "4.00")
    rest, cursor = list(first.items), first.next_cursor
    while cursor is not None:
        page = audit.list_flows(town.bank, auditor, query, PageRequest(2, cursor))
        rest, cursor = rest + list(page.items), page.next_cursor
    assert [one for one in rest if one in whole] == list(whole)
    assert len(rest) == len({(one.period_from, one.from_country, one.to_country) for one in rest})
