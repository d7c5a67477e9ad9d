"""Incidents as they are told: one message in the place that looks after them, edited and never repeated; to somebody
else when nobody answers.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import ids, incidents, resting, sayings, watchwords, whereabouts
from bot.effects import Question, Text
from bot.events import Alert, Condition, Event, Signal
from bot.house import House
from bot.incidents import Incident, Stage
from bot.missions import Mission
from bot.people import HOME, Role
from bot.resting import Held, Kind
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.visible import exact

ACKNOWLEDGE, RESOLVE = "acknowledge", "resolve"
"""The values of the buttons."""
MOST_SHOWN = 10
BATCH = 100


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
        _ledger(tx, "incident_opened", incident, now, event=event.id)
        show(tx, incident, now=now, house=house)


def _where(tx: Tx, signal: Signal, house: House) -> tuple[str, str, str]:
    """The place, language and zone of the mission whose watch it is, of the first that waits for it, else of its hook, else of an owner."""
    watch = signal.source.partition("watch:")[2]
    own = tx.missions.by_number(int(watch)) if watch.isdecimal() else None
    waits: Mission | None = own or next(
        (each for each in tx.missions.hearing() if watchwords.heard(each, signal)), None
    )
    if waits is not None:
        return waits.place, waits.lang, waits.zone
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
    due = await house.store.read(lambda tx: tx.incidents.due(now, BATCH), space=space)
    told = 0
    for incident in due:
        told += await house.store.write(lambda tx, i=incident.id: _escalate(tx, i, now, house), space=space)
    return told


def _escalate(tx: Tx, incident_id: str, now: datetime, house: House) -> bool:
    incident = tx.incidents.get(incident_id)
    if incident is None or incident.escalate_at is None or incident.escalate_at > now:
        return False
    found = escalation(tx, incident.source)
    person = tx.people.get(found[0]) if found else None
    if person is None:
        tx.incidents.swap(incident, incident.escalated("", now))
        return False
    awake = now
    if not incident.loud:
        awake = resting.awake_at(person, incidents.when_awake(now, person, house.policy().quiet))
    if awake > now:
        tx.incidents.swap(incident, incident.put_off(awake))
        return False
    after = incident.escalated(person.id, now)
    if not tx.incidents.swap(incident, after):
        return False
    _ledger(tx, "incident_escalated", after, now, person=person.id)
    place = whereabouts.alone_with(tx, person).key
    put(tx, after, place, now=now, house=house)
    show(tx, after, now=now, house=house)
    return True


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
    """Its message, as it stands now, in this place."""
    tongue = house.tongues(incident.lang)
    words = told(tx, incident, tongue)
    choices = _choices(incident, tongue)
    content = (
        Question(text=words, ref=incident.ref, revision=incident.revision, choices=choices)
        if choices
        else Text(text=words)
    )
    sayings.say(tx, place=place, slot=incident.slot, content=content, now=now, lang=tongue.lang, tainted=True)


def _choices(incident: Incident, tongue: Tongue) -> tuple[tuple[str, str], ...]:
    match incident.stage:
        case Stage.FIRING:
            return ((ACKNOWLEDGE, tongue("I look after it")), (RESOLVE, tongue("It is over")))
        case Stage.ACKNOWLEDGED:
            return ((RESOLVE, tongue("It is over")),)
        case Stage.RESOLVED:
            return ()


def told(tx: Tx, incident: Incident, tongue: Tongue) -> str:
    """All of it, in a few lines. What its sender says is shown as a value, so that nothing of it passes for ours."""
    head = tongue("Incident {n} · {stage}", n=incident.number, stage=stage_words(incident.stage, tongue))
    severity = f" · {exact(incident.severity, lines=False)}" if incident.severity else ""
    lines = [
        f"{_SIGNS[incident.stage]} {head}{severity}",
        exact(": ".join(part for part in (incident.name, incident.summary) if part)),
        *_alerts(incident.alerts, tongue),
    ]
    since, zone = incident.opened, ZoneInfo(incident.zone)
    kind, _, name = incident.source.partition(":")
    where = (
        tongue("the watch of mission {n}", n=name) if kind == "watch" else exact(name or kind, lines=False)
    )
    lines.append(tongue("From {source}, since {when}.", source=where, when=_clock(since, zone)))
    if incident.acknowledged_by:
        lines.append(tongue("{who} looks after it.", who=_name(tx, incident.acknowledged_by, tongue)))
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


def line(incident: Incident, *, tongue: Tongue) -> str:
    """One incident on one line."""
    what = exact(": ".join(part for part in (incident.name, incident.summary) if part), lines=False)
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
