"""What nobody claimed goes back to the giver, once the time is over.

The contract lets anyone send it back. The product does so by itself, and for whoever asks; without
the product ``scripts/return_gifts.py`` does.
"""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.caretaking import GRACE_SECONDS, accept_for_anyone, caretaker, left_alone
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.role_calls import RoleCall
from wallet_chain.bank.sides import outcomes_of, state_of
from wallet_chain.bank.views import Answer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.clock import to_iso
from wallet_chain.errors import GiftEmpty, GiftNotReady, GiftStillOpen
from wallet_chain.gifts.drafts import ReturnDraft
from wallet_chain.gifts.showing import RETURN, show_gift, visible_gift
from wallet_chain.gifts.views import GiftView
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainGift, Gift, Operation, Order

_AT_A_TIME = 100


def tend(bank: Bank) -> None:
    """Return what may be returned."""
    now = bank.clock()
    with bank.store.reading() as session:
        due = session.scalars(_due(now)).first() is not None
    if not due:
        return
    sender = caretaker(bank)
    with bank.store.transaction() as session:
        for order in session.scalars(_due(now)).all():
            accept_for_anyone(bank, session, sender, _call(order), order.id)
    bank.pipeline.wake()


def return_gift(bank: Bank, caller: Caller, ask: Ask, draft: ReturnDraft) -> Answer[GiftView]:
    """Send the rest back now, whoever asks. One that is under way is not sent twice.

    Raises NotFound, GiftNotReady, GiftStillOpen, GiftEmpty.
    """

    def check() -> str:
        with bank.store.reading() as session:
            order = visible_gift(session, caller, draft.gift_id)
            _require_over(bank, session, order)
            call = _call(order)
        sender = caretaker(bank)
        calldata = bank.contracts.encode(call.contract, call.function, *call.arguments)
        refusal = bank.contracts.preflight(sender, bank.contracts.address(call.contract), calldata)
        if refusal is not None:
            raise refusal
        return sender

    def apply(session: Session, sender: str) -> Written:
        order = visible_gift(session, caller, draft.gift_id)
        session.get_one(Gift, order.id, with_for_update=True)
        _require_over(bank, session, order)
        under_way = session.scalars(
            select(Operation).where(
                Operation.resource_id == order.id,
                Operation.kind == RETURN,
                Operation.state.in_(UNFINISHED),
            )
        ).first()
        operation = under_way or accept_for_anyone(
            bank, session, sender, _call(order), order.id, caller.principal_id
        )
        return Written(order.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_gift(bank, session, caller, id_),
    )


def _require_over(bank: Bank, session: Session, order: Order) -> None:
    row = session.get(ChainGift, order.order_id)
    if row is None:
        state = state_of(bank, order, outcomes_of(session, [order])[order.id])
        raise GiftNotReady(
            f"The money of this gift has not been put aside: it is {state}.", state=state
        )
    if row.left_minor == 0:
        raise GiftEmpty("Nothing is left of this gift to be returned.")
    if bank.clock() <= row.claim_until:
        until = to_iso(row.claim_until)
        raise GiftStillOpen(
            f"This gift can be claimed until {until}; afterwards the rest goes back.",
            claim_until=until,
        )


def _call(order: Order) -> RoleCall:
    return RoleCall(RETURN, "Gifts", "returnRest", (order_struct("gift", order.message),))


def _due(now: int) -> Select[Order]:
    not_now = left_alone(RETURN, now).where(Operation.resource_id == Order.id)
    return (
        select(Order)
        .join(Gift, Gift.id == Order.id)
        .join(ChainGift, ChainGift.order_id == Order.order_id)
        .where(
            ChainGift.left_minor > 0,
            ChainGift.claim_until < now - GRACE_SECONDS,
            ~not_now.exists(),
        )
        .order_by(Order.id)
        .limit(_AT_A_TIME)
    )
