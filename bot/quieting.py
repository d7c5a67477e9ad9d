"""Quiet hours at work: what can wait is kept, and told when they are over, reports and notices in one message.

Only what goes to one person alone: not what is critical, not what they asked to hear at that moment, not what answers
what they press or say meanwhile. Nothing is lost: what is held is a row until it was said.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import alerting, asking, incidents, papers, resting, sayings
from bot.effects import Text
from bot.events import Event, Signal, Wake
from bot.house import House
from bot.incidents import Stage
from bot.missions import Mission, Once
from bot.people import HOME, Person
from bot.places import Place
from bot.proposals import Proposal, State
from bot.resting import Held, Kind
from bot.speech import Tongue
from bot.store import Tx

MOST_TOLD = 7
LONGEST = 80
"""Reports of one bundle that stand in the chat, and characters of each, where all of them are too long for it."""
BUNDLE = "bundle:"
"""How the slots of bundles begin."""


def waits(tx: Tx, event: Event, mission: Mission | None, signal: Signal | None, now: datetime) -> bool:
    """Whether what this run of a mission has to say waits for the end of its owner's quiet hours."""
    if mission is None or not isinstance(event.body, Wake) or not Place.parse(event.place).private:
        return False
    if event.body.errand is not None and event.body.errand.person:
        return False  # somebody asked for this run, and waits for it
    person = tx.people.get(mission.owner)
    if person is None or not resting.asleep(person, now):
        return False
    if signal is not None and incidents.is_loud(signal.severity):
        return False
    trigger = event.body.trigger
    return not any(isinstance(each, Once) and each.id == trigger for each in mission.triggers)


def hold_cards(tx: Tx, mission: Mission, asked: Sequence[Proposal], now: datetime) -> bool:
    """Keeps the cards of these back. The time there is for an answer begins when they can be seen."""
    person = tx.people.get(mission.owner)
    fresh = [each for each in asked if not each.batch and not tx.lines.of_slot(each.slot)]
    if person is None or not fresh or len(fresh) != len(asked):
        return False
    of = tuple(each.id for each in fresh)
    held = Held(kind=Kind.CARDS, mission=mission.number, place=fresh[0].place, of=of, at=now)
    if not resting.keep(tx, person.id, held):
        return False
    later = resting.awake_at(person, now) - now
    for each in fresh:
        tx.proposals.swap(each, replace(each, expires=each.expires + later))
    return True


async def sweep(*, house: House, space: str = HOME) -> int:
    """Tells everybody whose quiet hours are over what was held. Returns how many were told."""
    now = house.clock.now()
    owed = await house.store.read(lambda tx: _owed(tx, now), space=space)
    told = 0
    for person in owed:
        told += await house.store.write(lambda tx, p=person: _tell(tx, p, now, house), space=space)
    return told


def _owed(tx: Tx, now: datetime) -> list[str]:
    return [
        each.id for each in tx.people.all() if resting.kept(tx, each.id) and not resting.asleep(each, now)
    ]


def _tell(tx: Tx, person_id: str, now: datetime, house: House) -> int:
    person = tx.people.get(person_id)
    if person is None or resting.asleep(person, now):
        return 0
    held = resting.take(tx, person_id)
    if not held:
        return 0
    told = [_as_words(tx, each, house.tongues(person.lang)) for each in held]
    words = [each for each in told if each.text]
    for place in dict.fromkeys(each.place for each in words):
        _bundle(tx, person, place, [each for each in words if each.place == place], now, house)
    for each in held:
        _show(tx, each, now, house)
    tx.ledger.append("bundle", {"person": person_id, "reports": len(held)}, now)
    return 1


def _as_words(tx: Tx, held: Held, tongue: Tongue) -> Held:
    """What is over meanwhile is a line; what goes on is shown by itself."""
    if held.kind is not Kind.INCIDENT:
        return held
    incident = tx.incidents.get(held.of[0])
    if incident is None or incident.stage is not Stage.RESOLVED or tx.lines.of_slot(incident.slot):
        return held
    text = f"{tongue('incident')} {alerting.line(incident, tongue=tongue)}"
    return replace(held, text=text, tainted=True)


def _show(tx: Tx, held: Held, now: datetime, house: House) -> None:
    """What has a message of its own."""
    match held.kind:
        case Kind.CARDS:
            found = [each for id_ in held.of if (each := tx.proposals.get(id_)) is not None]
            asking.together(tx, [each for each in found if each.state is State.PENDING], now=now)
        case Kind.INCIDENT:
            incident = tx.incidents.get(held.of[0])
            if incident is not None and incident.stage is not Stage.RESOLVED:
                alerting.put(tx, incident, held.place, now=now, house=house)
        case Kind.REPORT | Kind.NOTICE:
            pass


def _bundle(tx: Tx, person: Person, place: str, held: Sequence[Held], now: datetime, house: House) -> None:
    tongue = house.tongues(person.lang)
    head = tongue.many("While it was quiet, {n} report:", "While it was quiet, {n} reports:", len(held))
    told = [(_when(each, person, tongue), each.text) for each in held]
    whole = "\n".join([head, *(_entry(when, text, tongue) for when, text in told)])
    # Further lines are set back, so that it is seen where each report begins.
    apart = [_entry(when, text.replace("\n", "\n  "), tongue) for when, text in told]
    content = Text(text="\n".join([head, *apart]))
    if len(whole) > papers.LONG:
        brief = [
            _entry(when, papers.beginning(" ".join(text.split()), LONGEST), tongue) for when, text in told
        ]
        more = [tongue("… and {n} more.", n=len(held) - MOST_TOLD)] if len(held) > MOST_TOLD else []
        words = "\n".join([head, *brief[:MOST_TOLD], *more])
        content = papers.filed(words, whole, name=f"reports-{now:%Y-%m-%d-%H%M%S}", tongue=tongue)
    effect = sayings.say(
        tx,
        place=place,
        slot=f"{BUNDLE}{person.id}:{now.isoformat()}",
        content=content,
        now=now,
        turn=next((each.turn for each in held if each.turn), ""),
        lang=tongue.lang,
        tainted=any(each.tainted for each in held),
    )
    for each in held:
        run = tx.occurrences.get(each.turn) if each.turn else None
        if run is not None:
            tx.occurrences.put(replace(run, held=False, report=effect.id))


def _entry(when: str, text: str, tongue: Tongue) -> str:
    """One report of several."""
    return tongue("{name}: {what}", name=when, what=text)


def _when(held: Held, person: Person, tongue: Tongue) -> str:
    at = held.at.astimezone(ZoneInfo(person.zone or "UTC")).strftime("%H:%M")
    return f"• {at} · {tongue('mission {n}', n=held.mission)}" if held.mission else f"• {at}"
