"""Totals of any question about the events: from running sums where there are any, else added up.

What is added up is bounded: a total examines at most ``EXAMINED_MAX`` events, says that it is not
complete, and hands out a cursor with which the rest is asked for and added by the caller.
"""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.asking import Asked, question_of
from wallet_chain.audit.drafts import EventFilter
from wallet_chain.audit.events import asked_of_events
from wallet_chain.audit.searching import search
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
from wallet_chain.store.tables import ChainCurrency, ChainEvent

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
"""What came in, went out, and moved between accounts."""

Tally = dict[str | None, Sides]
"""By currency; null: events about no money."""


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
            found = search(session, question_of(asked), position, EXAMINED_MAX, EXAMINED_MAX)
            following = found.next_position
            tally = _added(found.rows, asked.own[0] if asked.own else None, of == MOVEMENTS)
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
            return {c: _of_accounts(session, c, asked) for c in _currencies(session, asked)}
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


def _of_accounts(session: Session, code: str, asked: Asked) -> Sides:
    [accounts] = asked.own
    came, went = NOTHING, NOTHING
    for account in accounts:
        totals = span_of(session, account, currency_named(code), asked.blocks).totals
        # All lines are counted at once; which of them came in does not matter for any answer.
        came = _plus(came, Sums(totals.lines, totals.came_in.amount_minor))
        went = _plus(went, Sums(0, totals.went_out.amount_minor))
    return came, went, NOTHING


def _added(rows: Iterable[ChainEvent], own: frozenset[str] | None, movements: bool) -> Tally:
    tally: Tally = {}
    for row in rows:
        code = row.currency if row.currency in CURRENCIES else None
        came, went, between = tally.get(code, (NOTHING, NOTHING, NOTHING))
        amount = Sums(1, row.amount_minor or 0)
        giver, taker = _sides(row)
        if own is None:
            comes, goes = movements and giver is None, movements and taker is None
        else:
            comes, goes = taker in own, giver in own
        came = _plus(came, amount) if comes else came
        went = _plus(went, amount) if goes else went
        between = between if comes or goes else _plus(between, amount)
        tally[code] = (came, went, between)
    return tally


def _sides(row: ChainEvent) -> tuple[str | None, str | None]:
    """Who gave the event's money, and who took it."""
    if row.name in GIVER_FIRST:
        return row.account, row.counterparty
    if row.name in TAKER_FIRST:
        return row.counterparty, row.account
    return (
        row.account if row.name in GIVER_ALONE else None,
        row.account if row.name in TAKER_ALONE else None,
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
    came, went, between = (Money(each.total, currency) for each in sums)
    return CurrencyTotal(code, count, came, went, None if asked.own else between)
