"""Saying something: the one way words get into the outbox and the transcript, in one transaction."""

import re
from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import datetime

from bot import homes, ids
from bot.batches import Batch
from bot.effects import BatchOf, CardOf, Content, Effect, EffectState, Notice, Question, Say, Text
from bot.events import Event, Resume
from bot.journal import OURSELVES, Line
from bot.proposals import Proposal
from bot.store import Tx
from bot.tickets import BRINGING
from bot.values import Json

_TOKENS = re.compile(rf"(token=|\b(?:{'|'.join(BRINGING)})\s+)[\w-]{{12,}}", re.IGNORECASE)


def say(
    tx: Tx,
    *,
    place: str,
    slot: str,
    content: Content,
    now: datetime,
    turn: str = "",
    mission: str = "",
    person: str = "",
    at_once: bool = False,
    words: str = "",
    lang: str = "en",
    tainted: bool = False,
) -> Effect:
    """Writes down that `content` shall stand in `slot` of `place`, and in the transcript that it does.

    With `at_once` the effect is born started, because the caller delivers it the moment this is committed;
    that is only granted when nothing older waits in the place, so that words keep their order. `words` is
    what the transcript keeps of content that has no words of its own; `tainted` says that a stranger may have
    had a hand in it, which its line remembers.
    """
    born_started = at_once and not any(isinstance(e.deed, Say) for e in tx.effects.open(place))
    effect = Effect(
        id=ids.new("eff"),
        space=tx.space,
        place=place,
        deed=Say(slot=slot, content=content, lang=lang, fresh=tx.lines.by_slot(place, slot) is None),
        turn=turn,
        mission=mission,
        person=person,
        state=EffectState.STARTED if born_started else EffectState.PENDING,
        attempts=int(born_started),
        due=now,
    )
    tx.effects.add(effect)
    if not isinstance(content, Notice):
        tx.lines.put(
            Line(
                place=place,
                who=OURSELVES,
                text=veiled(words or _words(content)),
                at=now,
                turn=turn,
                slot=slot,
                content=_kept(content),
                tainted=tainted,
            )
        )
    if effect.state is EffectState.PENDING:
        tx.ring(place)
    return effect


def picture(tx: Tx, proposal: Proposal, *, now: datetime) -> None:
    """What helps to judge this revision and can be looked at, where it was asked; nothing where there is none."""
    chart = proposal.preview.picture
    if chart is not None:
        say(
            tx,
            place=proposal.place,
            slot=f"picture:{proposal.id}:{proposal.revision}",
            content=Text(text=chart.text, chart=chart),
            now=now,
            turn=proposal.turn,
            lang=proposal.lang,
            tainted=True,
        )


def show(tx: Tx, proposal: Proposal, *, now: datetime) -> None:
    """Draws the card of a proposal anew wherever it stands, and where it was asked if it stands nowhere.

    The card of a member is the card of its batch.
    """
    batch = tx.batches.get(proposal.batch) if proposal.batch else None
    if batch is not None and not batch.split:
        show_batch(tx, batch, now=now)
        return
    places = {line.place for line in tx.lines.of_slot(proposal.slot)} or {proposal.place}
    for place in sorted(places):
        put_card(tx, proposal, place=place, now=now)


def show_batch(tx: Tx, batch: Batch, *, now: datetime) -> None:
    """Draws the card of a batch anew wherever it stands, and where it was asked if it stands nowhere."""
    places = {line.place for line in tx.lines.of_slot(batch.slot)} or {batch.place}
    for place in sorted(places):
        put_batch(tx, batch, place=place, now=now)


def put_card(
    tx: Tx, proposal: Proposal, *, place: str, now: datetime, full: bool = False, reader: str = ""
) -> Effect:
    """The card of this revision in this place; in full for the `reader` who asked for that."""
    return say(
        tx,
        place=place,
        slot=proposal.slot,
        content=CardOf(proposal=proposal.id, revision=proposal.revision, full=full, reader=reader),
        now=now,
        turn=proposal.turn,
        mission=proposal.mission,
        person=proposal.requester,
        lang=proposal.lang,
        words=f"[{proposal.code}] {proposal.call.action}",
    )


