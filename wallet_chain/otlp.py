"""Spans to a collector of OpenTelemetry, as Protobuf over HTTP (OTLP).

Beside the collector's address the standard variables apply: ``OTEL_SERVICE_NAME``,
``OTEL_RESOURCE_ATTRIBUTES``, ``OTEL_EXPORTER_OTLP_HEADERS``, ``OTEL_TRACES_SAMPLER`` and what else the
SDK reads.
"""

from collections.abc import Mapping
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from wallet_chain import __version__
from wallet_chain.ids import new_id
from wallet_chain.traces import Facts

_PATH = "/v1/traces"
_HEADERS = ("traceparent", "tracestate")
_W3C = TraceContextTextMapPropagator()
_NOBODY = set_span_in_context(INVALID_SPAN)


class OtlpTraces:
    """Gathers spans, and sends them from a thread of its own."""

    def __init__(self, endpoint: str) -> None:
        """``endpoint`` is the collector's base address, e.g. ``http://127.0.0.1:4318``."""
        ours = Resource.create(
            {
                "service.name": "wallet-chain",
                "service.version": __version__,
                "service.instance.id": new_id("run"),
            }
        )
        self._provider = TracerProvider(
            resource=ours.merge(OTELResourceDetector().detect()), shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + _PATH)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("wallet_chain", __version__)

    def serving(self, headers: Mapping[str, str]) -> "_Request":
        """A request begins; its headers may name the caller's span."""
        named = {name: headers[name] for name in _HEADERS if name in headers}
        parent = _W3C.extract(named, _NOBODY)
        return _Request(self._tracer.start_span("request", parent, SpanKind.SERVER))

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
        """Tell of work that is over; see ``Traces``."""
        under = _W3C.extract({"traceparent": parent}, _NOBODY)
        span = self._tracer.start_span(name, under, attributes=_named(facts), start_time=began)
        if failed:
            span.set_status(StatusCode.ERROR)
        span.end(max(began, ended))
        return _traceparent(span)

    def close(self) -> None:
        """Send what was not sent yet."""
        self._provider.shutdown()


class _Request:
    def __init__(self, span: Span) -> None:
        self._span = span
        self.traceparent = _traceparent(span)

    def answered(self, name: str, facts: Facts, *, failed: bool) -> None:
        """It is over."""
        self._span.update_name(name)
        self._span.set_attributes(_named(facts))
        if failed:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


def _named(facts: Facts) -> dict[str, Any]:
    """Under names that are nobody else's; those of the semantic conventions have a dot in them."""
    return {name if "." in name else f"wallet_chain.{name}": fact for name, fact in facts.items()}


def _traceparent(span: Span) -> str | None:
    if not span.is_recording() and not span.get_span_context().trace_flags.sampled:
        return None
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, set_span_in_context(span))
    return carrier.get("traceparent")
