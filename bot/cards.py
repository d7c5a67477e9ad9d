"""The card: what a person sees before and after a press. Drawn from the canonical call, never from the
mind's words. Platform-neutral: adapters lay the rows out, in this order, and escape every value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.actions import Action, Call, Reversal, Risk
from bot.authority import Approval
from bot.batches import Batch
from bot.effects import Effect, EffectState
from bot.events import Verb
from bot.proposals import Origin, Proposal, State
from bot.speech import Tongue
from bot.values import Json, Money, digest, is_mapping, is_sequence


class Tone(StrEnum):
    """What the card is about, for colour and for the word beside it (never colour alone)."""

    CALM = "calm"
    CARE = "care"
    DANGER = "danger"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled fact. `before` is set on rows that show a change. Values are plain text."""

    label: str
    value: str
    before: str | None = None


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
    """A drawn card. `ref` and `revision` go into every button; `reason` is the mind's, to be quoted."""

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

    @property
    def plain(self) -> str:
        """The whole card as text: for notifications, terminals and readers of screens."""
        lines = [self.title, *(f"{row.label}: {_arrow(row)}" for row in self.rows)]
        if self.reason:
            lines.append(f"« {self.reason} »")
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
) -> Card:
    """The card of a proposal as it stands. `people` names persons by id; `effect` is its run, if any.

    `revision` is the one the message shows: an older one than the record's is drawn as replaced.
    `full` adds what Details shows.
    """
    names = people or {}
    shown_revision = revision or proposal.revision
    stale = shown_revision != proposal.revision
    pending = proposal.state is State.PENDING and not stale
    return Card(
        ref=proposal.ref,
        revision=shown_revision,
        code=proposal.code,
        title=tongue(action.title),
        tone=Tone.CALM if stale else _tone(proposal, action, effect),
        rows=_rows(proposal, action, tongue, zone, names, mission, full=full),
        reason=proposal.reason,
        status=_status(proposal, effect, tongue, zone, names, stale=stale),
        buttons=_buttons(action, tongue, full=full) if pending else _afterwards(effect, tongue, stale=stale),
        link=proposal.preview.link if effect is None or effect.receipt is None else effect.receipt.link,
    )


Item = tuple[Proposal, Action, Effect | None]
"""A member of a batch with its action and its run, if any."""


def draw_batch(
    batch: Batch,
    items: Sequence[Item],
    *,
    tongue: Tongue,
    people: Mapping[str, str] | None = None,
    mission: str = "",
    full: bool = False,
) -> Card:
    """The card of a batch as it stands: totals first, then one row for each member with every argument."""
    names = people or {}
    waiting = [item for item in items if item[0].state is State.PENDING]
    chosen = [item for item in waiting if item[0].id not in batch.left_out]
    rows = [
        Row(label=tongue("Risk"), value=_worst(items, tongue)),
        Row(label=tongue("Account"), value=_accounts(items, tongue)),
    ]
    if totals := _totals(chosen or items, tongue):
        rows.append(Row(label=tongue("In all"), value=totals))
    rows += [_item_row(number, item, batch, tongue, names) for number, item in enumerate(items, 1)]
    if mission:
        rows.append(Row(label=tongue("Mission"), value=mission))
    elif who := names.get(batch.requester, ""):
        rows.append(Row(label=tongue("Asked by"), value=who))
    rows.append(Row(label=tongue("Rule"), value=", ".join(sorted({item[0].rule for item in items}))))
    if waiting:
        expires = min(item[0].expires for item in waiting)
        rows.append(Row(label=tongue("Expires"), value=tongue.moment(expires, batch.zone)))
    rows.append(Row(label=tongue("Code"), value=batch.code))
    if full:
        for number, (proposal, action, _) in enumerate(items, 1):
            details = [*_details(proposal, action, tongue)]
            rows += [Row(label=f"{number} · {row.label}", value=row.value) for row in details]
    return Card(
        ref=batch.ref,
        revision=batch.revision,
        code=batch.code,
        title=tongue.many("{n} request together", "{n} requests together", len(items)),
        tone=_batch_tone(items),
        rows=tuple(rows),
        reason=items[0][0].reason if len({item[0].reason for item in items}) == 1 and items else "",
        status=_batch_status(batch, items, tongue),
        buttons=_batch_buttons(chosen, tongue, full=full) if waiting and not batch.split else (),
    )


