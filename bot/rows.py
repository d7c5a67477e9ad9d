"""The rows of a card that say what one call would do: every argument, what changes, what may be misread.

Pure, and invertible: `decode` gives the canonical arguments back from what is shown. Every value comes from
somewhere else and is made safe to look at here, once; adapters only lay it out.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import lookalikes, renderings, terms
from bot.actions import Action, Call, Change, Field, Kind, Part, Preview
from bot.errors import BadInput
from bot.lookalikes import Suspect
from bot.speech import Tongue
from bot.values import Json, Money, canonical, is_mapping, is_sequence
from bot.visible import exact, original

LONGEST, MOST_LINES = 600, 12
"""Characters and lines of one value on a card; Details shows all of it."""
LONGEST_ASIDE = 1_000
"""Characters of what is beside the facts (a reason, a goal), in every view."""
_HEAD, _TAIL = 400, 120
_MOST_SUSPECTS, _MOST_ODD = 5, 8
_QUOTED = re.compile(r"“([^“”]*)”")
_CRITICAL_PARTS = frozenset([Part.OBJECT, Part.AMOUNT, Part.RECIPIENT])
_NAMING_KINDS = frozenset([Kind.OBJECT, Kind.EMAIL, Kind.URL])
_NAMING_PARTS = frozenset([Part.OBJECT, Part.RECIPIENT])
_ORDER = (Part.OBJECT, None, Part.AMOUNT, Part.RECIPIENT, Part.OTHER, Part.CONTENT)
"""Which fields stand where; what changes stands where None is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled fact, safe to look at. `before` is set on rows that show a change. `cut` says that not all
    of the value is here; `warns` that it points out what may be misread in the row above it."""

    label: str
    value: str
    before: str | None = None
    cut: bool = False
    warns: bool = False


def titled(action: Action, tongue: Tongue) -> str:
    """What the action is called. What a third party calls it stands in the reader's quotation marks."""
    quoted = _QUOTED.fullmatch(action.title)
    return tongue("“{words}”", words=quoted[1]) if quoted else tongue(action.title)


def named(names: Iterable[str], actions: Mapping[str, Action], tongue: Tongue) -> str:
    """Actions, each by what it is called and by its name; "" for none."""
    return tongue(", ").join(
        f"{titled(action, tongue)} ({name})" if (action := actions.get(name)) else name for name in names
    )


def critical(field: Field) -> bool:
    """Whether a person must know where its value came from: who, what, how much."""
    return field.part in _CRITICAL_PARTS or field.kind in (Kind.MONEY, *_NAMING_KINDS)


def labels(action: Action, names: Iterable[str], tongue: Tongue) -> dict[str, str]:
    """What each argument is called on the card. No two share a label, and none is called like a fact of ours:
    one that would, and one the definition does not know, carries its own name too."""
    titles = {field.name: exact(tongue(field.title), lines=False) for field in action.fields}
    times = Counter(titles.values())
    ours = _reserved(tongue)
    found: dict[str, str] = {}
    for name in dict.fromkeys((*titles, *names)):
        title = titles.get(name, tongue("Other field"))
        alone = name in titles and times[title] == 1 and title not in ours
        found[name] = title if alone else f"{title} ⟦{exact(name, lines=False)}⟧"
    return found


def _reserved(tongue: Tongue) -> set[str]:
    return {
        *(tongue("Risk"), tongue("Account"), tongue("About"), tongue("Link"), tongue("Receives")),
        *(tongue("Note"), tongue("Look closely"), tongue("Comes from"), tongue("Afterwards")),
        *(tongue("Rule"), tongue("Mission"), tongue("Asked by"), tongue("To approve"), tongue("Expires")),
        *(tongue("Code"), tongue("Action"), tongue("Revision"), tongue("Digest"), tongue("In all")),
        *(tongue("Approvals"), tongue("Limit"), tongue("Other field")),
    }


