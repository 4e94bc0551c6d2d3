"""Cancellations: a signed order that voids another one's nonce before it executes."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, order_state, outcome_of, place_order
from wallet_chain.bank.sides import visible_order
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import FINAL_STATES, Answer
from wallet_chain.bank.witness import not_found
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import KindNotAllowed, NotCancellable, SignatureNotAwaited
from wallet_chain.payments.drafts import CancellationDraft
from wallet_chain.payments.showing import show_payment
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Customer, Operation, Order


def cancel_payment(
    bank: Bank, caller: Caller, ask: Ask, draft: CancellationDraft
) -> Answer[PaymentView]:
    """Try to void a payment. Which of the two comes first is the chain's to decide.

    Answers with the payment, which becomes ``cancelled`` or ``settled``. Signed at once where the
    bank keeps the key; else ``cancellation.typed_data`` awaits the payer's signature. A cancellation
    that is under way already is not made twice. Raises NotFound, KindNotAllowed, NotCancellable.
    """

    def apply(session: Session, _: None) -> Written:
        payment = _cancellable(bank, session, caller, draft.payment_id)
        pending = _pending(bank, session, payment)
        if pending is not None:
            return Written(payment.id, pending.operation_id)
        cancellation = place_order(bank, session, caller, ask, _plan(session, payment))
        _hasten(session, cancellation, payment)
        return Written(payment.id, cancellation.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_payment(bank, session, caller, id_),
    )


def sign_cancellation(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[PaymentView]:
    """Hand in the payer's signature over the cancellation of the payment ``resource_id``.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid.
    """
    with bank.store.reading() as session:
        payment = visible_order(session, caller, draft.resource_id, "payment")
        cancellation = _latest(session, payment)
        if cancellation is None:
            raise SignatureNotAwaited("Ask for the cancellation of this payment first.")
    return take_signature(
        bank,
        caller,
        ask,
        SignatureDraft(cancellation.id, draft.signature),
        kind="cancellation",
        recheck=lambda _order: None,
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_payment(bank, session, caller, str(order.related_id)),
    )


def _cancellable(bank: Bank, session: Session, caller: Caller, payment_id: str) -> Order:
    payment = visible_order(session, caller, payment_id, "payment")
    if caller.customer_id is None:
        raise not_found("payment", payment_id)
    if payment.signer_customer_id != caller.customer_id:
        raise KindNotAllowed("Only the payer can cancel; who was paid may refund.")
    state = order_state(bank, payment, *outcome_of(session, payment))
    if state in FINAL_STATES:
        raise NotCancellable(
            f"The payment is {state}, which is final."
            + (" Ask the payee for a refund." if state == "settled" else ""),
            state=state,
        )
    return payment


def _latest(session: Session, payment: Order) -> Order | None:
    return session.scalars(
        select(Order)
        .where(Order.related_id == payment.id, Order.kind == "cancellation")
        .order_by(Order.id.desc())
        .limit(1)
    ).first()


def _pending(bank: Bank, session: Session, payment: Order) -> Order | None:
    latest = _latest(session, payment)
    if latest is None:
        return None
    operation, _ = outcome_of(session, latest)
    return None if order_state(bank, latest, operation, None) in FINAL_STATES else latest


def _plan(session: Session, payment: Order) -> OrderPlan:
    return OrderPlan(
        kind="cancellation",
        id_prefix="can",
        contract="Payments",
        signer=session.get_one(Customer, payment.signer_customer_id),
        account=payment.signer_account,
        message={
            "order": payment.order_id,
            "signer": payment.signer_account,
            "nonce": payment.nonce,
        },
        related_id=payment.id,
    )


def _hasten(session: Session, cancellation: Order, payment: Order) -> None:
    """Put the cancellation in front of a payment that still waits to be sent."""
    if cancellation.operation_id is None or payment.operation_id is None:
        return
    waiting = session.get_one(Operation, payment.operation_id)
    if waiting.state == "accepted":
        session.flush()
        ahead = session.get_one(Operation, cancellation.operation_id)
        ahead.sequence = waiting.sequence - 1
