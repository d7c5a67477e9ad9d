"""Finds the word that was said, and reads what stands behind it. Knows no form by heart: `vocabulary` does.

A form matches only when nothing is left over: whoever says more than the form gets their words quoted back.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.minds.builtin import listwords
from adapters.minds.builtin.text import Token, fold, rest, tokens
from adapters.minds.builtin.vocabulary import (
    EVERYONE,
    HOWS,
    LANGUAGES,
    MEASURES,
    MYSELF,
    SPANS,
    WORDS,
)
from adapters.minds.builtin.word import Takes, Word
from bot import recipes
from bot.errors import BadInput
from bot.values import Json

_FILLING = frozenset(
    {"mission", "missions", "la", "the", "number", "numero", "n", "no", "about", "sur", "code"}
)
_NUMBER = re.compile(r"(?:#|n[°o]?)?([0-9]{1,9})")
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}")
_DEPUTY = re.compile(
    r"(?P<person>.{1,80}?),?\s+(?:(?:until|jusqu['’]?\s*(?:au|à))\s+(?P<until>\d{4}-\d\d-\d\d)"
    r"|(?:for|pendant|pour)\s+(?P<days>\d{1,3})\s+(?:days?|jours?))\s*[.!]?",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"(?P<whose>.{1,80}?)\s+(?P<what>[\w]{1,12})\s+(?:by|de|d['’])\s*(?P<by>\S.{0,40}?)\s*[.!]?",
    re.IGNORECASE,
)
_ACTION = re.compile(r"[a-z][a-z0-9_]*\.[\w]{1,80}", re.IGNORECASE)
_FIELD = re.compile(
    r"(?P<action>[a-z][a-z0-9_]*\.\w{1,80})\s+(?P<field>\w{1,80})\s+"
    rf"(?P<how>{'|'.join(sorted(('fixed to', 'fixé à', 'default to', 'par défaut', 'by hand', 'à la main')))}|\w+)"
    r"(?:\s+(?P<value>.+?))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r"[\"“«](?:\s*)(?P<inside>.*?)(?:\s*)[\"”»]", re.DOTALL)
_ACCOUNT = re.compile(
    r"(?P<system>[A-Za-z][\w-]{0,29})(?:\s+(?:as|comme)\s+(?P<name>[a-z][a-z0-9_]{0,29}))?\s*[.!]?", re.ASCII
)
_CONNECTION = re.compile(r"(?P<name>[A-Za-z][\w-]{0,29})\s*[.!]?", re.ASCII)
_LABEL = re.compile(r"(?P<name>[A-Za-z]\w{0,29})\s+(?:to|en)\s+(?P<label>\S.{0,59})", re.IGNORECASE)
_HOOK = re.compile(
    r"(?P<name>[\w-]{1,40})\s+(?P<kind>hmac|bearer|github|stripe|alertmanager|grafana|sentry)(?:\s+(?P<window>\d{1,5})\s*s?)?",
    re.IGNORECASE,
)
_ESCALATION = re.compile(
    r"(?P<name>[\w-]{1,40})\s+(?:to|à|a)\s+(?P<person>.{1,80}?)"
    r"(?:\s+(?:after|après|apres)\s+(?P<minutes>\d{1,4})\s*(?:minutes?|min))?\s*[.!]?",
    re.IGNORECASE,
)
_NOBODY = frozenset({"nobody", "no one", "noone", "personne"})
_NAME = re.compile(r"[\w.-]{1,64}")
_SWITCH = re.compile(r"(?P<number>[0-9]{1,3})\s+(?P<how>\w+)\s*[.!]?")
_HOWS_OF_RULES: Mapping[str, str] = {
    "on": "on",
    "off": "off",
    "first": "first",
    "drop": "drop",
    "active": "on",
    "inactive": "off",
    "premiere": "first",
    "supprimer": "drop",
}
_AS_OF = re.compile(
    r"(?P<about>.+?)[\s,]+(?:as of|à la date du|au)\s+(?P<day>\d{4}-\d\d-\d\d)\s*[ ?.!]*",
    re.IGNORECASE | re.DOTALL,
)
_UNTIL = re.compile(
    r"(?:until|jusqu['’]?\s*(?:au|à|a))\s+(?P<day>\d{4}-\d\d-\d\d)\s*[:,]?\s+(?:que\s+|that\s+)?(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_SINCE = re.compile(
    r"(?P<text>\S.*?)[\s,]+(?:since|as\s+of|from|on|(?:depuis\s+)?le|depuis|à\s+(?:partir|compter)\s+du)\s+(?P<day>\d{4}-\d\d-\d\d)\s*[.!]*",
    re.IGNORECASE | re.DOTALL,
)
_CORRECT = re.compile(r"(?P<old>\S.{0,199}?)\s+(?:to|(?P<fr>en))\s+(?P<new>\S.*)", re.IGNORECASE | re.DOTALL)
_NEWS = re.compile(
    r"(?P<whose>\S+)\s+(?P<old>\S.{0,99}?)\s+(?:(?:has\s+)?changed\s+to|is\s+now|(?P<fr>a\s+changé\s*(?:pour|en)|est\s+(?:maintenant|désormais)))"
    r"\s+(?P<new>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_SAID = re.compile(
    r"(?P<name>[^\W\d_][\w-]{0,39})\s*[=:]?\s*(?P<value>[+-]?[0-9][0-9 .,_\u00a0\u202f]{0,24}%?)\s*"
)
_DEFINED = re.compile(
    r"[“«\"]?\s*(?P<name>\w[\w-]{0,39})\s*[”»\"]?(?:\s*[:,]\s*|\s+(?=with\s|avec\s|when\s|quand\s))(?P<recipe>\S.*)",
    re.DOTALL | re.IGNORECASE,
)
_NAMES_ACTION = re.compile(r"\b(?:do|run|fais|exécute)\s+[a-z]\w*\.\w+", re.IGNORECASE)
_CALLED = re.compile(r"(?P<name>\w[\w-]{0,39})(?:[\s,:]+(?P<given>\S.*?))?\s*[.!]?", re.DOTALL)
_GOING_ON = re.compile(
    r"(?P<name>\w[\w-]{0,39})(?:[\s,:]+(?P<how>done|again|faite?|encore))?\s*[.!]?", re.IGNORECASE
)
_SWITCHED = re.compile(
    r"(?:(?:the\s+|la\s+)?(?:procedure|procédure)\s+)?(?P<how>on|off|en\s+service|hors\s+service)\s+"
    r"(?:(?:the\s+|la\s+)?(?:procedure|procédure)\s+)?(?P<name>\w[\w-]{0,39})\s*[.!]?",
    re.IGNORECASE,
)
_HANDED_IN = re.compile(r"[\w.-]{1,80}")  # a code, or its hash with a word before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A word that was said, with its argument where it has one."""

    word: Word
    arguments: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearly:
    """A word was begun, and what follows is not what it takes."""

    word: Word


