"""Watching: reads the numbers that are due, keeps them, and tells what crossed its threshold.

A number is read outside of any transaction; what it changes (the sample, how the watch stands, the signal) is one.
So a crash loses a reading at most, never a firing, and makes none twice. What is told takes the way of every signal:
`bot.signals`, `bot.alerting`, `bot.waking`.
"""

import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import ids, signals, thresholds, thresholdwords
from bot.errors import BadInput, Failed, Unreachable, VigieError
from bot.events import Alert, Condition, Event, Signal
from bot.house import House
from bot.missions import Mission, Phase
from bot.periods import in_period
from bot.speech import Tongue
from bot.store import Tx
from bot.thresholds import AHEAD, KEPT, PATIENT, SLOT, WHOLE, News, Origin, Sample, Side, Source
from bot.watches import Watch
from bot.watchwords import CROSSED, SILENT

log = logging.getLogger(__name__)

BATCH = 500
AT_ONCE = 20
PATIENCE = 10.0
"""Seconds for one reading."""
FIRST = timedelta(seconds=1)
"""How long after a watch was set its number is read first: what sets it is kept by then."""
THINNED = timedelta(hours=1)
"""How often what was read is thinned out."""
_ON_WATCH = (Phase.ACTIVE, Phase.PARKED)


async def sweep(*, house: House) -> int:
    """Reads every number that is due. Returns how many. What is not due costs nothing."""
    due = await house.store.due_watches(house.clock.now(), limit=BATCH)
    for begin in range(0, len(due), AT_ONCE):
        some = due[begin : begin + AT_ONCE]
        await asyncio.gather(*(_look(space, watch, house) for space, watch, _ in some))
    return len(due)


async def upcoming(until: datetime, *, house: House) -> list[datetime]:
    """The moments up to then at which a sweep will find something to read."""
    return [due for _, _, due in await house.store.due_watches(until, limit=BATCH)]


async def _look(space: str, watch: str, house: House) -> None:
    now = house.clock.now()
    found = await house.store.write(lambda tx: _claim(tx, watch, now, house), space=space)
    if found is None:
        return
    claimed, lang = found
    value, trouble = await read(claimed.source, tongue=house.tongues(lang), house=house)
    at = house.clock.now()
    await house.store.write(lambda tx: _take(tx, claimed, at, value, trouble, house), space=space)


async def read(source: Source, *, tongue: Tongue, house: House) -> tuple[float | None, str]:
    """The number, or why there is none, in words. An address that does not answer is 0, and why. Of what people say there is
    neither: it is not asked for."""
    if source.origin is Origin.SAID:
        return None, ""
    try:
        async with asyncio.timeout(PATIENCE):
            value = await house.gauges.read(source)
    except TimeoutError:
        return None, tongue("no answer in time")
    except VigieError as error:
        silent = source.origin is Origin.UP and isinstance(error, Unreachable | Failed)
        return 0.0 if silent else None, error.said(tongue).rstrip(".")
    except Exception:
        # Whatever a source does, it is one number that did not come.
        log.exception("gauge_failed", extra={"origin": source.origin.value})
        return None, tongue("it could not be read")
    return (value, "") if math.isfinite(value) else (None, tongue("it is not a number"))


def _claim(tx: Tx, watch_id: str, now: datetime, house: House) -> tuple[Watch, str] | None:
    """The watch, its next reading set, so that nobody else makes this one, and the language of its mission. None when
    nothing is to be asked."""
    watch, mission = tx.watches.get(watch_id), tx.missions.get(watch_id)
    if watch is None or not watch.due_at(now):
        return None
    if mission is None or mission.phase not in _ON_WATCH:
        tx.watches.put(watch.at_rest())
        return None
    claimed = watch.claimed(now)
    tx.watches.put(claimed)
    if watch.source.origin is not Origin.SAID:
        return claimed, mission.lang
    _stands(tx, claimed, mission, now, house)
    return None


