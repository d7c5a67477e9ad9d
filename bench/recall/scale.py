"""How long remembering and recalling take when a lot is remembered, over SQLite and PostgreSQL.

    python -m bench.recall.scale [--memories 1000000] [--scopes 1000] [--one 100000] [--questions 400] [--folder .]
                                 [--only sqlite|postgresql] [--url postgresql://…]

One database holds both: `memories` lines over `scopes` places, and one more place with `one` lines. The lines are poured into
their table and the index is built from them as after an upgrade; questions and additions go through the Store. Words are
made up and as frequent as words are (Zipf's law), with the small words of English between them; a question is made of the words
of one line, every fifth only of the hundred most frequent. Without `--url` a PostgreSQL of the tests is started, which does not
wait for the disk. Each question is asked once. Beside the time that passed stands the CPU time of our thread and of the
server's for the same question: what it would take on a machine with nothing else to do.
"""

import argparse
import asyncio
import itertools
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError

from bot.journal import OURSELVES, Line
from bot.people import HOME, Person, Role
from bot.store import Store, Tx
from memory import codec, files, server
from memory.postgres import PostgresStore
from memory.sql import rebuild
from memory.sql.hands import Hands
from memory.sql.marks import Marks
from memory.sqlite import SqliteStore
from memory.tables import lines, recall_docs, recall_shelves, recall_terms
from tests.peers.databases import fresh
from vigie.serving import settle_in

BEGAN = datetime(2025, 1, 6, 8, tzinfo=UTC)
SMALL = (
    "the to and a of in is it i you that for on was with have this be are my we not but at so they do what if can"
).split()
AT_ONCE = 50_000


class Words:
    """Made-up words, as frequent as words are: the n-th about 1/n as often as the first."""

    def __init__(self, seed: int, size: int = 30_000) -> None:
        self.turns = random.Random(seed)
        parts = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "el", "or")]
        made = (a + b + c for a, b, c in itertools.product(parts, parts, ["", *parts]))
        chosen = list(itertools.islice(made, 0, None, 41))
        random.Random(7).shuffle(chosen)
        self.words = chosen[:size]
        self._cumulative = list(itertools.accumulate(1 / (n + 3) for n in range(size)))

    def some(self, n: int, *, among: int | None = None) -> list[str]:
        cumulative = self._cumulative[:among]
        return self.turns.choices(self.words[:among], cum_weights=cumulative, k=n)

    def said(self) -> str:
        n = self.turns.randint(4, 14)
        mixed = [
            word for pair in zip(self.some(n), self.turns.choices(SMALL, k=n), strict=True) for word in pair
        ]
        return " ".join(mixed).capitalize() + self.turns.choice((".", ".", "?"))

    def question(self, n: int) -> str:
        among = 100 if n % 5 == 4 else None
        return f"When did you talk about {' '.join(self.some(self.turns.randint(2, 6), among=among))}?"


def place_of(n: int) -> str:
    return f"bench/T/C{n}/"


ONE = place_of(10**6)


