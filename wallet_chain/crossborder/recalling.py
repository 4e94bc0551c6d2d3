"""Recalls: the sender takes back a transfer while it is held."""

from typing import Any

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, place_order
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import FINAL_STATES, Answer
from wallet_chain.bank.witness import not_found
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.crossborder.showing import (
    latest_recall,
    recall_state,
    show_transfer,
    visible_transfer,
)
from wallet_chain.crossborder.views import TransferView
from wallet_chain.errors import KindNotAllowed, SignatureNotAwaited, TransferNotOpen
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import CrossBorderTransfer, Customer, Order


def recall_transfer(bank: Bank, caller: Caller, ask: Ask, transfer_id: str) -> Answer[TransferView]:
    """Take back a held transfer. Signed at once where the bank keeps the sender's key.

    Whether the recall or a reviewer comes first is the chain's to decide. A recall that is under way
    already is not made twice. Raises NotFound, KindNotAllowed (only the sender can), TransferNotOpen.
    """

    def apply(session: Session, _: None) -> Written:
        transfer = _own(session, caller, transfer_id)
        if transfer.state != "held":
            raise TransferNotOpen(
                f"The transfer is {transfer.state}; only one that is held can be recalled."
                + (" Ask the recipient to send it back." if transfer.state == "settled" else ""),
                state=transfer.state,
            )
        pending = latest_recall(session, transfer.id)
        if pending is not None and recall_state(bank, session, pending) not in FINAL_STATES:
            return Written(transfer.id, pending.operation_id)
        recall = place_order(bank, session, caller, ask, _plan(session, transfer))
        return Written(transfer.id, recall.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_transfer(bank, session, caller, id_),
    )


def sign_recall(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[TransferView]:
    """Hand in the sender's signature over the recall of the transfer ``resource_id``.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid.
    """
    with bank.store.reading() as session:
        transfer = visible_transfer(session, caller, draft.resource_id)
        recall = latest_recall(session, transfer.id)
        if recall is None:
            raise SignatureNotAwaited("Ask for the recall of this transfer first.")

    def more_arguments(session: Session, order: Order) -> tuple[Any, ...]:
        return (_original(session, str(order.related_id)),)

    return take_signature(
        bank,
        caller,
        ask,
        SignatureDraft(recall.id, draft.signature),
        kind="recall",
        recheck=lambda _order: None,
        more_arguments=more_arguments,
        show=lambda session, order: show_transfer(bank, session, caller, str(order.related_id)),
    )


def _own(session: Session, caller: Caller, transfer_id: str) -> CrossBorderTransfer:
    transfer = visible_transfer(session, caller, transfer_id)
    if caller.customer_id is None:
        raise not_found("transfer", transfer_id)
    if transfer.sender_customer_id != caller.customer_id:
        raise KindNotAllowed("Only the sender can recall a transfer.")
    return transfer


def _plan(session: Session, transfer: CrossBorderTransfer) -> OrderPlan:
    sender = holder_of(session, session.get_one(Customer, transfer.sender_customer_id), "sender")
    return OrderPlan(
        kind="recall",
        id_prefix="rcl",
        contract="CrossBorder",
        signer=sender.customer,
        account=sender.account,
        message={"transfer": transfer.order_id, "sender": sender.account},
        related_id=transfer.id,
        more_arguments=(_original(session, transfer.id),),
    )


def _original(session: Session, transfer_id: str) -> tuple[Any, ...]:
    return order_struct("transfer", session.get_one(Order, transfer_id).message)
