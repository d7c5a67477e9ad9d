"""Steps as OpenTelemetry spans (the extra `traces`). Spans carry ids and numbers, never a word of anybody's.

A turn is one trace, from the platform's delivery to the last call a press lets through, though hours and processes may
lie between: its id is reckoned from the turn's, so nothing has to be carried along. Tracer and exporter are this
object's own; nothing global is touched. Where they send to is said by OpenTelemetry's own variables.
"""

import hashlib
import random
from collections.abc import Mapping
from contextvars import Token
from typing import NamedTuple

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from adapters.telemetry import ids
from adapters.telemetry.outcomes import TROUBLE, Ended
from bot.instruments import Part, Step

_KINDS = {
    Part.ACCEPT: SpanKind.SERVER,
    Part.TURN: SpanKind.CONSUMER,
}
_WITHOUT_DELIVERY = frozenset({"wake", "take_back"})
"""Events that no platform delivers: their turn is the first span of their trace."""


class _Kept(NamedTuple):
    span: Span
    token: Token[Context]


class _Ids(IdGenerator):
    """Random ids, but for the first span of a trace."""

    def __init__(self) -> None:
        self.first: str = ""
        """The turn whose first span is made next."""

    def generate_trace_id(self) -> int:
        return trace_id(self.first) if self.first else _number(128)

    def generate_span_id(self) -> int:
        return _root_id(self.first) if self.first else _number(64)


class Traces:
    """Told of steps (see `measuring.Telling`). `close` sends what waits."""

    def __init__(self, *, version: str, exporter: SpanExporter | None = None) -> None:
        """`exporter` None sends to where OTEL_EXPORTER_OTLP_ENDPOINT says."""
        self._ids = _Ids()
        resource = Resource.create({"service.name": "vigie", "service.version": version})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("vigie", version)

    def close(self) -> None:
        """Blocks for some seconds at most, when nobody listens."""
        self._provider.shutdown()

    def began(self, step: Step) -> object:
        span = self._begun(step)
        return _Kept(span, context.attach(trace.set_span_in_context(span)))

    def _begun(self, step: Step) -> Span:
        name = f"{step.part} {step.of}".strip()
        facts = {
            f"vigie.{name}": value for name, value in {**ids.of(step), "kind": step.kind}.items() if value
        }
        kind = _KINDS.get(step.part, SpanKind.CLIENT)
        if _is_first(step):
            # Between these lines nothing else runs: the ids are asked for inside.
            self._ids.first = step.turn
            try:
                return self._tracer.start_span(name, context=Context(), kind=kind, attributes=facts)
            finally:
                self._ids.first = ""
        return self._tracer.start_span(name, context=_parent(step), kind=kind, attributes=facts)

    def ended(self, step: Step, kept: object, how: Ended, seconds: float, noted: Mapping[str, float]) -> None:
        assert isinstance(kept, _Kept)
        kept.span.set_attributes({f"vigie.{name}": float(value) for name, value in noted.items()})
        kept.span.set_attribute("vigie.outcome", how.value)
        if how in TROUBLE:
            kept.span.set_status(Status(StatusCode.ERROR, how.value))
        kept.span.end()
        context.detach(kept.token)


def _is_first(step: Step) -> bool:
    if step.part is Part.ACCEPT:
        return True
    return step.part is Part.TURN and step.kind in _WITHOUT_DELIVERY


def _parent(step: Step) -> Context:
    """The step around it when it is of the same turn, else the turn's first span, wherever that was made."""
    around = trace.get_current_span().get_span_context()
    if not step.turn or around.trace_id == trace_id(step.turn):
        return context.get_current()
    root = SpanContext(
        trace_id(step.turn), _root_id(step.turn), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )
    return trace.set_span_in_context(NonRecordingSpan(root), Context())


def trace_id(turn: str) -> int:
    """The trace of a turn: the first half of the SHA-256 of its id, so that anybody can look it up."""
    return int.from_bytes(hashlib.sha256(turn.encode()).digest()[:16], "big")


def _root_id(turn: str) -> int:
    return int.from_bytes(hashlib.sha256(turn.encode()).digest()[16:24], "big")


def _number(bits: int) -> int:
    return random.getrandbits(bits) or 1
