"""The annotated cases, played on a stage through the built-in words: what comes of each is counted, and what went wrong named.

Knows no database: whoever plays them opens the stage, and says how the words of a forgotten case are looked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.notes import person_scope, plain
from bot.places import Place
from tests.clocks import SetClock
from tests.stage import Stage

HERE = Path(__file__).parent
MINE = person_scope("per_olivia")
MOST = 104
CANARY = "zephyr"
"""It ends every word that is forgotten, and stands in nothing else: one look finds whatever is left of any."""
SAMPLE = 13
"""Every so many cases it is looked for at once, before anything else could have covered it."""


def rows(name: str) -> list[list[str]]:
    """The rows of a file, split at the bars."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]


def private(n: int) -> Place:
    return Place(platform="twin", channel=f"olivia{n}", private=True)


@dataclass
class Told:
    """Of how many facts that changed the `new` was told, the `old` still, the one before where it was asked for (`then`), and
    both in the `history`. `wrong` names each that went otherwise."""

    cases: int = 0
    new: int = 0
    old: int = 0
    then: int = 0
    history: int = 0
    wrong: list[str] = field(default_factory=list[str])

    def count(self, subject: str, *, new: bool, old: bool, then: bool, history: bool) -> None:
        self.cases += 1
        self.new, self.old = self.new + new, self.old + old
        self.then, self.history = self.then + then, self.history + history
        if not (new and then and history) or old:
            self.wrong.append(subject)


async def updates(s: Stage, clock: SetClock) -> Told:
    """A fact, and nine days later the news of it, each in a conversation of its own."""
    told = Told()
    found = rows("updates.txt")
    for n, (lang, subject, was, _) in enumerate(found):
        verb = "is" if lang == "en" else "est"
        await s.say(f"{'remember' if lang == 'en' else 'retiens'} {subject} {verb} {was}", place=private(n))
    day = clock.now().date()
    clock.forward(timedelta(days=9))
    for n, (lang, subject, was, now) in enumerate(found):
        english = lang == "en"
        verb, ask = ("is", "what do you know about") if english else ("est", "que sais-tu de")
        await s.say(f"{subject} {verb} {'now' if english else 'maintenant'} {now}", place=private(n))
        await s.say(f"{ask} {subject}", place=private(n))
        today = plain(s.last)
        await s.say(f"{ask} {subject} {'as of' if english else 'au'} {day}", place=private(n))
        then = plain(s.last)
        await s.say(f"{'history of' if english else 'historique de'} {subject}", place=private(n))
        told.count(
            subject,
            new=plain(now) in today,
            old=f"{verb} {plain(was)} (" in today,
            then=plain(was) in then and f": {plain(now)} (" not in then,
            history=plain(was) in plain(s.last) and plain(now) in plain(s.last),
        )
    return told


async def french(s: Stage) -> tuple[int, list[str]]:
    """All the notes, then a question for each in other forms of its words: how many, and those whose note is not first."""
    found = rows("french.txt")
    for text, _ in found:
        await s.say(f"retiens {text}")
    wrong: list[str] = []
    for text, question in found:
        hits = await s.look(lambda tx, q=question: tx.recall.find(q, (MINE,), 5, lines=False))
        if [each.note.text for each in hits if each.note][:1] != [text]:
            wrong.append(question)
    return len(found), wrong


async def forgetting(
    s: Stage, holding: Callable[[str], Sequence[str]], most: int = MOST
) -> dict[str, list[str]]:
    """Remembers a word of its own in each case, half of them in French, has some of them said again by a question, forgets
    them one after the other, and looks for all of them. Returns where something was left."""
    words = [f"quartz{n:03}{CANARY}" for n in range(most)]
    for n, word in enumerate(words):
        await s.say(
            f"retiens que la chose {n} est {word}" if n % 2 else f"remember the {n}th thing is {word}"
        )
        if n % 10 == 0:
            await s.say(f"what do you know about {word}")
        if n % 15 == 0:
            await s.say(f"list add things: the {n}th is a {word.upper()}")
    left: dict[str, list[str]] = {}
    if not holding(words[-1]):
        left["before"] = ["nothing was found where it was remembered: the look is blind"]
    for n, word in enumerate(words):
        await s.say(f"oublie {word}" if n % 2 else f"forget {word}")
        if n % SAMPLE == 0 and (where := holding(word)):
            left[word] = [*where]
    if where := holding(CANARY):
        left["the end"] = [*where]
    return left
