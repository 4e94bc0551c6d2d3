"""The pipeline's part of a trace: what became of the operations that a request has brought about.

Each operation remembers the span of its request. What is done for many together (a transaction carries
a hundred orders) is told once in the trace of each request that it is done for. Reading who asked may
fail; the work that it tells of is done by then, and is not undone by it.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from wallet_chain.clock import unix_nanoseconds
from wallet_chain.errors import WalletError
from wallet_chain.pipeline.finish import in_parts
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Operation, Transaction, TransactionOperation
from wallet_chain.traces import Facts, Traces

_NANOSECONDS = 10**9
_REMEMBERED_MAX = 10_000
_WELL = "settled"
_log = logging.getLogger(__name__)

_CARRIED = (
    select(Transaction.hash, Operation.traceparent, Operation.id)
    .join(TransactionOperation, TransactionOperation.transaction_id == Transaction.id)
    .join(Operation, Operation.id == TransactionOperation.operation_id)
    .where(Operation.traceparent.is_not(None))
    .order_by(Transaction.id, TransactionOperation.position)
)
_ENDED = (
    select(
        Operation.id,
        Operation.kind,
        Operation.state,
        Operation.traceparent,
        Operation.sequence,
        Operation.transaction_hash,
        Operation.block_number,
        Operation.log_index,
        Operation.refusal,
        Transaction.last_sent_at,
    )
    .outerjoin(Transaction, Transaction.hash == Operation.transaction_hash)
    .where(Operation.traceparent.is_not(None))
)

_Groups = dict[str, dict[str, list[str]]]
"""By a transaction's hash, then by who asked: operations."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction that was bound; times in Unix nanoseconds."""

    hash: str
    lane: str
    nonce: int
    signing_began: int
    signing_ended: int


@dataclass(frozen=True, slots=True)
class Handed:
    """A transaction that was given to the node; times in Unix nanoseconds."""

    hash: str
    lane: str
    began: int
    ended: int
    outcome: str
    first: bool
    """Whether it was never sent before."""


class PipelineTraces:
    """Tells of bound, sent and indexed transactions, and of operations that have ended."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.to: Traces | None = None
        """Where it is told; replaced by whoever knows a collector."""
        self._sent: OrderedDict[str, int] = OrderedDict()

    def bound(self, began: int, signed: Sequence[Signed]) -> None:
        """Transactions were made and stored, from ``began`` until now."""
        if self.to is None or not signed:
            return
        ended = unix_nanoseconds()
        carried = self._carried(one.hash for one in signed)
        for one in signed:
            for traceparent, operations in carried.get(one.hash, {}).items():
                facts = _facts(one.hash, operations, lane=one.lane, nonce=one.nonce)
                inner = self.to.tell(traceparent, "bind", began, ended, facts)
                if inner is not None:
                    times = (one.signing_began, one.signing_ended)
                    self.to.tell(inner, "sign", *times, _facts(one.hash, operations))

    def begins_to_send(self, hash_: str, began: int) -> None:
        """Stored bytes are about to be given to the node; their block may be there before its answer."""
        if self.to is None or hash_ in self._sent:
            return
        self._sent[hash_] = began
        if len(self._sent) > _REMEMBERED_MAX:
            self._sent.popitem(last=False)

    def sent(self, handed: Sequence[Handed]) -> None:
        """Stored bytes were given to the node."""
        if self.to is None or not handed:
            return
        carried = self._carried(one.hash for one in handed)
        for one in handed:
            name = "send" if one.first else "send again"
            for traceparent, operations in carried.get(one.hash, {}).items():
                facts = _facts(one.hash, operations, lane=one.lane, outcome=one.outcome)
                self.to.tell(traceparent, name, one.began, one.ended, facts)

    def indexed(self, seen: int, ended: Sequence[str], returned: Sequence[str] = ()) -> None:
        """Operations have ended, or wait for another transaction, by blocks that were asked for at
        ``seen``."""
        if self.to is None or not (ended or returned):
            return
        now = unix_nanoseconds()
        told: set[tuple[str, str]] = set()
        for row in self._ended([*ended, *returned]):
            block: dict[str, Any] = {}
            if row["transaction_hash"] is not None:
                block = {"transaction_hash": row["transaction_hash"]}
                block["block_number"] = row["block_number"]
                where = (row["traceparent"], row["transaction_hash"])
                if where not in told:
                    told.add(where)
                    self._included(row, seen, now, block)
            if row["state"] in ("accepted", "bound"):
                self.to.tell(row["traceparent"], "return", seen, now, {"operation_id": row["id"]})
            else:
                self._ends(row, now, block)

    def _included(self, row: RowMapping, seen: int, now: int, block: Mapping[str, Any]) -> None:
        assert self.to is not None
        sent = self._sent.get(row["transaction_hash"])
        if sent is None and row["last_sent_at"] is not None:
            # Another process has sent it: what is stored of that is a whole second.
            sent = row["last_sent_at"] * _NANOSECONDS
        if sent is not None:
            self.to.tell(row["traceparent"], "include", min(sent, seen), seen, block)
        self.to.tell(row["traceparent"], "index", seen, now, block)

    def _ends(self, row: RowMapping, now: int, block: Mapping[str, Any]) -> None:
        assert self.to is not None
        facts = {"operation_id": row["id"], "kind": row["kind"], "state": row["state"], **block}
        if row["log_index"] is not None:
            facts["log_index"] = row["log_index"]
        if row["refusal"] is not None:
            facts["refusal"] = row["refusal"]["code"]
        name = f"operation {row['kind']}"
        failed = row["state"] != _WELL
        self.to.tell(row["traceparent"], name, row["sequence"], now, facts, failed=failed)

    def _carried(self, hashes: Iterable[str]) -> _Groups:
        groups: _Groups = {}

        def read(session: Session) -> None:
            for part in in_parts(hashes):
                asked = session.execute(_CARRIED.where(Transaction.hash.in_(part)))
                for hash_, traceparent, operation_id in asked:
                    of_requests = groups.setdefault(hash_, {})
                    of_requests.setdefault(str(traceparent), []).append(operation_id)

        self._read(read)
        return groups

    def _ended(self, ids: Sequence[str]) -> list[RowMapping]:
        rows: list[RowMapping] = []

        def read(session: Session) -> None:
            for part in in_parts(ids):
                rows.extend(session.execute(_ENDED.where(Operation.id.in_(part))).mappings())

        self._read(read)
        return rows

    def _read(self, read: Callable[[Session], None]) -> None:
        try:
            with self._store.reading() as session:
                read(session)
        except WalletError as failure:
            _log.warning("a trace has a gap: %s", failure.detail)


def _facts(hash_: str, operations: Sequence[str], **more: str | int) -> Facts:
    return {"transaction_hash": hash_, "operation_ids": tuple(operations), **more}
