"""What the bank refused to somebody it knows: a fact that leaves no other trace.

Each entry is a durable write that its cause need not pay for, so one caller gets few of them: after a
number of refusals in a row the rest are counted, and told once a minute in one entry.
"""

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from wallet_chain import errors as e
from wallet_chain.bank import Bank
from wallet_chain.bank.facts import REFUSAL, log_fact
from wallet_chain.clock import monotonic_seconds
from wallet_chain.errors import WalletError
from wallet_chain.ids import new_id
from wallet_chain.pipeline.requests import Caller

ONE_BY_ONE = 60
"""Refusals of one caller that get an entry each, one after the other; one more every minute."""
TOGETHER_SECONDS = 60.0
"""How long the others are counted before they are told."""

_CALLERS_MAX = 10_000
_NOT_UNDERSTOOD = frozenset(
    error.code
    for error in (
        e.InvalidRequest,
        e.IdempotencyKeyReused,
        e.CursorInvalid,
        e.UnknownCurrency,
        e.UnknownCountry,
        e.AmountNotANumber,
        e.AmountNotPositive,
        e.AmountTooLarge,
        e.WrongDecimals,
        e.InvalidAddress,
    )
)
"""Requests of the wrong form: nobody decided anything."""

_log = logging.getLogger(__name__)


def is_refusal(code: str, status: int, *, retryable: bool, write: bool) -> bool:
    """Whether somebody was denied something: a right on any route, or what a write asked for."""
    if retryable or code in _NOT_UNDERSTOOD:
        return False
    return status == e.Forbidden.status or (write and status in (409, 422))


@dataclass(slots=True)
class _Caller:
    """What one caller was refused of late."""

    caller: Caller
    left: float
    at: float
    counted: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Route and code of those that have no entry yet."""
    since: int = 0


class Refusals:
    """Puts refusals into the log; one in each process that answers."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._callers: dict[str, _Caller] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._closed = False

    def note(self, caller: Caller, route: str, codes: Sequence[str]) -> None:
        """Append these refusals, each by itself as far as this caller may have entries now.

        ``route`` has no ids in it. Raises nothing: what can't be written down now is counted, and
        the refusals stand all the same.
        """
        with self._lock:
            known = self._known(caller)
            alone = codes[: int(known.left)]
            known.left -= len(alone)
        if alone and not self._append([(caller, {"route": route, "code": code}) for code in alone]):
            alone = ()
        self._count(caller, route, codes[len(alone) :])

    def tell(self) -> None:
        """Append what was counted, an entry for each caller."""
        with self._lock:
            self._timer = None
            counted = [one for one in self._callers.values() if one.counted]
            told = [(one.caller, one.counted, one.since) for one in counted]
            for one in counted:
                one.counted = Counter()
        if not told:
            return
        now = self._bank.clock()
        entries = [(caller, _summary(counts, since, now)) for caller, counts, since in told]
        if not self._append(entries):
            for caller, counts, since in told:
                self._count_again(caller, counts, since)

    def close(self) -> None:
        """Append what was counted, and count no more."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
        self.tell()

    def _known(self, caller: Caller) -> _Caller:
        now = monotonic_seconds()
        known = self._callers.get(caller.principal_id)
        if known is None:
            if len(self._callers) >= _CALLERS_MAX:
                self._forget_the_quiet()
            known = self._callers[caller.principal_id] = _Caller(caller, float(ONE_BY_ONE), now)
        earned = (now - known.at) / TOGETHER_SECONDS
        known.left = min(known.left + earned, float(ONE_BY_ONE))
        known.at = now
        return known

    def _forget_the_quiet(self) -> None:
        self._callers = {name: one for name, one in self._callers.items() if one.counted}

    def _count(self, caller: Caller, route: str, codes: Sequence[str]) -> None:
        if codes:
            counts = Counter((route, code) for code in codes)
            self._count_again(caller, counts, self._bank.clock())

    def _count_again(self, caller: Caller, counts: Counter[tuple[str, str]], since: int) -> None:
        with self._lock:
            known = self._known(caller)
            known.since = min(known.since, since) if known.counted else since
            known.counted += counts
            if self._timer is None and not self._closed:
                self._timer = threading.Timer(TOGETHER_SECONDS, self.tell)
                self._timer.daemon = True
                self._timer.start()

    def _append(self, entries: Sequence[tuple[Caller, dict[str, Any]]]) -> bool:
        try:
            with self._bank.store.transaction() as session:
                for caller, said in entries:
                    record = {
                        "principal_id": caller.principal_id,
                        "role": caller.role,
                        "customer_id": caller.customer_id,
                        **said,
                    }
                    log_fact(
                        self._bank, session, REFUSAL, new_id("ref"), record, caller.customer_id
                    )
        except WalletError as failure:
            _log.warning("refusals are not in the log yet: %s", failure.detail)
            return False
        return True


def _summary(counts: Counter[tuple[str, str]], since: int, until: int) -> dict[str, Any]:
    """So many of each, in the order of route and code."""
    told = [
        {"route": route, "code": code, "times": times}
        for (route, code), times in sorted(counts.items())
    ]
    return {"refusals": told, "from": since, "to": until}
