"""The card: what a person sees before and after a press. Drawn from the canonical call, never from the
mind's words. Platform-neutral: adapters lay the rows out, in this order, and change no character of them.

Every text on a drawn card is safe to look at already (`bot.visible.exact`). What was cut, and what may be misread,
takes the Approve button away until the full view was opened.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import cues, rows
from bot.actions import Action, Reversal, Risk
from bot.authority import Approval
from bot.effects import Effect, EffectState, Run
from bot.events import Verb
from bot.proposals import Origin, Proposal, Source, SourceKind, State
from bot.rows import Row
from bot.rules import OWN
from bot.speech import Tongue
from bot.values import Json, digest
from bot.visible import ended, exact


class Tone(StrEnum):
    """What the card is about, for colour and for the word beside it (never colour alone)."""

    CALM = "calm"
    CARE = "care"
    DANGER = "danger"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """`confirm` is the sentence of a second dialog, "" for none."""

    verb: Verb
    label: str
    primary: bool = False
    danger: bool = False
    confirm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A drawn card. `ref` and `revision` go into every button; `reason` is the mind's, to be quoted. `guarded`
    says that it must have been read in full before it can be approved: something on the short view is cut, or
    may be misread. `link` is a web address that is safe to make clickable, or ""."""

    ref: str
    revision: int
    code: str
    title: str
    tone: Tone
    rows: tuple[Row, ...]
    reason: str = ""
    status: str = ""
    buttons: tuple[Button, ...] = ()
    link: str = ""
    guarded: bool = False

    @property
    def plain(self) -> str:
        """The whole card as text, with the marks of no language."""
        return self.told(str.format)

    def told(self, tongue: Callable[..., str]) -> str:
        """The whole card as text: for notifications and readers of screens."""
        lines = [self.title]
        lines += [tongue("{label}: {value}", label=row.label, value=_arrow(row)) for row in self.rows]
        if self.reason:
            lines.append(tongue("“{part}”", part=self.reason))
        if self.status:
            lines.append(self.status)
        return "\n".join(lines)


def face(card: Card) -> str:
    """The digest of what a person sees before pressing: title, every row, and the quoted reason."""
    rows = [[row.label, row.before, row.value] for row in card.rows]
    return digest([card.title, rows, card.reason, card.ref, card.revision])


def _arrow(row: Row) -> str:
    return row.value if row.before is None else f"{row.before} → {row.value}"


def draw(
    proposal: Proposal,
    *,
    action: Action,
    tongue: Tongue,
    zone: str,
    effect: Effect | None = None,
    people: Mapping[str, str] | None = None,
    mission: str = "",
    revision: int | None = None,
    full: bool = False,
    always: bool = False,
) -> Card:
    """The card of a proposal as it stands. `people` names persons by id; `effect` is its run, if any; `always`
    says that its like may be allowed in advance.

    `revision` is the one the message shows: an older one than the record's is drawn as replaced.
    `full` adds what Details shows.
    """
    names = people or {}
    shown_revision = revision or proposal.revision
    stale = shown_revision != proposal.revision
    pending = proposal.state is State.PENDING and not stale
    facts = call_rows(proposal, action, tongue, full=full)
    guarded = must_read(proposal, action, tongue) if full else _guards(facts)
    link = proposal.preview.link if effect is None or effect.receipt is None else effect.receipt.link
    return Card(
        ref=proposal.ref,
        revision=shown_revision,
        code=proposal.code,
        title=_line(rows.titled(action, tongue)),
        tone=Tone.CALM if stale else tone_of(proposal, action, effect),
        rows=_rows(proposal, action, facts, tongue, zone, names, mission, full=full, guarded=guarded),
        reason=rows.aside(proposal.reason, tongue) if proposal.reason else "",
        status=_status(proposal, effect, tongue, zone, names, stale=stale),
        buttons=_buttons(
            action,
            tongue,
            full=full,
            guarded=guarded,
            outdated=outdated(proposal, action),
            proves=proposal.demand.step_up,
            always=always,
            waits=bool(proposal.waits),
        )
        if pending
        else _afterwards(effect, tongue, stale=stale),
        link=rows.clickable(link),
        guarded=guarded,
    )


def must_read(proposal: Proposal, action: Action, tongue: Tongue) -> bool:
    """Whether this revision may only be approved by who opened its full view: the short one cuts a value, or
    a character on it may be misread."""
    return _guards(call_rows(proposal, action, tongue, full=False))


def _guards(short: Sequence[Row]) -> bool:
    return any(row.cut or row.warns for row in short)


def outdated(proposal: Proposal, action: Action) -> bool:
    """The action is no longer what it was when this was asked for: nothing can be approved any more."""
    return action.fingerprint != proposal.call.fingerprint


