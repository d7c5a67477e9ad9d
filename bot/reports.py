"""What the assistant says about itself: status, lists, reasons. Reads the record, writes nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot import authority, freezes, freezing, ledgerwords, recollections, rows, schedules, spending, triggers
from bot.actions import Action, Receipt
from bot.batches import Batch
from bot.carrying import Standing
from bot.effects import Effect, EffectState, Run
from bot.errors import BadInput
from bot.events import Signal, Wake
from bot.freezes import Freeze
from bot.house import House
from bot.ledger import Entry
from bot.missions import Mission, Phase
from bot.people import Person
from bot.policy import START
from bot.proposals import Proposal, State
from bot.speech import Tongue
from bot.store import Tx
from bot.triggers import Calendar
from bot.values import Json
from bot.visible import exact
from bot.world import Context

MOST_HEARD = 3
"""So many signals of one wake are named."""


def help_text(tongue: Tongue) -> str:
    """The words that always work."""
    return tongue(
        "I keep watch, remember, and ask before anything that matters. Words that always work:\n"
        "• status · missions · pending · actions\n"
        "• every weekday at 9:00, … · in 10 minutes, … · when <signal>, …\n"
        "• pause N · resume N · cancel N · why N\n"
        "• remember … · what do you know about … · forget …\n"
        "• do <system>.<action> field=value …\n"
        "• undo CODE · budget · freeze · unfreeze\n"
        "• link · dashboard · language fr · time zone Europe/Paris"
    )


def status(tx: Tx, context: Context, house: House) -> Receipt:
    """How things stand, in a few lines."""
    tongue = context.tongue
    missions = tx.missions.all()
    awake = [mission for mission in missions if mission.phase is Phase.ACTIVE]
    pending = [proposal for proposal in tx.proposals.pending() if proposal.open_at(context.now)]
    unknown = tx.effects.in_state(EffectState.UNKNOWN)
    stopped = freezing.standing(tx, house=house)
    begun = [e for e in tx.effects.in_state(EffectState.STARTED) if isinstance(e.deed, Run)]
    trouble = house.policy().trouble
    lines = [
        *([frozen(tx, freeze, tongue, context.zone) for freeze in stopped] or [tongue("On watch.")]),
        tongue.many("{n} mission active.", "{n} missions active.", len(awake)),
        tongue.many("{n} request waits for a press.", "{n} requests wait for a press.", len(pending)),
    ]
    if trouble:
        lines.append(tongue("The policy cannot be read, so everything asks: {why}", why=trouble))
    if begun:
        lines.append(
            tongue.many(
                "{n} deed has begun and is not recorded yet.",
                "{n} deeds have begun and are not recorded yet.",
                len(begun),
            )
        )
    if unknown:
        lines.append(
            tongue.many(
                "{n} deed whose outcome nobody knows: please check.",
                "{n} deeds whose outcome nobody knows: please check.",
                len(unknown),
            )
        )
    lines += [
        tongue("A limit is reached: {why}", why=spending.said(tx, over, tongue))
        for over in spending.reached(tx, house=house)
    ]
    due = min((mission.next_due for mission in awake if mission.next_due), default=None)
    if due is not None:
        lines.append(tongue("Next wake: {when}.", when=tongue.moment(due, context.zone)))
    systems = ", ".join(
        system.account().called(tongue) for name, system in house.systems.items() if name != "vigie"
    )
    lines.append(tongue("Connected: {systems}.", systems=systems or "—"))
    return Receipt(text="\n".join(lines), data={"missions": len(awake), "pending": len(pending)})


def frozen(tx: Tx, freeze: Freeze, tongue: Tongue, zone: str) -> str:
    """What stands still since when, by whom and why."""
    return tongue(
        "Frozen since {when} by {who}: {what} ({why}).",
        when=tongue.moment(freeze.at, zone),
        who=frozen_by(tx, freeze, tongue),
        what=freeze.scope.said(tongue),
        why=freeze.reason or "—",
    )


def frozen_by(tx: Tx, freeze: Freeze, tongue: Tongue) -> str:
    """Who froze it."""
    match freeze.by:
        case freezes.FILE:
            return tongue("the stop file")
        case freezes.COMMAND_LINE:
            return tongue("the command line")
        case person:
            return _name(tx, person, tongue)


def started(mission: Mission, tongue: Tongue, calendar: Calendar) -> str:
    """The mission shown back: goal, when, what it may do, how to stop it."""
    lines = [tongue("Mission {n}: {goal}", n=mission.number, goal=mission.goal)]
    lines += [
        tongue("When: {when}.", when=schedules.in_words(trigger, tongue)) for trigger in mission.triggers
    ]
    if mission.next_due is not None:
        lines.append(tongue("First wake: {when}.", when=tongue.moment(mission.next_due, mission.zone)))
        after = triggers.next_due(mission, mission.next_due, calendar=calendar)
        if after is not None:
            lines.append(tongue("Then: {when}.", when=tongue.moment(after, mission.zone)))
    if mission.may:
        lines.append(
            tongue("It may use: {actions}. What matters still asks.", actions=", ".join(mission.may))
        )
    lines.append(tongue("Stop it with “pause {n}” or “cancel {n}”.", n=mission.number))
    return "\n".join(lines)


def moved(mission: Mission, phase: Phase, tongue: Tongue) -> str:
    """What became of it after a word."""
    match phase:
        case Phase.PAUSED:
            return tongue("Mission {n} is paused. “resume {n}” wakes it again.", n=mission.number)
        case Phase.ACTIVE:
            return tongue("Mission {n} is on watch again.", n=mission.number)
        case _:
            return tongue("Mission {n} is cancelled, and its waiting cards with it.", n=mission.number)


def phase_words(phase: Phase, tongue: Tongue) -> str:
    """A phase as people say it."""
    words = {
        Phase.DRAFT: tongue("draft"),
        Phase.ACTIVE: tongue("active"),
        Phase.PARKED: tongue("waiting for a press"),
        Phase.PAUSED: tongue("paused"),
        Phase.DONE: tongue("done"),
        Phase.FAILED: tongue("failed"),
        Phase.CANCELLED: tongue("cancelled"),
    }
    return words[phase]


def missions(tx: Tx, context: Context) -> Receipt:
    """The list that numbers refer to."""
    tongue = context.tongue
    found, drafts = tx.missions.all(), _drafts(tx, context)
    if not found and not drafts:
        text = tongue("No mission is on watch. Start one: “every weekday at 9:00, …” or “in 10 minutes, …”.")
        return Receipt(text=text, data=[])
    lines = [_mission_line(mission, context) for mission in found]
    return Receipt(
        text="\n".join([*lines, *drafts]),
        data=[{"number": m.number, "goal": m.goal, "phase": str(m.phase)} for m in found],
        tainted=any(m.tainted for m in found),
    )


def _drafts(tx: Tx, context: Context) -> list[str]:
    """Missions that wait for the press that starts them."""
    return [
        f"{each.code} · {each.preview.subject} · {phase_words(Phase.DRAFT, context.tongue)}"
        for each in tx.proposals.pending()
        if each.call.action == START and each.open_at(context.now)
    ]


def _mission_line(mission: Mission, context: Context) -> str:
    tongue = context.tongue
    parts = [f"{mission.number} · {mission.goal}", phase_words(mission.phase, tongue)]
    parts += [schedules.in_words(trigger, tongue) for trigger in mission.triggers]
    if mission.next_due is not None and mission.phase is Phase.ACTIVE:
        parts.append(tongue("next {when}", when=tongue.day(mission.next_due, context.zone)))
    return " · ".join(parts)


def pending(
    found: Sequence[Proposal], people: Sequence[Person], context: Context, *, discreet: bool = False
) -> Receipt:
    """What waits, oldest first, for whom, and how many presses are missing; what it is about only where nobody
    reads along whom it is not for."""
    tongue = context.tongue
    if not found:
        return Receipt(text=tongue("Nothing waits for a press."), data=[])
    lines = [tongue.many("{n} request waits for a press:", "{n} requests wait for a press:", len(found))]
    lines += [
        f"{proposal.code} · {proposal.call.action} · {'—' if discreet else proposal.preview.subject or '—'} · "
        + tongue("until {when}", when=tongue.day(proposal.expires, context.zone))
        + " · "
        + _awaited(proposal, people, context)
        for proposal in found
    ]
    # What a card is about was read from a system.
    return Receipt(text="\n".join(lines), data=[proposal.code for proposal in found], tainted=True)


def _awaited(proposal: Proposal, people: Sequence[Person], context: Context) -> str:
    tongue, demand, given = context.tongue, proposal.demand, proposal.approvals
    who = authority.awaited(demand, people, requester=proposal.requester, given=given, now=context.now)
    left = authority.missing(demand, given)
    if len(who) < left:
        return tongue("nobody here can approve it: it will expire")
    names = ", ".join(person.name for person in who)
    if demand.people == 1:
        return tongue("waits for {names}", names=names)
    return tongue.many(
        "{n} press missing, from {names}", "{n} presses missing, from {names}", left, names=names
    )


def actions(system: str, context: Context, house: House) -> Receipt:
    """What the connected systems can do, with risk class and fields."""
    names = [name for name in house.systems if name != "vigie"]
    if system and system not in house.systems:
        raise BadInput(
            context.tongue(
                "no system “{name}” is connected; there is {all}", name=system, all=", ".join(names)
            )
        )
    found = [action for name in ([system] if system else names) for action in house.systems[name].actions()]
    lines = [_action_line(action, context.tongue) for action in found]
    return Receipt(
        text="\n".join(lines) or context.tongue("No system is connected."), data=[a.name for a in found]
    )


def _action_line(action: Action, tongue: Tongue) -> str:
    fields = " ".join(f"{f.name}=…" if f.required else f"[{f.name}=…]" for f in action.fields)
    return f"• {action.name} {fields} — {tongue(action.title)} (R{int(action.risk)})"


def stood(found: Standing, tongue: Tongue, zone: str) -> str:
    """Where a conversation stood, from what was carried over and from its newest lines."""
    if found.since is None or found.nothing:
        return tongue("Nothing is decided, open or counted here yet.")
    since = tongue.day(found.since, zone)
    parts = (
        (tongue("Decided:"), found.decisions),
        (tongue("Open:"), found.questions),
        (tongue("Numbers:"), found.numbers),
    )
    lines = [tongue("We last spoke here on {when}. Where it stood:", when=since)]
    for head, each in parts:
        lines += (head, *(f"• {text}" for text in each)) if each else ()
    return "\n".join(lines)


# Why -------------------------------------------------------------------------------------------------------


def why(tx: Tx, subject: str, context: Context, *, actions: Mapping[str, Action]) -> Receipt:
    """Who set the limit, who controlled the action, who answers for it: in a paragraph, from the record,
    which holds what systems and strangers wrote."""
    subject = subject.strip()
    if subject.isdecimal():
        mission = tx.missions.by_number(int(subject))
        if mission is not None:
            return Receipt(text="\n".join(_why_mission(tx, mission, context, actions)), tainted=True)
    mark: Json = tx.marks.get(f"code:{subject.upper()}")
    batch = tx.batches.get(mark.get("batch", "") if mark else subject)
    if batch is not None:
        return Receipt(text="\n".join(_why_batch(tx, batch, context)), tainted=True)
    proposal = tx.proposals.get(mark.get("proposal", "")) if mark else tx.proposals.get(subject)
    if proposal is not None:
        return Receipt(text="\n".join(_why_proposal(tx, proposal, context)), tainted=True)
    effect = tx.effects.get(mark.get("effect", "") if mark else subject)
    if effect is not None:
        return Receipt(text="\n".join(_why_effect(tx, effect, context)), tainted=True)
    turn = tx.turns.get(subject)
    if turn is not None and turn.place == context.place.key:
        return Receipt(text="\n".join(recollections.of_turn(tx, turn, context)), tainted=True)
    raise BadInput(context.tongue("I know no mission and no code {subject}", subject=subject))


def _why_mission(tx: Tx, mission: Mission, context: Context, actions: Mapping[str, Action]) -> Iterable[str]:
    tongue = context.tongue
    owner = _name(tx, mission.owner, tongue)
    began = _starter(tx, mission) or mission.owner
    if began == mission.owner:
        yield tongue(
            "Mission {n} was started by {who}, {when}, who answers for it: {goal}",
            n=mission.number,
            who=owner,
            when=tongue.moment(mission.created, context.zone),
            goal=mission.goal,
        )
    else:
        yield tongue(
            "Mission {n} was started by {who}, {when}; now {owner} answers for it: {goal}",
            n=mission.number,
            who=_name(tx, began, tongue),
            owner=owner,
            when=tongue.moment(mission.created, context.zone),
            goal=mission.goal,
        )
    yield tongue(
        "Limits: it may use {actions}; what matters asks.",
        actions=rows.named(mission.may, actions, tongue) or tongue("reads only"),
    )
    yield from _told(tx, mission.id, context)


def _starter(tx: Tx, mission: Mission) -> str:
    """Who asked for it, and so started it: its owner may be another by now. "" where nobody knows any more."""
    turn = tx.turns.get(mission.source) if mission.source else None
    return turn.person if turn is not None else ""


def _why_proposal(tx: Tx, proposal: Proposal, context: Context) -> Iterable[str]:
    tongue = context.tongue
    yield tongue(
        "{action}: the limit was set by the rule {rule}.", action=proposal.call.action, rule=proposal.rule
    )
    who = _name(tx, proposal.settled_by, tongue)
    when = tongue.moment(proposal.settled_at, context.zone) if proposal.settled_at else ""
    match proposal.state:
        case State.PENDING:
            until = tongue.moment(proposal.expires, context.zone)
            yield tongue("It waits for a press until {until}.", until=until)
        case State.APPROVED:
            yield tongue(
                "The action was controlled by {who}, who approved revision {n}, {when} (digest {digest}…).",
                who=who,
                n=proposal.revision,
                when=when,
                digest=proposal.call.digest[:12],
            )
        case State.DENIED:
            yield tongue("{who} denied it, {when}.", who=who, when=when)
        case State.EXPIRED | State.CANCELLED:
            yield tongue("Nobody approved it; nothing was done.")
    mission = tx.missions.get(proposal.mission) if proposal.mission else None
    answers = mission.owner if mission else proposal.requester
    yield tongue("{who} answers for it.", who=_name(tx, answers, tongue))
    yield from _told(tx, proposal.id, context)


def _why_effect(tx: Tx, effect: Effect, context: Context) -> Iterable[str]:
    """A deed nobody pressed for: the rule that allowed it, or who allowed its like in advance."""
    tongue = context.tongue
    if isinstance(effect.deed, Run) and not effect.deed.authority.proposal:
        run = effect.deed
        grant = tx.grants.get(run.authority.grant) if run.authority.grant else None
        if grant is not None:
            yield tongue(
                "{action}: the limit was set by {who}, with permission {n}, {when}: {said}.",
                action=run.call.action,
                who=_name(tx, grant.giver, tongue),
                n=grant.number,
                when=tongue.moment(grant.created, context.zone),
                said=grant.said,
            )
            yield tongue(
                "The action was controlled by that permission, in place of a press (rule {rule}; digest"
                " {digest}…).",
                rule=run.authority.rule,
                digest=run.call.digest[:12],
            )
        else:
            yield tongue(
                "{action}: the limit was set by the rule {rule}, which let it run without a press.",
                action=run.call.action,
                rule=run.authority.rule,
            )
        mission = tx.missions.get(effect.mission) if effect.mission else None
        answers = grant.giver if grant else mission.owner if mission else effect.person
        yield tongue("{who} answers for it.", who=_name(tx, answers, tongue))
    yield from _told(tx, effect.id, context)


def _why_batch(tx: Tx, batch: Batch, context: Context) -> Iterable[str]:
    """The three answers for all of a card in one paragraph, then each member by its code."""
    tongue = context.tongue
    members = [member for each in batch.members if (member := tx.proposals.get(each))]
    rules = ", ".join(dict.fromkeys(member.rule for member in members))
    names = dict.fromkeys(_name(tx, member.settled_by, tongue) for member in members if member.settled_by)
    counts = Counter(member.state for member in members)
    approved, denied = counts[State.APPROVED], counts[State.DENIED]
    first = tx.missions.get(batch.mission) if batch.mission else None
    yield " ".join(
        (
            tongue.many(
                "{n} request on one card: the limit was set by the rule {rules}.",
                "{n} requests on one card: the limit was set by the rule {rules}.",
                len(members),
                rules=rules,
            ),
            tongue(
                "The action was controlled by {who}: {approved} approved, {denied} denied, {n} neither.",
                who=", ".join(names) or tongue("nobody yet"),
                approved=approved,
                denied=denied,
                n=len(members) - approved - denied,
            ),
            tongue("{who} answers for it.", who=_name(tx, first.owner if first else batch.requester, tongue)),
        )
    )
    for member in members:
        yield f"• {member.code} · {member.preview.subject or member.call.action} · {_state_words(member.state, tongue)}"


def _told(tx: Tx, subject: str, context: Context) -> Iterable[str]:
    """The ledger's last lines about something."""
    kinds = ledgerwords.kinds(context.tongue)
    for entry in tx.ledger.about(subject, limit=12):
        result = str(entry.body.get("result", "") or entry.body.get("action", ""))
        kind = kinds.get(entry.kind, entry.kind)
        who = _hands(tx, entry, context.tongue)
        heard = _heard(tx, entry, context.tongue)
        parts = (context.tongue.day(entry.at, context.zone), kind, who, result, *heard)
        yield "  " + " · ".join(part for part in parts if part)


