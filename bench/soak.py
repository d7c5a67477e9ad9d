"""Days in minutes: `vigie demo` under a clock that runs faster, with people who talk to it, and what it grows by.

    python -m bench.soak --hours 72 --speed 120 --folder FOLDER

The program is the real one, in a process of its own, with every clock and timer of its libc sped up by Debian's `faketime`: its hourly
mission, digests, nights, expiries and heartbeats come as often as in so many hours. Slack is a twin in real time, whose people say
something `--rate` times an hour, ask for reminders, and approve refunds when their cards appear. Every hour of the program's is a row: resident memory, open
files, threads, size of the database, and how many warnings it logged. Nothing here decides whether a test passes.

A speed at which the program's own seconds become too short for the machine shows as warnings of its timeouts: choose less.
"""

import argparse
import asyncio
import json
import shutil
import subprocess
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

from bench.chaos.run import generous
from bot.values import Json, is_mapping
from tests.kill.script import PEOPLE, Fate, Kind, Saying
from tests.kill.storm import english, settings, shop_of
from tests.kill.workspace import ANSWERED_WITHIN, Workspace, button
from tests.running import Program
from tests.twins.slack import SlackTwin

_LOUD = ("warning", "error", "critical")
_LOOKED_THROUGH = 50
"""Among how many of the newest messages a card is looked for."""


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


def _faked(speed: float) -> dict[str, str]:
    """What puts a process under a clock that is so much faster and shows the right time at its start."""
    found = shutil.which("faketime")
    if found is None:
        raise SystemExit("faketime is not installed; on Debian: apt install faketime")
    command = [found, "-f", "+0", sys.executable, "-c", "import os; print(os.environ['LD_PRELOAD'])"]
    library = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return {"LD_PRELOAD": library, "FAKETIME": f"+0 x{speed:g}"}


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


async def _approved(people: Workspace, saying: Saying) -> None:
    """Presses the card that the saying is answered with, once it stands there."""

    def card() -> Mapping[str, Json] | None:
        newest = people.twin.messages[-_LOOKED_THROUGH:]
        return next((each for each in newest if button(each, "approve") and saying.token in repr(each)), None)

    with suppress(TimeoutError):
        await people.twin.until(lambda: card() is not None, seconds=ANSWERED_WITHIN)
        if (found := card()) is not None:
            await people.press(found, saying)


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """What came of it. `loud` counts what was logged by what it says."""

    hours: Sequence[Hour]
    loud: Mapping[str, int]
    repeated: int
    asked: int
    refunded: int


async def soak(wanted: argparse.Namespace, home: Path) -> Soaked:
    """Runs it over the folder `home`."""
    async with SlackTwin().serving() as twin, aiohttp.ClientSession() as session:
        english(twin)
        program = Program(home=home, command="demo", settings={**settings(twin), **_faked(wanted.speed)})
        began = time.time()

        def now() -> float:
            return began + (time.time() - began) * wanted.speed

        (home / "policy.toml").write_text(generous(), encoding="utf-8")
        await program.start()
        people = Workspace(twin=twin, session=session, url=f"{program.url}/slack/events", script=[], now=now)
        hours, said, asked = list[Hour](), 0, 0
        try:
            # Whoever still waits for a card presses it before the program is told to stop.
            async with asyncio.TaskGroup() as tasks:
                while (past := (now() - began) / 3600) < wanted.hours:
                    if past >= len(hours):
                        hours.append(_measured(program, home, len(hours), said))
                    if said < past * wanted.rate:
                        each = _saying(said)
                        await people.deliver(each)
                        said += 1
                        if each.kind is Kind.REFUND:
                            asked += 1
                            tasks.create_task(_approved(people, each))
                    else:
                        await asyncio.sleep(0.02)
            hours.append(_measured(program, home, len(hours), said))
            await program.stop()
        finally:
            if program.alive:
                await program.kill()
        (home / "printed.log").write_text("\n".join(program.printed))
        return Soaked(
            hours=hours,
            loud=_loud(program.printed),
            repeated=people.redelivered,
            asked=asked,
            refunded=len(shop_of(home).refunds()),
        )


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
    home = Path(tempfile.mkdtemp(prefix="soak-", dir=wanted.folder))
    soaked = asyncio.run(soak(wanted, home))
    hours = soaked.hours
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
    print(f"  deliveries that were repeated: {soaked.repeated}")
    print(f"  refunds asked for and made: {soaked.asked}, {soaked.refunded}")
    for words, times in soaked.loud.items():
        print(f"  {times:5} × {words}")


if __name__ == "__main__":
    main()
