"""Held transfers: released or rejected by reviewers, or refunded once the time for that is over."""

import re
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.caretaking import caretaker
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.role_calls import RoleCall, accept_call, check_call
from wallet_chain.bank.views import Answer
from wallet_chain.bank.writing import Written, write_once
from wallet_chain.crossborder.caretaker import accept_refund, refund_call
from wallet_chain.crossborder.drafts import RejectionDraft
from wallet_chain.crossborder.rescreening import (
    REJECTED,
    RELEASED,
    Finding,
    all_hits,
    note,
    rescreen,
)
from wallet_chain.crossborder.showing import DECISIONS, show_transfer, visible_transfer
from wallet_chain.crossborder.views import TransferView
from wallet_chain.errors import InvalidRequest, RefundTooEarly, TransferNotOpen
from wallet_chain.ledger.typed_data import order_struct
from wallet_chain.pipeline.requests import Ask, Caller
from wallet_chain.store.tables import ChainTransfer, CrossBorderTransfer, Operation, Order

CallOf = Callable[[Session, CrossBorderTransfer], RoleCall]

_REASON = re.compile(r"[A-Z0-9]{4}", re.ASCII)


def release_transfer(
    bank: Bank,
    caller: Caller,
    ask: Ask,
    transfer_id: str,
    accepted_hits: tuple[str, ...] = (),
) -> Answer[TransferView]:
    """Carry a held transfer out; where two reviewers are needed, the first one's call agrees to it.

    Both parties are screened again first, since lists change. ``accepted_hits`` names the screening
    results, of those that are no clear ones, that the reviewer has seen and releases all the same.

    Raises NotFound, TransferNotOpen, ReviewTimeOver, FourEyes (the same reviewer twice, or a party
    to the transfer), PermissionRefused, what the policy says of the parties now, and
    ScreeningHitUndecided, naming the results that were not accepted; what was found is kept then.
    """

    def call(session: Session, transfer: CrossBorderTransfer) -> RoleCall:
        on_chain = session.get(ChainTransfer, transfer.order_id)
        waits = on_chain is not None and on_chain.two_reviewers and on_chain.approver is None
        kind, function = ("approve_release", "approveRelease") if waits else ("release", "release")
        return RoleCall(kind, "CrossBorder", function, (_struct(session, transfer),))

    def screened(transfer: CrossBorderTransfer) -> Finding:
        return rescreen(bank, transfer.id, accepted_hits)

    return _decide(bank, caller, ask, transfer_id, call, RELEASED, screened)


def reject_transfer(
    bank: Bank, caller: Caller, ask: Ask, draft: RejectionDraft
) -> Answer[TransferView]:
    """Return both legs of a held transfer. The reason goes on chain in clear.

    Raises NotFound, InvalidRequest, TransferNotOpen, PermissionRefused.
    """
    if not _REASON.fullmatch(draft.reason):
        raise InvalidRequest(
            "reason is a code of ISO 20022's external list of status reasons: four capital letters"
            " or digits, such as RR04.",
            field="reason",
        )

    def call(session: Session, transfer: CrossBorderTransfer) -> RoleCall:
        arguments = (_struct(session, transfer), draft.reason.encode())
        return RoleCall("reject_transfer", "CrossBorder", "rejectTransfer", arguments)

    def known(transfer: CrossBorderTransfer) -> Finding:
        return all_hits(bank, transfer.id)

    return _decide(bank, caller, ask, draft.transfer_id, call, REJECTED, known)


def refund_transfer(bank: Bank, caller: Caller, ask: Ask, transfer_id: str) -> Answer[TransferView]:
    """Return both legs of a transfer whose review took too long. Nobody's permission is needed.

    Raises NotFound, TransferNotOpen, RefundTooEarly.
    """

    def check() -> str:
        with bank.store.reading() as session:
            transfer = visible_transfer(session, caller, transfer_id)
            _require_held(session, transfer)
            until = transfer.hold_expires_at
            call = refund_call(session, transfer)
        if until is not None and bank.clock() <= until:
            raise RefundTooEarly(
                "The transfer is still in review; afterwards anyone may refund it.",
                refundable_after=until,
            )
        sender = caretaker(bank)
        calldata = bank.contracts.encode(call.contract, call.function, *call.arguments)
        refusal = bank.contracts.preflight(sender, bank.contracts.address(call.contract), calldata)
        if refusal is not None:
            raise refusal
        return sender

    def apply(session: Session, sender: str) -> Written:
        transfer = visible_transfer(session, caller, transfer_id)
        _require_held(session, transfer)
        operation = accept_refund(bank, session, sender, transfer, caller.principal_id)
        return Written(transfer.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_transfer(bank, session, caller, id_),
    )


def _decide(
    bank: Bank,
    caller: Caller,
    ask: Ask,
    transfer_id: str,
    call_of: CallOf,
    decision: str,
    find: Callable[[CrossBorderTransfer], Finding],
) -> Answer[TransferView]:
    def check() -> tuple[RoleCall, Finding]:
        with bank.store.reading() as session:
            transfer = visible_transfer(session, caller, transfer_id)
            _require_held(session, transfer)
            call = call_of(session, transfer)
        check_call(bank, caller, call)
        return call, find(transfer)

    def apply(session: Session, checked: tuple[RoleCall, Finding]) -> Written:
        call, finding = checked
        transfer = visible_transfer(session, caller, transfer_id)
        _require_held(session, transfer)
        note(bank, session, caller, transfer, finding, decision)
        operation = accept_call(bank, session, caller, call, transfer.id)
        return Written(transfer.id, operation.id)

    return write_once(
        bank,
        caller,
        ask,
        check=check,
        apply=apply,
        show=lambda session, id_: show_transfer(bank, session, caller, id_),
    )


def _require_held(session: Session, transfer: CrossBorderTransfer) -> None:
    if transfer.state != "held":
        raise TransferNotOpen(
            f"The transfer is {transfer.state}; only one that is held can be decided on.",
            state=transfer.state,
        )
    under_way = session.scalars(
        select(Operation)
        .where(
            Operation.resource_id == transfer.id,
            Operation.kind.in_(DECISIONS),
            Operation.state.in_(UNFINISHED),
        )
        .limit(1)
    ).first()
    if under_way is not None:
        raise TransferNotOpen(
            f"A decision ({under_way.kind}) is on its way to the chain already; look at it first.",
            state=transfer.state,
            operation_id=under_way.id,
        )


def _struct(session: Session, transfer: CrossBorderTransfer) -> tuple[object, ...]:
    return order_struct("transfer", session.get_one(Order, transfer.id).message)
