"""Earning: the same approved again and again becomes an offer, a card like any other; once, and then never again.

The card asks for the action GIVE, whose arguments are the whole permission. Vigie alone makes it, out of what
was approved; a press of somebody who could have approved each use puts it in force.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot import authority, gate, grants, ids, posts, sayings, whereabouts
from bot.actions import Action, Call, Preview
from bot.effects import EffectState
from bot.entries import proposed
from bot.errors import BadInput, Refused
from bot.gate import Case
from bot.grants import GIVE, Limits
from bot.house import House
from bot.people import Person
from bot.policy import Decision
from bot.proposals import Proposal, Source, SourceKind, State
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json

NOT_HERE = "this cannot be allowed in advance"


def learn(tx: Tx, proposal: Proposal, person: Person, *, now: datetime, house: House) -> None:
    """A press approved this. After so many alike, the offer: one card, once for what they have in common."""
    name = _mark(proposal)
    mark: Json = tx.marks.get(name) or {}
    if not posts.earns(tx, proposal, house):
        if mark and proposal.revision > 1:
            tx.marks.put(name, {**mark, "approved": []})
        return
    before = _alike(mark, person)
    alike = [*before, proposal.id][-max(house.policy().earning.after, 1) :]
    kept: dict[str, Json] = {"by": person.id, "approved": alike, "offered": mark.get("offered", "")}
    approved = [*_done(tx, alike[:-1]), proposal]
    if not kept["offered"] and len(approved) >= house.policy().earning.after:
        offer = _make(tx, approved, person, now=now, house=house)
        kept["offered"] = offer.id if offer is not None else ""
    tx.marks.put(name, kept)


def unlearn(tx: Tx, proposal: Proposal) -> None:
    """Somebody said no to one of its kind: what was approved before counts no more."""
    mark: Json = tx.marks.get(_mark(proposal))
    if mark and mark["approved"]:
        tx.marks.put(_mark(proposal), {**mark, "approved": []})


def always(tx: Tx, proposal: Proposal, person: Person, *, now: datetime, house: House) -> Proposal:
    """The presser asks for the offer themselves, over this card and what was approved like it. Settles nothing.
    Raises NotAllowed for who could not approve it, Refused where it cannot be allowed in advance."""
    authority.seat(proposal.demand, person, requester=proposal.requester, people=tx.people.all(), now=now)
    if not posts.earns(tx, proposal, house):
        raise Refused(NOT_HERE)
    mark: Json = tx.marks.get(_mark(proposal)) or {}
    before = _alike(mark, person)
    offer = _make(tx, [*_done(tx, before), proposal], person, now=now, house=house)
    if offer is None:
        raise Refused(NOT_HERE)
    return offer


def _alike(mark: Json, person: Person) -> list[str]:
    """What this person approved of it so far; somebody else begins anew."""
    return list(mark.get("approved", ())) if mark.get("by") == person.id else []


def _mark(proposal: Proposal) -> str:
    return f"earned:{grants.shape(proposal)}"


def _done(tx: Tx, approved: Sequence[str]) -> list[Proposal]:
    """Those that were approved and done."""
    found = [proposal for each in approved if (proposal := tx.proposals.get(each))]
    return [each for each in found if each.state is State.APPROVED and _worked(tx, each)]


def _worked(tx: Tx, proposal: Proposal) -> bool:
    effect = tx.effects.get(proposal.effect)
    return effect is not None and effect.state is EffectState.CONFIRMED


def _make(
    tx: Tx, approved: Sequence[Proposal], person: Person, *, now: datetime, house: House
) -> Proposal | None:
    """The offer and its card; None where there is nothing that may be granted, or the policy forbids it."""
    last = approved[-1]
    action = house.action(last.call.action)
    mission = tx.missions.get(last.mission) if last.mission else None
    earned = grants.offered(
        action, approved, mission=mission.number if mission else 0, earning=house.policy().earning, now=now
    )
    if earned is None:
        return None
    give, tongue = house.action(GIVE), house.tongues(person.lang)
    call = Call(
        action=GIVE,
        fingerprint=give.fingerprint,
        account=house.system(GIVE).account(),
        arguments=give.read(earned),
    )
    try:
        preview = look(tx, call.arguments, tongue=tongue, now=now, house=house)
    except BadInput:
        return None
    case = Case(
        action=give, call=call, effect="", person=tx.people.get(last.requester), zone=person.zone, now=now
    )
    verdict = gate.judge(tx, case, house=house)
    if verdict.decision is not Decision.ASK:
        return None
    home = whereabouts.last_seen(tx, person)
    proposal = Proposal(
        id=ids.derived("pro", "grant", call.digest, last.id),
        space=tx.space,
        place=home.key if home is not None else last.place,
        turn="",
        ask=f"grant:{last.id}",
        ref=ids.reference(),
        call=call,
        preview=preview,
        rule=verdict.rule,
        demand=authority.stricter(last.demand, gate.demand(verdict)),
        requester=last.requester,
        sources={name: Source(kind=SourceKind.APPROVED) for name in call.arguments},
        lang=person.lang,
        zone=person.zone,
        created=now,
        expires=now + verdict.lifetime,
    )
    if posts.must_read(proposal, house) or not tx.proposals.add(proposal):
        return None
    tx.marks.put(f"code:{proposal.code}", {"proposal": proposal.id})
    tx.ledger.append("proposed", proposed(proposal, give, author=verdict.author), now)
    sayings.show(tx, proposal, now=now)
    return proposal


def look(tx: Tx, arguments: Mapping[str, Json], *, tongue: Tongue, now: datetime, house: House) -> Preview:
    """What the card of an offer shows beside its terms. Raises BadInput for what may not be given."""
    scope, limits = grants.scope_of(arguments), Limits.of(arguments)
    action = house.known(scope.action)
    grants.check(action, scope, limits, earning=house.policy().earning, now=now)
    requester = tx.people.get(scope.requester)
    mission = tx.missions.by_number(scope.mission) if scope.mission else None
    if requester is None or (scope.mission and mission is None):
        raise BadInput("nobody answers for this")
    whom = tongue("mission {n}", n=scope.mission) if mission else tongue("asked by {who}", who=requester.name)
    return Preview(
        subject=f"{_title(action, tongue)} · {whom}",
        version=f"{scope.requester}:{scope.mission}:{scope.definition}",
        notes=(
            "Within these terms, and only then, it is done without asking. “grants” lists it, “withdraw” ends it at once.",
        ),
    )


def _title(action: Action | None, tongue: Tongue) -> str:
    return tongue(action.title) if action is not None else "—"
