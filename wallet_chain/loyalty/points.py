"""A customer's points: what there is, when it runs out, and what happened to it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.paging import cut, read_position
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import is_customer, looking, record_look, visible_customer
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.months import month_of, month_start, month_text
from wallet_chain.loyalty.drafts import PointsQuery
from wallet_chain.loyalty.known import (
    Programme,
    Worth,
    origin_of,
    origin_of_customer,
    present_account,
    programme_on_chain,
    programmes_by_number,
)
from wallet_chain.loyalty.views import (
    ForecastMonthView,
    ForecastView,
    LotChangeView,
    LotView,
    PointsBalanceView,
    PointsEntryView,
)
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import (
    ChainCursor,
    ChainPoints,
    ChainPointsEntry,
    Customer,
    Operation,
    Order,
)

_SPENDERS = ("purchase", "points_transfer")
"""Kinds of order that take points from their signer."""


@dataclass(frozen=True, slots=True)
class _Holding:
    """A customer's points in a programme, by the month at whose end they expire."""

    programme: Programme
    lots: dict[int, int]

    def good(self, month: int) -> dict[int, int]:
        """Those that can be spent in ``month``, earliest first."""
        return {m: points for m, points in sorted(self.lots.items()) if m >= month}


def get_points(bank: Bank, caller: Caller, query: PointsQuery) -> tuple[PointsBalanceView, ...]:
    """What a customer has in each programme, by the month at whose end it expires.

    Raises NotFound, InvalidRequest (staff named nobody), ProgrammeUnknown.
    """
    with looking(bank, caller) as session:
        customer, origin, holdings = _holdings(bank, session, caller, query, "points")
        cursor = session.scalars(select(ChainCursor)).first()
        now = month_of(bank.clock())
        if origin is None:
            return ()
        account = present_account(session, origin)
        return tuple(
            _balance(
                session,
                customer,
                account,
                one,
                now,
                0 if cursor is None else cursor.number,
            )
            for one in holdings
        )


def get_forecast(bank: Bank, caller: Caller, query: PointsQuery) -> tuple[ForecastView, ...]:
    """What a customer's points come to at the end of each month if none are spent or earned.

    Raises as ``get_points``.
    """
    with looking(bank, caller) as session:
        customer, _, holdings = _holdings(bank, session, caller, query, "points forecast")
        now = month_of(bank.clock())
        return tuple(_forecast(customer.id, one, now) for one in holdings)


def list_points_entries(
    bank: Bank, caller: Caller, query: PointsQuery, request: PageRequest
) -> Page[PointsEntryView]:
    """What happened to a customer's points, latest first. Raises as ``get_points``, CursorInvalid."""
    whose = _whose(caller, query)
    scope = f"points history/{whose}/{query.programme}"
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        customer = visible_customer(session, caller, whose)
        record_look(bank, session, caller, "points history", whose, {"programme": query.programme})
        origin = origin_of_customer(session, customer)
        statement = select(ChainPointsEntry).where(ChainPointsEntry.account == origin)
        if query.programme is not None:
            number = programme_on_chain(session, query.programme).number
            statement = statement.where(ChainPointsEntry.programme == number)
        columns = (ChainPointsEntry.block_number, ChainPointsEntry.log_index)
        if position is not None:
            statement = statement.where(tuple_(*columns) < tuple_(*position))
        rows = session.scalars(
            statement.order_by(*(column.desc() for column in columns)).limit(request.limit + 1)
        ).all()
        resources = _resources(session, caller, rows)
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: _entry_view(row, resources.get(row.order_id)),
            lambda row: (row.block_number, row.log_index),
        )


def spendable(bank: Bank, session: Session, account: str, programme: int) -> int:
    """Points that an account can spend now, as of the last indexed block."""
    total = session.scalar(
        select(func.sum(ChainPoints.points)).where(
            ChainPoints.account == origin_of(session, account),
            ChainPoints.programme == programme,
            ChainPoints.month >= month_of(bank.clock()),
        )
    )
    return int(total or 0)


