"""Holds: what was allowed and waits a moment before it leaves the house, with a button that stops it.

The message says when it goes out, and becomes the receipt. The row of the effect is what holds: it is due when
the time is over, whoever restarts meanwhile, and stopping it is a compare-and-set like starting it.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import ids, sayings
from bot.effects import Effect, EffectState, Hold, Question, Run, Text
from bot.events import Event, Resume
from bot.house import House
from bot.speech import Tongue
from bot.store import Tx
from bot.visible import ended, exact

TOO_LATE = timedelta(hours=1)
"""What was held and could not go out for so long (nothing ran) is not sent late."""
STOP = "stop"
"""The value of the button."""


def hold(*, now: datetime, by: timedelta, tainted: bool, own_words: bool) -> Hold:
    """From now on for so long."""
    return Hold(until=now + by, ref=ids.reference(), tainted=tainted, own_words=own_words)


def announce(tx: Tx, effect: Effect, *, subject: str, house: House, tongue: Tongue, zone: str) -> None:
    """Says what goes out and when, with the button."""
    run, held = _parts(effect)
    tx.marks.put(_mark(held.ref), {"effect": effect.id})
    action = house.known(run.call.action)
    text = tongue(
        "{title}: {subject}. It goes out at {when} unless somebody stops it.",
        title=exact(tongue(action.title if action else run.call.action), lines=False),
        subject=exact(subject or run.call.action, lines=False),
        when=held.until.astimezone(ZoneInfo(zone)).strftime("%H:%M:%S"),
    )
    question = Question(text=text, ref=held.ref, choices=((STOP, tongue("Stop it")),))
    _say(tx, effect, question, house.clock.now(), tongue.lang)


def held_at(tx: Tx, ref: str) -> Effect | None:
    """The effect whose message carries this reference, None when there is none."""
    mark = tx.marks.get(_mark(ref))
    return tx.effects.get(mark["effect"]) if mark else None


def tell(tx: Tx, effect: Effect, *, house: House) -> None:
    """What came of it: in its message, and to the turn that waits for it."""
    if not isinstance(effect.deed, Run) or effect.deed.hold is None or not effect.over:
        return
    person = tx.people.get(effect.person)
    tongue = house.tongues(person.lang if person else "en")
    _say(tx, effect, Text(text=_outcome(effect, tongue)), house.clock.now(), tongue.lang)
    if effect.turn:
        tx.events.add(
            Event(
                id=ids.new("evt"),
                space=tx.space,
                key=f"resume:{effect.turn}:{effect.id}",
                place=effect.place,
                at=house.clock.now(),
                body=Resume(turn=effect.turn, cause=effect.id),
            )
        )
    tx.ring(effect.place)


def _outcome(effect: Effect, tongue: Tongue) -> str:
    match effect.state:
        case EffectState.CONFIRMED:
            text = exact(effect.receipt.text) if effect.receipt else ""
            return tongue("✓ Done: {text}", text=text)
        case EffectState.UNKNOWN:
            return tongue(
                "? Outcome unknown: {why} Please check before asking again.", why=ended(exact(effect.error))
            )
        case _:
            return tongue("✗ Nothing was done: {why}", why=exact(effect.error))


def slot(effect: Effect) -> str:
    """The message of a held effect."""
    return f"hold:{effect.id}"


def _say(tx: Tx, effect: Effect, content: Question | Text, now: datetime, lang: str) -> None:
    sayings.say(
        tx,
        place=effect.place,
        slot=slot(effect),
        content=content,
        now=now,
        turn=effect.turn,
        mission=effect.mission,
        person=effect.person,
        lang=lang,
        tainted=True,
    )


def _parts(effect: Effect) -> tuple[Run, Hold]:
    assert isinstance(effect.deed, Run)
    assert effect.deed.hold is not None
    return effect.deed, effect.deed.hold


def _mark(ref: str) -> str:
    return f"hold:{ref}"