def _stands(tx: Tx, watch: Watch, mission: Mission, now: datetime, house: House) -> None:
    """What people said last stands until they say something else, or for too long."""
    last = _last(tx, watch.source, now)
    if last is None:
        _judge(tx, watch, mission, now, None, house, silent=now)
    elif watch.rule.absent and now - last.at >= timedelta(seconds=watch.rule.absent):
        _judge(tx, watch, mission, now, None, house, silent=last.at)
    else:
        _judge(tx, watch, mission, now, last.value, house)


def _take(tx: Tx, claimed: Watch, at: datetime, value: float | None, trouble: str, house: House) -> None:
    watch, mission = tx.watches.get(claimed.id), tx.missions.get(claimed.id)
    if watch is None or mission is None or watch.revision != claimed.revision:
        return  # it was set anew while the number came
    watch = replace(watch, trouble=trouble)
    if value is None:
        _judge(tx, watch, mission, at, None, house, silent=at)
        return
    _keep(tx, watch.source, Sample(at=at, value=value))
    _judge(tx, _thinned(tx, watch, at), mission, at, value, house)


def _judge(
    tx: Tx,
    watch: Watch,
    mission: Mission,
    at: datetime,
    value: float | None,
    house: House,
    *,
    silent: datetime | None = None,
) -> None:
    rule = watch.rule
    judged = None
    if value is not None:
        past: Sequence[Sample] = ()
        if rule.over:
            past = tx.samples.between(watch.source.series, at - timedelta(seconds=2 * rule.over), at)
        judged = thresholds.judged(rule, Sample(at=at, value=value), past)
    blind = timedelta(seconds=PATIENT * watch.every)
    standing, news = thresholds.step(rule, watch.standing, at, judged, silent=silent, blind=blind)
    read = watch.read if value is None else value
    after = replace(watch, standing=standing, read=read, revision=watch.revision + 1)
    tx.watches.put(after)
    for each in news:
        _tell(tx, after, mission, each, judged, at, house)


def _keep(tx: Tx, source: Source, sample: Sample) -> None:
    """Adds it, the last of all: what was read before the clock was set back, and lies ahead now, goes."""
    last = tx.samples.last(source.series)
    if last is not None and last.at - sample.at > AHEAD:
        tx.samples.drop(source.series, tx.samples.between(source.series, sample.at, last.at + SLOT))
    tx.samples.add(source.series, sample)


def _last(tx: Tx, source: Source, now: datetime) -> Sample | None:
    """What was said last; just now where the clock was set back since."""
    last = tx.samples.last(source.series)
    if last is not None and last.at - now > AHEAD:
        last = Sample(at=now, value=last.value)
        _keep(tx, source, last)
    return last


def _thinned(tx: Tx, watch: Watch, now: datetime) -> Watch:
    """Now and then: of what is older than two days the extremes stay, what is too old goes."""
    since = None if watch.thinned is None or watch.thinned - now > AHEAD else watch.thinned
    if since is not None and now - since < THINNED:
        return watch
    series, end = watch.source.series, _slot(now - WHOLE)
    begin = _slot(since - WHOLE) if since else now - KEPT
    tx.samples.drop(series, thresholds.superfluous(tx.samples.between(series, begin, end)))
    tx.samples.forget(now - KEPT)
    return replace(watch, thinned=now)


def _slot(at: datetime) -> datetime:
    return at - timedelta(seconds=at.timestamp() % SLOT.total_seconds())


# Telling -----------------------------------------------------------------------------------------------------


