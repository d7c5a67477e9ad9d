"""What waits for the end of somebody's quiet hours: by person, in rows, until it was said.

Knows who sleeps and what is kept for them; how it is told afterwards is `bot.quieting`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot import quiets, sayings, whereabouts
from bot.effects import Text
from bot.incidents import when_awake
from bot.people import Person
from bot.places import Place
from bot.store import Tx
from bot.values import Json

MOST_HELD = 200
"""What comes beyond that is said at once: nothing is dropped."""


class Kind(StrEnum):
    """What is held."""

    REPORT = "report"
    """What a run of a mission has to say."""
    NOTICE = "notice"
    """What we say of ourselves."""
    CARDS = "cards"
    """The proposals `of`, which stand on no card yet."""
    INCIDENT = "incident"
    """The incident `of`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One thing that waits. `turn` is the run it is of, `mission` the number people know, 0 for none."""

    kind: Kind = Kind.REPORT
    turn: str = ""
    mission: int = 0
    place: str
    text: str = ""
    of: tuple[str, ...] = field(default=())
    at: datetime
    tainted: bool = False

    def as_json(self) -> Json:
        return {
            "kind": self.kind.value,
            "turn": self.turn,
            "mission": self.mission,
            "place": self.place,
            "text": self.text,
            "of": list(self.of),
            "at": self.at.isoformat(),
            "tainted": self.tainted,
        }

    @staticmethod
    def read(value: Json) -> "Held":
        """The inverse of `as_json`, also of what was kept when there were reports alone."""
        return Held(
            kind=Kind(value.get("kind", Kind.REPORT)),
            turn=value["turn"],
            mission=value["mission"],
            place=value["place"],
            text=value["text"],
            of=tuple(value.get("of", ())),
            at=datetime.fromisoformat(value["at"]),
            tainted=value["tainted"],
        )


def asleep(person: Person, now: datetime) -> bool:
    """Whether their quiet hours hold."""
    hours = quiets.hours(person)
    return hours is not None and hours.hold(now, person.zone)


def awake_at(person: Person, now: datetime) -> datetime:
    """When they can be told what can wait, in quarters of an hour."""
    return when_awake(now, person, quiets.hours(person))


def sleeper(tx: Tx, place: str, now: datetime) -> Person | None:
    """Who reads this private place and has quiet hours now; None for any other place."""
    where = Place.parse(place)
    person = whereabouts.whose(tx, where) if where.private else None
    return person if person is not None and asleep(person, now) else None


def kept(tx: Tx, person: str) -> tuple[Held, ...]:
    """What waits for a person, oldest first."""
    found: Json = tx.marks.get(_mark(person))
    return tuple(Held.read(each) for each in found or ())


def keep(tx: Tx, person: str, held: Held) -> bool:
    """It waits from now on. False when too much does already: then it is to be said."""
    before = kept(tx, person)
    if len(before) >= MOST_HELD:
        return False
    _put(tx, person, (*before, held))
    return True


def take(tx: Tx, person: str) -> tuple[Held, ...]:
    """All that waits for a person, which is over with that."""
    found = kept(tx, person)
    _put(tx, person, ())
    return found


def drop(tx: Tx, person: str, of: Callable[[Held], bool]) -> int:
    """Lets go of what waits and is such. Returns how much that was."""
    before = kept(tx, person)
    after = tuple(each for each in before if not of(each))
    if after != before:
        _put(tx, person, after)
    return len(before) - len(after)


def tell(
    tx: Tx,
    *,
    place: str,
    slot: str,
    content: Text,
    now: datetime,
    lang: str,
    mission: str = "",
    number: int = 0,
    tainted: bool = False,
) -> None:
    """Says what can wait: at once, or when whoever is alone in this place has slept."""
    person = sleeper(tx, place, now)
    held = Held(kind=Kind.NOTICE, mission=number, place=place, text=content.text, at=now, tainted=tainted)
    if person is None or not keep(tx, person.id, held):
        sayings.say(
            tx, place=place, slot=slot, content=content, now=now, lang=lang, mission=mission, tainted=tainted
        )


def _put(tx: Tx, person: str, held: tuple[Held, ...]) -> None:
    mark: list[Json] = [each.as_json() for each in held]
    tx.marks.put(_mark(person), mark or None)


def _mark(person: str) -> str:
    return f"held:{person}"
