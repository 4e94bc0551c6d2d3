"""What is owed in points, to the last part of a minor unit, beside what the contract says itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.witness import looking, record_look, visible_customer
from wallet_chain.errors import ChainUnavailable, NotReady
from wallet_chain.ledger.months import month_index, month_of, month_text
from wallet_chain.loyalty.drafts import LiabilityFilter
from wallet_chain.loyalty.known import (
    Programme,
    customers_of,
    known,
    origin_of_customer,
    present_accounts,
    programme_on_chain,
    programmes_on_chain,
)
from wallet_chain.loyalty.shares import MonthShares, outstanding
from wallet_chain.loyalty.views import (
    HeldView,
    LiabilitiesView,
    MonthLiabilityView,
    PayerLiabilityView,
    PoolLiabilityView,
    ProgrammeLiabilityView,
)
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.pipeline.verify_loyalty import loyalty_differences
from wallet_chain.store.tables import ChainBlock, ChainCursor, ChainMember, ChainProgramme

_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class _Names:
    """Who is behind the origins that the report speaks of."""

    accounts: Mapping[str, str]
    customers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Line:
    """A programme in the report, before anything is left out."""

    programme: Programme
    months: Mapping[int, MonthShares]
    pools: Mapping[str, int]
    names: _Names
    now: int


def get_liabilities(bank: Bank, caller: Caller, filters: LiabilityFilter) -> LiabilitiesView:
    """What is owed per programme, payer and expiry month, compared with the contract as of the same
    block: reserves, pools, totals of each month, what each paid for, and the money held.

    ``agrees`` and ``held`` are about all programmes, whatever was filtered. Raises NotFound,
    ProgrammeUnknown, InvalidRequest (no month), ChainUnavailable, NotReady (no block was indexed yet).
    """
    month = None if filters.month is None else month_index(filters.month)
    with looking(bank, caller) as session:
        record_look(
            bank,
            session,
            caller,
            "liabilities",
            filters.customer_id,
            {"programme": filters.programme, "month": filters.month},
        )
        number = None
        if filters.programme is not None:
            number = programme_on_chain(session, filters.programme).number
        payer = None
        if filters.customer_id is not None:
            customer = visible_customer(session, caller, filters.customer_id)
            payer = origin_of_customer(session, customer) or ""
    for _ in range(_ATTEMPTS):
        report = _report(bank, number, payer, month)
        if report is not None:
            return report
    raise ChainUnavailable("Blocks come faster than the report can be made; ask again.")


def _report(
    bank: Bank, number: int | None, payer: str | None, month: int | None
) -> LiabilitiesView | None:
    """The report of the last indexed block; None when another block was indexed meanwhile."""
    with bank.store.reading() as session:
        block = _last_block(session)
        programmes = [
            known(row)
            for row in session.execute(
                programmes_on_chain().order_by(ChainProgramme.programme)
            ).all()
        ]
        pools = _pools(session)
        shown = [one for one in programmes if number in (None, one.number)]
        lines = _lines(session, shown, pools, month_of(block.time))
        reported = _reported(programmes, pools)
        differences = list(
            loyalty_differences(session, bank.contracts, block.number, customers=False)
        )
        if _last_block(session).number != block.number:
            return None
    holder = bank.contracts.address("Loyalty")
    codes = sorted(bank.contracts.book.tokens)
    held = bank.contracts.read_many(
        [(code, "balanceOf", (holder,)) for code in codes], block.number
    )
    return LiabilitiesView(
        block_number=block.number,
        block_time=block.time,
        agrees=not differences,
        differences=tuple(str(one) for one in differences),
        held=tuple(
            _held(code, reported[code], balance)
            for code, balance in zip(codes, held, strict=True)
            if code in reported or balance
        ),
        programmes=tuple(_narrowed(line, payer, month) for line in lines),
    )


def _last_block(session: Session) -> ChainBlock:
    number = session.scalar(select(ChainCursor.number))
    if number is None:
        raise NotReady("No block was indexed yet; ask again in a moment.")
    return session.get_one(ChainBlock, number)


def _pools(session: Session) -> dict[int, dict[str, int]]:
    """Free parts by programme and origin."""
    pools: dict[int, dict[str, int]] = defaultdict(dict)
    for row in session.scalars(select(ChainMember).order_by(ChainMember.account)):
        pools[row.programme][row.account] = int(row.free_parts)
    return pools


def _reported(
    programmes: Iterable[Programme], pools: Mapping[int, Mapping[str, int]]
) -> dict[str, int]:
    """What all programmes of each currency say that the contract holds, in minor units."""
    reported: dict[str, int] = defaultdict(int)
    for one in programmes:
        parts = int(one.chain.reserve_parts) + sum(pools.get(one.number, {}).values())
        reported[one.chain.currency] += parts // one.worth.denominator
    return reported


def _held(code: str, reported: int, held: int) -> HeldView:
    currency = currency_named(code)
    return HeldView(
        currency=code,
        reported=Money(reported, currency),
        held=Money(held, currency),
        difference=Money(held - reported, currency),
    )


def _lines(
    session: Session,
    programmes: Sequence[Programme],
    pools: Mapping[int, Mapping[str, int]],
    now: int,
) -> list[_Line]:
    owed = {one.number: outstanding(session, one.number) for one in programmes}
    origins = {account for one in programmes for account in pools.get(one.number, {})}
    origins |= {a for months in owed.values() for m in months.values() for a in m.issued_by}
    names = _Names(present_accounts(session, origins), customers_of(session, origins))
    return [
        _Line(one, owed[one.number], dict(pools.get(one.number, {})), names, now)
        for one in programmes
    ]


def _narrowed(line: _Line, payer: str | None, month: int | None) -> ProgrammeLiabilityView:
    """The view of a programme. Its own sums are of all; months and pools are those asked for."""
    programme, worth = line.programme, line.programme.worth
    reserve, pools = int(programme.chain.reserve_parts), sum(line.pools.values())
    return ProgrammeLiabilityView(
        programme=programme.number,
        name=programme.name,
        currency=worth.currency,
        closed=programme.chain.closed,
        parts_per_minor=worth.denominator,
        points=sum(one.points for one in line.months.values()),
        reserve_parts=str(reserve),
        reserve=worth.of_parts_up(reserve),
        pools_parts=str(pools),
        money=worth.of_parts(reserve + pools),
        months=tuple(
            _month(line, number, one, payer)
            for number, one in sorted(line.months.items())
            if month in (None, number)
        ),
        pools=tuple(
            PoolLiabilityView(
                account=line.names.accounts[account],
                customer_id=line.names.customers.get(account),
                parts=str(parts),
                free=worth.of_parts(parts),
            )
            for account, parts in line.pools.items()
            if payer in (None, account)
        ),
    )


def _month(line: _Line, number: int, month: MonthShares, payer: str | None) -> MonthLiabilityView:
    worth = line.programme.worth
    return MonthLiabilityView(
        month=month_text(number),
        expired=number < line.now,
        points=month.points,
        issued=month.issued,
        parts=str(month.points * worth.numerator),
        value=worth.up(month.points),
        payers=tuple(
            PayerLiabilityView(
                account=line.names.accounts[account],
                customer_id=line.names.customers.get(account),
                issued=month.issued_by[account],
                points=points,
                parts=str(points * worth.numerator),
                value=worth.up(points),
            )
            for account, points in month.shares.items()
            if payer in (None, account)
        ),
    )