def of_call(
    call: Call,
    preview: Preview,
    action: Action,
    *,
    tongue: Tongue,
    zone: str,
    full: bool,
    limits: Sequence[str] = (),
) -> list[Row]:
    """Everything the call says, in the order of every card: object, what changes, amount and limits, who
    receives, the rest, and right after each value what may be misread in it."""
    drawn = _Drawn(
        call=call,
        preview=preview,
        action=action,
        called=labels(action, call.arguments, tongue),
        tongue=tongue,
        zone=zone,
        full=full,
    )
    rows: list[Row] = []
    if preview.subject:
        rows += drawn.fact(tongue("About"), preview.subject)
    if preview.link:
        rows += drawn.fact(tongue("Link"), preview.link, strict=True)
    for part in _ORDER:
        if part is None:
            rows += drawn.changes()
            rows += [
                row
                for label, text in (*preview.facts, *preview.asides)
                for row in drawn.fact(exact(label, lines=False), text)
            ]
            continue
        rows += drawn.arguments(part)
        if part is Part.AMOUNT:
            rows += [Row(label=tongue("Limit"), value=exact(limit, lines=False)) for limit in limits]
        if part is Part.RECIPIENT and preview.recipient:
            rows += drawn.fact(tongue("Receives"), preview.recipient, strict=True)
    rows += drawn.unknown()
    for note in preview.notes:
        rows += drawn.fact(tongue("Note"), tongue(note))
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """One call on its way to rows."""

    call: Call
    preview: Preview
    action: Action
    called: Mapping[str, str]
    tongue: Tongue
    zone: str
    full: bool

    def fact(self, label: str, text: str, *, strict: bool = False) -> list[Row]:
        """A text of the preview."""
        row = fitted(Row(label=label, value=exact(text)), text, self.tongue, full=self.full)
        return [row, *self._warnings([text], strict=strict)]

    def changes(self) -> list[Row]:
        return [row for change in self.preview.changes for row in self._change(change)]

    def _change(self, change: Change) -> list[Row]:
        label = exact(self.tongue(change.title), lines=False)
        before, after = (self._value(value) for value in (change.before, change.after))
        cut_before = fitted(
            Row(label=label, value=before), _whole(change.before), self.tongue, full=self.full
        )
        row = fitted(
            Row(label=label, value=after, before=cut_before.value),
            _whole(change.after),
            self.tongue,
            full=self.full,
        )
        row = replace(row, cut=row.cut or cut_before.cut)
        return [row, *self._warnings([*_texts(change.after)], strict=False)]

    def arguments(self, part: Part) -> list[Row]:
        """The arguments of one part, in the order of the fields, and the defaults that will be filled in."""
        rows: list[Row] = []
        for field in self.action.fields:
            if field.part is not part or (field.name in self.preview.spoken and not self.full):
                continue
            if field.name in self.call.arguments:
                rows += self._argument(field, strict=_names(field))
            elif field.default is not None:
                value = self._shown(field.default, field)
                rows.append(
                    Row(label=self._label(field.name), value=f"⟦{self.tongue('will be set to')}⟧ {value}")
                )
        return rows

    def unknown(self) -> list[Row]:
        """Arguments the definition does not know, by their own names."""
        known = {field.name for field in self.action.fields}
        return [
            row
            for name in self.call.arguments
            if name not in known
            for row in self._argument(Field(name=name, title=name), strict=True)
        ]

    def _argument(self, field: Field, *, strict: bool) -> list[Row]:
        value = self.call.arguments[field.name]
        row = Row(label=self._label(field.name), value=self._shown(value, field))
        row = fitted(row, _whole(value), self.tongue, full=self.full)
        return [row, *self._warnings([*_texts(value)], strict=strict)]

    def _label(self, name: str) -> str:
        return self.called[name]

    def _shown(self, value: Json, field: Field) -> str:
        match field.kind:
            case Kind.TERMS:
                return terms.shown(value, self.tongue)
            case Kind.CHOICE:
                return renderings.chosen(value, field, tongue=self.tongue)
            case kind:
                return renderings.shown(value, kind, tongue=self.tongue, zone=self.zone)

    def _value(self, value: Json) -> str:
        return value_text(value, self.tongue)

    def _warnings(self, texts: Iterable[str], *, strict: bool) -> list[Row]:
        found = list(dict.fromkeys(s for text in texts for s in lookalikes.suspects(text, strict=strict)))
        most = len(found) if self.full else _MOST_SUSPECTS
        rows = [self._warning(suspect) for suspect in found[:most]]
        if left := len(found) - most if len(found) > most else 0:
            more = self.tongue.many("{n} more of this kind", "{n} more of this kind", left)
            rows.append(Row(label=self.tongue("Look closely"), value=more, warns=True))
        return rows

    def _warning(self, suspect: Suspect) -> Row:
        """Which characters are not what they seem, and the name that is really asked for."""
        tongue = self.tongue
        codes = ", ".join(f"{exact(char)} {lookalikes.named(char)}" for char in suspect.odd[:_MOST_ODD])
        codes += " …" if len(suspect.odd) > _MOST_ODD else ""
        text, reads = (_short(part) for part in (suspect.text, suspect.reads))
        if suspect.host:
            said = tongue("{text} is {host}: {codes}", text=text, host=_short(suspect.host), codes=codes)
        elif suspect.reads != suspect.text:
            said = tongue("{text} is not {reads}: {codes}", text=text, reads=reads, codes=codes)
        else:
            said = tongue("{text} contains {codes}", text=text, codes=codes)
        return Row(label=tongue("Look closely"), value=said, warns=True)


def _names(field: Field) -> bool:
    return field.part in _NAMING_PARTS or field.kind in _NAMING_KINDS


def _short(text: str) -> str:
    shown = exact(text, lines=False)
    return shown if len(shown) <= 100 else f"{_whole_marks(shown[:99])}…"


