"""One turn is one trace, whoever does its parts; a span says nothing but ids, kinds and numbers."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from adapters.telemetry.measuring import Measuring
from adapters.telemetry.traces import Traces
from bot.events import Wake
from bot.journal import Ask, Thought
from tests.stage import stage
from tests.twins.mind import ScriptedMind

REFUND = Ask(
    id="pay", action="demo.refund", arguments={"order": "1007", "amount": "5.00 EUR"}, reason="secretly"
)


@contextmanager
def traced() -> Generator[tuple[Measuring, list[ReadableSpan]]]:
    """What measures, and the spans it made, there once the block has ended."""
    exporter, found = InMemorySpanExporter(), list[ReadableSpan]()
    traces = Traces(version="1.0.0", exporter=exporter)
    yield Measuring(traces), found
    traces.close()
    found += exporter.get_finished_spans()


def of_turn(turn: str, spans: list[ReadableSpan]) -> list[ReadableSpan]:
    wanted = int(hashlib.sha256(turn.encode()).hexdigest()[:32], 16)
    return [span for span in spans if span.context is not None and span.context.trace_id == wanted]


def parents(spans: list[ReadableSpan]) -> dict[str, str]:
    """Each span by name, and the name of the one it hangs from."""
    names = {span.context.span_id: span.name for span in spans if span.context is not None}
    return {span.name: names.get(span.parent.span_id, "?") if span.parent else "" for span in spans}


async def test_a_turn_is_one_trace_from_the_delivery_to_the_deed_behind_the_press(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(text="I propose it.", asks=(REFUND,)), Thought(text="Paid.")])
    with traced() as (instruments, spans):
        async with stage(tmp_path, model=mind, instruments=instruments) as s:
            await s.say("please pay Gigi back, it is about my wedding")
            (parked,) = await s.look(lambda tx: tx.turns.parked())
            await s.press(s.card)
    hang = parents(of_turn(parked.id, spans))
    assert hang["accept twin"] == ""
    assert hang["turn twin"] == "accept twin"
    assert hang["think scripted"] == "turn twin"
    assert hang["deed demo"] == "accept twin", "another worker did it, much later"
    assert hang["message twin"] == "accept twin"
    assert "?" not in hang.values()


async def test_a_wake_begins_its_own_trace(tmp_path: Path) -> None:
    with traced() as (instruments, spans):
        async with stage(tmp_path, instruments=instruments) as s:
            await s.say("in 10 minutes, say drink")
            await s.forward(timedelta(minutes=10))
            (mission,) = await s.look(lambda tx: tx.missions.all(over=True))
            (run,) = await s.look(lambda tx: tx.occurrences.last(mission.id, 5))
            event = await s.look(lambda tx: tx.events.get(run.id))
            assert event is not None
            assert isinstance(event.body, Wake)
    hang = parents(of_turn(run.id, spans))
    assert hang["turn twin"] == ""
    assert hang["message twin"] == "turn twin"


async def test_spans_hold_no_word_of_anybody(tmp_path: Path) -> None:
    """SAFETY 45"""
    mind = ScriptedMind([Thought(text="I propose it.", asks=(REFUND,)), Thought(text="Paid.")])
    with traced() as (instruments, spans):
        async with stage(tmp_path, model=mind, instruments=instruments) as s:
            await s.say("please pay Gigi back, it is about my wedding")
            await s.press(s.card)
    assert len(spans) > 8
    told = " ".join(f"{span.name} {dict(span.attributes or {})} {span.status.description}" for span in spans)
    for word in ("wedding", "Gigi", "secretly", "propose", "1007", "5.00"):
        assert word not in told
    assert all(not span.events for span in spans), "an exception's text may quote somebody"
