"""`python -m bench.chaos --minutes 5`: kills processes of an installation while people talk to it over Slack and
Telegram, and says what was lost or happened twice. Exit status 1 when anything does not hold; the folder with the log of
every process stays.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bench.chaos.run import Wanted, chaos


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="of traffic")
    parser.add_argument(
        "--every", type=float, default=4.0, help="seconds between two ends of processes, on average"
    )
    parser.add_argument("--webs", type=int, default=2)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument(
        "--outages", type=int, default=2, help="of PostgreSQL; with --sqlite: moments of a full disk"
    )
    parser.add_argument("--rate", type=float, default=3.0, help="sayings a second")
    parser.add_argument(
        "--skew", type=float, default=0.0, help="seconds that clocks are off at most (needs faketime)"
    )
    parser.add_argument("--sqlite", action="store_true", help="one process on a file instead")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    parser.add_argument("--home", type=Path, help="where the logs go; a new folder when not said")
    told = parser.parse_args()
    home = told.home or Path(tempfile.mkdtemp(prefix="vigie-chaos-"))
    home.mkdir(parents=True, exist_ok=True)
    print(f"seed {told.seed}, logs in {home}", flush=True)
    wanted = Wanted(
        home=home,
        seed=told.seed,
        seconds=told.minutes * 60,
        every=told.every,
        webs=told.webs,
        workers=told.workers,
        outages=told.outages,
        rate=told.rate,
        skew=told.skew,
        sqlite=told.sqlite,
    )
    report = asyncio.run(chaos(wanted))
    print(report.table())
    return 1 if report.wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
