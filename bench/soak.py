"""Days in minutes: `vigie demo` under a clock that runs faster, with people who talk to it, and what it grows by.

    python -m bench.soak --hours 72 --speed 120 --folder FOLDER

The program is the real one, in a process of its own, with every clock and timer of its libc sped up by Debian's `faketime`: its hourly
mission, digests, nights, expiries and heartbeats come as often as in so many hours. Slack is a twin in real time, whose people say
something `--rate` times an hour, ask for reminders, and approve refunds. Every hour of the program's is a row: resident memory, open
files, threads, size of the database, and how many warnings it logged. Nothing here decides whether a test passes.

A speed at which the program's own seconds become too short for the machine shows as warnings of its timeouts: choose less.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from bot.values import is_mapping
from tests.kill.script import PEOPLE, Fate, Kind, Saying
from tests.kill.storm import english, settings
from tests.kill.workspace import Workspace
from tests.running import Program
from tests.twins.slack import SlackTwin

_FAKED = ("LD_PRELOAD", "FAKETIME", "FAKETIME_SHARED")
_REAL = "DONT_FAKE_MONOTONIC"
"""So that the people's own patience stays in real seconds while they sign with the program's time of day."""
_LOUD = ("warning", "error", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """`said` counts what was said to it so far."""

    hour: int
    resident: float
    files: int
    threads: int
    database: float
    said: int
    loud: int


def _again(wanted: argparse.Namespace) -> None:
    """The same command under the other clock. Does not return."""
    found = shutil.which("faketime")
    if found is None:
        raise SystemExit("faketime is not installed; on Debian: apt install faketime")
    os.environ[_REAL] = "1"
    words = [sys.executable, "-m", "bench.soak", *sys.argv[1:]]
    os.execv(found, ["faketime", "-f", f"+0 x{wanted.speed:g}", *words])


def _faked() -> dict[str, str]:
    return {name: os.environ[name] for name in _FAKED}


def _saying(number: int) -> Saying:
    kind = (Kind.TALK, Kind.NOTE, Kind.TALK, Kind.REFUND)[number % 4]
    token = f"kt{number}x"
    words = {
        Kind.TALK: f"in 20 minutes, call {token}" if number % 8 == 2 else f"unheard-of words {token}",
        Kind.NOTE: f"remember that {token} is a number",
        Kind.REFUND: f"do demo.refund order={1001 + number % 20} amount=0.01 reason={token}",
    }
    return Saying(
        token=token,
        kind=kind,
        text=words[kind],
        user=PEOPLE[number % len(PEOPLE)],
        channel=f"D0{number % len(PEOPLE)}",
        ts=f"{1700000000 + number}.000100",
        fate=Fate.APPROVED,
    )


def _loud(printed: Sequence[str]) -> Counter[str]:
    """What it logged that somebody ought to read, by what it says."""
    found = Counter[str]()
    for line in printed:
        with suppress(ValueError):
            row: Any = json.loads(line)
            if is_mapping(row) and row.get("level") in _LOUD:
                found[f"{row['level']}: {row.get('what', '?')} ({row.get('logger', '?')})"] += 1
    return found


def _measured(program: Program, home: Path, hour: int, said: int) -> Hour:
    process = psutil.Process(program.pid)
    size = sum(each.stat().st_size for each in home.glob("vigie.db*"))
    return Hour(
        hour=hour,
        resident=process.memory_info().rss / 1e6,
        files=process.num_fds(),
        threads=process.num_threads(),
        database=size / 1e6,
        said=said,
        loud=sum(_loud(program.printed).values()),
    )


async def soak(wanted: argparse.Namespace, home: Path) -> tuple[list[Hour], Mapping[str, int], int]:
    """The hours, what was logged loudly, and how many of the sayings nobody took."""
    async with SlackTwin().serving() as twin, aiohttp.ClientSession() as session:
        english(twin)
        program = Program(home=home, command="demo", settings={**settings(twin), **_faked()})
        await program.start()
        people = Workspace(twin=twin, session=session, url=f"{program.url}/slack/events", script=[])
        hours, said, began = list[Hour](), 0, time.time()
        try:
            async with people.living():
                while (past := (time.time() - began) / 3600) < wanted.hours:
                    if past >= len(hours):
                        hours.append(_measured(program, home, len(hours), said))
                    if said < past * wanted.rate:
                        each = _saying(said)
                        people.script.append(each)
                        await people.deliver(each)
                        said += 1
                    else:
                        await asyncio.sleep(0.02)
                hours.append(_measured(program, home, len(hours), said))
            await program.stop()
        finally:
            if program.alive:
                await program.kill()
        (home / "printed.log").write_text("\n".join(program.printed))
        return hours, _loud(program.printed), people.redelivered


def _slope(hours: Sequence[Hour], of: str) -> float:
    """By which it grew in an hour, over the second half: the first is warming up."""
    later = hours[len(hours) // 2 :]
    spread = later[-1].hour - later[0].hour
    return (getattr(later[-1], of) - getattr(later[0], of)) / spread if spread else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=72, help="of the program's time")
    parser.add_argument("--speed", type=float, default=60, help="how many of its seconds are one of ours")
    parser.add_argument("--rate", type=float, default=60, help="sayings in one of its hours")
    parser.add_argument("--folder", type=Path, help="where its data folder is made, and stays")
    wanted = parser.parse_args()
    if _REAL not in os.environ:
        _again(wanted)
    home = Path(tempfile.mkdtemp(prefix="soak-", dir=wanted.folder))
    hours, loud, repeated = asyncio.run(soak(wanted, home))
    print(f"\n{wanted.hours:g} hours at {wanted.speed:g} times the speed, {hours[-1].said} sayings; {home}\n")
    print("   hour   memory MB   files   threads   database MB   said   warnings")
    for row in [*hours[:: max(1, len(hours) // 12)], hours[-1]]:
        print(
            f"  {row.hour:5}{row.resident:12.1f}{row.files:8}{row.threads:10}{row.database:14.2f}{row.said:7}{row.loud:11}"
        )
    print(f"\n  memory, second half: {_slope(hours, 'resident'):+.3f} MB an hour")
    print(f"  files, second half: {_slope(hours, 'files'):+.3f} an hour")
    each = _slope(hours, "database") / wanted.rate * 1000
    print(f"  database, second half: {each:.2f} kB for each thing said")
    print(f"  deliveries that were repeated: {repeated}")
    for words, times in loud.items():
        print(f"  {times:5} × {words}")


if __name__ == "__main__":
    main()
