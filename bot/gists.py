"""What must not be lost when lines leave the window: decisions, open questions, numbers. Found by their wording, in
English and French, without a model. When in doubt it is kept. Pure: lines in, gists out.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.journal import OURSELVES, Line

LONGEST = 480
"""Characters of one gist: a longer sentence becomes several, so that nothing of it is cut later."""


class Why(StrEnum):
    """Why a sentence is carried; the first that fits."""

    DECISION = "decision"
    QUESTION = "question"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """One sentence that must not be lost, in the words it was said in."""

    why: Why
    text: str
    who: str
    at: datetime
    turn: str
    tainted: bool


_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_DECIDED = re.compile(
    r"\b(?:decid(?:e|ed|es)|decision|agreed|settled on|we (?:chose|picked)|chosen|let'?s go with"
    r"|(?:we|i)(?: a|')re going with|(?:we|i)'?(?:ll| will) go with|it is settled|final answer|approved the"
    r"|(?:a|ai|avons|ont) (?:decide|choisi|retenu|tranche|valide)|decidons|est decide|on part sur|on garde"
    r"|d'accord pour|entendu pour|c'est arrete)\b"
)
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{4,}")
_SHORT_ANSWER = re.compile(r"(?:yes|no|yep|nope|ok|okay|sure|done|oui|non|si|d'accord|entendu|fait)\b")
_COMMON = frozenset(
    "what when where which that this with from have does will would could should your ours they them there about"
    " quel quelle quand comment pour avec dans vous nous elle elles leur leurs est-ce cette celui".split()
)
NEAR = 4
"""How many lines after a question may answer it."""


def gists(lines: Sequence[Line], *, after: Sequence[Line] = ()) -> tuple[Gist, ...]:
    """What of these lines must not be lost, in the order it was said. `after` are the lines that follow them: a question
    that they answer is not open."""
    every = (*lines, *after)
    found: list[Gist] = []
    for index, line in enumerate(lines):
        if not _words(line):
            continue
        for sentence in _SENTENCE.split(line.text):
            why = _why(sentence.strip(), line, every[index + 1 : index + 1 + NEAR])
            if why is not None:
                found += [
                    Gist(why=why, text=part, who=line.who, at=line.at, turn=line.turn, tainted=line.tainted)
                    for part in _parts(sentence.strip())
                ]
    return tuple(found)


def _words(line: Line) -> bool:
    """Of our own prose only what we asked is kept: what we did and read is told by the ledger and its receipts."""
    return line.who != OURSELVES or (line.slot.startswith("turn:") and not line.text.startswith("“"))


def _why(sentence: str, line: Line, following: Sequence[Line]) -> Why | None:
    plain = _plain(sentence)
    ours = line.who == OURSELVES
    if not ours and _DECIDED.search(plain) and not plain.endswith("?"):
        return Why.DECISION
    if plain.endswith("?") and len(plain) > 2 and not _answered(plain, line, following):
        return Why.QUESTION
    return Why.NUMBER if _DIGIT.search(plain) and not ours else None


def _answered(question: str, line: Line, following: Sequence[Line]) -> bool:
    """Somebody else took it up: with a yes or no, or in words of the question."""
    asked = set(_WORD.findall(question)) - _COMMON
    for other in following:
        plain = _plain(other.text)
        if other.who == line.who or plain.endswith("?") or not _words(other):
            continue
        if _SHORT_ANSWER.match(plain) or asked & set(_WORD.findall(plain)):
            return True
    return False


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(c for c in folded if not unicodedata.combining(c)).rstrip(' \u00a0\u202f"»”)*_')


def _parts(sentence: str) -> list[str]:
    """The sentence, in pieces that end between words."""
    parts: list[str] = []
    while len(sentence) > LONGEST:
        at = sentence.rfind(" ", 1, LONGEST)
        at = at if at > 0 else LONGEST
        parts.append(sentence[:at])
        sentence = sentence[at:].lstrip()
    return [*parts, sentence]
