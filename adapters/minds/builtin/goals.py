"""A goal in plain words, read into declared steps over whatever the connected systems offer:
`check late orders and tell #ops; propose refunds over 3 days late`. No model, no I/O.

Each part is understood whole or not at all: a word that nothing accounts for is never passed over. Knows no system: an
action is found by the words of its title, and what one list gives to the next deed is what both declare.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.minds.builtin import deeds, lexicon
from adapters.minds.builtin.text import MOST_TOKENS, Token, fold, quoted, tokens
from adapters.minds.builtin.times import Reader, number, unit
from bot.actions import Action, Field, Kind, Mode, Narrows, Risk
from bot.errors import BadInput
from bot.mind import Briefing
from bot.rules import OWN
from bot.speech import Tongue
from bot.values import Json

_PARTED = re.compile(
    r"(?P<strong>\s*(?:;+|\.+(?=\s|$)|\n+)\s*"
    r"|,?\s+(?:and\s+then|et\s+puis|et\s+ensuite|then|puis|ensuite)\s+)"
    r"|\s*,\s*(?:(?:and|et)\s+)?|\s+(?:and|et)\s+",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"(?:\b(?:to|in|into|on|à|a|dans|sur)\s+)?(?<![\w#])#(?P<name>[^\s,;.!?]{1,80})", re.IGNORECASE
)
_DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done, as steps of `vigie.create_mission`, and the channel that hears of it, "" for none."""

    steps: tuple[Mapping[str, Json], ...]
    outlet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """`over 3 days`, `below 5`, `of the last 7 days`. `least` counts what is exactly so much, too."""

    how: Narrows
    count: int
    unit: str
    least: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A list that is read. `told` says that what it holds is reported."""

    action: Action
    arguments: Mapping[str, Json]
    words: frozenset[str]
    told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """What is done with each entry of a list."""

    action: Action
    of: _Look
    arguments: Mapping[str, Json]
    by_hand: tuple[str, ...]
    proposed: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tell:
    """Who hears of it: a channel, or "" for whoever reads the mission's reports anyhow."""

    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """A part that is not understood, and why. `meant` says that it asks for a deed all the same."""

    text: str
    why: str
    meant: bool = False


_Part = _Look | _Deed | _Tell | _Lost


def read(what: str, briefing: Briefing) -> Plan | None:
    """The steps that the goal names, or None when it names none and is somebody's reminder.

    Raises BadInput, which says which part is not understood, when only some of it is.
    """
    reading = _Reading(briefing=briefing)
    parts = [part for text in _parts(what, reading.begins) for part in reading.part(text)]
    lost = [part for part in parts if isinstance(part, _Lost)]
    if lost and (reading.acts or any(part.meant for part in lost)):
        raise BadInput(_not_understood(lost, reading.known, briefing.tongue))
    if lost or not reading.acts:
        return None
    channels = {part.channel for part in parts if isinstance(part, _Tell) and part.channel}
    if len(channels) > 1:
        names = ", ".join(f"#{each}" for each in sorted(channels))
        raise BadInput(briefing.tongue("a mission reports to one channel, not to {names}", names=names))
    told = any(isinstance(part, _Tell) for part in parts)
    return Plan(steps=tuple(_steps(parts, told=told)), outlet=next((f"#{each}" for each in channels), ""))


def _not_understood(lost: Sequence[_Lost], known: Sequence[str], tongue: Tongue) -> str:
    said = tongue("; ").join(
        tongue("“{part}” I do not understand: {why}", part=quoted(each.text), why=each.why) for each in lost
    )
    if known:
        kept = tongue(", ").join(tongue("“{part}”", part=quoted(each)) for each in known)
        said = tongue("{lost}. I do understand {known}", lost=said, known=kept)
    return tongue(
        "{said}. Nothing is kept. Say it otherwise or leave it out; “actions” lists what there is to ask for",
        said=said,
    )


def _parts(what: str, begins: "_Begins") -> Iterator[str]:
    """The goal in its parts. A comma and an “and” part only where what follows begins with what to do."""
    start = 0
    for mark in _PARTED.finditer(what):
        if mark["strong"] is None and not begins(what[mark.end() :]):
            continue
        yield what[start : mark.start()].strip()
        start = mark.end()
    yield what[start:].strip()


@dataclass(slots=True, kw_only=True)
class _Begins:
    """Whether words begin a part."""

    def __call__(self, text: str) -> bool:
        if deeds.is_deed(text):
            return True
        reader = _opened(tokens(text[:200]))
        return reader.phrase(*lexicon.LOOK, *lexicon.TELL, *lexicon.PROPOSE) or reader.word() in lexicon.DEEDS


