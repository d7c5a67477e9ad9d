"""A disk that takes no byte more, for the shortest time: what is left half is worse than what is not there."""

import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

import vigie
from memory.brake import StopFile


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@contextmanager
def full() -> Generator[None]:
    """Files can be made, and nothing can be written into them: what a full disk looks like to a small one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_stop_file_without_its_reason_stops_all_the_same(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SAFETY 96"""
    home.mkdir()
    (home / "vigie.db").write_bytes(b"this is no database" * 400)
    with full():
        assert vigie.main(["freeze"]) == 0
    assert "Frozen by the stop file alone" in capsys.readouterr().out
    assert StopFile(home / "FREEZE").pulled() == ""


def test_no_half_of_the_keys_or_the_policy_is_left_for_the_next_start(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with full():
        assert vigie.main(["policy", "check"]) == 2
    assert "nothing was changed" in capsys.readouterr().err
    assert not [*home.iterdir()]
    assert vigie.main(["policy", "check"]) == 0