def _hands(tx: Tx, entry: Entry, tongue: Tongue) -> str:
    """Who did that to a mission, "" where it is nobody's doing; of a hand-over, from whom to whom."""
    person, before = str(entry.body.get("person") or ""), str(entry.body.get("before") or "")
    if not entry.kind.startswith("mission_") or not person:
        return ""
    now = exact(_name(tx, person, tongue), lines=False)
    return f"{exact(_name(tx, before, tongue), lines=False)} → {now}" if before else now


def _heard(tx: Tx, entry: Entry, tongue: Tongue) -> Iterable[str]:
    """What arrived, where that woke the turn that this row tells of."""
    event = tx.events.get(str(entry.body.get("turn", ""))) if entry.kind == "turn" else None
    if event is None or not isinstance(event.body, Wake):
        return
    for signal in event.body.signals[:MOST_HEARD]:
        arrived = tx.events.get(signal)
        if arrived is not None and isinstance(arrived.body, Signal):
            name, what = (exact(each, lines=False) for each in (arrived.body.name, arrived.body.summary))
            yield tongue("{name}: {what}", name=name, what=what) if name and what else name or what


def _state_words(state: State, tongue: Tongue) -> str:
    match state:
        case State.PENDING:
            return tongue("waits")
        case State.APPROVED:
            return tongue("approved")
        case State.DENIED:
            return tongue("denied")
        case State.EXPIRED:
            return tongue("expired")
        case State.CANCELLED:
            return tongue("cancelled")


def _name(tx: Tx, person_id: str, tongue: Tongue) -> str:
    person = tx.people.get(person_id)
    return person.name if person else tongue("nobody we know")
