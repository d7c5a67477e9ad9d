"""A planted fault, as data: a file, a text that occurs in it exactly once, what stands there instead, and the
tests that must notice. `tests/seeded/test_faults.py` checks that every one still applies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`old` and `new` are exact texts; `tests` are tried in their order until one fails."""

    name: str
    file: str
    old: str
    new: str
    tests: Sequence[str] = ("tests/stories/test_approvals.py", "tests/model")

    def planted(self, text: str) -> str:
        """The file with the fault in it. Raises ValueError when it does not apply exactly once."""
        if text.count(self.old) != 1 or self.old == self.new:
            raise ValueError(f"{self.name}: {self.file} has its text {text.count(self.old)} times, not once")
        return text.replace(self.old, self.new)
