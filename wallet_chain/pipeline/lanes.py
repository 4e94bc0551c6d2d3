"""Lanes: sending accounts, who may use each of them, and when one must stop.

A lane belongs to the process that last raised its epoch. Every write to it names the epoch, so a
process that was paused while another took over changes no row.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from wallet_chain.pipeline.presence import Presence
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane
from wallet_chain.store.writing import add_missing, table_of

LEASE_SECONDS = 30
"""How long a lane stays with a process that shows no more signs of life."""

_REASON_LENGTH_MAX = 200
_lane = table_of(Lane)
_log = logging.getLogger(__name__)


class LaneLost(Exception):  # noqa: N818 - names what happened
    """Another process has taken the lane: nothing of what was begun may be kept."""


@dataclass(frozen=True, slots=True)
class OwnedLane:
    """A lane that this process may use."""

    address: str
    purpose: str
    next_nonce: int | None
    epoch: int


def ensure_lane(session: Session, address: str, purpose: str) -> None:
    """Make sure that there is a lane for this account; one that is there stays as it is.

    The chain is asked for the account's nonce later, before the lane is used for the first time.
    """
    add_missing(
        session,
        Lane,
        [{"address": address, "purpose": purpose, "epoch": 0, "lease_until": 0}],
    )


def halt(session: Session, address: str, reason: str) -> None:
    """Stop a lane until an operator looks at it; the first reason stays."""
    halted = session.connection().execute(
        update(_lane)
        .where(_lane.c.address == address, _lane.c.halted_reason.is_(None))
        .values(halted_reason=reason[:_REASON_LENGTH_MAX])
    )
    if halted.rowcount:
        _log.error("lane %s is halted: %s", address, reason)


def start_at(session: Session, address: str, nonce: int) -> None:
    """Note how often the account was used before it became a lane; once, for ever."""
    session.execute(
        update(_lane)
        .where(_lane.c.address == address, _lane.c.next_nonce.is_(None))
        .values(next_nonce=nonce, first_nonce=nonce)
    )


class LaneOwnership:
    """The lanes that this process holds."""

    def __init__(self, store: Store, presence: Presence) -> None:
        self._store = store
        self._presence = presence
        self._epochs: dict[str, int] = {}

    def take(self, session: Session, addresses: Collection[str]) -> list[OwnedLane]:
        """Of these lanes, those that this process may use now; takes over what nobody holds.

        Of the lanes for orders it takes no more than its share while others work too, and gives
        back what is more. On SQLite this is the only server (see ``Store.lock_process``), so it need
        not wait for the lease of a process that was killed.
        """
        if not addresses:
            return []
        now = self._store.now_seconds(session)
        rows = session.scalars(
            select(Lane)
            .where(Lane.address.in_(addresses), Lane.halted_reason.is_(None))
            .order_by(Lane.address)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        beyond = self._beyond_share(session, rows, now)
        owned = []
        taken: dict[str, int] = {}
        for lane in rows:
            if lane.address in beyond:
                if self._epochs.get(lane.address) == lane.epoch:
                    lane.lease_until = 0
                continue
            if self._epochs.get(lane.address) != lane.epoch:
                first_sight = lane.address not in self._epochs and self._store.is_sqlite
                if lane.lease_until > now and not first_sight:
                    continue
                lane.epoch += 1
                lane.lease_until = 0
                taken[lane.address] = lane.epoch
            if lane.lease_until - now < LEASE_SECONDS // 2:
                lane.lease_until = now + LEASE_SECONDS
            owned.append(OwnedLane(lane.address, lane.purpose, lane.next_nonce, lane.epoch))
        session.flush()
        if taken:
            # Only what was committed is held: else another process may get the same epoch.
            event.listen(session, "after_commit", lambda _: self._epochs.update(taken), once=True)
        return owned

    def _beyond_share(self, session: Session, lanes: Sequence[Lane], now: int) -> set[str]:
        """Of the lanes for orders, those that other workers should have."""

        def distance(lane: Lane) -> int:
            # What it holds it keeps, so that lanes do not wander; then what nobody holds.
            if self._epochs.get(lane.address) == lane.epoch:
                return 0
            return 2 if lane.lease_until > now else 1

        orders = sorted((lane for lane in lanes if lane.purpose == "relayer"), key=distance)
        share = -(-len(orders) // self._presence.workers(session))
        return {lane.address for lane in orders[share:]}

    def release(self, session: Session) -> None:
        """Give up all lanes held, so that the next process need not wait for the leases to end."""
        for address, epoch in self._epochs.items():
            session.execute(
                update(Lane)
                .where(Lane.address == address, Lane.epoch == epoch)
                .values(lease_until=0)
                .execution_options(synchronize_session=False)
            )
        self._epochs.clear()

    def use_nonce(self, session: Session, lane: OwnedLane, nonce: int) -> None:
        """Move the lane past ``nonce``. Raises LaneLost when it is no longer this process's."""
        moved = session.connection().execute(
            update(_lane)
            .where(
                _lane.c.address == lane.address,
                _lane.c.epoch == lane.epoch,
                _lane.c.next_nonce == nonce,
                _lane.c.halted_reason.is_(None),
            )
            .values(next_nonce=nonce + 1)
        )
        if moved.rowcount != 1:
            raise LaneLost(lane.address)
