"""The metrics count what happens, and nothing that ships names one that is not there."""

import itertools
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.telemetry.measuring import Measuring
from adapters.telemetry.metrics import Around, Metrics
from bot import vitals
from bot.errors import Unreachable
from bot.instruments import Part, Step
from bot.journal import Ask, Cost, Thought
from tests.docs.metrics import name_of, ours
from tests.running import ROOT
from tests.stage import Stage, stage
from tests.twins.mind import ScriptedMind

AROUND = Around(ready=True, workers=0, doors={"slack": True})
_USED = re.compile(r"\b(?:vigie|process)_\w+|\bup\b")
LOOK = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
REFUND = Ask(id="pay", action="demo.refund", arguments={"order": "1007", "amount": "5.00 EUR"})
COST = Cost(calls=1, tokens_in=1_000, tokens_out=200, micro_usd=2_500_000)


async def scraped(s: Stage, metrics: Metrics, around: Around = AROUND) -> dict[str, float]:
    """Every sample, by name and labels as Prometheus writes them."""
    text = metrics.text(await vitals.look(house=s.house), around).decode()
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def test_a_turn_is_counted_from_its_delivery_to_the_answer(tmp_path: Path) -> None:
    metrics = Metrics(version="1.0.0", process=False)
    mind = ScriptedMind(
        [
            Thought(asks=(LOOK,), cost=COST),
            Thought(asks=(REFUND,), cost=COST),
            Thought(text="Paid back.", cost=COST),
        ]
    )
    async with stage(tmp_path, model=mind, instruments=Measuring(metrics)) as s:
        await s.say("pay back what is late")
        waiting = await scraped(s, metrics)
        assert waiting["vigie_presses_waiting"] == 1
        s.clock.forward(timedelta(minutes=5))
        assert (await scraped(s, metrics))["vigie_presses_oldest_seconds"] == 300
        await s.press(s.card)
        found = await scraped(s, metrics)
    assert found["vigie_presses_waiting"] == 0
    assert found["vigie_presses_oldest_seconds"] == 0
    assert found["vigie_arrivals_total{kind=message,platform=twin,repeated=no}"] == 1
    assert found["vigie_arrivals_total{kind=press,platform=twin,repeated=no}"] == 1
    assert found["vigie_ack_seconds_count{platform=twin}"] == 2
    assert found["vigie_turns_total{kind=message,outcome=ok}"] == 1
    assert found["vigie_turns_total{kind=resume,outcome=ok}"] == 1
    assert found["vigie_thoughts_total{mind=scripted,outcome=ok}"] == 3
    assert found["vigie_tokens_total{direction=in,mind=scripted}"] == 3_000
    assert found["vigie_tokens_total{direction=out,mind=scripted}"] == 600
    assert found["vigie_model_usd_total{mind=scripted}"] == 7.5
    assert found["vigie_calls_total{outcome=ok,part=read,system=demo}"] == 1
    assert found["vigie_calls_total{outcome=ok,part=deed,system=demo}"] == 1
    assert found["vigie_messages_total{outcome=ok,platform=twin}"] >= 2
    assert found["vigie_budget_used_ratio{currency=,measure=model money}"] == 0.375
    assert found["vigie_budget_used_ratio{currency=EUR,measure=money}"] == 0.0005


async def test_a_delivery_that_came_before_is_counted_as_that(tmp_path: Path) -> None:
    metrics = Metrics(version="1.0.0", process=False)
    async with stage(tmp_path, instruments=Measuring(metrics)) as s:
        await s.say("status")
        s.numbers = itertools.count(1)  # the platform delivers it again
        await s.say("status")
        found = await scraped(s, metrics)
    assert found["vigie_arrivals_total{kind=message,platform=twin,repeated=yes}"] == 1
    assert found["vigie_turns_total{kind=message,outcome=ok}"] == 1


async def test_how_late_a_mission_wakes_is_measured_from_its_due_time(tmp_path: Path) -> None:
    metrics = Metrics(version="1.0.0", process=False)
    async with stage(tmp_path, instruments=Measuring(metrics)) as s:
        await s.say("in 10 minutes, say drink")
        await s.forward(timedelta(minutes=10, seconds=2))
        found = await scraped(s, metrics)
    assert found["vigie_wake_lag_seconds_count"] == 1
    assert found["vigie_wake_lag_seconds_sum"] == 2