_Form = tuple[tuple[str, ...], Word]


def _index() -> dict[str, tuple[_Form, ...]]:
    """First token to the forms that begin with it, the longest first."""
    found: dict[str, list[_Form]] = {}
    for word in WORDS:
        for form in (*word.en, *word.fr):
            parts = tuple(token.word for token in tokens(form))
            found.setdefault(parts[0], []).append((parts, word))
    return {first: tuple(sorted(forms, key=lambda f: -len(f[0]))) for first, forms in found.items()}


_FORMS = _index()
PHRASES: Mapping[str, Word] = {
    " ".join(token.word for token in tokens(form)): word for word in WORDS for form in (*word.en, *word.fr)
}
"""Every form as it is compared, for finding the nearest."""
_TOPICS = frozenset({word.name for word in WORDS} | PHRASES.keys() | {"words", "mots", "do"})


def match(text: str, said: tuple[Token, ...]) -> Said | Nearly | None:
    """What exactly was said, what was nearly said, or None. `said` are the tokens of `text`."""
    if not said:
        return None
    nearly: Nearly | None = None
    for form, word in _FORMS.get(said[0].word, ()):
        if len(said) < len(form) or any(t.word != part for t, part in zip(said, form, strict=False)):
            continue
        behind = said[len(form) :]
        # News says whose it is in the very form that it begins with.
        after = text[said[0].start :] if word.takes is Takes.NEWS else rest(text, said[len(form) - 1])
        arguments = _TAKING[word.takes](word, behind, after.strip())
        if arguments is not None:
            return Said(word=word, arguments=arguments)
        if word.takes not in (Takes.NOTHING, Takes.TOPIC, Takes.NEWS):
            nearly = nearly or Nearly(word=word)
    return nearly


def named(word: str) -> Word:
    """The word of that name."""
    return next(w for w in WORDS if w.name == word)


_Arguments = dict[str, Json] | None


def _nothing(_word: Word, behind: tuple[Token, ...], _rest: str) -> _Arguments:
    return None if behind else {}


