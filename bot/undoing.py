"""Undo: what was done is taken back by another action, judged and put on a card like any other."""

from dataclasses import replace

from bot import asking, attempts, sayings
from bot.attempts import Scene, Waiting
from bot.effects import Effect, EffectState, Run, Text
from bot.errors import NotAllowed, Stale
from bot.events import Event, Press, TakeBack
from bot.house import House
from bot.journal import Ask, Outcome, Turn, TurnState
from bot.locators import Found, acknowledge, find, refuse, vouched
from bot.people import Person
from bot.places import Place
from bot.speech import Tongue
from bot.store import Tx


async def of_press(event: Event, press: Press, house: House) -> tuple[Effect, ...]:
    """Undo is an action like any other: judged, and put on a card where the policy asks."""
    now = house.clock.now()

    def look(tx: Tx) -> tuple[Found, Effect] | None:
        try:
            vouched(press.who, press.standing)
            found = find(tx, ref=press.ref, who=press.who, place=event.place, message=press.message, now=now)
        except NotAllowed as error:
            refuse(tx, event, press, error, house, now)
            tx.events.close(event.id)
            return None
        done = tx.effects.get(found.proposal.effect)
        if (
            done is None
            or done.state is not EffectState.CONFIRMED
            or not done.receipt
            or not done.receipt.undo
        ):
            refuse(tx, event, press, Stale("there is nothing to undo here"), house, now)
            tx.events.close(event.id)
            return None
        acknowledge(tx, event, press, "", now)
        return found, done

    seen = await house.store.write(look, space=event.space)
    return () if seen is None else await _take_back(event, seen[0].person, seen[1], house=house)


async def of_take_back(event: Event, wish: TakeBack, *, house: House) -> tuple[Effect, ...]:
    """`undo CODE`: the same as the button on the receipt."""

    def look(tx: Tx) -> tuple[Person | None, Effect | None]:
        return tx.people.get(wish.person), tx.effects.get(wish.effect)

    person, done = await house.store.read(look, space=event.space)
    if person is None or done is None or done.receipt is None or done.receipt.undo is None:
        await house.store.write(lambda tx: tx.events.close(event.id), space=event.space)
        return ()
    return await _take_back(event, person, done, house=house)


async def _take_back(event: Event, person: Person, done: Effect, *, house: House) -> tuple[Effect, ...]:
    """Attempts the call that undoes a confirmed deed, for this person, as a turn of its own."""
    now = house.clock.now()
    tongue = house.tongues(person.lang)
    assert done.receipt is not None
    assert done.receipt.undo is not None
    undo = done.receipt.undo
    turn = Turn(id=event.id, space=event.space, place=event.place, person=person.id, started=now)
    scene = Scene(
        turn=turn,
        place=Place.parse(event.place),
        person=person,
        mission=None,
        tongue=tongue,
        zone=person.zone,
        now=now,
    )
    if _elsewhere(done, undo.action, house):
        text = tongue("It was done on another account than the one connected now: undo it there.")
        waits = False
    elif undo.until is not None and now >= undo.until:
        text = tongue(
            "Too late to undo: that was possible until {until}.", until=tongue.moment(undo.until, person.zone)
        )
        waits = False
    else:
        came = await attempts.attempt(
            Ask(id=f"undo:{done.id}", action=undo.action, arguments=undo.arguments),
            scene,
            house=house,
            exactly=True,
        )
        waits = isinstance(came, Waiting)
        text = "" if isinstance(came, Waiting) else _undone(came.outcome, came.text, tongue)

    def write(tx: Tx) -> None:
        tx.turns.put(replace(turn, state=TurnState.DONE, ended=now))
        if waiting := tx.proposals.of_ask(turn.id, f"undo:{done.id}"):
            asking.together(tx, [waiting], now=now)
        tx.events.close(event.id)
        tx.ledger.append(
            "undo", {"effect": done.id, "person": person.id, "turn": turn.id, "waits": waits}, now
        )
        if text:
            content = Text(text=text)
            sayings.say(
                tx, place=event.place, slot=f"turn:{event.id}", content=content, now=now, turn=turn.id
            )

    await house.store.write(write, space=event.space)
    return ()


def _elsewhere(done: Effect, action: str, house: House) -> bool:
    """Whether the connection leads to another account than the one the deed was done on."""
    assert isinstance(done.deed, Run)
    system = house.systems.get(action.partition(".")[0])
    return system is not None and system.account() != done.deed.call.account


def _undone(outcome: Outcome, text: str, tongue: Tongue) -> str:
    return tongue("Undone: {text}", text=text) if outcome is Outcome.DONE else text
