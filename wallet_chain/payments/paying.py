"""Payments: from an intent to a signed order on its way."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import Holder, holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import order_money, place_operation, require_funds
from wallet_chain.bank.payees import Payee, find_payee
from wallet_chain.bank.previews import preview, transfer
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import Answer, Movement, Preview
from wallet_chain.bank.witness import own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import SelfPayment
from wallet_chain.ledger.contracts import Explanation
from wallet_chain.ledger.units import MovementKind
from wallet_chain.payments.drafts import PaymentDraft
from wallet_chain.payments.planning import payment_plan, require_form
from wallet_chain.payments.showing import show_made_payment, show_payment
from wallet_chain.payments.views import PaymentView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Operation, Order


@dataclass(frozen=True, slots=True)
class _Sides:
    payer: Holder
    payee: Payee


def create_payment(
    bank: Bank, caller: Caller, ask: Ask, draft: PaymentDraft
) -> Answer[PaymentView]:
    """Pay. Signed at once where the bank keeps the payer's key; else it awaits the signature.

    Raises, with nothing stored: PayeeUnknown, InvalidAddress, KycMissing, SelfPayment, and whatever
    the policy says (OperationPaused, AccountFrozen, KycExpired, CorridorClosed, LimitExceeded,
    InsufficientFunds ...). What only the chain finds out later is the payment's ``refusal``.
    """

    made: dict[str, tuple[Order, Operation | None]] = {}

    def check() -> _Sides:
        sides = _sides(bank, caller, draft)
        refusal = bank.contracts.refusal_of(*_movement(sides, draft))
        if refusal is not None:
            raise refusal
        return sides

    def apply(session: Session, sides: _Sides) -> Written:
        require_funds(session, sides.payer.account, draft.money)
        plan = payment_plan(
            bank,
            session,
            draft,
            sides.payer.customer,
            sides.payer.account,
            sides.payee.account,
            None if sides.payee.customer is None else sides.payee.customer.id,
        )
        order, operation = place_operation(bank, session, caller, ask, plan)
        made[order.id] = order, operation
        return Written(order.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_payment(bank, session, caller, id_),
        show_made=lambda session, id_: show_made_payment(bank, session, caller, *made[id_]),
    )


def preview_payment(bank: Bank, caller: Caller, draft: PaymentDraft) -> Preview:
    """What would become of a payment now. Raises only for what makes no sense to ask."""

    def check() -> tuple[Explanation, tuple[Movement, ...]]:
        sides = _sides(bank, caller, draft)
        explanation = bank.contracts.explain(*_movement(sides, draft))
        if explanation.refusal is None:
            with bank.store.reading() as session:
                require_funds(session, sides.payer.account, draft.money)
        return explanation, transfer(sides.payer.account, sides.payee.account, draft.money)

    return preview(check)


def sign_payment(
    bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft
) -> Answer[PaymentView]:
    """Hand in the payer's signature over a payment's typed data.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, and what the policy says
    now.
    """

    def recheck(order: Order) -> None:
        assert order.counterparty_account is not None
        money = order_money(order)
        refusal = bank.contracts.explain(
            MovementKind.PAYMENT,
            order.signer_account,
            order.counterparty_account,
            money.currency.code,
            money.amount_minor,
        ).refusal
        if refusal is not None:
            raise refusal

    return take_signature(
        bank,
        caller,
        ask,
        draft,
        kind="payment",
        recheck=recheck,
        more_arguments=lambda _session, _order: (),
        show=lambda session, order: show_payment(bank, session, caller, order.id),
    )


def _sides(bank: Bank, caller: Caller, draft: PaymentDraft) -> _Sides:
    require_form(draft)
    with bank.store.reading() as session:
        payer = holder_of(session, own_customer(session, caller), "payer")
        payee = find_payee(bank, session, draft.payee)
    if payee.account == payer.account:
        raise SelfPayment(
            "Payer and payee are the same account; name another payee.", account=payer.account
        )
    return _Sides(payer, payee)


def _movement(sides: _Sides, draft: PaymentDraft) -> tuple[MovementKind, str, str, str, int]:
    """What the policy is asked about."""
    money = draft.money
    accounts = (sides.payer.account, sides.payee.account)
    return MovementKind.PAYMENT, *accounts, money.currency.code, money.amount_minor
