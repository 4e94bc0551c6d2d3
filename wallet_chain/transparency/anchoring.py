"""The log's root goes on chain once a day, by a key that can do nothing else.

From then on the chain says that the log had these entries at that block: a bank that rewrites its log
afterwards contradicts a block that every member of the chain has.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.caretaking import accept_for_anyone
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.role_calls import RoleCall
from wallet_chain.clock import DAY_SECONDS
from wallet_chain.ledger.hashing import from_hex
from wallet_chain.pipeline.difference import Difference
from wallet_chain.pipeline.requests import Caller
from wallet_chain.store.merkle import root_at
from wallet_chain.store.tables import ChainEvent, LogHead, Operation
from wallet_chain.transparency.checkpoints import log_size, sign
from wallet_chain.transparency.views import AnchorView

ANCHOR = "anchor"
"""The key's purpose, and the kind of the operation."""

_REST_SECONDS = 3_600
_SHOWN_MAX = 400


class _Noted(NamedTuple):
    day: int
    size: int
    root: bytes
    event: ChainEvent


def anchor_daily(bank: Bank) -> None:
    """Have the log's root noted on chain when this day has none yet. Raises LogBroken."""
    with bank.store.reading() as session:
        if not _due(bank, session):
            return
    with bank.store.transaction() as session:
        # One process decides at a time: the next one sees what this one has put on its way.
        session.execute(select(LogHead.size).with_for_update())
        if not _due(bank, session):
            return
        [sender] = bank.signer_keys.addresses(session, ANCHOR)
        size = sign(bank, session)
        call = RoleCall(ANCHOR, "Anchors", "anchor", (size, root_at(session, size)))
        accept_for_anyone(bank, session, sender, call, f"day_{bank.clock() // DAY_SECONDS}")
    bank.pipeline.wake()


def list_anchors(bank: Bank, caller: Caller) -> tuple[AnchorView, ...]:  # noqa: ARG001
    """The latest anchors, newest first; 400 at most. An event's bundle proves each."""
    with bank.store.reading() as session:
        return tuple(
            AnchorView(
                day=noted.day,
                size=noted.size,
                root=noted.root.hex(),
                block_number=noted.event.block_number,
                transaction_hash=noted.event.transaction_hash,
                log_index=noted.event.log_index,
            )
            for noted in list(_noted(session, newest_first=True))[:_SHOWN_MAX]
        )


def verify_anchors(bank: Bank) -> list[Difference]:
    """Every root on chain against the log as it is now."""
    with bank.store.reading() as session:
        size = log_size(session)
        return [
            Difference(
                "log_anchor",
                str(noted.day),
                f"block {noted.event.block_number} notes another root of {noted.size} entries: the"
                " log was rewritten after it",
            )
            for noted in _noted(session)
            if noted.size > size or root_at(session, noted.size) != noted.root
        ]


def _due(bank: Bank, session: Session) -> bool:
    """Whether this day has no anchor, and none is under way or was refused not long ago."""
    now = bank.clock()
    last = next(_noted(session, newest_first=True), None)
    if last is not None and last.day >= now // DAY_SECONDS:
        return False
    tried = select(Operation.id).where(
        Operation.kind == ANCHOR,
        Operation.state.in_(UNFINISHED) | (Operation.accepted_at > now - _REST_SECONDS),
    )
    return session.scalars(tried.limit(1)).first() is None


def _noted(session: Session, *, newest_first: bool = False) -> Iterator[_Noted]:
    order = ChainEvent.block_number.desc() if newest_first else ChainEvent.block_number
    for event in session.scalars(
        select(ChainEvent).where(ChainEvent.kind == ANCHOR).order_by(order)
    ):
        said = event.arguments
        yield _Noted(int(said["day"]), int(said["size"]), from_hex(said["root"]), event)
