"""Payouts: an operator confirms, with a reference used once, that the bank paid."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.references import keyed_hash, read_reference
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import PayoutReferenceUsed, RedemptionNotOpen
from wallet_chain.issuance.drafts import PayoutDraft
from wallet_chain.issuance.views import WithdrawalView
from wallet_chain.issuance.withdrawal_views import (
    payout_state,
    show_withdrawal,
    visible_withdrawal,
)
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import Operation, Order, Payout


def confirm_payout(
    bank: Bank, caller: Caller, ask: Ask, draft: PayoutDraft
) -> Answer[WithdrawalView]:
    """Record on chain that a burned withdrawal was paid out, with the caller's payout key.

    Raises NotFound, RedemptionNotOpen (not burned yet, or paid), PayoutReferenceUsed,
    InvalidRequest, PermissionRefused.
    """
    text = read_reference(draft.payout_reference, "payout_reference")
    reference_hash = keyed_hash(bank, "payout", text)

    def check() -> RoleCall:
        with bank.store.reading() as session:
            order = _due(session, caller, draft.withdrawal_id)
            _require_unused(session, reference_hash, order.id)
        arguments = (from_hex(order.order_id), from_hex(reference_hash))
        call = RoleCall("payout", "Issuance", "confirmPayout", arguments)
        check_call(bank, caller, call)
        return call

    def apply(session: Session, call: RoleCall) -> Written:
        order = _due(session, caller, draft.withdrawal_id)
        _require_unused(session, reference_hash, order.id)
        operation = accept_call(bank, session, caller, call, order.id)
        session.merge(
            Payout(
                withdrawal_id=order.id,
                sealed_reference=bank.personal.seal(session, order.signer_customer_id, text),
                reference_hash=reference_hash,
                confirmed_by=caller.principal_id,
                confirmed_at=bank.clock(),
                operation_id=operation.id,
            )
        )
        return Written(order.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_withdrawal(bank, session, caller, id_),
    )


def _due(session: Session, caller: Caller, withdrawal_id: str) -> Order:
    order = visible_withdrawal(session, caller, withdrawal_id)
    state = payout_state(session, order)
    if state != "due":
        words = {
            "none": "It is not burned yet.",
            "confirming": "A payout of it is being confirmed.",
            "paid": "It was paid out.",
        }
        raise RedemptionNotOpen(f"No payout is due. {words[state]}", payout_state=state)
    return order


def _require_unused(session: Session, reference_hash: str, withdrawal_id: str) -> None:
    """The chain refuses a reference that it has seen; this adds those on their way."""
    other = session.scalar(
        select(Payout.withdrawal_id)
        .join(Operation, Operation.id == Payout.operation_id)
        .where(
            Payout.reference_hash == reference_hash,
            Payout.withdrawal_id != withdrawal_id,
            Operation.state.in_((*UNFINISHED, "settled")),
        )
    )
    if other is not None:
        raise PayoutReferenceUsed(
            "This payout reference was used for another withdrawal; each payout has its own."
        )
