"""A merchant's day: what came in and why, equal to the account's own entries on chain.

Two copies of the chain that know nothing of one another are compared: what the contracts of purchases,
splits and mandates say about their orders, and the entries that the token wrote for each movement. An
entry that belongs to none of those orders is shown by its kind.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.books import cursor_of
from wallet_chain.bank.witness import looking, not_found, record_look, require_own
from wallet_chain.errors import InvalidRequest
from wallet_chain.merchants.drafts import SettlementQuery
from wallet_chain.merchants.views import MerchantSettlementView, SettlementLine
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import (
    ChainAccount,
    ChainBlock,
    ChainCharge,
    ChainEntry,
    ChainPurchase,
    ChainPurchaseRefund,
    ChainSplit,
    ChainSplitPart,
    Customer,
    DueOrder,
    Order,
)

_DUES = {"req": "payment_request", "bil": "bill", "ins": "instalment", "ipl": "instalment"}
SALES = ("purchase", "payment_request", "bill", "instalment", "split")
REFUND, CHARGE = "purchase_refund", "charge"


@dataclass(slots=True)
class _Line:
    """Minor units that add up under one word."""

    count: int = 0
    gross: int = 0
    discounts: int = 0
    points: int = 0
    tips: int = 0
    net: int = 0
    compensation: int = 0


@dataclass(slots=True)
class _Day:
    """One merchant's accounts in one currency from one midnight to the next, in UTC."""

    accounts: list[str]
    currency: Currency
    start: int
    end: int
    lines: dict[str, _Line] = field(default_factory=lambda: defaultdict(_Line))
    orders: set[str] = field(default_factory=set)
    """Order ids whose movements the lines explain."""
    explained: int = 0
    """What these orders should have moved."""


def settlement_of(bank: Bank, caller: Caller, query: SettlementQuery) -> MerchantSettlementView:
    """A merchant's settlement report. Raises InvalidRequest, UnknownCurrency and NotFound."""
    start, end = _bounds(query.day)
    currency = currency_named(query.currency)
    require_own(caller, query.customer_id)
    with looking(bank, caller) as session:
        merchant = session.get(Customer, query.customer_id)
        if merchant is None or not merchant.merchant:
            raise not_found("merchant", query.customer_id)
        asked = {"day": query.day, "currency": currency.code}
        record_look(bank, session, caller, "settlement", merchant.id, asked)
        day = _Day(_accounts_of(session, merchant), currency, start, end)
        _add_purchases(session, day)
        _add_splits(session, day)
        _add_refunds(session, day)
        _add_charges(session, day)
        return _report(bank, session, merchant, query.day, day)


def settlement_csv(bank: Bank, caller: Caller, query: SettlementQuery) -> bytes:
    """The same report as CSV (RFC 4180): its lines, then what they add up to."""
    report = settlement_of(bank, caller, query)
    names = [one.name for one in fields(SettlementLine)]
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(["customer_id", "day", "currency", *names])
    front = [report.customer_id, report.day, report.currency]
    for line in report.lines:
        table.writerow([*front, *(_cell(getattr(line, name)) for name in names)])
    for name in ("opening", "net", "entries", "difference", "closing"):
        amount = getattr(report, name).decimal
        table.writerow([*front, name, "", "", "", "", "", amount])
    return written.getvalue().encode()


def _cell(value: object) -> str:
    return value.decimal if isinstance(value, Money) else str(value)


def _bounds(day: str) -> tuple[int, int]:
    try:
        start = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidRequest("day is a date like 2026-03-01, in UTC.", field="day") from error
    try:
        return int(start.timestamp()), int((start + timedelta(days=1)).timestamp())
    except OverflowError as error:
        raise InvalidRequest("There is no day after this one.", field="day") from error


def _accounts_of(session: Session, merchant: Customer) -> list[str]:
    """All that were the merchant's: a key that was replaced leaves its account's history behind."""
    return list(
        session.scalars(
            select(ChainAccount.account)
            .where(ChainAccount.customer_ref == merchant.customer_ref)
            .order_by(ChainAccount.account)
        )
    )


def _add_purchases(session: Session, day: _Day) -> None:
    rows = session.scalars(
        select(ChainPurchase).where(
            ChainPurchase.merchant.in_(day.accounts),
            ChainPurchase.currency == day.currency.code,
            ChainPurchase.block_time >= day.start,
            ChainPurchase.block_time < day.end,
        )
    ).all()
    dues = _dues_of(session, [row.order_id for row in rows])
    for row in rows:
        due = dues.get(row.order_id)
        line = day.lines["purchase" if due is None else _DUES[due.due_id[:3]]]
        line.count += 1
        line.gross += row.gross_minor
        line.discounts += row.reduction_minor + row.percentage_minor
        line.points += row.points_minor
        _explain(day, line, row.order_id, row.points_minor + row.cash_minor)


def _add_splits(session: Session, day: _Day) -> None:
    rows = session.execute(
        select(ChainSplitPart.order_id, ChainSplitPart.amount_minor)
        .join(ChainSplit, ChainSplit.order_id == ChainSplitPart.order_id)
        .where(
            ChainSplitPart.receiver.in_(day.accounts),
            ChainSplit.payer.not_in(day.accounts),
            ChainSplit.currency == day.currency.code,
            ChainSplit.block_time >= day.start,
            ChainSplit.block_time < day.end,
        )
    ).all()
    received: dict[str, int] = defaultdict(int)
    for order_id, amount_minor in rows:
        received[order_id] += amount_minor
    dues = _dues_of(session, list(received))
    for order_id, amount_minor in received.items():
        due, line = dues.get(order_id), day.lines["split"]
        if due is not None and due.payee_accounts & set(day.accounts):
            # Who only gets a part of somebody else's request gets no tip.
            line = day.lines[_DUES[due.due_id[:3]]]
            line.tips += due.tip_minor
            line.gross -= due.tip_minor
        line.count += 1
        line.gross += amount_minor
        _explain(day, line, order_id, amount_minor)


