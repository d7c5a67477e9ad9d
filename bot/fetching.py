"""Fetching: the button of what stands for a card where others read along brings the card to whoever pressed it, in
private. Nothing is settled from there: what was not shown cannot be approved.
"""

from dataclasses import replace

from bot import locators, sayings, whereabouts
from bot.errors import NotAllowed, Refused
from bot.events import Event, Press, Verb
from bot.house import House
from bot.store import Tx

IN_PRIVATE = "This is settled in private: press “Open in private”. Nothing was done."


def of_press(tx: Tx, event: Event, press: Press, *, house: House) -> None:
    """A button of a stub: brings the card to whoever may see it, to where only they read. Raises NotAllowed for
    anybody else, Refused where there is no such place yet or the press wants more than to look."""
    now = house.clock.now()
    batch = tx.batches.by_ref(press.ref)
    if batch is not None:
        person = locators.find_batch(
            tx, batch, who=press.who, place=event.place, message=press.message, now=now
        )
        slot, proposals = batch.slot, [p for each in batch.members if (p := tx.proposals.get(each))]
    else:
        found = locators.find(
            tx, ref=press.ref, who=press.who, place=event.place, message=press.message, now=now
        )
        person, proposals = found.person, [found.proposal]
        slot = replace(found.proposal, revision=press.revision).slot
    sayings.adopt(tx, place=event.place, slot=slot, message=press.message)
    tongue = house.tongues(person.lang)
    if press.verb is not Verb.DETAILS:
        raise NotAllowed(IN_PRIVATE)
    home = whereabouts.last_seen(tx, person)
    if home is None:
        raise Refused(
            tongue("Write to me in private first (/start will do), then press this again. Nothing is lost.")
        )
    sayings.bring(tx, home.key, proposals[:1], now=now)
    locators.acknowledge(tx, event, press, tongue("It is in our private chat."), now)
