"""Where the time of a request goes, from its first byte to the block: for who collects traces.

A piece of work is told of as a span of OpenTelemetry. Who asked is remembered as a ``traceparent`` (W3C
Trace Context) on the thread and with each operation, so that another process goes on with the same
trace. Without a collector nothing of this happens. A span tells ids, hashes, numbers and declared
names, as the log does.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Protocol

Fact = str | int | bool | tuple[str, ...]
Facts = Mapping[str, Fact]
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)
_log = logging.getLogger(__name__)


class Serving(Protocol):
    """A request that is being served."""

    @property
    def traceparent(self) -> str | None:
        """What names it as the parent of other spans; None where this trace is not recorded."""
        ...

    def answered(self, name: str, facts: Facts, *, failed: bool) -> None:
        """It is over; what it was is known only now."""
        ...


class Traces(Protocol):
    """Where spans go. Nothing here waits for a collector, or fails because of one."""

    def serving(self, headers: Mapping[str, str]) -> Serving:
        """A request begins; its headers may name the caller's span."""
        ...

    def tell(
        self,
        parent: str,
        name: str,
        began: int,
        ended: int,
        facts: Facts,
        *,
        failed: bool = False,
    ) -> str | None:
        """Tell of work that is over, in Unix nanoseconds, under the span ``parent``.

        Answers with the ``traceparent`` by which others can stand under it.
        """
        ...

    def close(self) -> None:
        """Send what was not sent yet, for a few seconds at most."""
        ...


def current() -> str | None:
    """The span that what is done now belongs to, as a ``traceparent``; None where nobody asked."""
    return _current.get()


@contextmanager
def within(traceparent: str | None) -> Iterator[None]:
    """What is done inside belongs to this span, in threads that work for it too."""
    token = _current.set(traceparent)
    try:
        yield
    finally:
        _current.reset(token)


def open_traces(endpoint: str, resources: ExitStack) -> Traces | None:
    """Traces to the collector at this address (OTLP over HTTP), ended with ``resources``; None where
    none is named, or where the packages are missing, which the log is told."""
    if not endpoint:
        return None
    try:
        from wallet_chain.otlp import OtlpTraces  # noqa: PLC0415
    except ImportError:
        _log.warning(
            "no traces are sent: pip install 'wallet-chain[otel]' brings the packages for it"
        )
        return None
    traces = OtlpTraces(endpoint)
    resources.callback(traces.close)
    return traces
