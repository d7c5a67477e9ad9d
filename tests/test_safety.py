"""docs/reference/safety.md and the tests agree: every case has a test or a reason, and no test names a case
that is not there.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "safety.md"
NAMED = re.compile(r"SAFETY (\d+(?:, \d+)*)")
WAITS = re.compile(r"\bwaits for\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row: its number, the tests it names, and what it waits for ("" when it is wholly covered)."""

    number: int
    tests: tuple[str, ...]
    waits: str


def rows(page: str) -> Iterator[Case]:
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and cells[0].isdigit():
            assert len(cells) == 6, line
            yield Case(number=int(cells[0]), tests=tuple(re.findall(r"`([^`]+)`", cells[4])), waits=cells[5])


def covered(tests: Path) -> dict[str, set[int]]:
    """Every test function, by `path::name`, with the cases its docstring names."""
    found: dict[str, set[int]] = {}
    for file in sorted(tests.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                said = NAMED.findall(ast.get_docstring(node) or "")
                numbers = {int(number) for each in said for number in each.split(", ")}
                found[f"{file.relative_to(ROOT).as_posix()}::{node.name}"] = numbers
    return found


CASES = tuple(rows(PAGE.read_text(encoding="utf-8")))
TESTS = covered(ROOT / "tests")


def test_there_are_a_hundred_cases() -> None:
    assert [case.number for case in CASES] == list(range(1, 101))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.number))
def test_every_case_has_a_test_or_says_what_it_waits_for(case: Case) -> None:
    assert case.tests or WAITS.search(case.waits)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.number))
def test_the_tests_of_a_case_are_there_and_name_it(case: Case) -> None:
    for test in case.tests:
        assert test in TESTS, f"{test} is not there"
        assert case.number in TESTS[test], f"{test} does not name case {case.number}"


def test_no_test_names_a_case_that_is_not_there() -> None:
    known = {case.number for case in CASES}
    assert not {test: sorted(cases - known) for test, cases in TESTS.items() if cases - known}