def _texts(value: Json) -> Iterator[str]:
    """Every text in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif is_mapping(value):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif is_sequence(value):
        for item in value:
            yield from _texts(item)


def _whole(value: Json) -> str:
    """What the length and the hash of a cut value are of: the text itself, or canonical JSON."""
    return value if isinstance(value, str) else canonical(value)


def fitted(row: Row, whole: str, tongue: Tongue, *, full: bool) -> Row:
    """The row, cut in the middle when its value is longer than a card can hold; the cut says how much there is
    and which text it is. Whole in the full view."""
    value = row.value
    if full or (len(value) <= LONGEST and value.count("\n") < MOST_LINES):
        return row
    lines = value.split("\n")
    head = _whole_marks("\n".join(lines[: MOST_LINES - 4])[:_HEAD])
    tail = "\n".join(lines[-2:])[-_TAIL:]
    tail = tail.partition("⟧")[2] if _opens_late(tail) else tail
    tail = tail if len(head) + len(tail) < len(value) else ""
    mark = tongue(
        "… {n} characters in all, SHA-256 {digest}, Details shows all …",
        n=len(whole),
        digest=hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16],
    )
    return replace(row, value=f"{head} ⟦{mark}⟧ {tail}".rstrip(), cut=True)


def _whole_marks(text: str) -> str:
    """A beginning that does not end inside a spelled-out character."""
    return text[: text.rindex("⟦")] if text.rfind("⟦") > text.rfind("⟧") else text


def _opens_late(text: str) -> bool:
    """Whether it begins inside a spelled-out character."""
    close = text.find("⟧")
    return close >= 0 and not 0 <= text.find("⟦") < close


def aside(text: str, tongue: Tongue) -> str:
    """What stands beside the facts (a reason, a goal): safe to look at, and never so long that it pushes a fact
    out of sight. Not part of what is approved."""
    shown = exact(text)
    if len(shown) <= LONGEST_ASIDE and shown.count("\n") < 2 * MOST_LINES:
        return shown
    head = _whole_marks("\n".join(shown.split("\n")[: 2 * MOST_LINES])[:LONGEST_ASIDE])
    return f"{head} ⟦{tongue('… {n} characters in all', n=len(text))}⟧"


def value_text(value: Json, tongue: Tongue) -> str:
    """A value of a preview as people read it: amounts in major units, lists with commas. Safe to look at."""
    match value:
        case None | "":
            return "—"
        case bool():
            return tongue("yes") if value else tongue("no")
        case {"minor": int(), "currency": str()}:
            try:
                return exact(tongue.money(Money.of(value)))
            except BadInput:
                return exact(canonical(value), lines=False)
        case str():
            return exact(value)
        case _ if is_mapping(value):
            return ", ".join(f"{exact(key)}: {value_text(item, tongue)}" for key, item in value.items())
        case _ if is_sequence(value):
            return ", ".join(value_text(item, tongue) for item in value) or "—"
        case _:
            return str(value)


def clickable(link: str) -> str:
    """The link when it is a web address that is what it seems, else ""."""
    plain = link.isascii() and exact(link, lines=False) == link and re.fullmatch(r"https?://[^\s@]+", link)
    return link if plain and not lookalikes.suspects(link, strict=True) else ""


def decode(rows: Iterable[Row], action: Action, *, tongue: Tongue) -> dict[str, Json]:
    """The exact canonical arguments behind the rows of a card, from what is shown alone. Raises BadInput when a
    value is cut."""
    ours = _reserved(tongue)
    fields = {field.name: field for field in action.fields}
    names = {label: name for name, label in labels(action, (), tongue).items()}
    unset, other = f"⟦{tongue('will be set to')}⟧ ", f"{tongue('Other field')} ⟦"
    arguments: dict[str, Json] = {}
    for row in rows:
        if row.before is not None or row.label in ours or row.value.startswith(unset):
            continue
        name = names.get(row.label)
        if name is None:
            if not row.label.startswith(other) or not row.label.endswith("⟧"):
                raise BadInput(f"nobody knows the row {row.label!r}")
            name = original(row.label[len(other) : -1])
        if row.cut:
            raise BadInput("this value is cut", field=name)
        field = fields.get(name, Field(name=name, title=name))
        match field.kind:
            case Kind.TERMS:
                arguments[name] = terms.value_of(row.value, tongue)
            case Kind.CHOICE:
                arguments[name] = renderings.choice(row.value, field, tongue=tongue)
            case kind:
                arguments[name] = renderings.read(row.value, kind, tongue=tongue)
    return arguments


def sources(
    words: Mapping[str, str],
    call: Call,
    action: Action,
    *,
    tongue: Tongue,
    full: bool,
    always: Collection[str] = (),
) -> tuple[Row, ...]:
    """One row that says where the values that decide came from, and those of `always`: `words` by the name of
    the field. Those that came from one place are named together."""
    fields = {field.name: field for field in action.fields}
    called = labels(action, call.arguments, tongue)
    named: dict[str, list[str]] = {}
    for name in called:
        if name not in words or name not in call.arguments:
            continue
        if full or name in always or name not in fields or critical(fields[name]):
            named.setdefault(words[name], []).append(called[name])
    said = [
        tongue("{label}: {value}", label=", ".join(names), value=source) for source, names in named.items()
    ]
    return (Row(label=tongue("Comes from"), value=" · ".join(said)),) if said else ()
