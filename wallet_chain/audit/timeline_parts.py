"""What each system has to say about one payment, as items of its timeline."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from wallet_chain.audit.views import TimelineItem
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.sides import discreet_receipt
from wallet_chain.ledger.hashing import ZERO_HASH
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import (
    ChainBlock,
    ChainEvent,
    CrossBorderTransfer,
    Operation,
    Order,
    Request,
    ScreeningResult,
    Transaction,
    TransactionOperation,
    TransferHistory,
    WebhookDelivery,
    WebhookEvent,
)

_RELATED_MAX = 100


def of_request(
    session: Session, resource_id: str, principal_id: str | None
) -> Iterator[TimelineItem]:
    """Who asked, and under which key; only what ``principal_id`` asked, where one is given."""
    statement = select(Request).where(Request.resource_id == resource_id)
    if principal_id is not None:
        statement = statement.where(Request.principal_id == principal_id)
    for row in session.scalars(statement.limit(_RELATED_MAX)):
        yield TimelineItem(
            at=row.created_at,
            system="requests",
            what="request",
            text=f"{row.principal_id} asked for it.",
            id=row.principal_id,
            facts={"idempotency_key": row.idempotency_key, "fingerprint": row.fingerprint},
        )


def of_order(order: Order) -> Iterator[TimelineItem]:
    """The order as it was built, and its signature."""
    yield TimelineItem(
        at=order.created_at,
        system="orders",
        what="order",
        text=f"The {order.kind.replace('_', ' ')} was written down as an order.",
        id=order.id,
        facts={
            "order_id": order.order_id,
            "contract": order.contract,
            "nonce": order.nonce,
            "deadline": order.deadline,
            "reference": order.reference,
        },
    )
    if order.signature is not None:
        yield TimelineItem(
            at=order.created_at,
            system="orders",
            what="signature",
            text=f"Signed by {order.signer_account}.",
            id=order.id,
            facts={"signer": order.signer_account},
        )


def of_operation(
    caller: Caller, payer_customer_id: str | None, operation: Operation
) -> Iterator[TimelineItem]:
    """When it was accepted, and how it ended; what the payer holds is for the payer and staff."""
    yield TimelineItem(
        at=operation.accepted_at,
        system="operations",
        what="accepted",
        text="Accepted: from here on nothing is lost.",
        id=operation.id,
        facts={"kind": operation.kind},
    )
    if operation.finished_at is not None:
        receipt = discreet_receipt(caller, payer_customer_id, operation_view(operation))
        refusal = None if receipt is None else receipt.refusal
        yield TimelineItem(
            at=operation.finished_at,
            system="operations",
            what="finished",
            text=f"The outcome is final: {operation.state}.",
            id=operation.id,
            block_number=operation.block_number,
            log_index=operation.log_index,
            transaction_hash=operation.transaction_hash,
            facts={
                "state": operation.state,
                "refusal": None if refusal is None else asdict(refusal),
            },
        )


def of_lanes(
    session: Session, operations: Sequence[Operation], most: int
) -> Iterator[TimelineItem]:
    """The transactions that carried them: bound to a nonce, sent, mined."""
    carried = (
        select(Transaction, ChainBlock)
        .where(
            Transaction.id.in_(
                select(TransactionOperation.transaction_id).where(
                    TransactionOperation.operation_id.in_([one.id for one in operations])
                )
            )
        )
        .join(ChainBlock, ChainBlock.number == Transaction.block_number, isouter=True)
        .order_by(Transaction.id)
    )
    for row, block in session.execute(carried.limit(most)):
        yield TimelineItem(
            at=row.bound_at,
            system="lanes",
            what="transaction_bound",
            text=f"Put into a transaction with nonce {row.nonce}, signed and stored.",
            transaction_hash=row.hash,
            facts={"lane": row.lane_address, "nonce": row.nonce, "kind": row.kind},
        )
        if row.last_sent_at is not None:
            times = "once" if row.sends == 1 else f"{row.sends} times"
            yield TimelineItem(
                at=row.last_sent_at,
                system="lanes",
                what="sent",
                text=f"Sent to the chain {times}, here for the last time.",
                transaction_hash=row.hash,
                facts={"sends": row.sends, "state": row.state},
            )
        if block is not None:
            yield TimelineItem(
                at=block.time,
                system="lanes",
                what="mined",
                text=f"Mined in block {block.number}.",
                block_number=block.number,
                transaction_hash=row.hash,
                facts={"block_hash": block.hash, "succeeded": row.succeeded},
            )


def of_chain(
    session: Session, order: Order | None, operations: Sequence[Operation], most: int
) -> Iterator[TimelineItem]:
    """The events of the order, or of the transactions that it had to itself."""
    alone = [o.transaction_hash for o in operations if o.transaction_hash and o.order_id is None]
    way: ColumnElement[bool] = ChainEvent.transaction_hash.in_(alone)
    if order is not None:
        way = ChainEvent.order_id == order.order_id
    places = (ChainEvent.block_number, ChainEvent.log_index)
    statement = select(ChainEvent).where(way).order_by(*places).limit(most + 1)
    for row in session.scalars(statement):
        yield TimelineItem(
            at=row.block_time,
            system="chain",
            what="event",
            text=f"The chain recorded {row.name}.",
            block_number=row.block_number,
            log_index=row.log_index,
            transaction_hash=row.transaction_hash,
            facts={"name": row.name, "kind": row.kind, "contract": row.contract},
        )


def of_related(session: Session, order: Order) -> Iterator[TimelineItem]:
    """Its refunds and cancellations, or what it refunds or cancels."""
    statement = select(Order).where(Order.related_id == order.id).order_by(Order.created_at)
    related = list(session.scalars(statement.limit(_RELATED_MAX)))
    if order.related_id is not None:
        before = session.get(Order, order.related_id)
        related += [] if before is None else [before]
    for row in related:
        yield TimelineItem(
            at=row.created_at,
            system="related",
            what="related",
            text=f"There is a {row.kind.replace('_', ' ')} that belongs to it.",
            id=row.id,
            facts={"kind": row.kind, "order_id": row.order_id},
        )


def of_compliance(
    session: Session, transfer: CrossBorderTransfer, *, screening: bool, reasons: bool
) -> Iterator[TimelineItem]:
    """The states of a transfer abroad, and what its sides were screened with."""
    history = select(TransferHistory).where(TransferHistory.transfer_id == transfer.id)
    for row in session.scalars(history.order_by(TransferHistory.sequence).limit(_RELATED_MAX)):
        yield TimelineItem(
            at=row.at,
            system="compliance",
            what="state",
            text=f"The transfer became {row.state}.",
            id=transfer.id,
            transaction_hash=None if row.transaction_hash == ZERO_HASH else row.transaction_hash,
            facts={"by": row.by, "reason": row.reason} if reasons else {},
        )
    if not screening:
        return
    results = select(ScreeningResult).where(ScreeningResult.transfer_id == transfer.id)
    for result in session.scalars(results.limit(_RELATED_MAX)):
        yield TimelineItem(
            at=result.screened_at,
            system="compliance",
            what="screening",
            text=f"The {result.subject} was screened at {result.occasion}: {result.outcome}.",
            id=result.id,
            facts={"lists": result.lists, "score": result.score, "decision": result.decision},
        )


def of_notifications(
    session: Session, resource_id: str, customer_id: str | None, most: int
) -> Iterator[TimelineItem]:
    """What was told, and for staff to whom it was delivered."""
    statement = select(WebhookEvent).where(WebhookEvent.resource_id == resource_id)
    if customer_id is not None:
        sides = (WebhookEvent.customer_id, WebhookEvent.other_customer_id)
        statement = statement.where(or_(*(side == customer_id for side in sides)))
    for row in session.scalars(statement.order_by(WebhookEvent.sequence).limit(most)):
        yield TimelineItem(
            at=row.created_at,
            system="notifications",
            what="notification",
            text=f"Event {row.sequence} of it was written: {row.kind}.",
            id=row.id,
            facts={"kind": row.kind, "sequence": row.sequence},
        )
    if customer_id is None:
        yield from _deliveries(session, resource_id, most)


def _deliveries(session: Session, resource_id: str, most: int) -> Iterator[TimelineItem]:
    sent = (
        select(WebhookDelivery)
        .join(WebhookEvent, WebhookEvent.id == WebhookDelivery.event_id)
        .where(WebhookEvent.resource_id == resource_id)
        .order_by(WebhookDelivery.created_at, WebhookDelivery.id)
    )
    for row in session.scalars(sent.limit(most)):
        yield TimelineItem(
            at=row.created_at if row.ended_at is None else row.ended_at,
            system="notifications",
            what="delivery",
            text=f"Its delivery is {row.state} after {row.attempts} attempts.",
            id=row.id,
            facts={"endpoint_id": row.endpoint_id, "state": row.state, "status": row.last_status},
        )
