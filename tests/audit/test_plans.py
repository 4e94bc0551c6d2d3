"""How a page of events is found: by an index that has what the question asks, not by reading rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.town import ALL, Town
from wallet_chain import audit
from wallet_chain.audit import searching
from wallet_chain.audit.drafts import EventFilter


@contextmanager
def plans(town: Town) -> Iterator[list[str]]:
    """How SQLite executes each statement about the events meanwhile."""
    found: list[str] = []

    def explained(
        connection: Any, cursor: Any, statement: str, parameters: Any, *_: object
    ) -> None:
        if "chain_event" in statement and statement.startswith("SELECT"):
            rows = connection.connection.cursor().execute(
                "EXPLAIN QUERY PLAN " + statement, parameters
            )
            found.extend(str(row[3]) for row in rows.fetchall())

    with town.bank.store.reading() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", explained)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", explained)


@pytest.mark.parametrize("newest", [False, True])
def test_what_an_account_is_asked_for_stands_in_its_index(
    town_in_a_file: Town, newest: bool
) -> None:
    town = town_in_a_file
    town.paid(town.anna, town.ben.account, "7.00")
    filters = EventFilter(
        account=town.anna.account,
        kind="payment",
        currency="EUR",
        amount_min_minor=1,
        block_from=1,
        newest=newest,
    )
    with plans(town) as found:
        audit.list_events(town.bank, town.staff("auditor"), filters, ALL)
    assert found
    read = [line for line in found if "chain_event" in line]
    sides = [line for line in read if "ix_chain_event_account" in line or "counterparty" in line]
    assert sides
    assert all("COVERING INDEX" in line for line in sides)
    assert not [line for line in read if line.startswith("SCAN")]


def test_two_accounts_are_found_by_the_index_of_pairs(
    town_in_a_file: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = town_in_a_file
    town.paid(town.anna, town.ben.account, "7.00")
    # Nothing is few: the way is that of long books.
    monkeypatch.setattr(searching, "FEW", 1)
    filters = EventFilter(account=town.anna.account, counterparty=town.ben.account)
    with plans(town) as found:
        page = audit.list_events(town.bank, town.staff("auditor"), filters, ALL)
    assert page.items
    assert [line for line in found if "ix_chain_event_pair" in line]