def _add_refunds(session: Session, day: _Day) -> None:
    for row in session.scalars(
        select(ChainPurchaseRefund).where(
            ChainPurchaseRefund.merchant.in_(day.accounts),
            ChainPurchaseRefund.currency == day.currency.code,
            ChainPurchaseRefund.block_time >= day.start,
            ChainPurchaseRefund.block_time < day.end,
        )
    ):
        line = day.lines[REFUND]
        line.count += 1
        line.gross -= row.amount_minor
        line.compensation += row.compensation_minor
        _explain(day, line, row.order_id, -row.money_minor - row.deposited_minor)


def _add_charges(session: Session, day: _Day) -> None:
    for row in session.scalars(
        select(ChainCharge).where(
            ChainCharge.merchant.in_(day.accounts),
            ChainCharge.currency == day.currency.code,
            ChainCharge.block_time >= day.start,
            ChainCharge.block_time < day.end,
        )
    ):
        line = day.lines[CHARGE]
        line.count += 1
        line.gross += row.amount_minor
        _explain(day, line, row.order_id, row.amount_minor)


def _explain(day: _Day, line: _Line, order_id: str, minor: int) -> None:
    line.net += minor
    day.explained += minor
    day.orders.add(order_id)


@dataclass(frozen=True, slots=True)
class _Due:
    due_id: str
    tip_minor: int
    payee_accounts: frozenset[str]


def _dues_of(session: Session, order_ids: list[str]) -> dict[str, _Due]:
    """What was paid by these orders, by their id on chain."""
    found: dict[str, _Due] = {}
    for place in range(0, len(order_ids), 500):
        rows = session.execute(
            select(Order.order_id, DueOrder.due_id, DueOrder.tip_minor, Order.counterparty_account)
            .join(DueOrder, DueOrder.order_id == Order.id)
            .where(Order.order_id.in_(order_ids[place : place + 500]))
        )
        for order_id, due_id, tip_minor, account in rows:
            found[order_id] = _Due(due_id, tip_minor, frozenset({account or ""}))
    return found


def _report(
    bank: Bank, session: Session, merchant: Customer, name: str, day: _Day
) -> MerchantSettlementView:
    entries = session.scalars(
        select(ChainEntry).where(
            ChainEntry.account.in_(day.accounts),
            ChainEntry.currency == day.currency.code,
            ChainEntry.block_time >= day.start,
            ChainEntry.block_time < day.end,
        )
    ).all()
    for entry in entries:
        if entry.reference not in day.orders:
            side = "in" if entry.change_minor > 0 else "out"
            line = day.lines[f"{entry.kind}_{side}"]
            line.count += 1
            line.net += entry.change_minor
    sales = [day.lines[kind] for kind in SALES if kind in day.lines]
    refunds, charges = day.lines.get(REFUND, _Line()), day.lines.get(CHARGE, _Line())
    net = sum(line.net for line in day.lines.values())
    moved = sum(entry.change_minor for entry in entries)
    opening = _held_before(session, day, day.start)
    points = sum(line.points for line in sales)

    def money(minor: int) -> Money:
        return Money(minor, day.currency)

    return MerchantSettlementView(
        customer_id=merchant.id,
        day=name,
        currency=day.currency.code,
        from_time=day.start,
        to_time=day.end,
        accounts=tuple(day.accounts),
        opening=money(opening),
        closing=money(_held_before(session, day, day.end)),
        gross=money(sum(line.gross for line in sales)),
        discounts=money(sum(line.discounts for line in sales)),
        points=money(points),
        cash=money(sum(line.net for line in sales) - points),
        tips=money(sum(line.tips for line in sales)),
        refunds=money(-refunds.net),
        compensation=money(refunds.compensation),
        charges=money(charges.net),
        other=money(net - day.explained),
        net=money(net),
        entries=money(moved),
        difference=money(net - moved),
        complete=_is_over(bank, session, day),
        lines=tuple(_line_view(kind, line, day.currency) for kind, line in _sorted(day)),
    )


def _sorted(day: _Day) -> Iterable[tuple[str, _Line]]:
    order = {kind: place for place, kind in enumerate((*SALES, REFUND, CHARGE))}
    return sorted(day.lines.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))


def _line_view(kind: str, line: _Line, currency: Currency) -> SettlementLine:
    return SettlementLine(
        kind=kind,
        count=line.count,
        gross=Money(line.gross, currency),
        discounts=Money(line.discounts, currency),
        points=Money(line.points, currency),
        tips=Money(line.tips, currency),
        net=Money(line.net, currency),
    )


def _held_before(session: Session, day: _Day, moment: int) -> int:
    """What all the accounts held together before a moment."""
    held = 0
    for account in day.accounts:
        held += (
            session.scalars(
                select(ChainEntry.balance_minor)
                .where(
                    ChainEntry.account == account,
                    ChainEntry.currency == day.currency.code,
                    ChainEntry.block_time < moment,
                )
                .order_by(ChainEntry.sequence.desc())
                .limit(1)
            ).first()
            or 0
        )
    return held


def _is_over(bank: Bank, session: Session, day: _Day) -> bool:
    """Whether no block of the day can be missing."""
    if bank.clock() < day.end:
        return False
    block = session.get(ChainBlock, cursor_of(session).number)
    later = block is not None and block.time >= day.end
    return later or bank.pipeline.is_informed
