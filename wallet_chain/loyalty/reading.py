"""Finding programmes, members and pools."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.paging import Position, cut, read_position, scope_of
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import (
    is_customer,
    looking,
    own_customer,
    record_look,
    visible_customer,
)
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.months import month_of, month_text
from wallet_chain.loyalty.drafts import ProgrammeFilter
from wallet_chain.loyalty.known import (
    Programme,
    account_named,
    customers_of,
    known,
    origin_of_customer,
    present_accounts,
    programme_on_chain,
    programmes_on_chain,
    shown_customer,
)
from wallet_chain.loyalty.programmes import KINDS
from wallet_chain.loyalty.shares import outstanding
from wallet_chain.loyalty.showing import (
    member_views,
    programme_views,
    show_programme,
    show_programme_order,
)
from wallet_chain.loyalty.views import (
    MemberView,
    PoolEntryView,
    PoolMonthView,
    PoolView,
    ProgrammeOrderView,
    ProgrammeView,
)
from wallet_chain.money import currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainMember, ChainPoolEntry, ChainProgramme


def get_programme(bank: Bank, caller: Caller, programme: str) -> ProgrammeView:
    """A programme by its id or number. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_programme(session, caller, programme)


def list_programmes(
    bank: Bank, caller: Caller, filters: ProgrammeFilter, request: PageRequest
) -> Page[ProgrammeView]:
    """Programmes on chain, newest first. Raises CursorInvalid, InvalidRequest, UnknownCurrency."""
    scope = scope_of("programmes", filters)
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        conditions = _conditions(session, filters)
        if position is not None:
            conditions.append(ChainProgramme.programme < position[0])
        rows = session.execute(
            programmes_on_chain()
            .where(*conditions)
            .order_by(ChainProgramme.programme.desc())
            .limit(request.limit + 1)
        ).all()
        views = programme_views(session, caller, [known(row) for row in rows])
    return cut(bank, scope, request, views, lambda view: view, lambda v: (v.programme or 0,))


def list_members(
    bank: Bank, caller: Caller, programme: str, request: PageRequest
) -> Page[MemberView]:
    """The members of a programme, by account. Raises NotFound, ProgrammeUnknown, CursorInvalid."""
    scope = f"members/{programme}"
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        found = programme_on_chain(session, programme)
        rows = _parts(session, found, request, position, ChainMember.state != "none")
        views = zip(rows, member_views(session, caller, found, rows), strict=True)
        return cut(
            bank, scope, request, list(views), lambda one: one[1], lambda one: (one[0].account,)
        )


def list_pools(bank: Bank, caller: Caller, programme: str, request: PageRequest) -> Page[PoolView]:
    """The pools of a programme, by account; a merchant sees its own.

    Raises NotFound, ProgrammeUnknown, CursorInvalid.
    """
    scope = f"pools/{programme}"
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        found = programme_on_chain(session, programme)
        record_look(bank, session, caller, "pools", None, {"programme": found.number})
        conditions = []
        if is_customer(caller):
            own = origin_of_customer(session, own_customer(session, caller))
            conditions.append(ChainMember.account == own)
        rows = _parts(session, found, request, position, *conditions)
        views = _pool_views(bank, session, caller, found, rows)
        return cut(
            bank,
            scope,
            request,
            list(zip(rows, views, strict=True)),
            lambda one: one[1],
            lambda one: (one[0].account,),
        )


