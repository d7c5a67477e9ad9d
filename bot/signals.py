"""Signals: an outside fact that was kept becomes the wakes of the missions that wait for it.

The seam for whatever brings facts from outside, webhooks, mailboxes, watchers. Such an adapter (adapters/signals/)

1. makes sure who speaks (a signature, a session, a query of its own),
2. draws a `bot.events.Signal` from it: `source` is ours (`hook:prom`, `mail:ops`, `watch:3`), everything else is the
   outside's words,
3. hands `Arrival(key=…, place=lane(source), body=signal)` to `inbox.accept`, where `key` is the id by which the
   sender would know this delivery again (a delivery id, UIDVALIDITY and UID, a watcher and the moment it crossed),
4. and only then says that it was received.

What follows is here and is the same for all of them: the missions whose triggers name it (`bot.watchwords`) wake,
each within its limits (`bot.waking`). Signals of a source with a `window` are gathered: the first one stays open
until the window closes, and stands for all of them. A signal is content and never a command: it taints the turn it
wakes, and is shown to a mind fenced and labelled. One with a `group` and a `condition` is part of an incident
(`bot.alerting`), which has one message and wakes missions once, when it begins. Signals of one source are taken one after the other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot import alerting, loops, waking, watchwords
from bot.events import Event, Signal, Wake
from bot.house import House
from bot.missions import Heard, Mission
from bot.places import Place
from bot.store import Tx
from bot.values import Json

MOST_GATHERED = 500
"""So many signals of one window are kept by name; a flood beyond that is counted in the ledger alone."""
_Found = Sequence[tuple[str, Heard]]
"""Events, each with the trigger that waits for it."""


def lane(source: str) -> Place:
    """The place of a source's signals: nobody talks there, it is the lock under which they are taken in order."""
    return Place(platform="signals", channel=source)


async def of_signal(event: Event, signal: Signal, *, house: House) -> None:
    """One that arrived, or the first of a window that has closed."""
    await house.store.write(lambda tx: _take(tx, event, signal, house), space=event.space)


def _take(tx: Tx, event: Event, signal: Signal, house: House) -> None:
    now = house.clock.now()
    if _release(tx, event, now, house):
        return
    window = _window(tx, event.place)
    longest = timedelta(seconds=signal.window)
    if window is not None and (now >= window[0] or window[0] - now > longest):
        # Over; or it would last longer than any, because the clock was set back.
        # Its own window, or that of one that could not be handled to its end.
        tx.marks.put(_mark(event.place), None)
        gathered = window[1] if event.id in window[1] else (*window[1], event.id)
        if event.id not in window[1]:
            _note(tx, event, signal, now)
            alerting.heard(tx, event, signal, house)
        _wake(tx, [found for each in gathered if (found := tx.events.get(each))], event, now, house)
        return
    _note(tx, event, signal, now)
    if not alerting.heard(tx, event, signal, house):
        tx.events.close(event.id)
        return
    if window is not None:
        if len(window[1]) < MOST_GATHERED:
            _open(tx, event.place, window[0], (*window[1], event.id))
        tx.events.close(event.id)
    elif signal.window > 0 and _anybody(tx, signal):
        until = now + timedelta(seconds=signal.window)
        _open(tx, event.place, until, (event.id,))
        tx.events.postpone(event.id, until)
    else:
        _wake(tx, [event], event, now, house)


def _note(tx: Tx, event: Event, signal: Signal, now: datetime) -> None:
    condition = signal.condition.value if signal.condition else ""
    body = {"event": event.id, "source": signal.source, "condition": condition, "alerts": len(signal.alerts)}
    tx.ledger.append("signal", body, now)


def _anybody(tx: Tx, signal: Signal) -> bool:
    return any(watchwords.heard(mission, signal) for mission in tx.missions.hearing())


def _wake(
    tx: Tx,
    arrived: Sequence[Event],
    first: Event,
    now: datetime,
    house: House,
    *,
    owed: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """One wake for each mission that waits for any of them; for a procedure, one for each of them. With `owed`, only the
    missions it names, for what it names. What a limit of the hour holds back is told together in the next."""
    late: dict[str, tuple[str, ...]] = {}
    for mission in tx.missions.hearing():
        if owed is not None and mission.id not in owed:
            continue
        found = [
            (event.id, trigger)
            for event in arrived
            if (owed is None or event.id in owed[mission.id])
            and isinstance(event.body, Signal)
            and (trigger := watchwords.heard(mission, event.body))
        ]
        for some in _runs(mission, found):
            wake = Wake(
                mission=mission.id,
                trigger=some[0][1].id,
                due=now,
                signals=tuple(event for event, _ in some),
            )
            key = f"wake:{mission.id}:{wake.trigger}:{some[0][0]}"
            # A run of a procedure is for its moment: nobody wants hours of them afterwards.
            once = not mission.procedure
            made = waking.by_event(tx, mission, wake, key=key, cause=first, house=house, told_later=once)
            if made is None and once:
                late[mission.id] = wake.signals
    _hold(tx, first, late, now)


def _hold(tx: Tx, event: Event, late: Mapping[str, Sequence[str]], now: datetime) -> None:
    """Closes the event, or keeps it open until the next hour for all that missions have not been told by then."""
    mark = f"held:{event.place}"
    kept: Json = tx.marks.get(mark)
    if not late or (kept and kept["by"] != event.id):
        tx.events.close(event.id)
    if not late:
        return
    held: dict[str, list[str]] = kept["late"] if kept else {}
    for mission, some in late.items():
        held[mission] = [*held.get(mission, ()), *some][:MOST_GATHERED]
    until = datetime.fromisoformat(kept["until"]) if kept else loops.next_hour(now)
    tx.marks.put(mark, {"by": kept["by"] if kept else event.id, "until": until.isoformat(), "late": held})
    if not kept:
        tx.events.postpone(event.id, until)


def _release(tx: Tx, event: Event, now: datetime, house: House) -> bool:
    """Whether it is the event that was kept open for what a limit held back; once the hour is over, that is told."""
    mark = f"held:{event.place}"
    kept: Json = tx.marks.get(mark)
    if not kept or kept["by"] != event.id:
        return False
    until, owed = datetime.fromisoformat(kept["until"]), kept["late"]
    if now < until <= now + loops.HOUR:
        tx.events.postpone(event.id, until)
        return True
    tx.marks.put(mark, None)
    ids = dict.fromkeys(each for some in owed.values() for each in some)
    found = [arrived for each in ids if (arrived := tx.events.get(each))]
    _wake(tx, found, event, now, house, owed=owed)
    return True


def _runs(mission: Mission, found: _Found) -> Sequence[_Found]:
    """What is told together. Each delivery is a run of a procedure by itself: its steps name what one of them says."""
    if mission.procedure:
        return [[each] for each in found]
    return [found] if found else []


def _mark(place: str) -> str:
    return f"window:{place}"


def _window(tx: Tx, place: str) -> tuple[datetime, tuple[str, ...]] | None:
    """When the window of this source closes, and what arrived in it."""
    kept: Json = tx.marks.get(_mark(place))
    return (datetime.fromisoformat(kept["until"]), tuple(kept["events"])) if kept else None


def _open(tx: Tx, place: str, until: datetime, events: tuple[str, ...]) -> None:
    tx.marks.put(_mark(place), {"until": until.isoformat(), "events": list(events)})
