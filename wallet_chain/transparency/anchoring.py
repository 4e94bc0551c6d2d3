"""The log's root goes on chain once a day, by a key that can do nothing else.

From then on the chain says that the log had these entries at that block: a bank that rewrites its log
afterwards contradicts a block that every member of the chain has.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.caretaking import accept_for_anyone
from wallet_chain.bank.orders import UNFINISHED
from wallet_chain.bank.paging import Position, cut, read_position
from wallet_chain.bank.role_calls import RoleCall
from wallet_chain.bank.views import Page, PageRequest
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
_SCOPE = "log anchors"
_AT_A_TIME = 1_000


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


def list_anchors(
    bank: Bank,
    caller: Caller,  # noqa: ARG001
    request: PageRequest,
) -> Page[AnchorView]:
    """Anchors, newest first. An event's bundle proves each. Raises CursorInvalid, InvalidRequest."""
    position = read_position(bank, _SCOPE, request)
    with bank.store.reading() as session:
        noted = _noted(session, request.limit + 1, newest_first=True, behind=position)
        return cut(bank, _SCOPE, request, list(noted), _view, _place)


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
            for noted in _all_noted(session)
            if noted.size > size or root_at(session, noted.size) != noted.root
        ]


def _due(bank: Bank, session: Session) -> bool:
    """Whether this day has no anchor, and none is under way or was refused not long ago."""
    now = bank.clock()
    last = next(_noted(session, 1, newest_first=True), None)
    if last is not None and last.day >= now // DAY_SECONDS:
        return False
    tried = select(Operation.id).where(
        Operation.kind == ANCHOR,
        Operation.state.in_(UNFINISHED) | (Operation.accepted_at > now - _REST_SECONDS),
    )
    return session.scalars(tried.limit(1)).first() is None


def _all_noted(session: Session) -> Iterator[_Noted]:
    part: list[_Noted] = []
    while True:
        behind = _place(part[-1]) if part else None
        part = list(_noted(session, _AT_A_TIME, behind=behind))
        yield from part
        if len(part) < _AT_A_TIME:
            return


def _noted(
    session: Session, most: int, *, newest_first: bool = False, behind: Position | None = None
) -> Iterator[_Noted]:
    event = ChainEvent
    statement = select(event).where(event.kind == ANCHOR).limit(most)
    place = tuple_(event.block_number, event.log_index)
    if behind is not None:
        there = tuple_(*behind)
        statement = statement.where(place < there if newest_first else place > there)
    sides = (event.block_number, event.log_index)
    statement = statement.order_by(*(side.desc() if newest_first else side for side in sides))
    for row in session.scalars(statement):
        said = row.arguments
        yield _Noted(int(said["day"]), int(said["size"]), from_hex(said["root"]), row)


def _place(noted: _Noted) -> Position:
    return noted.event.block_number, noted.event.log_index


def _view(noted: _Noted) -> AnchorView:
    return AnchorView(
        day=noted.day,
        size=noted.size,
        root=noted.root.hex(),
        block_number=noted.event.block_number,
        transaction_hash=noted.event.transaction_hash,
        log_index=noted.event.log_index,
    )
