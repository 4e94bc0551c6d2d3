"""Everything that happened on chain, by any combination of filters."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.audit.asking import Asked, question_of, understand
from wallet_chain.audit.drafts import EventFilter
from wallet_chain.audit.searching import search
from wallet_chain.audit.views import EventView
from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import customer_of_account
from wallet_chain.bank.paging import read_position, scope_of, write_position
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import is_customer, looking, not_found, record_look, require_own
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import CURRENCIES, Money
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainEvent, CrossBorderTransfer, Order


def list_events(
    bank: Bank, caller: Caller, filters: EventFilter, request: PageRequest
) -> Page[EventView]:
    """Events in the order of the chain. A customer must name an own account, or itself.

    A page may have fewer items than its limit while more follow: see ``audit.searching``. Raises
    CursorInvalid, InvalidRequest, InvalidAddress, UnknownCurrency, NotFound.
    """
    scope = scope_of("events", filters)
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        asked = asked_of_events(bank, session, caller, "events", filters)
        found = search(session, question_of(asked), position, request.limit)
        items = tuple(event_view(row) for row in found.rows)
    following = found.next_position
    return Page(items, None if following is None else write_position(bank, scope, following))


def asked_of_events(
    bank: Bank, session: Session, caller: Caller, action: str, filters: EventFilter
) -> Asked:
    """Understand a question and record the look, or keep a customer to what is its own."""
    own = None
    if is_customer(caller):
        own = _own_of(session, caller, filters)
    asked = understand(bank, session, filters, own)
    if own is None:
        for customer_id in _looked_at(session, filters):
            record_look(bank, session, caller, action, customer_id, _said(filters))
    return asked


def event_view(row: ChainEvent) -> EventView:
    """An event's row as a view."""
    currency = None if row.currency is None else CURRENCIES.get(row.currency)
    money = None
    if currency is not None and row.amount_minor is not None:
        money = Money(row.amount_minor, currency)
    return EventView(
        block_number=row.block_number,
        block_time=row.block_time,
        transaction_hash=row.transaction_hash,
        transaction_index=row.transaction_index,
        log_index=row.log_index,
        contract=row.contract,
        name=row.name,
        kind=row.kind,
        account=row.account,
        counterparty=row.counterparty,
        currency=row.currency,
        money=money,
        order_id=row.order_id,
        reference=row.reference,
        programme=row.programme,
        arguments=row.arguments,
    )


def _own_of(session: Session, caller: Caller, filters: EventFilter) -> str:
    """Whom a customer's question is about: itself. Raises InvalidRequest, NotFound."""
    if filters.account is None and filters.customer is None:
        raise InvalidRequest("Name your own account.", field="account")
    require_own(caller, filters.customer)
    if filters.account is not None:
        account = read_address(filters.account)
        customer = customer_of_account(session, account)
        if customer is None or customer.id != caller.customer_id:
            raise not_found("account", account)
    return str(caller.customer_id)


def _looked_at(session: Session, filters: EventFilter) -> tuple[str | None, ...]:
    """The customers that a look of staff concerns: all that the question names, in any way."""
    named = [filters.customer]
    accounts = [filters.account, filters.counterparty]
    if filters.merchant is not None and filters.merchant.startswith("cus_"):
        named.append(filters.merchant)
    else:
        accounts.append(filters.merchant)
    for account in accounts:
        customer = None
        if account is not None:
            customer = customer_of_account(session, read_address(account))
        named.append(None if customer is None else customer.id)
    for order_id in (filters.order_id, _order_of(session, filters.uetr)):
        if order_id is not None:
            named += _sides_of(session, order_id)
    return tuple(dict.fromkeys(one for one in named if one is not None)) or (None,)


def _order_of(session: Session, uetr: str | None) -> str | None:
    """The order of a transfer abroad."""
    if uetr is None:
        return None
    transfer = CrossBorderTransfer
    return session.scalar(select(transfer.order_id).where(transfer.uetr == uetr.lower()))


def _sides_of(session: Session, order_id: str) -> list[str | None]:
    statement = select(Order).where(Order.order_id == order_id.lower()).limit(1)
    order = session.scalars(statement).first()
    return [] if order is None else [order.signer_customer_id, order.counterparty_customer_id]


def _said(filters: EventFilter) -> dict[str, Any]:
    """The question as it is recorded: free text may be personal, and is only said to be there."""
    said = {name: value for name, value in asdict(filters).items() if value not in (None, False)}
    if filters.free_reference is not None:
        said["free_reference"] = "given"
    return said
