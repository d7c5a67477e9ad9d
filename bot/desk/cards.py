"""The desk's cards: what waits, what can be taken back, and the freeze."""

from collections.abc import Mapping

from bot import discretion, freezes, freezing, ids, locators, reports, sayings, settling
from bot.actions import Receipt
from bot.desk.means import Means, somebody
from bot.errors import BadInput, NotAllowed
from bot.events import Event, TakeBack
from bot.freezes import Freeze, Scope
from bot.missions import Mission
from bot.people import Person, Role
from bot.proposals import State
from bot.store import Tx
from bot.values import Json
from bot.world import Context


def pending(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """The list, and the cards again at the end of this place, for those who may see them."""
    person = somebody(context)
    mine = [
        proposal
        for proposal in tx.proposals.pending()
        if proposal.open_at(context.now) and locators.may_see(tx, proposal, person, now=context.now)
    ]
    here = [each for each in mine if each.place == context.place.key or context.place.private]
    sayings.bring(tx, context.place.key, here, now=context.now)
    discreet = discretion.veils(context.place.key, means.house())
    return reports.pending(mine, tx.people.all(), context, discreet=discreet)


def undo(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    subject = str(arguments["subject"]).strip().upper()
    mark: Json = tx.marks.get(f"code:{subject}")
    proposal = tx.proposals.get(mark.get("proposal", "")) if mark else None
    effect = tx.effects.get(proposal.effect if proposal else mark.get("effect", "")) if mark else None
    if effect is None or effect.receipt is None or effect.receipt.undo is None:
        raise BadInput(context.tongue("nothing under {code} can be taken back", code=subject))
    if not (person.may_approve or person.id == effect.person):
        raise NotAllowed(context.tongue("only who asked for it or an approver may take it back"))
    tx.events.add(
        Event(
            id=ids.derived("evt", "undo", context.key),
            space=context.space,
            key=f"undo:{context.key}",
            place=context.place.key,
            at=context.now,
            body=TakeBack(effect=effect.id, person=person.id),
        )
    )
    tx.ring(context.place.key)
    text = context.tongue("Taking back: {text}", text=effect.receipt.text)
    return Receipt(text=text, tainted=True)


def deny(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """In words, with a reason: the same no as the button's."""
    person = tx.people.get(somebody(context).id) or somebody(context)
    code = str(arguments["code"]).strip().upper()
    mark: Json = tx.marks.get(f"code:{code}") or {}
    batch = tx.batches.get(mark.get("batch", ""))
    members = batch.members if batch else (mark.get("proposal", ""),)
    found = [proposal for each in members if (proposal := tx.proposals.get(each))]
    waiting = [proposal for proposal in found if proposal.state is State.PENDING]
    if not waiting or not locators.may_see(tx, waiting[0], person, now=context.now):
        raise BadInput("nothing waits under {code}", code=code)
    for proposal in waiting:
        settling.refuse(
            tx,
            proposal,
            person,
            revision=proposal.revision,
            identity=f"words:{person.id}",
            now=context.now,
            note=arguments.get("reason") or "",
        )
    return Receipt(text=context.tongue("Denied. Nothing was done."))


def freeze(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Any member may. What is no scope here is a reason, and then everything stands still."""
    person = somebody(context)
    house = means.house()
    words = " ".join(str(arguments.get(name) or "") for name in ("scope", "reason")).strip()
    scope, reason = freezing.meant(tx, words, house=house)
    reason = reason or context.tongue("asked by {who}", who=person.name)
    begun = freezing.begin(tx, Freeze(scope=scope, reason=reason, by=person.id, at=context.now), house=house)
    if not begun:
        text = context.tongue("Already frozen: {what}.", what=scope.said(context.tongue))
    elif scope == freezes.ALL:
        text = context.tongue(
            "Frozen. Nothing acts any more and waiting cards are cancelled; I go on talking. An owner lifts it"
            " with “unfreeze”."
        )
    else:
        text = context.tongue(
            "Frozen: {what}. Its waiting cards are cancelled; everything else goes on. An owner lifts it with"
            " “unfreeze {scope}”.",
            what=scope.said(context.tongue),
            scope=scope.key,
        )
    return Receipt(text=text)


def unfreeze(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Only an owner may; the freeze of the stop file goes with the file."""
    person = somebody(context)
    house = means.house()
    if person.role is not Role.OWNER:
        raise NotAllowed(context.tongue("only an owner may lift the freeze"))
    words = str(arguments.get("scope") or "").strip()
    scopes = () if words.casefold() in freezes.EVERYTHING else (Scope.parse(words),)
    if house.brake.pulled() is not None and (not scopes or freezes.ALL in scopes):
        raise NotAllowed(
            context.tongue(
                "the stop file is there: whoever has the machine removes it with “vigie resume”, and with it"
                " this freeze"
            )
        )
    lifted = freezing.lift(tx, scopes, person.id, house=house)
    if not lifted:
        left = ", ".join(freeze.scope.key for freeze in tx.freezes.all())
        if left:
            raise BadInput(context.tongue("this is not frozen; frozen is: {what}", what=left))
        return Receipt(text=context.tongue("Nothing is frozen."))
    text = context.tongue("The freeze is lifted. What was cancelled stays cancelled.")
    if [freeze.scope for freeze in lifted] != [freezes.ALL]:
        text += " (" + ", ".join(freeze.scope.said(context.tongue) for freeze in lifted) + ")"
    return Receipt(text=text)


def withdraw(tx: Tx, mission: Mission, person: Person, means: Means) -> None:
    """A cancelled mission's cards go with it."""
    for proposal in tx.proposals.pending():
        if proposal.mission == mission.id:
            freezing.cancel(tx, proposal, by=person.id, note="mission cancelled", house=means.house())
