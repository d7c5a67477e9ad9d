"""One attempt of a mind at an action: checked, judged, then done, put before a person, or refused.

Safe to take again after a crash: what an attempt already led to (an answer, a proposal, an effect) is
found by the turn and the ask, and taken up where it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot import (
    authority,
    cues,
    entries,
    expiry,
    fieldmodes,
    fieldrules,
    gate,
    granting,
    grants,
    holds,
    ids,
    outbox,
    outlets,
    provenance,
    raising,
    recipes,
    spending,
)
from bot.actions import Action, Call, Preview, Reversal, Risk
from bot.budgets import Over
from bot.effects import Authority, Effect, EffectState, Run
from bot.errors import BadInput, Failed, OutcomeUnknown, Refused, StoreAway, StoreUnknown, Unreachable
from bot.fieldmodes import Rules
from bot.gate import Case
from bot.grants import Grant
from bot.house import House
from bot.instruments import Part, call_step
from bot.journal import Answer, Ask, Outcome, Turn
from bot.missions import Mission
from bot.people import Person, Role, called
from bot.places import Place
from bot.policy import Decision, Verdict
from bot.procedures import Procedure
from bot.proposals import Origin, Proposal, Source, SourceKind, State
from bot.provenance import Grounds, Reading
from bot.rules import OWN
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.world import Context

UNFILLED = "unfilled"
"""The version of a preview that cannot be made yet."""
TO_FILL_HOLDS = timedelta(hours=24)
PROPOSED = "only-proposed"
"""What asks where the policy would not: the mission itself."""
FOR_GOOD = "for-good"
"""What asks where the policy would not: that nothing brings it back, and that no person said it word for word."""
MOST_NOES = 3
"""After so many denials of the very same call within the cool-down, nobody is asked again, whoever asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who acts for whom, where, and since when: what every attempt of a turn shares. `author` is who chose
    the arguments: a person's exact words, a mission's declared step, or a model. `words` are the trusted
    ones of the person who asks, "" where nobody does; `readings` what was read since. In a run of a `procedure`, `typed`
    are the inputs that a person typed; `signalled` is the source of the signal that began it, "" for none."""

    turn: Turn
    place: Place
    person: Person | None
    mission: Mission | None
    tongue: Tongue
    zone: str
    now: datetime
    author: Origin = Origin.PERSON
    words: str = ""
    readings: tuple[Reading, ...] = ()
    procedure: Procedure | None = None
    typed: Mapping[str, Json] = field(default_factory=dict[str, Json])
    signalled: str = ""

    def context(self, key: str) -> Context:
        """What a system is told about the one who asks."""
        return Context(
            key=key,
            space=self.turn.space,
            place=self.place,
            person=self.person,
            turn=self.turn.id,
            mission=self.mission.id if self.mission else "",
            zone=self.zone,
            now=self.now,
            tongue=self.tongue,
            tainted=self.turn.tainted,
            in_person=self.in_person,
        )

    @property
    def in_person(self) -> bool:
        """Whether a person asks, in their own exact words and before anything else was read."""
        return self.author is Origin.PERSON and self.mission is None and not self.turn.tainted

    def taints(self, ask: Ask, action: Action) -> bool:
        """Whether a stranger may have had a hand in this ask. Never in what a person put in force word for word, with
        nothing filled in but what a person typed: nothing that was read can have changed it. But when a signal began
        the run, a stranger chose the moment: then it is in all that others see."""
        if not self.turn.tainted or self.procedure is None or self.procedure.tainted:
            return self.turn.tainted
        if self.signalled and action.risk > Risk.R1:
            return True
        return not recipes.fixed(self.procedure.recipe, ask.action, ask.arguments, self.typed)

    @property
    def grounds(self) -> Grounds:
        """What the values of a call are held against."""
        return Grounds(words=self.words, at=self.turn.started, author=self.author, readings=self.readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A person decides, or may still stop it; the turn parks."""

    proposal: str = ""
    effect: str = ""


