"""Lists in parts: a cursor says where the next part begins, and nothing else is taken for one.

A cursor carries the position (the values of the columns that order the list) and a keyed digest
over the position, the list's name and its filters. So it can't be made up, and can't be used with
other filters than those that it came from.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import orjson

from wallet_chain.bank import Bank
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.errors import CursorInvalid, InvalidRequest

LIMIT_MAX = 200

Position = tuple[int | str, ...]
Row = TypeVar("Row")
Item = TypeVar("Item")


def read_position(bank: Bank, scope: str, request: PageRequest) -> Position | None:
    """Where the page begins; None at the first page. Raises CursorInvalid or InvalidRequest."""
    if not 1 <= request.limit <= LIMIT_MAX:
        raise InvalidRequest(
            f"A page has 1 to {LIMIT_MAX} items; {request.limit} were asked for.",
            field="limit",
            limit=LIMIT_MAX,
        )
    if request.cursor is None:
        return None
    text, _, digest = request.cursor.partition(".")
    if not hmac.compare_digest(digest.encode(), _digest(bank, scope, text).encode()):
        raise CursorInvalid("Use next_cursor of the page before as it is, with the same filters.")
    return tuple(orjson.loads(bytes.fromhex(text)))


def write_position(bank: Bank, scope: str, position: Position) -> str:
    """The cursor that ``read_position`` reads back to ``position``."""
    text = orjson.dumps(position).hex()
    return f"{text}.{_digest(bank, scope, text)}"


def scope_of(name: str, filters: Any) -> str:
    """What a cursor belongs to: a list's name and its filters (a dataclass)."""
    return name + orjson.dumps(asdict(filters), option=orjson.OPT_SORT_KEYS).decode()


def cut(
    bank: Bank,
    scope: str,
    request: PageRequest,
    rows: Sequence[Row],
    show: Callable[[Row], Item],
    position_of: Callable[[Row], Position],
) -> Page[Item]:
    """Make a page of rows that were selected with a limit of one more than asked for."""
    shown = rows[: request.limit]
    more = len(rows) > request.limit
    cursor = write_position(bank, scope, position_of(shown[-1])) if more else None
    return Page(tuple(show(row) for row in shown), cursor)


def _digest(bank: Bank, scope: str, text: str) -> str:
    return bank.personal.blind_index(f"cursor\n{scope}\n{text}")[:32]
