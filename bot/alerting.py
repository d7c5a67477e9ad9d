"""Incidents as they are told: one message in the place that looks after them, edited and never repeated; to somebody
else when nobody answers.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import ids, incidents, resting, sayings, watchwords, whereabouts
from bot.effects import Question, Text
from bot.events import Alert, Condition, Event, Signal
from bot.house import House
from bot.incidents import Incident, Stage
from bot.missions import Mission
from bot.people import HOME, Role
from bot.places import Place
from bot.resting import Held, Kind
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.visible import exact

ACKNOWLEDGE, RESOLVE = "acknowledge", "resolve"
"""The values of the buttons."""
MOST_SHOWN = 10
BATCH = 100
MOST_APART = 5
"""So many incidents are told somebody else one by one; what else is due at once stands in one message."""
ABSENT = timedelta(minutes=3)
"""A look that comes so much later or earlier than the last says that we were away, or that the clock was set."""
GRACE = timedelta(minutes=5)
"""What fell due while nobody could press has at least so long to be answered yet."""
_LOOKED = "escalations"
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


def heard(tx: Tx, event: Event, signal: Signal, house: House) -> bool:
    """Keeps what the signal says of its incident. Whether missions wake for it: when something began that was not
    known to go on, and when they wait for its end."""
    if not signal.group or signal.condition is None:
        return True
    now, last = house.clock.now(), tx.incidents.latest(signal.source, signal.group)
    if incidents.belated(last, signal):
        return False
    fresh = incidents.news(last, signal)
    if last is None or last.stage is Stage.RESOLVED:
        _open(tx, event, signal, now, house)
        return True
    after = last.hear(signal, now)
    if after is not last and tx.incidents.swap(last, after):
        if after.stage is Stage.RESOLVED:
            _ledger(tx, "incident_resolved", after, now, person="")
        show(tx, after, now=now, house=house)
    return fresh or after.stage is Stage.RESOLVED


def _open(tx: Tx, event: Event, signal: Signal, now: datetime, house: House) -> None:
    place, lang, zone = _where(tx, signal, house)
    incident = Incident(
        id=ids.derived("inc", event.id),
        number=tx.incidents.next_number(),
        space=tx.space,
        ref=ids.reference(),
        source=signal.source,
        group=signal.group,
        place=place,
        lang=lang,
        zone=zone,
        name=signal.name,
        summary=signal.summary,
        severity=signal.severity,
        link=signal.link,
        alerts=signal.alerts,
        opened=now,
        changed=now,
        escalate_at=_escalates(tx, signal.source, now),
    )
    if tx.incidents.add(incident):
        if incident.escalate_at is not None:
            tx.marks.put(_LOOKED, now.isoformat())
        _ledger(tx, "incident_opened", incident, now, event=event.id)
        show(tx, incident, now=now, house=house)


def _where(tx: Tx, signal: Signal, house: House) -> tuple[str, str, str]:
    """Where the mission whose watch it is, or the first that waits for it, reports, in its language and zone; else those of its
    hook, else of an owner."""
    watch = signal.source.partition("watch:")[2]
    own = tx.missions.by_number(int(watch)) if watch.isdecimal() else None
    waits: Mission | None = own or next(
        (each for each in tx.missions.hearing() if watchwords.heard(each, signal)), None
    )
    if waits is not None:
        return waits.outlet.place if waits.outlet else waits.place, waits.lang, waits.zone
    owner = next((person for person in tx.people.all() if person.role is Role.OWNER), None)
    hook = tx.hooks.get(signal.source.partition(":")[2]) if signal.source.startswith("hook:") else None
    if hook is not None:
        maker = tx.people.get(hook.by)
        return hook.place, hook.lang, maker.zone if maker else "UTC"
    if owner is not None:
        return whereabouts.alone_with(tx, owner).key, owner.lang, owner.zone
    return "web//nobody/", "en", "UTC"


# Escalation ------------------------------------------------------------------------------------------------


def set_escalation(tx: Tx, source: str, person: str, minutes: int) -> None:
    """Whoever is told when nobody acknowledges an incident of this source for so long; nobody for ""."""
    tx.marks.put(_mark(source), {"person": person, "minutes": minutes} if person else None)


def escalation(tx: Tx, source: str) -> tuple[str, int] | None:
    """The person and the minutes."""
    kept: Json = tx.marks.get(_mark(source))
    return (kept["person"], kept["minutes"]) if kept else None


def _mark(source: str) -> str:
    return f"escalation:{source}"


def _escalates(tx: Tx, source: str, now: datetime) -> datetime | None:
    found = escalation(tx, source)
    return now + timedelta(minutes=found[1]) if found else None


async def sweep(*, house: House, space: str = HOME) -> int:
    """Tells whoever is next of what nobody acknowledged in time. Returns how many were told."""
    now = house.clock.now()

    def look(tx: Tx) -> tuple[bool, tuple[Incident, ...]]:
        if not tx.incidents.due(_LAST, 1):
            return False, ()
        last = _looked(tx)
        return last is None or abs(now - last) > timedelta(minutes=1), tx.incidents.due(now, BATCH)

    stale, due = await house.store.read(look, space=space)
    if stale:
        due = await house.store.write(lambda tx: _look(tx, now), space=space)
    told = 0
    for incident in due[:MOST_APART]:
        told += await house.store.write(
            lambda tx, i=incident.id: _escalate(tx, i, now, house) is not None, space=space
        )
    beyond = [incident.id for incident in due[MOST_APART:]]
    if beyond:
        told += await house.store.write(lambda tx: _together(tx, beyond, now, house), space=space)
    return told


def _looked(tx: Tx) -> datetime | None:
    kept: Json = tx.marks.get(_LOOKED)
    return datetime.fromisoformat(kept) if kept else None


def _look(tx: Tx, now: datetime) -> tuple[Incident, ...]:
    """What is due now. Minutes in which nobody could answer, because we were away or the clock leapt, are none that
    somebody let pass; and a clock that was set back keeps nobody waiting for longer than was said."""
    last = _looked(tx)
    tx.marks.put(_LOOKED, now.isoformat())
    if last is not None and abs(now - last) > ABSENT:
        for incident in tx.incidents.due(now if now > last else _LAST, BATCH * BATCH):
            until = _again(tx, incident, last, now)
            if until is not None:
                tx.incidents.swap(incident, incident.put_off(until))
    return tx.incidents.due(now, BATCH)


def _again(tx: Tx, incident: Incident, last: datetime, now: datetime) -> datetime | None:
    """When somebody else hears of it instead, None for the moment that stands: what was left of the minutes at the last
    look is left yet, and never more than were said."""
    assert incident.escalate_at is not None
    found = escalation(tx, incident.source)
    most = timedelta(minutes=found[1]) if found else GRACE
    left = min(max(incident.escalate_at - last, timedelta(0)), most)
    if now < last:
        return now + left
    return now + max(left, min(GRACE, most)) if incident.escalate_at > last else None


def _together(tx: Tx, due: Sequence[str], now: datetime, house: House) -> int:
    """The same for many at once: each person hears of all of theirs in one message."""
    found: dict[str, list[Incident]] = {}
    for each in due:
        after = _escalate(tx, each, now, house, apart=False)
        if after is not None:
            found.setdefault(after.escalated_to, []).append(after)
    for person_id, theirs in found.items():
        person = tx.people.get(person_id)
        assert person is not None
        tongue = house.tongues(person.lang)
        head = tongue.many(
            "{n} more incident that nobody looks after; “acknowledge N” takes it:",
            "{n} more incidents that nobody looks after; “acknowledge N” takes one:",
            len(theirs),
        )
        told = [f"• {line(each, tongue=tongue)}" for each in theirs[:BATCH]]
        place, slot = whereabouts.alone_with(tx, person).key, f"escalated:{theirs[0].id}"
        content = Text(text="\n".join((head, *told)))
        sayings.say(tx, place=place, slot=slot, content=content, now=now, lang=tongue.lang, tainted=True)
    return sum(len(theirs) for theirs in found.values())


def _escalate(
    tx: Tx, incident_id: str, now: datetime, house: House, *, apart: bool = True
) -> Incident | None:
    """Tells who is next. Returns the incident as it stands then, None when nobody was told."""
    incident = tx.incidents.get(incident_id)
    if incident is None or incident.escalate_at is None or incident.escalate_at > now:
        return None
    found = escalation(tx, incident.source)
    person = tx.people.get(found[0]) if found else None
    if person is None:
        tx.incidents.swap(incident, incident.escalated("", now))
        return None
    awake = now
    if not incident.loud:
        awake = resting.awake_at(person, incidents.when_awake(now, person, house.policy().quiet))
    if awake > now:
        tx.incidents.swap(incident, incident.put_off(awake))
        return None
    after = incident.escalated(person.id, now)
    if not tx.incidents.swap(incident, after):
        return None
    _ledger(tx, "incident_escalated", after, now, person=person.id)
    if apart:
        put(tx, after, whereabouts.alone_with(tx, person).key, now=now, house=house)
    show(tx, after, now=now, house=house)
    return after


# The message -----------------------------------------------------------------------------------------------


def show(tx: Tx, incident: Incident, *, now: datetime, house: House) -> None:
    """Draws it anew wherever it stands, and in its place where it stands nowhere: at once, or when whoever is there has
    slept."""
    places = {line.place for line in tx.lines.of_slot(incident.slot)}
    if not places and _waits(tx, incident, now):
        return
    for place in sorted(places or {incident.place}):
        put(tx, incident, place, now=now, house=house)


def _waits(tx: Tx, incident: Incident, now: datetime) -> bool:
    person = None if incident.loud else resting.sleeper(tx, incident.place, now)
    if person is None:
        return False
    if any(incident.id in each.of for each in resting.kept(tx, person.id)):
        return True
    held = Held(kind=Kind.INCIDENT, place=incident.place, of=(incident.id,), at=now)
    return resting.keep(tx, person.id, held)


def bring(tx: Tx, incident: Incident, place: str, *, now: datetime, house: House) -> None:
    """Puts it again, as a new message at the end of this place."""
    sayings.move_down(tx, place, incident.slot)
    put(tx, incident, place, now=now, house=house)


def put(tx: Tx, incident: Incident, place: str, *, now: datetime, house: House) -> None:
    """Its message, as it stands now, in this place: in the language and on the clock of whoever reads alone there."""
    where = Place.parse(place)
    reader = whereabouts.whose(tx, where) if where.private else None
    tongue = house.tongues(reader.lang if reader else incident.lang)
    words = told(tx, incident, tongue, ZoneInfo(reader.zone if reader else incident.zone))
    offered = choices(incident, tongue)
    content = (
        Question(text=words, ref=incident.ref, revision=incident.revision, choices=offered)
        if offered
        else Text(text=words)
    )
    sayings.say(
        tx,
        place=place,
        slot=incident.slot,
        content=content,
        now=now,
        mission=_reported_by(tx, incident, place),
        lang=tongue.lang,
        tainted=True,
    )


def _reported_by(tx: Tx, incident: Incident, place: str) -> str:
    """The mission whose report its message is in another place than where that was made: its owner hears when it does not
    arrive. "" for none."""
    there = [each for each in tx.missions.hearing() if each.outlet and each.outlet.place == place]
    own = [each for each in there if f"watch:{each.number}" == incident.source]
    return next((each.id for each in (*own, *there)), "")


def choices(incident: Incident, tongue: Tongue) -> tuple[tuple[str, str], ...]:
    """Its buttons as it stands: what each brings back, and what stands on it."""
    match incident.stage:
        case Stage.FIRING:
            return ((ACKNOWLEDGE, tongue("I look after it")), (RESOLVE, tongue("It is over")))
        case Stage.ACKNOWLEDGED:
            return ((RESOLVE, tongue("It is over")),)
        case Stage.RESOLVED:
            return ()


def told(tx: Tx, incident: Incident, tongue: Tongue, zone: ZoneInfo) -> str:
    """All of it, in a few lines. What its sender says is shown as a value, so that nothing of it passes for ours."""
    head = tongue("Incident {n} · {stage}", n=incident.number, stage=stage_words(incident.stage, tongue))
    severity = f" · {severity_words(incident.severity, tongue)}" if incident.severity else ""
    lines = [
        f"{_SIGNS[incident.stage]} {head}{severity}",
        exact(_what(incident, tongue)),
        *_alerts(incident.alerts, tongue),
    ]
    kind, _, name = incident.source.partition(":")
    where = (
        tongue("the watch of mission {n}", n=name) if kind == "watch" else exact(name or kind, lines=False)
    )
    lines.append(tongue("From {source}, since {when}.", source=where, when=_clock(incident.opened, zone)))
    if incident.acknowledged_by:
        lines.append(looked_after(tx, incident, tongue))
    if incident.escalated_to:
        lines.append(tongue("{who} was told too.", who=_name(tx, incident.escalated_to, tongue)))
    if incident.stage is Stage.RESOLVED:
        lines.append(_ended(tx, incident, tongue, zone))
    return "\n".join(lines)


_SIGNS = {Stage.FIRING: "🔴", Stage.ACKNOWLEDGED: "🟡", Stage.RESOLVED: "🟢"}


def stage_words(stage: Stage, tongue: Tongue) -> str:
    """The stage in words: never by its colour alone."""
    match stage:
        case Stage.FIRING:
            return tongue("firing")
        case Stage.ACKNOWLEDGED:
            return tongue("acknowledged")
        case Stage.RESOLVED:
            return tongue("resolved")


def severity_words(severity: str, tongue: Tongue) -> str:
    """Ours in the reader's language; those of other senders as they write them."""
    match severity:
        case "critical":
            return tongue("critical")
        case "warning":
            return tongue("warning")
        case "info":
            return tongue("for information")
        case _:
            return exact(severity, lines=False)