async def attempt(
    ask: Ask,
    scene: Scene,
    *,
    house: House,
    origins: Mapping[str, Origin] | None = None,
    exactly: bool = False,
) -> Answer | Waiting:
    """What becomes of one ask. Always an Answer or Waiting; what goes wrong is an Answer that says so.

    A proposal made here has no card yet: whoever parks the turn puts it on one (`asking.together`). `exactly` is
    for a call that takes something back: no rule about fields changes what it says.
    """
    before, told = await house.store.read(
        lambda tx: (_standing(tx, ask, scene), fieldrules.of(tx, ask.action)), space=scene.turn.space
    )
    match before:
        case Proposal():
            return await _settled(before, ask, scene, house)
        case Effect() if _is_held(before):
            return Waiting(effect=before.id)
        case Effect():
            return _came(ask, await outbox.finish(before, house=house), scene.tongue)
        case None:
            pass
    try:
        ask = await _named(ask, scene, house)
        rules: Rules = {} if exactly else fieldmodes.in_force(house.action(ask.action), told)
        deed = _read(ask, scene, rules, house=house, origins=origins or {}, exactly=exactly)
    except Refused as error:
        return Answer(ask=ask.id, outcome=Outcome.REFUSED, text=error.said(scene.tongue))
    action = deed.action
    try:
        context = scene.context(effect_id(ask, scene))
        await fieldrules.check(action, rules, deed.call.arguments, context, house=house)
        reads = action.risk is Risk.R0 and not action.egress and not deed.waits
        looked = await _look(deed, scene, house) if reads else None
        return looked or await _act(deed, scene, house)
    except Refused as error:
        return Answer(
            ask=ask.id, outcome=Outcome.REFUSED, text=error.said(scene.tongue), outside=deed.outside
        )
    except (StoreAway, StoreUnknown):
        # Nothing is known of the deed by this: the turn breaks, and is taken again from its journal.
        raise
    except (Unreachable, Failed) as error:
        return Answer(ask=ask.id, outcome=Outcome.FAILED, text=error.said(scene.tongue), outside=deed.outside)
    except OutcomeUnknown as error:
        return Answer(
            ask=ask.id, outcome=Outcome.UNKNOWN, text=error.said(scene.tongue), outside=deed.outside
        )


