"""A collector of OpenTelemetry traces: a real HTTP server that reads what the product sends."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from wallet_chain.clock import monotonic_seconds, pause

SECONDS_MAX = 20.0


@dataclass(frozen=True)
class Span:
    """As it arrived; ids in hex, times in Unix nanoseconds."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    began: int
    ended: int
    failed: bool
    facts: dict[str, Any]
    process: dict[str, Any]
    """What is said of the process that has sent it."""


class Collector:
    """What has arrived so far."""

    def __init__(self) -> None:
        self.url = ""
        self.raw = b""
        """All bodies, one after the other."""
        self._spans: list[Span] = []
        self._lock = threading.Lock()

    def take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        found = [
            Span(
                name=span.name,
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_id=span.parent_span_id.hex(),
                began=span.start_time_unix_nano,
                ended=span.end_time_unix_nano,
                failed=span.status.code == 2,
                facts=_plain(span.attributes),
                process=_plain(of_process.resource.attributes),
            )
            for of_process in request.resource_spans
            for scope in of_process.scope_spans
            for span in scope.spans
        ]
        with self._lock:
            self.raw += body
            self._spans += found

    def of(self, trace_id: str) -> list[Span]:
        """The spans of one trace, in the order in which they began."""
        with self._lock:
            found = [span for span in self._spans if span.trace_id == trace_id]
        return sorted(found, key=lambda span: span.began)

    def all(self) -> list[Span]:
        with self._lock:
            return list(self._spans)

    def wait(self, trace_id: str, *names: str) -> list[Span]:
        """The trace, once it has spans of these names."""

        def is_there() -> bool:
            return set(names) <= {span.name for span in self.of(trace_id)}

        return self.wait_until(trace_id, is_there)

    def wait_until(self, trace_id: str, is_there: Callable[[], bool]) -> list[Span]:
        until = monotonic_seconds() + SECONDS_MAX
        while not is_there() and monotonic_seconds() < until:
            pause(0.02)
        spans = self.of(trace_id)
        assert is_there(), [span.name for span in spans]
        return spans


def _plain(attributes: Any) -> dict[str, Any]:
    said = {}
    for one in attributes:
        kind = one.value.WhichOneof("value")
        value = getattr(one.value, kind)
        said[one.key] = [v.string_value for v in value.values] if kind == "array_value" else value
    return said


@contextmanager
def collector() -> Iterator[Collector]:
    """A collector on a free port of the loopback interface."""
    taken = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/v1/traces"
            assert self.headers["content-type"] == "application/x-protobuf"
            taken.take(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
