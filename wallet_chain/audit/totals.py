"""Totals of any question about the events: from running sums where there are any, else added up.

What is added up is bounded: a total examines at most ``EXAMINED_MAX`` events, says that it is not
complete, and hands out a cursor with which the rest is asked for and added by the caller.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.adding import Group, add_up
from wallet_chain.audit.asking import Asked, between, question_of
from wallet_chain.audit.drafts import EventFilter
from wallet_chain.audit.events import asked_of_events
from wallet_chain.audit.series import NOTHING, Sums, sums_in
from wallet_chain.audit.statements import span_of
from wallet_chain.audit.views import CurrencyTotal, EventTotals
from wallet_chain.bank import Bank
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.views import PageRequest
from wallet_chain.bank.witness import looking
from wallet_chain.errors import InvalidRequest
from wallet_chain.money import CURRENCIES, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainCurrency

MOVEMENTS = "movements"
EXAMINED_MAX = 5_000
"""How many events one answer adds up at most."""

GIVER_FIRST = frozenset(
    {
        "Transfer",
        "CourtOrderExecuted",
        "PaymentSettled",
        "PaymentRefunded",
        "Redeemed",
        "PurchaseSettled",
        "PurchaseRefunded",
        "PoolDeposited",
        "MandateCharged",
        "SplitSettled",
    }
)
"""Events whose ``account`` gives the money, and whose ``counterparty`` takes it where there is one."""

TAKER_FIRST = frozenset({"GiftClaimed"})
"""Events whose ``account`` takes the money, and whose ``counterparty`` gave it."""

GIVER_ALONE = frozenset({"TransferSettled", "TransferHeld"})
"""Events by which ``account`` gives the money; what the other side gets is of another currency, or
waits in escrow."""

TAKER_ALONE = frozenset(
    {
        "MintApproved",
        "PoolWithdrawn",
        "PoolReturned",
        "GiftReturned",
        "TransferRejected",
        "TransferRefunded",
        "TransferRecalled",
    }
)
"""Events by which ``account`` gets the money from nobody who is named, such as an escrow.

By all other events nothing comes in or goes out, whatever they are about: a proposal, a release.
"""

_PERIOD = ("time_from", "time_to", "block_from", "block_to", "newest")

Sides = tuple[Sums, Sums, Sums]
"""What came in, went out, and moved between accounts: all of them, or a customer's own."""

Tally = dict[str | None, Sides]
"""By currency; null: events about no money."""


class _Side(NamedTuple):
    """A side of an event: whether it is of the accounts asked about, and whether there is nobody."""

    own: bool
    missing: bool


_NOBODY = _Side(own=False, missing=True)


def total_events(
    bank: Bank, caller: Caller, filters: EventFilter, cursor: str | None
) -> EventTotals:
    """How many events match, and how much money they are about, in each currency.

    Without a kind or name: movements, each once. Raises as ``list_events``, and InvalidRequest for
    a merchant, programme or reference without a kind: movements do not carry these.
    """
    scope = scope_of("event totals", filters)
    position = read_position(bank, scope, PageRequest(cursor=cursor))
    of = filters.kind or filters.name or MOVEMENTS
    wanted = replace(filters, newest=False)
    if of == MOVEMENTS:
        _require_kind(filters)
        wanted = replace(wanted, name="Transfer")
    with looking(bank, caller) as session:
        asked = asked_of_events(bank, session, caller, "events totals", wanted)
        tally = _from_sums(session, asked) if position is None else None
        following = None
        if tally is None:
            own = asked.own[0] if asked.own else frozenset[str]()
            question = question_of(asked)
            groups, following = add_up(session, question, position, own, EXAMINED_MAX)
            tally = _added(groups, of_accounts=bool(asked.own), movements=of == MOVEMENTS)
    return EventTotals(
        of=of,
        complete=following is None,
        items=tuple(
            _total(asked, code, sums) for code, sums in sorted(tally.items(), key=_by_currency)
        ),
        next_cursor=None if following is None else write_position(bank, scope, following),
        block_number=asked.blocks.cursor,
    )


def _require_kind(filters: EventFilter) -> None:
    for name in ("merchant", "programme", "reference"):
        if getattr(filters, name) is not None:
            raise InvalidRequest(
                f"Movements of money do not name a {name}; say which kind of event to add up.",
                field="kind",
            )


