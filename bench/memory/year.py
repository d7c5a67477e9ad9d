"""A year of chat in one place: what a briefing takes and holds, month by month, and whether week one is still known.

    python -m bench.memory.year [--turns 50000] [--folder .]

Every turn is a person's line and ours, kept through the Store; decisions, numbers and open questions are carried over as a
turn's end does it. In the first week ten decisions are made and ten things are remembered; at the end of every month each is asked for.
Tokens are characters of the prompt by four.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.recall.scale import Words
from bot import carrying
from bot.briefing import Recollection, recollect
from bot.journal import OURSELVES, Line
from bot.notes import Note, place_scope
from bot.people import Person, Role
from bot.places import Place
from bot.store import Tx
from memory.sqlite import SqliteStore

BEGAN = datetime(2025, 1, 6, 8, tzinfo=UTC)
HERE = Place(platform="bench", team="T", channel="C")
ABOUT = (
    "warehouse",
    "invoice",
    "courier",
    "printer",
    "newsletter",
    "forklift",
    "holiday",
    "website",
    "contract",
    "canteen",
)
DECIDED = tuple(
    f"We decided that the {each} question goes to supplier number {n + 41}." for n, each in enumerate(ABOUT)
)
AT_ONCE = 50


def turn(tx: Tx, words: Words, n: int, at: datetime, early: int) -> None:
    text = DECIDED[n // early] if n % early == 0 and n // early < len(DECIDED) else words.said()
    tx.lines.put(Line(place=HERE.key, who="per_ann", text=text, at=at, turn=f"t{n}", slot=f"in:t{n}"))
    tx.lines.put(
        Line(place=HERE.key, who=OURSELVES, text=words.said(), at=at, turn=f"t{n}", slot=f"turn:t{n}")
    )
    if n % early == 0 and n // early < len(ABOUT):
        name = ABOUT[n // early]
        note = Note(
            id=f"n{n}",
            space=tx.space,
            scope=place_scope(HERE.key),
            text=f"the {name} key hangs on hook {n // early + 70}",
            turn=f"t{n}",
            learned=at,
        )
        tx.notes.put(note)
    carrying.carry(tx, HERE.key)


def told(found: Recollection) -> str:
    parts = [note.text for note in (*found.notes, *found.carried)]
    parts += [line.text for line in (*found.earlier, *found.transcript)]
    return "\n".join((*parts, *(rule.text for rule in found.rules)))


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memory.year")
    parser.add_argument("--turns", type=int, default=50_000)
    parser.add_argument("--folder", default=".")
    chosen = parser.parse_args()
    turns: int = chosen.turns
    pause, month, early = timedelta(days=365) / turns, turns // 12, max(turns // 52 // len(ABOUT), 1)
    words = Words(5)
    print(
        "| month | turns | briefing p50 ms | most ms | characters / 4 | decisions known | notes known | database MB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        path = Path(folder) / "vigie.db"
        store = SqliteStore.open(path)
        await store.write(lambda tx: tx.people.put(Person(id="per_ann", name="Ann", role=Role.MEMBER)))

        def some(tx: Tx, first: int, last: int) -> None:
            for n in range(first, last):
                turn(tx, words, n, BEGAN + pause * n, early)

        def asked(tx: Tx, text: str, now: datetime) -> tuple[Recollection, float]:
            began = time.thread_time()
            found = recollect(tx, place=HERE, person="per_ann", text=text, now=now)
            return found, time.thread_time() - began

        for n in range(0, turns, AT_ONCE):
            last = min(n + AT_ONCE, turns)
            await store.write(lambda tx, n=n, last=last: some(tx, n, last))
            if last // month == n // month or last // month > 12:
                continue
            now = BEGAN + pause * last
            taken: list[float] = []
            sizes: list[int] = []
            known = {"supplier": 0, "hook": 0}
            for at, name in enumerate(ABOUT):
                for what, answer in (("supplier", f"supplier number {at + 41}"), ("hook", f"hook {at + 70}")):
                    question = f"which {what} did we say for the {name}?"
                    found, took = await store.read(lambda tx, q=question, now=now: asked(tx, q, now))
                    taken.append(took * 1000)
                    sizes.append(len(told(found)) // 4)
                    known[what] += answer in told(found)
            row = (
                *(last // month, last, f"{statistics.median(taken):.1f}", f"{max(taken):.1f}"),
                *(f"{statistics.mean(sizes):.0f}", known["supplier"], known["hook"]),
                f"{path.stat().st_size / 1e6:.0f}",
            )
            print("| " + " | ".join(map(str, row)) + " |", flush=True)
        await store.close()


if __name__ == "__main__":
    asyncio.run(main())
