"""Turns: one Event handled to its end. Brief, think, attempt, commit.

A turn that was interrupted is taken again from its journal: what was thought is not asked again, what was
answered is not done again. A turn that needs a press parks and costs nothing until it is resumed.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot import briefing, doors, errands, fieldmodes, fieldrules, ids, outcomes, outlets, sayings, waking
from bot.attempts import Scene
from bot.effects import Effect, Text
from bot.errors import Failed, Unreachable
from bot.events import Event, Message, Resume, Wake
from bot.fieldmodes import Rules
from bot.grants import GIVE
from bot.house import House
from bot.journal import OURSELVES, Line, Thought, Turn, TurnState
from bot.mind import Briefing, Mind
from bot.missions import Phase
from bot.occurrences import Fate
from bot.people import Person, Role, Standing
from bot.places import Place
from bot.procedures import Procedure
from bot.proposals import Origin
from bot.store import Tx
from bot.thinking import NoThought, Start, Thinking
from bot.tickets import BRINGING
from bot.values import Json

log = logging.getLogger(__name__)


async def of_message(
    event: Event, message: Message, begun: Start | None, *, house: House
) -> tuple[Effect, ...]:
    """A person said something. `begun` is what `begin` found; None is somebody who is not let in."""
    if begun is None:
        await house.store.write(lambda tx: _turn_away(tx, event, message, house), space=event.space)
        return ()
    if message.machine and not await house.store.write(
        lambda tx: _heeded(tx, event, message, house), space=event.space
    ):
        return ()
    if message.keys and message.trusted:
        await house.store.write(lambda tx: _keys_out(tx, event, begun, house), space=event.space)
        return ()
    said = await _go(begun, house)
    if begun.newcomer and begun.person is not None and begun.person.role is Role.OWNER:
        await doors.met(begun.person.id, house=house, space=event.space)
    return said


def _keys_out(tx: Tx, event: Event, begun: Start, house: House) -> None:
    """A key came through a chat: nothing is done with the message, and its sender is told what to do."""
    if begun.newcomer and begun.person is not None:
        tx.people.put(begun.person)
    if begun.line is not None:
        tx.lines.put(begun.line)
    tongue = house.tongues(begun.person.lang if begun.person else "en")
    text = tongue(
        "That looks like a key. I did not keep it and did nothing with the message. Whoever can read this chat has"
        " seen it: delete the message, make a new key, and connect with the page that “connections” and “connect"
        " SYSTEM” lead to, or with “vigie connect SYSTEM” on the machine I run on."
    )
    now = house.clock.now()
    sayings.say(
        tx, place=event.place, slot=f"turn:{event.id}", content=Text(text=text), now=now, lang=tongue.lang
    )
    tx.ledger.append("key_refused", {"person": begun.turn.person}, now)
    tx.events.close(event.id)


def _heeded(tx: Tx, event: Event, message: Message, house: House) -> bool:
    """Another program is answered so often and no more: two of them would talk for ever."""
    if waking.heeds_bot(tx, event, lang=message.lang or "en", house=house):
        return True
    tx.events.close(event.id)
    return False


async def of_wake(event: Event, wake: Wake, *, house: House) -> tuple[Effect, ...]:
    """A mission's trigger fired and nobody is there."""

    def begin(tx: Tx) -> Start | None:
        mission = errands.as_run(tx, tx.missions.get(wake.mission), wake)
        if mission is None or mission.phase is not Phase.ACTIVE:
            return None
        turn = tx.turns.get(event.id) or _new_turn(event, mission.owner, mission.id, house)
        look = mission.follow_up(wake.trigger)
        outside = mission.tainted or (look is not None and look.tainted) or errands.from_outside(wake)
        turn = replace(turn, tainted=turn.tainted or outside)
        place = outlets.audience(mission, Place.parse(event.place))
        return Start(
            event=event,
            turn=turn,
            person=tx.people.get(mission.owner),
            mission=mission,
            text=mission.goal,
            wake=wake,
            signal=briefing.signalled(tx, wake),
            procedure=errands.procedure_of(tx, mission, wake),
            rows=tx.turns.rows(turn.id),
            found=briefing.recollect(
                tx, place=place, person=mission.owner, text=mission.goal, now=house.clock.now()
            ),
        )

    def drop(tx: Tx) -> None:
        tx.events.close(event.id)
        outcomes.follow(tx, event.id, Fate.SKIPPED, house.clock.now(), why="not on watch")

    def answered_for(tx: Tx) -> None:
        mission = tx.missions.get(wake.mission)
        if mission is not None and mission.phase is Phase.ACTIVE:
            outcomes.disowned(tx, mission, house.clock.now(), house.tongues(mission.lang))

    begun = await house.store.read(begin, space=event.space)
    if begun is not None and (begun.person is None or not begun.person.may_act):
        await house.store.write(answered_for, space=event.space)
        begun = None
    if begun is None:
        await house.store.write(drop, space=event.space)
        return ()
    return await _go(begun, house)


