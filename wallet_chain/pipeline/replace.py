"""Transactions that no block takes: offered again for more, or their nonce filled.

For more, with the same nonce and the same contents, where the chain asks for fees and blocks pass the
transaction by. Filled, with a transfer of nothing, where the node says that its contents fit into no
block; what it carried is bound again when the filler is final (``finish``). Either is stored before it is
sent, and ``versions`` says why nothing can happen twice. Where the chain asks for nothing and nothing is
refused, nothing is done.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from wallet_chain.clock import Clock, monotonic_seconds
from wallet_chain.ledger.classify import SendOutcome
from wallet_chain.ledger.replacing import emptied, raised, read_signed, sign_again
from wallet_chain.ledger.rpc import Rpc, RpcFailure
from wallet_chain.ledger.transactions import Fees
from wallet_chain.logs import facts
from wallet_chain.pipeline.lanes import LaneLost, LaneOwnership, halt
from wallet_chain.pipeline.readiness import Need, Readiness, Signers
from wallet_chain.pipeline.terms import ChainTerms, Terms
from wallet_chain.pipeline.versions import UNMINED, NewVersion, store_version
from wallet_chain.settings import Settings
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Lane, Transaction, TransactionVersion

_LOOKS_PER_WAIT = 4
_BLOCKS_PASSED_MIN = 2
"""So many blocks have passed by what a node holds and could be mined next, before more is offered."""
_WEI_PER_GWEI = 10**9
_NEVER_FITS = SendOutcome.NEVER_FITS.value
_UNDERPRICED = SendOutcome.UNDERPRICED.value
_HELD = (SendOutcome.ACCEPTED.value, SendOutcome.ALREADY_KNOWN.value)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Unmined:
    """A transaction that is in no final block, with the version that is sent now."""

    id: int
    lane_address: str
    nonce: int
    kind: str
    version: int
    answer: str | None

    @property
    def watched_as(self) -> tuple[int, int, str]:
        """It waits anew with each version, and when the node changes its mind about it."""
        refused = self.answer if self.answer in (_NEVER_FITS, _UNDERPRICED) else ""
        return self.id, self.version, refused or ""


@dataclass(frozen=True, slots=True)
class _Since:
    at: float
    head: int | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    of: _Unmined
    kind: str
    raw: bytes
    """Of the version that is sent now."""
    gas: int
    fees: Fees


class Replacer:
    """Looks after what waits for a block too long."""

    def __init__(
        self,
        store: Store,
        rpc: Rpc,
        signers: Signers,
        ownership: LaneOwnership,
        readiness: Readiness,
        terms: ChainTerms,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._rpc = rpc
        self._signers = signers
        self._ownership = ownership
        self._readiness = readiness
        self._terms = terms
        self._wait_seconds = settings.replace_after_seconds
        self._fee_max = settings.replacement_fee_max_gwei * _WEI_PER_GWEI
        self._clock = clock
        self._head: int | None = None
        self._looked_at = float("-inf")
        self._since: dict[tuple[int, int, str], _Since] = {}
        self._at_most: set[str] = set()
        """Lanes with a transaction that is not mined at the highest fee that may be offered."""

    def replace(self, head: int | None) -> int:
        """Store a new version of what has waited too long; answers with how many were made.

        ``head`` is the number of the chain's newest block, as far as it is known. Raises
        ChainUnavailable.
        """
        self._head = head
        now = monotonic_seconds()
        if now - self._looked_at < self._wait_seconds / _LOOKS_PER_WAIT:
            return 0
        self._looked_at = now
        patient = self._waited_too_long(now)
        if not patient:
            self._at_most.clear()
            return 0
        terms = self._terms.now(anew=True)
        if terms.fees.is_free and all(one.answer != _NEVER_FITS for one in patient):
            return 0
        wanted = self._wanted(patient, terms)
        wanted = self._affordable(wanted, terms)
        if not wanted:
            return 0
        with self._store.transaction() as session:
            told = self._store_all(session, wanted)
        for one in told:
            _log.warning("another version of a transaction", extra=one)
        return len(told)

    def problems(self) -> list[str]:
        """Sentences for an operator."""
        return [
            f"Lane {address} offers the most for gas that it may"
            f" ({self._fee_max // _WEI_PER_GWEI} gwei), and no block takes its next transaction."
            for address in sorted(self._at_most)
        ]

    def _waited_too_long(self, now: float) -> list[_Unmined]:
        """By a clock of this process's own: neither a wrong wall clock nor a restart hurries it."""
        statement = (
            select(
                Transaction.id,
                Transaction.lane_address,
                Transaction.nonce,
                Transaction.kind,
                Transaction.version,
                Transaction.answer,
            )
            .join(Lane, Lane.address == Transaction.lane_address)
            .where(Transaction.state.in_(UNMINED), Lane.halted_reason.is_(None))
            .order_by(Transaction.lane_address, Transaction.nonce)
        )
        with self._store.reading() as session:
            unmined = [_Unmined(*row) for row in session.execute(statement)]
        known, self._since = self._since, {}
        for one in unmined:
            since = known.get(one.watched_as)
            self._since[one.watched_as] = since or _Since(now, self._head)
        return [
            one for one in unmined if now - self._since[one.watched_as].at >= self._wait_seconds
        ]

    # --- what is wanted ---------------------------------------------------------------------------

    def _wanted(self, patient: list[_Unmined], terms: Terms) -> list[_Wanted]:
        counts = self._counts({one.lane_address for one in patient})
        self._at_most.clear()
        found = []
        with self._store.reading() as session:
            for one in patient:
                count = counts.get(one.lane_address)
                # What the chain has counted is mined, only its block is not in the tables yet.
                if count is not None and count <= one.nonce:
                    wanted = self._version_wanted(session, one, count, terms)
                    found += [] if wanted is None else [wanted]
        return found

    def _counts(self, addresses: Iterable[str]) -> dict[str, int]:
        lanes = sorted(addresses)
        answers = self._rpc.batch([("eth_getTransactionCount", [a, "latest"]) for a in lanes])
        return {
            address: int(answer, 16)
            for address, answer in zip(lanes, answers, strict=True)
            if not isinstance(answer, RpcFailure)
        }

    def _version_wanted(
        self, session: Session, one: _Unmined, count: int, terms: Terms
    ) -> _Wanted | None:
        raw, filled = _newest(session, one)
        contents, fees = read_signed(raw)
        fits = one.answer != _NEVER_FITS
        if not fits and filled:
            return _Wanted(one, "halt", raw, contents.gas, fees)
        if fits and (terms.fees.is_free or not self._passed_by(one, count, fees, terms)):
            return None
        more = fees if terms.fees.is_free else raised(fees, terms.fees, self._fee_max)
        if more is None and fits:
            self._at_most.add(one.lane_address)
            return None
        kind = "fee" if fits and not filled else "filler"
        return _Wanted(one, kind, raw, contents.gas, more or fees)

    def _passed_by(self, one: _Unmined, count: int, fees: Fees, terms: Terms) -> bool:
        """Whether it is for its fee that no block takes it."""
        if one.answer == _UNDERPRICED or fees.max_fee_per_gas < terms.base_fee:
            return True
        before, head = self._since[one.watched_as].head, self._head
        passed = 0 if before is None or head is None else head - before
        return count == one.nonce and one.answer in _HELD and passed >= _BLOCKS_PASSED_MIN

    def _affordable(self, wanted: list[_Wanted], terms: Terms) -> list[_Wanted]:
        """Those whose lanes can be used and have money for the new fees."""
        by_lane: dict[str, list[_Wanted]] = {}
        for one in wanted:
            by_lane.setdefault(one.of.lane_address, []).append(one)
        usable = []
        for address, all_of_it in by_lane.items():
            most = max((one.fees for one in all_of_it), key=lambda fees: fees.max_fee_per_gas)
            need = Need(address, max(one.gas for one in all_of_it))
            try:
                if self._readiness.ready([need], Terms(most, terms.gas_max, terms.base_fee)):
                    usable += all_of_it
            except LaneLost as lost:
                _log.warning("lane %s was taken over by another process", lost)
        return usable

    # --- writing it down --------------------------------------------------------------------------

    def _store_all(self, session: Session, wanted: list[_Wanted]) -> list[dict[str, object]]:
        """Only for lanes that this process holds: they are locked until the commit."""
        lanes = {one.of.lane_address for one in wanted}
        owned = {lane.address for lane in self._ownership.take(session, lanes)}
        told = []
        for one in wanted:
            address = one.of.lane_address
            if address not in owned:
                continue
            if one.kind == "halt":
                halt(session, address, f"The node refuses even to fill nonce {one.of.nonce}.")
                continue
            new = self._signed(one)
            if store_version(session, new, self._clock()):
                told.append(
                    facts(
                        kind=new.kind,
                        transaction_hash=new.signed.hash,
                        lane=address,
                        nonce=one.of.nonce,
                        max_fee_per_gas=new.max_fee_per_gas,
                    )
                )
        return told

    def _signed(self, one: _Wanted) -> NewVersion:
        contents, _ = read_signed(one.raw)
        if one.kind == "filler":
            contents = emptied(contents, one.of.lane_address)
        signed = sign_again(self._signers(one.of.lane_address), contents, one.fees)
        most = one.fees.max_fee_per_gas
        return NewVersion(one.of.id, one.of.version, one.kind, signed, most)


def _newest(session: Session, one: _Unmined) -> tuple[bytes, bool]:
    """The bytes that are sent now, and whether they only fill the nonce."""
    if one.version == 1:
        first = session.get_one(Transaction, one.id)
        return bytes(first.raw), first.kind == "filler"
    version = session.get_one(TransactionVersion, (one.id, one.version))
    return bytes(version.raw), version.kind == "filler"