def pending_points(session: Session, account: str, programme: int) -> int:
    """Points that accepted orders which are not final yet will take from an account."""
    messages = session.scalars(
        select(Order.message)
        .join(Operation, Operation.id == Order.operation_id)
        .where(
            Order.signer_account == account,
            Order.kind.in_(_SPENDERS),
            Operation.state.in_(UNFINISHED),
        )
    )
    return sum(int(one["points"]) for one in messages if int(one["programme"]) == programme)


def _whose(caller: Caller, query: PointsQuery) -> str:
    whose = query.customer_id or caller.customer_id
    if whose is None:
        raise InvalidRequest("Say whose points with customer_id.", field="customer_id")
    return whose


def _holdings(
    bank: Bank, session: Session, caller: Caller, query: PointsQuery, action: str
) -> tuple[Customer, str | None, list[_Holding]]:
    whose = _whose(caller, query)
    customer = visible_customer(session, caller, whose)
    record_look(bank, session, caller, action, whose, {"programme": query.programme})
    origin = origin_of_customer(session, customer)
    statement = select(ChainPoints).where(ChainPoints.account == origin, ChainPoints.points > 0)
    if query.programme is not None:
        number = programme_on_chain(session, query.programme).number
        statement = statement.where(ChainPoints.programme == number)
    lots: dict[int, dict[int, int]] = defaultdict(dict)
    for row in session.scalars(statement):
        lots[row.programme][row.month] = row.points
    programmes = programmes_by_number(session, lots)
    return customer, origin, [_Holding(programmes[n], lots[n]) for n in sorted(lots)]


def _balance(
    session: Session, customer: Customer, account: str, holding: _Holding, now: int, block: int
) -> PointsBalanceView:
    worth, good = holding.programme.worth, holding.good(now)
    points = sum(good.values())
    return PointsBalanceView(
        programme=holding.programme.number,
        name=holding.programme.name,
        customer_id=customer.id,
        account=account,
        points=points,
        value=worth.down(points),
        step=worth.step,
        pending=pending_points(session, account, holding.programme.number),
        lots=tuple(_lot(worth, month, points) for month, points in good.items()),
        expired=sum(holding.lots.values()) - points,
        block_number=block,
    )


def _lot(worth: Worth, month: int, points: int) -> LotView:
    return LotView(month_text(month), month_start(month + 1), points, worth.down(points))


def _forecast(customer_id: str, holding: _Holding, now: int) -> ForecastView:
    worth, good = holding.programme.worth, holding.good(now)
    total = left = sum(good.values())
    months: list[ForecastMonthView] = []
    for month, points in good.items():
        left -= points
        months.append(
            ForecastMonthView(
                month_text(month), month_start(month + 1), points, worth.down(points), left
            )
        )
    return ForecastView(
        programme=holding.programme.number,
        name=holding.programme.name,
        customer_id=customer_id,
        points=total,
        months=tuple(months),
    )


def _resources(
    session: Session, caller: Caller, rows: Sequence[ChainPointsEntry]
) -> dict[str, str]:
    """The ids of the orders behind the lines, by what they are called on chain."""
    orders = session.scalars(select(Order).where(Order.order_id.in_([r.order_id for r in rows])))
    return {
        order.order_id: order.id
        for order in orders
        if not is_customer(caller)
        or caller.customer_id in (order.signer_customer_id, order.counterparty_customer_id)
    }


def _entry_view(row: ChainPointsEntry, resource_id: str | None) -> PointsEntryView:
    sign = 1 if row.change > 0 else -1
    lots = sorted((int(month), points) for month, points in row.lots.items())
    return PointsEntryView(
        programme=row.programme,
        kind=row.kind,
        change=row.change,
        lots=tuple(LotChangeView(month_text(month), sign * points) for month, points in lots),
        counterparty_account=row.counterparty,
        resource_id=resource_id,
        order_id=row.order_id,
        transaction_hash=row.transaction_hash,
        block_number=row.block_number,
        log_index=row.log_index,
        at=row.block_time,
    )