async def of_resume(event: Event, resume: Resume, *, house: House) -> tuple[Effect, ...]:
    """Something a parked turn waits for was settled."""

    def begin(tx: Tx) -> Start | None:
        turn = tx.turns.get(resume.turn)
        origin = tx.events.get(resume.turn)
        if turn is None or origin is None or turn.state is not TurnState.PARKED:
            return None
        message = origin.body if isinstance(origin.body, Message) else None
        wake = origin.body if isinstance(origin.body, Wake) else None
        mission = tx.missions.get(turn.mission) if turn.mission else None
        mission = errands.as_run(tx, mission, wake) if wake else mission
        return Start(
            event=event,
            turn=turn,
            person=tx.people.get(turn.person),
            mission=mission,
            text=message.text if message else mission.goal if mission else "",
            trusted=message.trusted if message else True,
            wake=wake,
            signal=briefing.signalled(tx, wake) if wake else None,
            procedure=errands.procedure_of(tx, mission, wake) if wake else None,
            rows=tx.turns.rows(turn.id),
        )

    begun = await house.store.read(begin, space=event.space)
    if begun is None:
        await house.store.write(lambda tx: tx.events.close(event.id), space=event.space)
        return ()
    return await _go(begun, house)


def begin(tx: Tx, event: Event, message: Message, house: House) -> Start | None:
    """What the turn of a message begins with. None when its sender is not let in."""
    person = tx.people.by_identity(message.who)
    newcomer = person is None
    if person is None:
        person = _admitted(message, event)
    elif (
        message.name
        and message.name != person.name
        and (person.name == message.who.user or doors.unnamed(person, house))
    ):
        # Appointed by an account's id in the settings, or owner before anybody was met: now we learn what they
        # are called.
        newcomer = True
        person = replace(
            person, name=message.name, lang=message.lang or person.lang, zone=message.zone or person.zone
        )
    place = Place.parse(event.place)
    if person is None:
        return None
    known = tx.turns.get(event.id)
    turn = known or _new_turn(event, person.id, "", house)
    line = Line(
        place=event.place,
        who=person.id,
        text=sayings.veiled(message.text),
        at=event.at,
        turn=turn.id,
        slot=f"in:{event.id}",
        ref=message.ref,
        tainted=not message.trusted or person.role is Role.GUEST,
    )
    return Start(
        event=event,
        turn=replace(turn, tainted=True) if line.tainted and not turn.tainted else turn,
        person=person,
        mission=None,
        text=message.text,
        trusted=message.trusted,
        line=line,
        newcomer=newcomer,
        procedures=tx.procedures.all(),
        rows=tx.turns.rows(turn.id) if known else (),
        found=briefing.recollect(tx, place=place, person=person.id, text=message.text, now=house.clock.now())
        if house.minds.costly
        else briefing.Recollection(),
    )


def _new_turn(event: Event, person: str, mission: str, house: House) -> Turn:
    return Turn(
        id=event.id,
        space=event.space,
        place=event.place,
        person=person,
        mission=mission,
        started=house.clock.now(),
    )


def _admitted(message: Message, event: Event) -> Person | None:
    """Whom the platform vouches for comes in; a stranger only with a code."""
    match message.standing:
        case Standing.MEMBER:
            role = Role.MEMBER
        case Standing.GUEST:
            role = Role.GUEST
        case Standing.STRANGER:
            if not brings_code(message.text):
                return None
            role = Role.GUEST
    return Person(
        id=ids.derived("per", event.space, message.who.key),
        name=message.name or message.who.user,
        role=role,
        lang=message.lang or "en",
        zone=message.zone or "UTC",
        identities=(message.who.key,),
    )


def brings_code(text: str) -> bool:
    """`claim CODE` or `link CODE`: the only words a stranger is heard with."""
    words = text.strip().lstrip("/").split()
    return len(words) == 2 and words[0].casefold() in BRINGING and len(words[1]) >= 8


def _turn_away(tx: Tx, event: Event, message: Message, house: House) -> None:
    """A stranger is told once how to be let in, and is otherwise ignored."""
    mark = f"stranger:{message.who.key}"
    now = house.clock.now()
    if tx.marks.get(mark) is None:
        tx.marks.put(mark, {"at": now.isoformat()})
        tongue = house.tongues(message.lang)
        text = tongue(
            "I do not know you yet. Ask an owner of this assistant for a code (they say “link”) and send me"
            " “link CODE” — or, if it is new and yours, “claim CODE” with the code it printed when it started."
        )
        sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=Text(text=text), now=now)
        tx.ledger.append("stranger", {"identity": message.who.key}, now)
    tx.events.close(event.id)