def call_rows(proposal: Proposal, action: Action, tongue: Tongue, *, full: bool) -> list[Row]:
    """What the call would do, row by row."""
    return rows.of_call(proposal.call, proposal.preview, action, tongue=tongue, zone=proposal.zone, full=full)


def decode(card: Card, action: Action, *, tongue: Tongue) -> dict[str, Json]:
    """The exact canonical arguments a card stands for, from what it shows alone. Raises BadInput when a value
    on it is cut."""
    return rows.decode(card.rows, action, tongue=tongue)


def risk_words(risk: Risk, tongue: Tongue, *, final: bool = False) -> str:
    """What a risk class means, in words; `final` where nothing brings it back."""
    match risk:
        case Risk.R0:
            return tongue("only reads")
        case Risk.R1:
            return tongue("private, and for good") if final else tongue("reversible and private")
        case Risk.R2:
            return tongue("others will see it")
        case Risk.R3:
            return tongue("money, access or deletion")


def risk_of(action: Action, tongue: Tongue) -> str:
    """Its class and what that means."""
    final = action.reversal is Reversal.IRREVERSIBLE
    return f"R{int(action.risk)} · {risk_words(action.risk, tongue, final=final)}"


def account_words(proposal: Proposal, tongue: Tongue) -> str:
    """Which account, and whether it is a real one."""
    account = proposal.call.account
    mode = tongue("live") if account.live else tongue("test, no real money")
    return f"{_line(account.called(tongue))} ({mode})"


def _line(text: str) -> str:
    return exact(text, lines=False)


def _rows(
    proposal: Proposal,
    action: Action,
    facts: Sequence[Row],
    tongue: Tongue,
    zone: str,
    names: Mapping[str, str],
    mission: str,
    *,
    full: bool,
    guarded: bool,
) -> tuple[Row, ...]:
    found = [
        Row(label=tongue("Risk"), value=risk_of(action, tongue)),
        Row(label=tongue("Account"), value=account_words(proposal, tongue)),
        *facts,
        *rows.sources(
            origins(proposal, names, tongue, zone),
            proposal.call,
            action,
            tongue=tongue,
            full=full,
            always=[name for name, each in proposal.sources.items() if each.kind is SourceKind.FIXED],
        ),
        Row(label=tongue("Afterwards"), value=_reversal(action.reversal, tongue)),
        Row(label=tongue("Rule"), value=rule_words(proposal, tongue)),
        *approvals(proposal, tongue, names),
        *asker(mission, names.get(proposal.requester, ""), tongue),
        *gone(proposal, action, tongue),
        *to_fill(proposal, action, tongue),
        *proof(proposal, tongue),
        *to_approve(guarded=guarded and proposal.state is State.PENDING, full=full, tongue=tongue),
        Row(label=tongue("Expires"), value=_line(tongue.moment(proposal.expires, zone))),
        Row(label=tongue("Code"), value=proposal.code),
    ]
    return (*found, *details(proposal, action, tongue)) if full else tuple(found)


def rule_words(proposal: Proposal, tongue: Tongue) -> str:
    """The rule that asked, and why it did."""
    return _line(proposal.rule)


def asker(mission: str, who: str, tongue: Tongue) -> list[Row]:
    """For which mission, else for whom."""
    if mission:
        return [Row(label=tongue("Mission"), value=rows.aside(mission, tongue))]
    return [Row(label=tongue("Asked by"), value=_line(who))] if who else []


def approvals(proposal: Proposal, tongue: Tongue, names: Mapping[str, str]) -> list[Row]:
    """Who has said yes so far, where one yes is not enough or was given in somebody's place."""
    given, needed = proposal.approvals, proposal.demand.people
    if needed == 1 and all(each.person == each.seat for each in given):
        return []

    def name(person: str) -> str:
        return _line(names.get(person, "")) or tongue("someone")

    def said(each: Approval) -> str:
        if each.seat == each.person:
            return name(each.person)
        return tongue("{who} for {absent}", who=name(each.person), absent=name(each.seat))

    who = ", ".join(said(each) for each in given)
    value = tongue("{done} of {n}: {who}", done=len(given), n=needed, who=who or tongue("nobody yet"))
    return [Row(label=tongue("Approvals"), value=value)]


def gone(proposal: Proposal, action: Action, tongue: Tongue) -> list[Row]:
    """Why a card whose action changed cannot be approved."""
    if not outdated(proposal, action) or proposal.state is not State.PENDING:
        return []
    words = tongue("Not possible: this action is no longer what it was when it was asked for.")
    return [Row(label=tongue("To approve"), value=words)]


def proof(proposal: Proposal, tongue: Tongue) -> list[Row]:
    """That whoever presses has to prove who they are."""
    if not proposal.demand.step_up or proposal.state is not State.PENDING:
        return []
    return [Row(label=tongue("Second factor"), value=tongue("each press takes a code of one's own"))]


