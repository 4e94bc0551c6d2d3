"""Threads that wait for operations to become final, and what wakes them."""

import threading
from collections import defaultdict
from collections.abc import Iterable

from wallet_chain.clock import monotonic_seconds
from wallet_chain.pipeline.finish import OPEN_STATES
from wallet_chain.store.engine import Store
from wallet_chain.store.tables import Operation

_LOOK_SECONDS = 0.25
"""Where another process may index, nobody wakes this one."""


class FinalWaiters:
    """Wakes who waits for an operation as soon as its last state is committed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._waiting: dict[str, set[threading.Event]] = defaultdict(set)

    def wait(self, operation_id: str, timeout_seconds: float) -> Operation | None:
        """The operation when it is final, or as it stands after the time; None if unknown."""
        deadline = monotonic_seconds() + timeout_seconds
        event = threading.Event()
        with self._lock:
            self._waiting[operation_id].add(event)
        try:
            while True:
                operation = self._read(operation_id)
                left = deadline - monotonic_seconds()
                if operation is None or operation.state not in OPEN_STATES or left <= 0:
                    return operation
                event.wait(left if self._store.is_sqlite else min(left, _LOOK_SECONDS))
        finally:
            with self._lock:
                self._waiting[operation_id].discard(event)
                if not self._waiting[operation_id]:
                    del self._waiting[operation_id]

    def wake(self, operation_ids: Iterable[str]) -> None:
        """Wake who waits for these."""
        with self._lock:
            for operation_id in operation_ids:
                for event in self._waiting.get(operation_id, ()):
                    event.set()

    def _read(self, operation_id: str) -> Operation | None:
        with self._store.reading() as session:
            return session.get(Operation, operation_id)
