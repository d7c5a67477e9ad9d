"""Thresholds: when a number that is watched is worth waking somebody. Pure: the same rule judges what is read now and
what was read before.

A watch is calm, pending (beyond its limit, not yet for as long as it takes) or firing. Between the limit and where it
clears nothing changes: what swings around a limit fires once. A number that does not come is neither good nor bad;
that it does not come is told once.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import BadInput

SHORTEST, LONGEST = 30, 86_400
"""Seconds between two readings."""
MOST_HOLD = 7 * 86_400
USUAL_EVERY = 60
PATIENT = 5
"""Readings in a row that may fail before that is told, where nothing else is said."""
SHORTEST_SILENCE = 300
SEVERITIES = ("info", "warning", "critical")
AHEAD = timedelta(minutes=1)
"""The clocks of two machines differ by less. What lies further ahead was written before the clock was set back."""


class Origin(StrEnum):
    """What kind of source a number comes from."""

    MACHINE = "machine"
    """This machine: `name` is cpu, memory, swap, disk or load; `query` the folder of a disk."""
    PAGE = "page"
    """A JSON document at the address `name`; `query` is the path into it."""
    UP = "up"
    """1 while the address `name` answers well, else 0."""
    CERTIFICATE = "certificate"
    """Days until the certificate of the machine `name` ends."""
    SYSTEM = "system"
    """A connected system `name`, asked its `query`."""
    SAID = "said"
    """A number that people say in chat under `name`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a number comes from."""

    origin: Origin
    name: str
    query: str = ""

    @property
    def series(self) -> str:
        """What its samples are kept under: all who watch the same number share them."""
        return f"{self.origin.value}\x1f{self.name}\x1f{self.query}"

    @property
    def percent(self) -> bool:
        """Whether its number is a share of a hundred."""
        return self.origin is Origin.MACHINE and self.name != "load"


class Side(StrEnum):
    """On which side of the limit it is bad. ABSENT: that no number comes is what is watched."""

    ABOVE = "above"
    BELOW = "below"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """`hold` is for how many seconds it must be beyond the `limit` before it fires; `clear` is where it is good
    again, the limit itself when nothing is said. With `over`, what is judged is not the number but how much it changed
    in so many seconds. `absent` is after how many seconds without a number that is told; `cooldown` how many pass at
    least between two firings."""

    side: Side
    limit: float = 0.0
    clear: float | None = None
    hold: int = 0
    over: int = 0
    absent: int = 0
    cooldown: int = 0
    severity: str = "warning"

    @property
    def clears_at(self) -> float:
        """Where it is good again."""
        return self.limit if self.clear is None else self.clear


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One number that was read."""

    at: datetime
    value: float


