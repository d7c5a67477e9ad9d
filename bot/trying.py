"""Trying a chat, both ways: a message with a button goes to where a person last wrote alone, and their press comes back.
Only the press proves it: that something was sent says nothing of what arrives.
"""

from datetime import datetime, timedelta

from bot import sayings, whereabouts
from bot.effects import Question, Text
from bot.errors import NotAllowed, Refused
from bot.events import Event, Press
from bot.house import House
from bot.locators import UNKNOWN_OR_NOT_YOURS, acknowledge, refuse, stands, vouched
from bot.people import Person
from bot.store import Tx
from bot.values import Json

WORKS = "works"
PROVES = timedelta(days=1)
"""For how long an event that came to one process proves that its kind comes, where others see none."""


def ask(tx: Tx, person: Person, platform: str, *, house: House, key: str) -> str:
    """Sends it. Returns the place. Raises Refused where they never wrote."""
    place = whereabouts.last_on(tx, person.id, platform)
    if place is None:
        raise Refused("write to me there first, in a private conversation, so that I know where you are")
    tongue, now = house.tongues(person.lang), house.clock.now()
    ref = f"try:{platform}:{person.id}"
    sayings.say(
        tx,
        place=place.key,
        slot=f"{ref}:{key}",
        content=Question(
            text=tongue("This is a test. Press the button, and we both know that it works."),
            ref=ref,
            choices=((WORKS, tongue("It works")),),
        ),
        now=now,
        person=person.id,
        lang=person.lang,
    )
    tx.marks.put(f"{ref}:slot", f"{ref}:{key}")
    _settle(tx, person.id, platform)
    return place.key


def tries(tx: Tx, press: Press) -> bool:
    """Whether this press is on such a message."""
    return press.ref.startswith("try:")


def of_press(tx: Tx, event: Event, press: Press, *, house: House) -> None:
    """It came back: from whom it went to, from where it stands."""
    now = house.clock.now()
    slot: Json = tx.marks.get(f"{press.ref}:slot")
    try:
        person = _theirs(tx, event, press, slot)
        arrived(tx, person, press.who.platform, now)
        tx.ledger.append("chat_tried", {"person": person.id, "platform": press.who.platform}, now)
        text = house.tongues(person.lang)("It works, both ways.")
        acknowledge(tx, event, press, text, now)
        sayings.say(
            tx,
            place=event.place,
            slot=slot,
            content=Text(text=f"✓ {text}"),
            now=now,
            person=person.id,
            lang=person.lang,
        )
    except NotAllowed as error:
        refuse(tx, event, press, error, house, now)
    tx.events.close(event.id)


def _theirs(tx: Tx, event: Event, press: Press, slot: Json) -> Person:
    """Who presses, when the message went to them and stands there. Raises NotAllowed."""
    vouched(press.who, press.standing)
    person = tx.people.by_identity(press.who)
    asked = f"try:{press.who.platform}:{person.id}" if person is not None else ""
    if person is None or not slot or press.ref != asked:
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    if not stands(tx, slot, event.place, press.message):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    return person


def sent(tx: Tx, person: str, platform: str) -> bool | None:
    """Whether the last message was delivered; None where none was asked for."""
    ref = f"try:{platform}:{person}"
    slot: Json = tx.marks.get(f"{ref}:slot")
    if not slot:
        return None
    return any(line.ref for line in tx.lines.of_slot(slot))


def pressed(tx: Tx, person: str, platform: str) -> bool:
    """Whether their press ever came back."""
    return bool(tx.marks.get(_mark(person, platform)))


def arrived(tx: Tx, person: Person, platform: str, now: datetime) -> None:
    """A press of theirs came back from there, on this message or on any card."""
    if not pressed(tx, person.id, platform):
        tx.marks.put(_mark(person.id, platform), now.isoformat())
    _settle(tx, person.id, platform)


def lose(tx: Tx, person: Person, platform: str, now: datetime) -> None:
    """They say that they pressed the button, and it never came. Raises Refused where there is none to press."""
    if not sent(tx, person.id, platform):
        raise Refused("no button is there yet; have one sent first")
    tx.marks.put(_lost(person.id, platform), now.isoformat())


def lost(tx: Tx, person: str, platform: str) -> datetime | None:
    """When they said so, None where they did not, or a press came since."""
    kept: Json = tx.marks.get(_lost(person, platform))
    return datetime.fromisoformat(kept) if kept else None


def _settle(tx: Tx, person: str, platform: str) -> None:
    if tx.marks.get(_lost(person, platform)):
        tx.marks.put(_lost(person, platform), None)


def doubt(tx: Tx, platform: str, at: datetime | None) -> None:
    """What arrives in the name of this platform is not signed with the secret we have; with None, it is."""
    if tx.marks.get(_doubted(platform)) or at is not None:
        tx.marks.put(_doubted(platform), at.isoformat() if at is not None else None)


def doubted(tx: Tx, platform: str) -> datetime | None:
    """When that was last so, None where what arrives is signed with it, or nothing arrived."""
    kept: Json = tx.marks.get(_doubted(platform))
    return datetime.fromisoformat(kept) if kept else None


def miss(tx: Tx, platform: str, event: str, at: datetime | None, *, others: bool = False) -> None:
    """Something of this kind was said `at` this time on the platform and did not arrive; `others` says that other kinds do. With
    None, it arrives."""
    if at is not None and (came := _came(tx, platform, event)) is not None and at - came < PROVES:
        return
    if tx.marks.get(_missed(platform, event)) or at is not None:
        tx.marks.put(_missed(platform, event), [at.isoformat(), others] if at is not None else None)


def come(tx: Tx, platform: str, event: str, now: datetime) -> None:
    """An event of this kind came, to this process: what another one saw nothing of is not missed."""
    miss(tx, platform, event, None)
    tx.marks.put(_come(platform, event), now.isoformat())


def _came(tx: Tx, platform: str, event: str) -> datetime | None:
    kept: Json = tx.marks.get(_come(platform, event))
    return datetime.fromisoformat(kept) if kept else None


def missed(tx: Tx, platform: str, event: str) -> tuple[datetime, bool] | None:
    """When that last was so, and whether other kinds arrive."""
    kept: Json = tx.marks.get(_missed(platform, event))
    return (datetime.fromisoformat(kept[0]), bool(kept[1])) if kept else None


def _mark(person: str, platform: str) -> str:
    return f"tried:{platform}:{person}"


def _doubted(platform: str) -> str:
    return f"doubted:{platform}"


def _lost(person: str, platform: str) -> str:
    return f"lost:{platform}:{person}"


def _come(platform: str, event: str) -> str:
    return f"come:{platform}:{event}"


def _missed(platform: str, event: str) -> str:
    return f"missed:{platform}:{event}"
