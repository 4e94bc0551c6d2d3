"""A customer's statement: all accounts that it has or had, as one."""

from heapq import merge

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import CustomerStatementQuery
from wallet_chain.audit.named import accounts_of
from wallet_chain.audit.periods import blocks_of, require_order
from wallet_chain.audit.statements import Span, entry_view, said_of, span_of
from wallet_chain.audit.views import (
    AccountEntryView,
    AccountTotals,
    CustomerStatementView,
    TotalsView,
)
from wallet_chain.bank import Bank
from wallet_chain.bank.paging import Position, cut, read_position, scope_of
from wallet_chain.bank.views import PageRequest
from wallet_chain.bank.witness import looking, record_look, visible_customer
from wallet_chain.money import Currency, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainEntry


def get_customer_statement(
    bank: Bank, caller: Caller, query: CustomerStatementQuery, request: PageRequest
) -> CustomerStatementView:
    """A statement over all accounts, in the order of the chain.

    What moved from one account of the customer to another has a line in each. Raises
    InvalidRequest, UnknownCurrency, CursorInvalid, NotFound.
    """
    scope = scope_of("customer statement", query)
    position = read_position(bank, scope, request)
    currency = currency_named(query.currency)
    require_order(query)
    with looking(bank, caller) as session:
        customer = visible_customer(session, caller, query.customer_id)
        record_look(bank, session, caller, "statement", customer.id, said_of(query))
        blocks = blocks_of(bank, session, query)
        accounts = sorted(accounts_of(session, customer.id))
        spans = [span_of(session, account, currency, blocks) for account in accounts]
        rows = _lines_after(session, spans, position, request.limit + 1)
    page = cut(bank, scope, request, rows, lambda row: _line(row, currency), _place)
    parts = [span.totals for span in spans]
    return CustomerStatementView(
        customer_id=customer.id,
        currency=currency.code,
        time_from=query.time_from,
        time_to=query.time_to,
        accounts=tuple(AccountTotals(s.account, s.opening, s.closing, s.totals) for s in spans),
        opening=_sum(currency, [span.opening for span in spans]),
        closing=_sum(currency, [span.closing for span in spans]),
        totals=TotalsView(
            sum(part.lines for part in parts),
            _sum(currency, [part.came_in for part in parts]),
            _sum(currency, [part.went_out for part in parts]),
        ),
        lines=page.items,
        next_cursor=page.next_cursor,
        block_number=blocks.cursor,
    )


def _lines_after(
    session: Session, spans: list[Span], position: Position | None, limit: int
) -> list[ChainEntry]:
    parts = [_of_account(session, span, position, limit) for span in spans]
    return list(merge(*parts, key=_place))[:limit]


def _of_account(
    session: Session, span: Span, position: Position | None, limit: int
) -> list[ChainEntry]:
    statement = select(ChainEntry).where(
        ChainEntry.currency == span.currency.code,
        ChainEntry.account == span.account,
        ChainEntry.block_number <= span.blocks.last,
    )
    first = span.blocks.first
    if position is not None:
        number, log_index, account = position
        assert isinstance(number, int)
        first = max(first, number)
        behind = ChainEntry.log_index > log_index
        if span.account > str(account):
            behind = ChainEntry.log_index >= log_index
        statement = statement.where(or_(ChainEntry.block_number > number, behind))
    statement = statement.where(ChainEntry.block_number >= first)
    order = (ChainEntry.block_number, ChainEntry.sequence)
    return list(session.scalars(statement.order_by(*order).limit(limit)))


def _place(row: ChainEntry) -> Position:
    return row.block_number, row.log_index, row.account


def _line(row: ChainEntry, currency: Currency) -> AccountEntryView:
    view = entry_view(row, currency)
    return AccountEntryView(
        **{name: getattr(view, name) for name in view.__slots__}, account=row.account
    )


def _sum(currency: Currency, parts: list[Money]) -> Money:
    return Money(sum(part.amount_minor for part in parts), currency)
