"""Statements: an account's lines in a period, with the balances before and after.

As in ISO 20022 camt.053: opening balance, entries, closing balance. Each line carries its number in
the account's history and the history head after it, as the token contract keeps it, so that a
missing line shows.
"""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import StatementQuery
from wallet_chain.audit.views import EntryView, StatementView
from wallet_chain.bank import Bank
from wallet_chain.bank.books import cursor_of, look_at_account
from wallet_chain.bank.paging import Position, cut, read_position, scope_of
from wallet_chain.bank.views import PageRequest
from wallet_chain.bank.witness import looking
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainEntry


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
        cursor = cursor_of(session)
        opening, closing = balances_around(session, account, currency, query)
        rows = entries_after(session, account, currency, query, position, request.limit + 1)
    page = cut(bank, scope, request, rows, lambda row: entry_view(row, currency), entry_position)
    return StatementView(
        account=account,
        currency=currency.code,
        time_from=query.time_from,
        time_to=query.time_to,
        opening=opening,
        closing=closing,
        lines=page.items,
        next_cursor=page.next_cursor,
        block_number=cursor.number,
    )


def read_query(query: StatementQuery) -> tuple[str, Currency]:
    """Account and currency of a query. Raises InvalidRequest, InvalidAddress, UnknownCurrency."""
    account, currency = read_address(query.account), currency_named(query.currency)
    if None not in (query.time_from, query.time_to):
        assert query.time_from is not None
        assert query.time_to is not None
        if query.time_from > query.time_to:
            raise InvalidRequest("The period ends before it begins.", field="to")
    return account, currency


def look_at_statement(
    bank: Bank, session: Session, caller: Caller, action: str, query: StatementQuery
) -> None:
    """Record the look, or keep a customer to its own accounts."""
    asked = {"currency": query.currency, "from": query.time_from, "to": query.time_to}
    look_at_account(bank, session, caller, action, read_address(query.account), asked)


def entries_after(
    session: Session,
    account: str,
    currency: Currency,
    query: StatementQuery,
    position: Position | None,
    limit: int,
) -> list[ChainEntry]:
    """The next lines of the period."""
    conditions = _lines_of(account, currency)
    if query.time_from is not None:
        conditions.append(ChainEntry.block_time >= query.time_from)
    if query.time_to is not None:
        conditions.append(ChainEntry.block_time <= query.time_to)
    if position is not None:
        conditions.append(ChainEntry.sequence > position[0])
    statement = select(ChainEntry).where(*conditions).order_by(ChainEntry.sequence)
    return list(session.scalars(statement.limit(limit)))


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


def balances_around(
    session: Session, account: str, currency: Currency, query: StatementQuery
) -> tuple[Money, Money]:
    """What the account held before the period and at its end."""
    before: list[ColumnElement[bool]] = []
    until: list[ColumnElement[bool]] = []
    if query.time_to is not None:
        until.append(ChainEntry.block_time <= query.time_to)
    opening = 0
    if query.time_from is not None:
        before.append(ChainEntry.block_time < query.time_from)
        opening = _balance_after(session, account, currency, before)
    closing = _balance_after(session, account, currency, until)
    return Money(opening, currency), Money(closing, currency)


def _balance_after(
    session: Session, account: str, currency: Currency, conditions: list[ColumnElement[bool]]
) -> int:
    balance = session.scalars(
        select(ChainEntry.balance_minor)
        .where(*_lines_of(account, currency), *conditions)
        .order_by(ChainEntry.sequence.desc())
        .limit(1)
    ).first()
    return 0 if balance is None else balance


def _lines_of(account: str, currency: Currency) -> list[ColumnElement[bool]]:
    return [ChainEntry.account == account, ChainEntry.currency == currency.code]