def _tell(
    tx: Tx, watch: Watch, mission: Mission, news: News, judged: float | None, at: datetime, house: House
) -> None:
    tongue = house.tongues(mission.lang)
    crossed = news in (News.FIRED, News.CLEARED)
    what = CROSSED if crossed else SILENT
    condition = Condition.FIRING if news in (News.FIRED, News.GONE) else Condition.RESOLVED
    severity = watch.rule.severity if crossed else "warning"
    summary = _summary(watch, judged, tongue) if crossed else _silence(watch, tongue)
    alert = Alert(id=what, title=summary, condition=condition, severity=severity, since=at.isoformat())
    signal = Signal(
        source=watch.signals,
        name=thresholdwords.named(watch.source, tongue),
        summary=summary,
        body={"number": watch.read, "judged": judged, "at": at.isoformat()},
        what=what,
        severity=severity,
        group=what,
        condition=condition,
        alerts=(alert,),
    )
    # Not by its moment: a clock that was set back comes to the same one again.
    key, place = f"watch:{watch.id}:{news}:{watch.revision}", signals.lane(watch.signals).key
    event = Event(id=ids.derived("evt", key), space=tx.space, key=key, place=place, at=at, body=signal)
    if tx.events.add(event):
        tx.ring(place)


def _summary(watch: Watch, judged: float | None, tongue: Tongue) -> str:
    rule = watch.rule
    limit = thresholdwords.limit(watch.source, rule, tongue)
    if rule.hold:
        limit = tongue("{watch} for {period}", watch=limit, period=in_period(rule.hold, tongue))
    if rule.side is Side.ABSENT or watch.source.origin is Origin.UP or judged is None:
        return f"{limit} ({watch.trouble})" if watch.trouble else limit
    return f"{thresholdwords.reading(watch.source, judged, tongue)} · {limit}"


def _silence(watch: Watch, tongue: Tongue) -> str:
    words = tongue("no number for {period}", period=in_period(watch.rule.absent, tongue))
    return tongue("{text}: {why}", text=words, why=watch.trouble) if watch.trouble else words


# Setting it --------------------------------------------------------------------------------------------------


def arm(tx: Tx, mission: Mission, now: datetime) -> datetime | None:
    """The watch as its mission says it is from now on: set, set anew, or at rest. Returns when it is read next.

    What fires goes on firing until a number is good again; what was only pending begins anew.
    """
    known, trigger = tx.watches.get(mission.id), mission.threshold
    if trigger is None or mission.phase not in _ON_WATCH:
        if known is not None and known.due is not None:
            tx.watches.put(known.at_rest())
        return None
    watch = Watch(
        id=mission.id,
        space=mission.space,
        number=mission.number,
        source=trigger.source,
        rule=trigger.rule,
        every=trigger.every,
        due=now + FIRST,
        asked=now,
    )
    if known is not None:
        watch = replace(watch, standing=known.at_rest().standing, revision=known.revision + 1)
    tx.watches.put(watch)
    return watch.due


def say(tx: Tx, name: str, value: float, now: datetime, *, house: House) -> int:
    """Somebody says what a number is now. Returns how many watch it. Raises BadInput for what is no number."""
    if not math.isfinite(value):
        raise BadInput("that is no number", field="value")
    source = Source(origin=Origin.SAID, name=name)
    _keep(tx, source, Sample(at=now, value=value))
    tx.samples.forget(now - KEPT)
    watching = 0
    for watch in tx.watches.of(source.series):
        mission = tx.missions.get(watch.id)
        if watch.due is not None and mission is not None and mission.phase in _ON_WATCH:
            watching += 1
            _judge(tx, _thinned(tx, watch, now), mission, now, value, house)
    return watching


LOOKS_BACK = timedelta(days=30)


def kept(tx: Tx, source: Source, now: datetime) -> tuple[Sample, ...]:
    """What was read of it in the last days."""
    return tx.samples.between(source.series, now - LOOKS_BACK, now + timedelta(seconds=1))


async def past(source: Source, *, house: House) -> tuple[Sample, ...]:
    """What the source itself remembers of the last days; nothing when it does not say so in time."""
    now = house.clock.now()
    try:
        async with asyncio.timeout(PATIENCE):
            return tuple(await house.gauges.past(source, now - LOOKS_BACK, now))
    except (TimeoutError, VigieError) as error:
        log.warning("no_history", extra={"origin": source.origin.value, "why": type(error).__name__})
        return ()
