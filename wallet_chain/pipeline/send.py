"""Sending: always the stored bytes, again and again until they are in a final block.

An answer that is not understood, or none at all, is an unknown outcome and never a failure: the
node may have taken the bytes. Sending them once more can do no harm. Of a transaction that has several
versions the newest is sent; the others may still be mined.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from wallet_chain.clock import Clock, unix_nanoseconds
from wallet_chain.errors import ChainUnavailable
from wallet_chain.ledger.classify import SendOutcome, classify_failure
from wallet_chain.ledger.rpc import Rpc, RpcFailure
from wallet_chain.ledger.transactions import SignedTransaction, send_raw
from wallet_chain.logs import facts
from wallet_chain.pipeline.lanes import halt
from wallet_chain.pipeline.tracing import Handed, PipelineTraces
from wallet_chain.pipeline.versions import UNMINED
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, Transaction, TransactionVersion
from wallet_chain.store.writing import table_of

RETRY_SECONDS = 2
"""Pause before bytes that the node would not take yet are offered again."""
RESEND_SECONDS = 8
"""Pause before bytes that are not mined yet are sent again: a node may drop what it accepted."""

_AT_A_TIME = 64
_ROUNDS_MAX = 3
"""So often more is handed over before what became of it is noted: within RETRY_SECONDS, nearly always."""
_log = logging.getLogger(__name__)
_transaction = table_of(Transaction)
_lane = table_of(Lane)
_TAKEN = frozenset(
    {
        SendOutcome.ACCEPTED,
        SendOutcome.ALREADY_KNOWN,
        # Ours is mined already, or another one has its nonce: the indexer will see which.
        SendOutcome.NONCE_TOO_LOW,
        SendOutcome.UNKNOWN,
    }
)
_MARK = (
    update(_transaction)
    .where(
        _transaction.c.id == bindparam("sent_id"),
        _transaction.c.version == bindparam("of_version"),
        or_(*(_transaction.c.state == state for state in UNMINED)),
    )
    .values(
        state=bindparam("new_state"),
        answer=bindparam("said"),
        last_sent_at=bindparam("sent_at"),
        sends=_transaction.c.sends + 1,
    )
)

_EVERYTHING = (
    select(
        _transaction.c.id,
        _transaction.c.hash,
        _transaction.c.lane_address,
        _transaction.c.kind,
        _transaction.c.raw,
        _transaction.c.state,
        _transaction.c.last_sent_at,
        _transaction.c.version,
    )
    .join(_lane, _lane.c.address == _transaction.c.lane_address)
    .where(_transaction.c.state.in_(UNMINED), _lane.c.halted_reason.is_(None))
    .order_by(_transaction.c.lane_address, _transaction.c.nonce)
)
# What was sent in the future was sent before the machine's clock was set back.
_NEVER = or_(_transaction.c.last_sent_at.is_(None), _transaction.c.last_sent_at > bindparam("now"))
_DUE = _EVERYTHING.where(
    or_(
        and_(
            _transaction.c.state == "bound",
            or_(_NEVER, _transaction.c.last_sent_at <= bindparam("refused_by")),
        ),
        and_(
            _transaction.c.state == "sent",
            or_(_NEVER, _transaction.c.last_sent_at <= bindparam("silent_since")),
        ),
    )
).limit(_AT_A_TIME)
"""Made once: the sender looks again whenever it has sent something."""


def _times(now: int) -> dict[str, int]:
    return {"now": now, "refused_by": now - RETRY_SECONDS, "silent_since": now - RESEND_SECONDS}


@dataclass(frozen=True, slots=True)
class _Stored:
    id: int
    hash: str
    lane_address: str
    kind: str
    raw: bytes
    state: str
    last_sent_at: int | None
    version: int


@dataclass(slots=True)
class _Round:
    """What one round of sending found out."""

    marks: list[dict[str, object]]
    refused: dict[str, str]
    """Lane -> why the node will never take its next transaction."""
    waiting: set[str] = field(default_factory=set)
    """Lanes whose next transaction the node has not taken."""
    unavailable: ChainUnavailable | None = None
    handed: list[Handed] = field(default_factory=list)

    @property
    def held_back(self) -> bool:
        """Whether the node did not take everything."""
        return self.unavailable is not None or bool(self.waiting)


class Sender:
    """Brings stored bytes to the node."""

    def __init__(
        self,
        store: Store,
        rpc: Rpc,
        clock: Clock,
        traces: PipelineTraces,
        arrived: Callable[[], None] = lambda: None,
    ) -> None:
        """``arrived`` is called whenever the node may have taken bytes."""
        self._store = store
        self._rpc = rpc
        self._clock = clock
        self._traces = traces
        self._arrived = arrived
        self._sending = threading.Lock()

    def send(self, *, everything: bool = False) -> int:
        """Send what is due, or ``everything`` that is not mined; answers with how many were new.

        Safe to call from several threads. Raises ChainUnavailable, after noting which bytes may have
        arrived.
        """
        with self._sending:
            return self._send(everything)

    def _send(self, everything: bool) -> int:
        due = self._due(everything)
        if not due:
            return 0
        outcome = self._hand_over(due)
        for _ in range(_ROUNDS_MAX):
            # What was bound meanwhile need not wait until all this is noted: the node is idle.
            known = {one.id for one in due}
            new = [one for one in self._due(everything=False) if one.id not in known]
            if not new or outcome.held_back:
                break
            due += new
            self._hand_over(new, outcome)
        if outcome.marks:
            self._note(outcome)
        self._traces.sent(outcome.handed)
        if outcome.unavailable is not None:
            raise outcome.unavailable
        taken = {mark["sent_id"] for mark in outcome.marks if mark["new_state"] == "sent"}
        return sum(1 for one in due if one.state == "bound" and one.id in taken)

    def _due(self, everything: bool) -> list[_Stored]:
        statement = _EVERYTHING if everything else _DUE
        with self._store.reading() as session:
            rows = session.execute(statement, {} if everything else _times(self._clock()))
            due = [_Stored(*row) for row in rows]
            return _in_turns([_newest(session, one) if one.version > 1 else one for one in due])

    def _hand_over(self, due: list[_Stored], outcome: _Round | None = None) -> _Round:
        outcome = outcome or _Round([], {})
        for one in due:
            if one.lane_address in outcome.waiting:
                # A later nonce would only leave a gap that some nodes refuse.
                continue
            began = unix_nanoseconds()
            self._traces.begins_to_send(one.hash, began)
            try:
                verdict = self._send_one(one)
            except ChainUnavailable as error:
                outcome.handed.append(_handed(one, began, "no answer"))
                outcome.unavailable = error
                if error.asked:
                    outcome.marks.append(self._mark(one, "sent", SendOutcome.UNKNOWN))
                return outcome
            outcome.handed.append(_handed(one, began, verdict.value))
            if verdict in _TAKEN:
                outcome.marks.append(self._mark(one, "sent", verdict))
                self._arrived()
                continue
            outcome.waiting.add(one.lane_address)
            outcome.marks.append(self._mark(one, one.state, verdict))
            if verdict is SendOutcome.REFUSED_FOR_GOOD:
                outcome.refused[one.lane_address] = self._last_message
        return outcome

    def _send_one(self, one: _Stored) -> SendOutcome:
        self._last_message = ""
        try:
            send_raw(self._rpc, SignedTransaction(bytes(one.raw)))
        except RpcFailure as failure:
            self._last_message = failure.message
            verdict = classify_failure(failure)
            if verdict is not SendOutcome.ALREADY_KNOWN:
                _log.warning("lane %s: %s (%s)", one.lane_address, failure.message, verdict.value)
            return verdict
        _log.info("sent", extra=facts(lane=one.lane_address, transaction_hash=one.hash))
        return SendOutcome.ACCEPTED

    def _mark(self, one: _Stored, state: str, said: SendOutcome) -> dict[str, object]:
        mark = {"sent_id": one.id, "of_version": one.version, "sent_at": self._clock()}
        return mark | {"new_state": state, "said": said.value}

    def _note(self, outcome: _Round) -> None:
        with self._store.transaction() as session:
            session.connection().execute(_MARK, outcome.marks)
            for address, message in outcome.refused.items():
                halt(session, address, f"The node refuses its next transaction for good: {message}")


def _handed(one: _Stored, began: int, outcome: str) -> Handed:
    first = one.last_sent_at is None
    return Handed(one.hash, one.lane_address, began, unix_nanoseconds(), outcome, first)


def _newest(session: Session, one: _Stored) -> _Stored:
    version = session.get_one(TransactionVersion, (one.id, one.version))
    return replace(one, raw=version.raw, hash=version.hash)


def _in_turns(due: list[_Stored]) -> list[_Stored]:
    """The lanes in the order of their last turn: while the node answers nothing a round ends with its
    first transaction, and no lane may keep another from ever being sent. Where it is the same, batches
    come last: a freeze is done before what was paid after it."""
    turns: dict[str, int] = {}
    for one in due:
        turn = one.last_sent_at or 0
        turns[one.lane_address] = min(turns.get(one.lane_address, turn), turn)
    batches = {one.lane_address for one in due if one.kind == "batch"}

    def place(one: _Stored) -> tuple[int, bool, str]:
        return turns[one.lane_address], one.lane_address in batches, one.lane_address

    return sorted(due, key=place)