def to_fill(proposal: Proposal, action: Action, tongue: Tongue) -> list[Row]:
    """What a person has to fill in before anybody can approve."""
    if not proposal.waits or proposal.state is not State.PENDING:
        return []
    titles = {each.name: _line(tongue(each.title)) for each in action.fields}
    names = ", ".join(titles.get(name, _line(name)) for name in proposal.waits)
    return [Row(label=tongue("To approve"), value=tongue("A person fills in first: {names}", names=names))]


def to_approve(*, guarded: bool, full: bool, tongue: Tongue) -> list[Row]:
    """What has to be done before a guarded card can be approved."""
    if not guarded or full:
        return []
    words = tongue("Open Details first: something here is cut, or may be misread.")
    return [Row(label=tongue("To approve"), value=words)]


def details(proposal: Proposal, action: Action, tongue: Tongue) -> list[Row]:
    """What only the full view adds."""
    return [
        Row(label=tongue("Action"), value=_line(action.name)),
        Row(label=tongue("Revision"), value=str(proposal.revision)),
        Row(label=tongue("Digest"), value=proposal.call.digest),
    ]


def origins(proposal: Proposal, names: Mapping[str, str], tongue: Tongue, zone: str) -> dict[str, str]:
    """Where each value came from, in words, by the name of its field."""
    who = _line(names.get(proposal.requester, "")) or tongue("someone")
    found = {name: origin_words(origin, tongue) for name, origin in proposal.origins.items()}
    for name, source in proposal.sources.items():
        found[name] = source_words(source, who, tongue, zone)
    return found


def source_words(source: Source, who: str, tongue: Tongue, zone: str) -> str:
    """Where a value came from, in words."""
    at = _line(tongue.day(source.at, zone)) if source.at else ""
    match source.kind:
        case SourceKind.WORDS:
            return tongue("the words of {who}, {at}", who=who, at=at)
        case SourceKind.MISSION:
            return tongue("the mission's declared step")
        case SourceKind.RESULT if ":" in source.detail:
            return tongue("what came in from {source}, not a person", source=_line(source.detail))
        case SourceKind.RESULT if source.detail in cues.NAMES:
            return tongue("what began this run, not a person")
        case SourceKind.RESULT:
            return tongue("what {action} returned, not a person", action=_line(source.detail))
        case SourceKind.DEFAULT:
            return tongue("a default")
        case SourceKind.APPROVED:
            return tongue("what was approved before")
        case SourceKind.FIXED:
            return tongue("fixed by an administrator")
        case SourceKind.EDITED:
            return tongue("typed into the card, {at}", at=at)
        case SourceKind.UNKNOWN:
            return tongue("the assistant's own choice")


def origin_words(origin: Origin, tongue: Tongue) -> str:
    """Who set a field, in words."""
    match origin:
        case Origin.MIND:
            return tongue("the assistant's own choice")
        case Origin.PERSON:
            return tongue("a person")
        case Origin.MISSION:
            return tongue("the mission's declared step")
        case Origin.DEFAULT:
            return tongue("a default")
        case Origin.FIXED:
            return tongue("fixed by an administrator")


def _reversal(reversal: Reversal, tongue: Tongue) -> str:
    match reversal:
        case Reversal.REVERSIBLE:
            return tongue("can be undone")
        case Reversal.COMPENSABLE:
            return tongue("can be made good by another action")
        case Reversal.IRREVERSIBLE:
            return tongue("cannot be undone")


def tone_of(proposal: Proposal, action: Action, effect: Effect | None) -> Tone:
    if effect is not None:
        match effect.state:
            case EffectState.CONFIRMED:
                return Tone.GOOD
            case EffectState.FAILED | EffectState.UNKNOWN:
                return Tone.BAD
            case _:
                return Tone.CALM
    if proposal.state is not State.PENDING:
        return Tone.CALM
    return Tone.DANGER if action.risk is Risk.R3 else Tone.CARE if action.risk is Risk.R2 else Tone.CALM


def _status(
    proposal: Proposal,
    effect: Effect | None,
    tongue: Tongue,
    zone: str,
    names: Mapping[str, str],
    *,
    stale: bool,
) -> str:
    if stale:
        return tongue("Replaced by a newer card. Nothing was done from this one.")
    who = _line(names.get(proposal.settled_by, "")) or tongue("someone")
    when = tongue.moment(proposal.settled_at, zone) if proposal.settled_at else ""
    match proposal.state:
        case State.PENDING:
            return ""
        case State.DENIED if proposal.by_hand:
            return tongue("✗ {who} does it by hand, {when}. Nothing was done here.", who=who, when=when)
        case State.DENIED if proposal.note:
            return tongue(
                "✗ Denied by {who}, {when}: “{why}” Nothing was done.",
                who=who,
                when=when,
                why=rows.aside(proposal.note, tongue),
            )
        case State.DENIED:
            return tongue("✗ Denied by {who}, {when}. Nothing was done.", who=who, when=when)
        case State.EXPIRED:
            return tongue("⌛ Expired. Nobody approved it; nothing was done.")
        case State.CANCELLED:
            return tongue("✗ Cancelled, {when}. Nothing was done.", when=when)
        case State.APPROVED:
            # What became of it first, and on a line of its own: that is what one looks for.
            return f"{outcome(effect, tongue)}\n{tongue('Approved by {who}, {when}.', who=who, when=when)}"


