"""`vigie policy`: the file read, said and explained on the command line."""

import os
from pathlib import Path

import pytest

import vigie
from bot.rulebook import shipped_text


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def test_the_first_start_puts_the_policy_where_people_edit_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vigie.main(["policy", "check"]) == 0
    assert (home / "policy.toml").read_text() == shipped_text()
    assert (
        "ASK   R3-always-asks: the risk is R3 (money, access or deletion) → one person must press."
        in capsys.readouterr().out
    )


def test_nobody_else_writes_the_policy_whatever_the_umask_is(home: Path) -> None:
    home.mkdir(mode=0o777)
    before = os.umask(0)
    try:
        assert vigie.main(["policy", "check"]) == 0
    finally:
        os.umask(before)
    kept = {path.name: path.stat().st_mode & 0o777 for path in home.iterdir()}
    assert kept == {"policy.toml": 0o600, "secret_keys": 0o600, "vigie.db": 0o600}


def test_what_is_odd_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = tmp_path / "odd.toml"
    odd.write_text('[[rule]]\nname = "a"\neffect = "ask"\naction = "demo.refnud"\n')
    assert vigie.main(["policy", "check", str(odd)]) == 1
    assert "warning: a: matches no action of the connected systems" in capsys.readouterr().out


def test_a_mistake_is_named_and_stops_the_start(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir()
    (home / "policy.toml").write_text('[[rule]]\nname = "a"\neffect = "ask"\nacton = "x"\n')
    for command, status in ((["policy", "check"], 2), (["doctor"], 1)):
        assert vigie.main(command) == status
        assert "rule 'a': acton: there is no such key" in "".join(capsys.readouterr())


def test_a_named_file_that_is_missing_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VIGIE_POLICY", str(tmp_path / "nowhere.toml"))
    assert vigie.main(["doctor"]) == 1
    assert "nowhere.toml" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (["demo.refund", "order=1007", "amount=5"], "ASK by R3-always-asks"),
        (["demo.note_order", "order=1007", "note=x"], "ALLOW by R1-reversible"),
        (["demo.note_order", "order=1007", "note=x", "--tainted"], "ASK by tainted-writes-ask"),
        (["demo.note_order", "order=1007", "note=x", "--tainted", "--own-words"], "ALLOW by R1-reversible"),
        (["demo.late_orders", "--role", "guest"], "DENY by guests-only-talk"),
        (
            ["demo.note_order", "order=1007", "note=x"],
            "tainted-writes-ask: silent: it speaks where content from outside",
        ),
        (
            ["demo.note_order", "order=1007", "note=x"],
            "reads: silent: it speaks where the risk is R0 (only reads)",
        ),
        (
            ["vigie.create_mission", "goal=x"],
            "ASK by R1-reversible: this takes a press, whatever a rule allows.",
        ),
    ],
)
def test_one_call_is_explained(call: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert vigie.main(["policy", "explain", *call]) == 0
    assert told in capsys.readouterr().out


def test_choices_are_named_by_what_people_call_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vigie.main(["policy", "explain", "vigie.create_mission", "goal=x", "missed=perhaps"]) == 2
    assert "coalesce (one run for all), skip (leave them out)" in capsys.readouterr().err
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[[rule]]\nname = "a"\neffect = "deny"\naction = "vigie.create_mission"\nrole = "guest"\n'
        'fields = { missed = { equals = "coalesce" } }\nlimit = { per = "person", within = "1d", count = 2 }\n'
    )
    assert vigie.main(["policy", "check", str(mine)]) == 1
    assert (
        "DENY  a: the action is Start a mission (vigie.create_mission); it is done for guest;"
        " If it was missed is one run for all; it would be more than 2 times per person within 1 d."
    ) in capsys.readouterr().out
    monkeypatch.setenv("VIGIE_POLICY", str(mine))
    assert (
        vigie.main(["policy", "explain", "vigie.create_mission", "goal=x", "missed=skip", "--role=guest"])
        == 0
    )


def test_a_call_nobody_offers_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert vigie.main(["policy", "explain", "demo.fly"]) == 2
    assert "no connected system offers “demo.fly”" in capsys.readouterr().err
