"""Whom a look of staff is filed under: everybody whom the question names, however it does."""

from collections.abc import Callable

from tests.town import ALL, Town
from wallet_chain import audit
from wallet_chain.audit.drafts import AccessFilter, EventFilter, FundsQuery, PowerFilter


def _filed(town: Town, action: str, question: Callable[[], object]) -> set[str | None]:
    def looks() -> list[str | None]:
        asked = AccessFilter(action=action)
        found = audit.list_accesses(town.bank, town.staff("compliance"), asked, ALL).items
        return [look.customer_id for look in found]

    before = len(looks())
    question()
    # Newest first.
    return set(looks()[: len(looks()) - before])


def test_events_are_filed_under_all_whom_they_name(town: Town) -> None:
    payment = town.paid(town.anna, town.ben.account, "5.00")
    anna, ben, shop = town.anna.id, town.ben.id, town.shop.id
    auditor = town.staff("auditor")
    for filters, expected in (
        (EventFilter(account=town.anna.account, counterparty=town.ben.account), {anna, ben}),
        (EventFilter(customer=anna), {anna}),
        (EventFilter(merchant=shop), {shop}),
        (EventFilter(merchant=town.shop.account), {shop}),
        (EventFilter(counterparty=town.ben.account), {ben}),
        (EventFilter(order_id=payment.order_id), {anna, ben}),
        (EventFilter(kind="payment"), {None}),
    ):
        seen = _filed(
            town, "events", lambda f=filters: audit.list_events(town.bank, auditor, f, ALL)
        )
        assert seen == expected, filters


def test_timelines_powers_and_funds_are_filed_under_whom_they_show(town: Town) -> None:
    deposit = town.deposit(town.ben, "9.00")
    town.mint(deposit.id)
    town.paid(town.anna, town.ben.account, "5.00")
    payment = town.paid(town.ben, town.shop.account, "1.00")
    bank, auditor, anna, ben = town.bank, town.staff("auditor"), town.anna.id, town.ben.id
    for of in (anna, deposit.id, payment.id):
        seen = _filed(town, "timeline", lambda one=of: audit.get_timeline(bank, auditor, one))
        assert seen == ({anna} if of == anna else {ben})
    powers = PowerFilter(account=town.ben.account)
    assert _filed(town, "powers", lambda: audit.list_powers(bank, auditor, powers, ALL)) == {ben}
    forward = FundsQuery("forward", town.anna.account, "EUR", 1)
    seen = _filed(town, "flow of funds", lambda: audit.follow_funds(bank, auditor, forward))
    assert {anna, ben} <= seen
