"""What is forgotten is gone from procedures too: from versions that are not in force, from runs and their rows. One in force
stays as somebody pressed it, is named, and its words go when it ends."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot import ledger
from bot.errors import Failed
from bot.events import Verb
from tests.stage import MARK, Stage, stage
from tests.stories.test_forgetting import CANARY, holding
from tests.stories.test_procedures import entries, procedure
from tests.twins.office import Office

HELLO = f'procedure hello: do office.note record="A" text="greet {CANARY}"; then say done'
PLAIN = 'procedure hello: do office.note record="A" text="greet everybody"; then say done'


async def _everything(s: Stage, folder: Path) -> dict[str, int]:
    """Where the word still is, but for what was done on other systems: that stays recorded."""
    del s
    found = dict(holding(folder, CANARY))
    with closing(sqlite3.connect(folder / "vigie.db")) as connection:
        (done,) = connection.execute(
            "SELECT count(*) FROM effects WHERE lower(body) LIKE ? AND body LIKE '%office.note%'",
            (f"%{CANARY}%",),
        ).fetchone()
    assert found.pop("effects", 0) == done
    return {table: count for table, count in found.items() if not table.startswith("vigie.db")}


async def test_a_version_that_is_not_in_force_is_emptied_and_what_is_in_force_goes_on(tmp_path: Path) -> None:
    """SAFETY 81"""
    of = Office()
    async with stage(tmp_path, systems={"office": of}) as s:
        await s.begin(HELLO)
        await s.begin(PLAIN)
        await s.say(f"forget {CANARY}")
        assert "what 1 version of a procedure said" in s.last
        assert CANARY not in s.last
        kept = await procedure(s, "hello")
        assert kept is not None
        assert kept.version == 2
        old = await s.look(lambda tx: tx.procedures.get(kept.id, 1))
        assert old is not None
        assert (old.person, [step.action for step in old.recipe.steps]) == ("per_olivia", ["office.note", ""])
        await s.say("run hello")
        assert [arguments["text"] for _, arguments in of.did] == ["greet everybody"]
        assert await _everything(s, tmp_path) == {}
        assert ledger.verify(await s.look(lambda tx: tx.ledger.read())).holds


async def test_what_is_in_force_stays_and_is_named_and_goes_when_it_is_deleted(tmp_path: Path) -> None:
    """SAFETY 81"""
    async with stage(tmp_path, systems={"office": Office()}) as s:
        await s.begin(HELLO)
        before = await procedure(s, "hello")
        await s.say(f"forget {CANARY}")
        assert "procedure hello holds these words and stays" in s.last
        assert "“delete procedure hello” ends it, and the words go with it" in s.last
        assert await procedure(s, "hello") == before, "half of what was pressed is something else"
        await s.say("delete procedure hello")
        assert await _everything(s, tmp_path) == {}
        rows = await s.look(lambda tx: tx.missions.all(over=True))
        assert [(each.goal, each.triggers) for each in rows] == [("…", ())]


@pytest.mark.parametrize(
    "recipe",
    [
        f"procedure {CANARY}: do office.note record=A text=x",
        f'procedure hello: when I say "water the {CANARY}", do office.note record=A text=x',
        f"procedure hello: when signal {CANARY} arrives, do office.note record=A text=x",
        f"procedure hello: do office.note record=A text=x; then say “{CANARY} is fed”",
    ],
)
async def test_names_phrases_signals_and_words_go_too(tmp_path: Path, recipe: str) -> None:
    """SAFETY 81"""
    name = recipe.split()[1].rstrip(":")
    async with stage(tmp_path, systems={"office": Office()}) as s:
        await s.begin(recipe)
        await s.say(f"delete procedure {name}")
        await s.say(f"forget {CANARY}")
        assert "what 1 version of a procedure said" in s.last
        assert await _everything(s, tmp_path) == {}


async def test_what_a_run_was_given_goes_from_its_rows_and_it_cannot_be_continued(tmp_path: Path) -> None:
    """SAFETY 81"""
    of = Office(faults=[Failed("the record is locked")])
    async with stage(tmp_path, systems={"office": of}) as s:
        await s.begin('procedure two: with who: do office.note record=A text=x; then say "{who} is fed"')
        await s.say(f"run two who={CANARY}")
        assert "stopped at step 1 of 2" in s.last
        await s.say(f"forget {CANARY}")
        assert "Forgotten:" in s.last
        assert await _everything(s, tmp_path) == {}
        await s.say("continue two")
        assert "no run of procedure two stopped half-way" in s.last


async def test_what_waits_in_a_run_goes_when_the_run_is_over(tmp_path: Path) -> None:
    """SAFETY 81"""
    async with stage(tmp_path, systems={"office": Office()}) as s:
        await s.begin(f'procedure hello: do office.note record="{CANARY}" with text asked; then say done')
        await s.say("run hello")
        card = s.card
        await s.begin(PLAIN)
        await s.say(f"forget {CANARY}")
        assert "procedure hello holds these words and stays, for it is in force or being run" in s.last
        kept = await procedure(s, "hello")
        assert kept is not None
        await s.press(card, Verb.DENY)
        await s.say(f"forget {CANARY}")
        assert "what 1 version of a procedure said" in s.last


async def test_a_member_reaches_their_own_procedures_and_nobody_elses(tmp_path: Path) -> None:
    async with stage(tmp_path, systems={"office": Office()}) as s:
        await s.begin(HELLO)
        await s.begin(PLAIN)
        await s.say(f"forget {CANARY}", who=MARK)
        assert "version of a procedure" not in s.last
        kept = await procedure(s, "hello")
        assert kept is not None
        old = await s.look(lambda tx: tx.procedures.get(kept.id, 1))
        assert old is not None
        assert CANARY in str(old.recipe)


async def test_the_ledger_has_who_put_which_version_in_force_and_none_of_its_words(tmp_path: Path) -> None:
    """SAFETY 81"""
    async with stage(tmp_path, systems={"office": Office()}) as s:
        await s.begin(HELLO)
        (row,) = await entries(s, "procedure_in_force")
        assert (row.body["version"], row.body["person"], row.body["may"]) == (
            1,
            "per_olivia",
            ["office.note"],
        )
        assert not [each for each in await s.look(lambda tx: tx.ledger.read()) if CANARY in str(each.body)]