def line_of(words: Words, place: str, n: int) -> Line:
    """The n-th line of a place: four people and ourselves, twenty lines a sitting."""
    who = OURSELVES if n % 2 else f"per_{words.turns.randrange(4)}"
    at = BEGAN + timedelta(hours=6 * (n // 20), seconds=40 * (n % 20))
    return Line(place=place, who=who, text=words.said(), at=at)


def all_lines(words: Words, memories: int, scopes: int, one: int) -> Iterator[tuple[str, int, Line]]:
    for scope in range(scopes):
        for n in range(memories // scopes):
            yield place_of(scope), n + 1, line_of(words, place_of(scope), n)
    for n in range(one):
        yield ONE, n + 1, line_of(words, ONE, n)


def pour(engine: Engine, wanted: Iterator[tuple[str, int, Line]]) -> int:
    """The lines, as rows. The index knows nothing of them yet."""
    count = 0
    while some := list(itertools.islice(wanted, AT_ONCE)):
        rows = [(HOME, place, seq, None, "", codec.LINE.dump(line)) for place, seq, line in some]
        with engine.begin() as connection:
            Hands(connection, {}).pour(lines, rows)
        count += len(rows)
    return count


def build(engine: Engine) -> float:
    """Builds the index by the product's own hand; seconds."""
    began = time.perf_counter()
    with engine.begin() as connection:
        hands = Hands(connection, {})
        Marks(hands, "").put("recall:version", None)
        rebuild.if_stale(hands)
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds."""

    taken: Sequence[float]

    def at(self, share: float) -> float:
        return sorted(self.taken)[min(int(len(self.taken) * share), len(self.taken) - 1)] * 1000

    def __str__(self) -> str:
        return f"p50 {self.at(0.5):7.2f} ms   p95 {self.at(0.95):7.2f} ms   most {self.at(1):7.2f} ms"


async def asked(
    store: Store, engine: Engine, words: Words, places: Sequence[str], questions: int
) -> tuple[Spread, Spread]:
    """The product's own recall, one question after the other: what passed, and what of it was work."""
    taken: list[float] = []
    used: list[float] = []
    for _ in range(8):  # every connection is there before it is asked whose it is
        await store.read(lambda tx: tx.people.get("per_0"))
    served = serving(engine)

    def find(tx: Tx, place: str, question: str) -> float:
        began = time.thread_time()
        tx.recall.find(question, (f"place:{place}",), 8)
        return time.thread_time() - began

    for n in range(questions):
        place, question = words.turns.choice(places), words.question(n)
        theirs, began = served(), time.perf_counter()
        ours = await store.read(lambda tx, p=place, q=question: find(tx, p, q))
        taken.append(time.perf_counter() - began)
        used.append(ours + served() - theirs)
    return Spread(taken), Spread(used)


def serving(engine: Engine) -> Callable[[], float]:
    """Seconds of CPU that the server's processes for us have taken so far, as Linux counts them."""
    if engine.dialect.name != "postgresql":
        return lambda: 0.0
    with engine.begin() as connection:
        ours = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        found = [Path(f"/proc/{pid}/schedstat") for pid in connection.execute(ours).scalars()]
    there = [each for each in found if each.exists()]
    return lambda: sum(int(each.read_text().split()[0]) for each in there if each.exists()) / 1e9


async def added(
    store: Store, engine: Engine, words: Words, place: str, first: int, times: int
) -> tuple[Spread, Spread]:
    """A line at a time, each with its commit: what passed, and what of it was work."""
    taken: list[float] = []
    used: list[float] = []
    served = serving(engine)

    def put(tx: Tx, line: Line) -> float:
        began = time.thread_time()
        tx.lines.put(line)
        return time.thread_time() - began

    for n in range(times):
        line = replace(line_of(words, place, first + n), slot=f"new:{place}{n}")
        theirs, began = served(), time.perf_counter()
        ours = await store.write(lambda tx, line=line: put(tx, line))
        taken.append(time.perf_counter() - began)
        used.append(ours + served() - theirs)
    return Spread(taken), Spread(used)


def bare(engine: Engine, words: Words, times: int) -> Spread:
    """The least that remembering could take here: one row in a table without an index of words, committed, on the driver's
    own connection; its text is a line's."""
    mark = "%s" if engine.dialect.name == "postgresql" else "?"
    connection = engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    driver.execute("CREATE TABLE bare (id bigint PRIMARY KEY, body text)")
    driver.commit()
    taken: list[float] = []
    for n in range(times):
        said, began = words.said(), time.perf_counter()
        driver.execute(f"INSERT INTO bare VALUES ({mark}, {mark})", (n, said))
        driver.commit()
        taken.append(time.perf_counter() - began)
    driver.execute("DROP TABLE bare")
    driver.commit()
    connection.close()
    return Spread(taken)


def sizes(engine: Engine) -> str:
    """Of the three tables of the index, and of everything."""
    index = (recall_terms, recall_docs, recall_shelves)
    with engine.begin() as connection:
        count = connection.execute(select(func.count()).select_from(recall_terms)).scalar_one()
        if engine.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))
            one = [
                connection.execute(
                    text("SELECT pg_total_relation_size(:name)"), {"name": each.name}
                ).scalar_one()
                for each in index
            ]
            whole = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        else:
            sized = text(
                "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN (:name, :other) AND aggregate = 1"
            )
            try:
                one = [
                    connection.execute(
                        sized, {"name": each.name, "other": f"sqlite_autoindex_{each.name}_1"}
                    ).scalar_one()
                    for each in index
                ]
            except OperationalError:  # not every SQLite counts its pages by table
                one = []
            whole = Path(engine.url.database or "").stat().st_size
    index_size = f"index {sum(one) / 1e6:,.0f} MB of " if one else ""
    return f"{count:,} terms; {index_size}{whole / 1e6:,.0f} MB"


async def measure(
    name: str, engine: Engine, open_store: Callable[[], Store], chosen: argparse.Namespace
) -> None:
    memories, scopes, one = int(chosen.memories), int(chosen.scopes), int(chosen.one)
    words = Words(1)
    store = open_store()
    print(f"\n{name}: {memories:,} memories over {scopes:,} scopes, and {one:,} in one", flush=True)
    for n in range(4):
        await store.write(
            lambda tx, n=n: tx.people.put(
                Person(id=f"per_{n}", name=words.words[5_000 + n], role=Role.MEMBER)
            )
        )
    await _additions("an empty memory", store, engine, words, place_of(-1), 0)
    print(f"   a bare row and its commit  {bare(engine, words, 300)}", flush=True)
    await store.close()
    began = time.perf_counter()
    kept = pour(engine, all_lines(Words(2), memories, scopes, one))
    print(
        f"   kept {kept:,} lines in {time.perf_counter() - began:.0f} s, indexed in {build(engine):.0f} s",
        flush=True,
    )
    print(f"   {sizes(engine)}", flush=True)
    store = open_store()
    settle_in()
    for title, places in (
        ("one scope", (ONE,)),
        (f"{scopes:,} scopes", [place_of(n) for n in range(scopes)]),
    ):
        spread, work = await asked(store, engine, Words(3), places, int(chosen.questions))
        print(
            f"   asked of {title:<16} {spread}   of it work p50 {work.at(0.5):.1f} p95 {work.at(0.95):.1f}",
            flush=True,
        )
    await _additions("a scope of many", store, engine, words, place_of(0), memories // scopes)
    await _additions("the one scope", store, engine, words, ONE, one)
    await store.close()


async def _additions(title: str, store: Store, engine: Engine, words: Words, place: str, first: int) -> None:
    spread, work = await added(store, engine, words, place, first, 300)
    print(
        f"   an add to {title:<15} {spread}   of it work p50 {work.at(0.5):.2f} p95 {work.at(0.95):.2f}",
        flush=True,
    )


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.recall.scale")
    parser.add_argument("--memories", type=int, default=1_000_000)
    parser.add_argument("--scopes", type=int, default=1_000)
    parser.add_argument("--one", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--folder", default=".")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--url")
    chosen = parser.parse_args()
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with ExitStack() as stack:
        if chosen.only != "postgresql":
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir=chosen.folder))
            path = Path(folder) / "vigie.db"
            SqliteStore.open(path)
            await measure("SQLite", files.engine(path), lambda: SqliteStore.open(path), chosen)
        if chosen.only != "sqlite":
            url = chosen.url or fresh()
            await measure("PostgreSQL", server.engine(url), lambda: PostgresStore.open(url), chosen)


if __name__ == "__main__":
    asyncio.run(main())
