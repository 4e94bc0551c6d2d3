"""A UETR of others is answered like one that does not exist."""

import pytest

from tests.crossborder.abroad import quoted, send
from tests.town import ALL, Town
from wallet_chain import audit
from wallet_chain.audit.drafts import EventFilter
from wallet_chain.errors import NotFound


def test_only_its_sides_find_a_transfer_by_its_uetr(town: Town) -> None:
    transfer = send(town, town.anna, town.li, quoted(town, town.anna, "EUR 100.00", "CNY"))
    town.settle()
    for person in (town.anna, town.li):
        filters = EventFilter(account=person.account, uetr=transfer.uetr.upper())
        assert audit.list_events(town.bank, person.caller, filters, ALL).items
    for uetr in (transfer.uetr, "00000000-0000-4000-8000-000000000000"):
        filters = EventFilter(account=town.ben.account, uetr=uetr)
        with pytest.raises(NotFound, match=f"UETR {uetr}"):
            audit.list_events(town.bank, town.ben.caller, filters, ALL)
