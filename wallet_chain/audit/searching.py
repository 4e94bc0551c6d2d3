"""Reading the events in order, by whichever filter leaves the fewest of them.

A question is a set of conditions, and ways to come near its answer: each way is served by one index
that has its rows in the order of the chain. The way with the fewest rows left drives; the other
conditions are checked row by row. A page examines at most ``EXAMINED_MAX`` rows of each branch of a
way, however many events there are: there it ends, perhaps with fewer items than were asked for, and
its cursor goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from wallet_chain.bank.paging import Position
from wallet_chain.store.tables import ChainEvent

EXAMINED_MAX = 1_000
"""How many rows of a branch one page examines at most."""

FEW = 500
"""A way with fewer rows than this is walked to its end; nothing better is looked for."""

FIRST_LOOK = 4
"""How many times the rows wanted are examined before the bound is used up."""

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
    way = _best(session, question, _bounds(question, position))
    if not way.ordered:
        return _few(session, question, way, position, limit)
    found: dict[Position, ChainEvent] = {}
    ends: list[Position] = []
    for branch in way.branches:
        rows, end = _walk(session, question, branch, position, (limit + 1, examined_max))
        found |= {place_of(row): row for row in rows}
        if end is not None:
            ends.append(end)
    places = sorted(found, reverse=question.newest)
    nearest = None
    if ends:
        # Beyond the place where one branch stopped, another one may not have all there is.
        nearest = max(ends) if question.newest else min(ends)
        places = [p for p in places if p == nearest or (p > nearest) == question.newest]
    shown = places[:limit]
    return Found([found[p] for p in shown], shown[-1] if len(places) > limit else nearest)


def _bounds(question: Question, position: Position | None) -> Conditions:
    if position is None:
        return question.bounds
    place = tuple_(ChainEvent.block_number, ChainEvent.log_index)
    behind = place < tuple_(*position) if question.newest else place > tuple_(*position)
    return (*question.bounds, behind)


def _best(session: Session, question: Question, bounds: Conditions) -> Way:
    """The way with the fewest rows left; the first of the ordered ones when all have many."""
    ordered = [way for way in question.ways if way.ordered]
    if len(question.ways) == 1 or ordered[0].narrow:
        return ordered[0]
    best, fewest = ordered[0], FEW
    for way in question.ways:
        rows = sum(_count(session, (*branch, *bounds)) for branch in way.branches)
        if rows < fewest:
            best, fewest = way, rows
    return best


def _count(session: Session, conditions: Conditions) -> int:
    """How many rows of an index there are, counted up to ``FEW``."""
    rows = select(true()).select_from(ChainEvent).where(*conditions).limit(FEW).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0


def _walk(
    session: Session,
    question: Question,
    branch: Conditions,
    position: Position | None,
    bound: tuple[int, int],
) -> tuple[list[ChainEvent], Position | None]:
    """The rows of a branch that meet all conditions, and the place up to which they are all; null
    for the end of the books. ``bound``: how many are wanted, and how many are examined at most."""
    wanted, examined_max = bound
    first = min(wanted * FIRST_LOOK, examined_max)
    rows: list[ChainEvent] = []
    for size in (first, examined_max - first):
        if not size:
            break
        driven = (*branch, *_bounds(question, position))
        part = _in_order(select(ChainEvent).where(*driven), question, ChainEvent).limit(size)
        seen = aliased(ChainEvent, part.subquery())
        found = _in_order(select(seen).where(*question.conditions(seen)), question, seen)
        rows += session.scalars(found.limit(wanted - len(rows)))
        if len(rows) == wanted:
            return rows, place_of(rows[-1])
        places: _Selected = select(ChainEvent.block_number, ChainEvent.log_index)
        places = places.where(*driven)
        last = _in_order(places, question, ChainEvent).offset(size - 1).limit(1)
        end = session.execute(last).first()
        if end is None:
            return rows, None
        position = (end[0], end[1])
    return rows, position


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


def _in_order(statement: _Selected, question: Question, entity: type[ChainEvent]) -> _Selected:
    places = (entity.block_number, entity.log_index)
    if question.newest:
        return statement.order_by(*(place.desc() for place in places))
    return statement.order_by(*places)
