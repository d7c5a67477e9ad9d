"""Runs the cases through the built-in words over a SQLite file and prints what came of them.

    python -m bench.memory

Updates: after "my X is now Y" the new must be told and the old not, `as of` the day before the old and not the new,
`history of` both. French: the note is among the first five (and first) answers, among all the others. Forgetting:
after `forget`, no table and no byte of any file holds the word.
"""

import asyncio
import itertools
import sqlite3
import tempfile
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from bot.notes import person_scope, plain
from bot.places import Place
from tests.clocks import SetClock
from tests.stage import stage

HERE = Path(__file__).parent
MINE = person_scope("per_olivia")


def cases(name: str) -> list[list[str]]:
    """The rows of a file, split at the bars."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if line and not line.startswith("#")]


def private(n: int) -> Place:
    return Place(platform="twin", channel=f"olivia{n}", private=True)


async def updates(folder: Path) -> None:
    rows, clock = cases("updates.txt"), SetClock()
    new = old = before = both = 0
    async with stage(folder, clock=clock) as s:
        for n, (lang, subject, was, _) in enumerate(rows):
            verb = "is" if lang == "en" else "est"
            await s.say(
                f"{'remember' if lang == 'en' else 'retiens'} {subject} {verb} {was}", place=private(n)
            )
        day = clock.now().date()
        clock.forward(timedelta(days=9))
        for n, (lang, subject, was, now) in enumerate(rows):
            verb = "is now" if lang == "en" else "est maintenant"
            await s.say(f"{subject} {verb} {now}", place=private(n))
            if "several notes fit" in s.last:
                print("asked which:", subject)
            ask = "what do you know about" if lang == "en" else "que sais-tu de"
            await s.say(f"{ask} {subject}", place=private(n))
            new += plain(now) in plain(s.last)
            old += f"{verb.split()[0]} {plain(was)} (" in plain(s.last)
            of = "as of" if lang == "en" else "au"
            await s.say(f"{ask} {subject} {of} {day}", place=private(n))
            before += plain(was) in plain(s.last) and f": {plain(now)} (" not in plain(s.last)
            await s.say(f"{'history of' if lang == 'en' else 'historique de'} {subject}", place=private(n))
            both += plain(was) in plain(s.last) and plain(now) in plain(s.last)
    print(f"updates: {len(rows)} cases; new {new}, old {old}, as of {before}, history {both}")


async def french(folder: Path) -> None:
    rows = cases("french.txt")
    async with stage(folder) as s:
        for text, _ in rows:
            await s.say(f"retiens {text}")
        first = five = 0
        for text, question in rows:
            found = await s.look(lambda tx, q=question: tx.recall.find(q, (MINE,), 5, lines=False))
            told = [each.note.text for each in found if each.note]
            first += told[:1] == [text]
            five += text in told
            if text not in told:
                print(f"not found: {question}  ({text})")
    print(f"french: {len(rows)} questions over {len(rows)} notes; first {first}, in the first five {five}")


async def forgetting(folder: Path) -> None:
    """A word of its own in each case; every tenth is said again by somebody's question before it is forgotten."""
    rows = [f"the {n}th thing is quartz{n:03}zephyr" for n in itertools.islice(itertools.count(), 104)]
    left: list[str] = []
    begun = time.monotonic()
    async with stage(folder) as s:
        for n, text in enumerate(rows):
            await s.say(f"remember {text}")
            if n % 10 == 0:
                await s.say(f"what do you know about quartz{n:03}zephyr")
        for n in range(len(rows)):
            await s.say(f"forget quartz{n:03}zephyr")
            left += list(holding(folder, f"quartz{n:03}zephyr"))
    took = time.monotonic() - begun
    print(f"forgetting: {len(rows)} words; left in {sorted(set(left)) or 'nothing'}; {took:.0f} s in all")


def holding(folder: Path, word: str) -> Iterable[str]:
    connection = sqlite3.connect(folder / "vigie.db")
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if any(word in str(row).lower() for row in connection.execute(f"SELECT * FROM {table}")):
            yield table
    connection.close()
    for file in sorted(folder.iterdir()):
        if word.encode() in file.read_bytes().lower():
            yield file.name


async def main() -> None:
    for run in (french, updates, forgetting):
        with tempfile.TemporaryDirectory() as folder:
            await run(Path(folder))


asyncio.run(main())
