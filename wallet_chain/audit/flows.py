"""What moved between countries, and along which corridors, by period: from running sums."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import FlowQuery
from wallet_chain.audit.periods import blocks_of, last_block_at
from wallet_chain.audit.series import sums_at
from wallet_chain.audit.views import Flow
from wallet_chain.bank import Bank
from wallet_chain.bank.books import require_sums
from wallet_chain.bank.paging import Position, read_position, scope_of, write_position
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.countries import country_code, country_number
from wallet_chain.errors import InvalidRequest
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainBlock, ChainSeries

PERIODS_MAX = 400
SERIES_MAX = 1_000
"""Pairs of countries and currencies that one question may be about."""

EXAMINED_MAX = 2_000
"""How many sums one page looks up at most."""

NOBODYS = "??"
_KINDS = {"country": "flow", "corridor": "sent"}


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    from_country: int
    to_country: int
    source: str
    target: str

    @property
    def arrived(self) -> str:
        """The series of what was received."""
        return self.name.replace("sent/", "received/", 1)


@dataclass(frozen=True, slots=True)
class _Span:
    """A period: its first and last second, and the blocks before it and at its end."""

    first: int
    last: int
    before: int
    end: int


def list_flows(bank: Bank, caller: Caller, query: FlowQuery, request: PageRequest) -> Page[Flow]:
    """Flows that are not empty, by period and within it by currency and countries.

    Raises InvalidRequest (a word that is not known, or too many periods or pairs at once),
    UnknownCountry, UnknownCurrency, CursorInvalid, NotFound, NotReady.
    """
    scope = scope_of("flows", query)
    position = read_position(bank, scope, request)
    if query.by not in _KINDS or query.period not in ("all", "day", "month", "year"):
        raise InvalidRequest("by is country or corridor; period is all, day, month or year.")
    with looking(bank, caller) as session:
        said = {name: value for name, value in asdict(query).items() if value is not None}
        record_look(bank, session, caller, "flows", None, said)
        require_sums(session)
        spans = _spans(bank, session, query)
        series = _series(session, query)
        return _page(bank, session, scope, (spans, series), request.limit, position)


def _page(
    bank: Bank,
    session: Session,
    scope: str,
    grid: tuple[list[_Span], list[_Series]],
    limit: int,
    position: Position | None,
) -> Page[Flow]:
    # A cursor names the next period and pair: the grid grows between two pages.
    spans, series = grid
    items: list[Flow] = []
    places = [
        (span, one)
        for span in spans
        for one in series
        if position is None or (span.first, one.name) >= position
    ]
    for examined, (span, one) in enumerate(places):
        if examined == EXAMINED_MAX:
            return Page(tuple(items), write_position(bank, scope, (span.first, one.name)))
        flow = _flow(session, span, one)
        if flow is None:
            continue
        if len(items) == limit:
            return Page(tuple(items), write_position(bank, scope, (span.first, one.name)))
        items.append(flow)
    return Page(tuple(items), None)


def _flow(session: Session, span: _Span, one: _Series) -> Flow | None:
    sent = sums_at(session, one.name, span.end) - sums_at(session, one.name, span.before)
    if not sent.count:
        return None
    received = sent
    if one.arrived != one.name:
        received = sums_at(session, one.arrived, span.end)
        received -= sums_at(session, one.arrived, span.before)
    return Flow(
        period_from=span.first,
        period_to=span.last,
        from_country=_code(one.from_country),
        to_country=_code(one.to_country),
        count=sent.count,
        sent=Money(sent.total, currency_named(one.source)),
        received=Money(received.total, currency_named(one.target)),
    )


def _series(session: Session, query: FlowQuery) -> list[_Series]:
    prefix = _KINDS[query.by] + "/"
    if query.currency is not None:
        prefix += currency_named(query.currency).code + "/"
    # Neither a range nor an order of the database's: both would depend on its collation.
    names = session.scalars(
        select(ChainSeries.name).where(ChainSeries.name.startswith(prefix, autoescape=True))
    )
    wanted = [_number(query.from_country), _number(query.to_country)]
    found = []
    for name in sorted(names):
        kind, *currencies, first, second = name.split("/")
        one = _Series(name, int(first), int(second), currencies[0], currencies[-1])
        sides = (one.from_country, one.to_country)
        if kind and all(w in (None, side) for w, side in zip(wanted, sides, strict=True)):
            found.append(one)
    if len(found) > SERIES_MAX:
        raise InvalidRequest(
            f"That are {len(found)} pairs of countries; name a currency or a country.",
            field="currency",
            limit=SERIES_MAX,
        )
    return found


def _spans(bank: Bank, session: Session, query: FlowQuery) -> list[_Span]:
    blocks = blocks_of(bank, session, query)
    if blocks.last < blocks.first:
        return []
    first, last = (_time_of(session, number) for number in (max(blocks.first, 1), blocks.last))
    if query.period == "all" or last < first:
        return [_Span(first, last, blocks.first - 1, blocks.last)]
    spans: list[_Span] = []
    for start, end in _calendar(query.period, first, last):
        if len(spans) == PERIODS_MAX:
            raise InvalidRequest(
                f"That is more than {PERIODS_MAX} periods; ask for a shorter time or a longer"
                " period.",
                field="period",
                limit=PERIODS_MAX,
            )
        before = max(last_block_at(session, start - 1), blocks.first - 1)
        spans.append(_Span(start, end, before, min(last_block_at(session, end), blocks.last)))
    return spans


def _calendar(period: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    moment = datetime.fromtimestamp(first, UTC)
    start = datetime(
        moment.year,
        1 if period == "year" else moment.month,
        moment.day if period == "day" else 1,
        tzinfo=UTC,
    )
    while start.timestamp() <= last:
        if period == "day":
            following = start + timedelta(days=1)
        elif period == "year":
            following = start.replace(year=start.year + 1)
        else:
            following = (start + timedelta(days=32)).replace(day=1)
        yield int(start.timestamp()), int(following.timestamp()) - 1
        start = following


def _time_of(session: Session, number: int) -> int:
    block = session.get(ChainBlock, number)
    return 0 if block is None else block.time


def _number(code: str | None) -> int | None:
    if code is None:
        return None
    return 0 if code == NOBODYS else country_number(code)


def _code(number: int) -> str:
    return country_code(number) if number else NOBODYS
