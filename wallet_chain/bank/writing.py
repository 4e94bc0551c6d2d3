"""The frame of every write: answered once, whatever happens on the way.

First it is looked up whether the same request was answered before. Then ``check`` may ask the
database and the chain and refuse: nothing is stored then, and the Idempotency-Key stays unused. Then
one transaction looks again, writes what was decided and remembers the request with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wallet_chain.bank import Bank
from wallet_chain.bank.views import Answer
from wallet_chain.bank.witness import looking
from wallet_chain.pipeline.requests import Ask, Caller, earlier, record

Checked = TypeVar("Checked")
View = TypeVar("View")


@dataclass(frozen=True, slots=True)
class Written:
    """What a write made: the resource, and the operation that goes to the chain, if any."""

    resource_id: str
    operation_id: str | None = None


def write_once(
    bank: Bank,
    caller: Caller,
    ask: Ask,
    *,
    check: Callable[[], Checked],
    apply: Callable[[Session, Checked], Written],
    show: Callable[[Session, str], View],
    show_made: Callable[[Session, str], View] | None = None,
) -> Answer[View]:
    """Answer a write: ``check`` outside of any transaction, then ``apply`` and ``show`` inside one.

    ``show_made`` stands in for ``show`` right after ``apply``, where the objects that were made are
    at hand and need not be looked for. Raises what these raise, and IdempotencyKeyReused.
    """
    replay = _replay(bank, caller, ask, show)
    if replay is not None:
        return replay
    checked = check()
    try:
        answer = _apply(bank, caller, ask, checked, apply, show, show_made or show)
    except IntegrityError:
        # Another process may have answered the same request between the two looks.
        replay = _replay(bank, caller, ask, show)
        if replay is None:
            raise
        return replay
    bank.pipeline.wake()
    return answer


def _replay(
    bank: Bank, caller: Caller, ask: Ask, show: Callable[[Session, str], View]
) -> Answer[View] | None:
    with bank.store.reading() as session:
        first = earlier(session, caller, ask)
    if first is None:
        return None
    with looking(bank, caller) as session:
        return Answer(show(session, first.resource_id), replayed=True)


def _apply(
    bank: Bank,
    caller: Caller,
    ask: Ask,
    checked: Checked,
    apply: Callable[[Session, Checked], Written],
    show: Callable[[Session, str], View],
    show_made: Callable[[Session, str], View],
) -> Answer[View]:
    with bank.store.transaction() as session:
        first = earlier(session, caller, ask)
        if first is not None:
            return Answer(show(session, first.resource_id), replayed=True)
        written = apply(session, checked)
        record(session, caller, ask, written.resource_id, written.operation_id, bank.clock())
        session.flush()
        return Answer(show_made(session, written.resource_id))
