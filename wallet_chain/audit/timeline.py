"""The history of one thing across all systems: asked, signed, sent, mined, told. One timeline.

Moments are whole seconds from two clocks, the bank's and the chain's; within a second the order is
that in which the systems follow one another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from wallet_chain.audit.timeline_parts import (
    of_chain,
    of_compliance,
    of_lanes,
    of_notifications,
    of_operation,
    of_order,
    of_related,
    of_request,
)
from wallet_chain.audit.views import TimelineItem, TimelineSubject, TimelineView
from wallet_chain.bank import Bank
from wallet_chain.bank.orders import order_state, outcome_of
from wallet_chain.bank.sides import payer_of
from wallet_chain.bank.witness import is_customer, looking, not_found, record_look
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import CrossBorderTransfer, Customer, Deposit, Operation, Order

ITEMS_MAX = 500
SYSTEMS = (
    "requests",
    "orders",
    "compliance",
    "operations",
    "lanes",
    "chain",
    "notifications",
    "related",
)
"""In the order in which a payment goes through them."""

SEE_SCREENING = ("compliance", "auditor")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a timeline is about, as far as there is any of it."""

    resource_id: str
    order: Order | None
    operations: tuple[Operation, ...]
    transfer: CrossBorderTransfer | None = None


def get_timeline(bank: Bank, caller: Caller, of: str) -> TimelineView:
    """The history of a payment, transfer, deposit, or whatever else has an id.

    ``of`` is its id, its operation's, its order's hash, the reference on chain, the transaction
    that carried it alone, or the UETR of a transfer. A customer sees its own orders, and of them
    neither screening nor what others asked or were told. Raises NotFound.
    """
    with looking(bank, caller) as session:
        subject = _subject(session, of.strip())
        if subject is None or not _may_see(caller, subject):
            raise not_found("payment, order or operation", of)
        customer_id = _customer_of(session, subject)
        record_look(bank, session, caller, "timeline", customer_id, {"of": subject.resource_id})
        found = sorted(_items(session, caller, subject), key=_place)
        view = _view(bank, session, subject)
    shown = tuple(replace(item, facts=_said(item)) for item in found[:ITEMS_MAX])
    return TimelineView(of, view, shown, truncated=len(found) > ITEMS_MAX)


def _items(session: Session, caller: Caller, subject: Subject) -> Iterator[TimelineItem]:
    staff = not is_customer(caller)
    yield from of_request(session, subject.resource_id, None if staff else caller.principal_id)
    if subject.order is not None:
        yield from of_order(subject.order)
        yield from of_related(session, subject.order)
    payer = None if subject.order is None else payer_of(subject.order)
    operations = _shown_operations(caller, subject)
    for operation in operations:
        yield from of_operation(caller, payer, operation)
    yield from of_lanes(session, operations, ITEMS_MAX)
    yield from of_chain(session, subject.order, subject.operations, ITEMS_MAX)
    if subject.transfer is not None:
        allowed = caller.role in SEE_SCREENING
        yield from of_compliance(session, subject.transfer, screening=allowed, reasons=staff)
    own = None if staff else caller.customer_id
    yield from of_notifications(session, subject.resource_id, own, ITEMS_MAX)


def _customer_of(session: Session, subject: Subject) -> str | None:
    """Whom a look at it is filed under."""
    if subject.order is not None:
        return subject.order.signer_customer_id
    deposit = session.get(Deposit, subject.resource_id)
    if deposit is not None:
        return deposit.customer_id
    customer = session.get(Customer, subject.resource_id)
    return None if customer is None else customer.id


def _place(item: TimelineItem) -> tuple[int, int, int, int]:
    return (item.at, SYSTEMS.index(item.system), item.block_number or 0, item.log_index or 0)


def _said(item: TimelineItem) -> dict[str, object]:
    return {name: value for name, value in item.facts.items() if value is not None}


def _subject(session: Session, of: str) -> Subject | None:
    order = _order(session, of)
    resource_id = of if order is None else order.id
    if order is None:
        operation = session.get(Operation, of) or _by_transaction(session, of)
        if operation is not None:
            resource_id = operation.resource_id
            order = session.get(Order, resource_id)
    operations = session.scalars(
        select(Operation)
        .where(Operation.resource_id == resource_id)
        .order_by(Operation.sequence)
        .limit(ITEMS_MAX)
    ).all()
    if order is None and not operations and session.get(Deposit, resource_id) is None:
        return None
    transfer = None if order is None else session.get(CrossBorderTransfer, order.id)
    return Subject(resource_id, order, tuple(operations), transfer)


def _order(session: Session, of: str) -> Order | None:
    found = session.get(Order, of)
    if found is not None:
        return found
    word = of.lower()
    if word.startswith("0x"):
        return session.scalars(
            select(Order).where(or_(Order.order_id == word, Order.reference == word)).limit(1)
        ).first()
    uetr = select(CrossBorderTransfer.id).where(CrossBorderTransfer.uetr == word)
    transfer_id = session.scalar(uetr)
    return None if transfer_id is None else session.get(Order, transfer_id)


def _by_transaction(session: Session, of: str) -> Operation | None:
    """The operation that had a transaction to itself; a batch has many, and is nobody's."""
    found = session.scalars(
        select(Operation)
        .where(Operation.transaction_hash == of.lower())
        .order_by(Operation.sequence)
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _may_see(caller: Caller, subject: Subject) -> bool:
    if not is_customer(caller):
        return True
    order = subject.order
    if order is None:
        return caller.customer_id == subject.resource_id
    return caller.customer_id in (order.signer_customer_id, order.counterparty_customer_id)


def _shown_operations(caller: Caller, subject: Subject) -> tuple[Operation, ...]:
    """All for staff; of an order only its own for customers, without what reviewers called."""
    order = subject.order
    if order is None or not is_customer(caller):
        return subject.operations
    return tuple(one for one in subject.operations if one.id == order.operation_id)


def _view(bank: Bank, session: Session, subject: Subject) -> TimelineSubject:
    order, operations = subject.order, subject.operations
    if order is None:
        state = operations[-1].state if operations else "recorded"
        kind = operations[0].kind if operations else "deposit"
        return TimelineSubject(kind, subject.resource_id, None, None, state, None, None, None)
    money = None
    if order.currency is not None and order.amount_minor is not None:
        money = Money(order.amount_minor, currency_named(order.currency))
    return TimelineSubject(
        kind=order.kind,
        id=order.id,
        order_id=order.order_id,
        uetr=None if subject.transfer is None else subject.transfer.uetr,
        state=order_state(bank, order, *outcome_of(session, order)),
        money=money,
        from_account=order.signer_account,
        to_account=order.counterparty_account,
    )
