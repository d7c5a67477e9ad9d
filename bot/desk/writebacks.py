"""The desk's side of writing back: what of a list is not written elsewhere yet, what came of writing it, and a report of
all that was kept here. Writes to no system itself: a mind asks for that, and each such write is judged and has its receipt.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from bot import carrying, ids, listings
from bot.actions import Receipt
from bot.desk import lists
from bot.desk.means import Means, somebody
from bot.errors import BadInput
from bot.journal import Answer, Ask, Outcome, Thought
from bot.listings import Listed
from bot.speech import Tongue
from bot.store import Tx
from bot.tallies import Item, Move, Sort, Stroke, folded, scope_of, standing
from bot.values import Json, is_mapping, is_sequence
from bot.world import Context

LONGEST_PLACE = 200
"""Characters that name where something was written, its link included."""
AT_ONCE = 25
"""How many items are written at one time: the rest stays unwritten for the next."""
_STORIES = frozenset(
    "features feature ideas idea wishes requests stories fonctionnalites idees envies demandes souhaits besoins".split()
)
_LEADS = frozenset("leads lead prospects prospect".split())
_PRIORITY = re.compile(
    r"\s*[(\[]?\b(?P<p>p[0-3]|urgent|high|medium|low|haute?|moyenne?|basse)(?:\s+(?:priority|priorité))?\b[)\]]?[:\s]*",
    re.IGNORECASE,
)
_RANKS: Mapping[str, int] = {
    **dict.fromkeys(("urgent", "p0"), 0),
    **dict.fromkeys(("high", "haut", "haute", "p1"), 1),
    **dict.fromkeys(("medium", "moyen", "moyenne", "p2"), 2),
    **dict.fromkeys(("low", "basse", "p3"), 3),
}
UNRANKED = 4


def unwritten(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """The items that were not written there yet, oldest first."""
    tongue, to = context.tongue, _place(arguments["to"])
    listed = lists.listed(tx, lists.existing(tx, arguments["name"], context))
    left = [item for item in listed.items if not _written(item, to)]
    data: dict[str, Json] = {
        "name": listed.tally.name,
        "to": to,
        "items": [_told(item, tongue) for item in left[:AT_ONCE]],
        "pages": [{"text": _page(listed, left[:AT_ONCE], tongue)}],
        "left": max(len(left) - AT_ONCE, 0),
    }
    text = tongue.many("{n} item is not written to {where} yet.", "{n} items are not written to {where} yet.", len(left), where=to)  # fmt: skip
    return Receipt(text=text, data=data if left else {}, tainted=any(each.tainted for each in left))


def wrote(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Notes which items were written, from the receipts of this turn and from nobody's word: an item is written when a deed
    that was done in this turn, on another system, has its words as a line."""
    tongue, to = context.tongue, _place(arguments["to"])
    tally = lists.existing(tx, arguments["name"], context)
    deeds = [(_lines(ask.arguments), answer.link) for ask, answer in _done(tx, context.turn)]
    noted: list[str] = []
    for item in lists.listed(tx, tally).items:
        if _written(item, to):
            continue
        words = {item.text, listings.words(item, tongue)} - {""}
        found = next(((lines, link, each) for lines, link in deeds for each in words if lines[each]), None)
        if found is None:
            continue
        lines, link, said = found
        lines[said] -= 1
        stroke = Stroke(
            id=ids.derived("str", context.key, item.id),
            space=context.space,
            tally=tally.id,
            deed=context.key,
            move=Move.WROTE,
            of=item.id,
            text=" ".join(part for part in (to, link[:LONGEST_PLACE]) if part),
            who=somebody(context).id,
            at=context.now,
            turn=context.turn,
            tainted=context.tainted,
        )
        if tx.tallies.add(stroke):
            noted.append(item.id)
    if not noted:
        return Receipt(data={})
    body = {"list": tally.id, "move": Move.WROTE.value, "items": len(noted), "deed": context.key}
    tx.ledger.append("list_changed", {**body, "person": somebody(context).id}, context.now)
    text = tongue.many("{name}: {n} item written to {where}.", "{name}: {n} items written to {where}.", len(noted), name=tally.name, where=to)  # fmt: skip
    return Receipt(id=tally.id, text=text, data={"written": len(noted)})


