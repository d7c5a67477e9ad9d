"""Quiet hours at work: what missions report meanwhile is kept, and told in one message when they are over.

Only what can wait and goes to one person alone: not what is critical, not what they asked to hear at that moment, not
what they press or say meanwhile, and no card. Nothing is lost: a held report is a row until it was said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import incidents, papers, quiets, sayings
from bot.effects import Text
from bot.events import Event, Signal, Wake
from bot.house import House
from bot.missions import Mission, Once
from bot.people import HOME, Person
from bot.places import Place
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json

MOST_TOLD = 7
LONGEST = 80
"""Reports of one bundle that stand in the chat, and characters of each, where all of them are too long for it."""
MOST_HELD = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One report that waits. `turn` is the run it is of."""

    turn: str
    mission: int
    place: str
    text: str
    at: datetime
    tainted: bool = False

    def as_json(self) -> Json:
        return {
            "turn": self.turn,
            "mission": self.mission,
            "place": self.place,
            "text": self.text,
            "at": self.at.isoformat(),
            "tainted": self.tainted,
        }

    @staticmethod
    def of(value: Json) -> "Held":
        """The inverse of `as_json`."""
        return Held(
            turn=value["turn"],
            mission=value["mission"],
            place=value["place"],
            text=value["text"],
            at=datetime.fromisoformat(value["at"]),
            tainted=value["tainted"],
        )


def waits(tx: Tx, event: Event, mission: Mission | None, signal: Signal | None, now: datetime) -> bool:
    """Whether what this run of a mission has to say waits for the end of its owner's quiet hours."""
    if mission is None or not isinstance(event.body, Wake) or not Place.parse(event.place).private:
        return False
    if event.body.errand is not None and event.body.errand.person:
        return False  # somebody asked for this run, and waits for it
    person = tx.people.get(mission.owner)
    if (
        person is None
        or not _quiet(person, now)
        or (signal is not None and incidents.is_loud(signal.severity))
    ):
        return False
    trigger = event.body.trigger
    once = any(isinstance(each, Once) and each.id == trigger for each in mission.triggers)
    return not once and len(_held(tx, person.id)) < MOST_HELD


def hold(tx: Tx, mission: Mission, held: Held) -> None:
    """It is told when the quiet hours are over."""
    mark: list[Json] = [each.as_json() for each in (*_held(tx, mission.owner), held)]
    tx.marks.put(_mark(mission.owner), mark)


async def sweep(*, house: House, space: str = HOME) -> int:
    """Tells everybody whose quiet hours are over what was held. Returns how many were told."""
    now = house.clock.now()
    owed = await house.store.read(lambda tx: _owed(tx, now), space=space)
    told = 0
    for person in owed:
        told += await house.store.write(lambda tx, p=person: _tell(tx, p, now, house), space=space)
    return told


def _owed(tx: Tx, now: datetime) -> list[str]:
    return [each.id for each in tx.people.all() if not _quiet(each, now) and _held(tx, each.id)]


def _tell(tx: Tx, person_id: str, now: datetime, house: House) -> int:
    person, held = tx.people.get(person_id), _held(tx, person_id)
    if person is None or not held or _quiet(person, now):
        return 0
    tx.marks.put(_mark(person_id), None)
    for place in dict.fromkeys(each.place for each in held):
        _bundle(tx, person, place, [each for each in held if each.place == place], now, house)
    tx.ledger.append("bundle", {"person": person_id, "reports": len(held)}, now)
    return 1


def _bundle(tx: Tx, person: Person, place: str, held: Sequence[Held], now: datetime, house: House) -> None:
    tongue = house.tongues(person.lang)
    head = tongue.many("While it was quiet, {n} report:", "While it was quiet, {n} reports:", len(held))
    told = [(_when(each, person, tongue), each.text) for each in held]
    whole = "\n".join([head, *(f"{when}: {text}" for when, text in told)])
    content = Text(text=whole)
    if len(whole) > papers.LONG:
        brief = [f"{when}: {papers.beginning(' '.join(text.split()), LONGEST)}" for when, text in told]
        more = [tongue("… and {n} more.", n=len(held) - MOST_TOLD)] if len(held) > MOST_TOLD else []
        words = "\n".join([head, *brief[:MOST_TOLD], *more])
        content = papers.filed(words, whole, name=f"reports-{now:%Y-%m-%d-%H%M%S}", tongue=tongue)
    effect = sayings.say(
        tx,
        place=place,
        slot=f"bundle:{person.id}:{now.isoformat()}",
        content=content,
        now=now,
        lang=tongue.lang,
        tainted=any(each.tainted for each in held),
    )
    for each in held:
        run = tx.occurrences.get(each.turn)
        if run is not None:
            tx.occurrences.put(replace(run, held=False, report=effect.id))


def _when(held: Held, person: Person, tongue: Tongue) -> str:
    at = held.at.astimezone(ZoneInfo(person.zone or "UTC")).strftime("%H:%M")
    return f"• {at} · {tongue('mission {n}', n=held.mission)}"


def _quiet(person: Person, now: datetime) -> bool:
    hours = quiets.hours(person)
    return hours is not None and hours.hold(now, person.zone)


def _held(tx: Tx, person: str) -> tuple[Held, ...]:
    kept: Json = tx.marks.get(_mark(person))
    return tuple(Held.of(each) for each in kept or ())


def _mark(person: str) -> str:
    return f"held:{person}"
