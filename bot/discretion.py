"""Discretion: where more people read along than a card is for, they see that something waits and whom it waits
for; the card itself goes to those people alone.

What stands in such a place is drawn here and nowhere else, at the moment it is sent, so that no way of putting a
card somewhere can show its details to a group. Who has never written in private finds the way on the stub, and
the button under it brings the card as soon as they have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot import authority, sayings, whereabouts
from bot.actions import Risk
from bot.batches import Batch
from bot.cards import Button, Card, Tone, risk_words
from bot.effects import BatchOf, CardOf, Effect, EffectState
from bot.events import Verb
from bot.house import House
from bot.people import Person
from bot.places import Place
from bot.proposals import Proposal, State
from bot.rows import Row
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.visible import exact
from bot.world import Discreet


def veils(place: str, house: House) -> bool:
    """Whether cards keep their details out of this place: by the policy's word, else by the platform's custom. A
    policy that cannot be read shows nothing to a group."""
    where, policy = Place.parse(place), house.policy()
    if where.private:
        return False
    if policy.trouble:
        return True
    if policy.private_cards is not None:
        return policy.private_cards
    return isinstance(house.chats.get(where.platform), Discreet)


def stub(tx: Tx, card: Card, content: CardOf | BatchOf, *, place: str, tongue: Tongue, house: House) -> Card:
    """What the place shows in the stead of this card: no argument, no receipt, no reason, nothing to approve."""
    members = _members(tx, content)
    stale = isinstance(content, CardOf) and any(content.revision != each.revision for each in members)
    waiting = [each for each in members if each.state is State.PENDING and not stale]
    asked = _asked(tx, waiting, house.clock.now())
    risk = max((_risk(each, house) for each in members), default=Risk.R3)
    rows = [
        Row(label=tongue("Risk"), value=f"R{int(risk)} · {risk_words(risk, tongue)}"),
        Row(label=tongue("Code"), value=card.code),
    ]
    if waiting:
        names = ", ".join(exact(person.name, lines=False) for person in asked) or tongue("nobody here")
        rows.append(Row(label=tongue("Asked of"), value=names))
    chat = house.chats.get(Place.parse(place).platform)
    lost = [person for person in asked if whereabouts.last_seen(tx, person) is None]
    return replace(
        card,
        tone=card.tone if waiting else Tone.CALM,
        rows=tuple(rows),
        reason="",
        status=_waits(lost, tongue) if waiting else _settled(tx, members, stale=stale, tongue=tongue),
        buttons=(Button(verb=Verb.DETAILS, label=tongue("Open in private")),) if waiting else (),
        link=chat.door if waiting and lost and isinstance(chat, Discreet) else "",
        guarded=False,
    )


def hand_over(tx: Tx, content: CardOf | BatchOf, *, now: datetime) -> None:
    """The card to everyone it waits for who can be told alone and has not got it."""
    members = [each for each in _members(tx, content) if each.open_at(now)]
    given: list[Json] = []
    for person in _asked(tx, members, now):
        home = whereabouts.last_seen(tx, person)
        if home is not None and _put_new(tx, members, home.key, now):
            given.append(person.id)
    if given:
        body: Mapping[str, Json] = {"proposals": [each.id for each in members], "people": given}
        tx.ledger.append("handed_over", body, now)


def catch_up(tx: Tx, person: Person, place: Place, *, house: House, now: datetime) -> None:
    """They wrote in private for the first time: what was asked of them where they could only see that it waits."""
    for proposal in tx.proposals.pending():
        if proposal.open_at(now) and veils(proposal.place, house) and person in _asked(tx, [proposal], now):
            _put_new(tx, [proposal], place.key, now)


def _put_new(tx: Tx, members: Sequence[Proposal], place: str, now: datetime) -> bool:
    """The card of these in this place, unless it stands there."""
    if not members:
        return False
    batch = tx.batches.get(members[0].batch) if members[0].batch else None
    batch = None if batch is None or batch.split else batch
    if tx.lines.by_slot(place, batch.slot if batch else members[0].slot) is not None:
        return False
    sayings.bring(tx, place, members[:1], now=now)
    return True


def _members(tx: Tx, content: CardOf | BatchOf) -> list[Proposal]:
    if isinstance(content, CardOf):
        found = tx.proposals.get(content.proposal)
        return [found] if found is not None else []
    batch = tx.batches.get(content.batch)
    return _of_batch(tx, batch) if batch is not None else []


def _of_batch(tx: Tx, batch: Batch) -> list[Proposal]:
    return [proposal for member in batch.members if (proposal := tx.proposals.get(member))]


def _asked(tx: Tx, proposals: Sequence[Proposal], now: datetime) -> list[Person]:
    """Everyone whose press one of these waits for."""
    people = tx.people.all()
    found: dict[str, Person] = {}
    for each in proposals:
        who = authority.awaited(each.demand, people, requester=each.requester, given=each.approvals, now=now)
        found |= {person.id: person for person in who}
    return list(found.values())


def _risk(proposal: Proposal, house: House) -> Risk:
    action = house.known(proposal.call.action)
    return action.risk if action is not None else Risk.R3


def _waits(lost: Sequence[Person], tongue: Tongue) -> str:
    words = tongue("The details are in the private chats of those who were asked.")
    if not lost:
        return words
    names = ", ".join(exact(person.name, lines=False) for person in lost)
    how = tongue("{names}: open a private chat with me and send /start; the card comes there.", names=names)
    return f"{words} {how}"


def _settled(tx: Tx, members: Sequence[Proposal], *, stale: bool, tongue: Tongue) -> str:
    """How it ended, without what was done."""
    if stale:
        return tongue("Replaced by a newer card. Nothing was done from this one.")
    if any(each.state is State.PENDING for each in members):
        return tongue("… Running.")
    ends = dict.fromkeys(_end(tx, each, tongue) for each in members)
    return "\n".join(ends)


def _end(tx: Tx, proposal: Proposal, tongue: Tongue) -> str:
    person = tx.people.get(proposal.settled_by) if proposal.settled_by else None
    who = exact(person.name, lines=False) if person else tongue("someone")
    match proposal.state:
        case State.APPROVED:
            words = tongue("Approved by {who}.", who=who)
            return f"{_outcome(tx.effects.get(proposal.effect), tongue)} {words}"
        case State.DENIED:
            return tongue("✗ Denied by {who}. Nothing was done.", who=who)
        case State.EXPIRED:
            return tongue("⌛ Expired. Nobody approved it; nothing was done.")
        case State.CANCELLED:
            return tongue("✗ Cancelled. Nothing was done.")
        case State.PENDING:
            return ""


def _outcome(effect: Effect | None, tongue: Tongue) -> str:
    match effect.state if effect is not None else EffectState.PENDING:
        case EffectState.CONFIRMED:
            return tongue("✓ Done.")
        case EffectState.FAILED:
            return tongue("✗ Not done.")
        case EffectState.UNKNOWN:
            return tongue("? It is not known whether it was done.")
        case EffectState.PENDING | EffectState.STARTED:
            return tongue("… Running.")
