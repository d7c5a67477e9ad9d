"""Before a watch begins: its past as a picture above the card, and what is read now or why nothing is."""

import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.systems.sql import Database
from bot.effects import Text
from tests.clocks import SetClock
from tests.stage import stage
from tests.stories.test_watches import measured, minutes, month
from tests.twins.meter import Meter


async def test_a_picture_of_the_past_stands_above_the_card(tmp_path: Path) -> None:
    """Before it begins, and once."""
    clock = SetClock()
    meter = Meter(value=50, past=month(clock, peaks=4))
    async with measured(tmp_path, meter, clock=clock) as s:
        await s.say("langue fr")
        await s.say("surveille meter.heat au-dessus de 90, préviens-moi")
        picture, card = list(s.chat.messages.values())[-2:]
        assert isinstance(picture.content, Text)
        assert picture.content.chart is not None
        assert len(picture.content.chart.firings) == 4
        assert "4 fois" in picture.content.text
        assert card.content == s.card
        assert not await s.look(lambda tx: tx.watches.all()), "nothing is read before the press"
        shown = len(s.chat.messages)
        await s.press(s.card)
        await minutes(s, 2)
        assert len(await s.look(lambda tx: tx.watches.all())) == 1
        pictures = [
            each for each in s.chat.messages.values() if isinstance(each.content, Text) and each.content.chart
        ]
        assert len(pictures) == 1, shown


async def test_the_card_says_what_is_read_now_or_why_nothing_is(tmp_path: Path) -> None:
    meter = Meter(value=50.5)
    async with measured(tmp_path, meter) as s:
        await s.say("watch meter.heat above 90, tell me")
        assert "Now: 50.5" in s.card.plain
        meter.value = None
        await s.say("watch meter.heat above 91, tell me")
        assert "Now: not read: the meter does not answer" in s.card.plain
        await s.press(s.card)
        assert len(await s.look(lambda tx: tx.watches.all())) == 1, "it may come to its senses"


async def test_a_query_that_cannot_be_answered_says_so_before_it_begins(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "own.db")) as made:
        made.execute("create table orders (id integer)")
    database = Database.open(f"sqlite:///{tmp_path / 'own.db'}", name="sql")
    async with stage(tmp_path, systems={"sql": database}) as s:
        await s.say("watch sql 'select count(*) from ordres' above 3, tell me")
        assert "Now: not read: the database refused the query: no such table: ordres" in s.card.plain
        await s.say("watch sql 'delete from orders' above 3, tell me")
        assert "only one SELECT is asked" in s.last
