"""A press and a word of control never wait behind a mind that thinks."""

import asyncio
from pathlib import Path

from bot.events import Message, Press, Verb
from bot.inbox import Arrival
from bot.people import Standing
from tests.stage import HERE, OLIVIA, Stage, stage
from tests.twins.mind import SlowMind


def words(text: str) -> Arrival:
    body = Message(who=OLIVIA, text=text, ref=text, name="Olivia", standing=Standing.MEMBER)
    return Arrival(key=f"twin:{text}", place=HERE, body=body)


async def think(s: Stage, mind: SlowMind) -> None:
    await s.accept(words("write me a novel"))
    async with asyncio.timeout(30):
        await mind.thinking.wait()


async def test_a_card_is_approved_while_the_model_thinks_about_something_else(tmp_path: Path) -> None:
    mind = SlowMind()
    async with stage(tmp_path, model=mind) as s:
        await s.say("do demo.refund order=1007 amount=5")
        card = s.card
        await think(s, mind)
        body = Press(who=OLIVIA, ref=card.ref, revision=card.revision, verb=Verb.APPROVE)
        await s.accept(Arrival(key="press", place=HERE, body=body))
        await s.chat.until(lambda: "Done" in s.card.status)
        assert len(s.shop.refunds()) == 1
        mind.done.set()
        await s.rest()
        assert "That took a while." in s.chat.words()


async def test_a_freeze_is_heard_while_the_model_thinks(tmp_path: Path) -> None:
    mind = SlowMind()
    async with stage(tmp_path, model=mind) as s:
        await think(s, mind)
        await s.accept(words("freeze"))
        await s.chat.until(lambda: any("Frozen" in each for each in s.chat.words()))
        mind.done.set()


async def test_an_urgent_event_found_after_a_restart_is_handled(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007 amount=5")
        card, chat = s.card, s.chat
        await s.engine.stop()
        body = Press(who=OLIVIA, ref=card.ref, revision=card.revision, verb=Verb.APPROVE)
        await s.accept(Arrival(key="press", place=HERE, body=body))
    async with stage(tmp_path, chat=chat) as s:
        assert len(s.shop.refunds()) == 1