def _ours(effect: Effect) -> bool:
    """Whether we did it ourselves: then its words say all, and its number is no other system's."""
    return isinstance(effect.deed, Run) and effect.deed.call.account.system == OWN


def outcome(effect: Effect | None, tongue: Tongue) -> str:
    """What became of an approved deed, in a sentence. What systems return is theirs, and made safe to look at."""
    if effect is None:
        return tongue("… Starting.")
    match effect.state:
        case EffectState.PENDING if effect.error:
            return tongue(
                "… Not done yet: {why} It will be tried again.", why=ended(rows.aside(effect.error, tongue))
            )
        case EffectState.PENDING | EffectState.STARTED:
            return tongue("… Running.")
        case EffectState.CONFIRMED:
            receipt = effect.receipt
            text = rows.aside(receipt.text, tongue) if receipt else ""
            number = f" [{_line(receipt.id)}]" if receipt and receipt.id and not _ours(effect) else ""
            return tongue("✓ Done: {text}", text=text) + number
        case EffectState.FAILED:
            return tongue("✗ Failed, nothing was done: {why}", why=rows.aside(effect.error, tongue))
        case EffectState.UNKNOWN:
            return tongue(
                "? Outcome unknown: {why} Please check before asking again.",
                why=ended(rows.aside(effect.error, tongue)),
            )


def _buttons(
    action: Action,
    tongue: Tongue,
    *,
    full: bool,
    guarded: bool,
    outdated: bool,
    proves: bool,
    always: bool,
    waits: bool,
) -> tuple[Button, ...]:
    title = _line(rows.titled(action, tongue))
    confirm = ""
    if action.risk is Risk.R3 and action.reversal is Reversal.IRREVERSIBLE:
        confirm = tongue("{title}: this cannot be taken back by the assistant. Go on?", title=title)
    elif action.risk is Risk.R3 and guarded:
        confirm = tongue(
            "{title}: something on this card may be misread. Did you read all of it?", title=title
        )
    yes, no = _labels(action, tongue)
    approve = Button(verb=Verb.APPROVE, label=yes, primary=True, confirm=confirm)
    if proves:
        approve = Button(verb=Verb.PROVE, label=tongue("Approve with a code…"), primary=True)
    buttons = [approve] if (full or not guarded) and not outdated and not waits else []
    buttons.append(Button(verb=Verb.DENY, label=no, danger=True))
    if waits:
        buttons.insert(0, Button(verb=Verb.EDIT, label=tongue("Fill in"), primary=True))
    elif action.editable:
        buttons.append(Button(verb=Verb.EDIT, label=tongue("Edit")))
    if full:
        buttons.append(Button(verb=Verb.REASON, label=tongue("Deny…")))
        buttons.append(Button(verb=Verb.MYSELF, label=tongue("I'll do it myself")))
        if always:
            buttons.append(Button(verb=Verb.ALWAYS, label=tongue("Always…")))
    return (*buttons, *more(full=full, guarded=guarded, tongue=tongue))


def _labels(action: Action, tongue: Tongue) -> tuple[str, str]:
    """What the yes and the no are called where something else than a deed is decided."""
    match action.name:
        case "vigie.create_mission":
            return tongue("Start"), tongue("No")
        case "vigie.put_procedure":
            return tongue("Put in force"), tongue("No")
        case "vigie.edit_mission":
            return tongue("Change it"), tongue("No")
        case "vigie.hand_over":
            return tongue("I take it"), tongue("No")
        case _:
            return tongue("Approve"), tongue("Deny")


def more(*, full: bool, guarded: bool, tongue: Tongue) -> tuple[Button, ...]:
    """The way to the full view. A guarded card keeps it there too: each approver opens it for themselves."""
    return (Button(verb=Verb.DETAILS, label=tongue("Details")),) if guarded or not full else ()


def _afterwards(effect: Effect | None, tongue: Tongue, *, stale: bool) -> tuple[Button, ...]:
    if stale or effect is None or effect.state is not EffectState.CONFIRMED:
        return ()
    if effect.receipt is None or effect.receipt.undo is None:
        return ()
    return (Button(verb=Verb.UNDO, label=tongue("Undo")),)
