"""Presses: what a person's button does to a proposal. A refusal is told to the presser alone.

A press is checked on the record: the right person, the place where the card was delivered, the message that
carried it, the revision it showed, before the deadline. One transaction settles it, once.
"""

from datetime import datetime, timedelta

from bot import attempts, edits, sayings, undoing
from bot.effects import Authority, CardOf, Effect, Run
from bot.errors import NotAllowed, Refused, Stale
from bot.events import Event, Press, Verb
from bot.house import House
from bot.locators import UNKNOWN_OR_NOT_YOURS, Found, acknowledge, find, refuse
from bot.people import Person
from bot.proposals import Proposal
from bot.store import Tx

APPROVAL_HOLDS = timedelta(hours=1)
"""How long an approval may wait for its deed (a system that is down) before it counts for nothing."""


async def of_press(event: Event, press: Press, *, house: House) -> tuple[Effect, ...]:
    """A button was pressed."""
    match press.verb:
        case Verb.UNDO:
            return await undoing.of_press(event, press, house)
        case Verb.CHOOSE:
            return await edits.of_answer(event, press.who, press.value, house=house)
        case _:
            await house.store.write(lambda tx: _press(tx, event, press, house), space=event.space)
            return ()


def _press(tx: Tx, event: Event, press: Press, house: House) -> None:
    now = house.clock.now()
    try:
        found = find(tx, ref=press.ref, who=press.who, place=event.place, message=press.message)
        _settle(tx, event, press, found, house)
    except (Refused, Stale) as error:
        refuse(tx, event, press, error, house, now)
    tx.events.close(event.id)


def _settle(tx: Tx, event: Event, press: Press, found: Found, house: House) -> None:
    now = house.clock.now()
    proposal, person = found.proposal, found.person
    match press.verb:
        case Verb.APPROVE:
            if attempts.frozen(tx):
                raise NotAllowed("everything that acts is frozen; an owner can say unfreeze")
            approved = proposal.approve(person, revision=press.revision, now=now)
            _swap(tx, proposal, approved)
            tx.effects.add(_effect(tx, approved, person, now))
            _ledger(tx, "approved", approved, press, now)
            acknowledge(tx, event, press, house.tongues(person.lang)("Approved."), now)
            sayings.show(tx, approved, now=now)
            tx.ring(proposal.place)
        case Verb.DENY:
            denied = proposal.deny(person, revision=press.revision, now=now)
            _swap(tx, proposal, denied)
            tx.marks.put(f"denied:{denied.call.digest}", {"at": now.isoformat(), "by": person.id})
            _ledger(tx, "denied", denied, press, now)
            acknowledge(tx, event, press, house.tongues(person.lang)("Denied. Nothing was done."), now)
            sayings.show(tx, denied, now=now)
            sayings.resume(tx, denied, cause=f"denied:{denied.id}", now=now)
        case Verb.DETAILS:
            acknowledge(tx, event, press, "", now)
            _show_here(tx, event, proposal, now)
        case Verb.EDIT:
            edits.ask_first(tx, event, press, found, house, now)
        case Verb.UNDO | Verb.CHOOSE:
            raise NotAllowed(UNKNOWN_OR_NOT_YOURS)


def _swap(tx: Tx, before: Proposal, after: Proposal) -> None:
    if not tx.proposals.swap(before, after):
        raise Stale("somebody else settled this request at the same moment")


def _effect(tx: Tx, proposal: Proposal, person: Person, now: datetime) -> Effect:
    return Effect(
        id=proposal.effect,
        space=tx.space,
        place=proposal.place,
        deed=Run(
            call=proposal.call,
            authority=Authority(
                by="press",
                rule=proposal.rule,
                digest=proposal.call.digest,
                person=person.id,
                proposal=proposal.id,
                expires=now + APPROVAL_HOLDS,
            ),
            version=proposal.preview.version,
        ),
        turn=proposal.turn,
        ask=proposal.ask,
        mission=proposal.mission,
        person=proposal.requester,
        due=now,
    )


def _ledger(tx: Tx, kind: str, proposal: Proposal, press: Press, now: datetime) -> None:
    tx.ledger.append(
        kind,
        {
            "proposal": proposal.id,
            "turn": proposal.turn,
            "mission": proposal.mission,
            "person": proposal.settled_by,
            "identity": press.who.key,
            "revision": proposal.revision,
            "digest": proposal.call.digest,
            "rule": proposal.rule,
        },
        now,
    )


def _show_here(tx: Tx, event: Event, proposal: Proposal, now: datetime) -> None:
    sayings.say(
        tx,
        place=event.place,
        slot=proposal.slot,
        content=CardOf(proposal=proposal.id, revision=proposal.revision, full=True),
        now=now,
        turn=proposal.turn,
        words=f"[{proposal.code}] {proposal.call.action}",
        lang=proposal.lang,
    )