def _from_sums(session: Session, asked: Asked) -> Tally | None:
    """The totals from running sums; None where none were kept for the question. Raises NotReady."""
    filters = asked.filters
    said = {
        name
        for name in EventFilter.__slots__
        if getattr(filters, name) not in (None, False) and name not in _PERIOD
    }
    if filters.name == "Transfer" and filters.kind is None:
        if said <= {"name", "currency"}:
            return {c: _of_currency(session, c, asked) for c in _currencies(session, asked)}
        if said <= {"name", "currency", "account"} or said <= {"name", "currency", "customer"}:
            return _of_accounts(session, asked)
    if said <= {"currency", "kind"}:
        name = f"kind/{filters.kind}/"
        tally: Tally = {
            code: (NOTHING, NOTHING, sums_in(session, name + code, asked.blocks))
            for code in _currencies(session, asked)
        }
        without = sums_in(session, name + "-", asked.blocks)
        if filters.currency is None and without.count:
            tally[None] = NOTHING, NOTHING, without
        return tally
    return None


def _currencies(session: Session, asked: Asked) -> Iterable[str]:
    if asked.filters.currency is not None:
        return (currency_named(asked.filters.currency).code,)
    return session.scalars(select(ChainCurrency.currency)).all()


def _of_currency(session: Session, code: str, asked: Asked) -> Sides:
    issued, redeemed, moved = (
        sums_in(session, f"{what}/{code}", asked.blocks) for what in ("issued", "redeemed", "moved")
    )
    return issued, redeemed, moved


def _of_accounts(session: Session, asked: Asked) -> Tally | None:
    """From the lines of each account; None where too much moved between these to be taken off."""
    [accounts] = asked.own
    tally: Tally = {}
    for code in _currencies(session, asked):
        came, went = NOTHING, NOTHING
        for account in accounts:
            totals = span_of(session, account, currency_named(code), asked.blocks).totals
            # All lines are counted at once; which of them came in does not matter for any answer.
            came = _plus(came, Sums(totals.lines, totals.came_in.amount_minor))
            went = _plus(went, Sums(0, totals.went_out.amount_minor))
        tally[code] = came, went, NOTHING
    if len(accounts) > 1:
        moves, following = add_up(session, between(asked, accounts), None, accounts, EXAMINED_MAX)
        if following is not None:
            return None
        own = _added(moves, of_accounts=True, movements=True)
        for currency, (_, _, moved) in own.items():
            came, went, _ = tally[currency]
            # A move of its own has a line in each account, and is neither income nor spending.
            came, went = came - Sums(2 * moved.count, moved.total), went - Sums(0, moved.total)
            tally[currency] = came, went, moved
    return tally


def _added(groups: Iterable[Group], *, of_accounts: bool, movements: bool) -> Tally:
    tally: Tally = {}
    for group in groups:
        code = group.currency if group.currency in CURRENCIES else None
        came, went, moved = tally.get(code, (NOTHING, NOTHING, NOTHING))
        amount = Sums(group.count, group.total)
        giver, taker = _sides(group)
        if of_accounts:
            comes, goes = taker.own and not giver.own, giver.own and not taker.own
        else:
            comes, goes = movements and giver.missing, movements and taker.missing
        came = _plus(came, amount) if comes else came
        went = _plus(went, amount) if goes else went
        if not (comes or goes):
            # Of accounts: only what moved between them; what moved nothing is counted.
            idle = of_accounts and not (giver.own and taker.own)
            moved = _plus(moved, Sums(group.count, 0) if idle else amount)
        tally[code] = (came, went, moved)
    return tally


def _sides(group: Group) -> tuple[_Side, _Side]:
    """Who gave the money of the events, and who took it."""
    first = _Side(group.own_account, not group.has_account)
    second = _Side(group.own_counterparty, not group.has_counterparty)
    if group.name in GIVER_FIRST:
        return first, second
    if group.name in TAKER_FIRST:
        return second, first
    return (
        first if group.name in GIVER_ALONE else _NOBODY,
        first if group.name in TAKER_ALONE else _NOBODY,
    )


def _by_currency(one: tuple[str | None, Sides]) -> tuple[bool, str]:
    """By code, and last what is about no money."""
    return one[0] is None, one[0] or ""


def _plus(one: Sums, other: Sums) -> Sums:
    return Sums(one.count + other.count, one.total + other.total)


def _total(asked: Asked, code: str | None, sums: Sides) -> CurrencyTotal:
    count = sum(each.count for each in sums)
    if code is None:
        return CurrencyTotal(None, count, None, None, None)
    currency = CURRENCIES[code]
    came, went, moved = (Money(each.total, currency) for each in sums)
    alone = asked.own and asked.filters.customer is None
    return CurrencyTotal(code, count, came, went, None if alone else moved)
