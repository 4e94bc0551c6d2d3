"""What an account held at any block or moment, and whether the sums are right."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.audit.accounts import cursor_of, look_at_account
from wallet_chain.audit.drafts import BalanceQuery
from wallet_chain.audit.views import BalanceView, SupplyView
from wallet_chain.bank import Bank
from wallet_chain.bank.witness import looking, record_look
from wallet_chain.errors import InvalidRequest, NotFound
from wallet_chain.ledger.hashing import ZERO_HASH, read_address
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainBalance, ChainBlock, ChainCurrency, ChainEntry


def balance_at(bank: Bank, caller: Caller, query: BalanceQuery) -> BalanceView:
    """The balance at the end of a block, or of the last block at or before a moment.

    Zero for an account that had no line by then. Raises InvalidRequest (both given, or a moment or
    block that is not indexed), InvalidAddress, UnknownCurrency, NotFound.
    """
    account = read_address(query.account)
    currency = currency_named(query.currency)
    if query.block_number is not None and query.at is not None:
        raise InvalidRequest("Give a block or a moment, not both.", field="at")
    with looking(bank, caller) as session:
        asked = {"currency": currency.code, "block": query.block_number, "at": query.at}
        look_at_account(bank, session, caller, "balance", account, asked)
        block = _block(bank, session, query)
        entry = last_entry(session, account, currency.code, block_to=block.number)
    return BalanceView(
        account=account,
        money=Money(0 if entry is None else entry.balance_minor, currency),
        block_number=block.number,
        block_time=block.time,
        sequence=0 if entry is None else entry.sequence,
        head=ZERO_HASH if entry is None else entry.head,
    )


def last_entry(
    session: Session, account: str, currency: str, *, block_to: int
) -> ChainEntry | None:
    """The last line of an account's history up to and including a block."""
    return session.scalars(
        select(ChainEntry)
        .where(
            ChainEntry.currency == currency,
            ChainEntry.account == account,
            ChainEntry.block_number <= block_to,
        )
        .order_by(ChainEntry.sequence.desc())
        .limit(1)
    ).first()


def block_at(session: Session, moment: int) -> ChainBlock | None:
    """The last indexed block at or before a moment; None before the first."""
    return session.scalars(
        select(ChainBlock)
        .where(ChainBlock.time <= moment)
        .order_by(ChainBlock.time.desc(), ChainBlock.number.desc())
        .limit(1)
    ).first()


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


def _block(bank: Bank, session: Session, query: BalanceQuery) -> ChainBlock:
    cursor = cursor_of(session)
    if query.at is not None:
        if query.at > bank.clock():
            raise InvalidRequest("That moment has not come yet.", field="at")
        block = block_at(session, query.at)
        if block is None:
            raise NotFound("There was no block yet at that moment.")
        return block
    number = cursor.number if query.block_number is None else query.block_number
    found = session.get(ChainBlock, number)
    if found is None:
        raise NotFound(
            f"Block {number} is not indexed; the last one is {cursor.number}.",
            indexed_block=cursor.number,
        )
    return found
