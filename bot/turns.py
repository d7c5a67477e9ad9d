"""Turns: one Event handled to its end. Brief, think, attempt, commit.

A turn that was interrupted is taken again from its journal: what was thought is not asked again, what was
answered is not done again. A turn that needs a press parks and costs nothing until it is resumed.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot import attempts, briefing, ids, sayings
from bot.attempts import Scene, Waiting
from bot.effects import Effect, EffectState, Text
from bot.errors import Failed, Unreachable
from bot.events import Event, Message, Resume, Signal, Wake
from bot.house import House
from bot.journal import OURSELVES, Answer, Ask, Cost, Line, Outcome, Row, Thought, Turn, TurnState
from bot.mind import Briefing, Mind
from bot.missions import Mission, Phase
from bot.people import Person, Role, Standing
from bot.places import Place
from bot.proposals import Origin, Proposal, State
from bot.store import Tx

log = logging.getLogger(__name__)

MOST_STEPS = 25
"""How many thoughts one turn may have before it is stopped."""
MODEL_TRIES = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
"""When a model that could not be reached is asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a turn begins with: its record, who it is for, what it is about, what was thought before."""

    event: Event
    turn: Turn
    person: Person | None
    mission: Mission | None
    text: str
    trusted: bool = True
    wake: Wake | None = None
    signal: Signal | None = None
    line: Line | None = None
    newcomer: bool = False
    rows: tuple[Row, ...] = ()
    found: briefing.Recollection = field(default_factory=briefing.Recollection)


async def of_message(event: Event, message: Message, *, house: House) -> tuple[Effect, ...]:
    """A person said something."""
    costly = house.minds.costly
    begun = await house.store.read(lambda tx: _begin(tx, event, message, costly, house), space=event.space)
    if begun is None:
        await house.store.write(lambda tx: _turn_away(tx, event, message, house), space=event.space)
        return ()
    return await _go(begun, house)


async def of_wake(event: Event, wake: Wake, *, house: House) -> tuple[Effect, ...]:
    """A mission's trigger fired and nobody is there."""

    def begin(tx: Tx) -> Start | None:
        mission = tx.missions.get(wake.mission)
        if mission is None or mission.phase is not Phase.ACTIVE:
            return None
        turn = tx.turns.get(event.id) or _new_turn(event, mission.owner, mission.id, house)
        place = Place.parse(event.place)
        return Start(
            event=event,
            turn=turn,
            person=tx.people.get(mission.owner),
            mission=mission,
            text=mission.goal,
            wake=wake,
            rows=tx.turns.rows(turn.id),
            found=briefing.recollect(tx, place=place, person=mission.owner, text=mission.goal),
        )

    begun = await house.store.read(begin, space=event.space)
    if begun is None:
        await house.store.write(lambda tx: tx.events.close(event.id), space=event.space)
        return ()
    return await _go(begun, house)


async def of_resume(event: Event, resume: Resume, *, house: House) -> tuple[Effect, ...]:
    """Something a parked turn waits for was settled."""

    def begin(tx: Tx) -> Start | None:
        turn = tx.turns.get(resume.turn)
        origin = tx.events.get(resume.turn)
        if turn is None or origin is None or turn.state is not TurnState.PARKED:
            return None
        mission = tx.missions.get(turn.mission) if turn.mission else None
        message = origin.body if isinstance(origin.body, Message) else None
        return Start(
            event=event,
            turn=turn,
            person=tx.people.get(turn.person),
            mission=mission,
            text=message.text if message else mission.goal if mission else "",
            trusted=message.trusted if message else True,
            wake=origin.body if isinstance(origin.body, Wake) else None,
            rows=tx.turns.rows(turn.id),
        )

    begun = await house.store.read(begin, space=event.space)
    if begun is None:
        await house.store.write(lambda tx: tx.events.close(event.id), space=event.space)
        return ()
    return await _go(begun, house)


