"""Reading the events in order, by whichever filter leaves the fewest of them.

A question is a set of conditions, and ways to come near its answer: each way is served by one index
that has its rows in the order of the chain. The way with the fewest rows left drives; the other
conditions are checked row by row. A page examines at most ``EXAMINED_MAX`` rows of each branch of a
way, however many events there are: there it ends, perhaps with fewer items than were asked for, and
its cursor goes on from there.

Only the columns that the conditions name are examined: the indexes by account have most of them, so
that no row is fetched but those that are shown.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    func,
    select,
    true,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.visitors import iterate

from wallet_chain.bank.paging import Position
from wallet_chain.store.tables import ChainEvent

EXAMINED_MAX = 1_000
"""How many rows of a branch one page examines at most."""

FEW = 500
"""A way with fewer rows than this is walked to its end; nothing better is looked for."""

Conditions = tuple[ColumnElement[bool], ...]
_Selected = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the answer: in each branch the rows of one index that meet its conditions."""

    branches: tuple[Conditions, ...]
    narrow: bool = False
    """Whether it never has many rows: those of an order or of a transaction."""
    ordered: bool = True
    """Whether the index has its rows in the order of the chain; where not, only few are taken."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the events: all conditions, and the ways, the better ones first."""

    conditions: Callable[[type[ChainEvent]], Conditions]
    """All of them, on the table or on an alias of it."""
    bounds: Conditions
    """Those on the block; every index can follow them."""
    ways: tuple[Way, ...]
    newest: bool = False
    """Whether the newest come first."""


@dataclass(frozen=True, slots=True)
class Found:
    """A part of an answer."""

    rows: list[ChainEvent]
    next_position: Position | None
    """The next part begins behind this place; null at the end."""


def place_of(row: ChainEvent) -> Position:
    """Where an event stands in the order of the chain."""
    return row.block_number, row.log_index


def search(
    session: Session,
    question: Question,
    position: Position | None,
    limit: int,
    examined_max: int = EXAMINED_MAX,
) -> Found:
    """The next ``limit`` events behind a place, or as many as the bound lets it find."""
    way = best_way(session, question, position)
    if not way.ordered:
        return _few(session, question, way, position, limit)
    if not way.branches:
        return Found([], None)
    nearest = reach_of(session, question, way, position, examined_max)
    met = [
        _met(question, branch, (position, nearest), (limit + 1, examined_max))
        for branch in way.branches
    ]
    places = met[0]
    if len(met) > 1:
        every = union(*(select(part.c.block_number, part.c.log_index) for part in met)).subquery()
        first = select(every.c.block_number, every.c.log_index)
        places = _in_order(first, question, every.c).limit(limit + 1).subquery()
    shown = select(ChainEvent).join(
        places,
        and_(
            ChainEvent.block_number == places.c.block_number,
            ChainEvent.log_index == places.c.log_index,
        ),
    )
    rows = list(session.scalars(_in_order(shown, question, ChainEvent)))
    more = len(rows) > limit
    return Found(rows[:limit], place_of(rows[limit - 1]) if more else nearest)


def best_way(session: Session, question: Question, position: Position | None) -> Way:
    """The way with the fewest rows left; the first of the ordered ones when all have many."""
    ordered = [way for way in question.ways if way.ordered]
    if len(question.ways) == 1 or ordered[0].narrow:
        return ordered[0]
    if empty := [way for way in question.ways if not way.branches]:
        return empty[0]
    bounds = _bounds(question, position)
    counts = [[_up_to_few((*branch, *bounds)) for branch in way.branches] for way in question.ways]
    told = iter(session.execute(select(*(one for way in counts for one in way))).one())
    best, fewest = ordered[0], FEW
    for way in question.ways:
        rows = sum(next(told) for _ in way.branches)
        if rows < fewest:
            best, fewest = way, rows
    return best


def part_of(
    question: Question,
    branch: Conditions,
    position: Position | None,
    size: int,
    columns: Iterable[ColumnElement[Any]] = (),
) -> Subquery:
    """The next ``size`` rows of a branch, with their place, whatever the conditions name, and
    ``columns``."""
    named = {
        str(element.key): getattr(ChainEvent, str(element.key))
        for condition in question.conditions(ChainEvent)
        for element in iterate(condition)
        if isinstance(element, Column)
    }
    named |= {str(column.key): column for column in columns}
    named |= {"block_number": ChainEvent.block_number, "log_index": ChainEvent.log_index}
    statement: _Selected = select(*named.values())
    statement = statement.where(*branch, *_bounds(question, position))
    return _in_order(statement, question, ChainEvent).limit(size).subquery()


def reach_of(
    session: Session, question: Question, way: Way, position: Position | None, size: int
) -> Position | None:
    """The place up to which the next ``size`` rows of each branch are all there is; null for the end
    of the books. Beyond the place where one branch stopped, another one may not have all."""
    ends = []
    for branch in way.branches:
        places: _Selected = select(ChainEvent.block_number, ChainEvent.log_index)
        places = places.where(*branch, *_bounds(question, position))
        last = _in_order(places, question, ChainEvent).offset(size - 1).limit(1).subquery()
        ends.append(select(last.c.block_number, last.c.log_index))
    found = [(row[0], row[1]) for row in session.execute(union_all(*ends))] if ends else []
    if not found:
        return None
    return max(found) if question.newest else min(found)


def _bounds(question: Question, position: Position | None) -> Conditions:
    if position is None:
        return question.bounds
    place = tuple_(ChainEvent.block_number, ChainEvent.log_index)
    behind = place < tuple_(*position) if question.newest else place > tuple_(*position)
    return (*question.bounds, behind)


def _up_to_few(conditions: Conditions) -> ScalarSelect[int]:
    """How many rows of an index there are, counted up to ``FEW``."""
    rows = select(true()).select_from(ChainEvent).where(*conditions).limit(FEW).subquery()
    return select(func.count()).select_from(rows).scalar_subquery()


def _met(
    question: Question,
    branch: Conditions,
    reach: tuple[Position | None, Position | None],
    bound: tuple[int, int],
) -> Subquery:
    """Where the rows of a branch are that meet all conditions, from one place up to another.
    ``bound``: how many are wanted, and how many are examined at most."""
    (position, nearest), (wanted, examined_max) = reach, bound
    seen = aliased(ChainEvent, part_of(question, branch, position, examined_max))
    places: _Selected = select(seen.block_number, seen.log_index)
    places = places.where(*question.conditions(seen))
    if nearest is not None:
        place = tuple_(seen.block_number, seen.log_index)
        end = tuple_(*nearest)
        places = places.where(place >= end if question.newest else place <= end)
    return _in_order(places, question, seen).limit(wanted).subquery()


def _few(
    session: Session, question: Question, way: Way, position: Position | None, limit: int
) -> Found:
    """The rows of a way that has few of them, sorted here."""
    [branch] = way.branches
    part = select(ChainEvent).where(*branch, *_bounds(question, position)).limit(FEW)
    seen = aliased(ChainEvent, part.subquery())
    statement = select(seen).where(*question.conditions(seen))
    rows = list(session.scalars(_in_order(statement, question, seen).limit(limit + 1)))
    return Found(rows[:limit], place_of(rows[limit - 1]) if len(rows) > limit else None)


def _in_order(statement: _Selected, question: Question, of: Any) -> _Selected:
    """``of``: the table, an alias of it, or the columns of a part of it."""
    places = (of.block_number, of.log_index)
    if question.newest:
        return statement.order_by(*(place.desc() for place in places))
    return statement.order_by(*places)
