"""The list of planted faults cannot rot: each still applies to the source as it is."""

import ast

import pytest

from tests.seeded.faults import FAULTS, ROOT, Fault


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
