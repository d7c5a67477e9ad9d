"""The room of lists: every list, counter and total of the viewer, with figures computed from their rows."""

from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.rooms.room import Asking, Room, View
from bot import listings
from bot.listings import Listed
from bot.store import Tx
from bot.tallies import Sort, scope_of, standing

NEWEST = 100
"""How many items of one list the page holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One row. `number` is its position, which the words to change it name."""

    number: int
    words: str
    who: str
    when: str
    tainted: bool
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """One list with its figure. A counter has a figure only."""

    name: str
    sort: str
    figure: str
    counter: bool
    grows: str
    """The words that add to it, up to what is added."""
    items: tuple[ItemView, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists(View):
    """The viewer's own lists, which are the same in every private chat of theirs."""

    rows: tuple[ListView, ...] = ()


def look(tx: Tx, asking: Asking) -> Lists:
    """In the order they were begun."""
    names = {each.id: each.name for each in tx.people.all()}
    rows = [
        _view(Listed(tally=tally, items=standing(tx.tallies.strokes(tally.id))), asking, names)
        for tally in tx.tallies.all(scope_of(asking.person.id, asking.viewer.place))
    ]
    return Lists(frame=drawn.frame(tx, asking.viewer, house=asking.house), rows=tuple(rows))


_GROWS = {Sort.LIST: "list add {name}: ", Sort.COUNTER: "count {name} +", Sort.TOTAL: "total {name} add "}


def _view(listed: Listed, asking: Asking, names: dict[str, str]) -> ListView:
    tongue, tally = asking.tongue, listed.tally
    counter = tally.sort is Sort.COUNTER
    items = () if counter else listed.items
    shown = list(enumerate(items, start=1))[-NEWEST:]
    return ListView(
        name=tally.name,
        sort=listings.sort(tally, tongue),
        figure=listings.figure(listed, tongue),
        counter=counter,
        grows=_GROWS[tally.sort].format(name=tally.name),
        items=tuple(
            ItemView(
                number=n,
                words=listings.words(item, tongue),
                who=names.get(item.who, ""),
                when=tongue.day(item.at, asking.zone),
                tainted=item.tainted,
                written=", ".join(item.written[-listings.WRITTEN :]),
            )
            for n, item in shown
        ),
        more=len(items) - len(shown),
    )


LISTS = Room(
    name="lists",
    title=lambda tongue: tongue("Lists"),
    lead=lambda tongue: tongue(
        "Your lists, counters and totals. Every figure is computed from the rows. The answer to a button comes in the chat."
    ),
    look=look,
    group=1,
)
