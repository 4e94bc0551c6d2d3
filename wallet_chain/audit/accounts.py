"""Whose account is asked about: customers ask about their own, staff's looks are recorded."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account
from wallet_chain.bank.witness import is_customer, not_found, record_look
from wallet_chain.errors import NotReady
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainCursor


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
