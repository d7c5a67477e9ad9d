"""Every metric of /metrics, in a registry of its own. Nothing here is global, and nothing asks the store: gauges are set
from what was looked up before a scrape.

Labels have few values: systems, platforms, minds, kinds of events, outcomes; never an id, never a name of a person.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, TypeVar, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from adapters.telemetry.outcomes import TROUBLE, Ended
from bot.instruments import Part, Step
from bot.vitals import Vitals

Family = TypeVar("Family", bound=MetricWrapperBase)

CONTENT_TYPE = CONTENT_TYPE_LATEST

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10)
_SLOW = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_PRESENT = 1.0
_CALLS = frozenset({Part.READ, Part.PREVIEW, Part.DEED, Part.LOOK_UP})


class Around(NamedTuple):
    """What only this process knows, beside `Vitals`."""

    ready: bool
    workers: int
    doors: Mapping[str, bool]


class _Without(Collector):
    """A registry but for some of its metrics."""

    def __init__(self, registry: CollectorRegistry, names: Collection[str]) -> None:
        self._registry, self._names = registry, names

    def collect(self) -> Iterator[Metric]:
        return (each for each in self._registry.collect() if each.name not in self._names)


class Metrics:
    """Told of steps (see `measuring.Telling`), and of what a look at everything found."""

    def __init__(self, *, version: str, process: bool = True) -> None:
        self.registry = made = CollectorRegistry(auto_describe=False)
        self._counted: dict[tuple[MetricWrapperBase, tuple[str, ...]], MetricWrapperBase] = {}
        self._counters(made)
        self._histograms(made)
        self._gauges(made)
        self._info.labels(version).set(_PRESENT)
        if process:
            ProcessCollector(registry=made)

    def _counters(self, made: CollectorRegistry) -> None:
        self._arrivals = Counter(
            "vigie_arrivals",
            "What platforms, senders and people delivered, by whether it had been delivered before.",
            ["platform", "kind", "repeated"],
            registry=made,
        )
        self._turns = Counter(
            "vigie_turns", "Events handled to their end, or to an error.", ["kind", "outcome"], registry=made
        )
        self._thoughts = Counter(
            "vigie_thoughts", "Answers of minds, by how asking ended.", ["mind", "outcome"], registry=made
        )
        self._tokens = Counter(
            "vigie_tokens",
            "Tokens that models read (in) and wrote (out).",
            ["mind", "direction"],
            registry=made,
        )
        self._usd = Counter(
            "vigie_model_usd",
            "US dollars that models cost, where the price is known.",
            ["mind"],
            registry=made,
        )
        self._calls = Counter(
            "vigie_calls",
            "Calls to connected systems: reads, previews, deeds, and look-ups of what became of a deed.",
            ["system", "part", "outcome"],
            registry=made,
        )
        self._messages = Counter(
            "vigie_messages",
            "Messages handed to platforms; whatever is not ok or refused was not delivered at that try.",
            ["platform", "outcome"],
            registry=made,
        )
        self._errors = Counter(
            "vigie_provider_errors",
            "The other side did not do its part: a system, a platform, or a model.",
            ["provider", "error"],
            registry=made,
        )

    def _histograms(self, made: CollectorRegistry) -> None:
        self._ack = Histogram(
            "vigie_ack_seconds",
            "How long a platform waits until its delivery is kept and may be acknowledged.",
            ["platform"],
            buckets=_QUICK,
            registry=made,
        )
        self._waited = Histogram(
            "vigie_turn_wait_seconds",
            "From the moment an event was kept to the moment its turn began.",
            ["kind"],
            buckets=_SLOW,
            registry=made,
        )
        self._turn = Histogram(
            "vigie_turn_seconds", "How long a turn took.", ["kind"], buckets=_SLOW, registry=made
        )
        self._lag = Histogram(
            "vigie_wake_lag_seconds",
            "How late missions wake, from their due time to the beginning of the turn; wakes missed while nothing"
            " ran are left out.",
            buckets=_SLOW,
            registry=made,
        )
        self._think = Histogram(
            "vigie_think_seconds", "How long a mind took to answer.", ["mind"], buckets=_SLOW, registry=made
        )
        self._call = Histogram(
            "vigie_call_seconds",
            "How long a call to a connected system took.",
            ["system", "part"],
            buckets=_SLOW,
            registry=made,
        )
        self._message = Histogram(
            "vigie_message_seconds",
            "How long a platform took to take a message.",
            ["platform"],
            buckets=_SLOW,
            registry=made,
        )

    def _gauges(self, made: CollectorRegistry) -> None:
        named: list[str] = []

        def gauge(name: str, words: str, *labels: str) -> Gauge:
            named.append(name)
            return Gauge(name, words, labels, registry=made)

        own = {"vigie_info", "vigie_ready", "vigie_door_up", "vigie_workers_busy"}
        self._info = gauge("vigie_info", "Always 1; the version is in the label.", "version")
        self._ready = gauge("vigie_ready", "1 when /readyz says ready, else 0.")
        self._doors = gauge(
            "vigie_door_up", "1 while a chat's connection is alive both ways, else 0.", "door"
        )
        self._workers = gauge("vigie_workers_busy", "Workers under way in this process.")
        self._open = gauge("vigie_events_open", "Events kept and not handled yet.")
        self._age = gauge("vigie_queue_age_seconds", "How long the oldest of them has waited; 0 without any.")
        self._busy = gauge("vigie_places_busy", "Conversations that have something due.")
        self._later = gauge("vigie_places_postponed", "1 while something waits to be tried again, else 0.")
        self._presses = gauge("vigie_presses_waiting", "Cards that wait for a press.")
        self._oldest = gauge(
            "vigie_presses_oldest_seconds", "How long the oldest of them has waited; 0 without any."
        )
        self._unknown = gauge(
            "vigie_effects_unknown",
            "Deeds of which nobody knows whether they happened: a person has to look.",
        )
        self._missions = gauge("vigie_missions", "Missions that are not over, by phase.", "phase")
        self._frozen = gauge("vigie_frozen", "Freezes that stand.")
        self._incidents = gauge("vigie_incidents_open", "Incidents that are not resolved.")
        self._budget = gauge(
            "vigie_budget_used_ratio",
            "How much of today's limit for everyone together is used or held back; 1 is all of it.",
            "measure",
            "currency",
        )
        self._whole = frozenset(named) - own

    # Steps -------------------------------------------------------------------------------------------------

    def began(self, step: Step) -> object:
        return None

    def ended(self, step: Step, kept: object, how: Ended, seconds: float, noted: Mapping[str, float]) -> None:
        match step.part:
            case Part.ACCEPT:
                self._at(self._ack, step.of).observe(seconds)
                if how is Ended.OK:
                    repeated = "no" if noted.get("fresh", 1) else "yes"
                    self._at(self._arrivals, step.of, step.kind, repeated).inc()
                return
            case Part.TURN:
                self._of_turn(step, how, seconds, noted)
                return
            case Part.THINK:
                self._of_thought(step, how, seconds, noted)
            case Part.MESSAGE:
                self._at(self._messages, step.of, how).inc()
                self._at(self._message, step.of).observe(seconds)
            case Part.READ | Part.PREVIEW | Part.DEED | Part.LOOK_UP:
                self._at(self._calls, step.of, step.part, how).inc()
                self._at(self._call, step.of, step.part).observe(seconds)
        if how in TROUBLE:
            self._at(self._errors, step.of, how).inc()

    def _of_turn(self, step: Step, how: Ended, seconds: float, noted: Mapping[str, float]) -> None:
        self._at(self._turns, step.kind, how).inc()
        self._at(self._turn, step.kind).observe(seconds)
        if (waited := noted.get("waited")) is not None:
            self._at(self._waited, step.kind).observe(waited)
        if (late := noted.get("late")) is not None:
            self._lag.observe(late)

    def _of_thought(self, step: Step, how: Ended, seconds: float, noted: Mapping[str, float]) -> None:
        self._at(self._thoughts, step.of, how).inc()
        self._at(self._think, step.of).observe(seconds)
        if noted.get("tokens_in") or noted.get("tokens_out"):
            self._at(self._tokens, step.of, "in").inc(noted.get("tokens_in", 0))
            self._at(self._tokens, step.of, "out").inc(noted.get("tokens_out", 0))
        if usd := noted.get("micro_usd"):
            self._at(self._usd, step.of).inc(usd / 1_000_000)

    def _at(self, family: Family, *labels: str) -> Family:
        """Where these labels are counted. The library looks for it with a lock, and makes a text of each label, every
        time; of these there are few, and a turn counts in a dozen."""
        found = self._counted.get((family, labels))
        if found is None:
            found = self._counted[family, labels] = family.labels(*labels)
        return cast("Family", found)

    # Scrapes -----------------------------------------------------------------------------------------------

    def text(self, vitals: Vitals | None, around: Around) -> bytes:
        """Everything as Prometheus reads it, with the gauges as of now. Without vitals, because the store is away, what
        this process counted and that it is not ready: old numbers of the installation would say that all is well."""
        self._ready.set(around.ready)
        self._workers.set(around.workers)
        for door, up in around.doors.items():
            self._doors.labels(door).set(up)
        if vitals is None:
            return generate_latest(_Without(self.registry, self._whole))
        self._open.set(vitals.events_open)
        self._age.set(vitals.queue_age)
        self._busy.set(vitals.places_busy)
        self._later.set(vitals.postponed)
        self._presses.set(vitals.presses)
        self._oldest.set(vitals.presses_age)
        self._unknown.set(vitals.unknown)
        self._frozen.set(vitals.frozen)
        self._incidents.set(vitals.incidents)
        for gauge, values in ((self._missions, vitals.missions), (self._budget, vitals.budgets)):
            # What is gone since the last scrape must not stand for ever.
            gauge.clear()
            for labels, value in values.items():
                gauge.labels(*labels).set(value)
        return generate_latest(self.registry)
