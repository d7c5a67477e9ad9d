"""The console script as a stranger runs it: an exit status and one sentence, whatever it is given and wherever its
words go.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.running import environment

FULL = Path("/dev/full")
FEW_LETTERS = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def run(
    home: Path,
    *words: str,
    typed: bytes = b"",
    out: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> tuple[int, bytes, str]:
    with (out or Path(os.devnull)).open("wb") as device:
        done = subprocess.run(
            [sys.executable, "-m", "vigie", *words],
            env=environment(home, settings or {}),
            cwd=home,
            input=typed,
            stdout=subprocess.PIPE if out is None else device,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    said = done.stderr.decode()
    assert "Traceback" not in said, said
    return done.returncode, done.stdout or b"", said


def refused(home: Path, *words: str) -> str:
    """The one sentence of what cannot be done."""
    status, _, said = run(home, *words)
    assert status == 2, said
    assert said.startswith("vigie: ")
    assert said.count("\n") == 1
    assert "while attempting" not in said
    return said


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30])
def test_a_mission_that_cannot_be_is_not_all_of_them(tmp_path: Path, number: str) -> None:
    status, printed, said = run(tmp_path, "ledger", "export", f"--mission={number}")
    assert (status, printed) == (2, b""), said
    assert "mission" in said


@pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize(
    "words", [["ledger", "verify"], ["ledger", "export", "--format=csv"], ["policy", "check"]]
)
def test_words_that_cannot_be_written_are_a_failure_and_say_so(tmp_path: Path, words: list[str]) -> None:
    status, _, said = run(tmp_path, *words, out=FULL)
    assert (status, said) == (2, "vigie: standard output: No space left on device\n")


def test_who_stops_listening_ends_it_quietly(tmp_path: Path) -> None:
    """As `vigie ledger export | head` does."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "vigie", "ledger", "export", "--format=csv"],
        env=environment(tmp_path, {}),
        cwd=tmp_path,
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("typed", ["état\n".encode("latin-1"), b"\xff\xfe\n"])
def test_a_terminal_of_few_letters_is_talked_to_all_the_same(tmp_path: Path, typed: bytes) -> None:
    status, printed, said = run(tmp_path, "chat", typed=typed + b"help\n", settings=FEW_LETTERS)
    assert status == 0, said
    assert printed.count(b"say ") > 0


def test_what_is_exported_is_utf_8_whatever_the_terminal_knows(tmp_path: Path) -> None:
    assert run(tmp_path, "freeze", "--reason", "arrêt")[0] == 0
    status, printed, said = run(tmp_path, "ledger", "export", "--format=csv", settings=FEW_LETTERS)
    assert status == 0, said
    assert "arrêt" in printed.decode()


def test_a_server_that_is_not_there_is_told_in_one_line_and_moves_nothing(tmp_path: Path) -> None:
    there = "postgresql://vigie:hunter2secret@127.0.0.1:9/vigie"
    (tmp_path / "junk.db").write_bytes(b"this is no database" * 400)
    assert run(tmp_path, "migrate")[0] == 0
    assert "cannot be reached" in refused(tmp_path, "move", f"sqlite:///{tmp_path}/vigie.db", there)
    said = refused(tmp_path, "move", f"sqlite:///{tmp_path}/junk.db", there)
    assert "something else than a SQLite database" in said
    assert "hunter2secret" not in said


def test_a_backup_is_brought_back_into_a_folder_and_not_below_a_file(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate")[0] == 0
    assert run(tmp_path, "backup", "saved")[0] == 0
    assert "saved" in refused(tmp_path, "restore", "saved", "--into", "saved/below")
    assert (tmp_path / "saved").is_file()


def test_a_newer_versions_database_is_not_in_order(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate")[0] == 0
    with closing(sqlite3.connect(tmp_path / "vigie.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    code, told, _ = run(tmp_path, "doctor")
    assert code == 1
    assert b"FAIL database: the database is at revision 9999" in told
    assert b"run the newer Vigie" in told


@pytest.mark.parametrize(
    ("words", "settings", "told"),
    [
        (("policy", "check"), {"VIGIE_HOME": "a_file"}, "there is a file of that name"),
        (("policy", "check"), {"VIGIE_POLICY": "nowhere.toml"}, "setting VIGIE_POLICY: nowhere.toml"),
        (("backup", "nowhere/b"), {}, "there is no folder nowhere"),
        (("restore", "a_file", "--into", "new"), {}, "a_file is no backup"),
        (("up",), {"VIGIE_MODEL": "openai:any"}, "Set the OPENAI_API_KEY environment variable to use"),
        (("up",), {"HOST": "300.1.1.1"}, "cannot listen on 300.1.1.1"),
    ],
)
def test_what_cannot_be_says_what_was_wrong_and_touches_nothing(
    tmp_path: Path, words: tuple[str, ...], settings: dict[str, str], told: str
) -> None:
    (tmp_path / "a_file").write_text("any words")
    code, _, said = run(tmp_path, *words, settings=settings)
    assert code == 2
    assert told in said
    assert said.count("\n") == 1
    assert "while attempting" not in said
    assert (tmp_path / "a_file").read_text() == "any words"
