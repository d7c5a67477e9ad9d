"""Runs the cases through the built-in words over a SQLite file and prints what came of them.

    python -m bench.memory

Updates: after "my X is now Y" the new must be told and the old not, `as of` the day before the old and not the new,
`history of` both. French: the note is the first answer, among all the others. Forgetting: after `forget`, no table and no
byte of any file holds the word. The tests play the same cases, over PostgreSQL too.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from bench.memory import cases
from tests.clocks import SetClock
from tests.scans import in_folder
from tests.stage import stage


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder)) as s:
            count, wrong = await cases.french(s)
    print(f"french: {count} questions over {count} notes; first {count - len(wrong)}")
    with tempfile.TemporaryDirectory() as folder:
        clock = SetClock()
        async with stage(Path(folder), clock=clock) as s:
            told = await cases.updates(s, clock)
    print(
        f"updates: {told.cases} cases; new {told.new}, old {told.old}, as of {told.then}, history {told.history}"
    )
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder)) as s:
            left = await cases.forgetting(s, lambda word: in_folder(Path(folder), word))
    print(
        f"forgetting: {cases.MOST} words; left in {left or 'nothing'}; {time.monotonic() - begun:.0f} s in all"
    )
    for name in (*wrong, *told.wrong):
        print("not as it should be:", name)


if __name__ == "__main__":
    asyncio.run(main())
