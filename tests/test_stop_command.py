"""`vigie freeze` and `vigie resume`: the stop that works from a shell, whatever else does not."""

import asyncio
from pathlib import Path

import pytest

import vigie
from bot.freezes import Freeze
from memory.sqlite import SqliteStore


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


async def standing(home: Path) -> list[Freeze]:
    store = SqliteStore.open(home / "vigie.db")
    try:
        return list(await store.read(lambda tx: tx.freezes.all()))
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("words", "scope", "reason"),
    [
        ([], "all", "from the command line"),
        (["all"], "all", "from the command line"),
        (["now"], "all", "now"),
        (["refunds", "are", "wrong"], "all", "refunds are wrong"),
        (["stripe"], "all", "stripe"),
        (["demo.refnd"], "all", "demo.refnd"),
        (["mission", "99"], "all", "mission 99"),
        (["demo"], "demo", "from the command line"),
        (["demo.refund", "because", "Bob", "called"], "demo.refund", "Bob called"),
        (["demo", "--reason", "a test"], "demo", "a test"),
    ],
)
def test_only_what_is_here_is_frozen_by_itself_and_any_other_word_stops_everything(
    home: Path, words: list[str], scope: str, reason: str
) -> None:
    """A slip of the pen, or the name of what is not connected, must not leave running what somebody wants stopped.
    SAFETY 96"""
    home.mkdir()
    (home / "demo-shop.db").touch()
    assert vigie.main(["freeze", *words]) == 0
    (found,) = asyncio.run(standing(home))
    assert (found.scope.key, found.reason, found.by) == (scope, reason, "command line")


def test_without_its_database_everything_stands_still_by_a_file(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SAFETY 96"""
    home.mkdir()
    (home / "vigie.db").write_bytes(b"this is no database" * 400)
    for words in (["freeze"], ["freeze", "demo"]):
        assert vigie.main(words) == 0
        assert "Frozen by the stop file alone" in capsys.readouterr().out
        assert (home / "FREEZE").is_file()
    assert vigie.main(["resume"]) == 2
    assert (home / "FREEZE").is_file(), "what could not be lifted still stands"
    (home / "vigie.db").unlink()
    assert vigie.main(["resume"]) == 0
    assert not (home / "FREEZE").exists()
    assert "The freeze is lifted: all." in capsys.readouterr().out


def test_where_nothing_can_be_kept_it_says_that_nothing_is_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "file"))
    assert vigie.main(["freeze"]) == 2
    assert "nothing is frozen: the stop file cannot be made" in capsys.readouterr().err