def _begin(tx: Tx, event: Event, message: Message, costly: bool, house: House) -> Start | None:
    person = tx.people.by_identity(message.who)
    newcomer = person is None
    if person is None:
        person = _admitted(message, event)
    elif message.name and person.name == message.who.user:
        # Appointed by an account's id in the settings: now we learn what they are called.
        newcomer = True
        person = replace(
            person, name=message.name, lang=message.lang or person.lang, zone=message.zone or person.zone
        )
    place = Place.parse(event.place)
    turn = tx.turns.get(event.id) or _new_turn(event, person.id if person else "", "", house)
    if person is None:
        return None
    line = Line(
        place=event.place,
        who=person.id,
        text=sayings.veiled(message.text),
        at=event.at,
        turn=turn.id,
        slot=f"in:{event.id}",
        ref=message.ref,
        tainted=not message.trusted,
    )
    return Start(
        event=event,
        turn=replace(turn, tainted=turn.tainted or not message.trusted),
        person=person,
        mission=None,
        text=message.text,
        trusted=message.trusted,
        line=line,
        newcomer=newcomer,
        rows=tx.turns.rows(turn.id) if event.attempts or turn.state is not TurnState.OPEN else (),
        found=briefing.recollect(tx, place=place, person=person.id, text=message.text)
        if costly
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
    return len(words) == 2 and words[0].casefold() in {"claim", "link", "start"} and len(words[1]) >= 8


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
    scene = replace(scene, author=_author(start, mind))
    run = _Run(start=start, scene=scene, house=house, mind=mind)
    try:
        return await run.to_its_end(brief)
    except Unreachable as error:
        return await run.put_off(error)
    except Failed as error:
        return await run.end(
            Thought(text=scene.tongue("I could not think about this: {why}", why=str(error)))
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
    )


def _brief(start: Start, scene: Scene, house: House) -> Briefing:
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
        due=start.wake.due if start.wake else None,
        late=start.wake.late if start.wake else False,
        signal=start.signal,
        transcript=start.found.transcript,
        notes=start.found.notes,
        actions=house.actions(),
    )