def report(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """User stories by priority, leads, notes, totals, and where the conversation stood: computed from the rows."""
    tongue, person = context.tongue, somebody(context)
    found = [
        Listed(tally=each, items=standing(tx.tallies.strokes(each.id)))
        for each in tx.tallies.all(scope_of(person.id, context.place))
    ]
    names = {each.id: each.name for each in tx.people.all()}
    stood = carrying.stood(tx, context.place.key, leave=context.turn)
    texts = [each for each in found if each.tally.sort is Sort.LIST]
    stories = sorted(
        (_story(item, tongue, names) for each in texts if _is(each, _STORIES) for item in each.items),
        key=lambda story: story["rank"],
    )
    leads = [_plain(item, names, tongue) for each in texts if _is(each, _LEADS) for item in each.items]
    notes = {
        each.tally.name: [_plain(item, names, tongue) for item in each.items]
        for each in texts
        if not _is(each, _STORIES | _LEADS)
    }
    figures = [listings.head(each, tongue) for each in found if each.tally.sort is not Sort.LIST]
    sections = (
        (tongue("User stories"), [f"{n}. {each['text']}" for n, each in enumerate(stories, start=1)]),
        (tongue("Leads"), [f"• {each}" for each in leads]),
        *(
            (tongue("Notes: {name}", name=name), [f"• {each}" for each in rows])
            for name, rows in notes.items()
        ),
        (tongue("Totals and counters"), [f"• {each}" for each in figures]),
        (tongue("Decided"), [f"• {each}" for each in stood.decisions]),
        (tongue("Open questions"), [f"• {each}" for each in stood.questions]),
        (tongue("Numbers"), [f"• {each}" for each in stood.numbers]),
    )
    title = tongue("Report of {day}", day=tongue.day(context.now, context.zone))
    text = "\n\n".join(
        "\n".join((head, *rows)) for head, rows in ((title, ()), *sections) if rows or head == title
    )
    if not any(rows for _, rows in sections):
        text = tongue("There is nothing to report here yet.")
    data: dict[str, Json] = {
        "title": title,
        "text": text,
        "stories": stories,
        "leads": leads,
        "notes": notes,
        "figures": figures,
        **stood.told(),
    }
    return Receipt(text=text, data=data, tainted=stood.tainted or any(each.tainted for each in found))


def _is(listed: Listed, names: frozenset[str]) -> bool:
    return bool(names & set(folded(listed.tally.name).split()))


def _story(item: Item, tongue: Tongue, names: Mapping[str, str]) -> dict[str, Json]:
    """A wish as a user story, with the priority that its words name."""
    found = _PRIORITY.search(item.text)
    rank = _RANKS[folded(found["p"])] if found else UNRANKED
    wish = _PRIORITY.sub(" ", item.text, count=1).strip(" ,;-–") if found else item.text
    as_told = folded(wish).startswith(("as a ", "as an ", "en tant "))
    story = wish if as_told else tongue("As a user, I want: {wish}", wish=wish)
    level = {
        0: tongue("urgent"),
        1: tongue("high priority"),
        2: tongue("medium priority"),
        3: tongue("low priority"),
    }.get(rank, "")
    told = " · ".join(part for part in (story, level, names.get(item.who, "")) if part)
    return {"text": told, "wish": wish, "rank": rank}


def _plain(item: Item, names: Mapping[str, str], tongue: Tongue) -> str:
    return " · ".join(part for part in (listings.words(item, tongue), names.get(item.who, "")) if part)


def _place(said: str) -> str:
    to = " ".join(str(said).split())
    if not to or len(to) > LONGEST_PLACE or not to.isprintable():
        raise BadInput("say in a few words where to", field="to")
    return to


def _written(item: Item, to: str) -> bool:
    key = folded(to)
    return any(folded(each) == key or folded(each).startswith(f"{key} http") for each in item.written)


def _told(item: Item, tongue: Tongue) -> dict[str, Json]:
    """What a step may refer to."""
    return {"text": item.text or listings.words(item, tongue), "words": listings.words(item, tongue)}


def _done(tx: Tx, turn: str) -> list[tuple[Ask, Answer]]:
    """What this turn did on other systems, with the answers that say so."""
    rows = tx.turns.rows(turn)
    asks = {ask.id: ask for row in rows if isinstance(row, Thought) for ask in row.asks}
    answers = [row for row in rows if isinstance(row, Answer) and row.outcome is Outcome.DONE]
    pairs = [(asks[each.ask], each) for each in answers if each.ask in asks]
    return [(ask, answer) for ask, answer in pairs if not ask.action.startswith("vigie.")]


def _page(listed: Listed, items: Sequence[Item], tongue: Tongue) -> str:
    return "\n".join(
        (f"{listed.tally.name}:", *(f"{_BULLET}{listings.words(item, tongue)}" for item in items))
    )


_BULLET = "• "


def _lines(value: Json) -> Counter[str]:
    """The whole lines that stand anywhere in these arguments, and how often: part of a line is no match."""
    if is_mapping(value):
        return sum((_lines(each) for each in value.values()), Counter[str]())
    if is_sequence(value):
        return sum((_lines(each) for each in value), Counter[str]())
    if not isinstance(value, str):
        return Counter()
    return Counter(" ".join(each.removeprefix(_BULLET).split()) for each in value.splitlines())
