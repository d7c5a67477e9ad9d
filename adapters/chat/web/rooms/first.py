"""The first minute: a story in three steps, told with what really happens in the demo shop. A mission wakes, a card asks,
a receipt comes back with a way to undo. Then what can be connected. Shown where the demo's mission is the viewer's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.drawn import CardView, Viewer
from adapters.chat.web.rooms.room import OWNERS, Asking, Room, View
from bot import ids
from bot.effects import EffectState
from bot.house import House
from bot.ledger import Entry
from bot.missions import Mission
from bot.proposals import State
from bot.store import Tx

SHOP = "demo"
NOTE = "demo.note_order"
"""The deed of the third step: nobody else sees it, and it can be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Something to connect: what it is called, what it is good for, and where it is done."""

    title: str
    words: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class First(View):
    """How far the story is. `done` says that what was approved is confirmed, `refused` that nothing was approved; what is
    approved and neither stands on its card. `words` are what the third step's button says in the chat; `code` is what takes its deed
    back, "" before it was done."""

    goal: str = ""
    number: int = 0
    wakes: str = ""
    woke: str = ""
    cards: tuple[CardView, ...] = ()
    settled: tuple[CardView, ...] = ()
    done: bool = False
    refused: bool = False
    words: str = ""
    noted: str = ""
    code: str = ""
    undone: bool = False
    ways: tuple[Way, ...] = ()

    @property
    def step(self) -> int:
        """The one that goes on: 1 to 3, and 4 when the story is told."""
        if self.undone:
            return 4
        if self.settled:
            return 3
        return 2 if self.cards else 1


def mission_of(tx: Tx) -> Mission | None:
    """The mission that the demo began."""
    return tx.missions.get(ids.derived("mis", tx.space, SHOP))


def begins_here(tx: Tx, viewer: Viewer, house: House) -> bool:
    """Whether the page opens on the story: until it is told."""
    asking_for = mission_of(tx)
    if asking_for is None or asking_for.owner != viewer.person.id or SHOP not in house.systems:
        return False
    return not _undone(_about(tx, viewer.person.id), _noted(_about(tx, viewer.person.id)))


def look(tx: Tx, asking: Asking) -> First:
    frame = drawn.frame(tx, asking.viewer, house=asking.house)
    mission = mission_of(tx)
    if mission is None or mission.owner != asking.person.id:
        return First(frame=frame, ways=tuple(_ways(asking)))
    tongue, mine = asking.tongue, _about(tx, asking.person.id)
    settled = tuple(_settled(tx, mission, asking))
    noted = _noted(mine)
    order = next((card.order for card in settled if card.order), "")
    effect = tx.effects.get(noted) if noted else None
    return First(
        frame=frame,
        # It was given before anybody knew in which language its owner reads.
        goal=tongue(mission.goal),
        number=mission.number,
        wakes=tongue.moment(mission.next_due, asking.zone) if mission.next_due else "",
        woke=_woke(tx, mission, asking),
        cards=drawn.waiting(
            tx, asking.viewer, house=asking.house, mission=mission.id, opened=asking.asked("details")
        ),
        settled=tuple(each.card for each in settled),
        done=any(each.card.good for each in settled),
        refused=not any(each.approved for each in settled),
        words=f'do {NOTE} order={order} note="{tongue("Vigie looked after this one")}"' if order else "",
        noted=effect.receipt.text if effect is not None and effect.receipt is not None else "",
        code=ids.short_code(noted) if noted else "",
        undone=_undone(mine, noted),
        ways=tuple(_ways(asking)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settled:
    card: CardView
    order: str
    approved: bool


def _woke(tx: Tx, mission: Mission, asking: Asking) -> str:
    run = next(iter(tx.occurrences.last(mission.id, 1)), None)
    return asking.tongue.moment(run.began or run.due, asking.zone) if run is not None else ""


def _settled(tx: Tx, mission: Mission, asking: Asking) -> Iterable[_Settled]:
    """What was asked for and is answered, newest first, each once."""
    seen: set[str] = set()
    for entry in reversed(tx.ledger.about(mission.id)):
        id_ = str(entry.body.get("proposal", ""))
        proposal = tx.proposals.get(id_) if id_ and id_ not in seen else None
        seen.add(id_)
        if proposal is None or not proposal.settled_by or not drawn.may_see(proposal, asking.viewer):
            continue
        card = drawn.current(tx, proposal, asking.viewer, house=asking.house)
        if card.card.ref not in seen:
            seen.add(card.card.ref)
            order = str(proposal.call.arguments.get("order", ""))
            yield _Settled(card=card, order=order, approved=proposal.state is State.APPROVED)


def _about(tx: Tx, person: str) -> tuple[Entry, ...]:
    return tx.ledger.about(person, limit=400)


def _noted(entries: Iterable[Entry]) -> str:
    """The effect of the third step's deed, "" before it was done."""
    done = (
        each for each in entries if each.kind == EffectState.CONFIRMED and each.body.get("action") == NOTE
    )
    return str(next((each.body.get("effect", "") for each in done), ""))


def _undone(entries: Iterable[Entry], effect: str) -> bool:
    return bool(effect) and any(each.kind == "undo" and each.body.get("effect") == effect for each in entries)


def _ways(asking: Asking) -> Iterable[Way]:
    tongue = asking.tongue
    yield Way(
        title=tongue("Connect Telegram"),
        words=tongue("Talk to it from your phone, and press there."),
        href="/connections#telegram",
    )
    yield Way(
        title=tongue("Connect Slack"),
        words=tongue("It lives in your channels, and asks in private."),
        href="/connections#slack",
    )
    yield Way(
        title=tongue("Choose a model"),
        words=tongue("It understands any sentence then. Without one it understands the words of the list."),
        href="/connections#model",
    )
    yield Way(
        title=tongue("Connect a system"),
        words=tongue("Stripe, HubSpot, Notion, Airtable, Shopify, Zoho, mail."),
        href="/connections#systems",
    )


FIRST = Room(
    name="start",
    title=lambda tongue: tongue("First steps"),
    lead=lambda tongue: tongue("Three steps with a shop that ships with Vigie. Nothing leaves this machine."),
    look=look,
    roles=OWNERS,
    there=lambda house: SHOP in house.systems,
)
