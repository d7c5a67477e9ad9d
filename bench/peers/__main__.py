"""Vigie beside a bare slack-bolt echo, a bare python-telegram-bot echo, opsdroid, errbot and nanobot, in turn.

    python -m bench.peers --drivers FOLDER --environments FOLDER --rounds 3 --scratch FOLDER

The drivers are programs of their own (bench/README.md says what they must understand). A peer whose environment is
absent is left out, and said so. Nothing here decides whether a test passes.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.peers.bots import BOTS, Bot
from bench.peers.running import Load, Result, measure
from bench.peers.tables import table, targets


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--drivers", type=Path, required=True, help="has slackload.py, tgload.py and fakellm.py"
    )
    parser.add_argument("--environments", type=Path, help="has a virtual environment of each peer's name")
    parser.add_argument("--only", action="append", default=[], help="bots whose name has this in it; repeat")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run, in turn")
    parser.add_argument("--events", type=int, default=2000, help="events of a run flat out")
    parser.add_argument("--thought-events", type=int, default=400, help="the same, where a model is asked")
    parser.add_argument("--concurrency", type=int, default=16, help="events in flight, flat out")
    parser.add_argument("--rate", type=float, default=20.0, help="events a second, paced")
    parser.add_argument("--thought-rate", type=float, default=4.0, help="the same, where a peer asks a model")
    parser.add_argument("--paced-events", type=int, default=200, help="events of a paced run")
    parser.add_argument(
        "--scratch", type=Path, help="where the data folders are made: on the disk to measure"
    )
    parser.add_argument("--json", type=Path, help="append every run to this file, one JSON object a line")
    return parser.parse_args()


def _chosen(wanted: argparse.Namespace) -> dict[Bot, Path]:
    chosen: dict[Bot, Path] = {}
    for bot in BOTS:
        if wanted.only and not any(part in bot.name for part in wanted.only):
            continue
        if python := bot.python(wanted.environments):
            chosen[bot] = python
        else:
            print(f"left out: {bot.name} (no environment {bot.environment})")
    return chosen


def _loads(bot: Bot, wanted: argparse.Namespace) -> Sequence[Load]:
    """Flat out and paced. A peer that thinks is paced below what it can do, or it would only queue."""
    events = wanted.thought_events if bot.thinks else wanted.events
    rate = wanted.thought_rate if bot.thinks and not bot.ours else wanted.rate
    paced = Load(name="paced", events=min(wanted.paced_events, round(rate * 15)), rate=rate)
    flat = Load(name="flat out", events=events, concurrency=wanted.concurrency)
    return (flat, paced) if bot.flat else (paced,)


def _installed(python: Path, bot: Bot) -> str:
    """How much its environment takes on the disk."""
    if bot.ours or not bot.environment:
        return ""
    sizes = subprocess.run(
        ["du", "-sm", str(python.parent.parent)], capture_output=True, text=True, check=True
    )
    return f"  {bot.name}: {sizes.stdout.split()[0]} MB installed"


def main() -> None:
    wanted = _arguments()
    drivers, chosen = wanted.drivers.resolve(), _chosen(wanted)
    results: dict[str, dict[str, list[Result]]] = {
        name: {bot.name: [] for bot in chosen} for name in ("flat out", "paced")
    }
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir=wanted.scratch) as scratch:
        for _ in range(wanted.rounds):
            for bot, python in chosen.items():
                for load in _loads(bot, wanted):
                    result = measure(bot, load, python=python, drivers=drivers, scratch=Path(scratch))
                    results[load.name][bot.name].append(result)
                    if wanted.json:
                        with wanted.json.open("a") as file:
                            file.write(json.dumps(result) + "\n")
    print("\n".join(_report(wanted, chosen, results)))


def _report(
    wanted: argparse.Namespace, chosen: dict[Bot, Path], results: dict[str, dict[str, list[Result]]]
) -> Sequence[str]:
    flat = Load(name="flat out", events=wanted.events)
    paced = Load(name="paced", events=wanted.paced_events)
    return [
        (
            f"\nMedians of {wanted.rounds} runs each, in turn. Python {platform.python_version()},"
            f" {os.cpu_count()} cores shared with the driver. Paced at {wanted.rate:g}/s"
            f" ({wanted.thought_rate:g}/s for a peer that asks a model).\n"
        ),
        *table(flat, results[flat.name], list(chosen)),
        "",
        *table(paced, results[paced.name], list(chosen)),
        "",
        *targets(results, flat, paced),
        *filter(None, (_installed(python, bot) for bot, python in chosen.items())),
    ]


if __name__ == "__main__":
    main()
