"""Refunds: who was paid gives back all or part, under an own signature."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of, latest_account
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import (
    UNFINISHED,
    OrderPlan,
    order_money,
    order_state,
    outcome_of,
    place_order,
    require_funds,
)
from wallet_chain.bank.paging import cut, read_position
from wallet_chain.bank.previews import preview, transfer
from wallet_chain.bank.sides import visible_order
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Page, PageRequest, Preview
from wallet_chain.bank.witness import looking, own_customer, record_look
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import (
    InvalidRequest,
    KindNotAllowed,
    NotRefundable,
    RefundTooLarge,
)
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.ledger.units import MovementKind
from wallet_chain.money import Money
from wallet_chain.payments.drafts import RefundDraft
from wallet_chain.payments.showing import refund_view, show_refund
from wallet_chain.payments.views import RefundView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Operation, Order


@dataclass(frozen=True, slots=True)
class _Refund:
    payment: Order
    payee: Holder
    to_account: str
    money: Money
    explanation: Explanation


def create_refund(bank: Bank, caller: Caller, ask: Ask, draft: RefundDraft) -> Answer[RefundView]:
    """Give back all or part of a payment that the caller's customer received.

    Raises NotFound, KindNotAllowed (the caller paid), NotRefundable (not settled), RefundTooLarge,
    and what the policy says.
    """

    def check() -> _Refund:
        refund = _prepared(bank, caller, draft)
        if refund.explanation.refusal is not None:
            raise refund.explanation.refusal
        return refund

    def apply(session: Session, refund: _Refund) -> Written:
        _require_room(session, refund.payment, refund.money)
        require_funds(session, refund.payee.account, refund.money)
        order = place_order(bank, session, caller, ask, _plan(refund))
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_refund(bank, session, caller, id_),
    )


def preview_refund(bank: Bank, caller: Caller, draft: RefundDraft) -> Preview:
    """What would become of a refund now."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        refund = _prepared(bank, caller, draft)
        return refund.explanation, transfer(refund.payee.account, refund.to_account, refund.money)

    return preview(check)


def sign_refund(bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft) -> Answer[RefundView]:
    """Hand in the signature over a refund's typed data. Raises as ``sign_payment``."""

    def recheck(order: Order) -> None:
        assert order.counterparty_account is not None
        money = order_money(order)
        refusal = bank.contracts.explain(
            MovementKind.REFUND,
            order.signer_account,
            order.counterparty_account,
            money.currency.code,
            money.amount_minor,
        ).refusal
        if refusal is not None:
            raise refusal

    def more_arguments(session: Session, order: Order) -> tuple[Any, ...]:
        return _original(session.get_one(Order, order.related_id))

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="refund",
        recheck=recheck,
        more_arguments=more_arguments,
        show=lambda session, order: show_refund(bank, session, caller, order.id),
    )


def get_refund(bank: Bank, caller: Caller, refund_id: str) -> RefundView:
    """A refund; both sides see it. Raises NotFound."""
    with looking(bank, caller) as session:
        return show_refund(bank, session, caller, refund_id)


def list_refunds(
    bank: Bank, caller: Caller, payment_id: str, request: PageRequest
) -> Page[RefundView]:
    """The refunds of a payment, oldest first. Raises NotFound, CursorInvalid."""
    scope = f"refunds/{payment_id}"
    position = read_position(bank, scope, request)
    with looking(bank, caller) as session:
        payment = visible_order(session, caller, payment_id, "payment")
        record_look(
            bank, session, caller, "refunds", payment.signer_customer_id, {"id": payment_id}
        )
        statement = select(Order).where(Order.related_id == payment_id, Order.kind == "refund")
        if position is not None:
            statement = statement.where(Order.id > position[0])
        rows = session.scalars(statement.order_by(Order.id).limit(request.limit + 1)).all()
        return cut(
            bank,
            scope,
            request,
            rows,
            lambda row: refund_view(bank, session, caller, row),
            lambda row: (row.id,),
        )


