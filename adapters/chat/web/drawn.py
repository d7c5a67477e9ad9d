"""What every page shows, read from the record in one transaction: lines, cards, and the frame around them.
Knows nothing of HTML. Whatever is shown can be drawn again after a restart, because it comes from here.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import freezes, freezing, openings, posts, privacy, reports
from bot.cards import Card, Row, Tone
from bot.charts import Chart
from bot.effects import File, Question, Text
from bot.house import House
from bot.journal import OURSELVES, Line
from bot.people import Person, Role
from bot.places import Place
from bot.proposals import Proposal
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json

WINDOW = 60
"""How many lines a page of the chat holds."""


def fingerprint(parts: Iterable[object]) -> str:
    """Twelve characters that change whenever what is shown does. The same in every process."""
    return hashlib.sha256("\x1f".join(map(repr, parts)).encode(errors="backslashreplace")).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A card laid out for a page: the risk stands apart as a chip, the code in the head, the rest in rows.

    `level` is `r0` to `r3` and chooses the colour of the chip, never alone: its words stand in it.
    """

    card: Card
    level: str
    risk: str
    rows: tuple[Row, ...]

    @property
    def settled(self) -> bool:
        """Nothing is asked any more."""
        return bool(self.card.status)

    @property
    def good(self) -> bool:
        return self.card.tone is Tone.GOOD

    @property
    def bad(self) -> bool:
        return self.card.tone is Tone.BAD

    @property
    def link(self) -> str:
        """Only a web address: a card's link comes from outside and must not run anything."""
        return self.card.link if re.match(r"https?://[^\s]+$", self.card.link) else ""

    @property
    def apart(self) -> bool:
        """No row shows the link: it belongs to what came back."""
        return bool(self.link) and all(row.value != self.link for row in self.rows)


