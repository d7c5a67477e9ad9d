"""Conversations that leave nothing, and the days after which any is forgotten."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bot.notes import person_scope
from bot.places import Place
from tests.clocks import SetClock
from tests.peers import databases
from tests.stage import HERE, MARK, stage
from tests.stories.test_forgetting import CANARY, holding

MARKS = Place(platform="twin", channel="mark", private=True)
MINE = person_scope("per_olivia")


@pytest.mark.parametrize(
    ("begin", "end"), [("private mode", "end private mode"), ("mode privé", "fin du mode privé")]
)
async def test_a_private_conversation_leaves_nothing(tmp_path: Path, begin: str, end: str) -> None:
    async with stage(tmp_path) as s:
        await s.say("remember the boat is called Argo")
        await s.say(begin)
        assert "private" in s.last
        await s.say(f"remember my key is under the {CANARY}")
        assert "nothing of it" in s.last
        await s.say(f"I do love {CANARY}s")
        await s.say(end)
        assert "forgotten" in s.last
        assert [note.text for note in await s.look(lambda tx: tx.notes.all(MINE))] == [
            "the boat is called Argo"
        ]
        said = [line.text for line in await s.look(lambda tx: tx.lines.last(HERE.key, 50))]
        assert "remember the boat is called Argo" in said
        await s.say(f"remember I like {CANARY}s")
        assert "Remembered" in s.last, "it is over"
        await s.say(f"forget {CANARY}s")
    assert not holding(tmp_path, CANARY)


async def test_nothing_is_kept_of_a_private_conversation_in_lists_and_rules_either(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("list add boats: Argo")
        await s.say("rule answer briefly")
        await s.say("private mode")
        for words in (
            f"list add boats: {CANARY}",
            f"total spent add 3 EUR for {CANARY}",
            "count visitors +1",
            f"list edit boats: 1 to {CANARY}",
            f"list rename boats to {CANARY}",
            f"rule say {CANARY} often",
        ):
            await s.say(words)
            assert "nothing of it" in s.last
        await s.say("list remove boats: 1")
        await s.say("rule 1 off")
        assert "answer briefly (off)" in s.last, "what was kept before is still the person's to change"
        await s.say("end private mode")
        await s.say("lists")
        assert s.last == "• boats: 0 items"
    assert not holding(tmp_path, CANARY)


async def test_a_private_conversation_ends_by_itself_after_a_day(tmp_path: Path) -> None:
    clock = SetClock()
    async with stage(tmp_path, clock=clock) as s:
        await s.say("private mode")
        await s.say(f"{CANARY} is my secret")
        await s.forward(timedelta(hours=23))
        assert holding(tmp_path, CANARY)
        await s.forward(timedelta(hours=2))
        assert "ended after a day" in s.last
    assert not holding(tmp_path, CANARY)


async def test_conversations_are_forgotten_after_as_many_days_as_an_owner_pressed_for(tmp_path: Path) -> None:
    clock = SetClock()
    async with stage(tmp_path, clock=clock) as s:
        await s.say("remember the boat is called Argo")
        await s.say(f"look, a {CANARY}")
        await s.say("retention 30")
        await s.press(s.card)
        assert "30 days" in s.card.plain or "30 days" in s.last
        await s.say("retention 1", who=MARK, place=MARKS)
        await s.press(s.card)
        assert "for an owner to say" in s.card.plain
        await s.forward(timedelta(days=29))
        assert holding(tmp_path, CANARY)
        await s.forward(timedelta(days=3))
        assert not holding(tmp_path, CANARY)
        assert len(await s.look(lambda tx: tx.notes.all(MINE))) == 1, "facts stay"
        kinds = [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
        assert {"retention", "retained"} <= set(kinds)


@pytest.mark.peer("postgresql")
async def test_what_is_over_its_age_is_in_no_row_of_postgresql(tmp_path: Path) -> None:
    """The rows, and the index among them; what stays in the server's files the answer to `forget` says."""
    url = databases.fresh()

    def holding_rows() -> list[str]:
        with psycopg.connect(url) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            return [
                table
                for (table,) in tables
                if CANARY
                in str(
                    connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
                )
            ]

    async with stage(tmp_path, clock=SetClock(), database=url) as s:
        await s.say(f"look, a {CANARY}")
        await s.say("retention 30")
        await s.press(s.card)
        assert {"events", "lines", "recall_terms"} <= set(holding_rows())
        await s.forward(timedelta(days=32))
        assert holding_rows() == []
        await s.say(f"remember the shed opens with {CANARY}")
        await s.say(f"forget {CANARY}")
        assert "VACUUM FULL" in s.last
        assert holding_rows() == []
