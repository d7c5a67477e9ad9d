"""Delivering words: each place's messages in their order, once each, edited where they already stand.

A message that was started and has no receipt is looked up by its key before it is sent again; where the
platform offers no look-up it is sent again with a visible mark.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import batch_cards, cards, discretion, grants, openings, outlets, sayings
from bot.actions import Action, Receipt
from bot.batches import Batch
from bot.cards import Card
from bot.effects import BatchOf, CardOf, Content, Effect, EffectState, Notice, Question, Say, Text
from bot.errors import BadInput, Failed, OutcomeUnknown, Unknowable, Unreachable, VigieError
from bot.house import House
from bot.instruments import Part, Step
from bot.places import Place
from bot.proposals import Proposal
from bot.store import Tx
from bot.world import Chat, Sending

log = logging.getLogger(__name__)

LONGEST = timedelta(hours=24)
"""How long a message that cannot be delivered is tried for."""


async def send_born(born: Sequence[Effect], *, house: House) -> datetime | None:
    """Sends messages that were written down as started, handed over in memory by the turn that wrote them.

    Returns when to come back if one has to wait.
    """
    later = [await _send(effect, house) for effect in born]
    return min((moment for moment in later if moment is not None), default=None)


async def deliver(space: str, place: str, *, house: House) -> datetime | None:
    """Sends what is due in the place, in order. Returns when to come back, if a message has to wait; those
    behind it wait too, so that words keep their order."""
    while True:
        waiting = await house.store.read(lambda tx: _pending(tx, place), space=space)
        if not waiting:
            return None
        first = waiting[0]
        if first.due > house.clock.now():
            await _hold([e for e in waiting[1:] if e.due < first.due], first.due, house)
            return first.due
        if _replaced(first, waiting[1:]):
            await _record(first, first.confirmed(Receipt(text="replaced by a later edit")), house, ref="")
            continue
        started = first.started()
        if await house.store.write(lambda tx, b=first, a=started: tx.effects.swap(b, a), space=space):
            again = await _send(started, house)
            if again is not None:
                return again


async def _hold(behind: Sequence[Effect], until: datetime, house: House) -> None:
    """What stands behind a message that must wait is not due before it either."""
    if behind:
        held = [(effect, replace(effect, due=until)) for effect in behind]
        await house.store.write(
            lambda tx: [tx.effects.swap(before, after) for before, after in held], space=behind[0].space
        )


def _pending(tx: Tx, place: str) -> list[Effect]:
    return [
        effect
        for effect in tx.effects.open(place)
        if isinstance(effect.deed, Say) and effect.state is EffectState.PENDING
    ]


def _replaced(effect: Effect, later: Sequence[Effect]) -> bool:
    """A newer version of the same message is waiting too: only that one needs to be seen. One that may have
    been sent already is looked up all the same, or the newer one would not know which message to edit."""
    deed = _deed(effect)
    if effect.check or isinstance(deed.content, Notice):
        return False
    return any(_deed(other).slot == deed.slot for other in later)


def _deed(effect: Effect) -> Say:
    assert isinstance(effect.deed, Say)
    return effect.deed


async def _send(effect: Effect, house: House) -> datetime | None:
    """One started message, to its end: delivered, failed, or waiting (returns until when)."""
    chat = house.chats.get(Place.parse(effect.place).platform)
    if chat is None:
        return await _later(effect, Unreachable("this chat is not connected now"), house)
    try:
        with house.instruments.over(_step(effect)):
            sending = await _sending(effect, house)
            ref = None
            if effect.check:
                ref, sending = await _looked_up(effect, sending, chat)
            again = effect.check and ref is None and not sending.ref
            if not house.awake():
                return None  # whoever has taken over sends it
            if ref is None:
                ref = await chat.send(sending)
    except Unreachable as error:
        return await _later(effect, error, house)
    except OutcomeUnknown as error:
        return await _later(replace(effect, check=True), Unreachable(str(error)), house)
    except VigieError as error:
        await _record(effect, effect.failed(str(error)), house, ref="")
        return None
    except Exception:
        # A defect in an adapter must not stop the messages behind this one, nor repeat this one blindly.
        log.exception("message_broke", extra={"effect": effect.id, "place": effect.place})
        broke = Unreachable("the chat adapter broke down")
        return await _later(replace(effect, check=True), broke, house)
    await _record(effect, effect.confirmed(Receipt(id=ref)), house, ref=ref, again=again)
    return None


def _step(effect: Effect) -> Step:
    return Step(
        part=Part.MESSAGE,
        of=effect.place.partition("/")[0],
        kind=_deed(effect).content.kind,
        turn=effect.turn,
        mission=effect.mission,
        effect=effect.id,
        person=effect.person,
        place=effect.place,
    )


async def _looked_up(effect: Effect, sending: Sending, chat: Chat) -> tuple[str | None, Sending]:
    """The id of the message if it was sent before. Where nobody can know, the sending is marked: this may be
    a repetition; what the platform says was never sent needs no mark."""
    try:
        ref = await chat.look_up(sending)
    except Unknowable:
        return None, replace(sending, doubtful=not _edits(effect))
    if ref is not None and isinstance(sending.content, Text) and sending.content.file is not None:
        # The message may stand without its file: saying the same again puts what is missing.
        return None, replace(sending, ref=ref)
    return ref, sending


def _edits(effect: Effect) -> bool:
    """An edit says the same again when it is repeated: no harm, no mark."""
    return not _deed(effect).fresh


async def _later(effect: Effect, error: Unreachable, house: House) -> datetime | None:
    now = house.clock.now()
    pause = error.retry_after or min(0.5 * 2.0**effect.attempts, 300.0)
    until = now + timedelta(seconds=pause)
    if isinstance(_deed(effect).content, Notice) or effect.attempts > 8 + LONGEST / timedelta(minutes=5):
        await _record(effect, effect.failed(str(error)), house, ref="")
        return None
    after = effect.waiting(until, str(error), check=effect.check)
    await house.store.write(lambda tx: tx.effects.swap(effect, after), space=effect.space)
    log.info("message_waits", extra={"effect": effect.id, "seconds": pause})
    return until


async def _record(before: Effect, after: Effect, house: House, *, ref: str, again: bool = False) -> None:
    deed = _deed(after)
    kept = after
    if after.over and isinstance(deed.content, Notice):
        kept = replace(after, deed=replace(deed, content=deed.content.veiled))
    now = house.clock.now()

    def write(tx: Tx) -> None:
        if not tx.effects.swap(before, kept):
            return
        stands = bool(ref) and not isinstance(deed.content, Notice)
        stands = stands and _referred(tx, after, ref, again=again)
        if stands and again and isinstance(deed.content, CardOf | BatchOf):
            tx.marks.put(sayings.repeated(after.place, deed.slot), True)
        if isinstance(deed.content, CardOf | BatchOf) and discretion.veils(after.place, house):
            if after.over:
                discretion.hand_over(tx, deed.content, now=now)
        elif ref:
            _opened(tx, deed.content, now)
        if after.state is EffectState.FAILED and not isinstance(deed.content, Notice):
            body = {"effect": after.id, "turn": after.turn, "mission": after.mission, "result": after.error}
            tx.ledger.append("undelivered", body, now)
        if after.over:
            outlets.delivered(tx, after, now, house.tongues)

    await house.store.write(write, space=before.space)


def _referred(tx: Tx, effect: Effect, ref: str, *, again: bool) -> bool:
    """The message that is edited from now on; of a card that had to be sent again it stays the copy that
    somebody pressed while the repetition was on its way."""
    slot = _deed(effect).slot
    if again and (line := tx.lines.by_slot(effect.place, slot)) is not None and line.ref:
        return True
    return tx.lines.refer(effect.place, slot, ref)


def _opened(tx: Tx, content: Content, now: datetime) -> None:
    """A full view reached the person who asked for it."""
    match content:
        case CardOf(full=True) if content.reader:
            openings.record(tx, content.proposal, revision=content.revision, person=content.reader, now=now)
        case BatchOf(full=True) if content.reader:
            openings.record(tx, content.batch, revision=content.revision, person=content.reader, now=now)
        case _:
            pass


async def _sending(effect: Effect, house: House) -> Sending:
    """The message as it is to be seen now: cards are drawn from the record at the last moment."""
    deed = _deed(effect)
    tongue = house.tongues(deed.lang)
    content: Text | Card | Question | Notice
    ref = ""
    if isinstance(deed.content, CardOf | BatchOf):
        wanted = deed.content
        content, ref = await house.store.read(lambda tx: _draw(tx, effect, wanted, house), space=effect.space)
    else:
        content = deed.content
        if not deed.fresh and not isinstance(content, Notice):
            ref = await house.store.read(lambda tx: _ref(tx, effect), space=effect.space)
    return Sending(
        key=effect.id,
        slot=deed.slot,
        place=Place.parse(effect.place),
        content=content,
        tongue=tongue,
        ref=ref,
    )


def _ref(tx: Tx, effect: Effect) -> str:
    line = tx.lines.by_slot(effect.place, _deed(effect).slot)
    return line.ref if line else ""


def _draw(tx: Tx, effect: Effect, wanted: CardOf | BatchOf, house: House) -> tuple[Card, str]:
    if isinstance(wanted, BatchOf):
        batch = tx.batches.get(wanted.batch)
        if batch is None:
            raise Failed("the batch of this card is gone")
        card = draw_batch(tx, batch, house=house, full=wanted.full, lang=_deed(effect).lang)
        return _discreet(tx, card, effect, wanted, house), _ref(tx, effect)
    proposal = tx.proposals.get(wanted.proposal)
    if proposal is None:
        raise Failed("the proposal of this card is gone")
    card = draw(
        tx, proposal, house=house, revision=wanted.revision, full=wanted.full, lang=_deed(effect).lang
    )
    return _discreet(tx, card, effect, wanted, house), _ref(tx, effect)


def _discreet(tx: Tx, card: Card, effect: Effect, wanted: CardOf | BatchOf, house: House) -> Card:
    """The card, or what stands in its stead where others read along."""
    if not discretion.veils(effect.place, house):
        return card
    tongue = house.tongues(_deed(effect).lang)
    return discretion.stub(tx, card, wanted, place=effect.place, tongue=tongue, house=house)


def draw(
    tx: Tx, proposal: Proposal, *, house: House, revision: int = 0, full: bool = False, lang: str = ""
) -> Card:
    """The card of a proposal as the record stands now."""
    mission = tx.missions.get(proposal.mission) if proposal.mission else None
    return cards.draw(
        proposal,
        action=action_of(proposal, house),
        tongue=house.tongues(lang or proposal.lang),
        zone=proposal.zone,
        effect=tx.effects.get(proposal.effect),
        people={person.id: person.name for person in tx.people.all()},
        mission=f"{mission.number} · {mission.goal}" if mission else "",
        revision=revision or proposal.revision,
        full=full,
        always=full and earns(tx, proposal, house),
    )


def earns(tx: Tx, proposal: Proposal, house: House) -> bool:
    """Whether an approval of this card counts towards a standing permission. A turn nobody knows counts as one
    that has read what a stranger wrote."""
    policy, turn = house.policy(), tx.turns.get(proposal.turn)
    if policy.trouble or policy.earning.after == 0:
        return False
    action = action_of(proposal, house)
    cut = must_read(proposal, house)
    return grants.earns(action, proposal, tainted=turn is None or turn.tainted, cut=cut)


def must_read(proposal: Proposal, house: House) -> bool:
    """Whether only who opened its full view may approve it."""
    return cards.must_read(proposal, action_of(proposal, house), house.tongues(proposal.lang))


def draw_batch(tx: Tx, batch: Batch, *, house: House, full: bool = False, lang: str = "") -> Card:
    """The card of a batch as the record stands now."""
    members = [proposal for member in batch.members if (proposal := tx.proposals.get(member))]
    mission = tx.missions.get(batch.mission) if batch.mission else None
    return batch_cards.draw_batch(
        batch,
        [(member, action_of(member, house), tx.effects.get(member.effect)) for member in members],
        tongue=house.tongues(lang or batch.lang),
        people={person.id: person.name for person in tx.people.all()},
        mission=f"{mission.number} · {mission.goal}" if mission else "",
        full=full,
    )


def action_of(proposal: Proposal, house: House) -> Action:
    """The action's definition; when its system is no longer connected, one that shows names as they are."""
    try:
        return house.action(proposal.call.action)
    except BadInput:
        return Action(name=proposal.call.action, title=proposal.call.action)


async def recover(space: str, *, house: House) -> int:
    """After a start: every message that was under way when the process died is due, and looked up first."""
    now = house.clock.now()

    def write(tx: Tx) -> int:
        found = [e for e in tx.effects.in_state(EffectState.STARTED) if isinstance(e.deed, Say)]
        due_again(tx, found, now)
        return len(found)

    return await house.store.write(write, space=space)


def due_again(tx: Tx, said: Sequence[Effect], now: datetime) -> None:
    """Messages that were under way with somebody who is gone."""
    for effect in said:
        tx.effects.swap(effect, effect.waiting(now, effect.error, check=True))
        tx.ring(effect.place)
