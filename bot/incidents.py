"""Incidents: something is wrong until it is over. Firing, acknowledged by somebody, resolved. Pure.

Everything that one source says under one group is one incident while it goes on; told again it changes nothing, and
told again too late neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import Stale
from bot.events import Alert, Condition, Signal
from bot.people import Person
from bot.rules import Hours

MOST_ALERTS = 200
LOUD = frozenset({"critical", "page", "emergency", "fatal", "disaster"})
"""Severities that do not wait for the morning."""


class Stage(StrEnum):
    """How far it is."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


def is_loud(severity: str) -> bool:
    """Whether something so severe may disturb people at night."""
    return severity.casefold() in LOUD


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`number` is what people call it by, `ref` what its buttons carry. `escalate_at` is when somebody else hears of
    it unless it is acknowledged before; `revision` moves with every change."""

    id: str
    number: int
    space: str
    ref: str
    source: str
    group: str
    place: str
    lang: str = "en"
    zone: str = "UTC"
    name: str
    summary: str
    severity: str = ""
    link: str = ""
    alerts: tuple[Alert, ...] = ()
    stage: Stage = Stage.FIRING
    opened: datetime
    changed: datetime
    acknowledged_by: str = ""
    resolved_by: str = ""
    escalate_at: datetime | None = None
    escalated_to: str = ""
    revision: int = 1

    @property
    def slot(self) -> str:
        """Its one message, in every place where it stands."""
        return f"incident:{self.id}"

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that go on."""
        return tuple(alert for alert in self.alerts if alert.condition is Condition.FIRING)

    @property
    def loud(self) -> bool:
        """Whether it may disturb people at night."""
        return is_loud(self.severity)

    def hear(self, signal: Signal, now: datetime) -> "Incident":
        """As the signal says it stands now; itself when that is nothing new."""
        over = signal.condition is Condition.RESOLVED
        alerts = _merged(self.alerts, signal.alerts, over=over)
        stage = Stage.RESOLVED if over else self.stage
        summary, severity = signal.summary or self.summary, signal.severity or self.severity
        after = replace(
            self,
            alerts=alerts,
            stage=stage,
            summary=self.summary if over else summary,
            severity=self.severity if over else severity,
            escalate_at=None if over else self.escalate_at,
        )
        return self if after == self else replace(after, changed=now, revision=self.revision + 1)

    def acknowledge(self, person: str, now: datetime) -> "Incident":
        """Somebody looks after it. Raises Stale when that is no longer to be had."""
        if self.stage is Stage.RESOLVED:
            raise Stale("this incident is over already")
        if self.stage is Stage.ACKNOWLEDGED:
            raise Stale("somebody looks after this incident already")
        return replace(
            self,
            stage=Stage.ACKNOWLEDGED,
            acknowledged_by=person,
            escalate_at=None,
            changed=now,
            revision=self.revision + 1,
        )

    def resolve(self, person: str, now: datetime) -> "Incident":
        """A person says that it is over. Raises Stale when it was before."""
        if self.stage is Stage.RESOLVED:
            raise Stale("this incident is over already")
        return replace(
            self,
            stage=Stage.RESOLVED,
            resolved_by=person,
            escalate_at=None,
            alerts=_merged(self.alerts, (), over=True),
            changed=now,
            revision=self.revision + 1,
        )

    def escalated(self, person: str, now: datetime) -> "Incident":
        """Somebody else was told."""
        return replace(self, escalate_at=None, escalated_to=person, changed=now, revision=self.revision + 1)

    def put_off(self, until: datetime) -> "Incident":
        """Whoever is to be told sleeps until then."""
        return replace(self, escalate_at=until, revision=self.revision + 1)


def _merged(before: Sequence[Alert], told: Sequence[Alert], *, over: bool) -> tuple[Alert, ...]:
    """By id, in the order in which they came; all of them over when the group is."""
    found = {alert.id: alert for alert in before}
    found.update({alert.id: alert for alert in told})
    alerts = tuple(found.values())[:MOST_ALERTS]
    return tuple(replace(alert, condition=Condition.RESOLVED) for alert in alerts) if over else alerts


def news(before: Incident | None, signal: Signal) -> bool:
    """Whether something began that was not known to go on: then, and only then, missions wake for it again."""
    known = (
        {alert.id for alert in before.firing} if before and before.stage is not Stage.RESOLVED else set[str]()
    )
    if before is None or before.stage is Stage.RESOLVED:
        return True
    return any(each.condition is Condition.FIRING and each.id not in known for each in signal.alerts)


def belated(last: Incident | None, signal: Signal) -> bool:
    """Whether this tells only what was over before: a delivery that was tried for so long that its end came
    first. Or that something is over which nobody heard of."""
    if last is None or last.stage is Stage.RESOLVED:
        if signal.condition is Condition.RESOLVED:
            return True
        known = (
            {(alert.id, alert.since) for alert in last.alerts if alert.since}
            if last
            else set[tuple[str, str]]()
        )
        firing = [each for each in signal.alerts if each.condition is Condition.FIRING]
        return bool(firing) and all((each.id, each.since) in known for each in firing)
    return False


STEP = timedelta(minutes=15)


def when_awake(now: datetime, person: Person, quiet: Hours | None) -> datetime:
    """The next moment, in quarters of an hour, at which quiet hours do not hold for this person; now if they do
    not, and if they always do."""
    at = now
    for _ in range(8 * 24 * 4):
        if quiet is None or not quiet.hold(at, person.zone or "UTC"):
            return at
        at += STEP
    return now
