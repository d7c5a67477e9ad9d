"""The built-in mind: exact words to asks, sentences to missions, declared steps to runs. No model, no I/O.

Whatever it does not know it quotes back, so that every answer can be paired with its message.
"""

import json
from collections.abc import Mapping
from difflib import get_close_matches

from adapters.minds.builtin import deeds, listwords, reports, sentences, steps, writebacks
from adapters.minds.builtin.text import Token, fold, quoted, spoken, tokens
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


def understands(text: str) -> bool:
    """True only for exact words of control, which are answered without a model even where one is configured."""
    words = spoken(text)
    if not words.strip(" ?") or deeds.is_deed(words):
        return True
    found = match(words, tokens(words))
    # A total that is only named may be of anything: with a model, that is for it to read.
    return isinstance(found, Said) and found.word.control and asked(found) == found.word.action


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
    try:
        return _understood(words, briefing) or _unknown(words, briefing)
    except BadInput as error:
        return Thought(
            text=tongue("“{text}”: {why}.", text=quoted(briefing.text), why=error.said(tongue).rstrip("."))
        )


def _understood(words: str, briefing: Briefing) -> Thought | None:
    """What the words ask for, or None. Raises BadInput for what is meant and makes no sense."""
    if not words.strip(" ?"):
        return _ask(briefing, "vigie.help", {})
    if deeds.is_deed(words):
        deed = deeds.read(words, actions=briefing.actions, tongue=briefing.tongue)
        return _ask(briefing, deed.action, deed.arguments, reason=_wrote(briefing))
    said = tokens(words)
    found = match(words, said)
    if isinstance(found, Said):
        return _obeyed(found, briefing)
    if begun := _phrase(words, briefing):
        return _ask(briefing, "vigie.run_procedure", {"name": begun.name}, reason=_wrote(briefing))
    sentence = sentences.read(words, said, now=briefing.now, zone=briefing.zone, tongue=briefing.tongue)
    if sentence is not None:
        return _mission(sentence, briefing)
    return _nearly(found.word, briefing) if found else None


def _obeyed(said: Said, briefing: Briefing) -> Thought:
    match said.word.name:
        case "greeting":
            return _polite(briefing, briefing.tongue("hello, I am on watch. Say “help” to see what I can do"))
        case "thanks":
            return _polite(briefing, briefing.tongue("with pleasure"))
        case "edit":
            return _edit(said, briefing)
        case "write list":
            return _written(said.arguments, briefing)
        case "new procedure":
            return _procedure(said, briefing)
        case _:
            return _ask(briefing, asked(said), said.arguments)


def asked(said: Said) -> str:
    """The action that is meant: a total or counter that is only named is shown."""
    if said.word.takes in (Takes.AMOUNT, Takes.COUNTED) and listwords.only_shows(said.arguments):
        return listwords.SHOW
    return said.word.action


def _edit(said: Said, briefing: Briefing) -> Thought:
    """`edit 3 every day at 10`: when; with a comma, also what."""
    words, number = str(said.arguments["words"]), said.arguments[said.word.field]
    found = sentences.change(
        words, tokens(words), now=briefing.now, zone=briefing.zone, tongue=briefing.tongue
    )
    if found is None:
        arguments: dict[str, Json] = {"goal": words}
    else:
        arguments = {**found.when}
        if found.what:
            arguments |= {"goal": found.what, "steps": _steps(found.what, briefing)[0]}
    return _ask(briefing, said.word.action, {"number": number, **arguments}, reason=_wrote(briefing))


def _procedure(said: Said, briefing: Briefing) -> Thought:
    """The recipe as it will be kept, in the language of who wrote it: that is what the card shows."""
    recipe = recipes.shaped(recipes.read(str(said.arguments["recipe"])), briefing.actions)
    arguments = {**said.arguments, "recipe": recipes.written(recipe, briefing.tongue.lang)}
    return _ask(briefing, said.word.action, arguments, reason=_wrote(briefing))


def _phrase(words: str, briefing: Briefing) -> Procedure | None:
    """The procedure that these words begin."""
    for each in briefing.procedures:
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


def _mission(sentence: sentences.Sentence, briefing: Briefing) -> Thought:
    """A mission whose one step is a deed, a word of ours that reads, or a reminder."""
    found, reminds = ([{"text": ""}], False) if sentence.silent else _steps(sentence.what, briefing)
    tongue = briefing.tongue
    after = ""
    if reminds:
        after = tongue("Without a language model I post these words as a reminder when the time comes.")
    arguments: dict[str, Json] = {"goal": sentence.what, **sentence.when, "steps": found}
    return _ask(briefing, "vigie.create_mission", arguments, reason=_wrote(briefing), after=after)


def _steps(what: str, briefing: Briefing) -> tuple[list[Json], bool]:
    """The declared steps of a mission, and whether it only reminds."""
    said = match(what, tokens(what))
    if isinstance(said, Said) and said.word.takes is Takes.WRITTEN:
        return writebacks.as_json(writebacks.steps(said.arguments, briefing.actions)), False
    step, reminds = _step(what, briefing)
    return [step], reminds


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


def _unknown(words: str, briefing: Briefing) -> Thought:
    return Thought(
        text=briefing.tongue(
            "“{text}”: I do not know these words. The nearest I can do is “{example}”; say “help” for everything.",
            text=quoted(briefing.text),
            example=_example(nearest(words, tokens(words)), briefing.tongue),
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