def lay_out(card: Card, tongue: Tongue) -> CardView:
    """Takes the rows apart that a page shows elsewhere."""
    risk = next((row.value for row in card.rows if row.label == tongue("Risk")), "")
    apart = (tongue("Risk"), tongue("Code"))
    return CardView(
        card=card,
        level=risk[:2].lower() if re.match(r"R[0-3]\b", risk) else "r0",
        risk=risk,
        rows=tuple(row for row in card.rows if row.label not in apart),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One line of the transcript as it stands now. `seq` orders lines and names them on the page."""

    seq: int
    ours: bool
    at: datetime
    slot: str
    body: Text | CardView | Question
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page."""

    pending: int = 0
    frozen: tuple[str, ...] = ()
    """What stands still, one sentence each."""
    stopped: bool = False
    """Everything does."""
    lifts: bool = False
    """The viewer may lift it."""
    unkept: bool = False
    """The conversation on this page is private: nothing of it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """The newest lines of a place (or those before some line)."""

    frame: Frame
    lines: tuple[Shown, ...] = ()
    earlier: bool = False

    @property
    def last(self) -> int:
        return self.lines[-1].seq if self.lines else 0

    @property
    def mark(self) -> str:
        return fingerprint([self.frame, *((line.seq, line.version) for line in self.lines)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks, in which language, from which place."""

    person: Person
    place: Place
    tongue: Tongue


def chat(tx: Tx, viewer: Viewer, *, house: House, before: int | None = None) -> Chat:
    """The chat as it stands now."""
    lines = tx.lines.last(viewer.place.key, WINDOW + 1, before=before)
    shown = [_shown(tx, line, viewer, house) for line in lines[-WINDOW:]]
    return Chat(frame=frame(tx, viewer, house=house), lines=tuple(shown), earlier=len(lines) > WINDOW)


def waiting(
    tx: Tx, viewer: Viewer, *, house: House, opened: str = "", mission: str = ""
) -> tuple[CardView, ...]:
    """The pending cards this person may see (of one mission); the one whose ref is `opened` with its details."""
    cards: dict[str, CardView] = {}
    for proposal in _theirs(tx, viewer):
        if not mission or proposal.mission == mission:
            view = current(tx, proposal, viewer, house=house, opened=opened)
            cards[view.card.ref] = view
    return tuple(cards.values())


def opened(tx: Tx, ref: str, viewer: Viewer, *, house: House) -> None:
    """This person is about to be shown the full view of the card with this reference: a page is never cut."""
    card = tx.batches.by_ref(ref) or tx.proposals.by_ref(ref)
    if card is not None and (viewer.person.may_approve or card.requester == viewer.person.id):
        openings.record(tx, card.id, revision=card.revision, person=viewer.person.id, now=house.clock.now())


def current(tx: Tx, proposal: Proposal, viewer: Viewer, *, house: House, opened: str = "") -> CardView:
    """The card a proposal stands on: its batch's, while it is in one."""
    lang = viewer.person.lang
    batch = tx.batches.get(proposal.batch) if proposal.batch else None
    if batch is not None and not batch.split:
        card = posts.draw_batch(tx, batch, house=house, full=batch.ref == opened, lang=lang)
    else:
        card = posts.draw(tx, proposal, house=house, full=proposal.ref == opened, lang=lang)
    return lay_out(card, viewer.tongue)


def frame(tx: Tx, viewer: Viewer, *, house: House) -> Frame:
    stands = freezing.standing(tx, house=house)
    zone, tongue = viewer.person.zone, viewer.tongue
    return Frame(
        pending=len(_theirs(tx, viewer)),
        frozen=tuple(reports.frozen(tx, freeze, tongue, zone) for freeze in stands),
        stopped=any(freeze.scope == freezes.ALL for freeze in stands),
        lifts=viewer.person.role is Role.OWNER,
        unkept=privacy.standing(tx, viewer.place.key),
    )


def card(tx: Tx, ref: str, viewer: Viewer, *, house: House) -> CardView | None:
    """The card with this reference in full, for whoever may settle or withdraw it."""
    if batch := tx.batches.by_ref(ref):
        if not (viewer.person.may_approve or batch.requester == viewer.person.id):
            return None
        return lay_out(
            posts.draw_batch(tx, batch, house=house, full=True, lang=viewer.person.lang), viewer.tongue
        )
    proposal = tx.proposals.by_ref(ref)
    if proposal is None or not may_see(proposal, viewer):
        return None
    return lay_out(posts.draw(tx, proposal, house=house, full=True, lang=viewer.person.lang), viewer.tongue)


def _theirs(tx: Tx, viewer: Viewer) -> list[Proposal]:
    return [proposal for proposal in tx.proposals.pending() if may_see(proposal, viewer)]


def may_see(proposal: Proposal, viewer: Viewer) -> bool:
    """Whether its card is for this person's eyes."""
    return viewer.person.may_approve or proposal.requester == viewer.person.id


def _shown(tx: Tx, line: Line, viewer: Viewer, house: House) -> Shown:
    body = _body(tx, line, viewer, house)
    return Shown(
        seq=line.seq,
        ours=line.who == OURSELVES,
        at=line.at,
        slot=line.slot,
        body=body,
        version=fingerprint([line.at, body]),
    )


def _file(kept: Json) -> File | None:
    """That there is a file and what it is called; its words are fetched by who wants them."""
    return File(name=str(kept["name"]), text="") if kept else None


def _chart(kept: Json) -> Chart | None:
    """The picture as it was kept, its moments as text."""
    if not kept:
        return None

    def at(moment: Json) -> datetime:
        return datetime.fromisoformat(str(moment))

    return Chart(
        title=str(kept["title"]),
        text=str(kept["text"]),
        points=tuple((at(moment), float(value)) for moment, value in kept["points"]),
        limit=kept["limit"],
        clear=kept["clear"],
        firings=tuple((at(begin), at(end)) for begin, end in kept["firings"]),
        lowest=str(kept.get("lowest", "")),
        highest=str(kept.get("highest", "")),
        begins=str(kept.get("begins", "")),
        ends=str(kept.get("ends", "")),
    )


def _body(tx: Tx, line: Line, viewer: Viewer, house: House) -> Text | CardView | Question:
    """What the line says now; its plain words where the record it points at is gone."""
    match line.content:
        case {"kind": "text", "text": str(text)}:
            return Text(
                text=text,
                mark=bool(line.content.get("mark")),
                chart=_chart(line.content.get("chart")),
                file=_file(line.content.get("file")),
            )
        case {"kind": "card", "proposal": str(id_), "revision": int(revision)}:
            proposal = tx.proposals.get(id_)
            if proposal is not None:
                full = bool(line.content.get("full"))
                drawn = posts.draw(
                    tx, proposal, house=house, revision=revision, full=full, lang=viewer.person.lang
                )
                return lay_out(drawn, viewer.tongue)
        case {"kind": "batch", "batch": str(id_)}:
            batch = tx.batches.get(id_)
            if batch is not None:
                full = bool(line.content.get("full"))
                drawn = posts.draw_batch(tx, batch, house=house, full=full, lang=viewer.person.lang)
                return lay_out(drawn, viewer.tongue)
        case {"kind": "question", "text": str(text), "ref": str(ref)}:
            choices: Sequence[tuple[str, str]] = line.content.get("choices", ())
            return Question(
                text=text,
                ref=ref,
                revision=int(line.content.get("revision", 0)),
                choices=tuple((str(value), str(label)) for value, label in choices),
            )
        case _:
            pass
    return Text(text=line.text)