def put_batch(
    tx: Tx, batch: Batch, *, place: str, now: datetime, full: bool = False, reader: str = ""
) -> Effect:
    """The card of a batch in this place; in full for the `reader` who asked for that."""
    return say(
        tx,
        place=place,
        slot=batch.slot,
        content=BatchOf(batch=batch.id, full=full, revision=batch.revision, reader=reader),
        now=now,
        turn=batch.turn,
        mission=batch.mission,
        person=batch.requester,
        lang=batch.lang,
        words=f"[{batch.code}] × {len(batch.members)}",
    )


def bring(tx: Tx, place: str, proposals: Sequence[Proposal], *, now: datetime) -> None:
    """Puts the cards of these again, as new messages at the end of this place."""
    shown: dict[str, tuple[Proposal, Batch | None]] = {}
    for proposal in proposals:
        batch = tx.batches.get(proposal.batch) if proposal.batch else None
        batch = None if batch is None or batch.split else batch
        shown[batch.slot if batch else proposal.slot] = (proposal, batch)
    for slot, (proposal, batch) in shown.items():
        move_down(tx, place, slot)
        if batch is not None:
            put_batch(tx, batch, place=place, now=now)
        else:
            put_card(tx, proposal, place=place, now=now)


def copies(tx: Tx, place: str, slot: str) -> list[Line]:
    """The messages that show a slot in a place: the one that is edited, and older copies further up."""
    found = [tx.lines.by_slot(place, slot)]
    while found[-1] is not None:
        found.append(tx.lines.by_slot(place, f"{slot}~{len(found)}"))
    return [line for line in found if line is not None]


def repeated(place: str, slot: str) -> str:
    """The mark of a card that had to be sent again: an earlier copy of it, of which no id is known, may stand."""
    return f"repeated:{place}:{slot}"


def adopt(tx: Tx, *, place: str, slot: str, message: str) -> None:
    """The copy of a card that somebody pressed is the one that is edited from now on: where its id was not yet
    known, and where the card had to be sent again."""
    line = tx.lines.by_slot(place, slot)
    if line is None or message in ("", homes.MESSAGE, line.ref):
        return
    if not line.ref or tx.marks.get(repeated(place, slot)):
        tx.lines.put(replace(line, ref=message))


def move_down(tx: Tx, place: str, slot: str) -> None:
    """Frees a slot, so that what is said in it next is a new message at the end of the place."""
    standing = copies(tx, place, slot)
    if standing:
        tx.lines.rename(place, slot, f"{slot}~{len(standing)}")


def resume(tx: Tx, proposal: Proposal, *, cause: str, now: datetime) -> None:
    """Wakes the turn that waits for this proposal; twice for the same cause is once."""
    if proposal.turn:
        _resume(tx, proposal.turn, proposal.place, cause, now)


def await_deed(tx: Tx, effect: Effect, *, now: datetime) -> None:
    """A turn parks until a deed of its own, which somebody else is finding out about, is over. When it is over by
    now, nobody would ring again."""
    if effect.over:
        _resume(tx, effect.turn, effect.place, effect.id, now)
    else:
        tx.marks.put(f"awaited:{effect.id}", {"turn": effect.turn})


def deed_over(tx: Tx, effect: Effect, *, now: datetime) -> None:
    """Wakes the turn that parked for this very deed, if one did."""
    if tx.marks.get(f"awaited:{effect.id}"):
        _resume(tx, effect.turn, effect.place, effect.id, now)


def _resume(tx: Tx, turn: str, place: str, cause: str, now: datetime) -> None:
    tx.events.add(
        Event(
            id=ids.new("evt"),
            space=tx.space,
            key=f"resume:{turn}:{cause}",
            place=place,
            at=now,
            body=Resume(turn=turn, cause=cause),
        )
    )
    tx.ring(place)


def _kept(content: Content) -> Json:
    kept: dict[str, Json] = {each.name: _bare(getattr(content, each.name)) for each in fields(content)}
    return {**kept, "text": veiled(kept["text"])} if "text" in kept else kept


def _bare(value: Json) -> Json:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def veiled(text: str) -> str:
    """One-time tokens do not stay in the transcript, where minds and pages would read them."""
    return _TOKENS.sub(r"\1…", text)


def _words(content: Content) -> str:
    match content:
        case Text() | Question() | Notice():
            return content.text
        case CardOf() | BatchOf():
            return ""
