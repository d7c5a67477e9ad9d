"""The desk's lists, counters and totals: add, show, change, take back. Every figure is computed from the rows; no mind
is asked for a sum. In private they are the person's own, in every chat; elsewhere the place's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import ids, listings, privacy, quantities
from bot.actions import Change, Preview, Receipt, Undo
from bot.desk.means import Means, somebody
from bot.errors import BadInput
from bot.listings import Listed
from bot.store import Tx
from bot.tallies import (
    LONGEST_TEXT,
    MOST_ITEMS,
    MOST_TALLIES,
    Item,
    Move,
    Sort,
    Stroke,
    Tally,
    folded,
    last_deed,
    named,
    scope_of,
    standing,
    sums,
)
from bot.values import Json
from bot.world import Context

SHOWN = 100
"""How many items one answer names, the newest."""
_UNDO = "vigie.undo_list"


def lists(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Every list, counter and total here, with its figure."""
    tongue = context.tongue
    found = [listed(tx, each) for each in tx.tallies.all(_scope(context))]
    lines = [f"• {listings.head(each, tongue)}" for each in found]
    if not lines:
        lines = [tongue("No list here yet. Say for example “list add features: dark mode”.")]
    data = [listings.told(each, ()) for each in found]
    return Receipt(text="\n".join(lines), data=data)


