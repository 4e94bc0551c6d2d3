"""Named points of the pipeline: places where a process can be killed, stopped or cut off.

The product knows nothing of them. A test's worker process wraps the product's functions after it has
been forked, so each name stands at a seam that is there anyway: before and after a commit, before and
after a call to the node.
"""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from sqlalchemy import event

from wallet_chain.errors import StoreUnavailable
from wallet_chain.pipeline import engine, index, send
from wallet_chain.pipeline.bind import Binder
from wallet_chain.pipeline.index import Indexer
from wallet_chain.pipeline.readiness import Readiness
from wallet_chain.pipeline.replace import Replacer
from wallet_chain.pipeline.send import Sender
from wallet_chain.store.engine import Store

POINTS = {
    "accept.uncommitted": "request, order and operation are written but not committed",
    "accept.committed": "they are committed, nobody was told",
    "bind.begun": "there is work, no lane was looked at",
    "bind.uncommitted": "nonce taken, signed, bytes written, not committed",
    "bind.committed": "committed, not sent",
    "send.before": "the bytes are about to go",
    "send.inside": "the node has them, its answer has not left it",
    "send.answered": "the answer is here, nothing is noted",
    "mark.uncommitted": "noted as sent, not committed",
    "mark.committed": "noted as sent",
    "index.seen": "a block was fetched and verified, nothing is written",
    "finish.begun": "its events are written, its operations have not ended",
    "project.uncommitted": "the whole block is written, not committed",
    "project.committed": "committed, who waits was not woken",
    "recover.compared": "at a start: lanes were compared, nothing was sent again",
    "statement": "before any SQL statement that writes",
    "anywhere": "at any moment, from outside",
}
"""Every point, and how things stand there."""

RARE_POINTS = {
    "version.uncommitted": "another version of a transaction is signed and written, not committed",
    "version.committed": "it is committed, not sent",
}
"""Points that are reached only where a transaction is replaced, and left out elsewhere."""


@dataclass(frozen=True, slots=True)
class Armed:
    """What happens at which passing of which point."""

    point: str
    passing: int = 1
    action: str = "kill"
    """``kill``, ``stop``, ``cut`` (the database's connections end) or ``unsure`` (the commit is done,
    but its answer is an error)."""


class Points:
    """Counts passings in one process, and acts at the one that is armed."""

    def __init__(self, tell: Callable[..., None], armed: Armed | None) -> None:
        self._tell = tell
        self._armed = armed
        self._passed: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._labels = threading.local()
        self.cut: Callable[[], None] = lambda: None

    def arm(self, armed: Armed | None) -> None:
        """From now on this happens, counted anew; with None nothing."""
        with self._lock:
            self._armed = armed
            self._passed.clear()

    def pass_by(self, point: str) -> None:
        """Somebody is at this point."""
        with self._lock:
            armed = self._armed
            if armed is None or armed.point != point:
                return
            self._passed[point] += 1
            if self._passed[point] != armed.passing:
                return
            self._armed = None
            self._tell("reached", armed.point, armed.action)
            if armed.action == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            elif armed.action == "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
        if armed.action == "cut":
            self.cut()
        elif armed.action == "unsure":
            raise StoreUnavailable("The connection broke; whether it was committed is not known.")

    @contextmanager
    def labelled(self, label: str) -> Iterator[None]:
        """Transactions of this thread are named so meanwhile."""
        before = getattr(self._labels, "name", "other")
        self._labels.name = label
        try:
            yield
        finally:
            self._labels.name = before

    @property
    def label(self) -> str:
        """How this thread's transactions are named."""
        return str(getattr(self._labels, "name", "other"))


def install(points: Points) -> None:
    """Wrap the product's functions in this process, for good."""
    _wrap_transactions(points)
    _wrap_statements(points)
    _name_transactions(points, Binder, "bind", "bind")
    _name_transactions(points, Readiness, "compare", "compare")
    _name_transactions(points, Sender, "_note", "mark")
    _name_transactions(points, Replacer, "replace", "version")
    _name_transactions(points, Indexer, "_apply", "project", before="index.seen")
    _before(points, Readiness, "ready", "bind.begun")
    _before(points, index, "finish", "finish.begun")
    _name_transactions(points, engine, "expire", "expire")
    _around_sending(points)
    _before_resending(points)


def _wrap_transactions(points: Points) -> None:
    original = Store.transaction

    @contextmanager
    def transaction(self: Store) -> Iterator[Any]:
        with original(self) as session:
            yield session
            points.pass_by(f"{points.label}.uncommitted")
        points.pass_by(f"{points.label}.committed")

    Store.transaction = transaction  # type: ignore[method-assign]


def _wrap_statements(points: Points) -> None:
    original = Store.open.__func__  # type: ignore[attr-defined]

    def before(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("SELECT", "PRAGMA")):
            points.pass_by("statement")

    def opened(cls: type[Store], *arguments: Any) -> Store:
        store: Store = original(cls, *arguments)
        event.listen(store._writing, "before_cursor_execute", before)
        return store

    Store.open = classmethod(opened)  # type: ignore[assignment, method-assign]


def _name_transactions(
    points: Points, owner: Any, name: str, label: str, before: str | None = None
) -> None:
    original = getattr(owner, name)

    @wraps(original)
    def named(*arguments: Any, **keywords: Any) -> Any:
        with points.labelled(label):
            if before is not None:
                points.pass_by(before)
            return original(*arguments, **keywords)

    setattr(owner, name, named)


def _before(points: Points, owner: Any, name: str, point: str) -> None:
    original = getattr(owner, name)

    @wraps(original)
    def passed(*arguments: Any, **keywords: Any) -> Any:
        points.pass_by(point)
        return original(*arguments, **keywords)

    setattr(owner, name, passed)


def _around_sending(points: Points) -> None:
    original = send.send_raw

    def send_raw(*arguments: Any) -> None:
        points.pass_by("send.before")
        try:
            original(*arguments)
        finally:
            points.pass_by("send.answered")

    send.send_raw = send_raw


def _before_resending(points: Points) -> None:
    original = Sender.send

    def send_all(self: Sender, *, everything: bool = False) -> int:
        if everything:
            points.pass_by("recover.compared")
        return original(self, everything=everything)

    Sender.send = send_all  # type: ignore[method-assign]
