"""The digest of incidents: once a day one message to the owner with what went wrong since the last, and nothing when
nothing did.
"""

from datetime import date, timedelta

from bot import alerting, anchors, resting, sayings, whereabouts
from bot.doors import owner as owner_of
from bot.effects import Text
from bot.house import House
from bot.incidents import Stage
from bot.people import HOME
from bot.store import Tx
from bot.values import Json

_MARK = "incidents-digest"
MOST = 20


async def sweep(*, house: House, space: str = HOME) -> bool:
    """True when it told one."""
    if not await house.store.read(lambda tx: _day(tx, house), space=space):
        return False
    return await house.store.write(lambda tx: _tell(tx, house), space=space)


def _day(tx: Tx, house: House) -> str:
    """The day that is owed a digest, "" when none is."""
    owner, now = owner_of(tx), house.clock.now()
    if owner is None or house.digest_at is None or resting.asleep(owner, now):
        return ""
    day, _ = anchors.day_due(now, zone=owner.zone, hour=house.digest_at)
    kept: Json = tx.marks.get(_MARK)
    told = kept is not None and kept["day"] >= day.isoformat() and not _ahead(kept, day)
    return "" if told else day.isoformat()


def _ahead(kept: Json, day: date) -> bool:
    """Whether a clock that has been set right since told of a day that is still to come."""
    return bool(kept) and kept["day"] > (day + timedelta(days=1)).isoformat()


def _tell(tx: Tx, house: House) -> bool:
    owner, day, now = owner_of(tx), _day(tx, house), house.clock.now()
    if owner is None or not day:
        return False
    wrong = _ahead(tx.marks.get(_MARK), date.fromisoformat(day))
    tx.marks.put(_MARK, {"day": day})
    if wrong:
        return False
    since = now - timedelta(days=1)
    found = [
        each for each in tx.incidents.recent(200) if each.changed > since or each.stage is not Stage.RESOLVED
    ]
    if not found:
        return False
    tongue = house.tongues(owner.lang)
    lines = [tongue.many("{n} incident since yesterday:", "{n} incidents since yesterday:", len(found))]
    lines += [alerting.line(each, tongue=tongue) for each in found[:MOST]]
    slot = f"incidents:{day}"
    place = whereabouts.alone_with(tx, owner).key
    content = Text(text="\n".join(lines))
    sayings.say(tx, place=place, slot=slot, content=content, now=now, lang=tongue.lang, tainted=True)
    return True
