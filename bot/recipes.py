"""How a recipe is written down, in English and French: one sentence that says exactly what will be done. Pure.

`when a mail arrives from "bob@example.com", do crm.find id="{mail.address}" as deal; then say "{deal.name}"`

The sentence is what a person reads on the card, and what is kept: `read` gives back the recipe that `written` wrote,
in either language, and it takes what people type more freely (values without quotation marks, « these » too). Knows
the shape of a recipe and no action: whether a field exists is said elsewhere.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import cues, properties
from bot.actions import Action, Field, Kind, Risk
from bot.errors import BadInput
from bot.missions import Cue, Step
from bot.procedures import TYPES, Input, Recipe
from bot.quotations import SPACE, in_quotes, quoted
from bot.templates import references, value
from bot.values import Json, canonical

MOST_STEPS = 20
MOST_INPUTS = 20
LONGEST = 6_000
"""Characters of a whole recipe: it has to be read on a card."""
OWN = "vigie"
OF_OURS = frozenset({"vigie.remember"})
"""What of the assistant itself a step may do, but for reading."""
FROM_OUTSIDE = frozenset({"signal", "deed"})
"""What nothing else is called, whatever begins it."""

_NAME = r"[A-Za-z_]\w{0,39}"
_WHOLE = re.compile(r"\{[A-Za-z_]\w*(?:\.\w+)*\}")


def _no_number(word: str) -> Json:
    raise ValueError(word)


_DECODER = json.JSONDecoder(parse_constant=_no_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The fixed words of one language. They are part of the recipe, so no translation may change them."""

    with_: str
    each: str
    do: str
    say: str
    as_: str
    asked: str
    picked: str
    filled: str
    then: str
    kinds: Mapping[Kind, str]


_ENGLISH = _Words(
    with_="with",
    each="for each of {}",
    do="do",
    say="say",
    as_="as",
    asked="asked",
    picked="picked",
    filled="filled in",
    then="then",
    kinds={
        Kind.TEXT: "text",
        Kind.INTEGER: "number",
        Kind.MONEY: "money",
        Kind.DATE: "date",
        Kind.MOMENT: "moment",
        Kind.BOOLEAN: "yes or no",
        Kind.EMAIL: "email",
        Kind.URL: "link",
    },
)
_FRENCH = _Words(
    with_="avec",
    each="pour chaque élément de {}",
    do="fais",
    say="dis",
    as_="comme",
    asked="à saisir",
    picked="à choisir",
    filled="à remplir",
    then="puis",
    kinds={
        Kind.TEXT: "texte",
        Kind.INTEGER: "nombre",
        Kind.MONEY: "montant",
        Kind.DATE: "date",
        Kind.MOMENT: "moment",
        Kind.BOOLEAN: "oui ou non",
        Kind.EMAIL: "courriel",
        Kind.URL: "lien",
    },
)
_KINDS: Mapping[str, Kind] = {
    word: kind for words in (_ENGLISH, _FRENCH) for kind, word in words.kinds.items()
} | {"amount": Kind.MONEY, "integer": Kind.INTEGER, "boolean": Kind.BOOLEAN, "e-mail": Kind.EMAIL}


# Writing ----------------------------------------------------------------------------------------------------


def written(recipe: Recipe, lang: str) -> str:
    """The recipe as one sentence; the same recipe is always written the same way."""
    return " ".join(parts(recipe, lang))


def parts(recipe: Recipe, lang: str) -> tuple[str, ...]:
    """The sentence in its parts: the inputs and the trigger where there are any, then one part for each step."""
    words = _FRENCH if lang == "fr" else _ENGLISH
    begin = (cues.written(recipe.trigger, lang),) if recipe.trigger is not None else ()
    return (*_head(recipe, words), *begin, *_steps(recipe, words))


def step_parts(recipe: Recipe, lang: str) -> tuple[str, ...]:
    """Each step by itself, without what joins them."""
    words = _FRENCH if lang == "fr" else _ENGLISH
    return tuple(_each(step, words) for step in recipe.steps)


def _head(recipe: Recipe, words: _Words) -> Iterator[str]:
    if recipe.inputs:
        named = ", ".join(f"{each.name} ({words.kinds[each.kind]})" for each in recipe.inputs)
        yield f"{words.with_} {named}:"


def _steps(recipe: Recipe, words: _Words) -> Iterator[str]:
    for number, step in enumerate(recipe.steps, start=1):
        lead = f"{words.then} " if number > 1 else ""
        end = ";" if number < len(recipe.steps) else ""
        yield f"{lead}{_each(step, words)}{end}"


