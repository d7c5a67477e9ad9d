"""A database that is not whole any more stops the start with a sentence and is left as it is; one that breaks while the
program runs is told by `/readyz`.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.anchors import Anchor
from bot.errors import Misconfigured, StoreDamaged, VigieError
from bot.people import HOME
from memory import copies
from memory.anchorbook import AnchorFile
from memory.sqlite import SqliteStore
from tests.contracts.stores import NOON
from tests.test_readiness import served
from vigie.plugging import plug
from vigie.serving import running
from vigie.settings import Settings, anchor_file

LONG = "all of it was said and shall be read again " * 100


def settings(home: Path) -> Settings:
    return Settings.model_validate({"VIGIE_HOME": home})


async def lived_in(home: Path) -> Path:
    """The database of an installation in which things were said, closed as at a stop."""
    plugged = plug(settings(home), demo=False)
    async with running(plugged):
        for n in range(60):
            await plugged.store.write(lambda tx, n=n: tx.ledger.append("said", {"n": n, "text": LONG}, NOON))
    return home / "vigie.db"


def overwritten(file: Path) -> None:
    """A table that no start reads, and its indexes."""
    with closing(sqlite3.connect(file)) as found:
        found.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = found.execute("PRAGMA page_size").fetchone()
        roots = found.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'tallies'").fetchall()
    with file.open("r+b") as out:
        for (root,) in roots:
            out.seek((root - 1) * size)
            out.write(b"\xff" * size)


def cut_inside_a_page(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1000)


def halved(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 8192 * 4096)


def text(file: Path) -> None:
    file.write_text("Dear Sir or Madam, " * 1000)


@pytest.mark.parametrize("harm", [overwritten, cut_inside_a_page, halved, text])
async def test_a_database_that_is_not_whole_stops_the_start_and_stays_as_it_is(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    file = await lived_in(tmp_path)
    harm(file)
    before = file.read_bytes()
    with pytest.raises(Misconfigured, match=r"vigie\.db is damaged.*nothing was written.*vigie restore"):
        plug(settings(tmp_path), demo=False)
    assert file.read_bytes() == before
    assert not copies.whole(file), "`vigie doctor` says the same"
    with pytest.raises(VigieError, match=r"damaged|cannot be copied"):
        copies.snapshot(file, tmp_path / "copy.db")


async def test_a_write_that_a_power_cut_interrupted_is_no_damage(tmp_path: Path) -> None:
    """The log has the page that was on its way into the file."""
    file = await lived_in(tmp_path)
    store = SqliteStore.open(file)
    await store.write(lambda tx: tx.ledger.append("said", {"text": LONG}, NOON))
    cut = tmp_path / "cut"
    cut.mkdir()
    for name in ("vigie.db", "vigie.db-wal", "secret_keys"):
        shutil.copy(tmp_path / name, cut / name)
    await store.close()
    with (cut / "vigie.db").open("ab") as out:
        out.write(b"\0" * 100)
    plugged = plug(settings(cut), demo=False)
    assert len(await plugged.store.read(lambda tx: tx.ledger.read())) >= 61
    await plugged.release()


async def test_damage_that_is_met_while_it_runs_is_told_and_stays(tmp_path: Path) -> None:
    async with served(tmp_path) as (plugged, http), running(plugged):
        assert (await http.get("/readyz")).text == "ready\n"
        overwritten(tmp_path / "vigie.db")
        with pytest.raises(StoreDamaged):
            await plugged.store.read(lambda tx: tx.tallies.all("here"))
        said = await http.get("/readyz")
        assert said.status_code == 503
        assert "database: The assistant's memory file is damaged." in said.text


async def test_the_file_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "vigie.db"
    with closing(sqlite3.connect(file)) as theirs:
        theirs.execute("CREATE TABLE songs (name)")
        theirs.commit()
    before = file.read_bytes()
    with pytest.raises(Misconfigured, match="belongs to something else"):
        plug(settings(tmp_path), demo=False)
    assert file.read_bytes() == before


async def test_an_emptied_database_passes_for_no_new_one(tmp_path: Path) -> None:
    """Whoever came first would be its owner."""
    file = await lived_in(tmp_path)
    plugged = plug(settings(tmp_path), demo=False)
    last = (await plugged.store.read(lambda tx: tx.ledger.newest(1)))[0]
    anchor_file(plugged.config).append(Anchor(space=HOME, day="2026-03-31", seq=last.seq, hash=last.hash))
    async with running(plugged):
        pass
    for emptied in (True, False):
        if emptied:
            os.truncate(file, 0)
        else:
            file.unlink()
        with pytest.raises(
            Misconfigured, match=rf"row {last.seq} that was anchored on 2026-03-31.*vigie restore"
        ):
            async with running(plug(settings(tmp_path), demo=False)):
                pass
    (tmp_path / "ledger-anchors.jsonl").rename(tmp_path / "anchors-of-before")
    async with running(plug(settings(tmp_path), demo=False)):
        assert AnchorFile(tmp_path / "ledger-anchors.jsonl").read() == ()
