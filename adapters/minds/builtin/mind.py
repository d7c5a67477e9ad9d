"""The built-in mind: exact words to asks, sentences to missions, declared steps to runs. No model, no I/O.

Whatever it does not know it quotes back, so that every answer can be paired with its message.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from adapters.minds.builtin import deeds, goals, listwords, reports, sentences, steps, writebacks
from adapters.minds.builtin.text import Token, fold, quoted, spoken, tokens
from adapters.minds.builtin.vocabulary import WORDS
from adapters.minds.builtin.word import Takes, Word
from adapters.minds.builtin.words import PHRASES, Said, match, named
from bot import recipes
from bot.actions import Risk
from bot.errors import BadInput
from bot.journal import Answer, Ask, Thought
from bot.mind import Briefing, Stream
from bot.missions import OnSaying
from bot.procedures import Procedure
from bot.speech import Tongue
from bot.values import Json
from bot.watchwords import folded


def understands(text: str, procedures: Collection[Procedure] = ()) -> bool:
    """True only for exact words of control, which are answered without a model even where one is configured: also
    those that run one of these procedures by its name, or begin it."""
    words = spoken(text)
    if not words.strip(" ?") or deeds.is_deed(words):
        return True
    found = match(words, tokens(words))
    if not isinstance(found, Said):
        return _phrase(words, procedures) is not None
    if found.word.takes in (Takes.ERRAND, Takes.GOING_ON):
        # “Try it” is for a model to read, where nothing is called so.
        return str(found.arguments[found.word.field]).casefold() in {each.name for each in procedures}
    # A total that is only named may be of anything: with a model, that is for it to read.
    return found.word.control and asked(found) == found.word.action


def halts(text: str) -> bool:
    """True for the bare words that stop everything. With a scope or a reason they may be what somebody writes in a field."""
    words = spoken(text)
    found = match(words, tokens(words))
    return (
        isinstance(found, Said) and found.word.action == "vigie.freeze" and not any(found.arguments.values())
    )


class BuiltinMind:
    """Implements `bot.mind.Mind` in tens of microseconds."""

    name = "builtin"
    costly = False

    async def think(
        self,
        briefing: Briefing,
        *,
        state: str,
        answers: tuple[Answer, ...],
        stream: Stream,
    ) -> Thought:
        """The next step. `state` is JSON of this mind's own; answers are told as their outcomes say."""
        if briefing.mission is not None and (not state or steps.wrote(state)):
            return steps.advance(briefing, briefing.mission, state=state, answers=answers)
        if state and steps.wrote(state):
            return _written(_meant(briefing), briefing, state, answers)
        if state:
            return _told(briefing.tongue, state, answers)
        return _heard(briefing)


def _meant(briefing: Briefing) -> Mapping[str, Json]:
    """What a turn that is taken up again was asked to write. Raises BadInput when another mind was asked."""
    words = spoken(briefing.text)
    found = match(words, tokens(words))
    if not isinstance(found, Said) or found.word.takes is not Takes.WRITTEN:
        raise BadInput(briefing.tongue("what was begun here cannot be gone on with"))
    return found.arguments


def _written(
    arguments: Mapping[str, Json], briefing: Briefing, state: str = "", answers: tuple[Answer, ...] = ()
) -> Thought:
    """The steps of a write-back, run in this turn; words at the end in any case."""
    run = writebacks.mission(writebacks.steps(arguments, briefing.actions), briefing)
    thought = steps.advance(briefing, run, state=state, answers=answers)
    if thought.asks or thought.text:
        return thought
    where = f"{arguments['system']} {arguments['target']}"
    return Thought(text=briefing.tongue("All of it is written to {where} already.", where=where))


def _told(tongue: Tongue, state: str, answers: tuple[Answer, ...]) -> Thought:
    """What came of the asks. The state may be another mind's, of a turn parked before the model changed."""
    lines = [reports.line(answer, tongue) for answer in answers]
    after: str = json.loads(state)["after"] if state.startswith('{"talk"') else ""
    if after and any(answer.outcome == "done" for answer in answers):
        lines.append(after)
    return Thought(text="\n".join(line for line in lines if line))


def _heard(briefing: Briefing) -> Thought:
    tongue = briefing.tongue
    if not briefing.trusted:
        return Thought(
            text=tongue(
                "“{text}”: I read this as content only; words that are passed on are never commands.",
                text=quoted(briefing.text),
            )
        )
    words = spoken(briefing.text)
    said = tokens(words)
    try:
        return _understood(words, said, briefing) or _unknown(words, said, briefing)
    except BadInput as error:
        return Thought(
            text=tongue("“{text}”: {why}.", text=quoted(briefing.text), why=error.said(tongue).rstrip("."))
        )


