"""Statements: an account's lines in a period, with the balances before and after.

As in ISO 20022 camt.053: opening balance, entries, closing balance. Each line carries its number in
the account's history and the history head after it, as the token contract keeps it, so that a
missing line shows. Opening, closing and all totals come from two lines, however long the period is.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import CustomerStatementQuery, StatementQuery
from wallet_chain.audit.periods import Blocks, blocks_of, require_order
from wallet_chain.audit.views import EntryView, StatementView, TotalsView
from wallet_chain.bank import Bank
from wallet_chain.bank.books import last_entry, look_at_account, require_sums
from wallet_chain.bank.paging import Position, cut, read_position, scope_of
from wallet_chain.bank.views import PageRequest
from wallet_chain.bank.witness import looking
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainEntry


@dataclass(frozen=True, slots=True)
class Span:
    """An account's history in a range of blocks: what was before the first line, and the last."""

    account: str
    currency: Currency
    blocks: Blocks
    before: ChainEntry | None
    last: ChainEntry | None

    @property
    def opening(self) -> Money:
        """What the account held before the period."""
        return Money(_balance(self.before), self.currency)

    @property
    def closing(self) -> Money:
        """What it held at its end."""
        return Money(_balance(self.last), self.currency)

    @property
    def totals(self) -> TotalsView:
        """How many lines, and all that came in and went out."""
        came = _received(self.last) - _received(self.before)
        went = came - (_balance(self.last) - _balance(self.before))
        lines = _sequence(self.last) - _sequence(self.before)
        return TotalsView(lines, Money(came, self.currency), Money(went, self.currency))


def get_statement(
    bank: Bank, caller: Caller, query: StatementQuery, request: PageRequest
) -> StatementView:
    """A statement, oldest line first.

    Raises InvalidRequest, InvalidAddress, UnknownCurrency, CursorInvalid, NotFound.
    """
    scope = scope_of("statement", query)
    position = read_position(bank, scope, request)
    account, currency = read_query(query)
    with looking(bank, caller) as session:
        look_at_statement(bank, session, caller, "statement", query)
        span = span_of(session, account, currency, blocks_of(bank, session, query))
        rows = entries_after(session, span, position, request.limit + 1)
    page = cut(bank, scope, request, rows, lambda row: entry_view(row, currency), entry_position)
    return StatementView(
        account=account,
        currency=currency.code,
        time_from=query.time_from,
        time_to=query.time_to,
        opening=span.opening,
        closing=span.closing,
        totals=span.totals,
        lines=page.items,
        next_cursor=page.next_cursor,
        block_number=span.blocks.cursor,
    )


def read_query(query: StatementQuery) -> tuple[str, Currency]:
    """Account and currency of a query. Raises InvalidRequest, InvalidAddress, UnknownCurrency."""
    account, currency = read_address(query.account), currency_named(query.currency)
    require_order(query)
    return account, currency


def look_at_statement(
    bank: Bank, session: Session, caller: Caller, action: str, query: StatementQuery
) -> None:
    """Record the look, or keep a customer to its own accounts."""
    account = read_address(query.account)
    look_at_account(bank, session, caller, action, account, said_of(query))


def said_of(query: StatementQuery | CustomerStatementQuery) -> dict[str, Any]:
    """What of the question is recorded with a look."""
    return {
        "currency": query.currency,
        "from": query.time_from,
        "to": query.time_to,
        "block_from": query.block_from,
        "block_to": query.block_to,
    }


def span_of(session: Session, account: str, currency: Currency, blocks: Blocks) -> Span:
    """An account's history in a range of blocks. Raises NotReady before its sums are there."""
    require_sums(session)
    before = None
    if blocks.first > 0:
        before = last_entry(session, account, currency.code, block_to=blocks.first - 1)
    last = last_entry(session, account, currency.code, block_to=blocks.last)
    return Span(account, currency, blocks, before, before if last is None else last)


def entries_after(
    session: Session, span: Span, position: Position | None, limit: int
) -> list[ChainEntry]:
    """The next lines of the period; a position is a line's number."""
    first = _sequence(span.before) if position is None else position[0]
    statement = select(ChainEntry).where(
        ChainEntry.currency == span.currency.code,
        ChainEntry.account == span.account,
        ChainEntry.sequence > first,
        ChainEntry.sequence <= _sequence(span.last),
    )
    return list(session.scalars(statement.order_by(ChainEntry.sequence).limit(limit)))


def entry_position(row: ChainEntry) -> Position:
    """Where a line stands in its account's history."""
    return (row.sequence,)


def entry_view(row: ChainEntry, currency: Currency) -> EntryView:
    """A line's row as a view."""
    return EntryView(
        sequence=row.sequence,
        block_number=row.block_number,
        block_time=row.block_time,
        transaction_hash=row.transaction_hash,
        log_index=row.log_index,
        kind=row.kind,
        counterparty=row.counterparty,
        change=Money(row.change_minor, currency),
        balance=Money(row.balance_minor, currency),
        reference=row.reference,
        head=row.head,
    )


def _balance(row: ChainEntry | None) -> int:
    return 0 if row is None else row.balance_minor


def _received(row: ChainEntry | None) -> int:
    return 0 if row is None else int(row.received)


def _sequence(row: ChainEntry | None) -> int:
    return 0 if row is None else row.sequence
