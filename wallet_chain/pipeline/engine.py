"""The pipeline put together: two threads, one that binds and sends, one that indexes.

An operation that was accepted wakes the first; a transaction that was sent wakes the second; what
was indexed wakes whoever waits for it. Alone in the queue a payment is sent at once; while a batch
is being mined others gather and become the next.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Protocol, Unpack

from sqlalchemy.orm import Session

from wallet_chain.clock import Clock, monotonic_seconds, unix_nanoseconds
from wallet_chain.errors import ChainStateLost, WalletError
from wallet_chain.ledger.contracts import Contracts
from wallet_chain.ledger.nodes import NodeState
from wallet_chain.ledger.rpc import Rpc
from wallet_chain.ledger.transactions import LocalSigner
from wallet_chain.logs import facts
from wallet_chain.pipeline import lanes as lane_rows
from wallet_chain.pipeline.backlog import Backlog
from wallet_chain.pipeline.bind import Binder
from wallet_chain.pipeline.expire import expire
from wallet_chain.pipeline.heal import Healed, Healer, Operator, Progress
from wallet_chain.pipeline.index import Indexer
from wallet_chain.pipeline.news import Follower
from wallet_chain.pipeline.nonces import begin_epoch
from wallet_chain.pipeline.onlooking import Onlooker
from wallet_chain.pipeline.presence import Presence
from wallet_chain.pipeline.readiness import Readiness
from wallet_chain.pipeline.replace import Replacer
from wallet_chain.pipeline.send import Sender
from wallet_chain.pipeline.status import problems_of, problems_seen, stored_status
from wallet_chain.pipeline.tally import Tally
from wallet_chain.pipeline.terms import ChainTerms
from wallet_chain.pipeline.tracing import PipelineTraces
from wallet_chain.pipeline.waiting import FinalWaiters
from wallet_chain.settings import Settings
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Operation

RECOVER_EVERY_SECONDS = 60.0

_AFTER_FAILURE_SECONDS = 1.0
_STOP_WITHIN_SECONDS = 30.0
_log = logging.getLogger(__name__)


class SigningKeys(Protocol):
    """Where the keys of lanes come from."""

    def signer(self, address: str) -> LocalSigner:
        """The signer of an address. Raises NotFound when the product has no such key."""
        ...


class Pipeline:
    """Brings operations to the chain exactly once, and the chain into the tables."""

    def __init__(
        self,
        store: Store,
        rpc: Rpc,
        contracts: Contracts,
        signer_keys: SigningKeys,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._rpc = rpc
        self._contracts = contracts
        self._keys = signer_keys
        self._poll_seconds = settings.poll_seconds
        funder = settings.funder_key
        self._funder = LocalSigner.from_hex(funder.get_secret_value()) if funder else None
        self.tally = Tally()
        self.traces = PipelineTraces(store)
        self._presence = Presence(store)
        self._ownership = ownership = lane_rows.LaneOwnership(store, self._presence)
        self._readiness = Readiness(
            store,
            rpc,
            contracts.book.chain_id,
            self._signer,
            ownership,
            None if self._funder is None else self._funder.address,
            clock,
        )
        self._terms = ChainTerms(rpc)
        self._binder = Binder(
            store,
            contracts,
            self._signer,
            ownership,
            self._readiness,
            self._terms,
            clock,
            settings.batch_orders_max,
            self.tally,
            self.traces,
        )
        self._sender = Sender(store, rpc, clock, self.traces, self._arrived)
        self._replacer = Replacer(
            store, rpc, self._signer, ownership, self._readiness, self._terms, settings, clock
        )
        self.followers: list[Follower] = []
        """Told of every block inside its transaction; filled before ``prepare``."""
        self.chores: dict[str, Callable[[], None]] = {}
        """By what is told of their failures; done at every look for what is unfinished, at start
        and every minute, each by itself."""
        self.nodes: Callable[[], list[NodeState]] = list
        """How the chain's nodes stand; replaced by whoever opens the line to them."""
        self._indexer = Indexer(
            store, rpc, contracts, settings.finality_blocks, followers=self.followers
        )
        self._onlooker = Onlooker(store, rpc, settings.finality_blocks, clock)
        self._works = True
        self._waiters = FinalWaiters(store)
        self._indexing = threading.Lock()
        self._to_bind = threading.Event()
        self._to_send = threading.Event()
        self._to_index = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._failures: dict[str, str] = {}
        self._recovered_at = 0.0
        self._clock = clock
        # An order that is accepted in silence must still have time when the chain is heard again.
        self._silence_seconds_max = settings.order_ttl_seconds // 2
        self._heard_at: int | None = None
        self._backlog = Backlog(store, settings.backlog_max, self._silence_seconds_max, clock)

    # --- life -------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Bind the database to its chain, begin a new epoch of nonces, and recover.

        Raises ChainMismatch, ChainStateLost, ChainUnavailable and what the database raises.
        """
        self._begin()
        self._index_all()
        if self._indexer.behind is not None:
            raise ChainStateLost(
                f"{self._indexer.behind} Let it synchronise, or restore its data; do not deploy"
                " again."
            )
        self.recover()

    def start(self) -> None:
        """``prepare``, then work in threads until ``stop``."""
        self.prepare()
        self._run_threads(
            binding=self._bind_loop, sending=self._send_loop, indexing=self._index_loop
        )

    def start_onlooking(self) -> None:
        """Accept, and leave all work to other processes on the same database, until ``stop``.

        Raises ChainMismatch and what the database raises.
        """
        self._works = False
        self._begin()
        self._run_threads(onlooking=self._onlook_loop)

    def stop(self) -> None:
        """Let the threads finish what they are doing; what is not sent yet is sent next time."""
        self._stopping.set()
        self.wake()
        self._to_send.set()
        self._to_index.set()
        for thread in self._threads:
            thread.join(_STOP_WITHIN_SECONDS)
        self._threads.clear()
        try:
            with self._store.transaction() as session:
                self._ownership.release(session)
                self._presence.leave(session)
        except WalletError as failure:
            # The leases end by themselves soon; stopping must not fail for them.
            _log.warning("the lanes could not be released: %s", failure.detail)

    # --- what others use --------------------------------------------------------------------------

    def wake(self) -> None:
        """Say that something was accepted."""
        self._to_bind.set()

    def require_room(self, *, for_order: bool, principal_id: str) -> None:
        """Raise Overloaded or TooManyRequests when too much is on its way; see ``Backlog``."""
        self._backlog.require_room(for_order=for_order, principal_id=principal_id)

    def wait_final(self, operation_id: str, timeout_seconds: float) -> Operation | None:
        """The operation as soon as it is final, or as it stands after the time; None if unknown."""
        return self._waiters.wait(operation_id, timeout_seconds)

    def ensure_lane(self, session: Session, address: str, purpose: str) -> None:
        """Let this account send: ``relayer`` takes batches of orders, ``staff`` its own calls.

        The chain is not asked here, so it may stand in any transaction.
        """
        lane_rows.ensure_lane(session, address, purpose)

    def heal_lane(self, address: str, progress: Progress, **who: Unpack[Operator]) -> Healed:
        """Bring back a halted lane; an operator's command. Raises what ``Healer.heal`` raises."""
        if self._heard_at is not None:
            self._index_all()
        tools = (self._store, self._rpc, self._contracts, self._signer, self._terms, self._clock)
        healed = Healer(*tools).heal(self._indexer, address, progress, **who)
        self.wake()
        return healed

    def resume(self) -> None:
        """Index again after an operator looked into why it had stopped."""
        self._indexer.resume()
        self._to_index.set()

    @property
    def is_informed(self) -> bool:
        """Whether the tables may speak for the chain: nothing contradicts them, and the chain was
        heard not so long ago that orders accepted meanwhile would expire unsent."""
        if self._stopped_reason is not None or self._indexer.behind is not None:
            return False
        heard_at = self._heard_at if self._works else self._onlooker.caught_up_at
        return heard_at is not None and self._clock() - heard_at <= self._silence_seconds_max

    def status(self) -> dict[str, Any]:
        """``stored_status`` with ``head`` (number or null), ``informed`` (whether the tables may
        speak for the chain), ``processes``, ``nodes`` (place, head and why it is left out, of each)
        and ``problems`` (sentences)."""
        with self._store.reading() as session:
            status = stored_status(session)
            processes = self._presence.seen(session, works=self._works)
        problems = problems_of(status)
        nodes = self.nodes()
        behind, unfunded = self._indexer.behind, self._readiness.unfunded
        problems += problems_seen(status, processes, self._stopped_reason, behind, unfunded, nodes)
        problems += [f"While {what}: {why}" for what, why in sorted(self._failures.items())]
        problems += self._replacer.problems()
        head = self._indexer.head_number if self._works else self._onlooker.head_number
        facts: dict[str, Any] = {"head": head, "informed": self.is_informed, "processes": processes}
        facts["nodes"] = [asdict(one) for one in nodes]
        return status | facts | {"problems": problems}

    # --- the work ---------------------------------------------------------------------------------

    def step(self) -> bool:
        """One round of everything in the calling thread; whether anything was done."""
        bound, sent = self._bind(), self._send()
        return self._index_all() or bound or sent

    def recover(self) -> None:
        """What is done at start and every minute: the same functions, over everything unfinished.

        Lanes are compared with the chain, unmined bytes are sent again, blocks that came meanwhile
        are projected, and what can't execute any more expires. Raises ChainUnavailable ...
        A chore that fails raises nothing: it stands among the problems until it works.
        """
        with self._store.reading() as session:
            lanes = [lane["address"] for lane in stored_status(session)["lanes"]]
        self._readiness.compare(lanes)
        self._sender.send(everything=True)
        self._index_all()
        self._ended(unix_nanoseconds(), expire(self._store, self._contracts, self.followers))
        self._recovered_at = monotonic_seconds()
        with self._presence.on_duty() as mine:
            for what, do in self.chores.items() if mine else ():
                self._run(what, do)

    def _begin(self) -> None:
        book = self._contracts.book
        with self._store.transaction() as session:
            begin_epoch(session, book.chain_id, book.genesis_hash)
        self._presence.show(works=self._works)

    def _arrived(self) -> None:
        self._to_index.set()

    def _bind(self) -> bool:
        bound = self._binder.bind() + self._replacer.replace(self._indexer.head_number)
        if bound:
            self._to_send.set()
        return bound > 0

    def _send(self) -> bool:
        sent = self._sender.send()
        self.tally.transactions_sent += sent
        return sent > 0

    def _index_all(self) -> bool:
        worked = False
        while True:
            with self._indexing:
                seen = unix_nanoseconds()
                progress = self._indexer.index()
                self._heard_at = self._clock()
            if progress.blocks:
                worked = True
                self.tally.blocks_indexed += progress.blocks
                self.tally.operations_ended += len(progress.finished.ended)
                self.tally.operations_returned += len(progress.finished.returned)
                told = facts(
                    blocks=progress.blocks,
                    head=self._indexer.head_number,
                    ended=progress.finished.ended,
                    returned=progress.finished.returned,
                )
                _log.info("indexed", extra=told)
                ended = progress.finished.ended + expire(
                    self._store, self._contracts, self.followers
                )
                self._ended(seen, ended, progress.finished.returned)
                # There is room in the lanes again, and what came back wants another try.
                self._to_bind.set()
            if not progress.more or self._stopping.is_set():
                return worked

    def _ended(self, seen: int, ended: Sequence[str], returned: Sequence[str] = ()) -> None:
        self._waiters.wake(ended)
        self.traces.indexed(seen, ended, returned)

    def _signer(self, address: str) -> LocalSigner:
        if self._funder is not None and address == self._funder.address:
            return self._funder
        return self._keys.signer(address)

    @property
    def _stopped_reason(self) -> str | None:
        return self._indexer.stopped_reason if self._works else self._onlooker.stopped_reason

    # --- the threads ------------------------------------------------------------------------------

    def _run_threads(self, **work: Callable[[], None]) -> None:
        self._stopping.clear()
        for name, loop in work.items():
            thread = threading.Thread(target=loop, name=f"pipeline-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _bind_loop(self) -> None:
        while not self._stopping.is_set():
            self._to_bind.clear()
            if monotonic_seconds() - self._recovered_at > RECOVER_EVERY_SECONDS:
                self._attempt("recovering", self.recover)
            if not self._attempt("binding", self._bind):
                self._to_bind.wait(self._poll_seconds)

    def _send_loop(self) -> None:
        """By itself, since a node may take long to answer: what is next is made meanwhile."""
        while not self._stopping.is_set():
            self._to_send.clear()
            if not self._attempt("sending", self._send):
                self._to_send.wait(self._poll_seconds)

    def _index_loop(self) -> None:
        while not self._stopping.is_set():
            self._to_index.clear()
            if not self._attempt("indexing", self._index_all):
                self._to_index.wait(self._poll_seconds)

    def _onlook_loop(self) -> None:
        while not self._stopping.is_set():
            self._attempt("onlooking", self._onlooker.look)
            self._stopping.wait(self._poll_seconds)

    def _attempt(self, what: str, work: Callable[[], Any]) -> bool:
        """One round; a thread of the pipeline never ends by itself."""

        def one_round() -> bool:
            self._presence.show(works=self._works)
            self._backlog.look()
            return bool(work())

        worked = self._run(what, one_round)
        if worked is None:
            self._stopping.wait(_AFTER_FAILURE_SECONDS)
        return bool(worked)

    def _run(self, what: str, work: Callable[[], Any]) -> bool | None:
        """Do something and remember why it failed, None then; else whether anything was done."""
        try:
            worked = bool(work())
        except WalletError as failure:
            if self._failures.get(what) != failure.detail:
                _log.warning("%s: %s", what, failure.detail)
            self._failures[what] = failure.detail
            self.tally.failed(what)
        except Exception as defect:  # noqa: BLE001 - a defect in one round must not end the thread
            _log.exception("%s failed", what)
            self._failures[what] = f"{type(defect).__name__}: {defect}"
            self.tally.failed(what)
        else:
            self._failures.pop(what, None)
            return worked
        return None
