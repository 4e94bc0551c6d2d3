"""Who works on this database: processes that show signs of life, so that they can share."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from wallet_chain.clock import monotonic_seconds
from wallet_chain.ids import new_id
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import RunningProcess
from wallet_chain.store.writing import add_missing, table_of

SHOW_SECONDS = 5
GONE_SECONDS = 20
"""A process that was not seen for so long has ended. Shorter than a lane's lease, so that by the time
a lane is free the others know that they may take it."""

TENDED_SECONDS = 45
"""Who looks whether a process has tended what is unfinished lately calls this lately; shorter than the
pause between two such looks, so that it is done about once in that time."""

_DUTY = text("SELECT pg_try_advisory_xact_lock(7305620418)")
_COUNT_SECONDS = 1.0
_FORGOTTEN_SECONDS = 3_600
_row = table_of(RunningProcess)


class Presence:
    """This process among those that run on the database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._showing = threading.Lock()
        self._shown_at = float("-inf")
        self._counted_at = float("-inf")
        self._workers = 1
        self.id = new_id("run")

    def show(self, *, works: bool) -> None:
        """Show a sign of life, unless that was done just now. Raises StoreBusy, StoreUnavailable."""
        if self._store.is_sqlite:
            return
        with self._showing:
            if monotonic_seconds() - self._shown_at < SHOW_SECONDS:
                return
            with self._store.transaction() as session:
                now = self._store.now_seconds(session)
                first = {"id": self.id, "works": works, "started_at": now, "seen_at": now}
                add_missing(session, RunningProcess, [first])
                session.execute(update(_row).where(_row.c.id == self.id).values(seen_at=now))
                session.execute(delete(_row).where(_row.c.seen_at < now - _FORGOTTEN_SECONDS))
            self._shown_at = monotonic_seconds()

    def leave(self, session: Session) -> None:
        """Say that it ends, so that the others need not wait until it is missed."""
        session.execute(delete(_row).where(_row.c.id == self.id))
        self._shown_at = float("-inf")

    def workers(self, session: Session) -> int:
        """How many processes work, as it was a moment ago; this one is always among them."""
        if not self._store.is_sqlite and monotonic_seconds() - self._counted_at > _COUNT_SECONDS:
            self._workers = len(self._working(session))
            self._counted_at = monotonic_seconds()
        return self._workers

    def seen(self, session: Session, *, works: bool) -> dict[str, int]:
        """How many processes show signs of life: those that ``work``, those that ``accept`` only."""
        if self._store.is_sqlite:
            return {"work": int(works), "accept": int(not works)}
        alive = select(_row.c.works, func.count()).where(
            _row.c.seen_at > self._store.now_seconds(session) - GONE_SECONDS
        )
        by_work: dict[bool, int] = dict(session.execute(alive.group_by(_row.c.works)).all())
        return {"work": by_work.get(True, 0), "accept": by_work.get(False, 0)}

    @contextmanager
    def on_duty(self) -> Iterator[bool]:
        """Whether this process does now what one of all does now and then. Inside, no other one does.

        Whoever comes first does it, so it is left undone only when nobody works. Should the
        connection be cut meanwhile another may begin: what is done must bear being done twice.
        """
        if self._store.is_sqlite:
            yield True
            return
        with self._store.reading() as session:
            mine = bool(session.scalar(_DUTY)) and not self._tended_lately(session)
            yield mine
            if mine:
                self._note_tended()

    def _tended_lately(self, session: Session) -> bool:
        """Whether another process has; this one knows when it wants to do it again."""
        since = self._store.now_seconds(session) - TENDED_SECONDS
        others = select(func.count()).where(_row.c.tended_at > since, _row.c.id != self.id)
        return bool(session.scalar(others))

    def _note_tended(self) -> None:
        with self._store.transaction() as session:
            now = self._store.now_seconds(session)
            session.execute(update(_row).where(_row.c.id == self.id).values(tended_at=now))

    def _working(self, session: Session) -> list[str]:
        """The ids of the processes that work, the eldest first."""
        now = self._store.now_seconds(session)
        alive = select(_row.c.id).where(_row.c.works, _row.c.seen_at > now - GONE_SECONDS)
        found = list(session.scalars(alive.order_by(_row.c.started_at, _row.c.id)))
        return found if self.id in found else [*found, self.id]