def list_pool_entries(
    bank: Bank, caller: Caller, programme: str, customer_id: str | None, request: PageRequest
) -> Page[PoolEntryView]:
    """What happened to a pool, latest first: a merchant's own, or that of whom staff names.

    Raises NotFound, InvalidRequest (staff named nobody), ProgrammeUnknown, CursorInvalid.
    """
    whose = customer_id or caller.customer_id
    if whose is None:
        raise InvalidRequest("Say whose pool with customer_id.", field="customer_id")
    scope = f"pool entries/{programme}/{whose}"
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        customer = visible_customer(session, caller, whose)
        found = programme_on_chain(session, programme)
        record_look(bank, session, caller, "pool", whose, {"programme": found.number})
        origin = origin_of_customer(session, customer)
        statement = select(ChainPoolEntry).where(
            ChainPoolEntry.account == origin, ChainPoolEntry.programme == found.number
        )
        columns = (ChainPoolEntry.block_number, ChainPoolEntry.log_index, ChainPoolEntry.kind)
        if position is not None:
            statement = statement.where(tuple_(*columns) < tuple_(*position))
        rows = session.scalars(
            statement.order_by(*(column.desc() for column in columns)).limit(request.limit + 1)
        ).all()
        account = present_accounts(session, [origin or ""])[origin or ""]
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: _entry_view(found, account, row),
            lambda row: (row.block_number, row.log_index, row.kind),
        )


def get_programme_order(bank: Bank, caller: Caller, order_id: str) -> ProgrammeOrderView:
    """An order about a pool or about earning. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_programme_order(bank, session, caller, order_id)


def _conditions(session: Session, filters: ProgrammeFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.currency is not None:
        conditions.append(ChainProgramme.currency == currency_named(filters.currency).code)
    if filters.kind is not None:
        if filters.kind not in KINDS:
            raise InvalidRequest(f"kind is one of {', '.join(KINDS)}.", field="kind")
        conditions.append(ChainProgramme.kind == filters.kind)
    if filters.closed is not None:
        conditions.append(ChainProgramme.closed.is_(filters.closed))
    if filters.merchant is not None:
        merchant = account_named(session, filters.merchant)
        conditions.append(
            ChainProgramme.programme.in_(
                select(ChainMember.programme).where(
                    ChainMember.account == merchant, ChainMember.state == "active"
                )
            )
        )
    return conditions


def _parts(
    session: Session,
    programme: Programme,
    request: PageRequest,
    position: Position | None,
    *conditions: ColumnElement[bool],
) -> Sequence[ChainMember]:
    """Who has a part in a programme, by account, one more than the page shows."""
    statement = select(ChainMember).where(ChainMember.programme == programme.number, *conditions)
    if position is not None:
        statement = statement.where(ChainMember.account > position[0])
    return session.scalars(statement.order_by(ChainMember.account).limit(request.limit + 1)).all()


def _pool_views(
    bank: Bank,
    session: Session,
    caller: Caller,
    programme: Programme,
    rows: Sequence[ChainMember],
) -> list[PoolView]:
    accounts = present_accounts(session, [row.account for row in rows])
    customers = customers_of(session, accounts)
    worth, now = programme.worth, month_of(bank.clock())
    months: dict[str, list[PoolMonthView]] = {row.account: [] for row in rows}
    for number, month in outstanding(session, programme.number).items():
        for account, points in month.shares.items():
            if account in months:
                months[account].append(
                    PoolMonthView(
                        month=month_text(number),
                        issued=month.issued_by[account],
                        points=points,
                        value=worth.up(points),
                        expired=number < now,
                    )
                )
    return [
        PoolView(
            programme=programme.number,
            account=accounts[row.account],
            customer_id=shown_customer(caller, customers.get(row.account)),
            free=worth.of_parts(int(row.free_parts)),
            free_parts=row.free_parts,
            parts_per_minor=worth.denominator,
            months=tuple(months[row.account]),
        )
        for row in rows
    ]


def _entry_view(programme: Programme, account: str, row: ChainPoolEntry) -> PoolEntryView:
    return PoolEntryView(
        programme=row.programme,
        account=account,
        kind=row.kind,
        change_parts=row.change_parts,
        free_parts=row.free_parts,
        parts_per_minor=programme.worth.denominator,
        points=row.points,
        month=None if row.month is None else month_text(row.month),
        order_id=row.order_id,
        transaction_hash=row.transaction_hash,
        block_number=row.block_number,
        log_index=row.log_index,
        at=row.block_time,
    )