async def _named(ask: Ask, scene: Scene, house: House) -> Ask:
    """Who is to press for a mission stands in the call by id: a name may be two people's."""
    if ask.action != authority.HAND_OVER or not ask.arguments.get("person"):
        return ask
    people = await house.store.read(lambda tx: tx.people.all(), space=scene.turn.space)
    found = called(str(ask.arguments["person"]), people)
    if len(found) != 1:
        raise BadInput(
            "I know nobody called {name}, or more than one", name=ask.arguments["person"], field="person"
        )
    return replace(ask, arguments={**ask.arguments, "person": found[0].id})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What is attempted: the ask, the exact call it comes to, and where its values came from. `waits` are the
    fields a person has to fill in first, `dropped` those whose value somebody gave who may not."""

    ask: Ask
    action: Action
    call: Call
    sources: Mapping[str, Source]
    origins: Mapping[str, Origin]
    waits: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    def set_by(self, scene: Scene) -> dict[str, Origin]:
        """Who set each value."""
        return {
            name: self.origins.get(name, scene.author if name in self.ask.arguments else Origin.DEFAULT)
            for name in self.call.arguments
        }

    @property
    def outside(self) -> bool:
        """Whether a stranger may have had a hand in what it returns."""
        return self.action.system != OWN

    def case(self, scene: Scene) -> Case:
        """What the gate judges."""
        return Case(
            action=self.action,
            call=self.call,
            effect=effect_id(self.ask, scene),
            person=scene.person,
            mission=scene.mission,
            tainted=scene.taints(self.ask, self.action),
            own_words=provenance.own_words(self.action, self.sources),
            zone=scene.zone,
            now=scene.now,
        )


def _read(
    ask: Ask, scene: Scene, rules: Rules, *, house: House, origins: Mapping[str, Origin], exactly: bool
) -> Deed:
    """The exact call, as the rules about its fields make it. Raises BadInput."""
    action = house.action(ask.action)
    filled = fieldmodes.fill(action, rules, ask.arguments, author=scene.author)
    read = action.read(filled.arguments, waiting=() if exactly else filled.open | frozenset(ask.blanks))
    # What was left open for somebody is not what it is when nobody says.
    empty = {name for name in ask.blanks if name not in ask.arguments} - filled.fixed
    call = Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=house.system(action.name).account(),
        arguments={name: value for name, value in read.items() if name not in empty},
        salt=ids.reference() if action.forgettable else "",
    )
    sources = provenance.trace(action, call.arguments, filled.arguments, scene.grounds)
    minds = {name: Origin.MIND for name in ask.auto if name in ask.arguments}
    if minds:
        own = {name: value for name, value in call.arguments.items() if name in minds}
        grounds = replace(scene.grounds, author=Origin.MIND)
        sources |= provenance.trace(action, own, filled.arguments, grounds)
    sources |= _filled_in(action, sources, scene)
    return Deed(
        ask=ask,
        action=action,
        call=call,
        sources=fieldmodes.sources(sources, rules, call.arguments),
        origins={**minds, **origins, **filled.origins},
        waits=_waits(action, ask, call),
        dropped=filled.dropped,
    )


def _filled_in(action: Action, sources: Mapping[str, Source], scene: Scene) -> dict[str, Source]:
    """Where the values come from that a declared step does not say itself."""
    mission, found = scene.mission, dict[str, Source]()
    if mission is None:
        return found
    for name, came in recipes.filled(mission.steps, action.name, scene.typed).items():
        if name in sources and sources[name].kind is SourceKind.MISSION:
            detail = scene.signalled if came in cues.NAMES and scene.signalled else came
            found[name] = Source(kind=SourceKind.RESULT, detail=detail)
    return found


def _waits(action: Action, ask: Ask, call: Call) -> tuple[str, ...]:
    """The fields that a person has to fill in, in the order of the fields."""
    missing = {*fieldmodes.waiting(action, call.arguments), *ask.blanks}
    return tuple(
        each.name for each in action.fields if each.name in missing and each.name not in call.arguments
    )


def _standing(tx: Tx, ask: Ask, scene: Scene) -> Proposal | Effect | None:
    return tx.proposals.of_ask(scene.turn.id, ask.id) or tx.effects.get(effect_id(ask, scene))


def effect_id(ask: Ask, scene: Scene) -> str:
    """The id of the one effect that this ask can lead to without a press."""
    return ids.derived("eff", scene.turn.id, ask.id)


async def _look(deed: Deed, scene: Scene, house: House) -> Answer | None:
    """A read that is allowed: done, and nothing written but the answer in the journal. None when it asks."""
    ask, call = deed.ask, deed.call
    verdict = await house.store.read(
        lambda tx: gate.look(tx, deed.case(scene), house=house), space=scene.turn.space
    )
    match verdict.decision:
        case Decision.DENY:
            return Answer(ask=ask.id, outcome=Outcome.DENIED, text=verdict.said(scene.tongue))
        case Decision.ASK:
            return None
        case Decision.ALLOW:
            pass
    context = scene.context(effect_id(ask, scene))
    context = replace(context, place=outlets.audience(scene.mission, context.place))
    with house.instruments.over(call_step(Part.READ, call, context)):
        receipt = await house.system(call.action).run(call, context)
    return Answer(
        ask=ask.id,
        outcome=Outcome.DONE,
        text=receipt.text,
        data=receipt.data,
        link=receipt.link,
        outside=deed.outside or receipt.tainted,
    )


async def _act(deed: Deed, scene: Scene, house: House) -> Answer | Waiting:
    ask, call = deed.ask, deed.call
    system = house.system(call.action)
    preview = Preview(version=UNFILLED)
    if not deed.waits:
        context = scene.context(effect_id(ask, scene))
        with house.instruments.over(call_step(Part.PREVIEW, call, context)):
            preview = await system.preview(call, context)

    def decide(tx: Tx) -> Verdict | Effect | Proposal | Answer | Waiting:
        judged = deed.case(scene)
        verdict = _in_person(deed, scene) or gate.judge(tx, judged, house=house)
        if deed.dropped:
            body = {"turn": scene.turn.id, "ask": ask.id, "action": call.action}
            tx.ledger.append("fields_dropped", {**body, "fields": list(deed.dropped)}, scene.now)
        if deed.waits and verdict.decision is Decision.ALLOW:
            verdict = _to_fill(verdict, scene)
        if ask.proposed and verdict.decision is Decision.ALLOW:
            verdict = _proposed(verdict, scene)
        if _is_for_good(deed, scene) and verdict.decision is Decision.ALLOW:
            verdict = _for_good(verdict, scene)
        match verdict.decision:
            case Decision.ALLOW:
                return _allowed(tx, deed, judged, scene, verdict, preview, house)
            case Decision.ASK:
                # Two runs that leave something open do not ask for the same: what is filled in makes it one thing.
                open_run = bool(deed.waits) and scene.procedure is not None
                if not open_run and (again := _asked_before(tx, ask, call, scene)):
                    return again
                grant = None
                if not deed.waits and not ask.proposed:
                    grant = granting.covering(tx, judged, verdict, receives=preview.recipient, house=house)
                if grant is None:
                    return _propose(tx, deed, scene, verdict, preview)
                return _allowed(tx, deed, judged, scene, verdict, preview, house, grant=grant)
            case Decision.DENY:
                tx.ledger.append(
                    "denied", {"turn": scene.turn.id, "action": call.action, "rule": verdict.rule}, scene.now
                )
                return verdict

    decided = await house.store.write(decide, space=scene.turn.space)
    match decided:
        case Verdict():
            return Answer(ask=ask.id, outcome=Outcome.DENIED, text=decided.said(scene.tongue))
        case Answer() | Waiting():
            return decided
        case Proposal():
            return Waiting(proposal=decided.id)
        case Effect() if _is_held(decided):
            return Waiting(effect=decided.id)
        case Effect():
            done = await outbox.perform(decided, scene.context(decided.id), house=house)
            return _came(ask, done, scene.tongue)


def _is_held(effect: Effect) -> bool:
    return entries.run_of(effect).hold is not None and not effect.over


def _to_fill(verdict: Verdict, scene: Scene) -> Verdict:
    """Allowed, but for what a person has to fill in: whoever asked may also say that it is right."""
    return _asked_first(verdict, scene, rule=fieldmodes.RULE, why="a person has to fill in something first")


def _proposed(verdict: Verdict, scene: Scene) -> Verdict:
    """Allowed, but only proposed: whoever asked for that may also say yes."""
    return _asked_first(verdict, scene, rule=PROPOSED, why="its mission only proposes it")


def _is_for_good(deed: Deed, scene: Scene) -> bool:
    """Whether something of our own, what is remembered for one, would be gone because a mind chose it."""
    final = deed.action.risk > Risk.R0 and deed.action.reversal is Reversal.IRREVERSIBLE
    return final and not deed.outside and scene.author is not Origin.PERSON


def _for_good(verdict: Verdict, scene: Scene) -> Verdict:
    return _asked_first(verdict, scene, rule=FOR_GOOD, why="nothing brings it back afterwards")


def _asked_first(verdict: Verdict, scene: Scene, *, rule: str, why: str) -> Verdict:
    return Verdict(
        decision=Decision.ASK,
        rule=rule,
        why=why,
        lifetime=TO_FILL_HOLDS,
        author=verdict.author,
        approvers=tuple(filter(None, (Role.APPROVER.value, scene.turn.person))),
        hold=verdict.hold,
    )


IN_PERSON = frozenset(
    {
        "vigie.unfreeze",
        "vigie.set_field",
        "vigie.rule",
        "vigie.switch_procedure",
        "vigie.drop_procedure",
        "vigie.end_private",
        "vigie.undo_night",
    }
)
"""What only a person's own exact words may ask for, never a mission, a model, or what was read."""


