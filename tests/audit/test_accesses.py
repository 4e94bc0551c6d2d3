"""Every look of staff at a customer is recorded, before it is answered, and can be queried."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.town import ALL, Town, ask
from wallet_chain import audit, identity, issuance, payments
from wallet_chain.audit.drafts import AccessFilter, BalanceQuery, EventFilter, StatementQuery
from wallet_chain.audit.views import AccessView
from wallet_chain.bank.views import PageRequest
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.errors import NotFound
from wallet_chain.identity.drafts import CustomerFilter, ReviewFilter, StandingDraft
from wallet_chain.issuance.drafts import DepositFilter, WithdrawalFilter
from wallet_chain.payments.drafts import PaymentFilter
from wallet_chain.store.tables import AccessRecord


def _looks(town: Town, **filters: object) -> list[AccessView]:
    wanted = AccessFilter(**filters)  # type: ignore[arg-type]
    return list(audit.list_accesses(town.bank, town.staff("auditor"), wanted, ALL).items)


LOOKS: dict[str, Callable[[Town], object]] = {
    "customer": lambda t: identity.get_customer(t.bank, t.staff("operator"), t.anna.id),
    "balances": lambda t: identity.get_balances(t.bank, t.staff("operator"), t.anna.id),
    "limits": lambda t: identity.get_limits(t.bank, t.staff("operator"), t.anna.id),
    "reviews": lambda t: identity.list_reviews(
        t.bank, t.staff("operator"), ReviewFilter(customer_id=t.anna.id), ALL
    ),
    "payments": lambda t: payments.list_payments(
        t.bank, t.staff("operator"), PaymentFilter(customer_id=t.anna.id), ALL
    ),
    "deposits": lambda t: issuance.list_deposits(
        t.bank, t.staff("operator"), DepositFilter(customer_id=t.anna.id), ALL
    ),
    "withdrawals": lambda t: issuance.list_withdrawals(
        t.bank, t.staff("operator"), WithdrawalFilter(customer_id=t.anna.id), ALL
    ),
    "events": lambda t: audit.list_events(
        t.bank, t.staff("operator"), EventFilter(account=t.anna.account), ALL
    ),
    "balance": lambda t: audit.balance_at(
        t.bank, t.staff("operator"), BalanceQuery(t.anna.account, "EUR")
    ),
    "statement": lambda t: audit.get_statement(
        t.bank, t.staff("operator"), StatementQuery(t.anna.account, "EUR"), ALL
    ),
}


@pytest.mark.parametrize("action", sorted(LOOKS))
def test_a_look_of_staff_is_recorded(town: Town, action: str) -> None:
    town.clock.advance(7)
    before = len(_looks(town, customer_id=town.anna.id, action=action))
    LOOKS[action](town)
    looks = _looks(town, customer_id=town.anna.id, action=action)
    assert len(looks) == before + 1
    assert (looks[0].principal_id, looks[0].role, looks[0].at) == (
        town.staff("operator").principal_id,
        "operator",
        town.clock(),
    )


def test_writes_that_show_a_customer_are_looks_too(town: Town) -> None:
    before = len(_looks(town, action="customer", role="compliance"))
    draft = StandingDraft(town.anna.id, "because")
    identity.freeze_customer(town.bank, town.staff("compliance"), ask("k"), draft)
    identity.freeze_customer(town.bank, town.staff("compliance"), ask("k"), draft)
    assert len(_looks(town, action="customer", role="compliance")) == before + 2


def test_a_payment_is_looked_at_with_its_id(town: Town) -> None:
    payment = town.paid(town.anna, town.ben.account, "1.00")
    payments.get_payment(town.bank, town.staff("compliance"), payment.id)
    [look] = _looks(town, action="payment")
    assert (look.customer_id, look.query) == (town.anna.id, {"id": payment.id})


def test_customers_who_look_at_themselves_are_not_recorded(town: Town) -> None:
    town.clock.advance(7)
    identity.get_customer(town.bank, town.anna.caller, town.anna.id)
    identity.get_balances(town.bank, town.anna.caller, town.anna.id)
    assert _looks(town, customer_id=town.anna.id, time_from=town.clock()) == []


def test_a_look_that_finds_nobody_leaves_no_record(town: Town) -> None:
    before = len(_looks(town, role="operator"))
    with pytest.raises(NotFound):
        identity.get_customer(town.bank, town.staff("operator"), "cus_01J00000000000000000000000")
    assert len(_looks(town, role="operator")) == before


def test_looks_are_found_by_each_filter_in_pages(town: Town) -> None:
    start = town.clock()
    for _ in range(3):
        town.clock.advance(10)
        identity.get_customer(town.bank, town.staff("operator"), town.anna.id)
    operator = town.staff("operator").principal_id
    recent = {"principal_id": operator, "time_from": start + 1}
    assert len(_looks(town, **recent)) == 3
    assert len(_looks(town, **recent, time_to=start + 20)) == 2
    assert _looks(town, **recent, role="compliance") == []

    auditor = town.staff("auditor")
    wanted = AccessFilter(principal_id=operator, time_from=start + 1)
    page = audit.list_accesses(town.bank, auditor, wanted, PageRequest(limit=2))
    assert page.next_cursor is not None
    rest = audit.list_accesses(town.bank, auditor, wanted, PageRequest(2, page.next_cursor))
    assert [look.at for look in (*page.items, *rest.items)] == [start + 30, start + 20, start + 10]


def test_the_auditors_own_looks_are_recorded_as_well(town: Town) -> None:
    _looks(town, customer_id=town.anna.id)
    asked = _looks(town, role="auditor", action="accesses")
    assert asked
    assert asked[0].customer_id == town.anna.id


def test_a_customer_may_know_who_looked_at_it(town: Town) -> None:
    identity.get_customer(town.bank, town.staff("operator"), town.anna.id)
    seen = audit.list_accesses(town.bank, town.anna.caller, AccessFilter(), ALL).items
    assert {look.customer_id for look in seen} == {town.anna.id}
    wanted = AccessFilter(customer_id=town.ben.id)
    with pytest.raises(NotFound):
        audit.list_accesses(town.bank, town.anna.caller, wanted, ALL)


def test_lists_of_customers_are_looks_at_the_books(town: Town) -> None:
    before = len(_looks(town, action="customers"))
    identity.list_customers(town.bank, town.staff("operator"), CustomerFilter(), ALL)
    looks = _looks(town, action="customers")
    assert len(looks) == before + 1
    assert looks[0].customer_id is None


def test_a_look_holds_up_nobody_who_writes_and_is_recorded_all_the_same(town: Town) -> None:
    auditor = town.staff("auditor")
    beside = select(AccessRecord.id).where(AccessRecord.action == "beside")
    with looking(town.bank, auditor) as session:
        record_look(town.bank, session, auditor, "events", town.anna.id)
        assert session.scalar(beside) is None
        with town.bank.store.transaction() as writing:
            writing.add(AccessRecord(at=1, principal_id="x", role="x", action="beside", query={}))
        assert session.scalar(beside) is None
    with town.bank.store.reading() as session:
        assert session.scalar(beside) is not None
    assert next(iter(_looks(town, customer_id=town.anna.id))).action == "events"


def test_a_look_that_fails_leaves_no_record(town: Town) -> None:
    before = len(_looks(town, action="customer"))
    with pytest.raises(NotFound):
        identity.get_customer(town.bank, town.staff("auditor"), "cus_nobody")
    assert len(_looks(town, action="customer")) == before
