"""Where sums came from and went: compared with heaps of coins that leave in the order they came."""

from collections import defaultdict, deque
from collections.abc import Iterator

import pytest

from tests.town import ALL, Person, Town, ask, eur
from wallet_chain import audit, issuance
from wallet_chain.audit import funds
from wallet_chain.audit.drafts import EventFilter, FundsQuery, StatementQuery
from wallet_chain.audit.views import EntryView, FundsView
from wallet_chain.errors import InvalidRequest, NotFound
from wallet_chain.issuance.drafts import WithdrawalDraft

Parts = dict[tuple[str, int], list[tuple[int, int]]]


def _life(town: Town) -> None:
    for payer, payee, amount in (
        ("anna", "ben", "5.00"),
        ("ben", "shop", "101.00"),
        ("shop", "anna", "3.00"),
        ("anna", "ben", "40.00"),
        ("shop", "ben", "0.07"),
        ("ben", "anna", "30.01"),
        ("anna", "shop", "450.00"),
    ):
        if payer == "shop":
            town.fund(town.shop, "0.05")
        town.paid(getattr(town, payer), getattr(town, payee).account, amount)
    draft = WithdrawalDraft(eur("2.00"), "IBAN")
    issuance.create_withdrawal(town.bank, town.anna.caller, ask(), draft)
    town.settle()


def _people(town: Town) -> list[Person]:
    return [town.anna, town.ben, town.shop]


def _lines(town: Town, person: Person) -> list[EntryView]:
    query = StatementQuery(person.account, "EUR")
    return list(audit.get_statement(town.bank, person.caller, query, ALL).lines)


def _coins(town: Town) -> tuple[Parts, Parts]:
    """For each line that went out the lines that paid for it, and for each that came in those that it
    paid for, coin by coin."""
    back: Parts = defaultdict(list)
    forward: Parts = defaultdict(list)
    for person in _people(town):
        heap: deque[int] = deque()
        for line in _lines(town, person):
            amount = line.change.amount_minor
            if amount > 0:
                heap.extend([line.sequence] * amount)
            for _ in range(-amount):
                came = heap.popleft()
                _count(back[person.account, line.sequence], came)
                _count(forward[person.account, came], line.sequence)
    return back, forward


def _count(parts: list[tuple[int, int]], sequence: int) -> None:
    if parts and parts[-1][0] == sequence:
        parts[-1] = (sequence, parts[-1][1] + 1)
    else:
        parts.append((sequence, 1))


def _followed(town: Town, direction: str, account: str, sequence: int, **more: int) -> FundsView:
    query = FundsQuery(direction, account, "EUR", sequence, **more)
    return audit.follow_funds(town.bank, town.staff("auditor"), query)


@pytest.mark.parametrize(("probes", "near"), [(32, 8), (2, 1)])
def test_each_step_is_first_in_first_out_to_the_coin(
    town: Town, monkeypatch: pytest.MonkeyPatch, probes: int, near: int
) -> None:
    monkeypatch.setattr(funds, "PROBES", probes)
    monkeypatch.setattr(funds, "NEAR", near)
    _life(town)
    back, forward = _coins(town)
    asked = 0
    for direction, parts in (("back", back), ("forward", forward)):
        for (account, sequence), expected in parts.items():
            view = _followed(town, direction, account, sequence, steps=1, width=50)
            found = [(one.sequence, one.attributed.amount_minor) for one in view.items]
            assert found == expected, (direction, account, sequence)
            spent = sum(amount for _, amount in expected)
            assert view.held.amount_minor == (
                0 if direction == "back" else view.money.amount_minor - spent
            )
            asked += 1
    assert asked > 10


def test_all_parts_together_are_the_sum_wherever_they_end(town: Town) -> None:
    _life(town)
    for person in _people(town):
        for line in _lines(town, person):
            direction = "back" if line.change.amount_minor < 0 else "forward"
            view = _followed(town, direction, person.account, line.sequence, steps=6, width=50)
            ended = sum(one.attributed.amount_minor for one in view.items if one.ends)
            assert ended + view.held.amount_minor == abs(line.change.amount_minor)
            assert view.complete == all(one.ends != "steps" for one in view.items)


def test_limits_cut_and_say_so(town: Town) -> None:
    _life(town)
    _, forward = _coins(town)
    account, sequence = next(key for key, parts in forward.items() if len(parts) > 1)
    narrow = _followed(town, "forward", account, sequence, steps=1, width=1)
    assert not narrow.complete
    assert len(narrow.items) == 1
    whole = _followed(town, "forward", account, sequence, steps=1, width=50)
    assert len(whole.items) == len(forward[account, sequence])


def test_an_order_names_its_line_and_the_side_follows_from_the_direction(town: Town) -> None:
    _life(town)
    payment = next(iter(_events(town)))
    auditor = town.staff("auditor")
    for direction, person in (("back", town.anna), ("forward", town.ben)):
        query = FundsQuery(direction, order_id=payment)
        view = audit.follow_funds(town.bank, auditor, query)
        assert (view.account, view.money) == (person.account, eur("5.00"))


def test_an_orders_line_is_of_the_currency_that_is_asked_for(town: Town) -> None:
    _life(town)
    payment = next(iter(_events(town)))
    auditor = town.staff("auditor")
    euros = audit.follow_funds(town.bank, auditor, FundsQuery("back", None, "EUR", None, payment))
    assert euros.money == eur("5.00")
    with pytest.raises(NotFound):
        audit.follow_funds(town.bank, auditor, FundsQuery("back", None, "USD", None, payment))
    with pytest.raises(InvalidRequest):
        audit.follow_funds(town.bank, auditor, FundsQuery("back", None, "EUR", 1, payment))


def _events(town: Town) -> Iterator[str]:
    filters = EventFilter(kind="payment", account=town.anna.account)
    for event in audit.list_events(town.bank, town.staff("auditor"), filters, ALL).items:
        assert event.order_id is not None
        yield event.order_id


def test_what_can_not_be_followed_is_refused(town: Town) -> None:
    account = town.anna.account
    for query, kind in (
        (FundsQuery("sideways", account, "EUR", 1), InvalidRequest),
        (FundsQuery("back", account, "EUR", 1, steps=7), InvalidRequest),
        (FundsQuery("back", account, "EUR", 1, width=0), InvalidRequest),
        (FundsQuery("back", account, "EUR"), InvalidRequest),
        (FundsQuery("back", account, "EUR", 1), InvalidRequest),
        (FundsQuery("back", account, "EUR", 99), NotFound),
        (FundsQuery("back", order_id="0x" + "ab" * 32), NotFound),
    ):
        with pytest.raises(kind):
            audit.follow_funds(town.bank, town.staff("auditor"), query)
