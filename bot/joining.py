"""Joining two accounts of one human: a code given on one side, sent from the other, and a button on the first that
names the other. Only then do both lead to one person, who counts once wherever people are counted.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot import ids, sayings, whereabouts
from bot.authority import Approval
from bot.effects import Effect, Question, Text
from bot.errors import NotAllowed, Refused, Stale
from bot.events import Event, Press
from bot.house import House
from bot.locators import UNKNOWN_OR_NOT_YOURS, acknowledge, refuse, stands, vouched
from bot.people import Identity, Person, Role
from bot.places import Place
from bot.proposals import Proposal
from bot.store import Tx
from bot.tickets import Purpose, handed_in, hashed
from bot.values import Json

CONFIRM = timedelta(minutes=10)
"""How long the button that confirms may be pressed."""
OUTRANKED = "that account is an owner's: say “link” there, and send the code from here"


def offered(tx: Tx, code: str, place: Place) -> None:
    """Where a code was given: there, and nowhere else, the other account is confirmed."""
    tx.marks.put(_given(hashed(code)), {"place": place.key})


def ask(tx: Tx, code: str, newcomer: Person, *, at: Place, now: datetime, house: House) -> Person | None:
    """A code was sent from an account of `newcomer`: its giver is asked by a button. Returns the giver, None for a
    code that is unknown, used or expired. Sent twice, it is one that was used."""
    ticket = tx.tickets.use(handed_in(code), Purpose.LINK, now)
    giver = tx.people.get(ticket.person) if ticket else None
    given: Json = tx.marks.get(_given(handed_in(code)))
    tx.marks.put(_given(handed_in(code)), None)
    if giver is None or not given:
        return None
    moved = [key for key in newcomer.identities if Identity.parse(key).platform == at.platform]
    if giver.id == newcomer.id or not moved:
        raise Refused("this account is yours already")
    if newcomer.role is Role.OWNER and giver.role is not Role.OWNER:
        raise NotAllowed(OUTRANKED)
    ref = ids.reference()
    body: Json = {
        "giver": giver.id,
        "newcomer": newcomer.id,
        "accounts": moved,
        "place": given["place"],
        "at": at.key,
        "until": (now + CONFIRM).isoformat(),
    }
    tx.marks.put(_asked(ref), body)
    tongue = house.tongues(giver.lang)
    text = tongue(
        "{name} ({accounts}) sent your code. Is that account yours? Whoever holds it will act as you.",
        name=newcomer.name,
        accounts=", ".join(moved),
    )
    choices = (("join", tongue("Yes, join {name}", name=newcomer.name)), ("no", tongue("No")))
    question = Question(text=text, ref=ref, choices=choices)
    sayings.say(tx, place=given["place"], slot=_slot(ref), content=question, now=now, lang=tongue.lang)
    tx.ledger.append("link_asked", {"person": giver.id, "newcomer": newcomer.id, "identities": moved}, now)
    return giver


def is_asked(tx: Tx, ref: str) -> bool:
    """Whether this reference is that of such a question, answered or not."""
    return tx.marks.get(_asked(ref)) is not None


def _given(hash_: str) -> str:
    return f"link:{hash_}"


def _asked(ref: str) -> str:
    return f"join:{ref}"


def _slot(ref: str) -> str:
    return f"join:{ref}"


async def of_press(event: Event, press: Press, *, house: House) -> tuple[Effect, ...]:
    """The giver's button. Anybody else's, and one from elsewhere, changes nothing."""
    await house.store.write(lambda tx: _pressed(tx, event, press, house), space=event.space)
    return ()


def _pressed(tx: Tx, event: Event, press: Press, house: House) -> None:
    now = house.clock.now()
    try:
        vouched(press.who, press.standing)
        asked: Json = tx.marks.get(_asked(press.ref))
        giver, newcomer = _both(tx, asked, event, press, now)
    except (Refused, Stale) as error:
        refuse(tx, event, press, error, house, now)
        tx.events.close(event.id)
        return
    tx.marks.put(_asked(press.ref), None)
    acknowledge(tx, event, press, "", now)
    tongue = house.tongues(giver.lang)
    if press.value == "join":
        joined = join(tx, newcomer, giver, tuple(asked["accounts"]), now=now)
        whereabouts.also(tx, joined.id, Place.parse(asked["at"]))
        said = tongue("Joined: {accounts} now speaks for you.", accounts=", ".join(asked["accounts"]))
        there = tongue("Joined: this account now speaks for {name}.", name=joined.name)
    else:
        tx.ledger.append("link_refused", {"person": giver.id, "newcomer": newcomer.id}, now)
        said = tongue("Not joined. Nothing was changed.")
        there = said
    sayings.say(tx, place=event.place, slot=_slot(press.ref), content=Text(text=said), now=now)
    sayings.say(tx, place=asked["at"], slot=_slot(press.ref), content=Text(text=there), now=now)
    tx.events.close(event.id)


def _both(tx: Tx, asked: Json, event: Event, press: Press, now: datetime) -> tuple[Person, Person]:
    """Giver and newcomer, when this press is the giver's, in time, where they were asked, and the newcomer's
    accounts are still theirs. Raises NotAllowed or Stale."""
    person = tx.people.by_identity(press.who)
    here = asked and event.place == asked["place"]
    if not here or person is None or person.id != asked["giver"]:
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    if press.who.platform != "web" and not stands(tx, _slot(press.ref), event.place, press.message):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    newcomer = tx.people.get(asked["newcomer"])
    if now >= datetime.fromisoformat(asked["until"]):
        raise Stale("this question is too old; begin again with “link”")
    if newcomer is None or not set(asked["accounts"]) <= set(newcomer.identities):
        raise Stale("that account is not what it was; begin again with “link”")
    if newcomer.role is Role.OWNER and person.role is not Role.OWNER:
        raise NotAllowed(OUTRANKED)
    return person, newcomer


def join(tx: Tx, newcomer: Person, known: Person, accounts: tuple[str, ...], *, now: datetime) -> Person:
    """These accounts of the newcomer lead to the known person from now on; what they asked for and approved is
    the known person's too, and two yeses of one human become one."""
    joined = tx.people.get(known.id) or known
    for key in accounts:
        joined = joined.linked(Identity.parse(key))
    left = replace(newcomer, identities=tuple(k for k in newcomer.identities if k not in accounts))
    tx.people.put(left)
    tx.people.put(joined)
    tx.ledger.append("linked", {"person": joined.id, "identities": list(accounts)}, now)
    if left.identities:
        return joined
    # Nobody is reached through the newcomer's record any more: whatever names it means the known person.
    for purpose in (Purpose.SESSION, Purpose.SIGN_IN, Purpose.LINK):
        tx.tickets.revoke(purpose, left.id)
    for proposal in tx.proposals.pending():
        one = _of_one(proposal, left.id, joined.id)
        if one != proposal and tx.proposals.swap(proposal, one):
            sayings.show(tx, one, now=now)
    for mission in tx.missions.all():
        if mission.owner == left.id:
            tx.missions.put(replace(mission, owner=joined.id))
    for person in tx.people.all():
        if person.deputy is not None and person.deputy.person == left.id:
            tx.people.put(replace(person, deputy=replace(person.deputy, person=joined.id)))
    return joined


def _of_one(proposal: Proposal, before: str, after: str) -> Proposal:
    """The proposal where one person's record stands for both."""
    approvals: list[Approval] = []
    for each in proposal.approvals:
        renamed = replace(
            each,
            person=after if each.person == before else each.person,
            seat=after if each.seat == before else each.seat,
        )
        spoken = {given.person for given in approvals} | {given.seat for given in approvals}
        if not {renamed.person, renamed.seat} & spoken:
            approvals.append(renamed)
    requester = after if proposal.requester == before else proposal.requester
    if proposal.demand.others_only:
        approvals = [each for each in approvals if requester not in (each.person, each.seat)]
    return replace(proposal, requester=requester, approvals=tuple(approvals))
