"""Connecting proves itself: a chat works when a person's press came back from it, and not before."""

from dataclasses import replace
from pathlib import Path

from bot import trying, whereabouts
from bot.effects import Question
from bot.events import Press, Verb
from bot.inbox import Arrival
from bot.people import Identity, Standing
from tests.stage import HERE, MARK, OLIVIA, Stage, stage

TRY = "do vigie.try_chat platform=twin"


def question(s: Stage) -> Question:
    return [each.content for each in s.chat.messages.values() if isinstance(each.content, Question)][-1]


async def press(s: Stage, asked: Question, *, who: Identity = OLIVIA, key: str = "p1") -> None:
    body = Press(
        who=who, ref=asked.ref, revision=0, verb=Verb.CHOOSE, value="works", standing=Standing.MEMBER
    )
    place = HERE if who == OLIVIA else replace(HERE, channel=who.user)
    await s.arrive(Arrival(key=key, place=place, body=body))


async def test_a_chat_works_once_the_press_came_back(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        assert await s.look(lambda tx: trying.sent(tx, "per_olivia", "twin")) is None
        await s.say(TRY)
        assert await s.look(lambda tx: trying.sent(tx, "per_olivia", "twin")) is True
        assert not await s.look(lambda tx: trying.pressed(tx, "per_olivia", "twin"))
        await press(s, question(s))
        assert await s.look(lambda tx: trying.pressed(tx, "per_olivia", "twin"))
        assert "✓ It works, both ways." in s.chat.words()


async def test_nobody_else_proves_it_for_them(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(TRY)
        asked = question(s)
        await press(s, asked, who=MARK)
        stolen = Press(
            who=MARK, ref=asked.ref, revision=0, verb=Verb.CHOOSE, value="works", standing=Standing.MEMBER
        )
        await s.arrive(Arrival(key="p0", place=HERE, body=stolen))
        await press(s, replace(asked, ref="try:twin:per_mark"), who=MARK, key="p2")
        for person in ("per_olivia", "per_mark"):
            assert not await s.look(lambda tx, p=person: trying.pressed(tx, p, "twin"))


async def test_a_press_that_came_to_nothing_is_said_and_any_press_proves_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(f"{TRY} lost=yes")
        assert "no button is there yet" in s.last
        await s.say(TRY)
        await s.say(f"{TRY} lost=yes")
        assert "buttons do not reach me from there" in s.last
        assert await s.look(lambda tx: trying.lost(tx, "per_olivia", "twin")) is not None
        await s.say('do demo.refund order=1007 amount="5 EUR"')
        await s.press(s.card, Verb.DENY)
        assert await s.look(lambda tx: trying.lost(tx, "per_olivia", "twin")) is None
        assert await s.look(lambda tx: trying.pressed(tx, "per_olivia", "twin"))


async def test_where_nobody_wrote_yet_nothing_can_be_tried(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do vigie.try_chat platform=pigeon")
        assert "no chat “pigeon” is connected" in s.last
        assert await s.look(lambda tx: whereabouts.last_on(tx, "per_mark", "twin")) is None
        await s.say(TRY, who=MARK, place=replace(HERE, channel="group", private=False))
        assert "write to me there first" in s.last