def _worst(items: Sequence[Item], tongue: Tongue) -> str:
    risk = max((action.risk for _, action, _ in items), default=Risk.R3)
    return f"R{int(risk)} · {risk_words(risk, tongue)}"


def _accounts(items: Sequence[Item], tongue: Tongue) -> str:
    accounts = {(p.call.account.label, p.call.account.live) for p, _, _ in items}
    words = {True: tongue("live"), False: tongue("test, no real money")}
    return ", ".join(f"{label} ({words[live]})" for label, live in sorted(accounts))


def _totals(items: Sequence[Item], tongue: Tongue) -> str:
    sums: dict[str, int] = {}
    for proposal, _, _ in items:
        for amount in proposal.call.money():
            sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return " + ".join(tongue.money(Money(minor, currency)) for currency, minor in sorted(sums.items()))


def _item_row(number: int, item: Item, batch: Batch, tongue: Tongue, names: Mapping[str, str]) -> Row:
    """Everything a press would do for this member: subject, every argument, who receives, before → after."""
    proposal, action, effect = item
    parts = [proposal.preview.subject] if proposal.preview.subject else []
    parts += [f"{row.label}: {row.value}" for row in _arguments(proposal.call, action, tongue)]
    parts += [
        f"{tongue(c.title)}: {value_text(c.before, tongue)} → {value_text(c.after, tongue)}"
        for c in proposal.preview.changes
    ]
    if proposal.preview.recipient:
        parts.append(f"{tongue('Receives')}: {proposal.preview.recipient}")
    parts += [f"{row.label}: {row.value}" for row in approvals(proposal, tongue, names)]
    if proposal.state is not State.PENDING:
        parts.append(_item_status(proposal, effect, tongue))
    elif proposal.id in batch.left_out:
        parts.append(tongue("left out: it will not be done"))
    return Row(label=f"{number} · {tongue(action.title)}", value=" · ".join(parts))


def _item_status(proposal: Proposal, effect: Effect | None, tongue: Tongue) -> str:
    match proposal.state:
        case State.APPROVED:
            return _outcome(effect, tongue)
        case State.DENIED:
            return tongue("✗ Denied. Nothing was done.")
        case State.EXPIRED:
            return tongue("⌛ Expired. Nobody approved it; nothing was done.")
        case _:
            return tongue("✗ Cancelled. Nothing was done.")


def _batch_tone(items: Sequence[Item]) -> Tone:
    tones = {_tone(proposal, action, effect) for proposal, action, effect in items}
    return next((tone for tone in (Tone.BAD, Tone.DANGER, Tone.CARE) if tone in tones), Tone.GOOD)


def _batch_status(batch: Batch, items: Sequence[Item], tongue: Tongue) -> str:
    if batch.split:
        return tongue("Put on cards of their own. Nothing was done from this one.")
    if any(proposal.state is State.PENDING for proposal, _, _ in items):
        return ""
    done = sum(1 for _, _, effect in items if effect is not None and effect.state is EffectState.CONFIRMED)
    under_way = sum(1 for p, _, e in items if p.state is State.APPROVED and (e is None or not e.over))
    if under_way:
        return tongue("… Running: {done} of {n} done.", done=done, n=len(items))
    return tongue("{done} of {n} done.", done=done, n=len(items))


def _batch_buttons(chosen: Sequence[Item], tongue: Tongue, *, full: bool) -> tuple[Button, ...]:
    fatal = any(a.risk is Risk.R3 and a.reversal is Reversal.IRREVERSIBLE for _, a, _ in chosen)
    confirm = tongue.many(
        "{n} request: this cannot be taken back by the assistant. Go on?",
        "{n} requests: this cannot be taken back by the assistant. Go on?",
        len(chosen),
    )
    approve = tongue.many("Approve {n}", "Approve all {n}", len(chosen))
    buttons = [
        Button(verb=Verb.APPROVE, label=approve, primary=True, confirm=confirm if fatal else ""),
        Button(verb=Verb.DENY, label=tongue("Deny all"), danger=True),
        Button(verb=Verb.EDIT, label=tongue("Choose")),
        Button(verb=Verb.SPLIT, label=tongue("One by one")),
    ]
    return tuple(buttons) if full else (*buttons, Button(verb=Verb.DETAILS, label=tongue("Details")))


