"""Chats with an assistant: what a person said of themselves in passing, while they asked for something else, is looked for.

    python -m bench.memory.passing

Each case of `passing.txt`, and of `passing_more.txt`, which was written later, is two conversations: one in which the fact is mentioned beside a request that has nothing to do with it,
and one, on another day, that is all about the matter and holds the question's words, mostly in what the assistant answered. Some
questions are about what the assistant said.
All of them are one person's, in an order of their own, so that every case is a distraction for every other.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.memory.cases import rows
from bench.recall import plug

BEGAN = datetime(2025, 3, 3, 9, tzinfo=UTC)
FILES = ("passing.txt", "passing_more.txt")
AGAIN = (
    "Thanks, that helps.",
    "Could you make it shorter?",
    "And what would you choose?",
    "Merci, c'est clair.",
)
SHORTER = (
    "Of course. In short: begin small, keep what works, and ask again when you are there.",
    "Bien sûr. En bref : commence petit, garde ce qui marche, et reviens quand tu y es.",
)


def conversations(file: str = "passing.txt") -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """The turns in their order, and each question with the id of the turn that answers it."""
    turns = random.Random(11)
    talks: list[list[tuple[str, str, str]]] = []
    questions: list[tuple[str, str]] = []
    for n, (wanted, passing, answer, question, lure, told, *about_us) in enumerate(rows(file)):
        questions.append((question, f"said{n}"))
        questions += [(each, f"answer{n}") for each in about_us]
        talks.append([(f"said{n}", "user", f"{wanted} {passing}"), (f"answer{n}", "assistant", answer)])
        talks.append([(f"lure{n}", "user", lure), (f"told{n}", "assistant", told)])
    for n, talk in enumerate(talks):
        for again in range(turns.randrange(3)):
            talk.append((f"again{n}.{again}", "user", turns.choice(AGAIN)))
            talk.append((f"shorter{n}.{again}", "assistant", turns.choice(SHORTER)))
    turns.shuffle(talks)
    said = [
        {
            "id": name,
            "session": n,
            "pos": pos,
            "speaker": who,
            "text": text,
            "caption": "",
            "time": BEGAN + timedelta(days=2 * n),
        }
        for n, talk in enumerate(talks, start=1)
        for pos, (name, who, text) in enumerate(talk, start=1)
    ]
    return said, questions


def ranks(search: plug.Search, questions: Sequence[tuple[str, str]]) -> Mapping[str, int]:
    """At which place each question finds its turn; 0 where it is not among the first fifty."""
    found = {question: (search(question, 50), gold) for question, gold in questions}
    return {question: 1 + told.index(gold) if gold in told else 0 for question, (told, gold) in found.items()}


def main() -> None:
    for file in FILES:
        told(file)


def told(file: str) -> None:
    said, questions = conversations(file)
    places = ranks(plug.make(said), questions)
    within = {k: sum(0 < at <= k for at in places.values()) for k in (1, 5, 10)}
    mean = sum(1 / at for at in places.values() if at) / len(places)
    print(
        f"{file}: {len(places)} questions over {len(said)} turns: first {within[1]}, in the first five {within[5]}, in the first ten"
        f" {within[10]}; MRR {100 * mean:.1f} %"
    )
    for question, at in places.items():
        if at != 1:
            print(f"   {at or '—'}: {question}")


if __name__ == "__main__":
    main()
