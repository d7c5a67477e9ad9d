"""Vigie on PostgreSQL with one, two, four and eight workers: throughput, what a turn costs where, and where it bends.

    python -m bench.workers --drivers FOLDER --workers 1 2 4 8 --events 1500 --scratch FOLDER

Each row is a new database, one `vigie web` and as many `vigie worker`. The same events come flat out through Slack's HTTP door,
from `--people` people in as many chats, since one place has one turn at a time. PostgreSQL waits for the disk at every commit, under
`--scratch`. The model is the built-in mind; with `--thought MS` it is one that answers after so long, where waiting is what
workers are for. Processor time is of each kind of process, by event. Nothing here decides whether a test passes.
"""

import argparse
import contextlib
import json
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.peers.bots import MODEL, ROOT, SECRET
from tests.peers.processes import free_port
from tests.peers.servers import cluster

_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
_PATIENCE = 300
"""Seconds for one run, and for a process to be ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`cpu` is in milliseconds an event, by kind of process."""

    workers: int
    measured: dict[str, Any]
    cpu: dict[str, float]


@contextlib.contextmanager
def _process(name: str, arguments: Sequence[str], home: Path, **more: str) -> Generator[int]:
    """Its id, from when it has said that it works."""
    log = home / f"{name}.log"
    with log.open("wb") as out:
        made = subprocess.Popen(
            [sys.executable, *arguments], cwd=home, stdout=out, stderr=out, env={**os.environ, **more}
        )
        try:
            _until_said(log, made)
            yield made.pid
        finally:
            made.terminate()
            try:
                made.wait(30)
            except subprocess.TimeoutExpired:
                made.kill()


def _until_said(log: Path, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if any(words in log.read_text(errors="replace") for words in ("Vigie works", "on watch", "fake LLM")):
            return
        time.sleep(0.05)
    raise SystemExit(f"it does not start:\n{log.read_text(errors='replace')[-2000:]}")


def _spent(pids: Sequence[int]) -> float:
    """Seconds of processor time of these and of all they started."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            for each in (process, *process.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    times = each.cpu_times()
                    total += times.user + times.system
    return total


def serve(workers: int, home: Path, database: int) -> None:
    """What the driver starts, so that its Slack is there first: workers, then the door. Ends with SIGTERM, and leaves
    behind what each kind of process took."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: ended.set())
    with contextlib.ExitStack() as stack:
        hands = [
            stack.enter_context(_process(f"worker-{number}", ["-m", "vigie", "worker"], home, PORT="1"))
            for number in range(workers)
        ]
        doors = [stack.enter_context(_process("web", ["-m", "vigie", "web"], home))]
        kinds = {"web": doors, "workers": hands, "PostgreSQL": [database]}
        before = {name: _spent(pids) for name, pids in kinds.items()}
        ended.wait()
        spent = {name: _spent(pids) - before[name] for name, pids in kinds.items()}
        (home / "spent.json").write_text(json.dumps(spent))


def measure(workers: int, wanted: argparse.Namespace, scratch: Path) -> Row:
    """One row, over a database of its own."""
    home = Path(tempfile.mkdtemp(prefix=f"workers-{workers}-", dir=scratch))
    web, slack, model = (free_port() for _ in range(3))
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(cluster(durable=True))
        environment = {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database.url,
            "VIGIE_HOME": str(home),
            "PORT": str(web),
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"http://127.0.0.1:{slack}/api/",
        }
        if wanted.thought:
            environment |= {
                "OPENAI_API_KEY": "bench",
                "OPENAI_BASE_URL": f"http://127.0.0.1:{model}/v1",
                "VIGIE_MODEL": f"openai-chat:{MODEL}",
            }
            mock = [str(wanted.drivers / "fakellm.py"), "--port", str(model)]
            stack.enter_context(_process("model", [*mock, "--ttft", str(wanted.thought / 1000)], home))
        serving = [sys.executable, "-m", "bench.workers", "--serve", str(workers), str(home)]
        options = {
            "--bot-url": f"http://127.0.0.1:{web}/slack/events",
            "--signing-secret": SECRET,
            "--slack-port": str(slack),
            "--kind": "dm",
            "--n": str(wanted.events),
            "--users": str(wanted.people),
            "--concurrency": str(wanted.concurrency),
            "--spawn": shlex.join([*serving, str(database.pid)]),
            "--spawn-log": str(home / "serve.log"),
            "--connect-timeout": "120",
            "--json": str(home / "result.json"),
        }
        flat = [part for pair in options.items() for part in pair]
        driver = [sys.executable, str(wanted.drivers / "slackload.py"), *flat]
        subprocess.run(driver, cwd=home, env=environment, check=False, timeout=_PATIENCE)
        row = _read(home, workers, wanted.events)
    shutil.rmtree(home, ignore_errors=True)
    return row


def _read(home: Path, workers: int, events: int) -> Row:
    found, spent = home / "result.json", home / "spent.json"
    if not found.is_file() or not spent.is_file():
        log = home / "serve.log"
        raise SystemExit(f"nothing was measured\n{log.read_text() if log.is_file() else ''}")
    cpu = {name: seconds * 1000 / events for name, seconds in json.loads(spent.read_text()).items()}
    return Row(workers=workers, measured=json.loads(found.read_text().splitlines()[-1]), cpu=cpu)


def _table(rows: Sequence[Row]) -> list[str]:
    heads = ("replies/s", "p50 ms", "p99 ms", "ack p99", "lost", "dup", "web", "workers", "PostgreSQL")
    lines = [
        f"  {'workers':8}" + "".join(f"{head:>12}" for head in heads) + "   (the last three: CPU ms/event)"
    ]
    for row in rows:
        found = row.measured
        cells: list[float] = [found["replies_per_s"], found["reply_ms"]["p50"], found["reply_ms"]["p99"]]
        cells += [found["ack_ms"]["p99"], found["lost"], found["duplicates"], *row.cpu.values()]
        lines.append(f"  {row.workers:<8}" + "".join(f"{cell:>12.5g}" for cell in cells))
    return lines


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--drivers", type=Path, required=True, help="has slackload.py and fakellm.py")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--events", type=int, default=1500)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--concurrency", type=int, default=64, help="events in flight")
    parser.add_argument(
        "--thought", type=float, default=0, help="milliseconds a model takes; 0: built-in mind"
    )
    parser.add_argument("--scratch", type=Path, help="on the disk to measure")
    wanted = parser.parse_args()
    wanted.drivers = wanted.drivers.resolve()
    with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir=wanted.scratch) as scratch:
        rows = [measure(workers, wanted, Path(scratch)) for workers in wanted.workers]
    print(f"\nPython {platform.python_version()}, {os.cpu_count()} cores shared with driver and database.\n")
    print("\n".join(_table(rows)))


if __name__ == "__main__":
    main()