def _each(step: Step, words: _Words) -> str:
    each = f"{words.each.format(step.each)}, " if step.each else ""
    return f"{each}{_step(step, words)}"


def _step(step: Step, words: _Words) -> str:
    if not step.action:
        return f"{words.say} {in_quotes(step.text)}"
    told = [f"{name}={_value(given)}" for name, given in step.arguments.items()]
    open_ = [
        f"{name} {how}"
        for how, names in (
            (words.asked, step.by_hand),
            (words.picked, step.picked),
            (words.filled, step.auto),
        )
        for name in names
    ]
    told += [f"{words.with_} {', '.join(open_)}"] if open_ else []
    saved = [f"{words.as_} {step.save}"] if step.save else []
    return " ".join((words.do, step.action, *told, *saved))


def _value(given: Json) -> str:
    return json.dumps(given, ensure_ascii=False, sort_keys=True)


# Reading ----------------------------------------------------------------------------------------------------

_AS = rf"(?:as|comme)\s+{_NAME}"
_ASKED = r"asked(?:\s+for)?|à\s+saisir|demandée?"
_PICKED = r"picked|à\s+choisir|choisie?"
_FILLED = r"filled\s+in|à\s+remplir|remplie?"
_BLANK = rf"[A-Za-z]\w*\s+(?:{_ASKED}|{_PICKED}|{_FILLED})"
_BLANKS = (
    rf"(?:with|avec)\s+{_BLANK}(?:(?:\s*,\s*|\s+(?:and|et)\s+){_BLANK})*(?=\s+{_AS}\s*(?:;|$)|\s*;|\s*$)"
)
_TO_BE_READ = {
    "with": rf"(?:with|avec)\s+(?P<inputs>{_NAME}\s*(?:\([^()]*\))?(?:\s*,\s*{_NAME}\s*(?:\([^()]*\))?)*)\s*:",
    "input": rf"(?P<name>{_NAME})\s*(?:\((?P<kind>[^()]*)\))?",
    "each": r"(?:for\s+each\s+of|for\s+each\s+item\s+of|pour\s+chaque\s+élément\s+de|pour\s+chaque\s+element\s+de)\s+"
    r"(?P<path>[A-Za-z_]\w*(?:\.\w+)*)\s*,",
    "then": r"(?:and\s+then|then|puis|et\s+puis|ensuite)\s+",
    "do": r"(?:do|run|fais|exécute|execute)\s+(?P<action>[A-Za-z]\w*\.\w+)(?=\s|;|$)",
    "say": r"(?:say|dis)\s+",
    "field": r"(?P<name>[A-Za-z]\w*)\s*=\s*",
    "as": rf"(?:as|comme)\s+(?P<name>{_NAME})(?=\s*(?:;|$))",
    "blanks": _BLANKS,
    "blank": rf"(?P<name>[A-Za-z]\w*)\s+(?:(?P<asked>{_ASKED})|(?P<picked>{_PICKED})|(?P<filled>{_FILLED}))(?=[\s,]|$)",
    "end": rf"(?=\s+[A-Za-z]\w*\s*=|\s+{_BLANKS}|\s+{_AS}\s*(?:;|$)|\s*;|\s*$)",
}
_RULES = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _TO_BE_READ.items()}


def read(text: str) -> Recipe:
    """The recipe that a sentence describes, in either language. Raises BadInput with what to write instead."""
    if len(text) > LONGEST:
        raise BadInput("a recipe has at most {longest} characters", longest=LONGEST)
    return checked(_Reader(text.strip(SPACE)).recipe())


def values(text: str) -> dict[str, Json]:
    """`name=value …`, as behind a procedure's name. Raises BadInput for anything else."""
    return _Reader(text.strip(SPACE)).values()


