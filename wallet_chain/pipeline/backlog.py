"""How much is on its way to the chain, and when that is enough.

An order that waits too long expires. So the queue is bounded: rather refuse now, with a time to come
back, than accept what will not get there.
"""

from sqlalchemy import func, select

from wallet_chain.clock import monotonic_seconds
from wallet_chain.errors import Overloaded
from wallet_chain.pipeline.finish import OPEN_STATES
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Operation

LOOK_SECONDS = 0.25
_RETRY_AFTER_SECONDS = 5


class Backlog:
    """The number of operations that are not final, as it was a moment ago."""

    def __init__(self, store: Store, most: int) -> None:
        """With ``most`` operations on their way there is no room."""
        self._store = store
        self._most = most
        self._looked_at = float("-inf")
        self.operations = 0
        """At most ``most``; what is beyond is not counted."""

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

    def require_room(self) -> None:
        """Raise Overloaded when nothing more can be accepted."""
        if self.operations >= self._most:
            raise Overloaded(
                f"{self._most} operations are on their way to the chain already. Ask again a little"
                " later, with the same Idempotency-Key.",
                operations=self.operations,
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )
