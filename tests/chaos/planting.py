"""How the bugs of ``mutations`` are planted: functions of the product replaced by worse ones."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import Update

from wallet_chain.clock import pause
from wallet_chain.ids import new_id
from wallet_chain.ledger.classify import SendOutcome
from wallet_chain.ledger.replacing import emptied
from wallet_chain.ledger.rpc import Rpc, transaction_count
from wallet_chain.ledger.transactions import SignedTransaction
from wallet_chain.payments import together
from wallet_chain.pipeline import blocks, expire, finish, index, project, requests, send
from wallet_chain.pipeline import replace as replace_module
from wallet_chain.pipeline.bind import Binder
from wallet_chain.pipeline.engine import Pipeline
from wallet_chain.pipeline.index import Indexer
from wallet_chain.pipeline.lanes import LaneOwnership, OwnedLane, start_at
from wallet_chain.pipeline.news import News
from wallet_chain.pipeline.readiness import Readiness
from wallet_chain.pipeline.send import Sender
from wallet_chain.store.engine import Store
from wallet_chain.store.group_commit import GroupCommit
from wallet_chain.store.tables import ChainBlock, Lane, Operation, Transaction, TransactionOperation

_ONE_NONCE = "INDEX", "uq_lane_transaction_lane_address_nonce", ""
_RISES = "TRIGGER", "lane_nonce_rises", "lane"
_KEPT = "TRIGGER", "lane_transaction_kept", "lane_transaction"
_FINAL = "TRIGGER", "operation_terminal", "operation"
_rpc: list[Rpc] = []
"""The worker's line to the node, for bugs that ask it."""


def without(kind: str, name: str, table: str) -> None:
    """Take a guard of the database away."""
    original = Store.migrate

    def migrate(self: Store) -> None:
        original(self)
        on = f" ON {table}" if table and not self.is_sqlite else ""
        with self._writing.begin() as connection:
            connection.execute(text(f"DROP {kind} IF EXISTS {name}{on}"))

    Store.migrate = migrate  # type: ignore[method-assign]


def knows_node() -> None:
    original = Pipeline.__init__

    def init(self: Pipeline, store: Store, rpc: Rpc, *rest: Any) -> None:
        _rpc[:] = [rpc]
        original(self, store, rpc, *rest)

    Pipeline.__init__ = init  # type: ignore[method-assign]


def sent_before_commit() -> None:
    original = Binder._bind

    def bind(self: Binder, session: Session, *arguments: Any) -> int:
        made = original(self, session, *arguments)
        unsent = select(Transaction.raw).where(Transaction.state == "bound", Transaction.sends == 0)
        for raw in session.scalars(unsent.order_by(Transaction.nonce)):
            send.send_raw(self._contracts.rpc, SignedTransaction(bytes(raw)))
        return made

    Binder._bind = bind  # type: ignore[method-assign]


def free_lanes(nonce: Callable[[Lane], int | None]) -> None:
    """Every lane is everybody's, and its nonce is what ``nonce`` says."""

    def take(_self: LaneOwnership, session: Session, addresses: list[str]) -> list[OwnedLane]:
        rows = session.scalars(
            select(Lane).where(Lane.address.in_(addresses), Lane.halted_reason.is_(None))
        )
        return [OwnedLane(row.address, row.purpose, nonce(row), row.epoch) for row in rows]

    def use_nonce(_self: LaneOwnership, session: Session, lane: OwnedLane, used: int) -> None:
        session.execute(
            update(Lane).where(Lane.address == lane.address).values(next_nonce=used + 1)
        )

    LaneOwnership.take = take  # type: ignore[method-assign, assignment]
    LaneOwnership.use_nonce = use_nonce  # type: ignore[method-assign]
    without(*_ONE_NONCE)
    without(*_RISES)


def nonce_from_the_node() -> None:
    knows_node()
    free_lanes(lambda lane: transaction_count(_rpc[0], lane.address))


def no_fence() -> None:
    free_lanes(lambda lane: lane.next_nonce)


def carried(transaction_id: object) -> Any:
    return select(TransactionOperation.operation_id).where(
        TransactionOperation.transaction_id == transaction_id
    )


def when_unknown(then: Callable[[Session, Any], None]) -> None:
    """After a send whose outcome is not known, something rash is done."""
    original = Sender._hand_over

    def hand_over(self: Sender, due: list[Any], so_far: Any = None) -> Any:
        outcome = original(self, due, so_far)
        if outcome.unavailable is not None and outcome.marks:
            with self._store.transaction() as session:
                then(session, outcome.marks[-1]["sent_id"])
        return outcome

    Sender._hand_over = hand_over  # type: ignore[method-assign]


def state_of_carried(state: str) -> Callable[[Session, Any], None]:
    def change(session: Session, transaction_id: Any) -> None:
        refusal = {"code": "chain_unavailable", "detail": "No answer.", "facts": {}}
        changed: Update = (
            update(Operation)
            .where(Operation.id.in_(carried(transaction_id)), Operation.state == "bound")
            .values(state=state, refusal=refusal if state == "rejected" else None)
            .execution_options(synchronize_session=False)
        )
        session.execute(changed)

    return change


def nonce_recycled() -> None:
    without(*_RISES)
    without(*_KEPT)
    when_unknown(recycle)


def recycle(session: Session, transaction_id: Any) -> None:
    state_of_carried("accepted")(session, transaction_id)
    row = session.get_one(Transaction, transaction_id)
    session.execute(
        update(Lane)
        .where(Lane.address == row.lane_address, Lane.next_nonce == row.nonce + 1)
        .values(next_nonce=row.nonce)
    )
    carried = TransactionOperation.transaction_id == transaction_id
    session.execute(delete(TransactionOperation).where(carried))
    session.execute(delete(Transaction).where(Transaction.id == transaction_id))


def final_overwritten() -> None:
    without(*_FINAL)
    finish._END = end_whatever_it_is()
    finish.OPEN_STATES = ("accepted", "bound", "rejected")  # type: ignore[assignment]
    when_unknown(state_of_carried("rejected"))


def end_whatever_it_is() -> Any:
    table = finish._operation
    names = ("state", "refusal", "transaction_hash", "block_number", "log_index", "finished_at")
    return (
        update(table)
        .where(table.c.id == finish.bindparam("ended_id"))
        .values({name: finish.bindparam(name) for name in names})
    )


def too_low_is_failure() -> None:
    original = Sender._send_one

    def send_one(self: Sender, one: Any) -> SendOutcome:
        verdict = original(self, one)
        if verdict is SendOutcome.NONCE_TOO_LOW:
            with self._store.transaction() as session:
                state_of_carried("rejected")(session, one.id)
        return verdict

    Sender._send_one = send_one  # type: ignore[method-assign]


def known_is_refused() -> None:
    original = send.classify_failure

    def classify(failure: Any) -> SendOutcome:
        verdict = original(failure)
        known = verdict is SendOutcome.ALREADY_KNOWN
        return SendOutcome.REFUSED_FOR_GOOD if known else verdict

    send.classify_failure = classify


def roots_unchecked() -> None:
    blocks.verify_block = lambda *_: None  # type: ignore[assignment]


def key_not_compared() -> None:
    requests.fingerprint = lambda *_: "0" * 64


def request_forgotten() -> None:
    original = requests.new_request

    def other_key(session: Session, caller: Any, ask: Any, *rest: Any) -> Any:
        return original(session, caller, replace(ask, idempotency_key=new_id("key")), *rest)

    requests.new_request = other_key
    together.new_request = other_key


def answered_before_commit() -> None:
    @contextmanager
    def transaction(self: GroupCommit) -> Iterator[Session]:
        self._take_turn()
        try:
            group = self._group()
            with group.member(), self._session_on(group.connection) as session, session.begin():
                yield session
        finally:
            self._turn.release()

        def later() -> None:
            pause(0.2)
            with self._turn:
                if self._open is group:
                    self._end(group)

        threading.Thread(target=later, daemon=True).start()

    GroupCommit.transaction = transaction  # type: ignore[method-assign]


def ended_by_a_second_commit() -> None:
    def apply_one(self: Indexer, block: Any, progress: Any) -> None:
        reverts = self._reverts(block)
        with self._store.transaction() as session:
            copy = index.Copy(session)
            if copy.has(block.number):
                return
            ended = index.project_block(copy, block, self._contracts.book.genesis_hash)
            copy.flush()
        with self._store.transaction() as session:
            ours = index.ours_in(session, [block])
            finished = index.finish(session, block, ended, reverts, ours)
            for follow in self._followers:
                follow(session, News(block.time, block.events, finished.ended))
        progress.blocks += 1
        progress.finished.ended += finished.ended

    def apply(self: Indexer, blocks: Any, progress: Any) -> None:
        for block in blocks:
            apply_one(self, block, progress)

    Indexer._apply = apply  # type: ignore[method-assign]


def sent_only_once() -> None:
    original = Sender._due
    Sender._due = lambda self, _everything: [  # type: ignore[method-assign]
        one for one in original(self, False) if one.state == "bound"
    ]


def count_not_compared() -> None:
    def compare(self: Readiness, session: Session, address: str, count: int) -> None:
        start_at(session, address, count)
        session.execute(
            update(Lane)
            .where(Lane.address == address, Lane.next_nonce < count)
            .values(next_nonce=count)
        )
        self._compared.add(address)

    Readiness._compare_one = compare  # type: ignore[method-assign]
    finish._halt_foreign_use = lambda *_: None


def expired_by_the_own_clock() -> None:
    original = expire._late

    def late(session: Session, contracts: Any, block_number: int) -> Any:
        clock = session.info["clock"]
        block = session.get_one(ChainBlock, block_number)
        session.expunge(block)
        block.time = clock()
        session.get_one = lambda *_: block  # type: ignore[method-assign, assignment]
        return original(session, contracts, block_number)

    original_reading = Store.reading

    @contextmanager
    def reading(self: Store) -> Iterator[Session]:
        with original_reading(self) as session:
            session.info["clock"] = self.clock
            yield session

    Store.reading = reading  # type: ignore[method-assign]
    expire._late = late


def blocks_believed_blindly() -> None:
    project._require_successor = lambda *_: None

    def last(self: Indexer, _cursor: Any) -> int:
        self.head_number = index.head_of(self._rpc).number
        return self.head_number - self._finality_blocks

    Indexer._last_final = last  # type: ignore[method-assign]


def order_left_out() -> None:
    original = Binder._store_signed

    def store(self: Binder, session: Session, lane: Any, nonce: int, kind: str, *rest: Any) -> None:
        target, calldata, gas, operation_ids, terms = rest
        if kind == "batch" and len(operation_ids) > 1:
            items = [
                (row.target, row.calldata)
                for row in session.scalars(
                    select(Operation).where(Operation.id.in_(operation_ids[:-1]))
                )
            ]
            calldata = self._contracts.encode("Batch", "execute", items)
            # Nor does it come back when its block is there.
            Binder._store_signed_left_out.append(operation_ids[-1])  # type: ignore[attr-defined]
        original(self, session, lane, nonce, kind, target, calldata, gas, operation_ids, terms)

    Binder._store_signed_left_out = []  # type: ignore[attr-defined]
    Binder._store_signed = store  # type: ignore[method-assign]
    finish._return = lambda *_: None


def versions_replaced_by(then: Callable[[Session, replace_module.NewVersion], None]) -> None:
    """Something is done when another version of a transaction is written, before the commit."""
    original = replace_module.store_version

    def store(session: Session, new: replace_module.NewVersion, now: int) -> bool:
        stored = original(session, new, now)
        if stored:
            then(session, new)
        return stored

    replace_module.store_version = store


def version_sent_before_stored() -> None:
    knows_node()
    versions_replaced_by(lambda _session, new: send.send_raw(_rpc[0], new.signed))


def rebound_before_the_filler() -> None:
    def rebind(session: Session, new: replace_module.NewVersion) -> None:
        if new.kind == "filler":
            state_of_carried("accepted")(session, new.transaction_id)

    versions_replaced_by(rebind)


def replaced_by_other_contents() -> None:
    original = replace_module.sign_again

    def sign(signer: Any, contents: Any, fees: Any) -> SignedTransaction:
        return original(signer, emptied(contents, signer.address), fees)

    replace_module.sign_again = sign


def last_version_only() -> None:
    original = index.ours_in

    def ours_in(session: Session, blocks: Any) -> Any:
        ours = original(session, blocks)
        newest = {
            hash_: row
            for hash_, row in ours.versions.items()
            if session.get_one(Transaction, row.transaction_id).version == row.number
        }
        first = {hash_: row for hash_, row in ours.transactions.items() if row.version == 1}
        return replace(ours, transactions=first, versions=newest)

    index.ours_in = ours_in
