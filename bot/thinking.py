"""Thinking: one turn from its briefing to its end. Think, journal, attempt, and say, park or put off.

What was thought is recorded before anything is done about it, and what was answered is never asked again: a
turn that was interrupted is taken up from its journal.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from bot import (
    asking,
    attempts,
    briefing,
    carrying,
    discretion,
    entries,
    filling,
    forgetting,
    holds,
    ids,
    logbook,
    outcomes,
    outlets,
    papers,
    privacy,
    provenance,
    quieting,
    raising,
    recollections,
    reports,
    resting,
    sayings,
    spending,
    whereabouts,
)
from bot.actions import Risk
from bot.attempts import Scene, Waiting
from bot.budgets import Payers
from bot.effects import Effect, EffectState, Text
from bot.errors import Failed, Unreachable, VigieError
from bot.events import Event, Message, Signal, Wake
from bot.house import House
from bot.instruments import Part, Step
from bot.journal import OURSELVES, Answer, Ask, Cost, Line, Outcome, Row, Thought, Turn, TurnState
from bot.mind import Briefing, Mind
from bot.missions import Logged, Mission, Wrote
from bot.occurrences import Fate
from bot.people import Person
from bot.procedures import Procedure
from bot.proposals import Proposal, State
from bot.resting import Held
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
    procedure: Procedure | None = None
    procedures: tuple[Procedure, ...] = ()
    line: Line | None = None
    newcomer: bool = False
    rows: tuple[Row, ...] = ()
    found: briefing.Recollection = field(default_factory=briefing.Recollection)


_OF_ITSELF = frozenset({"vigie.follow_up", "vigie.log", "vigie.tick", "vigie.finish_mission"})
"""What writes its own line into the log, or none."""


FORGET = "vigie.forget"
"""What takes its own words along."""


class NoThought(VigieError):
    """The mind could not think, for this reason; never because our own store failed."""

    def __init__(self, reason: Unreachable | Failed) -> None:
        super().__init__(str(reason))
        self.reason = reason


class AtLimit(VigieError):
    """A budget has no room for another thought."""

    def __init__(self, reached: raising.Reached) -> None:
        super().__init__(reached.words)
        self.reached = reached


class Thinking:
    """One turn under way. Lives no longer than the call that made it; its memory is the journal."""

    def __init__(self, *, start: Start, scene: Scene, house: House, mind: Mind) -> None:
        self.start, self.scene, self.house, self.mind = start, scene, house, mind
        self.thoughts = [row for row in start.rows if isinstance(row, Thought)]
        self.answers = {row.ask: row for row in start.rows if isinstance(row, Answer)}
        self.requests: list[str] = []
        self.begun = False
        self.ref = ""
        self.rest = ""

    async def to_its_end(self, brief: Briefing) -> tuple[Effect, ...]:
        state, answers = "", ()
        for step in range(MOST_STEPS):
            try:
                thought = await self.thought(step, brief, state, answers)
            except AtLimit as limit:
                return await self.stop_at(limit.reached)
            if not thought.asks:
                return await self.end(thought)
            got = await self.attempt_all(thought)
            if got is None:
                return await self.park()
            state, answers = thought.state, got
        text = self.scene.tongue("I stopped: this took more than {n} steps.", n=MOST_STEPS)
        return await self.end(Thought(text=text), failed=text)

    async def thought(self, step: int, brief: Briefing, state: str, answers: tuple[Answer, ...]) -> Thought:
        """The recorded one, or a new one, recorded before anything is done about it."""
        if step < len(self.thoughts):
            return self.thoughts[step]
        held = await self.begin(brief, len(answers)) if self.mind.costly else ""
        try:
            thought = await self.think(brief, state, answers)
        except (Unreachable, Failed) as error:
            if held:
                settle = partial(spending.after_no_thought, id=held, spent=error.spent)
                await self.house.store.write(settle, space=self.start.turn.space)
            raise NoThought(error) from error
        thought = await filling.filled(thought, brief, self.start.turn, house=self.house)
        if self.mind.costly or thought.asks:
            await self.note(thought, step, held)
        self.thoughts.append(thought)
        return thought

    async def think(self, brief: Briefing, state: str, answers: tuple[Answer, ...]) -> Thought:
        turn = self.start.turn
        step = Step(
            part=Part.THINK,
            of=self.mind.name,
            turn=turn.id,
            mission=turn.mission,
            person=turn.person,
            place=turn.place,
        )
        with self.house.instruments.over(step) as under:
            thought = await self.mind.think(brief, state=state, answers=answers, stream=self.progress)
            cost = thought.cost
            under.note(tokens_in=cost.tokens_in, tokens_out=cost.tokens_out, micro_usd=cost.micro_usd)
        return thought

    async def begin(self, brief: Briefing, answers: int) -> str:
        """Before a mind that takes its time and costs money: the message is in the transcript, what the thought
        may cost is held back, and people see that it works. Returns the reservation. Raises AtLimit."""
        first, turn = not self.begun, self.start.turn
        # A new one each time: what was held back by a process that died meanwhile may have been spent.
        held = ids.new("res")
        payers = Payers(person=turn.person, mission=turn.mission)
        before = self.thoughts[-1].cost if self.thoughts else None

        def write(tx: Tx) -> str | raising.Reached:
            if first:
                self.arrive(tx)
                tx.turns.put(turn)
                if not self.thoughts:
                    recollections.write_down(
                        tx, turn, self.start.found, self.mind.name, procedures=brief.procedures
                    )
            over = spending.for_thought(tx, held, payers, house=self.house, before=before, answers=answers)
            if over is not None:
                asker = attempts.asker_of(self.scene)
                return raising.at_limit(tx, over, asker, house=self.house, what="think")
            standing = tx.lines.by_slot(turn.place, self.slot)
            return standing.ref if standing else ""

        found = await self.house.store.write(write, space=turn.space)
        self.begun = True
        if isinstance(found, raising.Reached):
            raise AtLimit(found)
        if first:
            # A turn that is taken again goes on where it said so.
            self.ref = found
            if self.start.wake is None:
                await self.progress("")
        return held

    async def stop_at(self, reached: raising.Reached) -> tuple[Effect, ...]:
        """No thought for now: a mission waits for its request, or is silent about what people know; a person is
        told."""
        if reached.mine:
            self.requests.append(reached.proposal)
            return await self.park()
        mission = self.start.mission
        if reached.told and mission is not None and mission.next_due is not None:
            return await self.end(Thought())
        why = self.scene.tongue("I did not think about this: {why}", why=reached.words)
        return await self.end(Thought(text=why), unthought=True)

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
            tainted=turn.tainted,
        )

    @property
    def slot(self) -> str:
        """The message that holds this turn's answer."""
        return f"turn:{self.start.turn.id}"

    def arrive(self, tx: Tx) -> None:
        """The newcomer and the message itself; or the due time that is under way."""
        if self.start.wake is not None:
            outcomes.follow(tx, self.start.turn.id, Fate.RUNNING, self.scene.now)
        if self.start.newcomer and self.start.person is not None:
            tx.people.put(self.start.person)
            tx.ledger.append(
                "admitted", {"person": self.start.person.id, "role": self.start.person.role}, self.scene.now
            )
        if self.start.line is not None:
            event = self.start.event
            if isinstance(event.body, Message) and event.body.trusted:
                outlets.note(tx, self.start.turn.person, self.scene.place, event.body.named)
            stood = self.where_it_stood(tx)
            tx.lines.put(self.start.line)
            if stood is not None:
                self.say(tx, stood, slot=f"stood:{self.start.turn.id}")
            first = whereabouts.note(tx, self.start.turn.person, self.scene.place)
            if first and self.start.person is not None:
                discretion.catch_up(
                    tx, self.start.person, self.scene.place, house=self.house, now=self.scene.now
                )

    def where_it_stood(self, tx: Tx) -> Thought | None:
        """For a conversation that is taken up after weeks and left something behind, None for any other."""
        newest = tx.lines.last(self.start.turn.place, 1)
        if not newest or self.scene.now - newest[0].at < carrying.PAUSE:
            return None
        stood = carrying.stood(tx, self.start.turn.place)
        if stood.nothing:
            return None
        return Thought(text=reports.stood(stood, self.scene.tongue, self.scene.zone))

    async def note(self, thought: Thought, step: int, held: str) -> None:
        """The thought is in the journal, what it cost on its budgets, and the words beside its asks are said."""

        def write(tx: Tx) -> None:
            if not self.begun:
                self.arrive(tx)
                tx.turns.put(self.start.turn)
            tx.turns.append(self.start.turn.id, thought)
            if held:
                spending.after_thought(tx, held, thought.cost)
            if thought.text and thought.asks and not self.hold(tx, thought):
                self.say(tx, thought, slot=f"{self.slot}:{step}")
            if thought.report and thought.asks:
                self.report_so_far(tx, thought, step)

        await self.house.store.write(write, space=self.start.turn.space)
        self.begun = True

    def report_so_far(self, tx: Tx, thought: Thought, step: int) -> None:
        """What a run found is told before its cards are, and not when somebody has pressed."""
        words, outlet = replace(thought, text=thought.report), self.outlet(tx)
        held = not outlet and self.hold(tx, words)
        slot = f"{self.slot}:{step}:report"
        said = "" if held else self.say(tx, words, slot=slot, place=outlet).id
        turn, now = self.start.turn, self.scene.now
        outcomes.follow(tx, turn.id, Fate.RUNNING, now, report=said, held=held)

    def say(self, tx: Tx, thought: Thought, *, slot: str, at_once: bool = False, place: str = "") -> Effect:
        turn = self.start.turn
        return sayings.say(
            tx,
            place=place or turn.place,
            slot=slot,
            content=self.content(thought),
            now=self.scene.now,
            turn=turn.id,
            mission=turn.mission,
            person=turn.person,
            at_once=at_once,
            lang=self.scene.tongue.lang,
            tainted=turn.tainted,
        )

    def content(self, thought: Thought) -> Text:
        """The words as they are said; of what a mission reports, no more than a chat is there for."""
        mission, start = self.start.mission, self.start
        if mission is None or start.wake is None:
            return Text(text=thought.text, mark=thought.mark)
        day = start.wake.due.date().isoformat()
        name = f"mission-{mission.number}-{day}-{start.turn.id[-6:]}"
        return papers.said(thought.text, name=name, tongue=self.scene.tongue, mark=thought.mark)

    async def attempt_all(self, thought: Thought) -> tuple[Answer, ...] | None:
        """An answer for every ask, or None when one of them waits for a press."""
        got: list[Answer] = []
        waits = False
        for ask in thought.asks:
            answer = self.answers.get(ask.id) or await self.attempt_one(ask)
            if isinstance(answer, Waiting):
                waits = True
                self.requests.append(answer.proposal)
            else:
                got.append(answer)
                self.answers[ask.id] = answer
                self.heard(ask, answer)
        return None if waits else tuple(got)

    async def attempt_one(self, ask: Ask) -> Answer | Waiting:
        came = await attempts.attempt(ask, self.scene, house=self.house)
        if isinstance(came, Answer):
            turn = self.start.turn
            # What a system returns may hold a stranger's words: from here on the turn is tainted.
            tainted = replace(turn, tainted=turn.tainted or came.outside)

            def write(tx: Tx) -> None:
                tx.turns.append(turn.id, came)
                if tainted != turn:
                    tx.turns.put(tainted)

            await self.house.store.write(write, space=turn.space)
            self.start = replace(self.start, turn=tainted)
            self.scene = replace(self.scene, turn=tainted)
        return came

    def heard(self, ask: Ask, answer: Answer) -> None:
        """What later values may have come from."""
        if answer.outside:
            readings = (*self.scene.readings, provenance.reading(ask.action, answer))
            self.scene = replace(self.scene, readings=readings)

    async def park(self) -> tuple[Effect, ...]:
        """Waits at no cost; what is settled resumes it."""
        turn = replace(self.start.turn, state=TurnState.PARKED, cost=self.cost)

        def write(tx: Tx) -> None:
            if not self.first_to_end(tx):
                return
            tx.turns.put(turn)
            outcomes.follow(tx, turn.id, Fate.WAITING, self.scene.now)
            self.await_press(tx)
            if not self.hold_cards(tx):
                asking.together(tx, self.asked(tx), now=self.scene.now)
                for request in self.requests:
                    raising.show(tx, request, self.scene.now)
            # Settled between the attempt and this moment: nobody would ring again.
            for proposal in self.waiting(tx):
                if _is_settled(tx, proposal):
                    cause = f"park:{self.start.event.id}"
                    sayings.resume(tx, proposal, cause=cause, now=self.scene.now)
            for effect in self.awaited(tx):
                if entries.run_of(effect).hold is None:
                    sayings.await_deed(tx, effect, now=self.scene.now)
                elif effect.over:
                    holds.tell(tx, effect, house=self.house)

        await self.house.store.write(write, space=turn.space)
        return ()

    def await_press(self, tx: Tx) -> None:
        """The log says what the mission waits for."""
        mission = tx.missions.get(self.start.turn.mission) if self.start.turn.mission else None
        if mission is None:
            return
        now, turn = self.scene.now, self.start.turn
        lines = [
            Logged(
                kind=Wrote.AWAITS,
                text="a press on {code}: {action}",
                values={"code": each.code, "action": each.call.action},
                at=now,
                turn=turn.id,
            )
            for each in self.waiting(tx)
        ]
        tx.missions.put(logbook.written(mission, lines))

    def waiting(self, tx: Tx) -> list[Proposal]:
        """Everything this turn waits for, requests for more included."""
        found = {proposal.id: proposal for proposal in self.asked(tx)}
        requests = [proposal for each in self.requests if (proposal := tx.proposals.get(each))]
        return list((found | {proposal.id: proposal for proposal in requests}).values())

    def asked(self, tx: Tx) -> list[Proposal]:
        """The proposals this turn has asked for and not been answered about."""
        asks = [ask for thought in self.thoughts for ask in thought.asks if ask.id not in self.answers]
        found = [tx.proposals.of_ask(self.start.turn.id, ask.id) for ask in asks]
        return [proposal for proposal in found if proposal is not None]

    def awaited(self, tx: Tx) -> list[Effect]:
        """The deeds this turn waits for without a card: they are held, or somebody else finds out about them."""
        asks = [ask for thought in self.thoughts for ask in thought.asks if ask.id not in self.answers]
        found = [tx.effects.get(attempts.effect_id(ask, self.scene)) for ask in asks]
        return [effect for effect in found if effect is not None]

    async def end(self, thought: Thought, *, failed: str = "", unthought: bool = False) -> tuple[Effect, ...]:
        """The words are in the outbox, the event is done, the ledger knows: one transaction. `failed` says why
        nothing came of it; `unthought` words are no report either."""
        now = self.house.clock.now()
        self.rest = thought.state if self.start.procedure is not None else ""
        turn = replace(self.start.turn, state=TurnState.DONE, cost=self.cost, ended=now)

        def write(tx: Tx) -> tuple[Effect, ...]:
            if not self.first_to_end(tx):
                return ()
            tx.marks.gather(self.marks)
            if not self.begun:
                self.arrive(tx)
            tx.turns.put(turn)
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
            if self.mind.costly:
                tx.traces.unload(turn.id)
            words = self.discreet(tx, thought)
            said: tuple[Effect, ...] = ()
            outlet = "" if failed or unthought else self.outlet(tx)
            held = not outlet and self.hold(tx, words)
            if not held:
                said = self.report(tx, words, outlet) if words.text else self.silence(tx)
            self.close_occurrence(tx, said, failed, held=held)
            forgetting.at_the_end(tx, turn.id, tongue=self.scene.tongue, house=self.house, keep=self.slot)
            if not privacy.standing(tx, turn.place):
                carrying.carry(tx, turn.place)
            return said

        said = await self.house.store.write(write, space=turn.space)
        log.info("turn_done", extra={"turn": turn.id, "mission": turn.mission, "steps": len(self.thoughts)})
        return tuple(effect for effect in said if effect.state is EffectState.STARTED)

    @property
    def marks(self) -> tuple[str, ...]:
        """What the end of a turn asks for."""
        turn = self.start.turn
        here = whereabouts.marks_of(turn.person, self.scene.place)
        return (forgetting.mark_of(turn.id), carrying.mark_of(turn.place), privacy.MARK, *here)

    def report(self, tx: Tx, words: Thought, outlet: str) -> tuple[Effect, ...]:
        """The words at the end. Those for another place are sent by whoever works there, in the order of that place."""
        return (self.say(tx, words, slot=self.slot, at_once=not outlet, place=outlet),)

    def outlet(self, tx: Tx) -> str:
        """The other place that hears the report of this run, as its mission says now; "" for none."""
        mission = tx.missions.get(self.start.turn.mission) if self.start.wake is not None else None
        return mission.outlet.place if mission is not None and mission.outlet is not None else ""

    def first_to_end(self, tx: Tx) -> bool:
        """Whether nobody else has brought the event to its end: who had to be taken for dead may think on, and come second.
        From now on it is at its end."""
        if tx.events.close(self.start.event.id):
            return True
        log.warning("ended_elsewhere", extra={"turn": self.start.turn.id, "event": self.start.event.id})
        return False

    def discreet(self, tx: Tx, thought: Thought) -> Thought:
        """What was to be forgotten meanwhile is not said again: where that is what the turn was for, its receipt
        speaks instead."""
        if forgetting.discreet(tx, self.start.turn.id, thought.text):
            return thought
        asks = [ask for each in self.thoughts for ask in each.asks if ask.action == FORGET]
        done = [self.answers[ask.id] for ask in asks if ask.id in self.answers]
        receipts = [answer.text for answer in done if answer.outcome is Outcome.DONE]
        return Thought(text="\n".join(receipts) or self.scene.tongue("(forgotten)"))

    def hold(self, tx: Tx, thought: Thought) -> bool:
        """Whether the words wait for the end of somebody's quiet hours; then they are kept for that."""
        start, turn, now = self.start, self.start.turn, self.house.clock.now()
        mission = tx.missions.get(turn.mission) if turn.mission else None
        if mission is None:
            return False
        shown = self.ref or tx.lines.by_slot(turn.place, self.slot) is not None
        if not thought.text or shown or not quieting.waits(tx, start.event, mission, start.signal, now):
            return False
        report = Held(
            turn=turn.id,
            mission=mission.number,
            place=turn.place,
            text=thought.text,
            at=now,
            tainted=turn.tainted,
        )
        return resting.keep(tx, mission.owner, report)

    def hold_cards(self, tx: Tx) -> bool:
        """Whether what was asked for stands on no card before the end of somebody's quiet hours."""
        start, now = self.start, self.house.clock.now()
        mission = tx.missions.get(start.turn.mission) if start.turn.mission else None
        if mission is None or not quieting.waits(tx, start.event, mission, start.signal, now):
            return False
        return quieting.hold_cards(tx, mission, self.waiting(tx), now)

    def silence(self, tx: Tx) -> tuple[Effect, ...]:
        """Nothing to say; a placeholder that was shown meanwhile must not stand for ever."""
        if not self.ref and tx.lines.by_slot(self.start.turn.place, self.slot) is None:
            return ()
        done = Thought(text=self.scene.tongue("Done thinking; the result stands on the card."))
        return (self.say(tx, done, slot=self.slot, at_once=True),)

    def close_occurrence(self, tx: Tx, said: tuple[Effect, ...], failed: str, *, held: bool = False) -> None:
        """What became of the due time that began this turn, if one did; its report is what the outbox makes of it."""
        if self.start.wake is None:
            return
        turn, now = self.start.turn, self.house.clock.now()
        fate, why = (Fate.FAILED, failed) if failed else outcomes.of_answers(self.answers.values())
        outcomes.follow(
            tx,
            turn.id,
            fate,
            now,
            why=why,
            report=said[0].id if said else "",
            held=held,
            rest=self.rest,
        )
        mission = tx.missions.get(turn.mission) if turn.mission else None
        if mission is not None:
            trigger, lines = self.start.wake.trigger, self.logged()
            outcomes.close(
                tx, mission, trigger=trigger, lines=lines, fate=fate, at=now, tongue=self.scene.tongue
            )

    def logged(self) -> list[Logged]:
        """What this turn did, saw and heard decided, for the wakes to come."""
        actions = self.house.actions()
        reads = frozenset(name for name, action in actions.items() if action.risk is Risk.R0)
        asks = [ask for thought in self.thoughts for ask in thought.asks]
        asked = [(ask, self.answers[ask.id]) for ask in asks if ask.id in self.answers]
        kept = [(ask, answer) for ask, answer in asked if ask.action not in _OF_ITSELF]
        now, turn = self.house.clock.now(), self.start.turn.id
        return logbook.of_answers(kept, reads=reads, turn=turn, now=now)

    async def put_off(self, error: Unreachable) -> tuple[Effect, ...]:
        """The model cannot be reached: said plainly, the message kept, asked again later."""
        tries = self.start.event.attempts
        if tries >= len(MODEL_TRIES):
            text = self.scene.tongue(
                "The model still cannot be reached ({why}). I give up on this message; say it again when it"
                " is back.",
                why=error.said(self.scene.tongue),
            )
            return await self.end(Thought(text=text), failed=text)
        now = self.house.clock.now()
        until = now + (timedelta(seconds=error.retry_after) if error.retry_after else MODEL_TRIES[tries])
        text = self.scene.tongue(
            "The model cannot be reached ({why}). Your message is kept; I try again at {when}.",
            why=error.said(self.scene.tongue),
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
