"""What may wake us: within its chain and its hour, or not at all and with one notice. The only place where a Wake
becomes an Event, whatever caused it, and where another bot's words are let through.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot import ids, loops, sayings
from bot.effects import Text
from bot.events import Event, Wake
from bot.house import House
from bot.loops import Chain, Tally
from bot.missions import Mission, Phase
from bot.occurrences import Fate, Occurrence
from bot.procedures import Errand
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json


def by_clock(tx: Tx, mission: Mission, wake: Wake, *, house: House) -> bool | None:
    """A due time of its own schedule. False when this wake was made before, None when it may not be made now."""
    key = _clock_key(mission, wake.trigger, wake.due)
    # A mission that another mission began, or woke again, goes on in that one's chain.
    event = _event(tx, mission, wake, key, Chain(cause=mission.cause, depth=mission.depth), house)
    return _keep(tx, mission, event, f"clock:{mission.id}", house.budgets.clock_wakes, house)


def pass_over(tx: Tx, mission: Mission, trigger: str, due: datetime, *, why: str, now: datetime) -> bool:
    """A due time that gets no wake of its own has its row all the same. False when it had one already."""
    row = Occurrence(
        id=ids.derived("evt", _clock_key(mission, trigger, due)),
        space=tx.space,
        mission=mission.id,
        trigger=trigger,
        due=due,
    )
    before = tx.occurrences.get(row.id)
    if before is not None and before.fate is not Fate.DUE:
        return False
    tx.occurrences.put(row.now(Fate.SKIPPED, now, why=why))
    return True


def _clock_key(mission: Mission, trigger: str, due: datetime) -> str:
    return f"wake:{mission.id}:{trigger}:{due.isoformat()}"


def by_event(
    tx: Tx,
    mission: Mission,
    wake: Wake,
    *,
    key: str,
    cause: Event | None,
    house: House,
    place: str = "",
    told_later: bool = False,
) -> bool | None:
    """Something happened that it waits for; `cause` is the event that led to it, as far as we know. It wakes in its own place, or in
    the one where somebody asked for it. Returns as `by_clock`. One whose last day has passed is done instead. `told_later`
    says that the caller comes again in the next hour with what the limit of this one holds back."""
    if mission.ends is not None and house.clock.now() >= mission.ends:
        tx.missions.put(mission.moved(Phase.DONE))
        tx.ledger.append("mission_done", {"mission": mission.id}, house.clock.now())
        return None
    if mission.procedure and wake.errand is None:
        # From here on the run has this version, whatever becomes of the procedure.
        wake = replace(wake, errand=Errand(version=mission.version))
    event = _event(tx, replace(mission, place=place or mission.place), wake, key, loops.after(cause), house)
    made = _keep(tx, mission, event, f"wakes:{mission.id}", house.budgets.wakes, house, told_later=told_later)
    row = tx.occurrences.get(event.id) if made is None else None
    if row is not None:
        # A due time is made up for later; of what happens, nobody rings again.
        tx.occurrences.put(row.now(Fate.SKIPPED, event.at, why="limit"))
    return made


def _event(tx: Tx, mission: Mission, wake: Wake, key: str, chain: Chain, house: House) -> Event:
    return Event(
        id=ids.derived("evt", key),
        space=tx.space,
        key=key,
        place=mission.place,
        at=house.clock.now(),
        body=wake,
        cause=chain.cause,
        depth=chain.depth,
    )


def _keep(
    tx: Tx,
    mission: Mission,
    event: Event,
    mark: str,
    most: int,
    house: House,
    *,
    told_later: bool = False,
) -> bool | None:
    if tx.events.get(event.id) is not None:
        return False
    chain = Chain(cause=event.cause, depth=event.depth)
    if too_deep(tx, chain, mission, house=house) or _too_many(tx, chain, mission, house):
        _row(tx, event, Fate.DUE)
        return None
    if not _counted(tx, mark, event.key, most, event.at):
        tongue = house.tongues(mission.lang)
        until = _next_hour(mission, event.at, tongue)
        words = (
            tongue(
                "Mission {n} woke {most} times in this hour, which is the limit. It rests until {until}; what arrives"
                " before then is told together.",
                n=mission.number,
                most=most,
                until=until,
            )
            if told_later
            else tongue(
                "Mission {n} woke {most} times in this hour, which is the limit. It rests until {until}.",
                n=mission.number,
                most=most,
                until=until,
            )
        )
        _tell(tx, mark, mission, words, house)
        _row(tx, event, Fate.DUE)
        return None
    made = tx.events.add(event)
    _row(tx, event, Fate.CLAIMED)
    tx.ring(event.place)
    return made


def _row(tx: Tx, event: Event, fate: Fate) -> None:
    """The row of a due time: claimed by this wake, or owed for as long as a limit holds it back."""
    assert isinstance(event.body, Wake)
    wake = event.body
    tx.occurrences.put(
        Occurrence(
            id=event.id,
            space=tx.space,
            mission=wake.mission,
            trigger=wake.trigger,
            due=wake.due,
            fate=fate,
            late=wake.late,
            missed=wake.missed,
        )
    )


def too_deep(tx: Tx, chain: Chain, mission: Mission, *, house: House) -> bool:
    """Whether missions would wake one another further than the limit. People hear so once an hour."""
    most = house.budgets.wake_depth
    if chain.depth <= most:
        return False
    words = house.tongues(mission.lang)(
        "Mission {n} is not woken: missions would wake one another more than {most} deep. A person can say"
        " “resume {n}”.",
        n=mission.number,
        most=most,
    )
    _tell(tx, f"chain:{chain.cause}", mission, words, house)
    return True


def _too_many(tx: Tx, chain: Chain, mission: Mission, house: House) -> bool:
    most, now, mark = house.budgets.chain_wakes, house.clock.now(), f"chain:{chain.cause}"
    if not chain.cause or _counted(tx, mark, "", most, now):
        return False
    tongue = house.tongues(mission.lang)
    words = tongue(
        "Mission {n} is not woken: {most} wakes followed from one cause in this hour. It rests until {until}.",
        n=mission.number,
        most=most,
        until=_next_hour(mission, now, tongue),
    )
    _tell(tx, mark, mission, words, house)
    return True


def heeds_bot(tx: Tx, event: Event, *, lang: str, house: House) -> bool:
    """Whether another bot is answered in this place once more in this hour. When not, the place hears so once."""
    mark, most, now = f"bots:{event.place}", house.budgets.bot_answers, house.clock.now()
    if _counted(tx, mark, event.id, most, now):
        return True
    if _first_time(tx, mark, now):
        tongue = house.tongues(lang)
        words = tongue(
            "Another program and I have answered each other {most} times in this hour. I stop listening to programs"
            " here until {until}; people are heard as ever.",
            most=most,
            until=tongue.moment(loops.next_hour(now), "UTC"),
        )
        body: Mapping[str, Json] = {"loop": mark, "event": event.id, "most": most}
        _say(tx, mark, event.place, words, body, lang, now)
    return False


def _counted(tx: Tx, mark: str, what: str, most: int, now: datetime) -> bool:
    before = Tally.of(tx.marks.get(mark))
    after = before.take(what, now, most=most)
    if after is None:
        return False
    if after != before:
        tx.marks.put(mark, after.as_json())
    return True


def _first_time(tx: Tx, mark: str, now: datetime) -> bool:
    """Whether nobody has heard of it in this hour; from now on they have."""
    tally = Tally.of(tx.marks.get(mark)).at(now)
    if tally.told:
        return False
    tx.marks.put(mark, tally.heard().as_json())
    return True


def _tell(tx: Tx, mark: str, mission: Mission, words: str, house: House) -> None:
    now = house.clock.now()
    if _first_time(tx, mark, now):
        body: Mapping[str, Json] = {"loop": mark, "mission": mission.id, "result": words}
        _say(tx, mark, mission.place, words, body, mission.lang, now, mission=mission.id)


def _say(
    tx: Tx,
    mark: str,
    place: str,
    words: str,
    body: Mapping[str, Json],
    lang: str,
    now: datetime,
    *,
    mission: str = "",
) -> None:
    tx.ledger.append("loop_stopped", body, now)
    slot = f"loop:{mark}:{loops.hour_of(now).isoformat()}"
    sayings.say(tx, place=place, slot=slot, content=Text(text=words), now=now, lang=lang, mission=mission)


def _next_hour(mission: Mission, now: datetime, tongue: Tongue) -> str:
    return tongue.moment(loops.next_hour(now), mission.zone)