def looked_after(tx: Tx, incident: Incident, tongue: Tongue) -> str:
    """Who does; "" while nobody does."""
    who = incident.acknowledged_by
    return tongue("{who} looks after it.", who=_name(tx, who, tongue)) if who else ""


def _what(incident: Incident, tongue: Tongue) -> str:
    """What is wrong, in its sender's words."""
    if not (incident.name and incident.summary):
        return incident.name or incident.summary
    return tongue("{name}: {what}", name=incident.name, what=incident.summary)


def line(incident: Incident, *, tongue: Tongue) -> str:
    """One incident on one line."""
    what = exact(_what(incident, tongue), lines=False)
    return f"{incident.number} · {stage_words(incident.stage, tongue)} · {what[:200]}"


def _alerts(alerts: Sequence[Alert], tongue: Tongue) -> list[str]:
    if len(alerts) < 2:
        return []
    lines = [
        f"{'•' if alert.condition is Condition.FIRING else '✓'} {exact(alert.title, lines=False)}"
        for alert in alerts[:MOST_SHOWN]
    ]
    if len(alerts) > MOST_SHOWN:
        lines.append(tongue.many("… and {n} more", "… and {n} more", len(alerts) - MOST_SHOWN))
    return lines


def _ended(tx: Tx, incident: Incident, tongue: Tongue, zone: ZoneInfo) -> str:
    when = _clock(incident.changed, zone)
    if incident.resolved_by:
        return tongue(
            "{who} said at {when} that it is over.", who=_name(tx, incident.resolved_by, tongue), when=when
        )
    return tongue("Over since {when}.", when=when)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M")


def _name(tx: Tx, person: str, tongue: Tongue) -> str:
    found = tx.people.get(person)
    return exact(found.name, lines=False) if found else tongue("someone")


def _ledger(tx: Tx, kind: str, incident: Incident, now: datetime, **more: str) -> None:
    body = {"incident": incident.id, "number": incident.number, "source": incident.source, **more}
    tx.ledger.append(kind, body, now)


def settle(tx: Tx, incident: Incident, value: str, person: str, *, now: datetime, house: House) -> Incident:
    """A person acknowledges it or says that it is over. Raises Stale."""
    over = value == RESOLVE
    after = incident.resolve(person, now) if over else incident.acknowledge(person, now)
    if tx.incidents.swap(incident, after):
        _ledger(tx, "incident_resolved" if over else "incident_acknowledged", after, now, person=person)
        show(tx, after, now=now, house=house)
    return after
