"""Binding: operations become signed transactions, stored before anybody sees them.

One database transaction takes the operations and the lane's nonce, signs, and stores the bytes. So
whatever happens later, the product knows exactly what it may have sent, and no nonce is used twice.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wallet_chain.clock import Clock, unix_nanoseconds
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.transactions import sign_transaction
from wallet_chain.logs import facts
from wallet_chain.pipeline.bound_rows import store_bound
from wallet_chain.pipeline.lanes import LaneLost, LaneOwnership, OwnedLane, ensure_lane
from wallet_chain.pipeline.readiness import Need, Readiness, Signers
from wallet_chain.pipeline.tally import Tally
from wallet_chain.pipeline.terms import ChainTerms, Terms
from wallet_chain.pipeline.tracing import PipelineTraces, Signed
from wallet_chain.pipeline.turns import WAITS, Turns, waiting_by_lane
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, Operation, Transaction
from wallet_chain.store.writing import table_of

IN_FLIGHT_MAX = 4
"""Transactions of one lane that are not mined yet. Small, because some nodes keep few of a sender;
meanwhile more orders gather, and the next batch is larger."""

PARTIAL_IN_FLIGHT_MAX = 2
"""Behind so many transactions of a lane only a full batch is made: orders gather while one is executed
and the next one is there already, and many small batches would cost more than the wait."""

ROLE_CALL_GAS = 3_000_000
"""Gas limit of a role call; moving an account with all its balances takes the most."""

_BATCH_GAS = 100_000
_ORDER_GAS = 150_000
"""Expected of an order, with its calldata; a batch that turns out to need more is cut smaller."""
_ORDER_RESERVE_GAS = 1_450_000
"""What the Batch contract wants left before each item, whatever the item then uses."""
_BATCH_BYTES_MAX = 110_000
"""Nodes take transactions of up to 128 KiB."""

_operation = table_of(Operation)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Work:
    """An operation that waits to be bound."""

    id: str
    target: str
    calldata: bytes
    attempts: int


@dataclass(slots=True)
class _Made:
    """What one round has bound, once it is committed."""

    transactions: int = 0
    orders: int = 0
    calls: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    """What the log is told of each transaction."""
    signed: list[Signed] = field(default_factory=list)


_lane = table_of(Lane)
_LANES = select(_lane.c.address, _lane.c.purpose, _lane.c.halted_reason)


class Binder:
    """Turns accepted operations into stored, signed transactions."""

    def __init__(
        self,
        store: Store,
        contracts: Contracts,
        signers: Signers,
        ownership: LaneOwnership,
        readiness: Readiness,
        terms: ChainTerms,
        clock: Clock,
        batch_orders_max: int,
        tally: Tally,
        traces: PipelineTraces,
    ) -> None:
        self._store = store
        self._contracts = contracts
        self._signers = signers
        self._ownership = ownership
        self._readiness = readiness
        self._terms = terms
        self._clock = clock
        self._batch_orders_max = batch_orders_max
        self._tally = tally
        self._traces = traces
        self._turns = Turns()

    def bind(self) -> int:
        """Bind what waits, as far as the lanes have room; answers with the transactions made.

        Raises ChainUnavailable when a lane can't be compared with the chain yet.
        """
        lanes = self._lanes_with_work()
        if not lanes:
            return 0
        began = unix_nanoseconds()
        terms = self._terms.now()
        needs = [Need(address, _gas_needed(purpose, terms)) for address, purpose in lanes]
        try:
            usable = self._readiness.ready(needs, terms)
            if not usable:
                return 0
            with self._store.transaction() as session:
                made = self._bind(session, usable, terms)
        except LaneLost as lost:
            _log.warning("lane %s was taken over by another process", lost)
            return 0
        self._tally.orders_bound += made.orders
        self._tally.calls_bound += made.calls
        self._tally.transactions_bound += made.transactions
        for told in made.told:
            _log.info("bound", extra=told)
        self._traces.bound(began, made.signed)
        return made.transactions

    def _lanes_with_work(self) -> list[tuple[str, str]]:
        """Address and purpose of the lanes that have something to take, and room for it."""
        with self._store.reading() as session:
            waiting = waiting_by_lane(session, self._batch_orders_max)
            if not waiting:
                return []
            lanes = session.execute(_LANES).all()
            in_flight = in_flight_by_lane(session, [lane.address for lane in lanes])
        known = {lane.address: lane for lane in lanes}
        missing = {one for one in waiting if one is not None} - known.keys()
        if missing:
            with self._store.transaction() as session:
                for address in sorted(missing):
                    ensure_lane(session, address, "staff")
        found = [(address, "staff") for address in missing]
        for address, lane in known.items():
            takes = None if lane.purpose == "relayer" else address
            if lane.halted_reason is None and self._has_room(
                waiting.get(takes, 0), in_flight.get(address, 0), for_orders=takes is None
            ):
                found.append((address, lane.purpose))
        return sorted(found)

    def _has_room(self, waiting: int, in_flight: int, *, for_orders: bool) -> bool:
        """Whether a look at what waits could bind some of it; asked without any lock."""
        if not for_orders or in_flight < PARTIAL_IN_FLIGHT_MAX:
            return waiting > 0 and in_flight < IN_FLIGHT_MAX
        return waiting >= self._batch_orders_max and in_flight < IN_FLIGHT_MAX

    def _bind(self, session: Session, usable: list[str], terms: Terms) -> _Made:
        owned = self._ownership.take(session, usable)
        in_flight = in_flight_by_lane(session, [lane.address for lane in owned])
        made = _Made()
        for lane in owned:
            bind_some = self._bind_orders if lane.purpose == "relayer" else self._bind_calls
            bind_some(session, lane, in_flight.get(lane.address, 0), terms, made)
        return made

    def _bind_orders(
        self, session: Session, lane: OwnedLane, in_flight: int, terms: Terms, made: _Made
    ) -> None:
        assert lane.next_nonce is not None
        for position in range(IN_FLIGHT_MAX - in_flight):
            batch, is_full = self._next_orders(session, terms)
            if not batch or (in_flight + position >= PARTIAL_IN_FLIGHT_MAX and not is_full):
                return
            calldata = self._contracts.encode(
                "Batch", "execute", [(work.target, work.calldata) for work in batch]
            )
            self._store_signed(
                session,
                lane,
                lane.next_nonce + position,
                "batch",
                self._contracts.address("Batch"),
                calldata,
                min(_batch_gas(len(batch)), terms.gas_max),
                [work.id for work in batch],
                terms,
                made,
            )
            made.orders += len(batch)

    def _bind_calls(
        self, session: Session, lane: OwnedLane, in_flight: int, terms: Terms, made: _Made
    ) -> None:
        assert lane.next_nonce is not None
        room = max(IN_FLIGHT_MAX - in_flight, 0)
        calls = self._waiting(session, _operation.c.lane_address == lane.address, room)
        for position, work in enumerate(calls):
            self._store_signed(
                session,
                lane,
                lane.next_nonce + position,
                "single",
                work.target,
                work.calldata,
                min(ROLE_CALL_GAS, terms.gas_max),
                [work.id],
                terms,
                made,
            )
        made.calls += len(calls)

    def _next_orders(self, session: Session, terms: Terms) -> tuple[list[_Work], bool]:
        """The oldest orders that fit into one transaction, and whether no more would; one that failed
        before goes alone."""
        fitting = max((terms.gas_max - _batch_gas(0)) // _ORDER_GAS, 1)
        limit = min(self._batch_orders_max, fitting)
        waiting = self._waiting(session, _operation.c.lane_address.is_(None), limit, fair=True)
        if waiting and waiting[0].attempts > 0:
            return waiting[:1], True
        batch: list[_Work] = []
        size = 0
        for work in waiting:
            size += len(work.calldata) + 160
            if work.attempts > 0 or (batch and size > _BATCH_BYTES_MAX):
                return batch, True
            batch.append(work)
        return batch, len(batch) == limit

    def _waiting(
        self, session: Session, whose: Any, limit: int, *, fair: bool = False
    ) -> list[_Work]:
        """What was accepted first, or in turns: everybody's first, then everybody's second ..."""
        if fair:
            whose = _operation.c.id.in_(self._turns.next_orders(session, limit))
        statement = (
            select(
                _operation.c.id,
                _operation.c.target,
                _operation.c.calldata,
                _operation.c.attempts,
            )
            .where(WAITS, whose)
            .order_by(_operation.c.sequence)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [_Work(*row) for row in session.execute(statement)]

    def _store_signed(
        self,
        session: Session,
        lane: OwnedLane,
        nonce: int,
        kind: str,
        target: str,
        calldata: bytes,
        gas: int,
        operation_ids: Sequence[str],
        terms: Terms,
        made: _Made,
    ) -> None:
        began = unix_nanoseconds()
        signed = sign_transaction(
            self._signers(lane.address),
            chain_id=self._contracts.book.chain_id,
            nonce=nonce,
            to=target,
            data=calldata,
            gas=gas,
            fees=terms.fees,
        )
        ended = unix_nanoseconds()
        self._ownership.use_nonce(session, lane, nonce)
        store_bound(
            session,
            lane_address=lane.address,
            nonce=nonce,
            kind=kind,
            signed=signed,
            operation_ids=operation_ids,
            now=self._clock(),
        )
        made.transactions += 1
        made.signed.append(Signed(signed.hash, lane.address, nonce, began, ended))
        made.told.append(
            facts(
                transaction_hash=signed.hash,
                lane=lane.address,
                nonce=nonce,
                operation_ids=list(operation_ids),
            )
        )


def in_flight_by_lane(session: Session, addresses: list[str]) -> dict[str, int]:
    """How many transactions of each lane are not mined yet."""
    statement = (
        select(Transaction.lane_address, func.count())
        .where(Transaction.state.in_(("bound", "sent")), Transaction.lane_address.in_(addresses))
        .group_by(Transaction.lane_address)
    )
    return dict(session.execute(statement).all())


def _batch_gas(orders: int) -> int:
    return _BATCH_GAS + orders * _ORDER_GAS + _ORDER_RESERVE_GAS


def _gas_needed(purpose: str, terms: Terms) -> int:
    return terms.gas_max if purpose == "relayer" else min(ROLE_CALL_GAS, terms.gas_max)
