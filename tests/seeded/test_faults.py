"""The list of planted faults cannot rot: each still applies to the source as it is."""

import ast
from pathlib import Path

import pytest

from tests.seeded import __main__ as command
from tests.seeded.fault import ROOT, Fault
from tests.seeded.faults import FAULTS


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_still_applies_and_is_still_python(fault: Fault) -> None:
    ast.parse(fault.planted((ROOT / fault.file).read_text(encoding="utf-8")))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_names_tests_that_are_there(fault: Fault) -> None:
    assert fault.tests
    for test in fault.tests:
        assert (ROOT / test).exists(), test


def test_there_are_at_least_twenty_faults_with_names_of_their_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 20


def test_tests_that_take_too_long_are_not_told_as_green(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "PATIENCE", 0)
    (tmp_path / "a.py").write_text("right = True\n")
    fault = Fault(name="wrong", file="a.py", old="True", new="False", tests=["."])
    assert not command.tried(fault, tmp_path)
    told = capsys.readouterr().out
    assert told.startswith("TIMED OUT (. took more than 0 s)")
    assert "GREEN" not in told
    assert (tmp_path / "a.py").read_text() == "right = True\n"
