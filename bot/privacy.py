"""How long what was said is kept: conversations that leave nothing, and the days after which any is forgotten.

Kept as two marks; swept by the clock. Notes that are facts, decisions or pinned are nobody's conversation: they stay.
"""

from datetime import UTC, datetime, timedelta

from bot import forgetting
from bot.effects import Text
from bot.errors import Refused
from bot.house import House
from bot.notes import NoteKind
from bot.people import HOME
from bot.sayings import say
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json

LONGEST = timedelta(hours=24)
"""A private conversation that nobody ended ends by itself."""
MOST = 100_000
"""Turns of one private conversation."""
AT_ONCE = 200
"""Turns forgotten in one transaction: the writer serves others between."""
MARK = "unkept"
"""Under which name the conversations are kept that are private now."""
_DAYS = "retention"
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def standing(tx: Tx, place: str) -> bool:
    """Whether the conversation in this place is private now."""
    return place in _all(tx)


def refuse(tx: Tx, place: str, tongue: Tongue) -> None:
    """Raises Refused for whatever would be kept of a private conversation."""
    if standing(tx, place):
        raise Refused(
            tongue("this conversation is private: I remember nothing of it. “end private mode” ends that")
        )


def begin(tx: Tx, place: str, person: str, *, turn: str, now: datetime) -> None:
    """From this turn on. Begun again, it goes on."""
    if not standing(tx, place):
        tx.marks.put(MARK, {**_all(tx), place: {"at": now.isoformat(), "by": person, "turn": turn}})
        tx.ledger.append("private_began", {"person": person, "place": place}, now)


def end(tx: Tx, place: str, *, now: datetime, turn: str, tongue: Tongue, house: House) -> int:
    """What was said in it is forgotten. Returns on how many occasions. `turn` is the one that asks, and goes too."""
    kept = _all(tx)
    since = datetime.fromisoformat(kept[place]["at"])
    tx.marks.put(MARK, {key: value for key, value in kept.items() if key != place} or None)
    first = (since, str(kept[place]["turn"]))
    turns = tx.traces.between(since - timedelta(seconds=1), now + timedelta(days=1), MOST)
    said = [each.id for each in turns if each.place == place and (each.started, each.id) >= first]
    n = forgetting.forget_turns(
        tx, [each for each in said if each != turn], turn=turn, tongue=tongue, house=house
    )
    tx.ledger.append("private_ended", {"place": place, "turns": n}, now)
    return n


def _all(tx: Tx) -> dict[str, Json]:
    found: Json = tx.marks.get(MARK)
    return dict(found or {})


def keep_for(tx: Tx, days: int) -> None:
    """Conversations are kept for so many days; 0 means until somebody asks."""
    tx.marks.put(_DAYS, {"days": days} if days else None)


def kept_for(tx: Tx) -> int:
    """Days, 0 for ever."""
    found: Json = tx.marks.get(_DAYS)
    return int(found["days"]) if found else 0


async def sweep(*, house: House, space: str = HOME) -> int:
    """Ends what was private too long, and forgets what is older than the space keeps. Returns how much that was."""
    return await house.store.write(lambda tx: _end_old(tx, house) + _forget_old(tx, house), space=space)


def _end_old(tx: Tx, house: House) -> int:
    now, ended = house.clock.now(), 0
    for place, kept in _all(tx).items():
        if datetime.fromisoformat(kept["at"]) + LONGEST > now:
            continue
        person = tx.people.get(kept["by"])
        tongue = house.tongues(person.lang if person else "en")
        end(tx, place, now=now, turn="", tongue=tongue, house=house)
        text = tongue(
            "The private conversation here was ended after a day; what was said in it is forgotten."
        )
        say(tx, place=place, slot=f"unkept:{kept['at']}", content=Text(text=text), now=now, lang=tongue.lang)
        ended += 1
    return ended


def _forget_old(tx: Tx, house: House) -> int:
    found: Json = tx.marks.get(_DAYS)
    if not found:
        return 0
    now = house.clock.now()
    before = now - timedelta(days=found["days"])
    after = datetime.fromisoformat(found["upto"]) if "upto" in found else _BEFORE_ALL
    old = tx.traces.between(after, before, AT_ONCE)
    if not old:
        return 0
    tongue = house.tongues("en")
    gone = [
        each.id for each in old if forgetting.unsay_turn(tx, each.id, tongue=tongue, house=house, edit=False)
    ]
    passed = {
        note.id
        for scope in tx.notes.scopes()
        for note in tx.notes.history(scope)
        if note.kind in (NoteKind.EPISODE, NoteKind.SUMMARY) and not note.pinned and note.learned < before
    }
    for note in sorted(passed):
        tx.notes.forget(note)
    # What waits for a press holds the line where it is: it is looked at again.
    waits = [each.started for each in old if each.id not in gone]
    upto = min(waits) - timedelta(microseconds=1) if waits else old[-1].started
    tx.marks.put(_DAYS, {**found, "upto": max(upto, after).isoformat()})
    if gone or passed:
        tx.ledger.append(
            "retained", {"days": found["days"], "turns": len(gone), "notes": sorted(passed)}, now
        )
    return len(gone) + len(passed)
