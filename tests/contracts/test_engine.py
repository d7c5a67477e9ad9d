"""What every engine does with what is rung: in one process, and through a queue that many processes share."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.events import Event, Message, Press, Verb
from bot.inbox import Arrival
from bot.people import HOME, Identity, Standing
from bot.places import Place
from bot.store import Tx
from memory.sql.tx import SqlTx
from tests.peers import databases
from tests.stage import HERE, MARK, OLIVIA, Stage, stage
from tests.twins.mind import SlowMind

THERE = Place(platform="twin", channel="mark", private=True)
Raise = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(params=["inprocess", pytest.param("procrastinate", marks=pytest.mark.peer("postgresql"))])
def raised(request: pytest.FixtureRequest, tmp_path: Path) -> Raise:
    """Raises the curtain, and again over the same rows."""
    database = "" if request.param == "inprocess" else databases.fresh()

    def curtain(**settings: Any) -> AbstractAsyncContextManager[Stage]:
        return stage(tmp_path, database=database, **settings)

    return curtain


def words(said: str, *, who: Identity = OLIVIA, place: Place = HERE) -> Arrival:
    body = Message(who=who, text=said, ref=said, name=who.user.title(), standing=Standing.MEMBER)
    return Arrival(key=f"twin:{said}", place=place, body=body)


async def answered(s: Stage, *texts: str) -> None:
    await s.chat.until(lambda: all(any(text in each for each in s.chat.words()) for text in texts))


async def test_what_was_said_is_answered_in_its_order(raised: Raise) -> None:
    async with raised() as s:
        for n in range(8):
            await s.accept(words(f"unheard-of {n:02}"))
        await s.rest()
        said = [each for each in s.chat.words() if "unheard-of" in each]
        assert [f"unheard-of {n:02}" in each for n, each in enumerate(said)] == [True] * 8


async def test_what_was_kept_before_the_start_is_answered(raised: Raise) -> None:
    async with raised() as s:
        chat = s.chat
        await s.engine.stop()
        await s.accept(words("unheard-of words"))
    async with raised(chat=chat) as s:
        await answered(s, "unheard-of words")
        await s.rest()
        assert sum("unheard-of words" in each for each in chat.words()) == 1


def renamed(tx: Tx, before: str, after: str) -> None:
    """What happened is of another kind from now on, as far as its row says."""
    assert isinstance(tx, SqlTx)
    change = text("UPDATE events SET body = replace(body, :before, :after) WHERE open = 1")
    tx.connection.execute(change, {"before": f'"kind":"{before}"', "after": f'"kind":"{after}"'})
    tx.ring(HERE.key)


async def test_what_only_a_newer_version_knows_is_left_to_it_and_blocks_nobody(raised: Raise) -> None:
    """Two versions side by side: whoever does not know the kind goes on with the rest; whoever does finds it."""
    async with raised() as s:
        body = Message(who=OLIVIA, text="unheard-of and new", ref="new", standing=Standing.MEMBER)
        event = Event(id="evt_new", space=HOME, key="twin:new", place=HERE.key, at=s.clock.now(), body=body)

        def newer(tx: Tx) -> None:
            tx.events.add(event)
            renamed(tx, "message", "message of tomorrow")

        await s.store.write(newer)
        await s.accept(words("unheard-of and known"))
        await answered(s, "unheard-of and known")
        left = await s.look(lambda tx: (tx.events.count_open(), tx.events.oldest_open()))
        assert left == (1, event.at)
        assert not any("and new" in each for each in s.chat.words())
        await s.store.write(lambda tx: renamed(tx, "message of tomorrow", "message"))
        await answered(s, "unheard-of and new")


async def test_a_press_does_not_wait_for_the_turn_under_way(raised: Raise) -> None:
    mind = SlowMind()
    async with raised(model=mind) as s:
        await s.say("do demo.refund order=1007 amount=5")
        card = s.card
        await s.accept(words("write me a novel"))
        async with asyncio.timeout(30):
            await mind.thinking.wait()
        body = Press(who=OLIVIA, ref=card.ref, revision=card.revision, verb=Verb.APPROVE)
        await s.accept(Arrival(key="press", place=HERE, body=body))
        await s.chat.until(lambda: "Done" in s.card.status)
        assert len(s.shop.refunds()) == 1
        mind.done.set()
        await answered(s, "That took a while.")


async def test_another_place_does_not_wait_either(raised: Raise) -> None:
    mind = SlowMind()
    async with raised(model=mind) as s:
        await s.accept(words("write me a novel"))
        async with asyncio.timeout(30):
            await mind.thinking.wait()
        await s.accept(words("help", who=MARK, place=THERE))
        await s.chat.until(lambda: len(s.chat.words()) > 0)
        mind.done.set()
        await answered(s, "That took a while.")


async def test_a_stop_lets_what_is_under_way_come_to_its_end(raised: Raise) -> None:
    mind = SlowMind()
    async with raised(model=mind) as s:
        await s.accept(words("write me a novel"))
        async with asyncio.timeout(30):
            await mind.thinking.wait()
        stopping = asyncio.create_task(s.engine.stop())
        await asyncio.sleep(0)
        mind.done.set()
        async with asyncio.timeout(30):
            await stopping
        assert "That took a while." in s.chat.words()