def checked(rule: Threshold) -> Threshold:
    """A rule that makes sense. Raises BadInput."""
    if not all(math.isfinite(each) for each in (rule.limit, rule.clears_at)):
        raise BadInput("a limit is a number", field="watch")
    wrong = {Side.ABOVE: rule.clears_at > rule.limit, Side.BELOW: rule.clears_at < rule.limit}
    if wrong.get(rule.side, False):
        raise BadInput("where it clears lies on the good side of the limit", field="watch")
    if any(not 0 <= each <= MOST_HOLD for each in (rule.hold, rule.over, rule.absent, rule.cooldown)):
        raise BadInput("a watch counts in times of at most {n} days", n=MOST_HOLD // 86_400, field="watch")
    if rule.over and rule.over < 2 * SHORTEST:
        raise BadInput("a change is measured over at least {n} seconds", n=2 * SHORTEST, field="watch")
    if rule.side is Side.ABSENT and not rule.absent:
        raise BadInput("say after how long without a number", field="watch")
    return rule


# What happens ------------------------------------------------------------------------------------------------


class Mode(StrEnum):
    """How a watch stands."""

    CALM = "calm"
    PENDING = "pending"
    FIRING = "firing"


class Zone(StrEnum):
    """Where a number lies."""

    BEYOND = "beyond"
    BETWEEN = "between"
    GOOD = "good"


class News(StrEnum):
    """What is worth telling."""

    FIRED = "fired"
    CLEARED = "cleared"
    GONE = "gone"
    """No number comes any more."""
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`at` is when it was judged last; `since` when it was first beyond its limit, as long as it is; `fired` when it
    fired last; `silent` since when no number came; `gone` that this was told."""

    mode: Mode = Mode.CALM
    at: datetime | None = None
    since: datetime | None = None
    fired: datetime | None = None
    silent: datetime | None = None
    gone: bool = False

    def moved(self, by: timedelta) -> "Standing":
        """As it would be had the clock always been so much further on: how long things lasted stays as it was."""

        def also(at: datetime | None) -> datetime | None:
            return at and at + by

        return replace(
            self, at=also(self.at), since=also(self.since), fired=also(self.fired), silent=also(self.silent)
        )


_NEXT: Mapping[tuple[Mode, Zone], Mode] = {
    (Mode.CALM, Zone.BEYOND): Mode.PENDING,
    (Mode.CALM, Zone.BETWEEN): Mode.CALM,
    (Mode.CALM, Zone.GOOD): Mode.CALM,
    (Mode.PENDING, Zone.BEYOND): Mode.PENDING,
    (Mode.PENDING, Zone.BETWEEN): Mode.CALM,
    (Mode.PENDING, Zone.GOOD): Mode.CALM,
    (Mode.FIRING, Zone.BEYOND): Mode.FIRING,
    (Mode.FIRING, Zone.BETWEEN): Mode.FIRING,
    (Mode.FIRING, Zone.GOOD): Mode.CALM,
}
"""What pending ripens into, and when, is `_ripe`."""


def zone(rule: Threshold, value: float) -> Zone:
    """Where a number lies."""
    sign = -1 if rule.side is Side.BELOW else 1
    number, limit, clear = sign * value, sign * rule.limit, sign * rule.clears_at
    if number > limit:
        return Zone.BEYOND
    return Zone.BETWEEN if number > clear or (number == clear != limit) else Zone.GOOD


def step(
    rule: Threshold,
    standing: Standing,
    at: datetime,
    value: float | None,
    *,
    silent: datetime | None = None,
    blind: timedelta | None = None,
) -> tuple[Standing, tuple[News, ...]]:
    """How it stands after a look at `at`, and what is news.

    `value` is the number, or its change where the rule judges that; None when there is none to judge. `silent` is since
    when none came, None while numbers come; what is known of that already goes before. A look that is not later than
    the last one changes nothing, unless the clock was set back: then what lasts goes on from there. `blind` is how long
    nobody may have looked before it counts as unknown what was meanwhile.
    """
    if standing.at is not None and at <= standing.at:
        if standing.at - at < AHEAD:
            return standing, ()
        standing = standing.moved(at - standing.at)
    after = replace(_remembered(standing, at, blind), at=at)
    if rule.side is Side.ABSENT:
        since = None if silent is None else after.silent or silent
        missing = since is not None and at - since >= timedelta(seconds=rule.absent)
        return _moved(rule, replace(after, silent=since), Zone.BEYOND if missing else Zone.GOOD)
    after, news = _heard(rule, after, silent)
    if silent is not None or value is None:
        return after, news
    after, more = _moved(rule, after, zone(rule, value))
    return after, (*news, *more)


def _remembered(standing: Standing, at: datetime, blind: timedelta | None) -> Standing:
    """What fires goes on, whatever was meanwhile; what would still have had to last does not."""
    last = standing.at
    if blind is None or last is None:
        return standing
    if standing.mode is Mode.PENDING and at - (standing.silent or last) > blind:
        standing = replace(standing, mode=Mode.CALM, since=None)
    if standing.silent is not None and not standing.gone and at - last > blind:
        standing = replace(standing, silent=None)
    return standing


def _heard(rule: Threshold, after: Standing, silent: datetime | None) -> tuple[Standing, tuple[News, ...]]:
    """Whether numbers come, told once each time that changes for long enough."""
    if silent is None:
        return replace(after, silent=None, gone=False), (News.BACK,) if after.gone else ()
    since = after.silent or silent
    assert after.at is not None
    long = bool(rule.absent) and after.at - since >= timedelta(seconds=rule.absent)
    told = (News.GONE,) if long and not after.gone else ()
    return replace(after, silent=since, gone=after.gone or long), told


def _moved(rule: Threshold, after: Standing, where: Zone) -> tuple[Standing, tuple[News, ...]]:
    before, mode = after.mode, _NEXT[after.mode, where]
    match mode:
        case Mode.CALM:
            return replace(after, mode=mode, since=None), (News.CLEARED,) if before is Mode.FIRING else ()
        case Mode.PENDING:
            after = replace(after, mode=mode, since=after.since or after.at)
            if _ripe(rule, after):
                return replace(after, mode=Mode.FIRING, fired=after.at), (News.FIRED,)
            return after, ()
        case Mode.FIRING:
            return after, ()


def _ripe(rule: Threshold, after: Standing) -> bool:
    """Long enough beyond the limit, and long enough since it fired last."""
    assert after.at is not None
    assert after.since is not None
    held = after.at - after.since >= timedelta(seconds=rule.hold)
    return held and (after.fired is None or after.at - after.fired >= timedelta(seconds=rule.cooldown))


def judged(rule: Threshold, now: Sample, past: Sequence[Sample]) -> float | None:
    """What the rule judges of a number: itself, or its change since `over` seconds ago; None where nothing from then
    is known. `past` is in order."""
    if not rule.over:
        return now.value
    window = timedelta(seconds=rule.over)
    then = [each for each in past if now.at - 2 * window <= each.at <= now.at - window]
    return now.value - then[-1].value if then else None


# Looking back ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """That it would have fired; `end` is None where it would still go on."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a rule would have done with numbers of the past."""

    samples: tuple[Sample, ...] = ()
    firings: tuple[Firing, ...] = field(default=())


def replay(rule: Threshold, samples: Iterable[Sample]) -> Trial:
    """The same steps over what was read before. That nothing was read then tells nothing."""
    history = tuple(sorted(samples, key=lambda each: each.at))
    standing, firings = Standing(), list[Firing]()
    begin = 0
    for number, sample in enumerate(history):
        if rule.over:
            while history[begin].at < sample.at - timedelta(seconds=2 * rule.over):
                begin += 1
        value = judged(rule, sample, history[begin:number] if rule.over else ())
        standing, news = step(rule, standing, sample.at, value)
        if News.FIRED in news:
            firings.append(Firing(start=sample.at))
        if News.CLEARED in news:
            firings[-1] = replace(firings[-1], end=sample.at)
    return Trial(samples=history, firings=tuple(firings))


# Keeping little ----------------------------------------------------------------------------------------------

WHOLE = timedelta(days=2)
"""So long every sample is kept."""
KEPT = timedelta(days=35)
"""So long what is kept of them."""
SLOT = timedelta(minutes=10)
"""Of each such stretch, the lowest and the highest are kept after that."""


def superfluous(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """Which of them go when only the lowest and the highest of each stretch stay. Real numbers stay, never a
    mean: what went beyond a limit is still seen to."""
    stays: dict[int, tuple[Sample, Sample]] = {}
    for each in samples:
        slot = int(each.at.timestamp() // SLOT.total_seconds())
        low, high = stays.get(slot, (each, each))
        stays[slot] = (each if each.value < low.value else low, each if each.value > high.value else high)
    kept = {sample.at for pair in stays.values() for sample in pair}
    return tuple(each for each in samples if each.at not in kept)