async def _go(start: Start, house: House) -> tuple[Effect, ...]:
    """Thinks and attempts until there are words to say, a press to wait for, or nothing left to try."""
    scene = _scene(start, house)
    brief = _brief(start, scene, house)
    mind = house.minds.pick(brief)
    if mind.costly:
        brief = await _told(brief, start, house)
    if _reads_strangers(start, mind):
        start = replace(start, turn=replace(start.turn, tainted=True))
        scene = replace(scene, turn=start.turn)
    scene = replace(scene, author=_author(start, mind))
    run = Thinking(start=start, scene=scene, house=house, mind=mind)
    try:
        return await run.to_its_end(brief)
    except NoThought as error:
        match error.reason:
            case Unreachable() as away:
                return await run.put_off(away)
            case Failed() as why:
                text = scene.tongue("I could not think about this: {why}", why=str(why))
                return await run.end(Thought(text=text), failed=text)


async def _told(brief: Briefing, start: Start, house: House) -> Briefing:
    """A model is told of the actions as it may fill them, and of the procedures that may be run by whom it works for."""

    def look(tx: Tx) -> tuple[Mapping[str, Rules], tuple[Procedure, ...]]:
        return fieldrules.every(tx), errands.runnable(tx, start.procedures, start.person)

    every, procedures = await house.store.read(look, space=start.turn.space)
    told = {
        name: fieldmodes.told(action, fieldmodes.in_force(action, every.get(name, {})))
        for name, action in brief.actions.items()
    }
    return replace(brief, actions=told, procedures=procedures)


def _reads_strangers(start: Start, mind: Mind) -> bool:
    """Whether what this mind is told holds words of anybody but the one it works for, however long ago they were read.
    The built-in mind reads nothing but the message itself and declared steps."""
    if start.signal is not None:
        return True
    if not mind.costly:
        return False
    found, known = start.found, {OURSELVES, start.person.id if start.person else ""}
    items = (item for each in found.lists for item in each.items)
    said = (*found.transcript, *found.earlier, *items)
    kept = (*found.notes, *found.carried, *(start.mission.log if start.mission else ()))
    return (
        found.overheard
        or any(each.tainted or each.who not in known for each in said)
        or any(each.tainted for each in kept)
    )


def _author(start: Start, mind: Mind) -> Origin:
    """Who chose the arguments: a model, a declared step, or the person whose exact words were read."""
    if mind.costly:
        return Origin.MIND
    return Origin.MISSION if start.mission is not None else Origin.PERSON


def _scene(start: Start, house: House) -> Scene:
    person, mission = start.person, start.mission
    return Scene(
        turn=start.turn,
        place=Place.parse(start.turn.place),
        person=person,
        mission=mission,
        tongue=house.tongues(mission.lang if mission else person.lang if person else "en"),
        zone=mission.zone if mission else person.zone if person else "UTC",
        now=house.clock.now(),
        words=start.text if start.trusted and mission is None else "",
        procedure=start.procedure,
        typed=_typed(start.wake),
        signalled=start.signal.source if start.signal is not None else "",
    )


def _typed(wake: Wake | None) -> Mapping[str, Json]:
    errand = wake.errand if wake is not None else None
    return errand.inputs if errand is not None and errand.typed else {}


def _brief(start: Start, scene: Scene, house: House) -> Briefing:
    actions = house.actions()
    actions.pop(GIVE, None)
    return Briefing(
        turn=start.turn.id,
        now=scene.now,
        tongue=scene.tongue,
        zone=scene.zone,
        place=scene.place,
        person=start.person,
        text=start.text,
        trusted=start.trusted,
        mission=start.mission,
        look=start.mission.follow_up(start.wake.trigger) if start.mission and start.wake else None,
        procedures=start.procedures,
        procedure=start.procedure,
        errand=start.wake.errand if start.wake else None,
        due=start.wake.due if start.wake else None,
        late=start.wake.late if start.wake else False,
        signal=start.signal,
        transcript=start.found.transcript,
        earlier=start.found.earlier,
        notes=start.found.notes,
        rules=tuple(rule.text for rule in start.found.rules),
        lists=start.found.lists,
        carried=start.found.carried,
        actions=actions,
    )


async def give_up(event: Event, *, house: House, times: int) -> None:
    """Handling this event failed again and again: it is closed, and its people are told."""
    now = house.clock.now()
    tongue = house.tongues(event.body.lang if isinstance(event.body, Message) else "en")
    text = tongue(
        "I could not handle this after {n} tries. It is in the log under {id}.", n=times, id=event.id
    )

    def write(tx: Tx) -> None:
        tx.events.close(event.id)
        tx.ledger.append("event_failed", {"event": event.id, "attempts": times}, now)
        outcomes.follow(tx, event.id, Fate.FAILED, now, why=text)
        if isinstance(event.body, Message | Wake):
            sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=Text(text=text), now=now)

    await house.store.write(write, space=event.space)


def later(now: datetime, attempts_so_far: int) -> datetime:
    """When an event whose handling failed is taken again: 1 s, 4 s, 16 s …, at most ten minutes."""
    return now + timedelta(seconds=min(4.0**attempts_so_far, 600.0))
