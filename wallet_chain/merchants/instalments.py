"""The arithmetic of instalments: amounts to the last cent, and dates."""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a plan. Amounts in minor units."""

    number: int
    """From 1."""
    due_at: int
    """Unix seconds."""
    principal_minor: int
    fee_minor: int


def parts_of(
    amount_minor: int, fee_minor: int, count: int, months: int, start: int
) -> tuple[Part, ...]:
    """A plan's parts: the first is due at ``start``, each other ``months`` after the one before.

    Amount and fee are divided each by itself: every part is rounded down to the minor unit, and the
    last one takes what is left. So the parts add up exactly, and only the last may be larger, by less
    than ``count`` minor units of each.
    """
    principals = _divided(amount_minor, count)
    fees = _divided(fee_minor, count)
    return tuple(
        Part(place + 1, months_later(start, place * months), principals[place], fees[place])
        for place in range(count)
    )


def months_later(moment: int, months: int) -> int:
    """The same time of the same day in UTC, or of the month's last day where it has no such day."""
    start = datetime.fromtimestamp(moment, tz=UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def _divided(minor: int, count: int) -> list[int]:
    each = minor // count
    return [each] * (count - 1) + [minor - each * (count - 1)]
