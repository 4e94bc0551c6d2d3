"""A customer's filters lead to its own orders and requests; others' look like none at all."""

import pytest

from tests.town import ALL, Person, Town, ask, eur
from wallet_chain import audit, payments
from wallet_chain.audit import named
from wallet_chain.audit.drafts import EventFilter
from wallet_chain.errors import InvalidRequest
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.pipeline.requests import Caller


def _pay(town: Town, payer: Person, payee: Person, key: str) -> None:
    draft = PaymentDraft(payee.account, eur("1.00"))
    payments.create_payment(town.bank, payer.caller, ask(key), draft)
    town.settle()


def _kinds(town: Town, caller: Caller, filters: EventFilter) -> set[str]:
    return {event.kind for event in audit.list_events(town.bank, caller, filters, ALL).items}


def test_a_payee_cannot_try_what_key_a_payer_used(town: Town) -> None:
    _pay(town, town.anna, town.ben, "salary of may")
    for person, expected in ((town.anna, True), (town.ben, False)):
        filters = EventFilter(account=person.account, free_reference="salary of may")
        assert ("payment" in _kinds(town, person.caller, filters)) == expected
    assert "payment" in _kinds(
        town, town.staff("auditor"), EventFilter(free_reference="salary of may")
    )


def test_a_merchant_that_is_unknown_is_like_one_with_whom_nothing_was_done(town: Town) -> None:
    for merchant in (town.shop.id, "cus_nobody"):
        filters = EventFilter(account=town.ben.account, merchant=merchant)
        assert _kinds(town, town.ben.caller, filters) == set()


def test_any_key_can_be_asked_for_and_none_is_cut(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "k" * 255
    _pay(town, town.anna, town.ben, key)
    auditor = town.staff("auditor")
    assert "payment" in _kinds(town, auditor, EventFilter(free_reference=key))
    _pay(town, town.ben, town.anna, key)
    monkeypatch.setattr(named, "_FOUND_MAX", 1)
    with pytest.raises(InvalidRequest, match="share this key"):
        _kinds(town, auditor, EventFilter(free_reference=key))
    with pytest.raises(InvalidRequest, match="1 to 255"):
        _kinds(town, auditor, EventFilter(free_reference="k" * 256))