def _understood(words: str, said: tuple[Token, ...], briefing: Briefing) -> Thought | None:
    """What the words ask for, or None. `said` are their tokens. Raises BadInput for what is meant and makes no sense."""
    if not words.strip(" ?"):
        return _ask(briefing, "vigie.help", {})
    if deeds.is_deed(words):
        deed = deeds.read(words, actions=briefing.actions, tongue=briefing.tongue)
        return _ask(briefing, deed.action, deed.arguments, reason=_wrote(briefing))
    found = match(words, said)
    if isinstance(found, Said):
        return _obeyed(found, briefing)
    if begun := _phrase(words, briefing.procedures):
        return _ask(briefing, "vigie.run_procedure", {"name": begun.name}, reason=_wrote(briefing))
    plan, to = sentences.report_to(words)
    planned = tokens(plan) if to else said
    sentence = sentences.read(plan, planned, now=briefing.now, zone=briefing.zone, tongue=briefing.tongue)
    if sentence is None and to:
        told = f"{plan}, tell me"
        sentence = sentences.read(
            told, tokens(told), now=briefing.now, zone=briefing.zone, tongue=briefing.tongue
        )
    if sentence is not None:
        return _mission(sentence, to, briefing)
    return _nearly(found.word, briefing) if found else None


def _obeyed(said: Said, briefing: Briefing) -> Thought:
    match said.word.name:
        case "greeting":
            return _polite(briefing, briefing.tongue("hello, I am on watch. Say “help” to see what I can do"))
        case "thanks":
            return _polite(briefing, briefing.tongue("with pleasure"))
        case "edit":
            return _edit(said, briefing)
        case "help" if said.arguments:
            return _how(str(said.arguments[said.word.field]), said, briefing)
        case "write list":
            return _written(said.arguments, briefing)
        case "new procedure":
            return _procedure(said, briefing)
        case _:
            return _ask(briefing, asked(said), said.arguments)


def _how(topic: str, said: Said, briefing: Briefing) -> Thought:
    """How this one is said: every word whose name or form it is, or the fields of an action."""
    tongue, wanted = briefing.tongue, " ".join(token.word for token in tokens(topic))
    if (action := briefing.actions.get(topic.lower())) is not None:
        return Thought(text=f"{deeds.usage(action)}\n{tongue(action.title)}. {tongue(action.help)}".strip())
    lines: list[str] = []
    for word in WORDS:
        forms = {" ".join(token.word for token in tokens(form)) for form in (*word.en, *word.fr)}
        does = briefing.actions.get(word.action)
        if does is not None and wanted in forms | {word.name}:
            line = tongue("“{example}” — {what}", example=_example(word, tongue), what=tongue(does.title))
            lines.append(f"• {line}")
    return Thought(text="\n".join(lines)) if lines else _ask(briefing, said.word.action, {})


def asked(said: Said) -> str:
    """The action that is meant: a total or counter that is only named is shown."""
    if said.word.takes in (Takes.AMOUNT, Takes.COUNTED) and listwords.only_shows(said.arguments):
        return listwords.SHOW
    return said.word.action


def _edit(said: Said, briefing: Briefing) -> Thought:
    """`edit 3 every day at 10`: when; with a comma, also what. Words that say no time say what it does."""
    words, to = sentences.report_to(str(said.arguments["words"]))
    number = said.arguments[said.word.field]
    found = (
        sentences.change(words, tokens(words), now=briefing.now, zone=briefing.zone, tongue=briefing.tongue)
        if words
        else None
    )
    arguments: dict[str, Json] = {**found.when} if found is not None else {}
    if what := found.what if found is not None else words:
        plan = _plan(what, to, briefing)
        arguments |= {"goal": what, "steps": plan.steps}
        to = plan.to
    arguments |= {"report_to": to} if to else {}
    return _ask(briefing, said.word.action, {"number": number, **arguments}, reason=_wrote(briefing))


def _procedure(said: Said, briefing: Briefing) -> Thought:
    """The recipe as it will be kept, in the language of who wrote it: that is what the card shows."""
    recipe = recipes.shaped(recipes.read(str(said.arguments["recipe"])), briefing.actions)
    arguments = {**said.arguments, "recipe": recipes.written(recipe, briefing.tongue.lang)}
    return _ask(briefing, said.word.action, arguments, reason=_wrote(briefing))


def _phrase(words: str, procedures: Collection[Procedure]) -> Procedure | None:
    """The procedure that these words begin."""
    for each in procedures:
        if isinstance(each.recipe.trigger, OnSaying) and folded(each.recipe.trigger.words) == folded(words):
            return each
    return None


def _polite(briefing: Briefing, words: str) -> Thought:
    return Thought(text=briefing.tongue("“{text}”: {why}.", text=quoted(briefing.text), why=words))


def _ask(
    briefing: Briefing, action: str, arguments: Mapping[str, Json], *, reason: str = "", after: str = ""
) -> Thought:
    if action not in briefing.actions:
        raise BadInput(briefing.tongue("no connected system offers “{name}”", name=action))
    ask = Ask(id="a1", action=action, arguments=arguments, reason=reason)
    return Thought(asks=(ask,), state=json.dumps({"talk": 1, "after": after}, ensure_ascii=False))


def _wrote(briefing: Briefing) -> str:
    name = briefing.person.name if briefing.person else "?"
    return briefing.tongue("{name} wrote: {text}", name=name, text=quoted(briefing.text))