def _prepared(bank: Bank, caller: Caller, draft: RefundDraft) -> _Refund:
    with bank.store.reading() as session:
        payment = visible_order(session, caller, draft.payment_id, "payment")
        payee = holder_of(session, own_customer(session, caller), "payer")
        if payment.counterparty_customer_id != payee.customer.id:
            raise KindNotAllowed(
                "Only who was paid can refund; ask them, or cancel before the payment settles."
            )
        _require_settled(bank, session, payment)
        money = draft.money or _remaining(session, payment)
        if money.currency != order_money(payment).currency:
            raise InvalidRequest(
                f"A refund is made in the payment's currency, {payment.currency}.", field="money"
            )
        _require_room(session, payment, money)
        to_account, _ = latest_account(session, payment.signer_account)
    explanation = bank.contracts.explain(
        MovementKind.REFUND,
        payee.account,
        to_account,
        money.currency.code,
        money.amount_minor,
    )
    return _Refund(payment, payee, to_account, money, explanation)


def _require_settled(bank: Bank, session: Session, payment: Order) -> None:
    state = order_state(bank, payment, *outcome_of(session, payment))
    if state != "settled":
        raise NotRefundable(
            f"Only a settled payment can be refunded; this one is {state}.", state=state
        )
    if payment.signature is None:
        raise NotRefundable(
            "The payer sent this payment to the chain without us, so its signature, which a refund"
            " needs, is not known here. Pay the money back with a payment."
        )


def _remaining(session: Session, payment: Order) -> Money:
    paid, refunded, pending = _so_far(session, payment)
    left = paid.amount_minor - refunded - pending
    if left <= 0:
        raise _too_large(paid, refunded, pending, None)
    return Money(left, paid.currency)


def _require_room(session: Session, payment: Order, money: Money) -> None:
    """The chain bounds refunds by the payment; this adds refunds that are on their way."""
    paid, refunded, pending = _so_far(session, payment)
    if money.amount_minor > paid.amount_minor - refunded - pending:
        raise _too_large(paid, refunded, pending, money)


def _so_far(session: Session, payment: Order) -> tuple[Money, int, int]:
    _, on_chain = outcome_of(session, payment)
    refunded = 0 if on_chain is None else on_chain.refunded_minor
    pending = session.scalar(
        select(func.sum(Order.amount_minor))
        .join(Operation, Operation.id == Order.operation_id)
        .where(
            Order.related_id == payment.id,
            Order.kind == "refund",
            Operation.state.in_(UNFINISHED),
        )
    )
    return order_money(payment), refunded, int(pending or 0)


def _too_large(paid: Money, refunded: int, pending: int, asked: Money | None) -> RefundTooLarge:
    left = Money(max(paid.amount_minor - refunded - pending, 0), paid.currency)
    return RefundTooLarge(
        f"{paid} was paid, {Money(refunded, paid.currency)} refunded and"
        f" {Money(pending, paid.currency)} is on its way back; {left} can still be refunded.",
        paid=paid.decimal,
        refunded=Money(refunded, paid.currency).decimal,
        pending=Money(pending, paid.currency).decimal,
        left=left.decimal,
        asked=None if asked is None else asked.decimal,
        currency=paid.currency.code,
    )


def _plan(refund: _Refund) -> OrderPlan:
    return OrderPlan(
        kind="refund",
        id_prefix="ref",
        contract="Payments",
        signer=refund.payee.customer,
        account=refund.payee.account,
        message={
            "payment": refund.payment.order_id,
            "from": refund.payee.account,
            "to": refund.to_account,
            "currency": refund.money.currency.code,
            "amount": refund.money.amount_minor,
        },
        money=refund.money,
        counterparty_account=refund.to_account,
        counterparty_customer_id=refund.payment.signer_customer_id,
        related_id=refund.payment.id,
        more_arguments=_original(refund.payment),
    )


def _original(payment: Order) -> tuple[Any, ...]:
    return order_struct("payment", payment.message), payment.signature
