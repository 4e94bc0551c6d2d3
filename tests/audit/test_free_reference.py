"""References as somebody wrote them lead to their events, and are not written into the record."""

from tests.town import ALL, Town, eur
from wallet_chain import audit
from wallet_chain.audit.drafts import AccessFilter, EventFilter
from wallet_chain.bank.views import PageRequest


def test_a_free_reference_finds_what_was_asked_under_it(town: Town) -> None:
    town.fund(town.anna, "2.00", reference="Statement 7 line 12")
    auditor = town.staff("auditor")
    filters = EventFilter(free_reference="Statement 7 line 12")
    found = audit.list_events(town.bank, auditor, filters, ALL).items
    assert {"mint_proposal", "mint", "transfer"} <= {event.kind for event in found}
    assert {event.money for event in found if event.money} == {eur("2.00")}
    [look] = audit.list_accesses(
        town.bank, auditor, AccessFilter(action="events"), PageRequest(1)
    ).items
    assert look.query["free_reference"] == "given"