def value_text(value: Json, tongue: Tongue) -> str:
    """A canonical value as people read it: amounts in major units, lists with commas."""
    match value:
        case None | "":
            return "—"
        case bool():
            return tongue("yes") if value else tongue("no")
        case {"minor": int(), "currency": str()}:
            return tongue.money(Money.of(value))
        case str():
            return value
        case _ if is_mapping(value):
            return ", ".join(f"{key}: {value_text(item, tongue)}" for key, item in value.items())
        case _ if is_sequence(value):
            return ", ".join(value_text(item, tongue) for item in value) or "—"
        case _:
            return str(value)


def risk_words(risk: Risk, tongue: Tongue) -> str:
    """What a risk class means, in words."""
    match risk:
        case Risk.R0:
            return tongue("only reads")
        case Risk.R1:
            return tongue("reversible and private")
        case Risk.R2:
            return tongue("others will see it")
        case Risk.R3:
            return tongue("money, access or deletion")


def _rows(
    proposal: Proposal,
    action: Action,
    tongue: Tongue,
    zone: str,
    names: Mapping[str, str],
    mission: str,
    *,
    full: bool,
) -> tuple[Row, ...]:
    call, preview = proposal.call, proposal.preview
    mode = tongue("live") if call.account.live else tongue("test, no real money")
    rows = [
        Row(label=tongue("Risk"), value=f"R{int(action.risk)} · {risk_words(action.risk, tongue)}"),
        Row(label=tongue("Account"), value=f"{call.account.label} ({mode})"),
    ]
    if preview.subject:
        rows.append(Row(label=tongue("About"), value=preview.subject))
    rows += [
        Row(
            label=tongue(change.title),
            value=value_text(change.after, tongue),
            before=value_text(change.before, tongue),
        )
        for change in preview.changes
    ]
    rows += _arguments(call, action, tongue)
    if preview.recipient:
        rows.append(Row(label=tongue("Receives"), value=preview.recipient))
    rows += [Row(label=tongue("Note"), value=tongue(note)) for note in preview.notes]
    rows.append(Row(label=tongue("Afterwards"), value=_reversal(action.reversal, tongue)))
    who = names.get(proposal.requester, "")
    if mission:
        rows.append(Row(label=tongue("Mission"), value=mission))
    elif who:
        rows.append(Row(label=tongue("Asked by"), value=who))
    rows.append(Row(label=tongue("Rule"), value=proposal.rule))
    rows += approvals(proposal, tongue, names)
    rows.append(Row(label=tongue("Expires"), value=tongue.moment(proposal.expires, zone)))
    rows.append(Row(label=tongue("Code"), value=proposal.code))
    if full:
        rows += _details(proposal, action, tongue)
    return tuple(rows)


def approvals(proposal: Proposal, tongue: Tongue, names: Mapping[str, str]) -> list[Row]:
    """Who has said yes so far, where one yes is not enough or was given in somebody's place."""
    given, needed = proposal.approvals, proposal.demand.people
    if needed == 1 and all(each.person == each.seat for each in given):
        return []
    nobody = tongue("someone")

    def said(each: Approval) -> str:
        who = names.get(each.person, nobody)
        if each.seat == each.person:
            return who
        return tongue("{who} for {absent}", who=who, absent=names.get(each.seat, nobody))

    who = ", ".join(said(each) for each in given)
    value = tongue("{done} of {n}: {who}", done=len(given), n=needed, who=who or tongue("nobody yet"))
    return [Row(label=tongue("Approvals"), value=value)]


def _arguments(call: Call, action: Action, tongue: Tongue) -> list[Row]:
    """Every argument, in the order of the fields; one the definition does not know is shown by its name."""
    titles = {field.name: tongue(field.title) for field in action.fields}
    ordered = [name for name in titles if name in call.arguments]
    ordered += [name for name in call.arguments if name not in titles]
    return [
        Row(label=titles.get(name, name), value=value_text(call.arguments[name], tongue)) for name in ordered
    ]