def _topic(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    if not behind:
        return {}
    topic = " ".join(token.word for token in behind)
    known = topic in _TOPICS or (len(behind) == 1 and "." in topic.strip("."))
    return {word.field: rest.rstrip(" ?!.")} if known else None


def _bare(behind: tuple[Token, ...]) -> tuple[Token, ...]:
    """Without the words that only lead to the number or code."""
    while len(behind) > 1 and behind[0].word in _FILLING:
        behind = behind[1:]
    return behind


def _number(word: Word, behind: tuple[Token, ...], _rest: str) -> _Arguments:
    behind = _bare(behind)
    found = _NUMBER.fullmatch(behind[0].word) if len(behind) == 1 else None
    return {word.field: int(found.group(1))} if found else None


def _subject(word: Word, behind: tuple[Token, ...], _rest: str) -> _Arguments:
    behind = _bare(behind)
    if len(behind) != 1:
        return None
    number = _NUMBER.fullmatch(behind[0].word)
    if number:
        return {word.field: number.group(1)}
    raw = behind[0].raw.lstrip("#")
    if not _NAME.fullmatch(raw):
        return None
    if _CODE.fullmatch(raw.upper()) and (raw.isupper() or not raw.isalpha()):
        return {word.field: raw.upper()}
    return {word.field: raw} if "_" in raw else None


def _code(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    # Read from the original: a code may hold dashes, which separate tokens.
    parts = rest.rstrip(" .!").split()
    parts = parts[1:] if len(parts) > 1 and fold(parts[0]) == "code" else parts
    return {word.field: parts[0]} if behind and len(parts) == 1 and _HANDED_IN.fullmatch(parts[0]) else None


def _maybe_code(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    return _code(word, behind, rest) if behind else {}


def _maybe_text(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    return {word.field: rest} if behind else {}


def _text(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    asked = rest.rstrip(" ?\u00a0\u202f") if word.field == "about" else rest
    return {word.field: asked} if behind and asked else None


def _language(word: Word, behind: tuple[Token, ...], _rest: str) -> _Arguments:
    said = " ".join(token.word for token in behind)
    # Which languages there are is not known here: whoever is told a code without a catalogue lists those.
    lang = LANGUAGES.get(said) or (said if re.fullmatch(r"[a-z]{2,3}", said) else None)
    return {word.field: lang} if lang else None


def _zone(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    name = rest.rstrip(" .!")
    plausible = re.fullmatch(r"[A-Za-z]+(?:/[A-Za-z_ +\-0-9]+){1,2}|[A-Za-z]{3,4}", name)
    return {word.field: name.replace(" ", "_")} if behind and plausible else None


_SPAN = re.compile(
    r"(?:from|de)?\s*(\d{1,2}(?:[:h]\d{0,2})?)\s*(?:-|–|to|until|a|à)\s*(\d{1,2}(?:[:h]\d{0,2})?)",
    re.IGNORECASE,
)


def _quiet(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    said = rest.strip(" .!")
    if not said:
        return {} if not behind else None
    if said.casefold() in ("off", "none", "non", "aucune", "jamais"):
        return {word.field: "off"}
    found = _SPAN.fullmatch(said)
    return {word.field: f"{found[1]}-{found[2]}"} if found else None


def _system(word: Word, behind: tuple[Token, ...], _rest: str) -> _Arguments:
    if len(behind) > 1 or (behind and not _NAME.fullmatch(behind[0].word)):
        return None
    return {word.field: behind[0].word} if behind else {}


def _code_and_why(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    parts = rest.split(maxsplit=1)
    code = parts[0].strip("#,:").upper() if parts else ""
    if not behind or not _CODE.fullmatch(code):
        return None
    why = parts[1].strip(" ,:—–-") if len(parts) > 1 else ""
    return {word.field: code, "reason": why} if why else {word.field: code}


def _limit(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _LIMIT.fullmatch(rest)
    what = MEASURES.get(fold(found["what"])) if found else None
    if not behind or found is None or what is None:
        return None
    by = found["by"]
    if what in ("money", "models"):
        more: dict[str, Json] = {"amount": by}
    elif (number := re.sub(r"[\s_\u00a0\u202f]", "", by)).isdecimal() and len(number) < 13:
        more = {"number": int(number)}
    else:
        return None
    return {**_whose(word, found["whose"].strip()), "what": what, **more}


def _whose(word: Word, whose: str) -> dict[str, Json]:
    said = fold(whose)
    if said in EVERYONE:
        return {word.field: "space"}
    if said in MYSELF:
        return {word.field: "person"}
    mission = re.fullmatch(r"(?:la |the )?mission (?:n[°o]? ?|#)?([0-9]{1,9})", said)
    if mission:
        return {word.field: "mission", "who": mission[1]}
    return {word.field: "person", "who": whose}


def _action(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    name = rest.rstrip(" ?.!")
    if not behind:
        return {}
    return {word.field: name.lower()} if _ACTION.fullmatch(name) else None


def _field_rule(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _FIELD.fullmatch(rest)
    how = HOWS.get(fold(found["how"])) if found else None
    if found is None or how is None:
        return None
    told: dict[str, Json] = {word.field: found["action"].lower(), "field": found["field"], "how": how}
    value = found["value"]
    if value is None:
        return told if how != "fixed" else None
    inside = _QUOTED.fullmatch(value)
    return {**told, "value": inside["inside"] if inside else value}


def _span(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    if not behind:
        return {}
    when = SPANS.get(fold(rest.strip(" ?!.\u00a0\u202f"))) or SPANS.get(" ".join(t.word for t in behind))
    return {word.field: when} if when else None


_CHANGE = re.compile(
    r"(?:mission\s+|la\s+mission\s+)?#?(?P<n>[0-9]{1,9})[\s,:]+(?P<rest>\S.*)", re.DOTALL | re.IGNORECASE
)
_HANDED = re.compile(
    r"(?:mission\s+|la\s+mission\s+)?#?(?P<n>[0-9]{1,9})\s+(?:to|à|a)\s+(?P<who>\S.{0,79}?)\s*[.!]?",
    re.IGNORECASE,
)
_PART = re.compile(r"#?(?P<n>[0-9]{1,9})[\s,.:]+(?P<part>[0-9]{1,2})\s*[.!]?")
_DONE = re.compile(r"(?:mission\s+)?#?(?P<n>[0-9]{1,9})(?:[\s,:]+(?P<why>\S.{0,279}))?", re.IGNORECASE)


def _change(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _CHANGE.fullmatch(rest)
    return {word.field: int(found["n"]), "words": found["rest"]} if found else None


def _handed(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _HANDED.fullmatch(rest)
    return {word.field: int(found["n"]), "person": found["who"].strip("@ ")} if found else None


def _part(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _PART.fullmatch(rest)
    return {word.field: int(found["n"]), "part": int(found["part"])} if found else None


def _number_and_why(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _DONE.fullmatch(rest.strip(" !."))
    why = {"why": found["why"]} if found and found["why"] else {}
    return {word.field: int(found["n"]), **why} if found else None


def _name(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    name = rest.strip(" .!").lower()
    return {word.field: name} if behind and _NAME.fullmatch(name) else None


def _deputy(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _DEPUTY.fullmatch(rest)
    if found is None:
        return None
    when: dict[str, Json] = {"days": int(found["days"])} if found["days"] else {"until": found["until"]}
    return {word.field: found["person"].strip().strip('"“”«»').strip(), **when}


def _account(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _ACCOUNT.fullmatch(rest)
    if found is None:
        return None
    name: dict[str, Json] = {"name": found["name"]} if found["name"] else {}
    return {word.field: found["system"].lower(), **name}


def _connection(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _CONNECTION.fullmatch(rest)
    return {word.field: found["name"].lower()} if found else None


def _label(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _LABEL.fullmatch(rest)
    if found is None:
        return None
    return {word.field: found["name"].lower(), "label": found["label"].strip(' "“”«»\u00a0')}


def _hook(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _HOOK.fullmatch(rest)
    if found is None:
        return None
    more: dict[str, Json] = {"window": int(found["window"])} if found["window"] else {}
    return {word.field: found["name"].lower(), "kind": found["kind"].lower(), **more}


def _hook_name(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    return {word.field: rest.lower()} if behind and re.fullmatch(r"[\w-]{1,40}", rest) else None


def _escalation(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _ESCALATION.fullmatch(rest)
    if found is None:
        return None
    person = found["person"].strip().strip('"“”«»').strip()
    if fold(person) in _NOBODY:
        return {word.field: found["name"].lower()}
    more: dict[str, Json] = {"minutes": int(found["minutes"])} if found["minutes"] else {}
    return {word.field: found["name"].lower(), "person": person, **more}


def _rule(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    text = rest.lstrip(" :\u00a0\u202f")
    switch = _SWITCH.fullmatch(text)
    how = _HOWS_OF_RULES.get(fold(switch["how"])) if switch else None
    if switch and how:
        return {"number": int(switch["number"]), "how": how}
    return {word.field: text} if behind and text else None


def _about(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _AS_OF.fullmatch(rest)
    if found is None:
        return _text(word, behind, rest)
    return {word.field: found["about"], "as_of": found["day"]}


def _remember(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _UNTIL.fullmatch(rest)
    if found is None:
        return _text(word, behind, rest)
    return {word.field: found["text"], "until": found["day"]}


def _correct(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    """What replaces a note says what it is about, so that it is found by the same words."""
    found = _CORRECT.fullmatch(rest)
    if found is None:
        return None
    old, new = found["old"], found["new"]
    named = {t.word for t in tokens(old)} <= {t.word for t in tokens(new)} or _CODE.fullmatch(old)
    return {**_dated(word, new if named else _of(found)), "replaces": old}


def _news(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _NEWS.fullmatch(rest)
    return {**_dated(word, _of(found)), "replaces": f"{found['whose']} {found['old']}"} if found else None


def _dated(word: Word, text: str) -> dict[str, Json]:
    """The text without the day since which it is so, and that day, where it ends with one."""
    found = _SINCE.fullmatch(text)
    return {word.field: found["text"], "since": found["day"]} if found else {word.field: text}


def _of(found: re.Match[str]) -> str:
    """The matter and what is so of it, with the colon of the language it was said in."""
    return f"{found['old']}{' ' if found['fr'] else ''}: {found['new']}"


LISTING = (
    *(Takes.ITEMS, Takes.ITEM, Takes.ITEM_TO, Takes.LIST_NAME),
    *(Takes.LIST_TO, Takes.SHOWN, Takes.AMOUNT, Takes.COUNTED, Takes.WRITTEN),
)
"""What words about lists want behind them."""


def _of_list(word: Word, behind: tuple[Token, ...], rest: str) -> _Arguments:
    return listwords.read(word.takes, rest) if behind else None


def _said(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _SAID.fullmatch(rest)
    return {word.field: found["name"].lower(), "value": found["value"]} if found else None


def _recipe(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _DEFINED.fullmatch(rest)
    if found is None:
        return None
    try:
        recipes.read(found["recipe"])
    except BadInput:
        # Somebody who names an action means a recipe, and is told what is wrong with it; other words are a remark.
        if not _NAMES_ACTION.search(found["recipe"]):
            return None
    return {word.field: found["name"], "recipe": found["recipe"]}


def _errand(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _CALLED.fullmatch(rest)
    if found is None:
        return None
    try:
        given = recipes.values(found["given"] or "")
    except BadInput:
        return None
    return {word.field: found["name"], **({"inputs": given} if given else {})}


def _going_on(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _GOING_ON.fullmatch(rest)
    if found is None:
        return None
    how = {"done": "done", "fait": "done", "faite": "done", "again": "again", "encore": "again"}
    said: dict[str, Json] = {"how": how[fold(found["how"])]} if found["how"] else {}
    return {word.field: found["name"], **said}


def _switch(word: Word, _behind: tuple[Token, ...], rest: str) -> _Arguments:
    found = _SWITCHED.fullmatch(rest)
    if found is None:
        return None
    on = fold(found["how"]) in ("on", "en service")
    return {word.field: found["name"], "how": "on" if on else "off"}


_TAKING: Mapping[Takes, Callable[[Word, tuple[Token, ...], str], _Arguments]] = {
    Takes.NOTHING: _nothing,
    Takes.TOPIC: _topic,
    Takes.NUMBER: _number,
    Takes.SUBJECT: _subject,
    Takes.CODE: _code,
    Takes.ZONE: _zone,
    Takes.QUIET: _quiet,
    Takes.LANGUAGE: _language,
    Takes.TEXT: _text,
    Takes.MAYBE_CODE: _maybe_code,
    Takes.MAYBE_TEXT: _maybe_text,
    Takes.SYSTEM: _system,
    Takes.DEPUTY: _deputy,
    Takes.ACCOUNT: _account,
    Takes.CONNECTION: _connection,
    Takes.LABEL: _label,
    Takes.CODE_AND_WHY: _code_and_why,
    Takes.LIMIT: _limit,
    Takes.HOOK: _hook,
    Takes.HOOK_NAME: _hook_name,
    Takes.ESCALATION: _escalation,
    Takes.ACTION: _action,
    Takes.FIELD: _field_rule,
    Takes.SPAN: _span,
    Takes.CHANGE: _change,
    Takes.HANDED: _handed,
    Takes.PART: _part,
    Takes.NUMBER_AND_WHY: _number_and_why,
    Takes.NAME: _name,
    Takes.RULE: _rule,
    Takes.ABOUT: _about,
    Takes.CORRECT: _correct,
    Takes.REMEMBER: _remember,
    Takes.NEWS: _news,
    **dict.fromkeys(LISTING, _of_list),
    Takes.SAID: _said,
    Takes.RECIPE: _recipe,
    Takes.ERRAND: _errand,
    Takes.GOING_ON: _going_on,
    Takes.SWITCH: _switch,
}
