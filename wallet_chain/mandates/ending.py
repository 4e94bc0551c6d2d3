"""Ends of mandates: either side ends one at any time, and no pause stands in the way."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.accounts import holder_of
from wallet_chain.bank.drafts import SignatureDraft
from wallet_chain.bank.orders import OrderPlan, place_order
from wallet_chain.bank.sides import outcomes_of, state_of, visible_order
from wallet_chain.bank.signing import take_signature
from wallet_chain.bank.views import FINAL_STATES, Answer
from wallet_chain.bank.witness import not_found, own_customer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.errors import MandateEnded, MandateNotGranted
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.mandates.drafts import EndDraft
from wallet_chain.mandates.showing import show_mandate
from wallet_chain.mandates.views import MandateView
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainMandate, Order


def end_mandate(bank: Bank, caller: Caller, ask: Ask, draft: EndDraft) -> Answer[MandateView]:
    """End a mandate. Signed at once where the bank keeps the caller's key; else
    ``ending.typed_data`` awaits the signature. An end that is under way is not made twice.

    Raises NotFound, MandateNotGranted, MandateEnded, KycMissing.
    """

    def apply(session: Session, _: None) -> Written:
        mandate = visible_order(session, caller, draft.mandate_id, "mandate")
        session.get_one(Order, mandate.id, with_for_update=True)
        _require_live(bank, session, mandate)
        pending = _pending(bank, session, caller, mandate)
        if pending is not None:
            return Written(mandate.id, pending.operation_id)
        order = place_order(bank, session, caller, ask, _plan(session, caller, mandate))
        return Written(mandate.id, order.operation_id)

    return write_once(
        bank,
        caller,
        ask,
        check=lambda: None,
        apply=apply,
        show=lambda session, id_: show_mandate(bank, session, caller, id_),
    )


def sign_end(bank: Bank, caller: Caller, ask: Ask, draft: SignatureDraft) -> Answer[MandateView]:
    """Hand in the signature over the end of the mandate ``resource_id``.

    Raises NotFound, SignatureNotAwaited, OrderExpired, SignatureInvalid, MandateEnded.
    """
    with bank.store.reading() as session:
        mandate = visible_order(session, caller, draft.resource_id, "mandate")
        own = [one for one in _ends(session, mandate) if _is_own(caller, one)]
        if not own:
            raise not_found("end of a mandate", draft.resource_id)
        order_id = own[-1].id

    def recheck(order: Order) -> None:
        with bank.store.reading() as session:
            _require_live(bank, session, session.get_one(Order, order.related_id))

    def more_arguments(session: Session, order: Order) -> tuple[Any, ...]:
        granted = session.get_one(Order, order.related_id)
        return (order_struct("mandate", granted.message),)

    return take_signature(
        bank,
        caller,
        ask,
        SignatureDraft(order_id, draft.signature),
        kind="mandate_end",
        recheck=recheck,
        more_arguments=more_arguments,
        show=lambda session, order: show_mandate(bank, session, caller, str(order.related_id)),
    )


def _require_live(bank: Bank, session: Session, mandate: Order) -> None:
    row = session.get(ChainMandate, mandate.order_id)
    if row is None:
        state = state_of(bank, mandate, outcomes_of(session, [mandate])[mandate.id])
        raise MandateNotGranted(
            f"Mandate {mandate.id} was not granted: it is {state}. There is nothing to end.",
            mandate=mandate.id,
            state=state,
        )
    if row.ended_by is not None:
        raise MandateEnded(f"Mandate {mandate.id} was ended before.", mandate=mandate.id)


def _ends(session: Session, mandate: Order) -> list[Order]:
    statement = select(Order).where(Order.related_id == mandate.id, Order.kind == "mandate_end")
    return list(session.scalars(statement.order_by(Order.id)))


def _is_own(caller: Caller, order: Order) -> bool:
    return order.signer_customer_id == caller.customer_id


def _pending(bank: Bank, session: Session, caller: Caller, mandate: Order) -> Order | None:
    """An end by the same side that may still come about."""
    own = [one for one in _ends(session, mandate) if _is_own(caller, one)]
    outcomes = outcomes_of(session, own)
    open_ = [one for one in own if state_of(bank, one, outcomes[one.id]) not in FINAL_STATES]
    return open_[-1] if open_ else None


def _plan(session: Session, caller: Caller, mandate: Order) -> OrderPlan:
    holder = holder_of(session, own_customer(session, caller), "customer")
    payer_ends = mandate.signer_customer_id == holder.customer.id
    return OrderPlan(
        kind="mandate_end",
        id_prefix="mde",
        contract="Mandates",
        signer=holder.customer,
        account=holder.account,
        message={"mandate": from_hex(mandate.order_id), "account": holder.account},
        counterparty_account=(
            mandate.counterparty_account if payer_ends else mandate.signer_account
        ),
        counterparty_customer_id=(
            mandate.counterparty_customer_id if payer_ends else mandate.signer_customer_id
        ),
        related_id=mandate.id,
        more_arguments=(order_struct("mandate", mandate.message),),
    )
