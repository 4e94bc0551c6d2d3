"""Calendar months in UTC as the contracts count them: January 1970 is month 0."""

import re
from datetime import UTC, datetime

from wallet_chain.errors import InvalidRequest

_TEXT = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_FIRST_YEAR = 1970
_MONTHS = 12


def month_of(timestamp: int) -> int:
    """The month in which ``timestamp`` (Unix seconds, not negative) lies."""
    moment = datetime.fromtimestamp(timestamp, UTC)
    return (moment.year - _FIRST_YEAR) * _MONTHS + moment.month - 1


def month_start(month: int) -> int:
    """The first second of a month. Points of a month can be spent until the start of the next."""
    years, rest = divmod(month, _MONTHS)
    return int(datetime(_FIRST_YEAR + years, rest + 1, 1, tzinfo=UTC).timestamp())


def month_text(month: int) -> str:
    """A month as the API writes it: ``682 -> 2026-11``."""
    years, rest = divmod(month, _MONTHS)
    return f"{_FIRST_YEAR + years:04d}-{rest + 1:02d}"


def month_index(text: str) -> int:
    """A month as the API writes it. Raises InvalidRequest for other text, and before 1970."""
    found = _TEXT.fullmatch(text)
    if found is None or int(found[1]) < _FIRST_YEAR:
        raise InvalidRequest(
            "A month is written as YYYY-MM, e.g. 2026-11, and not before 1970-01.", month=text
        )
    return (int(found[1]) - _FIRST_YEAR) * _MONTHS + int(found[2]) - 1
