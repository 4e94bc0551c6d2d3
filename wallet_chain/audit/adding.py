"""Adding up what the events move, by the database: no row is fetched, however many are added up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from wallet_chain.audit.searching import FEW, Question, Way, best_way, part_of, reach_of
from wallet_chain.bank.paging import Position
from wallet_chain.store.tables import ChainEvent

_HALF = 2**32


@dataclass(frozen=True, slots=True)
class Group:
    """Events of one name and currency that concern the accounts asked about in the same way."""

    name: str
    currency: str | None
    has_account: bool
    has_counterparty: bool
    own_account: bool
    """Whether ``account`` is one of those asked about."""
    own_counterparty: bool
    count: int
    total: int
    """In minor units."""


def add_up(
    session: Session,
    question: Question,
    position: Position | None,
    own: frozenset[str],
    examined_max: int,
) -> tuple[list[Group], Position | None]:
    """The sums of the events behind a place, oldest first, of as many as the bound lets examine; and
    the place behind which the rest is, null at the end."""
    way = best_way(session, question, position)
    size = examined_max if way.ordered else FEW
    nearest = reach_of(session, question, way, position, size)
    groups = list(_groups(session, question, way, (position, nearest, size), own))
    return groups, nearest


def _groups(
    session: Session,
    question: Question,
    way: Way,
    reach: tuple[Position | None, Position | None, int],
    own: frozenset[str],
) -> Iterator[Group]:
    position, nearest, size = reach
    event = ChainEvent
    for number, branch in enumerate(way.branches):
        # What an earlier branch leads to as well is added up there.
        again = [func.coalesce(and_(*other), false()) for other in way.branches[:number]]
        told = {
            "has_account": event.account.is_not(None),
            "has_counterparty": event.counterparty.is_not(None),
            "own_account": event.account.in_(own) if own else false(),
            "own_counterparty": event.counterparty.in_(own) if own else false(),
        }
        columns: list[ColumnElement[Any]] = [
            event.name.label("event_name"),
            event.currency.label("event_currency"),
            event.amount_minor.label("amount"),
        ]
        columns += [func.coalesce(each, false()).label(key) for key, each in told.items()]
        columns += [each.label(f"again_{at}") for at, each in enumerate(again)]
        part = part_of(question, branch, position, size, columns)
        seen = aliased(event, part)
        by = (part.c.event_name, part.c.event_currency, *(part.c[key] for key in told))
        sums = (
            func.count(),
            # By halves: SQLite's sums end at 63 bits.
            func.coalesce(func.sum(part.c.amount // _HALF), 0),
            func.coalesce(func.sum(part.c.amount % _HALF), 0),
        )
        statement = select(*by, *sums).where(*question.conditions(seen)).group_by(*by)
        statement = statement.where(*(~part.c[f"again_{at}"] for at in range(number)))
        if nearest is not None:
            place = tuple_(seen.block_number, seen.log_index)
            statement = statement.where(place <= tuple_(*nearest))
        for row in session.execute(statement):
            total = int(row[7]) * _HALF + int(row[8])
            yield Group(row[0], row[1], row[2], row[3], row[4], row[5], row[6], total)
