"""Dispatch: hands each open event to the rule for its kind, one at a time per place, and delivers what came
of it. Four lanes per place, each drained by one worker at a time: turns, urgent events (presses, words of
control), words, and approved deeds.

It does not know what rings it: an in-process loop or a distributed queue (adapters/engine).
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import (
    declining,
    edits,
    forms,
    outbox,
    posts,
    presses,
    proving,
    series,
    signals,
    spending,
    turns,
    undoing,
)
from bot.effects import Effect, EffectState, Run, Say
from bot.events import Event, Form, Message, Press, Resume, Signal, TakeBack, Wake
from bot.house import House
from bot.instruments import Part, Step
from bot.store import Tx
from bot.thinking import Start

log = logging.getLogger(__name__)

_ASKED = (declining.mark_of, proving.mark_of, forms.mark)
"""Under which names it is kept that somebody's next words are an answer."""
MOST_ATTEMPTS = 5
"""After so many failures an event is closed with a notice instead of spinning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is to be done in a place: its oldest open event, with what handling it begins with, whether `more`
    stand behind it, and whether the outbox holds `words` or `deeds`."""

    event: Event | None = None
    fills_form: bool = False
    gives_reason: bool = False
    gives_code: bool = False
    start: Start | None = None
    more: bool = False
    words: bool = False
    deeds: bool = False


async def look(space: str, place: str, *, house: House, urgent: bool = False) -> Waiting:
    """Everything that a place's worker must know before it begins, in one read."""
    now = house.clock.now()
    try:
        return await house.store.read(lambda tx: _look(tx, place, now, house, urgent), space=space)
    except Exception:
        event = await house.store.read(lambda tx: tx.events.next(place, now, urgent=urgent), space=space)
        if event is None:
            raise
        log.exception("event_broke", extra={"event": event.id, "kind": event.body.kind})
        await _put_off(event, house)
        return Waiting(more=True)


def foresee(tx: Tx, event: Event, *, house: House) -> Waiting | None:
    """What `look` will find once this transaction, which keeps the event, is committed. None where a mind that asks a model will
    want to know more than others should wait for."""
    if house.minds.costly:
        return None
    try:
        return _look(tx, event.place, house.clock.now(), house, urgent=False)
    except Exception:
        # Whoever takes the event meets it again, and puts the event off; that it arrived is kept whatever it is.
        log.exception("event_not_foreseen", extra={"event": event.id, "kind": event.body.kind})
        return None


def _look(tx: Tx, place: str, now: datetime, house: House, urgent: bool) -> Waiting:
    waits = [effect for effect in tx.effects.open(place) if effect.state is EffectState.PENDING]
    words = any(isinstance(effect.deed, Say) for effect in waits)
    deeds = any(isinstance(effect.deed, Run) for effect in waits)
    event = tx.events.next(place, now, urgent=urgent)
    if event is None:
        return Waiting(words=words, deeds=deeds)
    fills_form, gives_reason, gives_code, start = False, False, False, None
    if isinstance(event.body, Message):
        # Whatever was asked, the words that stop everything stop everything, and a command is a command.
        stops = event.body.command and event.body.text.strip().casefold() not in forms.LEAVES
        may_answer = event.body.trusted and not stops and not house.minds.halts(event.body.text)
        if may_answer and (person := tx.people.by_identity(event.body.who)) is not None:
            tx.marks.gather([mark_of(event.place, person.id) for mark_of in _ASKED])
        gives_reason = may_answer and declining.is_asked(tx, event, event.body.who)
        gives_code = may_answer and proving.is_asked(tx, event, event.body.who, house=house)
        fills_form = may_answer and _fills_form(tx, event, event.body)
        answers = gives_reason or gives_code or fills_form
        start = None if answers else turns.begin(tx, event, event.body, house)
    return Waiting(
        event=event,
        fills_form=fills_form,
        gives_reason=gives_reason,
        gives_code=gives_code,
        start=start,
        more=tx.events.more(event, now),
        words=words,
        deeds=deeds,
    )


async def take(found: Waiting, *, house: House) -> tuple[Effect, ...] | None:
    """The event that was found, to its end. Returns the messages that were written down as started: deliver
    them now. None when it broke and was put off: what it had begun is left behind."""
    event = found.event
    if event is None:
        return ()
    try:
        with house.instruments.over(_step(event, found.start)) as under:
            under.note(**_waits(event, house.clock.now()))
            return await _take(event, found, house)
    except Exception:
        # Whatever broke, the row stays and is taken again; nothing here may stop the place for good.
        log.exception("event_broke", extra={"event": event.id, "kind": event.body.kind})
        await _put_off(event, house)
        return None


def _step(event: Event, start: Start | None) -> Step:
    turn = start.turn if start is not None else None
    return Step(
        part=Part.TURN,
        of=event.place.partition("/")[0],
        kind=event.body.kind,
        event=event.id,
        turn=event.body.turn if isinstance(event.body, Resume) else event.id,
        mission=event.body.mission if isinstance(event.body, Wake) else turn.mission if turn else "",
        person=turn.person if turn else "",
        place=event.place,
    )