def _details(proposal: Proposal, action: Action, tongue: Tongue) -> list[Row]:
    origins = [
        Row(label=tongue("{field} set by", field=name), value=origin_words(origin, tongue))
        for name, origin in proposal.origins.items()
    ]
    return [
        *origins,
        Row(label=tongue("Action"), value=action.name),
        Row(label=tongue("Revision"), value=str(proposal.revision)),
        Row(label=tongue("Digest"), value=proposal.call.digest),
    ]


def origin_words(origin: Origin, tongue: Tongue) -> str:
    """Who set a field, in words."""
    match origin:
        case Origin.MIND:
            return tongue("the assistant")
        case Origin.PERSON:
            return tongue("a person")
        case Origin.MISSION:
            return tongue("the mission's declared step")
        case Origin.DEFAULT:
            return tongue("a default")


def _reversal(reversal: Reversal, tongue: Tongue) -> str:
    match reversal:
        case Reversal.REVERSIBLE:
            return tongue("can be undone")
        case Reversal.COMPENSABLE:
            return tongue("can be made good by another action")
        case Reversal.IRREVERSIBLE:
            return tongue("cannot be undone")


def _tone(proposal: Proposal, action: Action, effect: Effect | None) -> Tone:
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
    who = names.get(proposal.settled_by, tongue("someone"))
    when = tongue.moment(proposal.settled_at, zone) if proposal.settled_at else ""
    match proposal.state:
        case State.PENDING:
            return ""
        case State.DENIED if proposal.by_hand:
            return tongue("✗ {who} does it by hand, {when}. Nothing was done here.", who=who, when=when)
        case State.DENIED if proposal.note:
            return tongue(
                "✗ Denied by {who}, {when}: “{why}” Nothing was done.", who=who, when=when, why=proposal.note
            )
        case State.DENIED:
            return tongue("✗ Denied by {who}, {when}. Nothing was done.", who=who, when=when)
        case State.EXPIRED:
            return tongue("⌛ Expired. Nobody approved it; nothing was done.")
        case State.CANCELLED:
            return tongue("✗ Cancelled, {when}. Nothing was done.", when=when)
        case State.APPROVED:
            return f"{tongue('Approved by {who}, {when}.', who=who, when=when)} {_outcome(effect, tongue)}"


def _outcome(effect: Effect | None, tongue: Tongue) -> str:
    if effect is None:
        return tongue("… Starting.")
    match effect.state:
        case EffectState.PENDING if effect.error:
            return tongue("… Not done yet: {why} It will be tried again.", why=effect.error)
        case EffectState.PENDING | EffectState.STARTED:
            return tongue("… Running.")
        case EffectState.CONFIRMED:
            receipt = effect.receipt
            text = receipt.text if receipt else ""
            number = f" [{receipt.id}]" if receipt and receipt.id else ""
            return tongue("✓ Done: {text}", text=text) + number
        case EffectState.FAILED:
            return tongue("✗ Failed, nothing was done: {why}", why=effect.error)
        case EffectState.UNKNOWN:
            return tongue("? Outcome unknown: {why} Please check before asking again.", why=effect.error)


def _buttons(action: Action, tongue: Tongue, *, full: bool) -> tuple[Button, ...]:
    confirm = tongue(
        "{title}: this cannot be taken back by the assistant. Go on?", title=tongue(action.title)
    )
    buttons = [
        Button(
            verb=Verb.APPROVE,
            label=tongue("Approve"),
            primary=True,
            confirm=confirm if action.risk is Risk.R3 and action.reversal is Reversal.IRREVERSIBLE else "",
        ),
        Button(verb=Verb.DENY, label=tongue("Deny"), danger=True),
    ]
    if action.fields:
        buttons.append(Button(verb=Verb.EDIT, label=tongue("Edit")))
    if full:
        buttons.append(Button(verb=Verb.REASON, label=tongue("Deny…")))
        buttons.append(Button(verb=Verb.MYSELF, label=tongue("I'll do it myself")))
    else:
        buttons.append(Button(verb=Verb.DETAILS, label=tongue("Details")))
    return tuple(buttons)


def _afterwards(effect: Effect | None, tongue: Tongue, *, stale: bool) -> tuple[Button, ...]:
    if stale or effect is None or effect.state is not EffectState.CONFIRMED:
        return ()
    if effect.receipt is None or effect.receipt.undo is None:
        return ()
    return (Button(verb=Verb.UNDO, label=tongue("Undo")),)
