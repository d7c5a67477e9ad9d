"""`python -m tests.kill --proposals 200 --messages 500`: one run at any size; prints what was done and what is wrong."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.kill.storm import storm


def main() -> int:
    """1 when something does not hold; the folder is kept then."""
    parser = argparse.ArgumentParser(description="Kills the program while people talk to it over Slack.")
    parser.add_argument("--proposals", type=int, default=200)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    wanted = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="vigie-kill-"))
    print(f"seed {wanted.seed}, data in {home}", flush=True)  # noqa: T201
    run = storm(home, proposals=wanted.proposals, messages=wanted.messages, seed=wanted.seed)
    report = asyncio.run(run)
    print(report.table())  # noqa: T201
    return 1 if report.wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
