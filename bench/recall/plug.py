"""Vigie's recall as a retriever: every turn of a conversation is a line of a place, and a question is asked of its scope.

    make(turns) -> search(question, k) -> ids of turns, best first

`turns` are dicts with id, session, pos, speaker, text, caption and time, as annotated sets of conversations have them. The lines go
through the public Store; `make` keeps them in a SQLite file of its own, `make_postgresql` in the database that
VIGIE_BENCH_DATABASE names.
"""

import asyncio
import functools
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.embeddings.minilm import MiniLM
from adapters.embeddings.package import weights
from bot.journal import OURSELVES, Line
from bot.people import HOME, Person, Role
from bot.store import Store, Tx
from memory.postgres import PostgresStore
from memory.recall.meaning import Embedder
from memory.sqlite import SqliteStore

PLACE = "bench/T/C/"
Turn = Mapping[str, Any]
Search = Callable[[str, int], list[str]]


def lines_of(turns: Sequence[Turn]) -> list[Line]:
    """The turns as lines, a second apart within their session. What the assistant said is ours."""
    said: list[Line] = []
    for turn in turns:
        began: datetime = turn["time"]
        at = began.replace(tzinfo=UTC) + timedelta(seconds=turn["pos"])
        who = OURSELVES if turn["speaker"] == "assistant" else f"per_{turn['speaker']}"
        # What a picture shows stands before what was said about it, so that a question still ends as one.
        text = f"[{turn['caption']}] {turn['text']}" if turn["caption"] else turn["text"]
        said.append(Line(place=PLACE, who=who, text=text.strip() or turn["speaker"], at=at, ref=turn["id"]))
    return said


def fill(tx: Tx, turns: Sequence[Turn]) -> None:
    """Keeps a conversation and the people in it."""
    for speaker in dict.fromkeys(str(turn["speaker"]) for turn in turns):
        tx.people.put(Person(id=f"per_{speaker}", name=speaker, role=Role.MEMBER))
    for line in lines_of(turns):
        tx.lines.put(line)


def searching(store: Store, loop: asyncio.AbstractEventLoop, space: str = HOME) -> Search:
    """Asks the store from outside of its loop."""

    def search(question: str, k: int) -> list[str]:
        found = loop.run_until_complete(
            store.read(lambda tx: tx.recall.find(question, (f"place:{PLACE}",), k), space=space)
        )
        return [each.line.ref for each in found if each.line is not None]

    return search


class Remembering:
    """An embedder that makes each vector once, however many databases are filled with the same conversations."""

    def __init__(self, folder: Path) -> None:
        self._model = MiniLM(folder)
        self.name, self.alike = self._model.name, self._model.alike
        self.embed = functools.cache(self._model.embed)
        self.asked = self._model.asked


@functools.cache
def embedder() -> Remembering | None:
    """The model of the extra `semantic`, where it is installed."""
    folder = weights()
    return None if folder is None else Remembering(folder)


def _filled(store: SqliteStore | PostgresStore, turns: Sequence[Turn], space: str = HOME) -> Search:
    async def filling() -> None:
        await store.write(lambda tx: fill(tx, turns), space=space)
        while await store.embed(64):
            pass

    loop = asyncio.new_event_loop()
    loop.run_until_complete(filling())
    return searching(store, loop, space)


def make(turns: Sequence[Turn], model: Embedder | None = None) -> Search:
    """A retriever over a new SQLite file."""
    folder = Path(tempfile.mkdtemp(prefix="vigie-bench-"))
    return _filled(SqliteStore.open(folder / "vigie.db", embedder=model), turns)


def make_postgresql(turns: Sequence[Turn], model: Embedder | None = None) -> Search:
    """A retriever over the database that VIGIE_BENCH_DATABASE names, in a space of its own."""
    global _spaces  # noqa: PLW0603  the scorer asks for one retriever after another
    _spaces += 1
    store = PostgresStore.open(os.environ["VIGIE_BENCH_DATABASE"], embedder=model)
    return _filled(store, turns, f"bench{_spaces}")


def make_semantic(turns: Sequence[Turn]) -> Search:
    """The same as `make`, with the extra `semantic`."""
    return make(turns, _installed())


def make_postgresql_semantic(turns: Sequence[Turn]) -> Search:
    """The same as `make_postgresql`, with the extra `semantic`."""
    return make_postgresql(turns, _installed())


def _installed() -> Embedder:
    found = embedder()
    assert found is not None, "the weights of the extra semantic are not installed"
    return found


_spaces = 0
