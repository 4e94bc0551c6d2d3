"""Transfers abroad as callers see them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import order_money, order_state, order_typed_data, outcome_of
from wallet_chain.bank.receipts import operation_view
from wallet_chain.bank.sealed import opened_or_none
from wallet_chain.bank.sides import discreet_receipt
from wallet_chain.bank.views import OperationView
from wallet_chain.bank.witness import is_customer, not_found, record_look
from wallet_chain.compliance.screening import results_of, screening_view
from wallet_chain.compliance.views import ScreeningView
from wallet_chain.crossborder.views import HistoryView, RecallView, TransferView
from wallet_chain.money import Money, currency_named
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.tables import (
    ChainTransfer,
    CrossBorderTransfer,
    Operation,
    Order,
    Quote,
    TransferHistory,
)

DECISIONS = ("approve_release", "release", "reject_transfer", "refund_hold")
"""Kinds of operation that act on a held transfer without its sender."""

REVIEWERS = ("compliance", "auditor")
"""Roles that see what screening found; nobody is warned that they stand on a list."""


def visible_transfer(session: Session, caller: Caller, transfer_id: str) -> CrossBorderTransfer:
    """A transfer that the caller is a side of, or staff looks at. Raises NotFound."""
    transfer = session.get(CrossBorderTransfer, transfer_id)
    if transfer is None or not _is_side(caller, transfer):
        raise not_found("transfer", transfer_id)
    return transfer


def show_transfer(bank: Bank, session: Session, caller: Caller, transfer_id: str) -> TransferView:
    """A transfer as a view. Raises NotFound."""
    transfer = visible_transfer(session, caller, transfer_id)
    record_look(bank, session, caller, "transfer", transfer.sender_customer_id, {"id": transfer_id})
    return transfer_view(bank, session, caller, transfer)


def transfer_view(
    bank: Bank, session: Session, caller: Caller, transfer: CrossBorderTransfer
) -> TransferView:
    """A transfer's row as a view."""
    order = session.get_one(Order, transfer.id)
    quote = session.get_one(Quote, transfer.quote_id)
    operation, _ = outcome_of(session, order)
    sent = None if operation is None else operation_view(operation)
    receipt = discreet_receipt(caller, transfer.sender_customer_id, sent)
    on_chain = session.get(ChainTransfer, transfer.order_id)
    state = transfer_state(bank, transfer, order)
    sender = transfer.sender_customer_id
    signing = caller.customer_id == sender and state == "awaiting_signature"
    return TransferView(
        id=transfer.id,
        uetr=transfer.uetr,
        state=state,
        sender_account=order.signer_account,
        sender_customer_id=_known(caller, sender),
        recipient_account=transfer.recipient_account,
        recipient_customer_id=_known(caller, transfer.recipient_customer_id),
        provider_account=quote.provider_account,
        quote_id=transfer.quote_id,
        source=order_money(order),
        fee=Money(quote.fee_minor, currency_named(quote.source_currency)),
        target=Money(quote.target_minor, currency_named(quote.target_currency)),
        rate_numerator=quote.rate_numerator,
        rate_denominator=quote.rate_denominator,
        purpose=transfer.purpose,
        remittance=opened_or_none(bank, session, sender, transfer.sealed_remittance),
        beneficiary_id=transfer.beneficiary_id if _known(caller, sender) else None,
        travel_rule_id=transfer.travel_rule_id,
        travel_rule_hash=order.message["travelRule"] if transfer.travel_rule_id else None,
        order_id=transfer.order_id,
        reference=order.reference,
        deadline=order.deadline,
        hold_reason=_hold_reason(caller, transfer),
        screenings=_screenings(session, caller, transfer),
        hold_expires_at=transfer.hold_expires_at,
        hold_seconds_left=_seconds_left(bank, transfer),
        two_reviewers=transfer.two_reviewers,
        approved_by=None if on_chain is None else on_chain.approver,
        refusal=None if receipt is None else receipt.refusal,
        typed_data=order_typed_data(bank, order, state) if signing else None,
        history=_history(session, transfer),
        recall=_recall(bank, session, caller, transfer),
        operation=receipt,
        decision=_decision(session, transfer),
        created_at=transfer.created_at,
    )


def _hold_reason(caller: Caller, transfer: CrossBorderTransfer) -> str | None:
    if is_customer(caller) or transfer.hold_expires_at is None:
        return None
    return "screening" if transfer.hold_wanted else "policy"


def _screenings(
    session: Session, caller: Caller, transfer: CrossBorderTransfer
) -> tuple[ScreeningView, ...]:
    if caller.role not in REVIEWERS:
        return ()
    return tuple(screening_view(row) for row in results_of(session, transfer.id))


def _seconds_left(bank: Bank, transfer: CrossBorderTransfer) -> int | None:
    if transfer.state != "held" or transfer.hold_expires_at is None:
        return None
    return max(transfer.hold_expires_at - bank.clock(), 0)


def transfer_state(bank: Bank, transfer: CrossBorderTransfer, order: Order) -> str:
    """The state now: what nobody has signed in time is expired, whether or not it was noted yet."""
    unsigned = transfer.state == "awaiting_signature"
    return "expired" if unsigned and bank.clock() > order.deadline else transfer.state


def latest_recall(session: Session, transfer_id: str) -> Order | None:
    """The last order that was made to take the transfer back."""
    return session.scalars(
        select(Order)
        .where(Order.related_id == transfer_id, Order.kind == "recall")
        .order_by(Order.id.desc())
        .limit(1)
    ).first()


def recall_state(bank: Bank, session: Session, recall: Order) -> str:
    """``awaiting_signature``, then the operation's."""
    operation, on_chain = outcome_of(session, recall)
    return order_state(bank, recall, operation, on_chain)


def _recall(
    bank: Bank, session: Session, caller: Caller, transfer: CrossBorderTransfer
) -> RecallView | None:
    recall = latest_recall(session, transfer.id)
    if recall is None:
        return None
    operation, _ = outcome_of(session, recall)
    state = recall_state(bank, session, recall)
    mine = caller.customer_id == transfer.sender_customer_id
    return RecallView(
        id=recall.id,
        transfer_id=transfer.id,
        state=state,
        order_id=recall.order_id,
        deadline=recall.deadline,
        typed_data=order_typed_data(bank, recall, state) if mine else None,
        operation=None if operation is None else operation_view(operation),
        created_at=recall.created_at,
    )


def _history(session: Session, transfer: CrossBorderTransfer) -> tuple[HistoryView, ...]:
    rows = session.scalars(
        select(TransferHistory)
        .where(TransferHistory.transfer_id == transfer.id)
        .order_by(TransferHistory.sequence)
    )
    return tuple(
        HistoryView(row.sequence, row.state, row.at, row.by, row.reason, row.transaction_hash)
        for row in rows
    )


def _decision(session: Session, transfer: CrossBorderTransfer) -> OperationView | None:
    row = session.scalars(
        select(Operation)
        .where(Operation.resource_id == transfer.id, Operation.kind.in_(DECISIONS))
        .order_by(Operation.sequence.desc())
        .limit(1)
    ).first()
    return None if row is None else operation_view(row)


def _is_side(caller: Caller, transfer: CrossBorderTransfer) -> bool:
    sides = (transfer.sender_customer_id, transfer.recipient_customer_id)
    return not is_customer(caller) or caller.customer_id in sides


def _known(caller: Caller, customer_id: str | None) -> str | None:
    return customer_id if caller.customer_id in (None, customer_id) else None
