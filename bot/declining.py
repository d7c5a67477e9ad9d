"""Declining: a no with its reason. One question in the chat, whose answer is quoted to whoever asked.

The reason is data for the mind, in quotation marks and on one line; it is never an instruction.
"""

from bot import sayings
from bot.effects import Effect, Question, Text
from bot.errors import NotAllowed, VigieError
from bot.events import Event, Form, Message, Press, Verb
from bot.house import House
from bot.locators import UNKNOWN_OR_NOT_YOURS, Found, acknowledge, refuse, vouched
from bot.people import Identity, Standing
from bot.proposals import State
from bot.settling import deny
from bot.store import Tx
from bot.values import Json

_LEAVE = frozenset({"cancel", "annuler", "annule"})
NONE = "."


def mark_of(place: str, person: str) -> str:
    """Under which name it is kept that the next words of this person here are a reason."""
    return f"why:{person}:{place}"


def ask_why(tx: Tx, event: Event, press: Press, found: Found, house: House) -> None:
    """Asks for the reason. Raises NotAllowed or Stale for who could not deny it anyway."""
    now = house.clock.now()
    proposal, person = found.proposal, found.person
    proposal.deny(person, revision=press.revision, now=now, people=found.people)
    tx.marks.put(mark_of(event.place, person.id), {"ref": press.ref, "revision": press.revision})
    acknowledge(tx, event, press, "", now)
    tongue = house.tongues(person.lang)
    text = tongue("Why not? Send the reason, “.” for none, or “cancel”.")
    question = Question(
        text=text, ref=press.ref, revision=press.revision, choices=((NONE, tongue("No reason")),)
    )
    sayings.say(tx, place=event.place, slot=f"form:{event.id}", content=question, now=now, lang=tongue.lang)


def is_asked(tx: Tx, event: Event, who: Identity, *, of: str = "") -> bool:
    """Whether the next words of this person here are a reason, for the card `of` where one is named: as long as it waits."""
    person = tx.people.by_identity(who)
    mark: Json = tx.marks.get(mark_of(event.place, person.id)) if person else None
    proposal = tx.proposals.by_ref(mark["ref"]) if mark and of in ("", mark["ref"]) else None
    return proposal is not None and proposal.state is State.PENDING


async def of_answer(
    event: Event, who: Identity, text: str, standing: Standing, *, house: House
) -> tuple[Effect, ...]:
    """The reason came: the request is denied with it."""
    now = house.clock.now()

    def write(tx: Tx) -> None:
        tx.events.close(event.id)
        person = tx.people.by_identity(who)
        mark: Json = tx.marks.get(mark_of(event.place, person.id)) if person else None
        if person is None or not mark:
            return
        tx.marks.put(mark_of(event.place, person.id), None)
        if isinstance(event.body, Message):
            # Kept as what it was: a part of the card, which is forgotten with it.
            given = Form(who=who, ref=mark["ref"], revision=mark["revision"], values={"why": text})
            tx.traces.fill(event.id, given)
        tongue = house.tongues(person.lang)
        if text.strip().strip("/").casefold() in _LEAVE:
            left = Text(text=tongue("Left as it was. The card still waits."))
            sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=left, now=now)
            return
        press = Press(who=who, ref=mark["ref"], revision=mark["revision"], verb=Verb.DENY, standing=standing)
        try:
            vouched(who, standing)
            proposal = tx.proposals.by_ref(press.ref)
            if proposal is None:
                raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
            deny(tx, proposal, person, press, now, note="" if text.strip() == NONE else text)
        except VigieError as error:
            refuse(tx, event, press, error, house, now)
            return
        said = Text(text=tongue("Denied. Nothing was done."))
        sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=said, now=now)

    await house.store.write(write, space=event.space)
    return ()
