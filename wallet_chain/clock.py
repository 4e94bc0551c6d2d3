"""The only place that reads the time, so that tests can hold it still and leases can't be fooled.

Business time (deadlines, expiry) is whole Unix seconds. What limits money is read by the contracts
from ``block.timestamp``; this clock only proposes deadlines and dates records.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

DAY_SECONDS = 86_400

Clock = Callable[[], int]
"""Returns the present as whole Unix seconds."""


def system_clock() -> int:
    """The machine's wall clock in whole Unix seconds."""
    return int(time.time())


def clock_ahead(days: int) -> Clock:
    """The wall clock, so many days ahead: what a demonstration looks into the future with."""
    if days == 0:
        return system_clock
    return lambda: system_clock() + days * DAY_SECONDS


def unix_nanoseconds() -> int:
    """The machine's wall clock in nanoseconds: to put things into an order and to time them for
    traces, never a date."""
    return time.time_ns()


def monotonic_seconds() -> float:
    """Seconds that never run backwards: for time-outs and leases, never for dates."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Let the calling thread sleep for ``seconds``."""
    time.sleep(seconds)


def to_iso(unix_seconds: int) -> str:
    """Unix seconds as RFC 3339 in UTC, e.g. ``2026-03-01T09:30:00Z``."""
    return datetime.fromtimestamp(unix_seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_iso(text: str) -> int:
    """Unix seconds of an RFC 3339 date or date-time; a missing offset means UTC.

    Raises ValueError when the text is neither.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())
