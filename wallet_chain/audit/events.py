"""Everything that happened on chain, by any combination of filters."""

from dataclasses import asdict

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from wallet_chain.audit.drafts import EventFilter
from wallet_chain.audit.views import EventView
from wallet_chain.bank import Bank
from wallet_chain.bank.books import look_at_account
from wallet_chain.bank.paging import Position, cut, read_position, scope_of
from wallet_chain.bank.views import Page, PageRequest
from wallet_chain.bank.witness import is_customer, looking, record_look
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import CURRENCIES, Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainEvent


def list_events(
    bank: Bank, caller: Caller, filters: EventFilter, request: PageRequest
) -> Page[EventView]:
    """Events in the order of the chain. A customer must name an own account.

    Raises CursorInvalid, InvalidRequest, InvalidAddress, UnknownCurrency, NotFound.
    """
    scope = scope_of("events", filters)
    position = read_position(bank, scope, request)
    conditions = event_conditions(filters)
    with looking(bank, caller) as session:
        look_at_events(bank, session, caller, "events", filters)
        rows = events_after(session, conditions, position, request.limit + 1)
        return cut(bank, scope, request, rows, event_view, event_position)


def look_at_events(
    bank: Bank, session: Session, caller: Caller, action: str, filters: EventFilter
) -> None:
    """Record the look, or keep a customer to its own accounts."""
    if filters.account is not None:
        query = {k: v for k, v in asdict(filters).items() if k != "account"}
        look_at_account(bank, session, caller, action, read_address(filters.account), query)
        return
    if is_customer(caller):
        raise InvalidRequest("Name your own account.", field="account")
    record_look(bank, session, caller, action, None, asdict(filters))


def event_conditions(filters: EventFilter) -> list[ColumnElement[bool]]:
    """The filters in SQL. Raises InvalidRequest, InvalidAddress, UnknownCurrency."""
    conditions = _by_accounts(filters) + _by_money(filters)
    columns = (
        (ChainEvent.kind, filters.kind),
        (ChainEvent.name, filters.name),
        (ChainEvent.order_id, _lower(filters.order_id)),
        (ChainEvent.reference, _lower(filters.reference)),
        (ChainEvent.transaction_hash, _lower(filters.transaction_hash)),
    )
    conditions += [column == value for column, value in columns if value is not None]
    bounds = (
        (ChainEvent.block_time, filters.time_from, filters.time_to),
        (ChainEvent.block_number, filters.block_from, filters.block_to),
    )
    for bounded, low, high in bounds:
        if low is not None:
            conditions.append(bounded >= low)
        if high is not None:
            conditions.append(bounded <= high)
    return conditions


def events_after(
    session: Session,
    conditions: list[ColumnElement[bool]],
    position: Position | None,
    limit: int,
) -> list[ChainEvent]:
    """The next events in the order of the chain."""
    statement = select(ChainEvent).where(and_(True, *conditions))
    if position is not None:
        place = tuple_(ChainEvent.block_number, ChainEvent.log_index)
        statement = statement.where(place > tuple_(*position))
    return list(
        session.scalars(
            statement.order_by(ChainEvent.block_number, ChainEvent.log_index).limit(limit)
        )
    )


def event_position(row: ChainEvent) -> Position:
    """Where an event stands in the order of the chain."""
    return row.block_number, row.log_index


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
        arguments=row.arguments,
    )


def _by_accounts(filters: EventFilter) -> list[ColumnElement[bool]]:
    account = None if filters.account is None else read_address(filters.account)
    other = None if filters.counterparty is None else read_address(filters.counterparty)
    if account is not None and other is not None:
        return [
            or_(
                and_(ChainEvent.account == account, ChainEvent.counterparty == other),
                and_(ChainEvent.account == other, ChainEvent.counterparty == account),
            )
        ]
    named = account or other
    if named is None:
        return []
    return [or_(ChainEvent.account == named, ChainEvent.counterparty == named)]


def _by_money(filters: EventFilter) -> list[ColumnElement[bool]]:
    low, high = filters.amount_min_minor, filters.amount_max_minor
    if filters.currency is None:
        if low is not None or high is not None:
            raise InvalidRequest("Amounts need a currency to be compared in.", field="currency")
        return []
    conditions: list[ColumnElement[bool]] = [
        ChainEvent.currency == currency_named(filters.currency).code
    ]
    if low is not None:
        conditions.append(ChainEvent.amount_minor >= low)
    if high is not None:
        conditions.append(ChainEvent.amount_minor <= high)
    return conditions


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()
