"""In one process, what a turn begins with is looked at in the transaction that keeps its event, where nobody is at work."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.engine.inprocess import InProcess
from bot import dispatch, inbox
from bot.events import Event, Message
from bot.inbox import Arrival
from bot.people import Standing
from bot.store import Tx
from tests.stage import HERE, OLIVIA, Stage, stage
from tests.twins.mind import SlowMind


def words(said: str) -> Arrival:
    body = Message(who=OLIVIA, text=said, ref=said, name="Olivia", standing=Standing.MEMBER)
    return Arrival(key=f"twin:{said}", place=HERE, body=body)


def answers(s: Stage, said: str) -> int:
    return sum(said in each for each in s.chat.words())


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where it was looked in a transaction of its own."""
    found: list[str] = []
    look = dispatch.look

    async def counted(space: str, place: str, **more: Any) -> dispatch.Waiting:
        found.append(place)
        return await look(space, place, **more)

    monkeypatch.setattr(dispatch, "look", counted)
    return found


class Holds:
    """Keeps whoever takes an event from going on with it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taken = list[Event]()
        self.at_work, self.go_on = asyncio.Event(), asyncio.Event()
        take = dispatch.take

        async def held(found: dispatch.Waiting, **more: Any) -> Any:
            if found.event is not None:
                self.taken.append(found.event)
            self.at_work.set()
            await self.go_on.wait()
            return await take(found, **more)

        monkeypatch.setattr(dispatch, "take", held)

    async def until_at_work(self) -> None:
        async with asyncio.timeout(30):
            await self.at_work.wait()


async def test_what_finds_nobody_at_work_needs_no_look_of_its_own(tmp_path: Path, looks: list[str]) -> None:
    async with stage(tmp_path) as s:
        looks.clear()
        for n in range(3):
            await s.accept(words(f"unheard-of {n}"))
            await s.chat.until(lambda n=n: answers(s, f"unheard-of {n}") == 1)
            await s.engine.idle()
        assert looks == []


async def test_what_comes_while_somebody_is_at_work_is_taken_after_it_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(tmp_path) as s:
        holds = Holds(monkeypatch)
        await s.accept(words("unheard-of 0"))
        await holds.until_at_work()
        await asyncio.gather(*(s.accept(words(f"unheard-of {n}")) for n in (1, 2)))
        holds.go_on.set()
        await s.rest()
        assert [answers(s, f"unheard-of {n}") for n in range(3)] == [1, 1, 1]
        assert len({event.id for event in holds.taken}) == len(holds.taken) == 3


async def test_two_that_are_kept_together_are_taken_in_their_order_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(tmp_path) as s:
        holds = Holds(monkeypatch)
        holds.go_on.set()
        await asyncio.gather(*(s.accept(words(f"unheard-of {n}")) for n in range(4)))
        await s.rest()
        taken = [event.body.text for event in holds.taken if isinstance(event.body, Message)]
        assert taken == [f"unheard-of {n}" for n in range(4)]


async def test_what_others_keep_in_the_same_commit_is_taken_without_waiting_for_a_round(
    tmp_path: Path,
) -> None:
    """What comes of a press, or of a mission, is looked at ahead by nobody."""
    async with stage(tmp_path) as s:
        full, go_on = threading.Event(), threading.Event()

        def holds_the_writer(tx: Tx) -> bool:
            full.set()
            return go_on.wait(30)

        held = asyncio.create_task(s.store.write(holds_the_writer))
        await asyncio.to_thread(full.wait, 30)
        seen = asyncio.create_task(s.accept(words("unheard-of 0")))
        await asyncio.sleep(0)
        beside = asyncio.create_task(
            s.store.write(lambda tx: inbox.keep(tx, words("unheard-of 1"), s.clock.now()))
        )
        await asyncio.sleep(0.1)
        go_on.set()
        await asyncio.gather(held, seen, beside)
        await s.rest()
        assert [answers(s, f"unheard-of {n}") for n in range(2)] == [1, 1]


async def test_what_was_seen_is_worth_nothing_once_somebody_has_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round rings the place between the commit and the moment in which its keeper is told of it."""
    async with stage(tmp_path) as s:
        engine, handed = s.engine, list[Callable[[], None] | None]()
        assert isinstance(engine, InProcess)
        ahead, holds = engine.ahead, Holds(monkeypatch)

        def kept(tx: Tx, event: Event) -> None:
            handed.append(ahead(tx, event))

        monkeypatch.setattr(engine, "ahead", kept)
        await s.accept(words("unheard-of 0"))
        await holds.until_at_work()
        (late,) = handed
        assert late is not None
        late()
        holds.go_on.set()
        await s.rest()
        await s.accept(words("unheard-of 1"))
        await s.rest()
        assert [answers(s, f"unheard-of {n}") for n in range(2)] == [1, 1]
        assert len({event.id for event in holds.taken}) == len(holds.taken) == 2


async def test_what_cannot_be_foreseen_is_kept_and_taken_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> dispatch.Waiting:
        monkeypatch.undo()
        raise RuntimeError("a row that cannot be read")

    async with stage(tmp_path) as s:
        monkeypatch.setattr(dispatch, "_look", broken)
        assert await s.accept(words("unheard-of words"))
        await s.chat.until(lambda: answers(s, "unheard-of words") == 1)
    assert "event_not_foreseen" in caplog.text


async def test_a_mind_that_asks_a_model_looks_for_itself(tmp_path: Path, looks: list[str]) -> None:
    """It wants to be told what is remembered, and everybody else's messages would wait for that search."""
    mind = SlowMind()
    mind.done.set()
    async with stage(tmp_path, model=mind) as s:
        looks.clear()
        await s.accept(words("write me a novel"))
        await s.chat.until(lambda: answers(s, "That took a while.") == 1)
        assert looks[0] == HERE.key
        assert await s.look(lambda tx: tx.events.count_open()) == 0
