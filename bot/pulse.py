"""The assistant looks after itself: its queue, its connections, the cards nobody answers, the disk, the clock.

One notice to the owner when something is wrong, one when it is right again. What is wrong at one look alone is not told:
lines break for a moment all the time.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import resting, triggers, whereabouts
from bot.actions import Receipt
from bot.doors import owner as owner_of
from bot.effects import Text
from bot.errors import VigieError
from bot.house import House
from bot.people import HOME
from bot.speech import Tongue
from bot.store import Tx
from bot.triggers import Calendar
from bot.values import Json
from bot.world import Context, Health

log = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[Health]]
"""One thing of the outside to look at: a door, the disk."""

EVERY = timedelta(minutes=5)
STUCK = timedelta(minutes=10)
"""Something that is due and not handled for so long is stuck."""
UNANSWERED = timedelta(hours=12)
PATIENCE = 10.0
"""Seconds for one probe."""
BACK = timedelta(minutes=1)
"""A clock that is this much behind what it said before was set back."""
_MARK = "pulse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What was found. `wrong` and `told` are sentences by the name of what they are about."""

    at: datetime
    wrong: Mapping[str, str]
    told: Mapping[str, str]

    def as_json(self) -> Json:
        return {"at": self.at.isoformat(), "wrong": dict(self.wrong), "told": dict(self.told)}

    @staticmethod
    def of(value: Json) -> "Pulse | None":
        """The inverse of `as_json`; None for None."""
        if not value:
            return None
        return Pulse(at=datetime.fromisoformat(value["at"]), wrong=value["wrong"], told=value["told"])


def last(tx: Tx) -> Pulse | None:
    """What the last look found."""
    return Pulse.of(tx.marks.get(_MARK))


async def look(
    *, house: House, calendar: Calendar, probes: Mapping[str, Probe], space: str = HOME
) -> Mapping[str, str]:
    """One look at everything, when it is time for one. Returns what is wrong."""
    now = house.clock.now()
    before, owner = await house.store.read(lambda tx: (last(tx), owner_of(tx)), space=space)
    if before is not None and timedelta(0) <= now - before.at < EVERY:
        return before.wrong
    back = before is not None and before.at - now > BACK
    tongue = house.tongues(owner.lang if owner else "en")
    wrong = await _probed({**_systems(house), **probes}, tongue)
    stuck = await house.store.busy_places(now - STUCK)
    if stuck and not back:
        wrong["queue"] = tongue.many(
            "{n} conversation has waited for its turn too long",
            "{n} conversations have waited too long",
            len(stuck),
        )

    def write(tx: Tx) -> Mapping[str, str]:
        found = {**wrong, **_cards(tx, now, tongue)}
        if back:
            body = {"before": before.at.isoformat() if before else "", "armed": _rearm(tx, now, calendar)}
            tx.ledger.append("clock_set_back", body, now)
            found["clock"] = tongue("the clock was set back; nothing is done twice for it")
        _tell(tx, before, found, now, house)
        return found

    return await house.store.write(write, space=space)


def _systems(house: House) -> dict[str, Probe]:
    return {name: system.check for name, system in house.systems.items()}


async def _probed(probes: Mapping[str, Probe], tongue: Tongue) -> dict[str, str]:
    """What each probe says is wrong, by its name; one that does not answer is."""

    async def one(name: str, probe: Probe) -> tuple[str, str]:
        try:
            async with asyncio.timeout(PATIENCE):
                health = await probe()
        except TimeoutError:
            return name, tongue("it does not answer")
        except VigieError as error:
            return name, error.said(tongue)
        except Exception:
            # It may hold anything: only that it broke is told.
            log.exception("probe_broke", extra={"action": "probe_broke", "probe": name})
            return name, tongue("asking how it is broke down; the log says how")
        return name, "" if health.well else health.error.said(tongue) if health.error else health.text

    found = await asyncio.gather(*(one(name, probe) for name, probe in probes.items()))
    return {name: text for name, text in found if text}


def _cards(tx: Tx, now: datetime, tongue: Tongue) -> dict[str, str]:
    old = [each for each in tx.proposals.pending() if each.open_at(now) and now - each.created > UNANSWERED]
    if not old:
        return {}
    words = tongue.many(
        "{n} card has had no answer for half a day", "{n} cards have had no answer for half a day", len(old)
    )
    return {"cards": words}


def _rearm(tx: Tx, now: datetime, calendar: Calendar) -> int:
    """Missions that were woken in what is the future now wait for the times to come; what has its row already is not
    run again."""
    ahead = [each for each in tx.missions.all() if each.last_woke is not None and each.last_woke > now]
    for mission in ahead:
        tx.missions.put(triggers.armed(mission, now, calendar=calendar))
    return len(ahead)


def _line(name: str, what: str, tongue: Tongue) -> str:
    """What is wrong with one thing. Ours are called as people do, systems and mailboxes by their names."""
    ours = {
        "queue": tongue("queue"),
        "cards": tongue("cards"),
        "clock": tongue("clock"),
        "disk": tongue("disk"),
    }
    kind, _, rest = name.partition(" ")
    called = tongue("mailbox {name}", name=rest) if kind == "mailbox" and rest else ours.get(name, name)
    return tongue("{name}: {what}", name=called, what=what)


def _tell(tx: Tx, before: Pulse | None, wrong: Mapping[str, str], now: datetime, house: House) -> None:
    """One notice for what is wrong at two looks in a row, and one when all that was told is right again."""
    none: Mapping[str, str] = {}
    seen = before.wrong if before else none
    told = before.told if before else none
    lasting = {name: text for name, text in wrong.items() if name in seen or name == "clock"}
    new = {name: text for name, text in lasting.items() if name not in told}
    standing = {name: text for name, text in {**told, **new}.items() if name in wrong}
    tx.marks.put(_MARK, Pulse(at=now, wrong=wrong, told=standing).as_json())
    owner = owner_of(tx)
    if owner is None or not (new or (told and not standing)):
        return
    tongue = house.tongues(owner.lang)
    if new:
        what = "\n".join(f"• {_line(name, text, tongue)}" for name, text in new.items())
        words = tongue("Something is wrong with me:") + "\n" + what
    else:
        words = tongue("I am all right again.")
    tx.ledger.append("pulse", {"wrong": sorted(wrong), "person": owner.id}, now)
    resting.tell(
        tx,
        place=whereabouts.alone_with(tx, owner).key,
        slot=f"pulse:{now.isoformat()}",
        content=Text(text=words),
        now=now,
        lang=owner.lang,
    )


def told(tx: Tx, context: Context) -> Receipt:
    """What the last look found, in words."""
    tongue, found = context.tongue, last(tx)
    if found is None:
        return Receipt(text=tongue("I have not looked after myself yet."), data=[])
    when = tongue.moment(found.at, context.zone)
    if not found.wrong:
        return Receipt(text=tongue("All is well with me, looked at {when}.", when=when), data=[])
    lines = [
        tongue("Looked at {when}:", when=when),
        *(f"• {_line(name, text, tongue)}" for name, text in found.wrong.items()),
    ]
    return Receipt(text="\n".join(lines), data=sorted(found.wrong), tainted=True)