def _waits(event: Event, now: datetime) -> dict[str, float]:
    """Seconds that it waited; for a wake by the clock also how late it is. What was missed while nobody was there
    is late for another reason."""
    waited = {"waited": max((now - event.at).total_seconds(), 0.0)}
    if isinstance(event.body, Wake) and not (event.body.late or event.body.missed or event.attempts):
        waited["late"] = max((now - event.body.due).total_seconds(), 0.0)
    return waited


async def _take(event: Event, found: Waiting, house: House) -> tuple[Effect, ...]:
    match event.body:
        case Message() as message:
            if found.gives_reason:
                return await declining.of_answer(
                    event, message.who, message.text, message.standing, house=house
                )
            if found.gives_code:
                return await proving.of_answer(
                    event, message.who, message.text, message.standing, house=house
                )
            if found.fills_form:
                return await edits.of_answer(
                    event, message.who, message.text, house=house, standing=message.standing
                )
            said = await turns.of_message(event, message, found.start, house=house)
            if message.command:
                await edits.ask_again(event, message.who, house=house)
            return said
        case Press() as press:
            return await presses.of_press(event, press, house=house)
        case Form() as form if proving.is_proof(form):
            return await proving.of_form(event, form, house=house)
        case Form() as form:
            return await edits.of_form(event, form, house=house)
        case Wake() as wake:
            return await turns.of_wake(event, wake, house=house)
        case Resume() as resume:
            return await turns.of_resume(event, resume, house=house)
        case TakeBack() as wish:
            return await undoing.of_take_back(event, wish, house=house)
        case Signal() as signal:
            await signals.of_signal(event, signal, house=house)
            return ()


def _fills_form(tx: Tx, event: Event, message: Message) -> bool:
    person = tx.people.by_identity(message.who)
    return person is not None and edits.under_way(tx, event.place, person.id) is not None


async def _put_off(event: Event, house: House) -> None:
    until = turns.later(house.clock.now(), event.attempts)
    tried = await house.store.write(lambda tx: tx.events.postpone(event.id, until), space=event.space)
    if tried >= MOST_ATTEMPTS:
        await turns.give_up(event, house=house, times=tried)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a round of the outbox left: when to come back for words that must wait, and whether deeds wait."""

    again: datetime | None = None
    deeds: bool = False


async def deliver_born(born: Sequence[Effect], *, house: House) -> Left:
    """Messages that a turn handed over, already started. What else the outbox holds rings by itself."""
    return Left(again=await posts.send_born(born, house=house))


async def deliver(space: str, place: str, *, house: House) -> Left:
    """Every word the outbox holds for the place."""
    again: datetime | None = None
    found = await house.store.read(lambda tx: tx.effects.open(place), space=space)
    waits = [effect for effect in found if effect.state is EffectState.PENDING]
    deeds = any(isinstance(effect.deed, Run) for effect in waits)
    if any(isinstance(effect.deed, Say) for effect in waits):
        again = await posts.deliver(space, place, house=house)
    return Left(again=again, deeds=deeds)


async def do_deeds(space: str, place: str, *, house: House) -> datetime | None:
    """Every approved deed of the place that is due, side by side. Returns when the next one is."""
    return await series.run_approved(space, place, house=house)


async def recover(space: str, *, house: House) -> tuple[Effect, ...]:
    """After a start, before anything new begins: messages that were under way are due again, looked up
    first. Returns the deeds that were under way, for `settle`."""
    said = await posts.recover(space, house=house)
    await house.store.write(lambda tx: spending.recover(tx, run=house.run), space=space)
    found = await house.store.read(lambda tx: tx.effects.in_state(EffectState.STARTED), space=space)
    deeds = tuple(effect for effect in found if isinstance(effect.deed, Run))
    log.info("recovered", extra={"space": space, "messages": said, "deeds": len(deeds)})
    return deeds


async def take_over(space: str, place: str, *, house: House, before: datetime | None = None) -> None:
    """What somebody who is gone had begun in a place (and was due `before` then): messages are due again, looked up
    first, and deeds are found out about."""
    await settle(await left_behind(space, place, house=house, before=before), house=house)


async def left_behind(
    space: str, place: str, *, house: House, before: datetime | None = None, but: Collection[str] = ()
) -> tuple[Effect, ...]:
    """The same, but for the deeds: returns them, for `settle`. `but` these, which somebody has in hand."""
    found = await house.store.read(lambda tx: tx.effects.open(place), space=space)
    begun = [
        each
        for each in found
        if each.state is EffectState.STARTED and each.id not in but and (before is None or each.due < before)
    ]
    if not begun:
        return ()
    said = [effect for effect in begun if isinstance(effect.deed, Say)]
    now = house.clock.now()
    await house.store.write(lambda tx: posts.due_again(tx, said, now), space=space)
    log.info("taken_over", extra={"space": space, "place": place, "begun": len(begun)})
    return tuple(effect for effect in begun if isinstance(effect.deed, Run))


async def settle(deeds: Sequence[Effect], *, house: House) -> None:
    """Finds out what became of deeds that were under way when the process ended, or the store failed."""
    await series.all_of(outbox.finish(effect, house=house) for effect in deeds)


async def look_again(space: str, *, house: House) -> None:
    """Asks again about deeds whose outcome is unknown but may still be found out."""
    await outbox.look_again(space, house=house)