def _opened(said: tuple[Token, ...]) -> Reader:
    """Behind the small words that a part may begin with."""
    reader = Reader(said)
    while reader.take({"please", "also", "then", "aussi", "puis", "ensuite", "to", "et", "and"}):
        pass
    return reader


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Goes through the parts in order: what is done with “those” is done with what was looked at before."""

    briefing: Briefing
    last: _Look | None = None
    acts: bool = False
    known: list[str] = field(default_factory=list[str])
    begins: _Begins = field(default_factory=_Begins)

    def part(self, text: str) -> Iterator[_Part]:
        if not text:
            return
        found = tuple(self._read(text))
        if isinstance(found[0], _Lost):
            found = self._halved(text) or found
        for each in found:
            if isinstance(each, _Look):
                self.last = each
            self.acts = self.acts or isinstance(each, _Look | _Deed)
        if not any(isinstance(each, _Lost) for each in found) and text not in self.known:
            self.known.append(text)
        yield from found

    def _halved(self, text: str) -> tuple[_Part, ...]:
        """`check late orders and water the plants`: what is understood, and what then is not."""
        for mark in _PARTED.finditer(text):
            first, second = text[: mark.start()].strip(), text[mark.end() :].strip()
            found = tuple(self._read(first)) if first and second else ()
            if found and not any(isinstance(each, _Lost) for each in found):
                self.known.append(first)
                self.last = next((each for each in found if isinstance(each, _Look)), self.last)
                return (*found, *self._read(second))
        return ()

    def _read(self, text: str) -> Iterator[_Part]:
        channel = _CHANNEL.search(text)
        bare = f"{text[: channel.start()]} {text[channel.end() :]}" if channel else text
        said = tokens(bare)
        if len(said) >= MOST_TOKENS:
            yield _Lost(text=text, why=self._say("it is too long"))
            return
        reader = _opened(said)
        if reader.phrase(*lexicon.PROPOSE):
            found: _Part = self._deed(text, said[reader.at :], proposed=True)
        elif reader.phrase(*lexicon.TELL):
            found = self._tell(text, said[reader.at :], channel["name"] if channel else "")
        elif reader.phrase(*lexicon.LOOK):
            found = self._look(text, said[reader.at :])
        elif reader.word() in lexicon.DEEDS:
            found = self._deed(text, said[reader.at :], proposed=False, head=reader.word())
        elif channel and not _words(said):
            found = _Tell(channel=channel["name"])
        else:
            found = self._more(text, said)
        yield found
        if channel and isinstance(found, _Look | _Deed):
            yield _Tell(channel=channel["name"])

    def _more(self, text: str, said: tuple[Token, ...]) -> _Part:
        """`… and the stock`: looked at, too."""
        found = self._look(text, said) if self.last is not None else None
        if isinstance(found, _Look):
            return found
        return _Lost(text=text, why=self._say("I know no such thing to do"))

    def _tell(self, text: str, said: tuple[Token, ...], channel: str) -> _Part:
        """`tell #ops`, `dis-le à #ops`; with something behind it, that is looked at and told."""
        words = _words(said) - {"know", "result", "resultat"}
        if not words:
            return _Tell(channel=channel)
        return self._look(text, said)

    def _look(self, text: str, said: tuple[Token, ...]) -> _Part:
        bound, left = _bound(said)
        words = _words(left)
        if not words:
            return _Lost(text=text, why=self._say("say what to look at"))
        found = self._lists(words, bound, among=None)
        if not found:
            return _Lost(text=text, why=self._say("no connected system shows that"))
        if len(found) > 1:
            return _Lost(text=text, why=self._several(found), meant=True)
        return found[0]

    def _deed(self, text: str, said: tuple[Token, ...], *, proposed: bool, head: str = "") -> _Part:
        bound, left = _bound(said)
        words = _words(left) | frozenset([lexicon.DEEDS[head]] if head else [])
        writes = self._writes(words)
        if not writes:
            return _Lost(text=text, why=self._say("no connected system does that"))
        problems: list[str] = []
        found: list[_Deed] = []
        for write in writes:
            made = self._of_each(write, words, bound, text, proposed=proposed)
            if isinstance(made, str):
                problems.append(made)
            else:
                found.append(made)
        if self.last is not None and (
            near := [e for e in found if e.action.system == self.last.action.system]
        ):
            found = near
        if len(found) > 1:
            return _Lost(text=text, why=self._several(found), meant=proposed)
        return found[0] if found else _Lost(text=text, why=problems[0], meant=proposed)

    def _of_each(
        self, write: Action, words: frozenset[str], bound: _Bound | None, text: str, *, proposed: bool
    ) -> "_Deed | str":
        """The deed with each entry of the list that is meant, or why there is none."""
        over = words - self._title(write) - {write.system}
        things = {_meaning(f.name) for f in write.fields if f.kind is Kind.OBJECT}
        listed = over | (words & things)
        of = self._those(write, over, bound)
        if of is None:
            if not listed:
                return self._say(
                    "say of what, for example “{example}”",
                    example=self._say("propose refunds for orders over 3 days late"),
                )
            lists = self._lists(listed, bound, among=write)
            if len(lists) != 1:
                return self._several(lists) if lists else self._say("no connected system lists that")
            of = lists[0]
        arguments, by_hand = _filled(write, of.action)
        return _Deed(
            action=write,
            of=of,
            arguments=arguments,
            by_hand=by_hand,
            proposed=proposed,
            text=text,
        )

    def _those(self, write: Action, over: frozenset[str], bound: _Bound | None) -> _Look | None:
        """The list that was looked at before, made shorter where that is said; None where another one is meant."""
        last = self.last
        if (
            last is None
            or last.action.system != write.system
            or not over <= last.words
            or not _gives(last.action, write)
        ):
            return None
        if bound is None:
            return last
        narrowed = _narrowed(last.action, bound)
        if narrowed is None:
            return None
        return _Look(
            action=last.action, arguments={**last.arguments, **narrowed}, words=last.words, told=False
        )

    def _lists(self, words: frozenset[str], bound: _Bound | None, *, among: Action | None) -> list[_Look]:
        """The reads that these words name, all of them equally well. `among` is the deed they are to give values to."""
        best: list[_Look] = []
        least = 99
        for action in self.briefing.actions.values():
            if action.risk is not Risk.R0 or action.system == OWN:
                continue
            if among is not None and not (action.system == among.system and _gives(action, among)):
                continue
            found = self._listing(action, words, bound, told=among is None)
            if found is None:
                continue
            more = len(self._title(action) - words)
            if more < least:
                best, least = [], more
            if more == least:
                best.append(found)
        return best

    def _listing(
        self, action: Action, words: frozenset[str], bound: _Bound | None, *, told: bool
    ) -> _Look | None:
        """The read, if these words name it and nothing of them is left over."""
        title = self._title(action)
        arguments: dict[str, Json] = {f.name: f.all for f in action.fields if f.all is not None}
        if bound is not None:
            narrowed = _narrowed(action, bound)
            if narrowed is None:
                return None
            arguments |= narrowed
        if not words & title:
            return None
        left = words - title - {action.system}
        for choice in (f for f in action.fields if f.kind is Kind.CHOICE):
            picked = {word: value for word, value in self._choices(choice).items() if word in left}
            if len(picked) == 1:
                (word, value), *_ = picked.items()
                arguments[choice.name] = value
                left -= {word}
        missing = any(f.required and f.default is None and f.name not in arguments for f in action.fields)
        if left or missing:
            return None
        return _Look(action=action, arguments=arguments, words=words | title, told=told)

    def _choices(self, choice: Field) -> dict[str, str]:
        titles = choice.titles or choice.choices
        named = [
            (word, str(value))
            for value, title in zip(choice.choices, titles, strict=True)
            for said in (value, title, self.briefing.tongue(title))
            if len(words := _words(tokens(said))) == 1
            for word in words
        ]
        return dict(named)

    def _writes(self, words: frozenset[str]) -> list[Action]:
        """The deeds that these words name best."""
        best: list[Action] = []
        most = 0
        for action in self.briefing.actions.values():
            if action.risk is Risk.R0 or action.system == OWN:
                continue
            things = {_meaning(f.name) for f in action.fields if f.kind is Kind.OBJECT}
            hits = len((self._title(action) - things) & words)
            if hits > most:
                best, most = [], hits
            if hits and hits == most:
                best.append(action)
        return [each for each in best if each.system in words] or best

    def _title(self, action: Action) -> frozenset[str]:
        """The words of its title in English and in the language that is spoken."""
        said = (action.title, self.briefing.tongue(action.title))
        return frozenset[str]().union(*(_words(tokens(each)) for each in said))

    def _several(self, found: Sequence[_Look | _Deed]) -> str:
        names = ", ".join(each.action.name for each in found)
        return self._say(
            "{names} all fit; name the system too, for example “in {system}”",
            names=names,
            system=found[0].action.system,
        )

    def _say(self, message: str, /, **values: object) -> str:
        return self.briefing.tongue(message, **values)


def _meaning(word: str) -> str:
    known = lexicon.MEANINGS.get(word)
    if known:
        return known
    plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word


def _words(said: Collection[Token]) -> frozenset[str]:
    """What the words mean, without the small ones between them."""
    small = lexicon.SMALL | _OPENING
    return frozenset(_meaning(token.word) for token in said if token.word not in small)


_OPENING = frozenset(fold(each) for phrase in lexicon.LOOK for each in phrase.split())
"""What a title begins with (“Find orders”) names nothing."""


def _bound(said: tuple[Token, ...]) -> tuple[_Bound | None, tuple[Token, ...]]:
    """The first number that makes a list shorter, and the words without it."""
    for at in range(len(said)):
        reader = Reader(said, at)
        found = _bounded(reader)
        if found is not None:
            return found, (*said[:at], *said[reader.at :])
    return None, said


def _bounded(reader: Reader) -> _Bound | None:
    start, how = reader.at, None
    least = reader.phrase(*lexicon.AT_LEAST)
    if least or reader.phrase(*lexicon.ABOVE):
        how = Narrows.ABOVE
    elif reader.phrase(*lexicon.BELOW):
        how = Narrows.BELOW
    elif reader.take(lexicon.LAST):
        how = Narrows.LAST
    count = number(reader)
    if how is None and count is not None and reader.take(lexicon.LAST_BEHIND):
        how = Narrows.LAST
    name = unit(reader) if count is not None or how is not Narrows.ABOVE else ""
    if count is None and name in _DAYS and (how is Narrows.LAST or reader.take(lexicon.LAST_BEHIND)):
        how, count = Narrows.LAST, 1  # “last week”
    if how is None and count is not None and reader.phrase(*lexicon.OR_MORE):
        how, least = Narrows.ABOVE, True
    if count is None or how is None:
        reader.at = start
        return None
    return _Bound(how=how, count=count, unit=name, least=least)


def _narrowed(action: Action, bound: _Bound) -> dict[str, Json] | None:
    """The argument that makes the list as short as is said, None where it takes none."""
    for each in action.fields:
        if each.narrows is not bound.how:
            continue
        if each.unit == "day":
            if bound.unit not in _DAYS:
                continue
            count = bound.count * _DAYS[bound.unit]
        elif bound.unit:
            continue
        else:
            count = bound.count
        return {each.name: max(count - 1, 0) if bound.least else count}
    return None


def _gives(read: Action, write: Action) -> bool:
    """Whether each entry of the list says which thing the deed is about."""
    things = [f for f in write.fields if f.required and f.default is None and f.kind is Kind.OBJECT]
    wanted = things or [f for f in write.fields if f.column]
    return bool(wanted) and all((f.column or f.name) in read.rows for f in wanted)


def _filled(write: Action, read: Action) -> tuple[dict[str, Json], tuple[str, ...]]:
    """What each entry fills in, and what a person does each time. An amount is only ever what both sides declare to be
    the one that goes there."""
    arguments: dict[str, Json] = {}
    by_hand: list[str] = []
    for each in write.fields:
        column = each.column or (each.name if each.kind is Kind.OBJECT else "")
        if column and column in read.rows and each.mode is not Mode.MANUAL:
            arguments[each.name] = "{item." + column + "}"
        elif each.required and each.default is None:
            by_hand.append(each.name)
    return arguments, tuple(by_hand)


def _steps(parts: Sequence[_Part], *, told: bool) -> Iterator[dict[str, Json]]:
    """The declared steps. What was looked at is read once where the deed is done with all of it."""
    wanted = {_key(part.of) for part in parts if isinstance(part, _Deed)}
    shows = any(isinstance(part, _Look) for part in parts)
    names: dict[str, str] = {}
    for part in parts:
        match part:
            case _Look():
                yield _reading(part, names, save=_key(part) in wanted)
            case _Deed():
                if _key(part.of) not in names:
                    yield _reading(part.of, names, save=True, told=told and not shows)
                yield {
                    "action": part.action.name,
                    "each": names[_key(part.of)],
                    "arguments": dict(part.arguments),
                    "text": part.text,
                    **({"by_hand": list(part.by_hand)} if part.by_hand else {}),
                    **({"proposed": True} if part.proposed else {}),
                }
            case _Tell() | _Lost():
                pass


def _key(look: _Look) -> str:
    return f"{look.action.name} {sorted(look.arguments.items())}"


def _reading(look: _Look, names: dict[str, str], *, save: bool, told: bool = True) -> dict[str, Json]:
    name = look.action.name.partition(".")[2]
    if name in names.values():
        name = f"{name}_{len(names) + 1}"
    if save:
        names[_key(look)] = name
    return {
        "action": look.action.name,
        "arguments": dict(look.arguments),
        **({"save": name} if save else {}),
        **({"told": True} if save and told else {}),
    }