class _Run:
    """One turn under way. Lives no longer than the call that made it; its memory is the journal."""

    def __init__(self, *, start: Start, scene: Scene, house: House, mind: Mind) -> None:
        self.start, self.scene, self.house, self.mind = start, scene, house, mind
        self.thoughts = [row for row in start.rows if isinstance(row, Thought)]
        self.answers = {row.ask: row for row in start.rows if isinstance(row, Answer)}
        self.begun = False
        self.ref = ""

    async def to_its_end(self, brief: Briefing) -> tuple[Effect, ...]:
        state, answers = "", ()
        for step in range(MOST_STEPS):
            thought = await self.thought(step, brief, state, answers)
            if not thought.asks:
                return await self.end(thought)
            got = await self.attempt_all(thought)
            if got is None:
                return await self.park()
            state, answers = thought.state, got
        text = self.scene.tongue("I stopped: this took more than {n} steps.", n=MOST_STEPS)
        return await self.end(Thought(text=text))

    async def thought(self, step: int, brief: Briefing, state: str, answers: tuple[Answer, ...]) -> Thought:
        """The recorded one, or a new one, recorded before anything is done about it."""
        if step < len(self.thoughts):
            return self.thoughts[step]
        if self.mind.costly:
            await self.begin()
        thought = await self.mind.think(brief, state=state, answers=answers, stream=self.progress)
        if self.mind.costly or thought.asks:
            await self.note(thought, step)
        self.thoughts.append(thought)
        return thought

    async def begin(self) -> None:
        """Before a mind that takes its time: the message is in the transcript, and people see that it works."""
        if self.begun:
            return
        self.begun = True

        def write(tx: Tx) -> None:
            self.arrive(tx)
            tx.turns.put(self.start.turn)

        await self.house.store.write(write, space=self.start.turn.space)
        if self.start.wake is None:
            await self.progress("")

    async def progress(self, words: str) -> None:
        """Shows the words so far where the answer will stand."""
        chat = self.house.chats.get(self.scene.place.platform)
        if chat is None or self.start.wake is not None:
            return
        ref = await chat.progress(self.scene.place, slot=self.slot, words=words, ref=self.ref)
        if ref and ref != self.ref:
            self.ref = ref
            line = self.our_line(ref)
            await self.house.store.write(lambda tx: tx.lines.put(line), space=self.start.turn.space)

    def our_line(self, ref: str) -> Line:
        """Our half-said answer: it keeps the message's id, so that the end edits it."""
        turn = self.start.turn
        return Line(
            place=turn.place,
            who=OURSELVES,
            text="…",
            at=self.scene.now,
            turn=turn.id,
            slot=self.slot,
            ref=ref,
        )

    @property
    def slot(self) -> str:
        """The message that holds this turn's answer."""
        return f"turn:{self.start.turn.id}"

    def arrive(self, tx: Tx) -> None:
        """The newcomer and the message itself."""
        if self.start.newcomer and self.start.person is not None:
            tx.people.put(self.start.person)
            tx.ledger.append(
                "admitted", {"person": self.start.person.id, "role": self.start.person.role}, self.scene.now
            )
        if self.start.line is not None:
            tx.lines.put(self.start.line)

    async def note(self, thought: Thought, step: int) -> None:
        """The thought is in the journal, and the words beside its asks are said."""

        def write(tx: Tx) -> None:
            if not self.begun:
                self.arrive(tx)
                tx.turns.put(self.start.turn)
            tx.turns.append(self.start.turn.id, thought)
            if thought.text and thought.asks:
                self.say(tx, thought, slot=f"{self.slot}:{step}")

        await self.house.store.write(write, space=self.start.turn.space)
        self.begun = True

    def say(self, tx: Tx, thought: Thought, *, slot: str, at_once: bool = False) -> Effect:
        turn = self.start.turn
        return sayings.say(
            tx,
            place=turn.place,
            slot=slot,
            content=Text(text=thought.text, mark=thought.mark),
            now=self.scene.now,
            turn=turn.id,
            mission=turn.mission,
            person=turn.person,
            at_once=at_once,
            lang=self.scene.tongue.lang,
        )

    async def attempt_all(self, thought: Thought) -> tuple[Answer, ...] | None:
        """An answer for every ask, or None when one of them waits for a press."""
        got: list[Answer] = []
        waits = False
        for ask in thought.asks:
            answer = self.answers.get(ask.id) or await self.attempt_one(ask)
            if isinstance(answer, Waiting):
                waits = True
            else:
                got.append(answer)
        return None if waits else tuple(got)

    async def attempt_one(self, ask: Ask) -> Answer | Waiting:
        came = await attempts.attempt(ask, self.scene, house=self.house)
        if isinstance(came, Answer):
            turn = self.start.turn
            # What a system returns may hold a stranger's words: from here on the turn is tainted.
            outside = not ask.action.startswith("vigie.") and came.outcome is Outcome.DONE
            tainted = replace(turn, tainted=turn.tainted or outside)

            def write(tx: Tx) -> None:
                tx.turns.append(turn.id, came)
                if tainted != turn:
                    tx.turns.put(tainted)

            await self.house.store.write(write, space=turn.space)
            self.start = replace(self.start, turn=tainted)
            self.scene = replace(self.scene, turn=tainted)
        return came

    async def park(self) -> tuple[Effect, ...]:
        """Waits at no cost; what is settled resumes it."""
        turn = replace(self.start.turn, state=TurnState.PARKED, cost=self.cost)

        def write(tx: Tx) -> None:
            tx.turns.put(turn)
            tx.events.close(self.start.event.id)
            # Settled between the attempt and this moment: nobody would ring again.
            for thought in self.thoughts:
                for ask in thought.asks:
                    proposal = tx.proposals.of_ask(turn.id, ask.id)
                    if proposal and ask.id not in self.answers and _is_settled(tx, proposal):
                        cause = f"park:{self.start.event.id}"
                        sayings.resume(tx, proposal, cause=cause, now=self.scene.now)

        await self.house.store.write(write, space=turn.space)
        return ()

    async def end(self, thought: Thought) -> tuple[Effect, ...]:
        """The words are in the outbox, the event is done, the ledger knows: one transaction."""
        now = self.house.clock.now()
        turn = replace(self.start.turn, state=TurnState.DONE, cost=self.cost, ended=now)

        def write(tx: Tx) -> tuple[Effect, ...]:
            if not self.begun:
                self.arrive(tx)
            tx.turns.put(turn)
            tx.events.close(self.start.event.id)
            tx.ledger.append(
                "turn",
                {
                    "turn": turn.id,
                    "mission": turn.mission,
                    "person": turn.person,
                    "mind": self.mind.name,
                    "steps": len(self.thoughts),
                    "tokens": turn.cost.tokens_in + turn.cost.tokens_out,
                    "micro_usd": turn.cost.micro_usd,
                },
                now,
            )
            self.close_mission(tx)
            if not thought.text:
                return self.silence(tx)
            return (self.say(tx, thought, slot=self.slot, at_once=True),)

        said = await self.house.store.write(write, space=turn.space)
        log.info("turn_done", extra={"turn": turn.id, "mission": turn.mission, "steps": len(self.thoughts)})
        return tuple(effect for effect in said if effect.state is EffectState.STARTED)

    def silence(self, tx: Tx) -> tuple[Effect, ...]:
        """Nothing to say; a placeholder that was shown meanwhile must not stand for ever."""
        if not self.ref and tx.lines.by_slot(self.start.turn.place, self.slot) is None:
            return ()
        done = Thought(text=self.scene.tongue("Done thinking; the result stands on the card."))
        return (self.say(tx, done, slot=self.slot, at_once=True),)

    def close_mission(self, tx: Tx) -> None:
        """A mission whose last due time has passed is done."""
        mission = tx.missions.get(self.start.turn.mission) if self.start.turn.mission else None
        if mission is None or mission.phase is not Phase.ACTIVE:
            return
        if mission.next_due is None and len(mission.schedules) == len(mission.triggers):
            tx.missions.put(mission.moved(Phase.DONE))
            tx.ledger.append(
                "mission_done", {"mission": mission.id, "turn": self.start.turn.id}, self.scene.now
            )

    async def put_off(self, error: Unreachable) -> tuple[Effect, ...]:
        """The model cannot be reached: said plainly, the message kept, asked again later."""
        tries = self.start.event.attempts
        if tries >= len(MODEL_TRIES):
            text = self.scene.tongue(
                "The model still cannot be reached ({why}). I give up on this message; say it again when it"
                " is back.",
                why=str(error),
            )
            return await self.end(Thought(text=text))
        now = self.house.clock.now()
        until = now + (timedelta(seconds=error.retry_after) if error.retry_after else MODEL_TRIES[tries])
        text = self.scene.tongue(
            "The model cannot be reached ({why}). Your message is kept; I try again at {when}.",
            why=str(error),
            when=self.scene.tongue.moment(until, self.scene.zone),
        )

        def write(tx: Tx) -> Effect:
            tx.events.postpone(self.start.event.id, until)
            return self.say(tx, Thought(text=text), slot=self.slot)

        await self.house.store.write(write, space=self.start.turn.space)
        log.warning("model_unreachable", extra={"turn": self.start.turn.id, "until": until.isoformat()})
        return ()

    @property
    def cost(self) -> Cost:
        return sum((thought.cost for thought in self.thoughts), Cost())


def _is_settled(tx: Tx, proposal: Proposal) -> bool:
    """There is an answer to give already: it was not approved, or what was approved is over."""
    if proposal.state is State.PENDING:
        return False
    ran = tx.effects.get(proposal.effect)
    return ran.over if ran is not None else proposal.state is not State.APPROVED


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
        if isinstance(event.body, Message | Wake):
            sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=Text(text=text), now=now)

    await house.store.write(write, space=event.space)


def later(now: datetime, attempts_so_far: int) -> datetime:
    """When an event whose handling failed is taken again: 1 s, 4 s, 16 s …, at most ten minutes."""
    return now + timedelta(seconds=min(4.0**attempts_so_far, 600.0))
