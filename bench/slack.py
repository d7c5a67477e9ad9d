"""Vigie beside a bare slack-bolt echo, in turn, under the same load: throughput, reply time, memory.

    python bench/slack.py --driver PATH/TO/slackload.py

The load driver is a program of its own: it starts the bot it is given (`--spawn`), sends it signed events, plays the
Slack that the bot answers, and appends what it measured to a file (`--json`). See bench/README.md for what it
must understand. Every run begins with an empty data folder; each of Vigie's messages is durable before it is
acknowledged. Nothing here decides whether a test passes.
"""

import argparse
import json
import os
import platform
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECRET = "bench-signing-secret"
VIGIE, BOLT, TUNED = "vigie", "bolt", "bolt tuned"
BOTS = (VIGIE, BOLT, TUNED)
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
_PATIENCE = 300
"""Seconds for one run."""

Result = Mapping[str, Any]
"""What the driver measured in one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """`rate` 0 is flat out: `concurrency` events in flight, the next as soon as one is answered."""

    name: str
    events: int
    rate: float = 0.0
    concurrency: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the tables."""

    title: str
    of: Callable[[Result], float | None]
    ratio: bool = True


def _within(*path: str) -> Callable[[Result], float | None]:
    def find(result: Result) -> float | None:
        found: Any = result
        for name in path:
            found = found.get(name) if found else None
        return None if found is None else float(found)

    return find


ROWS = (
    Row(title="replies/s", of=_within("replies_per_s")),
    Row(title="reply p50 ms", of=_within("reply_ms", "p50")),
    Row(title="reply p95 ms", of=_within("reply_ms", "p95")),
    Row(title="reply p99 ms", of=_within("reply_ms", "p99")),
    Row(title="ack p50 ms", of=_within("ack_ms", "p50")),
    Row(title="ack p99 ms", of=_within("ack_ms", "p99")),
    Row(title="lost", of=_within("lost"), ratio=False),
    Row(title="duplicated", of=_within("duplicates"), ratio=False),
    Row(title="CPU ms/event", of=_within("bot_cpu_ms_per_event")),
    Row(title="idle RSS MB", of=_within("idle_rss_mb")),
    Row(title="start to port s", of=_within("cold_start_s")),
)


