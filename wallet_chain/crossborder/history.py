"""What becomes of a transfer: the one place where its state changes, with when, by whom and why.

What happens on chain is followed inside the transaction that writes the block. So a transfer's state
is never behind the tables that copy the chain, nor ahead of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.crossborder.notifying import tell
from wallet_chain.ledger.events import DecodedEvent
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.pipeline.finish import in_parts
from wallet_chain.pipeline.news import News
from wallet_chain.store.tables import (
    ChainOrder,
    CrossBorderTransfer,
    Operation,
    Order,
    Principal,
    TransferHistory,
)

CHAIN = "chain"
"""Who did what the contract did by itself."""

APPROVED = "release_approved"
"""The reason of a line that changes no state: the first of two reviewers agreed."""

PAST_REVIEW = "sent_past_review"
"""The reason of a settlement that a reviewer should have seen first: its sender, who keeps an own key,
brought the signed order to the chain alone. The contract can't prevent that; compliance has to know."""

_CONTRACT = "CrossBorder"
_NEVER_EXECUTED = {"rejected": "refused", "expired": "expired", "cancelled": "cancelled"}
_WAITING = ("awaiting_signature", "accepted")


@dataclass(frozen=True, slots=True)
class Change:
    """What a transfer becomes."""

    state: str
    at: int
    by: str = CHAIN
    reason: str | None = None
    transaction_hash: str | None = None


def enter(session: Session, transfer: CrossBorderTransfer, change: Change) -> None:
    """Give a transfer its new state, with the line of its history."""
    last = session.scalar(
        select(func.max(TransferHistory.sequence)).where(TransferHistory.transfer_id == transfer.id)
    )
    transfer.state = change.state
    line = TransferHistory(
        transfer_id=transfer.id,
        sequence=(last or 0) + 1,
        state=change.state,
        at=change.at,
        by=change.by,
        reason=change.reason,
        transaction_hash=change.transaction_hash,
    )
    session.add(line)
    session.flush()
    tell(session, transfer, line)


def follow(session: Session, news: News) -> None:
    """Write what a block did to transfers that were asked for here."""
    for event in news.events:
        read = _READ.get(event.name) if event.contract == _CONTRACT else None
        if read is not None:
            transfer = _of_order(session, event.args["orderId"])
            change = None if transfer is None else read(session, transfer, event, news.time)
            if transfer is not None and change is not None:
                enter(session, transfer, change)
    for ids in in_parts(news.ended):
        # Most of what ends is no transfer; one question tells, not one for each.
        unexecuted = (
            select(Operation)
            .where(
                Operation.id.in_(ids),
                Operation.kind == "transfer",
                Operation.state.in_(_NEVER_EXECUTED),
            )
            .order_by(Operation.id)
            .execution_options(populate_existing=True)
        )
        for operation in session.scalars(unexecuted).all():
            _end_unexecuted(session, operation, news.time)


def _of_order(session: Session, order_id: str) -> CrossBorderTransfer | None:
    return session.scalars(
        select(CrossBorderTransfer).where(CrossBorderTransfer.order_id == order_id)
    ).first()


Reader = Callable[[Session, CrossBorderTransfer, DecodedEvent, int], Change | None]


def _settled(_: Session, transfer: CrossBorderTransfer, event: DecodedEvent, at: int) -> Change:
    reason = PAST_REVIEW if transfer.hold_wanted else None
    return Change("settled", at, reason=reason, transaction_hash=event.transaction_hash)


def _held(_: Session, transfer: CrossBorderTransfer, event: DecodedEvent, at: int) -> Change:
    transfer.hold_expires_at = event.args["expiresAt"]
    transfer.two_reviewers = event.args["twoReviewers"]
    return Change("held", at, transaction_hash=event.transaction_hash)


def _by(state: str, reason: str | None = None) -> Reader:
    def read(session: Session, _: CrossBorderTransfer, event: DecodedEvent, at: int) -> Change:
        said = event.args.get("reason")
        why = reason if said is None else reason_text(said)
        return Change(state, at, _who(session, event.args["by"]), why, event.transaction_hash)

    return read


def _recalled(
    session: Session, transfer: CrossBorderTransfer, event: DecodedEvent, at: int
) -> Change:
    recall = session.scalars(select(Order).where(Order.order_id == event.args["recall"])).first()
    by = transfer.sender_customer_id if recall is None else recall.principal_id
    return Change("recalled", at, by, None, event.transaction_hash)


def _cancelled(
    session: Session, transfer: CrossBorderTransfer, event: DecodedEvent, at: int
) -> Change | None:
    # Anybody may sign a cancellation that names somebody else's order; it voids nothing of it.
    row = session.get(ChainOrder, transfer.order_id, populate_existing=True)
    if transfer.state not in _WAITING or row is None or row.outcome != "cancelled":
        return None
    if row.signer != event.args["signer"]:
        return None
    return Change("cancelled", at, event.args["signer"], None, event.transaction_hash)


_READ: dict[str, Reader] = {
    "TransferSettled": _settled,
    "TransferHeld": _held,
    "ReleaseApproved": _by("held", APPROVED),
    "TransferReleased": _by("settled"),
    "TransferRejected": _by("rejected"),
    "TransferRefunded": _by("refunded"),
    "TransferRecalled": _recalled,
    "OrderCancelled": _cancelled,
}


def reason_text(word: str) -> str:
    """An ISO 20022 code out of four bytes in hex; the hex itself where it is none."""
    raw = from_hex(word).rstrip(b"\x00")
    return raw.decode("ascii") if raw.isalnum() else word


def _end_unexecuted(session: Session, operation: Operation, at: int) -> None:
    transfer = session.get(CrossBorderTransfer, operation.resource_id)
    if transfer is None or transfer.state not in _WAITING:
        return
    state = _NEVER_EXECUTED[operation.state]
    reason = None if operation.refusal is None else str(operation.refusal["code"])
    enter(session, transfer, Change(state, at, CHAIN, reason, operation.transaction_hash))


def _who(session: Session, account: str) -> str:
    """The principal whose key it is, else the account."""
    found = session.scalar(select(Principal.id).where(Principal.signer_address == account))
    return account if found is None else found
