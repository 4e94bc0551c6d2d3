"""What an account held at any block or moment, and whether the sums are right."""

from sqlalchemy import func, select

from wallet_chain.audit.drafts import BalanceQuery, BooksQuery
from wallet_chain.audit.series import supply_at
from wallet_chain.audit.views import AccountBalance, BalanceView, BooksView, SupplyView
from wallet_chain.bank import Bank
from wallet_chain.bank.books import (
    block_asked,
    cursor_of,
    last_entry,
    look_at_account,
    require_sums,
)
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.views import PageRequest
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.ledger.hashing import ZERO_HASH, read_address
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainBalance, ChainCurrency


def balance_at(bank: Bank, caller: Caller, query: BalanceQuery) -> BalanceView:
    """The balance at the end of a block, or of the last block at or before a moment.

    Zero for an account that had no line by then. Raises InvalidRequest (both given, or a moment or
    block that is not indexed), InvalidAddress, UnknownCurrency, NotFound.
    """
    account = read_address(query.account)
    currency = currency_named(query.currency)
    with looking(bank, caller) as session:
        asked = {"currency": currency.code, "block": query.block_number, "at": query.at}
        look_at_account(bank, session, caller, "balance", account, asked)
        block = block_asked(bank, session, query.block_number, query.at)
        entry = last_entry(session, account, currency.code, block_to=block.number)
    return BalanceView(
        account=account,
        money=Money(0 if entry is None else entry.balance_minor, currency),
        block_number=block.number,
        block_time=block.time,
        sequence=0 if entry is None else entry.sequence,
        head=ZERO_HASH if entry is None else entry.head,
    )


def list_balances(bank: Bank, caller: Caller, query: BooksQuery, request: PageRequest) -> BooksView:
    """Every account's balance in a currency at the end of a block, by address.

    Accounts without a line by then are left out, so a page may have fewer items than its limit
    while more follow. Raises InvalidRequest, UnknownCurrency, CursorInvalid, NotFound, NotReady.
    """
    scope = scope_of("balances", query)
    position = read_position(bank, scope, request)
    currency = currency_named(query.currency)
    with looking(bank, caller) as session:
        asked = {"currency": currency.code, "block": query.block_number, "at": query.at}
        record_look(bank, session, caller, "balances of all", None, asked)
        require_sums(session)
        block = block_asked(bank, session, query.block_number, query.at)
        supply = supply_at(session, currency, block.number)
        accounts = select(ChainBalance.account).where(ChainBalance.currency == currency.code)
        if position is not None:
            accounts = accounts.where(ChainBalance.account > position[0])
        rows = session.scalars(
            accounts.order_by(ChainBalance.account).limit(request.limit + 1)
        ).all()
        shown = rows[: request.limit]
        last = [
            last_entry(session, account, currency.code, block_to=block.number) for account in shown
        ]
    more = len(rows) > request.limit
    return BooksView(
        currency=currency.code,
        block_number=block.number,
        block_time=block.time,
        supply=supply,
        items=tuple(
            AccountBalance(e.account, Money(e.balance_minor, currency), e.sequence, e.head)
            for e in last
            if e is not None
        ),
        next_cursor=write_position(bank, scope, (shown[-1],)) if more else None,
    )


def supply_against_reserves(bank: Bank, caller: Caller) -> tuple[SupplyView, ...]:
    """Each currency's supply, the sum of all balances, and the attested reserves."""
    with looking(bank, caller) as session:
        record_look(bank, session, caller, "supply")
        cursor = cursor_of(session)
        sums = {
            currency: int(total)
            for currency, total in session.execute(
                select(ChainBalance.currency, func.sum(ChainBalance.balance_minor)).group_by(
                    ChainBalance.currency
                )
            )
        }
        rows = session.scalars(select(ChainCurrency).order_by(ChainCurrency.currency)).all()
    return tuple(_supply(row, sums.get(row.currency, 0), cursor.number) for row in rows)


def _supply(row: ChainCurrency, accounts_minor: int, block_number: int) -> SupplyView:
    currency = currency_named(row.currency)
    reserves = row.reserves_minor
    return SupplyView(
        currency=row.currency,
        supply=Money(row.supply_minor, currency),
        accounts_total=Money(accounts_minor, currency),
        reserves=None if reserves is None else Money(reserves, currency),
        reserves_as_of=row.reserves_as_of,
        covered=row.supply_minor <= (reserves or 0),
        block_number=block_number,
    )