def _in_person(deed: Deed, scene: Scene) -> Verdict | None:
    """What no policy is asked about."""
    if deed.action.name == grants.GIVE:
        return Verdict(
            decision=Decision.DENY,
            rule="offered-only",
            why="a permission is offered by me alone, on the card of what it is for: Details, then “Always…”",
        )
    if deed.action.name not in IN_PERSON or scene.in_person:
        return None
    return Verdict(
        decision=Decision.DENY,
        rule="in-person",
        why="only a person may ask for that, in the exact words",
    )


def _allowed(
    tx: Tx,
    deed: Deed,
    case: Case,
    scene: Scene,
    verdict: Verdict,
    preview: Preview,
    house: House,
    *,
    grant: Grant | None = None,
) -> Effect | Answer | Waiting:
    """Written down as started, or as held where it may still be stopped. With a grant, one use of it is
    consumed where it starts."""
    ask, call = deed.ask, case.call
    by_rule = Authority(by="rule", rule=verdict.rule, digest=call.digest)
    allowed = granting.authority_of(grant, call.digest, verdict.rule) if grant else by_rule
    pause = house.policy().earning.hold if grant else verdict.hold
    if pause is not None and case.action.risk >= Risk.R2:
        return _hold(tx, ask, case, scene, allowed, preview, pause, house)
    effect = Effect(
        id=effect_id(ask, scene),
        space=tx.space,
        place=scene.place.key,
        deed=Run(
            call=call,
            authority=allowed,
            version=preview.seen,
            outlay=gate.outlay(case),
        ),
        turn=scene.turn.id,
        ask=ask.id,
        mission=scene.turn.mission,
        person=scene.turn.person,
        due=scene.now,
    ).started()
    if over := spending.for_deed(tx, effect, house=house):
        return _at_limit(tx, over, ask, scene, house)
    if grant is not None:
        granting.consume(tx, grant, case)
    tx.effects.add(effect)
    set_by = {name: origin.value for name, origin in deed.set_by(scene).items()}
    body = {**outbox.account_of(effect, house), "author": verdict.author, "set_by": set_by}
    tx.ledger.append("started", body, scene.now)
    return effect


