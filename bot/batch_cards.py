"""The card of a batch: totals first, then each member with every argument in rows of its own. Platform-neutral,
like the card of one call, and as exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import cards, renderings, rows
from bot.actions import Action, Reversal, Risk
from bot.batches import Batch
from bot.cards import Button, Card, Tone
from bot.effects import Effect, EffectState
from bot.events import Verb
from bot.proposals import Proposal, State
from bot.rows import Row
from bot.speech import Tongue
from bot.values import Json, Money
from bot.visible import exact

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
    """The card of a batch as it stands. `full` shows every value whole, and what Details adds."""
    names = people or {}
    waiting = [item for item in items if item[0].state is State.PENDING]
    chosen = [item for item in waiting if item[0].id not in batch.left_out]
    guarded = must_read(batch, items, tongue)
    found = [
        Row(label=tongue("Risk"), value=_worst(items, tongue)),
        Row(label=tongue("Account"), value=_accounts(items, tongue)),
    ]
    if totals := _totals(chosen or items, tongue):
        found.append(Row(label=tongue("In all"), value=totals))
    for number, item in enumerate(items, 1):
        own = _item_rows(item, batch, names, tongue, full=full)
        found += [replace(row, label=f"{number} · {row.label}") for row in own]
    found.append(
        Row(
            label=tongue("Rule"), value=" | ".join(sorted({cards.rule_words(p, tongue) for p, _, _ in items}))
        )
    )
    found += cards.asker(mission, names.get(batch.requester, ""), tongue)
    found += cards.to_approve(guarded=guarded and bool(waiting), full=full, tongue=tongue)
    if waiting:
        expires = min(item[0].expires for item in waiting)
        found.append(Row(label=tongue("Expires"), value=exact(tongue.moment(expires, batch.zone))))
    found.append(Row(label=tongue("Code"), value=batch.code))
    reasons = {proposal.reason for proposal, _, _ in items}
    return Card(
        ref=batch.ref,
        revision=batch.revision,
        code=batch.code,
        title=tongue.many("{n} request together", "{n} requests together", len(items)),
        tone=_batch_tone(items),
        rows=tuple(found),
        reason=rows.aside(next(iter(reasons)), tongue) if len(reasons) == 1 and reasons != {""} else "",
        status=_batch_status(batch, items, tongue),
        buttons=_batch_buttons(chosen, tongue, full=full, guarded=guarded)
        if waiting and not batch.split
        else (),
        guarded=guarded,
    )


def must_read(batch: Batch, items: Sequence[Item], tongue: Tongue) -> bool:
    """Whether it may only be approved by who opened its full view: one of the members has to be read."""
    return any(cards.must_read(proposal, action, tongue) for proposal, action, _ in items)


def decode_batch(card: Card, actions: Sequence[Action], *, tongue: Tongue) -> list[dict[str, Json]]:
    """The exact canonical arguments of each member, in order, from what the card shows alone. `actions` are the
    members' own. Raises BadInput when a value is cut."""
    found: list[dict[str, Json]] = []
    for number, action in enumerate(actions, 1):
        lead = f"{number} · "
        own = [
            replace(row, label=row.label.removeprefix(lead))
            for row in card.rows
            if row.label.startswith(lead)
        ]
        found.append(rows.decode(own[1:], action, tongue=tongue))
    return found


def _worst(items: Sequence[Item], tongue: Tongue) -> str:
    risk = max((action.risk for _, action, _ in items), default=Risk.R3)
    final = any(action.reversal is Reversal.IRREVERSIBLE for _, action, _ in items)
    return f"R{int(risk)} · {cards.risk_words(risk, tongue, final=final)}"


def _accounts(items: Sequence[Item], tongue: Tongue) -> str:
    return ", ".join(sorted({cards.account_words(proposal, tongue) for proposal, _, _ in items}))


def _totals(items: Sequence[Item], tongue: Tongue) -> str:
    sums: dict[str, int] = {}
    for proposal, _, _ in items:
        for amount in proposal.call.money():
            sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    return " + ".join(
        renderings.money(Money(minor, currency), tongue) for currency, minor in sorted(sums.items())
    )


def _item_rows(
    item: Item, batch: Batch, names: Mapping[str, str], tongue: Tongue, *, full: bool
) -> list[Row]:
    """Everything a press would do for this member, under a head that says what it is and how it stands."""
    proposal, action, effect = item
    state = ""
    if proposal.state is not State.PENDING:
        state = _item_status(proposal, effect, tongue)
    elif proposal.id in batch.left_out:
        state = tongue("left out: it will not be done")
    risk = cards.risk_of(action, tongue)
    came = cards.origins(proposal, names, tongue, batch.zone)
    return [
        Row(label=exact(rows.titled(action, tongue), lines=False), value=state or risk),
        *cards.call_rows(proposal, action, tongue, full=full),
        *rows.sources(came, proposal.call, action, tongue=tongue, full=full),
        *cards.approvals(proposal, tongue, names),
        *cards.gone(proposal, action, tongue),
        *(cards.details(proposal, action, tongue) if full else ()),
    ]


def _item_status(proposal: Proposal, effect: Effect | None, tongue: Tongue) -> str:
    match proposal.state:
        case State.APPROVED:
            return cards.outcome(effect, tongue)
        case State.DENIED:
            return tongue("✗ Denied. Nothing was done.")
        case State.EXPIRED:
            return tongue("⌛ Expired. Nobody approved it; nothing was done.")
        case _:
            return tongue("✗ Cancelled. Nothing was done.")


def _batch_tone(items: Sequence[Item]) -> Tone:
    tones = {cards.tone_of(proposal, action, effect) for proposal, action, effect in items}
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


def _batch_buttons(
    chosen: Sequence[Item], tongue: Tongue, *, full: bool, guarded: bool
) -> tuple[Button, ...]:
    fatal = any(a.risk is Risk.R3 and a.reversal is Reversal.IRREVERSIBLE for _, a, _ in chosen)
    confirm = ""
    if fatal:
        confirm = tongue.many(
            "{n} request: this cannot be taken back by the assistant. Go on?",
            "{n} requests: this cannot be taken back by the assistant. Go on?",
            len(chosen),
        )
    elif guarded and any(action.risk is Risk.R3 for _, action, _ in chosen):
        confirm = tongue("Something on this card may be misread. Did you read all of it?")
    open_ = not any(cards.outdated(proposal, action) for proposal, action, _ in chosen)
    label = tongue.many("Approve {n}", "Approve all {n}", len(chosen))
    approve = Button(verb=Verb.APPROVE, label=label, primary=True, confirm=confirm)
    if any(p.demand.step_up and p.state is State.PENDING for p, _, _ in chosen):
        approve = Button(verb=Verb.PROVE, label=f"{label}…", primary=True)
    return (
        *([approve] if open_ and (full or not guarded) else []),
        Button(verb=Verb.DENY, label=tongue("Deny all"), danger=True),
        Button(verb=Verb.EDIT, label=tongue("Choose")),
        Button(verb=Verb.SPLIT, label=tongue("One by one")),
        *cards.more(full=full, guarded=guarded, tongue=tongue),
    )
