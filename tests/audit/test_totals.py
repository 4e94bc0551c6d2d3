"""Totals of kinds of events: whose money moved, and what is about no money."""

from tests.town import Person, Town, ask
from wallet_chain import audit, identity, issuance
from wallet_chain.audit import totals
from wallet_chain.audit.drafts import EventFilter
from wallet_chain.audit.views import CurrencyTotal
from wallet_chain.identity.drafts import StandingDraft
from wallet_chain.issuance.drafts import DeclineDraft
from wallet_chain.pipeline.project_events import READINGS


def _items(town: Town, **filters: str) -> tuple[CurrencyTotal, ...]:
    asked = EventFilter(**filters)
    return audit.total_events(town.bank, town.staff("auditor"), asked, None).items


def _of(town: Town, person: Person, kind: str) -> tuple[int, str, str]:
    [item] = [one for one in _items(town, account=person.account, kind=kind) if one.currency]
    assert item.came_in is not None
    assert item.went_out is not None
    return item.count, item.came_in.decimal, item.went_out.decimal


def test_events_about_no_money_are_counted(town: Town) -> None:
    draft = StandingDraft(town.anna.id, "fraud_suspected")
    identity.freeze_customer(town.bank, town.staff("compliance"), ask(), draft)
    town.settle()
    counted = CurrencyTotal(None, 1, None, None, None)
    assert _items(town, kind="freeze")[-1] == counted
    assert {item.count for item in _items(town, kind="freeze")[:-1]} == {0}
    assert _items(town, kind="freeze", account=town.anna.account) == (counted,)
    assert None not in {item.currency for item in _items(town, kind="freeze", currency="EUR")}
    assert None not in {item.currency for item in _items(town)}


def test_a_proposal_moves_nothing_and_an_approval_brings_money(town: Town) -> None:
    before, (_, issued, _) = (_of(town, town.anna, kind) for kind in ("mint_proposal", "mint"))
    assert before[1:] == ("0.00", "0.00")
    deposit = town.propose(town.deposit(town.anna, "30.00").id)
    draft = DeclineDraft(deposit.id, "other")
    issuance.decline_mint(town.bank, town.staff("issuer-checker"), ask(), draft)
    town.settle()
    town.fund(town.anna, "12.00")
    assert _of(town, town.anna, "mint_proposal") == (before[0] + 2, "0.00", "0.00")
    assert _of(town, town.anna, "mint_decline") == (1, "0.00", "0.00")
    _, came, went = _of(town, town.anna, "mint")
    assert (float(came) - float(issued), went) == (12.0, "0.00")


def test_a_payment_has_a_giver_and_a_taker(town: Town) -> None:
    town.paid(town.anna, town.ben.account, "7.00")
    assert _of(town, town.anna, "payment") == (1, "0.00", "7.00")
    assert _of(town, town.ben, "payment") == (1, "7.00", "0.00")


def test_each_event_with_an_amount_has_its_sides_or_moves_nothing() -> None:
    sided = (totals.GIVER_FIRST, totals.TAKER_FIRST, totals.GIVER_ALONE, totals.TAKER_ALONE)
    assert sum(map(len, sided)) == len(frozenset().union(*sided))
    moving = {
        name
        for name, reading in READINGS.items()
        if reading.account and reading.amount and reading.currency
    }
    # A proposal moves nothing yet.
    assert moving - frozenset().union(*sided) == {"MintProposed"}
    assert frozenset().union(*sided) <= set(READINGS)
