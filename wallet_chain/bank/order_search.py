"""Finding orders of one kind: what every list of orders can be asked for."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.drafts import OrderFilter
from wallet_chain.bank.orders import ended_on_chain, state_expression
from wallet_chain.bank.witness import require_own
from wallet_chain.errors import InvalidRequest
from wallet_chain.ledger.hashing import read_address
from wallet_chain.money import currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import ChainOrder, Operation, Order


def find_orders(
    session: Session, conditions: Sequence[ColumnElement[bool]], limit: int
) -> Sequence[Order]:
    """Up to ``limit`` orders that meet all conditions, newest first."""
    return session.scalars(
        select(Order)
        .outerjoin(Operation, Operation.id == Order.operation_id)
        .outerjoin(ChainOrder, ended_on_chain())
        .where(and_(*conditions))
        .order_by(Order.id.desc())
        .limit(limit)
    ).all()


def order_conditions(
    bank: Bank, caller: Caller, kind: str, filters: OrderFilter
) -> list[ColumnElement[bool]]:
    """What the filters ask of orders of a kind, for ``find_orders``.

    Raises InvalidRequest, InvalidAddress, UnknownCurrency, and NotFound when a customer asks for
    another one's.
    """
    conditions: list[ColumnElement[bool]] = [Order.kind == kind]
    customer_id = _side(caller, filters)
    if customer_id is not None:
        conditions.append(_seen_from(customer_id, filters.direction))
    if filters.account is not None:
        conditions.append(of_account(filters.account))
    if filters.currency is not None:
        conditions.append(Order.currency == currency_named(filters.currency).code)
    if filters.state is not None:
        conditions.append(state_expression(bank.clock()) == filters.state)
    if filters.created_from is not None:
        conditions.append(Order.created_at >= filters.created_from)
    if filters.created_to is not None:
        conditions.append(Order.created_at <= filters.created_to)
    if filters.order_id is not None:
        conditions.append(Order.order_id == filters.order_id.lower())
    if filters.reference is not None:
        conditions.append(Order.reference == filters.reference.lower())
    return conditions


def of_account(text: str) -> ColumnElement[bool]:
    """Orders on whose one side or other this account is. Raises InvalidAddress."""
    account = read_address(text)
    return or_(Order.signer_account == account, Order.counterparty_account == account)


def _side(caller: Caller, filters: OrderFilter) -> str | None:
    if caller.customer_id is None:
        if filters.direction is not None and filters.customer_id is None:
            raise InvalidRequest(
                "direction is as seen from a customer: give customer_id too.", field="direction"
            )
        return filters.customer_id
    require_own(caller, filters.customer_id)
    return caller.customer_id


def _seen_from(customer_id: str, direction: str | None) -> ColumnElement[bool]:
    signed = Order.signer_customer_id == customer_id
    received = Order.counterparty_customer_id == customer_id
    if direction is None:
        return or_(signed, received)
    if direction not in ("in", "out"):
        raise InvalidRequest("direction is in or out.", field="direction")
    return signed if direction == "out" else received
