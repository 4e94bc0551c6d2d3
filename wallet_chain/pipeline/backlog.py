"""How much is on its way to the chain, and when that is enough.

An order that waits too long expires. So the queue is bounded, in number and in time: rather refuse
now, with a time to come back, than accept what will not get there. And nobody may have more on the
way than there is room left for everybody, so that one who asks without end leaves half of it to the
others, two a third, and so on. What lies in a halted lane waits for an operator, and says nothing about
the time that new orders will take in the others.
"""

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from wallet_chain.clock import Clock, monotonic_seconds
from wallet_chain.errors import Overloaded, TooManyRequests
from wallet_chain.pipeline.finish import OPEN_STATES
from wallet_chain.pipeline.turns import ATTEMPTS_MAX
from wallet_chain.pipeline.versions import UNMINED
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, Operation, Transaction, TransactionOperation

LOOK_SECONDS = 0.25
SHARES_SECONDS = 1.0
"""Pause between counts by principal, which are made while more than half of the room is taken."""
_RETRY_AFTER_SECONDS = 5
_RETRY_AFTER_LONG_WAIT_SECONDS = 15
_OLDEST = (
    select(Operation.accepted_at)
    .where(
        Operation.state == bindparam("of_state"),
        Operation.deadline.is_not(None),
        Operation.attempts < ATTEMPTS_MAX,
    )
    .order_by(Operation.sequence)
    .limit(1)
)
_A_LANE_WORKS = (
    select(Lane.address).where(Lane.purpose == "relayer", Lane.halted_reason.is_(None)).limit(1)
)
_HELD_UP = (
    select(TransactionOperation.operation_id)
    .join(Transaction, Transaction.id == TransactionOperation.transaction_id)
    .join(Lane, Lane.address == Transaction.lane_address)
    .where(Transaction.state.in_(UNMINED), Lane.halted_reason.is_not(None))
)
"""What halted lanes were about to bring to the chain; few, since a lane has few transactions."""

_BY_PRINCIPAL = (
    select(Operation.principal_id, func.count())
    .where(Operation.state.in_(OPEN_STATES))
    .group_by(Operation.principal_id)
)


class Backlog:
    """What is not final, as it was a moment ago."""

    def __init__(self, store: Store, most: int, wait_seconds_max: int, clock: Clock) -> None:
        """With ``most`` operations on their way there is no room, and none for orders while the
        oldest of them has waited for longer than ``wait_seconds_max``."""
        self._store = store
        self._most = most
        self._wait_seconds_max = wait_seconds_max
        self._clock = clock
        self._looked_at = float("-inf")
        self._counted_at = float("-inf")
        self._by_principal: dict[str, int] = {}
        self.operations = 0
        """At most ``most``; what is beyond is not counted."""
        self.waited_seconds = 0
        """For how long the oldest order that is not final has waited; those that wait for their
        deadline after too many attempts are left out. Where that would close the bank while a lane
        works, those that a halted lane holds up are left out too."""

    def look(self) -> None:
        """Count, unless that was done just now. Raises StoreBusy and StoreUnavailable."""
        now = monotonic_seconds()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        unfinished = select(Operation.id).where(Operation.state.in_(OPEN_STATES))
        some = unfinished.limit(self._most).subquery()
        with self._store.reading() as session:
            self.operations = session.scalar(select(func.count()).select_from(some)) or 0
            self._count_by_principal(session, now)
            waited = self._longest_wait(session, _OLDEST)
            if waited > self._wait_seconds_max and session.scalar(_A_LANE_WORKS) is not None:
                elsewhere = _OLDEST.where(Operation.id.not_in(_HELD_UP))
                waited = self._longest_wait(session, elsewhere)
        self.waited_seconds = waited

    def _longest_wait(self, session: Session, oldest: Select[int]) -> int:
        found = [session.scalar(oldest, {"of_state": state}) for state in OPEN_STATES]
        return max((self._clock() - at for at in found if at is not None), default=0)

    def require_room(self, *, for_order: bool, principal_id: str) -> None:
        """Raise Overloaded when nothing more can be accepted; orders also when those before them get
        nowhere, since the chain is silent or makes no blocks. Raise TooManyRequests to somebody
        with orders who has more on the way than there is room left."""
        if self.operations >= self._most:
            raise Overloaded(
                f"{self._most} operations are on their way to the chain already. Ask again a little"
                " later, with the same Idempotency-Key.",
                operations=self.operations,
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )
        if for_order and self.waited_seconds > self._wait_seconds_max:
            raise Overloaded(
                f"Orders have waited for the chain for {self.waited_seconds} seconds; what is"
                " accepted now might expire on the way. Ask again later, with the same"
                " Idempotency-Key.",
                waiting_seconds=self.waited_seconds,
                retry_after_seconds=_RETRY_AFTER_LONG_WAIT_SECONDS,
            )
        mine, room = self._by_principal.get(principal_id, 0), self._most - self.operations
        if for_order and mine >= room:
            raise TooManyRequests(
                f"You have {mine} operations on their way to the chain, and there is room for {room}"
                " more of everybody's. Wait until some of yours are final, then ask again with the"
                " same Idempotency-Key.",
                operations=mine,
                room=room,
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )

    def _count_by_principal(self, session: Session, now: float) -> None:
        if 2 * self.operations < self._most:
            self._by_principal = {}
        elif now - self._counted_at >= SHARES_SECONDS:
            self._counted_at = now
            self._by_principal = dict(session.execute(_BY_PRINCIPAL).all())
