"""What is read of the books from several places: blocks, last lines, and whose account it is.

Customers ask about their own accounts only; the looks of staff are recorded.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account
from wallet_chain.bank.witness import is_customer, not_found, record_look
from wallet_chain.errors import InvalidRequest, NotFound, NotReady
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainBlock, ChainCursor, ChainEntry

_REBUILD = "The tables were extended"
"""How the reason begins that a migration leaves in the cursor when the tables are to be rebuilt."""


def look_at_account(
    bank: Bank,
    session: Session,
    caller: Caller,
    action: str,
    account: str,
    query: Mapping[str, Any] | None = None,
) -> None:
    """Record the look; raise NotFound when a customer asks about an account of somebody else."""
    customer = customer_of_account(session, account)
    customer_id = None if customer is None else customer.id
    if is_customer(caller) and caller.customer_id != customer_id:
        raise not_found("account", account)
    record_look(bank, session, caller, action, customer_id, {"account": account, **(query or {})})


def cursor_of(session: Session) -> ChainCursor:
    """How far the books are. Raises NotReady before the first block."""
    cursor = session.scalars(select(ChainCursor)).first()
    if cursor is None:
        raise NotReady("No block has been indexed yet; ask again in a moment.")
    return cursor


def require_sums(session: Session) -> None:
    """Raise NotReady while the running sums are missing: an upgrade added them, and only a rebuild
    of the tables fills them."""
    reason = cursor_of(session).stopped_reason
    if reason is not None and reason.startswith(_REBUILD):
        raise NotReady(f"This is told from running sums, which are not there yet. {reason}")


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
        .order_by(ChainEntry.block_number.desc(), ChainEntry.sequence.desc())
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


def block_asked(
    bank: Bank, session: Session, block_number: int | None, at: int | None
) -> ChainBlock:
    """The block with a number, or the last one at a moment; with neither the last one indexed.

    Raises InvalidRequest (both given, or a moment that has not come), NotFound.
    """
    if block_number is not None and at is not None:
        raise InvalidRequest("Give a block or a moment, not both.", field="at")
    cursor = cursor_of(session)
    if at is not None:
        if at > bank.clock():
            raise InvalidRequest("That moment has not come yet.", field="at")
        block = block_at(session, at)
        if block is None:
            raise NotFound("There was no block yet at that moment.")
        return block
    number = cursor.number if block_number is None else block_number
    found = session.get(ChainBlock, number)
    if found is None:
        raise NotFound(
            f"Block {number} is not indexed; the last one is {cursor.number}.",
            indexed_block=cursor.number,
        )
    return found