class _Reader:
    """Goes through the sentence once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def recipe(self) -> Recipe:
        inputs = self._inputs()
        trigger = self._trigger()
        steps = [self._step()]
        while self._mark(";"):
            if not self._rest():
                break
            self._take("then")
            steps.append(self._step())
        if self._rest():
            raise self._unread()
        return Recipe(trigger=trigger, inputs=inputs, steps=tuple(steps))

    def values(self) -> dict[str, Json]:
        step = Step(action="-")
        while name := self._take("field"):
            step = self._field(step, name["name"])
        if self._rest() or step.by_hand:
            raise BadInput("“{text}” is not name=value", text=self._rest()[:60])
        return dict(step.arguments)

    def _inputs(self) -> tuple[Input, ...]:
        found = self._take("with")
        if found is None:
            return ()
        return tuple(
            Input(name=each["name"], kind=_kind(each["kind"]))
            for each in _RULES["input"].finditer(found["inputs"])
        )

    def _trigger(self) -> Cue | None:
        self._skip()
        found = cues.read(self._text, self._at)
        if found is None:
            return None
        cue, self._at = found
        return cue

    def _step(self) -> Step:
        each = self._take("each")
        path = each["path"] if each else ""
        if self._take("say"):
            return Step(text=self._said(), each=path)
        found = self._take("do")
        if found is None:
            raise BadInput(
                "a step begins with do and an action, or with say: {text}", text=self._rest()[:60] or "—"
            )
        step = Step(action=found["action"].lower(), each=path)
        while name := self._take("field"):
            step = self._field(step, name["name"])
        step = self._blanks(step)
        saved = self._take("as")
        return replace(step, save=saved["name"]) if saved else step

    def _blanks(self, step: Step) -> Step:
        """`with note asked, status picked, summary filled in`."""
        found = self._take("blanks")
        for each in _RULES["blank"].finditer(found[0].split(maxsplit=1)[1]) if found else ():
            name = each["name"]
            _once(step, name)
            if each["asked"]:
                step = replace(step, by_hand=(*step.by_hand, name))
            elif each["picked"]:
                step = replace(step, picked=(*step.picked, name))
            else:
                step = replace(step, auto=(*step.auto, name))
        return step

    def _field(self, step: Step, name: str) -> Step:
        _once(step, name)
        quoted = self._in_quotes()
        if quoted is not None:
            return replace(step, arguments={**step.arguments, name: quoted})
        if self._text[self._at : self._at + 1] in ("{", "["):
            data = self._data()
            if data is not None:
                return replace(step, arguments={**step.arguments, name: data})
        end = _RULES["end"].search(self._text, self._at)
        stop = end.start() if end else len(self._text)
        told = self._text[self._at : stop].strip(SPACE)
        self._at = stop
        if told == "?":
            return replace(step, by_hand=(*step.by_hand, name))
        return replace(step, arguments={**step.arguments, name: told})

    def _said(self) -> str:
        quoted = self._in_quotes()
        if quoted is not None:
            return quoted
        stop = self._text.find(";", self._at)
        stop = stop if stop >= 0 else len(self._text)
        text = self._text[self._at : stop].strip(SPACE)
        self._at = stop
        return text

    def _in_quotes(self) -> str | None:
        """A text in quotation marks that stands whole here."""
        found = quoted(self._text, self._at)
        if found is None:
            return None
        said, self._at = found
        return said

    def _data(self) -> Json:
        """JSON that stands here; None for braces that only hold a reference."""
        try:
            data, stop = _DECODER.raw_decode(self._text, self._at)
        except (ValueError, RecursionError):
            return None
        self._at = stop
        return json.loads(canonical(data))

    def _take(self, rule: str) -> re.Match[str] | None:
        self._skip()
        found = _RULES[rule].match(self._text, self._at)
        if found is not None:
            self._at = found.end()
            self._skip()
        return found

    def _mark(self, mark: str) -> bool:
        self._skip()
        there = self._text.startswith(mark, self._at)
        self._at += there
        self._skip()
        return there

    def _skip(self) -> None:
        while self._text[self._at : self._at + 1] in set(SPACE):
            self._at += 1

    def _rest(self) -> str:
        return self._text[self._at :]

    def _unread(self) -> BadInput:
        return BadInput(
            "I do not understand “{text}”; between two steps stands a semicolon, and a value with a semicolon in it"
            " stands in quotation marks",
            text=self._rest()[:60],
        )


def _once(step: Step, name: str) -> None:
    if name in step.arguments or name in step.blanks:
        raise BadInput("{name} is given twice", name=name)


def _kind(word: str | None) -> Kind:
    if word is None:
        return Kind.TEXT
    kind = _KINDS.get(" ".join(word.split()).casefold())
    if kind is None:
        known = ", ".join(_ENGLISH.kinds[each] for each in TYPES)
        raise BadInput("an input is one of {kinds}, not {word}", kinds=known, word=word)
    return kind


# Checking ---------------------------------------------------------------------------------------------------


def checked(recipe: Recipe) -> Recipe:
    """The recipe, when it makes sense by itself: every reference leads to an input, to an earlier step's result or to
    what began the run. Raises BadInput."""
    if not 1 <= len(recipe.steps) <= MOST_STEPS:
        raise BadInput("a procedure has from 1 to {most} steps", most=MOST_STEPS)
    if len(recipe.inputs) > MOST_INPUTS:
        raise BadInput("a procedure has at most {most} inputs", most=MOST_INPUTS)
    known = {each.name for each in recipe.inputs}
    if len(known) != len(recipe.inputs):
        raise BadInput("two inputs have the same name")
    began = cues.began_with(recipe.trigger)
    if both := sorted(known & began):
        raise BadInput("an input cannot be called {name}: that is what begins it", name=both[0])
    known |= began
    taken = {each.name for each in recipe.inputs} | FROM_OUTSIDE | began | {"item"}
    for number, step in enumerate(recipe.steps, start=1):
        _check_step(step, number, known)
        if step.save:
            if step.save in taken:
                raise BadInput("step {n}: the name {name} is taken", n=number, name=step.save)
            taken.add(step.save)
            known.add(step.save)
    return recipe


def _check_step(step: Step, number: int, known: set[str]) -> None:
    if step.wait or step.aside:
        raise BadInput("step {n}: a procedure does its steps one after the other, without waiting", n=number)
    if step.save and not step.action:
        raise BadInput("step {n}: only what a deed returns can be kept", n=number)
    here = known | {"item"} if step.each else known
    used = {step.each.partition(".")[0]} if step.each else set[str]()
    if missing := sorted(used - known):
        raise BadInput("step {n} refers to {name}, which nothing before it gives", n=number, name=missing[0])
    named = references(step.text) | references(dict(step.arguments))
    if missing := sorted(named - here):
        raise BadInput("step {n} refers to {name}, which nothing before it gives", n=number, name=missing[0])


def shaped(recipe: Recipe, actions: Mapping[str, Action]) -> Recipe:
    """The recipe as these actions take it: fixed values are checked now and not at the first run, what is required and
    not said is for a person each time, and values by names stay apart, whatever is filled into one of them.

    Raises BadInput."""
    return replace(recipe, steps=tuple(_shaped(step, actions) for step in recipe.steps))


def _shaped(step: Step, actions: Mapping[str, Action]) -> Step:
    if not step.action:
        return step
    action = actions.get(step.action)
    if action is None:
        raise BadInput("no connected system offers “{name}”", name=step.action)
    if action.system == OWN and action.risk > Risk.R0 and action.name not in OF_OURS:
        raise BadInput("{action} is no step of a procedure", action=action.name)
    told: dict[str, Json] = {}
    for name, given in step.arguments.items():
        told[name] = _fitted(action.field(name), given)
    for name in step.blanks:
        action.field(name)
    given = {*told, *step.picked, *step.auto}
    open_ = [f.name for f in action.fields if f.required and f.default is None and f.name not in given]
    by_hand = tuple(dict.fromkeys([*step.by_hand, *open_]))
    return replace(step, arguments=told, by_hand=by_hand)


def _fitted(field: Field, given: Json) -> Json:
    """The given as the field takes it. What is filled into a text that would be parsed afterwards could bring more
    with it than a value: there the parts are taken apart now."""
    if isinstance(given, str) and field.kind is Kind.FIELDS and not _WHOLE.fullmatch(given):
        given = properties.parse(given)
    if isinstance(given, str) and field.kind in (Kind.JSON, Kind.TERMS) and references(given):
        if not _WHOLE.fullmatch(given):
            raise BadInput("{name}: write JSON whose texts hold the references", name=field.name)
    elif not references(given):
        field.read(given)
    return given


def fixed(recipe: Recipe, action: str, arguments: Mapping[str, Json], given: Mapping[str, Json]) -> bool:
    """Whether a call says, word for word, what one of the steps fixes, with nothing filled in but what is `given`."""
    for step in recipe.steps:
        if step.action != action or step.each or not uses(step) <= set(given):
            continue
        filled = {name: value(template, given) for name, template in step.arguments.items()}
        if canonical(filled) == canonical(dict(arguments)):
            return True
    return False


def filled(steps: Sequence[Step], action: str, typed: Collection[str]) -> dict[str, str]:
    """Which values of a call its step does not say itself: by the name of its field the action that returned what it is
    filled with, or what began the run is called. `typed` are the inputs that a person typed."""
    saved = {step.save: step.action for step in steps if step.save}
    known = {**{name: name for name in cues.NAMES}, **saved}
    found: dict[str, str] = {}
    for step in (each for each in steps if each.action == action):
        listed = step.each.partition(".")[0]
        for name, template in step.arguments.items():
            roots = {listed if root == "item" and listed else root for root in references(template)}
            came = sorted(known[root] for root in roots - set(typed) if root in known)
            if came:
                found.setdefault(name, came[0])
    return found


def uses(step: Step) -> set[str]:
    """What a step's values refer to, by the first part of each reference."""
    return (
        references(dict(step.arguments))
        | references(step.text)
        | ({step.each.partition(".")[0]} if step.each else set[str]())
    )