def show(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """What stands in one: all of it, or what somebody added since a day."""
    person = somebody(context)
    shown = listed(tx, existing(tx, arguments["name"], context))
    since, until = _span(arguments.get("when") or "", context)
    chosen = [
        (n, item)
        for n, item in enumerate(shown.items, start=1)
        if since <= item.at < until and (not arguments.get("mine") or item.who == person.id)
    ]
    part = Listed(tally=shown.tally, items=tuple(item for _, item in chosen))
    return Receipt(
        id=shown.tally.id,
        text=_told(tx, part, chosen[-SHOWN:], context),
        data=listings.told(part, chosen[-SHOWN:]),
        tainted=part.tainted,
    )


def history(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Who changed what and when, what was taken back too."""
    tongue = context.tongue
    tally = existing(tx, arguments["name"], context)
    strokes = tx.tallies.strokes(tally.id)
    texts = {each.id: each for each in strokes}
    names = _names(tx)
    lines: list[str] = []
    for stroke in strokes[-SHOWN:]:
        about = texts.get(stroke.of, stroke)
        said = " ".join(
            part for part in (stroke.number or about.number, stroke.unit or about.unit, stroke.text or about.text)
            if part and stroke.move not in (Move.CLEAR, Move.UNDO)
        )  # fmt: skip
        what = {
            Move.ADD: tongue("added: {item}", item=said),
            Move.CHANGE: tongue("changed to: {item}", item=said),
            Move.REMOVE: tongue("removed: {item}", item=said),
            Move.CLEAR: tongue("cleared"),
            Move.UNDO: tongue("took the change before back"),
            Move.WROTE: tongue("written to {where}", where=stroke.text),
        }[stroke.move]
        who = names.get(stroke.who, "")
        lines.append("• " + ", ".join(p for p in (tongue.day(stroke.at, context.zone), who, what) if p))
    return Receipt(
        id=tally.id,
        text="\n".join((f"{tally.name}:", *lines)),
        tainted=any(each.tainted for each in strokes),
    )


def add(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """One item per line."""
    texts = [" ".join(each.split()) for each in arguments["text"].splitlines() if each.strip()]
    if not texts or any(len(each) > LONGEST_TEXT for each in texts):
        raise BadInput("an item has one to {most} characters", most=LONGEST_TEXT, field="text")
    tally = _begun(tx, arguments["name"], Sort.LIST, context)
    if len(listed(tx, tally).items) + len(texts) > MOST_ITEMS:
        raise BadInput("a list holds {most} items at most", most=MOST_ITEMS, field="text")
    strokes = [
        _stroke(tally, Move.ADD, context, part=str(n), text=each) for n, each in enumerate(texts, start=1)
    ]
    return _changed(tx, tally, strokes, context, context.tongue("Added: {items}", items="; ".join(texts)))


def add_amount(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """A total gets one more amount. An amount without a unit takes the total's only one, and the answer says so."""
    tongue = context.tongue
    number, unit = quantities.quantity(str(arguments["amount"]))
    tally = _begun(tx, arguments["name"], Sort.TOTAL, context)
    known = tuple(sums(listed(tx, tally).items))
    if not unit and len(known) > 1:
        raise BadInput(
            "say in which unit: {units}", units=", ".join(each or "—" for each in known), field="amount"
        )
    assumed = known[0] if known and not unit else ""
    if assumed:
        number, unit = quantities.quantity(f"{number:f} {assumed}")
    stroke = _stroke(
        tally, Move.ADD, context, text=_one_line(arguments.get("text")), number=f"{number:f}", unit=unit
    )
    what = tongue("Added: {items}", items=listings.amount(number, unit, tongue))
    if assumed:
        what += " " + tongue("I took the unit of this total, {unit}.", unit=unit)
    return _changed(tx, tally, [stroke], context, what)


def count(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """A counter goes up or down by some, by one when nobody says, or stands at a number from now on."""
    by, to = arguments.get("by"), arguments.get("to")
    if by is not None and to is not None:
        raise BadInput("say by how much or to what, not both", field="to")
    tally = _begun(tx, arguments["name"], Sort.COUNTER, context)
    if to is not None:
        strokes = [
            _stroke(tally, Move.CLEAR, context, part="0"),
            _stroke(tally, Move.ADD, context, number=str(to)),
        ]
        return _changed(tx, tally, strokes, context, "")
    step = 1 if by is None else by
    return _changed(tx, tally, [_stroke(tally, Move.ADD, context, number=str(step))], context, f"{step:+d}")


def edit(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Another text or amount in the place of an item."""
    tongue = context.tongue
    privacy.refuse(tx, context.place.key, tongue)
    tally = existing(tx, arguments["name"], context)
    item = _meant(tx, tally, arguments["item"], context)
    text, said = _one_line(arguments.get("text")), str(arguments.get("amount") or "")
    if tally.sort is not Sort.LIST and not said and text:
        said, text = text, ""
    if not text and not said:
        raise BadInput("say what it is to be instead", field="text")
    number, unit = quantities.quantity(said) if said else (None, "")
    if tally.sort is Sort.LIST and number is not None:
        raise BadInput("“{name}” is a list of texts", name=tally.name, field="amount")
    stroke = _stroke(
        tally, Move.CHANGE, context, of=item.id, text=text,
        number="" if number is None else f"{number:f}", unit=unit or (item.unit if said else ""),
    )  # fmt: skip
    what = tongue("{before} is {after} now.", before=listings.words(item, tongue), after=text or said)
    return _changed(tx, tally, [stroke], context, what)


def remove(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    tally = existing(tx, arguments["name"], context)
    item = _meant(tx, tally, arguments["item"], context)
    stroke = _stroke(tally, Move.REMOVE, context, of=item.id)
    what = context.tongue("Removed: {item}", item=listings.words(item, context.tongue))
    return _changed(tx, tally, [stroke], context, what)


def clear(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    tally = existing(tx, arguments["name"], context)
    return _changed(tx, tally, [_stroke(tally, Move.CLEAR, context)], context, context.tongue("Cleared."))


def undo(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Takes one change back: the newest, or the one that is named. What was written elsewhere stays there."""
    tally = existing(tx, arguments["name"], context)
    strokes = tx.tallies.strokes(tally.id)
    deed = arguments.get("deed") or last_deed(strokes)
    if not any(each.deed == deed for each in strokes):
        raise BadInput("there is nothing to take back in “{name}”", name=tally.name, field="name")
    stroke = _stroke(tally, Move.UNDO, context, of=deed)
    what = context.tongue("Took the last change back.")
    return _changed(tx, tally, [stroke], context, what, undo=False)


def rename(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    privacy.refuse(tx, context.place.key, context.tongue)
    tally = existing(tx, arguments["name"], context)
    name = named(arguments["to"])
    other = tx.tallies.named(tally.scope, folded(name))
    if other is not None and other.id != tally.id:
        raise BadInput("there is a list “{name}” here already", name=other.name, field="to")
    tx.tallies.put(replace(tally, name=name))
    _note(tx, tally, "rename", context)
    undo = Undo(action="vigie.rename_list", arguments={"name": name, "to": tally.name})
    text = context.tongue("“{before}” is called “{after}” now.", before=tally.name, after=name)
    return Receipt(id=tally.id, text=text, undo=undo)


def forget(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """By a press: the list, its items and its history are nowhere any more."""
    tally = existing(tx, arguments["name"], context)
    tx.tallies.forget(tally.id)
    _note(tx, tally, "forget", context)
    text = context.tongue("“{name}” is forgotten, with its history.", name=tally.name)
    return Receipt(id=tally.id, text=text)


def preview_forget(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Preview:
    shown = listed(tx, existing(tx, arguments["name"], context))
    before = listings.figure(shown, context.tongue)
    return Preview(
        subject=shown.tally.name,
        changes=(Change(title="List", before=before, after=context.tongue("forgotten, with its history")),),
        version=f"{shown.tally.id}:{len(tx.tallies.strokes(shown.tally.id))}",
    )


def _scope(context: Context) -> str:
    return scope_of(somebody(context).id, context.place)


def listed(tx: Tx, tally: Tally) -> Listed:
    return Listed(tally=tally, items=standing(tx.tallies.strokes(tally.id)))


def existing(tx: Tx, name: str, context: Context) -> Tally:
    """The one of that name here. Raises BadInput that names those there are."""
    scope = _scope(context)
    found = tx.tallies.named(scope, folded(named(name)))
    if found is not None:
        return found
    there = ", ".join(each.name for each in tx.tallies.all(scope)[-20:])
    tongue = context.tongue
    if not there:
        raise BadInput(
            tongue("there is no list here yet; say for example “list add {name}: …”", name=named(name)),
            field="name",
        )
    raise BadInput(tongue("there is no list “{name}” here; there are: {there}", name=named(name), there=there), field="name")  # fmt: skip


def _begun(tx: Tx, name: str, sort: Sort, context: Context) -> Tally:
    """The one of that name, begun if there is none. Raises BadInput when it is of another sort, and Refused where nothing
    is to be kept."""
    privacy.refuse(tx, context.place.key, context.tongue)
    name, scope = named(name), _scope(context)
    found = tx.tallies.named(scope, folded(name))
    if found is not None and found.sort is not sort:
        raise BadInput(
            "“{name}” is a {sort} here",
            name=found.name,
            sort=listings.sort(found, context.tongue),
            field="name",
        )
    if found is not None:
        return found
    if len(tx.tallies.all(scope)) >= MOST_TALLIES:
        raise BadInput(
            "there are {most} lists here already: forget one first", most=MOST_TALLIES, field="name"
        )
    tally = Tally(
        id=ids.derived("tal", context.key),
        space=context.space,
        scope=scope,
        name=name,
        sort=sort,
        by=somebody(context).id,
        began=context.now,
    )
    tx.tallies.put(tally)
    return tally


def _stroke(
    tally: Tally, move: Move, context: Context, *, part: str = "", of: str = "", text: str = "",
    number: str = "", unit: str = "",
) -> Stroke:  # fmt: skip
    return Stroke(
        id=ids.derived("str", context.key, part),
        space=context.space,
        tally=tally.id,
        deed=context.key,
        move=move,
        of=of,
        text=text,
        number=number,
        unit=unit,
        who=somebody(context).id,
        at=context.now,
        turn=context.turn,
        tainted=context.tainted,
    )


def _changed(
    tx: Tx, tally: Tally, strokes: Sequence[Stroke], context: Context, what: str, *, undo: bool = True
) -> Receipt:
    """The strokes are kept, and the figure that stands afterwards is said. A stroke that is there already, of the same
    deed done twice, changes nothing."""
    new = [stroke for stroke in strokes if tx.tallies.add(stroke)]
    if new:
        _note(tx, tally, new[-1].move.value, context)
    tongue = context.tongue
    after = listed(tx, tally)
    text = f"{listings.head(after, tongue)}."
    if tally.sort is Sort.TOTAL and len(sums(after.items)) > 1:
        text += " " + tongue("Different units are kept apart and never added together.")
    back = Undo(action=_UNDO, arguments={"name": tally.name, "deed": context.key})
    return Receipt(
        id=tally.id,
        text=" ".join(part for part in (text, what) if part),
        data=listings.told(after, ()),
        undo=back if undo else None,
        tainted=after.tainted,
    )


def _note(tx: Tx, tally: Tally, move: str, context: Context) -> None:
    body = {"list": tally.id, "move": move, "person": somebody(context).id, "deed": context.key}
    tx.ledger.append("list_changed", body, context.now)


def _meant(tx: Tx, tally: Tally, said: object, context: Context) -> Item:
    """The one item that is meant, by its number or by words of it. Raises BadInput when none or several fit."""
    items = listed(tx, tally).items
    wanted = str(said).strip()
    if wanted.isdecimal() and wanted.isascii():
        if 1 <= int(wanted) <= len(items):
            return items[int(wanted) - 1]
        raise BadInput("“{name}” has no item {n}", name=tally.name, n=wanted[:20], field="item")
    words = {item.id: folded(f"{listings.words(item, context.tongue)}") for item in items}
    key = folded(wanted)
    fit = [item for item in items if folded(item.text) == key] or [
        item for item in items if key in words[item.id]
    ]
    if len(fit) == 1:
        return fit[0]
    if not fit:
        raise BadInput("“{name}” has no item “{item}”", name=tally.name, item=wanted[:60], field="item")
    numbers = ", ".join(str(n) for n, item in enumerate(items, start=1) if item in fit)
    raise BadInput("several items fit; say the number: {numbers}", numbers=numbers, field="item")


def _span(when: str, context: Context) -> tuple[datetime, datetime]:
    """The moments from which and before which, on the wall clock of the person."""
    zone = ZoneInfo(context.zone or "UTC")
    local = context.now.astimezone(zone)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    ever = datetime.max.replace(tzinfo=zone) - timedelta(days=2)
    match when:
        case "today":
            return today, ever
        case "yesterday":
            return today - timedelta(days=1), today
        case "this week":
            return today - timedelta(days=today.weekday()), ever
        case "this month":
            return today.replace(day=1), ever
        case _:
            return datetime.min.replace(tzinfo=zone) + timedelta(days=2), ever


def _told(tx: Tx, listed: Listed, chosen: Sequence[tuple[int, Item]], context: Context) -> str:
    tongue = context.tongue
    names = _names(tx)
    head = listings.head(listed, tongue)
    if listed.tally.sort is Sort.COUNTER:
        return head
    lines = [listings.line(n, item, tongue, context.zone, names) for n, item in chosen]
    if len(lines) < len(listed.items):
        lines.append(tongue("… and {n} before these.", n=len(listed.items) - len(lines)))
    return "\n".join((head, *lines))


def _names(tx: Tx) -> dict[str, str]:
    return {each.id: each.name for each in tx.people.all()}


def _one_line(text: Json) -> str:
    words = " ".join(str(text or "").split())
    if len(words) > LONGEST_TEXT:
        raise BadInput("an item has one to {most} characters", most=LONGEST_TEXT, field="text")
    return words
