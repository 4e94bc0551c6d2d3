"""Where a sum came from and where it went, first in, first out.

Money in an account is one heap: no part of it is this payment's or that one's. The rule says which
part leaves first: what came first. Numbering each minor unit that ever came in, in order, the units
that a line takes out are those with the same numbers among all that ever went out. Two running sums
of a line (all received, and with the balance all spent) give these numbers, and a search that
looks at some lines at once finds the lines that brought or took them: no step reads a history. Another rule would name other
lines; this one is the usual one and never counts a unit twice.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import FundsQuery
from wallet_chain.audit.views import FundsLine, FundsView
from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account
from wallet_chain.bank.books import look_at_account, require_sums
from wallet_chain.bank.witness import looking, not_found, record_look
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainBalance, ChainEntry, ChainEvent

STEPS_MAX = 6
WIDTH_MAX = 50
LINES_MAX = 200
"""How many parts an answer has at most."""

PROBES, NEAR = 32, 8
"""How many lines of a history are looked at together, and how many of them are the next ones."""

BACK, FORWARD = "back", "forward"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a line: its units from ``start`` up to ``end`` are the sum's, counted in the line."""

    row: ChainEntry
    start: int
    end: int
    step: int


def follow_funds(bank: Bank, caller: Caller, query: FundsQuery) -> FundsView:
    """Follow a line's money back to where it was issued, or forward to where it is held.

    ``back`` needs a line that went out, and follows what paid for it; ``forward`` one that came in.
    Given the other side of a movement, its counterpart is followed. Raises InvalidRequest,
    InvalidAddress, UnknownCurrency, NotFound, NotReady.
    """
    if query.direction not in (BACK, FORWARD):
        raise InvalidRequest("direction is back or forward.", field="direction")
    for name, value, most in (("steps", query.steps, STEPS_MAX), ("width", query.width, WIDTH_MAX)):
        if not 1 <= value <= most:
            raise InvalidRequest(f"{name} is 1 to {most}.", field=name, limit=most)
    with looking(bank, caller) as session:
        require_sums(session)
        start = _start(session, query)
        said = {name: value for name, value in asdict(query).items() if value is not None}
        look_at_account(bank, session, caller, "flow of funds", start.account, said)
        view = _followed(session, query, start)
        sides = {side for item in view.items for side in (item.account, item.counterparty)}
        passed = {
            customer.id
            for side in sides - {None, start.account}
            if side is not None and (customer := customer_of_account(session, side)) is not None
        }
        for customer_id in sorted(passed):
            record_look(bank, session, caller, "flow of funds", customer_id, said)
    return view


def _followed(session: Session, query: FundsQuery, start: ChainEntry) -> FundsView:
    currency, back = currency_named(start.currency), query.direction == BACK
    waiting = deque([_Part(start, 0, abs(start.change_minor), 0)])
    items: list[FundsLine] = []
    held, complete = 0, True
    while waiting:
        part = waiting.popleft()
        taken = 0
        for wide, (row, first, last) in enumerate(_matching(session, part, back)):
            taken += last - first
            if wide == query.width or len(items) >= LINES_MAX:
                complete = False
                break
            step = part.step + 1
            other = _other_side(session, row)
            ends = _ends(other, step, query)
            complete = complete and ends != "steps"
            items.append(_line(part, row, last - first, step, (ends, currency)))
            if ends is None and other is not None:
                waiting.append(_Part(other, first, last, step))
        else:
            if not back:
                held += part.end - part.start - taken
    return FundsView(
        direction=query.direction,
        method="fifo",
        account=start.account,
        currency=currency.code,
        sequence=start.sequence,
        money=Money(abs(start.change_minor), currency),
        items=tuple(items),
        held=Money(held, currency),
        complete=complete,
    )


def _start(session: Session, query: FundsQuery) -> ChainEntry:
    """The line that is asked about, on the side whose history is to be followed."""
    if query.order_id is not None:
        if query.sequence is not None:
            raise InvalidRequest(
                "An order has its line already; leave sequence out.", field="sequence"
            )
        found = _of_order(session, query)
    else:
        if query.account is None or query.currency is None or query.sequence is None:
            raise InvalidRequest(
                "Name a line by account, currency and sequence, or by order_id.", field="order_id"
            )
        key = (currency_named(query.currency).code, read_address(query.account), query.sequence)
        found = session.get(ChainEntry, key)
    if found is None:
        raise not_found("line", query.order_id or f"{query.account} {query.sequence}")
    if (found.change_minor < 0) == (query.direction == BACK):
        return found
    other = _other_side(session, found)
    if other is None:
        raise InvalidRequest(
            "Money that was issued here came from nowhere, and redeemed money went nowhere.",
            field="direction",
        )
    return other


