"""`python -m tests.seeded [part of a name ...]`: plants each fault in a copy of the tree, runs the tests that
must notice, takes it out again, and prints the score. Ends with 1 when a fault went unnoticed or when its tests
took too long to tell.

The tree itself is never touched.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.seeded.fault import ROOT, Fault
from tests.seeded.faults import FAULTS

PATIENCE = 300
"""Seconds for each file of tests. Each test has a limit of its own; past this one nobody knows whether it notices."""
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".vigie", "node_modules", "__pycache__", ".*_cache", ".hypothesis"
)


class TimedOut(Exception):
    """These tests neither passed nor failed in time."""


def red(tree: Path, tests: Iterable[str]) -> str:
    """The first of these tests that fails in the tree, "" when all pass.

    Raises:
        TimedOut: none failed, and one was not done in `PATIENCE`.
    """
    late: list[str] = []
    for each in tests:
        words = [
            sys.executable,
            "-B",
            "-m",
            "pytest",
            "-x",
            "-q",
            "--no-header",
            "-p",
            "no:cacheprovider",
            "--hypothesis-profile=seeded",
            each,
        ]
        try:
            done = subprocess.run(
                words,
                cwd=tree,
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            late.append(each)
            continue
        if done.returncode == 5:
            raise SystemExit(f"there are no tests in {each}")
        if done.returncode:
            failed = [
                line for line in done.stdout.splitlines() if line.startswith(("FAILED tests", "ERROR tests"))
            ]
            return failed[0].split(" - ")[0].partition(" ")[2] if failed else each
    if late:
        raise TimedOut(f"{', '.join(late)} took more than {PATIENCE} s")
    return ""


def noticed(fault: Fault, tree: Path) -> str:
    """What turned red with the fault in the tree, "" when nothing did."""
    file = tree / fault.file
    before = file.read_text(encoding="utf-8")
    file.write_text(fault.planted(before), encoding="utf-8")
    try:
        return red(tree, fault.tests)
    finally:
        file.write_text(before, encoding="utf-8")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (this is a command)


def main(names: Sequence[str]) -> int:
    chosen = [fault for fault in FAULTS if not names or any(name in fault.name for name in names)]
    with tempfile.TemporaryDirectory(prefix="seeded-") as scratch:
        tree = Path(scratch) / "tree"
        shutil.copytree(ROOT, tree, ignore=_LEFT_OUT)
        try:
            broken = red(tree, dict.fromkeys(test for fault in chosen for test in fault.tests))
        except TimedOut as error:
            broken = f"timed out: {error}"
        if broken:
            _say(f"not green without any fault: {broken}")
            return 1
        score = sum(tried(fault, tree) for fault in chosen)
        _say(f"{score}/{len(chosen)} faults turn the tests red")
    return 0 if score == len(chosen) else 1


def tried(fault: Fault, tree: Path) -> bool:
    """Says what came of it; whether it was noticed."""
    began = time.monotonic()
    try:
        by = noticed(fault, tree)
        word = "red" if by else "GREEN"
    except TimedOut as error:
        by, word = "", f"TIMED OUT ({error})"
    _say(f"{word:5} {time.monotonic() - began:5.1f} s  {fault.name}: {by}")
    return bool(by)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