def _at_limit(tx: Tx, over: Over, ask: Ask, scene: Scene, house: House) -> Answer | Waiting:
    """A person is told; a mission asks for more, once, and is not told again what was answered."""
    reached = raising.at_limit(tx, over, asker_of(scene), house=house, what=ask.action)
    if reached.mine:
        return Waiting(proposal=reached.proposal)
    return Answer(ask=ask.id, outcome=Outcome.REFUSED, text=reached.words, shown=reached.told)


def asker_of(scene: Scene) -> raising.Asker:
    """For whom more is asked at a limit."""
    return raising.Asker(
        turn=scene.turn.id,
        place=scene.place.key,
        person=scene.person,
        mission=scene.turn.mission,
        tongue=scene.tongue,
        zone=scene.zone,
        now=scene.now,
    )


def _hold(
    tx: Tx,
    ask: Ask,
    case: Case,
    scene: Scene,
    allowed: Authority,
    preview: Preview,
    pause: timedelta,
    house: House,
) -> Effect:
    """Allowed, and not begun before the pause is over: everything is checked again then."""
    hold = holds.hold(now=scene.now, by=pause, tainted=case.tainted, own_words=case.own_words)
    allowed = replace(allowed, expires=hold.until + holds.TOO_LATE)
    effect = Effect(
        id=case.effect,
        space=tx.space,
        place=scene.place.key,
        deed=Run(call=case.call, authority=allowed, version=preview.seen, hold=hold),
        turn=scene.turn.id,
        ask=ask.id,
        mission=scene.turn.mission,
        person=scene.turn.person,
        due=hold.until,
    )
    tx.effects.add(effect)
    tx.ledger.append("held", {**outbox.account_of(effect, house), "until": hold.until.isoformat()}, scene.now)
    holds.announce(tx, effect, subject=preview.subject, house=house, tongue=scene.tongue, zone=scene.zone)
    return effect