def _mission(sentence: sentences.Sentence, to: str, briefing: Briefing) -> Thought:
    """A mission whose steps are what its words name: a deed, a word of ours that reads, what the connected systems offer;
    else a reminder."""
    if sentence.silent:
        plan = _Plan(steps=[{"text": ""}], to=to)
    elif sentence.tells:
        plan = _Plan(steps=[{"text": sentence.what}], to=to)
    else:
        plan = _plan(sentence.what, to, briefing, reminds=sentence.reminds)
    tongue = briefing.tongue
    after = ""
    if plan.reminds:
        after = tongue("Without a language model I post these words as a reminder when the time comes.")
    arguments: dict[str, Json] = {"goal": sentence.what, **sentence.when, "steps": plan.steps}
    arguments |= {"report_to": plan.to} if plan.to else {}
    return _ask(briefing, "vigie.create_mission", arguments, reason=_wrote(briefing), after=after)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """The declared steps of a mission, where it reports ("" for where it is), and whether it only reminds."""

    steps: list[Json]
    to: str = ""
    reminds: bool = False


def _plan(what: str, to: str, briefing: Briefing, *, reminds: bool = False) -> _Plan:
    """What the words after “when” come to. Raises BadInput for words that are understood in part."""
    said = match(what, tokens(what))
    if isinstance(said, Said) and said.word.takes is Takes.WRITTEN:
        return _Plan(steps=writebacks.as_json(writebacks.steps(said.arguments, briefing.actions)), to=to)
    step, words_only = _step(what, briefing)
    # “List late orders” is no list of that name where a system lists late orders.
    verb = isinstance(said, Said) and said.word.action == listwords.SHOW and _verb(what)
    found = goals.read(what, briefing) if (words_only or verb) and not reminds else None
    if found is None:
        return _Plan(steps=[step], to=to, reminds=words_only)
    if to and found.outlet and to != found.outlet:
        names = f"{found.outlet}, {to}"
        raise BadInput(briefing.tongue("a mission reports to one channel, not to {names}", names=names))
    return _Plan(steps=[dict(each) for each in found.steps], to=to or found.outlet)


def _verb(what: str) -> bool:
    """Whether “list” is what to do, and not what is shown."""
    first, second, *_ = (*(token.word for token in tokens(what)), "", "")
    return first in {"list", "liste", "lister"} and second not in {"list", "liste"}


def _step(what: str, briefing: Briefing) -> tuple[dict[str, Json], bool]:
    if deeds.is_deed(what):
        deed = deeds.read(what, actions=briefing.actions, tongue=briefing.tongue)
        return {"action": deed.action, "arguments": dict(deed.arguments)}, False
    found = match(what, tokens(what))
    action = briefing.actions.get(asked(found)) if isinstance(found, Said) else None
    # “Count the till” is for a person to do: a counter that is only named is no step.
    names = (
        isinstance(found, Said)
        and found.word.takes in (Takes.AMOUNT, Takes.COUNTED)
        and listwords.only_shows(found.arguments)
    )
    if isinstance(found, Said) and not names and action is not None and action.risk is Risk.R0:
        return {"action": action.name, "arguments": dict(found.arguments)}, False
    return {"text": what}, True


def _nearly(word: Word, briefing: Briefing) -> Thought:
    """The beginning was right; what follows is not what the word takes."""
    return Thought(
        text=briefing.tongue(
            "“{text}”: I did not understand what follows the first word. Write for example “{example}”, or say “help”.",
            text=quoted(briefing.text),
            example=_example(word, briefing.tongue),
        )
    )


def _unknown(words: str, said: tuple[Token, ...], briefing: Briefing) -> Thought:
    if sentences.names_a_time(said):
        return Thought(
            text=briefing.tongue(
                "“{text}”: I cannot read when that is to be, and nothing is kept. Write when, a comma, and what, for example"
                " “every weekday at 9:00, status” or “on 3 March at 14:00, call Alice”.",
                text=quoted(briefing.text),
            )
        )
    return Thought(
        text=briefing.tongue(
            "“{text}”: I do not know these words. The nearest I can do is “{example}”; say “help” for everything.",
            text=quoted(briefing.text),
            example=_example(nearest(words, said), briefing.tongue),
        )
    )


def nearest(words: str, said: tuple[Token, ...]) -> Word:
    """The word that was probably meant: one that occurs, or one whose form looks alike; else help."""
    for token in said[:12]:
        if token.word in PHRASES:
            return PHRASES[token.word]
    asked = fold(words)[:40]
    alike = [phrase for phrase in PHRASES if phrase[0] == asked[:1]]
    close = get_close_matches(asked, alike, n=1, cutoff=0.6)
    if not close and said:
        close = get_close_matches(said[0].word[:20], alike, n=1, cutoff=0.75)
    return PHRASES[close[0]] if close else named("help")


def _example(word: Word, tongue: Tongue) -> str:
    return word.exemple if tongue.lang == "fr" else word.example