async def test_a_model_that_does_not_answer_is_an_error_of_its_provider(tmp_path: Path) -> None:
    metrics = Metrics(version="1.0.0", process=False)
    mind = ScriptedMind([Unreachable("no route"), Thought(text="here again")])
    async with stage(tmp_path, model=mind, instruments=Measuring(metrics)) as s:
        await s.say("please look after Gigi")
        found = await scraped(s, metrics)
        assert found["vigie_events_open"] == 1
        assert found["vigie_places_postponed"] == 1
        await s.forward(timedelta(seconds=20))
        assert (await scraped(s, metrics))["vigie_queue_age_seconds"] == 20
    assert found["vigie_provider_errors_total{error=unreachable,provider=scripted}"] == 1
    assert found["vigie_thoughts_total{mind=scripted,outcome=unreachable}"] == 1


async def test_a_message_that_the_platform_does_not_take_is_counted(tmp_path: Path) -> None:
    metrics = Metrics(version="1.0.0", process=False)
    async with stage(tmp_path, instruments=Measuring(metrics)) as s:
        s.chat.faults.append(Unreachable("HTTP 503"))
        await s.say("status")
        found = await scraped(s, metrics)
    assert found["vigie_messages_total{outcome=unreachable,platform=twin}"] == 1
    assert found["vigie_provider_errors_total{error=unreachable,provider=twin}"] == 1


async def test_what_is_over_is_not_counted_for_ever(tmp_path: Path) -> None:
    metrics = Metrics(version="1.0.0", process=False)
    async with stage(tmp_path, instruments=Measuring(metrics)) as s:
        await s.begin("every day at 9:00, say hello")
        assert (await scraped(s, metrics))["vigie_missions{phase=active}"] == 1
        await s.say("cancel 1")
        assert "vigie_missions{phase=active}" not in await scraped(s, metrics)
        await s.say("freeze")
        assert (await scraped(s, metrics))["vigie_frozen"] == 1


def test_an_error_passes_through_what_measures_it() -> None:
    metrics = Metrics(version="1.0.0", process=False)
    step = Step(part=Part.DEED, of="demo")
    with pytest.raises(Unreachable, match="not now"), Measuring(metrics).over(step):
        raise Unreachable("not now")


# What ships beside it --------------------------------------------------------------------------------------


def known() -> set[str]:
    """Every name Prometheus may store, and those it adds itself."""
    names = {"up", "process_resident_memory_bytes", "process_open_fds"}
    for metric in ours(Metrics(version="1.0.0", process=False).registry):
        name = name_of(metric)
        (described,) = metric.describe()
        more = ("_bucket", "_count", "_sum") if described.type == "histogram" else ()
        names |= {name, *(name + each for each in more)}
    return names


def test_alerts_and_dashboard_name_only_what_is_there() -> None:
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8")
    asked = set(_USED.findall("\n".join(re.findall(r"expr: (.+)", rules))))
    for panel in json.loads((ROOT / "deploy/grafana/vigie.json").read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            asked |= set(_USED.findall(target["expr"]))
    assert asked <= known()


def test_every_metric_is_on_the_dashboard() -> None:
    """One that nobody looks at is not worth counting."""
    board = (ROOT / "deploy/grafana/vigie.json").read_text(encoding="utf-8")
    unseen = [
        name_of(each)
        for each in ours(Metrics(version="1.0.0", process=False).registry)
        if not re.search(rf"\b{name_of(each)}(_bucket)?\b", board)
    ]
    assert not unseen


def test_what_operators_are_told_of_each_alert_is_in_the_page() -> None:
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8")
    page = (ROOT / "docs/how-to/operate.md").read_text(encoding="utf-8")
    assert set(re.findall(r"alert: (\w+)", rules)) == set(re.findall(r"`(Vigie[A-Z]\w+)`", page))


def test_no_label_holds_an_id() -> None:
    """A label with many values is a series for each of them, and may say who."""
    few = {"platform", "kind", "repeated", "outcome", "mind", "direction", "system", "part", "provider"}
    few |= {"error", "version", "door", "phase", "measure", "currency"}
    for metric in ours(Metrics(version="1.0.0", process=False).registry):
        assert set(vars(metric)["_labelnames"]) <= few