def _of_order(session: Session, query: FundsQuery) -> ChainEntry | None:
    """The line of an order's largest movement (of a currency), in its account's history."""
    statement = select(ChainEvent).where(
        ChainEvent.order_id == str(query.order_id).lower(), ChainEvent.name == "Transfer"
    )
    if query.currency is not None:
        code = currency_named(query.currency).code
        statement = statement.where(ChainEvent.currency == code)
    movements = session.scalars(statement).all()
    wanted = None if query.account is None else read_address(query.account)
    sides = []
    for event in movements:
        for account in (event.account, event.counterparty):
            if account is not None and wanted in (None, account):
                sides.append((event, account))
    if not sides:
        return None
    event, account = max(sides, key=lambda side: side[0].amount_minor or 0)
    return _entry_at(session, str(event.currency), account, event.block_number, event.log_index)


def _entry_at(
    session: Session, currency: str, account: str, block_number: int, log_index: int
) -> ChainEntry | None:
    return session.scalars(
        select(ChainEntry).where(
            ChainEntry.block_number == block_number,
            ChainEntry.log_index == log_index,
            ChainEntry.currency == currency,
            ChainEntry.account == account,
        )
    ).first()


def _other_side(session: Session, row: ChainEntry) -> ChainEntry | None:
    """The same movement in the other account's history; None for issued and redeemed money."""
    if row.counterparty is None:
        return None
    return _entry_at(session, row.currency, row.counterparty, row.block_number, row.log_index)


def _matching(session: Session, part: _Part, back: bool) -> Iterator[tuple[ChainEntry, int, int]]:
    """Lines of the part's account on the other side of its heap, each with the units of it."""
    row = part.row
    before = (_spent(row) if back else int(row.received)) - abs(row.change_minor)
    first, last = before + part.start, before + part.end
    # What pays for a line came before it, and what it brought leaves after it.
    low, count = (1, row.sequence - 1) if back else (row.sequence + 1, _lines(session, row))
    while first < last:
        number = _first_beyond(session, row, first, (low, count), back)
        if number > count:
            return
        line, low = _at(session, row, number), number + 1
        total = int(line.received) if back else _spent(line)
        begins, until = total - abs(line.change_minor), min(last, total)
        yield line, first - begins, until - begins
        first = until


def _first_beyond(
    session: Session, row: ChainEntry, units: int, reach: tuple[int, int], back: bool
) -> int:
    """The first line by which more than ``units`` had come in (or gone out): the next lines and some
    of those after are looked at together, then what is between two of them."""
    low, high = reach[0], reach[1] + 1
    entry = ChainEntry
    history = select(entry.sequence, entry.received, entry.balance_minor).where(
        entry.currency == row.currency, entry.account == row.account
    )
    while low < high:
        step = -(-(high - low) // PROBES)
        numbers = {*range(low, min(low + NEAR, high)), *range(low, high, step), high - 1}
        looked = history.where(entry.sequence.in_(sorted(numbers))).order_by(entry.sequence)
        for number, received, balance in session.execute(looked):
            if (int(received) if back else int(received) - balance) > units:
                high = number
                break
            low = number + 1
    return low


def _lines(session: Session, row: ChainEntry) -> int:
    balance = session.get(ChainBalance, (row.account, row.currency))
    return 0 if balance is None else balance.sequence


def _at(session: Session, row: ChainEntry, sequence: int) -> ChainEntry:
    return session.get_one(ChainEntry, (row.currency, row.account, sequence))


def _spent(row: ChainEntry) -> int:
    """All that ever went out, up to and with this line."""
    return int(row.received) - row.balance_minor


def _ends(other: ChainEntry | None, step: int, query: FundsQuery) -> str | None:
    if other is None:
        return "issued" if query.direction == BACK else "redeemed"
    return "steps" if step == query.steps else None


def _line(
    part: _Part, row: ChainEntry, units: int, step: int, end: tuple[str | None, Currency]
) -> FundsLine:
    ends, currency = end
    return FundsLine(
        step=step,
        parent_account=part.row.account,
        parent_sequence=part.row.sequence,
        account=row.account,
        counterparty=row.counterparty,
        kind=row.kind,
        sequence=row.sequence,
        block_number=row.block_number,
        block_time=row.block_time,
        transaction_hash=row.transaction_hash,
        log_index=row.log_index,
        line=Money(row.change_minor, currency),
        attributed=Money(units, currency),
        ends=ends,
    )