def _asked_before(tx: Tx, ask: Ask, call: Call, scene: Scene) -> Answer | None:
    """The very same thing waits already, or was denied a short while ago: people are not asked twice."""
    for pending in tx.proposals.pending():
        if pending.call.digest == call.digest and pending.open_at(scene.now):
            text = (
                # The mind hears this together with what became of the other: that it waits would be false by then.
                scene.tongue(
                    "That is one request, under code {code}: asked for twice here, it is done once at most.",
                    code=pending.code,
                )
                if pending.turn == scene.turn.id
                else scene.tongue("This already waits for approval under code {code}.", code=pending.code)
            )
            return Answer(ask=ask.id, outcome=Outcome.WAITING, text=text, shown=True)
    denied: Json = tx.marks.get(f"denied:{call.digest}")
    if not denied:
        return None
    if datetime.fromisoformat(denied["at"]) > scene.now:
        denied = {**denied, "at": scene.now.isoformat()}
        tx.marks.put(f"denied:{call.digest}", denied)
    until = expiry.cooled(denied, scene.now)
    if until <= scene.now or (_own_words(scene) and int(denied.get("times", 1)) < MOST_NOES):
        return None
    when = scene.tongue.moment(until, scene.zone)
    if denied["by"]:
        text = scene.tongue("This was denied; it is not asked again before {until}.", until=when)
    else:
        text = scene.tongue("Nobody approved this; it is not asked again before {until}.", until=when)
    return Answer(ask=ask.id, outcome=Outcome.DENIED, text=text, shown=scene.mission is not None)


def _own_words(scene: Scene) -> bool:
    """A person who asks in person may ask again, a few times; a mission may not."""
    return scene.mission is None and not scene.turn.tainted


def _propose(tx: Tx, deed: Deed, scene: Scene, verdict: Verdict, preview: Preview) -> Proposal:
    ask, call = deed.ask, deed.call
    proposal = Proposal(
        id=ids.derived("pro", scene.turn.id, ask.id),
        space=tx.space,
        place=scene.place.key,
        turn=scene.turn.id,
        ask=ask.id,
        ref=ids.reference(),
        call=call,
        preview=preview,
        waits=deed.waits,
        picked=ask.picked,
        rule=verdict.rule,
        demand=authority.demanded(
            call.action, gate.demand(verdict), authority.presser(call, scene.turn.person)
        ),
        requester=scene.turn.person,
        mission=scene.turn.mission,
        reason=ask.reason,
        origins=deed.set_by(scene),
        sources=deed.sources,
        lang=scene.tongue.lang,
        zone=scene.zone,
        created=scene.now,
        expires=scene.now + verdict.lifetime,
    )
    tx.proposals.add(proposal)
    tx.marks.put(f"code:{proposal.code}", {"proposal": proposal.id})
    tx.ledger.append("proposed", entries.proposed(proposal, deed.action, author=verdict.author), scene.now)
    return proposal