def _free_ports(n: int) -> list[int]:
    probes = [socket.socket() for _ in range(n)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _command(bot: str) -> str:
    echo = [str(ROOT / "bench" / "echo_bolt.py")]
    started = {VIGIE: ["-m", "vigie", "up"], BOLT: echo, TUNED: [*echo, "--tuned"]}[bot]
    return shlex.join([sys.executable, *started])


def measure(bot: str, load: Load, *, driver: Path, kind: str, scratch: Path) -> Result:
    """One run of one bot under one load."""
    home = Path(tempfile.mkdtemp(prefix=f"{bot.split(maxsplit=1)[0]}-", dir=scratch))
    port, slack_port = _free_ports(2)
    found = home / "result.json"
    environment = {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "PORT": str(port),
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"http://127.0.0.1:{slack_port}/api/",
    }
    if bot == VIGIE:
        environment["VIGIE_HOME"] = str(home)
    options = {
        "--bot-url": f"http://127.0.0.1:{port}/slack/events",
        "--signing-secret": SECRET,
        "--slack-port": str(slack_port),
        "--kind": kind,
        "--n": str(load.events),
        "--rate": str(load.rate),
        "--concurrency": str(load.concurrency),
        "--idle": "2",
        "--spawn": _command(bot),
        "--spawn-log": str(home / "bot.log"),
        "--json": str(found),
        "--name": f"{bot}, {load.name}",
    }
    flat = [part for pair in options.items() for part in pair]
    # It runs in a folder of its own, so that no .env of a developer is read.
    command = [sys.executable, str(driver.resolve()), *flat]
    run = subprocess.run(command, env=environment, cwd=home, check=False, timeout=_PATIENCE)
    if not found.is_file():
        log = (home / "bot.log").read_text(errors="replace") if (home / "bot.log").is_file() else ""
        raise SystemExit(f"the driver measured nothing (exit status {run.returncode})\n{log[-4000:]}")
    result: Result = json.loads(found.read_text().splitlines()[-1])
    shutil.rmtree(home)
    return result


def median(results: Sequence[Result], row: Row) -> float | None:
    """The median of what was measured; None where no run measured it."""
    values = [value for value in map(row.of, results) if value is not None]
    return statistics.median(values) if values else None


def table(load: Load, results: Mapping[str, Sequence[Result]]) -> list[str]:
    """Medians of all, and how Vigie's stands to each of the others."""
    heads = "".join(f"{bot:>12}" for bot in BOTS)
    lines = [load.name, f"  {'':16}{heads}{'ratio':>9}{'tuned':>8}"]
    for row in ROWS:
        ours, *theirs = (median(results[bot], row) for bot in BOTS)
        ratios = "".join(f"{_ratio(ours, each):>8}" for each in theirs) if row.ratio else ""
        shown = "".join(f"{_shown(value):>12}" for value in (ours, *theirs))
        lines.append(f"  {row.title:16}{shown} {ratios}")
    return lines


def _ratio(ours: float | None, theirs: float | None) -> str:
    return f"{ours / theirs:.2f}" if ours is not None and theirs else ""


def _shown(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}".removesuffix(".00")


def targets(flat: Mapping[str, Sequence[Result]], paced: Mapping[str, Sequence[Result]]) -> list[str]:
    """What was aimed at, and what came out."""
    ours = median(flat[VIGIE], ROWS[0]) or 0.0
    reply = median(paced[VIGIE], ROWS[1]) or 0.0
    return [
        f"beside {bot}: {ours / (median(flat[bot], ROWS[0]) or 1.0):.0%} of its throughput (target: at least 25%),"
        f" {reply - (median(paced[bot], ROWS[1]) or 0.0):+.2f} ms at the median when paced (target: at most 10 ms)"
        for bot in (BOLT, TUNED)
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--driver", type=Path, required=True, help="the load driver, a Python file")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run, in turn")
    parser.add_argument("--events", type=int, default=3000, help="events of a run flat out")
    parser.add_argument("--concurrency", type=int, default=16, help="events in flight, flat out")
    parser.add_argument("--rate", type=float, default=20.0, help="events a second, paced")
    parser.add_argument("--paced-events", type=int, default=300, help="events of a paced run")
    parser.add_argument("--kind", default="dm", help="the driver's kind of event: dm, mention, …")
    parser.add_argument(
        "--scratch", type=Path, help="where the data folders are made: on the disk to measure"
    )
    parser.add_argument("--json", type=Path, help="append every run to this file, one JSON object a line")
    return parser.parse_args()


def main() -> None:
    wanted = _arguments()
    loads = (
        Load(name="flat out", events=wanted.events, concurrency=wanted.concurrency),
        Load(name=f"{wanted.rate:g} events/s", events=wanted.paced_events, rate=wanted.rate),
    )
    results: dict[str, dict[str, list[Result]]] = {load.name: {bot: [] for bot in BOTS} for load in loads}
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir=wanted.scratch) as scratch:
        for _ in range(wanted.rounds):
            for load in loads:
                for bot in BOTS:
                    result = measure(bot, load, driver=wanted.driver, kind=wanted.kind, scratch=Path(scratch))
                    results[load.name][bot].append(result)
                    if wanted.json:
                        with wanted.json.open("a") as file:
                            file.write(json.dumps(result) + "\n")
    print(f"\nMedians of {wanted.rounds} runs each, in turn. Python {platform.python_version()},", end=" ")
    print(f"{os.cpu_count()} cores shared with the driver.\n")
    for load in loads:
        print("\n".join(table(load, results[load.name])) + "\n")
    print("\n".join(targets(results[loads[0].name], results[loads[1].name])))


if __name__ == "__main__":
    main()