async def _settled(proposal: Proposal, ask: Ask, scene: Scene, house: House) -> Answer | Waiting:
    """What a proposal made earlier for this ask has come to."""
    tongue = scene.tongue
    match proposal.state:
        case State.PENDING:
            return Waiting(proposal=proposal.id)
        case State.APPROVED:
            # Read together: a deed that is asked for again fails in the transaction that makes its new card.
            effect, newest = await house.store.read(
                lambda tx: (tx.effects.get(proposal.effect), tx.proposals.of_ask(scene.turn.id, ask.id)),
                space=scene.turn.space,
            )
            if newest is not None and newest.id != proposal.id:
                return await _settled(newest, ask, scene, house)
            if effect is None or not effect.over:
                if effect is not None and effect.state is EffectState.PENDING:
                    await house.store.write(
                        lambda tx: raising.let_go(tx, effect, scene.now), space=scene.turn.space
                    )
                return Waiting(proposal=proposal.id)
            return replace(_answer(ask, effect, tongue), shown=True)
        case State.DENIED:
            person = await house.store.read(
                lambda tx: tx.people.get(proposal.settled_by), space=scene.turn.space
            )
            return _denied(proposal, ask, person.name if person else tongue("someone"), tongue)
        case State.EXPIRED:
            late = tongue("Nobody filled it in in time.") if proposal.waits else ""
            text = late or tongue("Nobody approved it in time.")
            return Answer(ask=ask.id, outcome=Outcome.EXPIRED, text=text, shown=True)
        case State.CANCELLED:
            text = tongue("It was cancelled.")
            return Answer(ask=ask.id, outcome=Outcome.DENIED, text=text, shown=True)


def _denied(proposal: Proposal, ask: Ask, who: str, tongue: Tongue) -> Answer:
    """A no, and what the person said with it: quoted, as data, and nothing that anybody has to obey."""
    text = tongue("{who} denied it.", who=who)
    if proposal.by_hand:
        text = tongue("{who} does it by hand; nothing is left to be done here.", who=who)
    elif proposal.note:
        text = tongue("{who} denied it. Their reason, quoted: “{why}”", who=who, why=proposal.note)
    data = {"by": who, "reason": proposal.note, "by_hand": proposal.by_hand}
    return Answer(ask=ask.id, outcome=Outcome.DENIED, text=text, data=data, shown=True)


def _came(ask: Ask, effect: Effect, tongue: Tongue) -> Answer | Waiting:
    """What came of a deed. After a start, who takes stock may be making it under the same key: then it is not
    unknown, it is not over, and the turn parks for it."""
    return Waiting(effect=effect.id) if effect.state is EffectState.STARTED else _answer(ask, effect, tongue)


def _answer(ask: Ask, effect: Effect, tongue: Tongue) -> Answer:
    """What the mind is told of a deed: drawn from the record alone."""
    assert isinstance(effect.deed, Run)
    receipt = effect.receipt
    outside = _from_outside(effect)
    match effect.state:
        case EffectState.CONFIRMED if receipt is not None:
            text = receipt.text
            if effect.deed.authority.grant:
                code = ids.short_code(effect.id)
                text += " " + tongue("(Within a standing permission: why {code})", code=code)
            if receipt.undo is not None:
                text += " " + tongue("(To take it back: undo {code})", code=ids.short_code(effect.id))
            return Answer(
                ask=ask.id,
                outcome=Outcome.DONE,
                text=text,
                data=receipt.data,
                link=receipt.link,
                outside=outside,
            )
        case EffectState.FAILED:
            return Answer(ask=ask.id, outcome=Outcome.FAILED, text=effect.error, outside=outside)
        case EffectState.PENDING:
            return Answer(
                ask=ask.id,
                outcome=Outcome.FAILED,
                text=tongue("Not done: {why}", why=effect.error),
                outside=outside,
            )
        case _:
            return Answer(ask=ask.id, outcome=Outcome.UNKNOWN, text=effect.error, outside=outside)


def _from_outside(effect: Effect) -> bool:
    """What systems return may hold a stranger's words, also after a write, also in an error."""
    assert isinstance(effect.deed, Run)
    own = effect.deed.call.action.partition(".")[0] == OWN
    return not own or (effect.receipt is not None and effect.receipt.tainted)
