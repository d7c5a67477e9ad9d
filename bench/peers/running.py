"""One run of one bot under one load: the driver starts the bot, plays its chat and measures it."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers.bots import CHATS, SECRET, Bot, Chat, Ports
from bot import rulebook

Result = Mapping[str, Any]
"""What the driver measured in one run."""
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
_PATIENCE = 300
"""Seconds for one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """`rate` 0 is flat out: `concurrency` events in flight, the next as soon as one is answered."""

    name: str
    events: int
    rate: float = 0.0
    concurrency: int = 16


def _free_ports() -> Ports:
    probes = [socket.socket() for _ in range(3)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        bot, chat, model = (probe.getsockname()[1] for probe in probes)
        return Ports(bot=bot, chat=chat, model=model)
    finally:
        for probe in probes:
            probe.close()


@contextlib.contextmanager
def _model(drivers: Path, port: int, home: Path) -> Generator[None]:
    """A model that answers at once, while the block runs."""
    command = [sys.executable, str(drivers / "fakellm.py"), "--port", str(port)]
    with (home / "model.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=home)
        try:
            _until_heard(port, process)
            yield
        finally:
            process.kill()
            process.wait()


def _until_heard(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit("the model's mock does not start")


def _options(bot: Bot, load: Load, ports: Ports, home: Path, python: Path) -> Mapping[str, str]:
    chat = (
        {
            "--tg-port": str(ports.chat),
            "--mode": "polling",
            "--kind": "message",
            "--chats": str(CHATS),
        }
        if bot.chat is Chat.TELEGRAM
        else {
            "--slack-port": str(ports.chat),
            "--bot-url": f"http://127.0.0.1:{ports.bot}{bot.path}",
            "--signing-secret": SECRET,
            "--transport": "socket" if bot.chat is Chat.SOCKET else "http",
            "--kind": "dm",
        }
    )
    return chat | {
        "--n": str(load.events),
        "--rate": str(load.rate),
        "--concurrency": str(load.concurrency),
        "--idle": "2",
        "--spawn": bot.command(python),
        "--spawn-log": str(home / "bot.log"),
        "--json": str(home / "result.json"),
        "--name": f"{bot.name}, {load.name}",
    }


def _generous() -> str:
    """The shipped policy, with no limit on the tokens that so many events at once use up."""
    return re.sub(r"^tokens = \S+", 'tokens = "unlimited"', rulebook.shipped_text(), flags=re.MULTILINE)


def measure(bot: Bot, load: Load, *, python: Path, drivers: Path, scratch: Path) -> Result:
    """Raises SystemExit with the end of the bot's log when nothing could be measured."""
    home = Path(
        tempfile.mkdtemp(prefix=f"{bot.name.split(',', maxsplit=1)[0].replace(' ', '-')}-", dir=scratch)
    )
    ports, found = _free_ports(), home / "result.json"
    if bot.ours and bot.thinks:
        (home / "policy.toml").write_text(_generous(), encoding="utf-8")
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    driver = drivers / ("tgload.py" if bot.chat is Chat.TELEGRAM else "slackload.py")
    flat = [part for pair in _options(bot, load, ports, home, python).items() for part in pair]
    with _model(drivers, ports.model, home) if bot.thinks else contextlib.nullcontext():
        # It runs in a folder of its own, so that no .env of a developer is read.
        run = subprocess.run(
            [sys.executable, str(driver), *flat],
            env={**kept, **bot.settings(ports, home)},
            cwd=home,
            check=False,
            timeout=_PATIENCE,
        )
    if not found.is_file():
        log = (home / "bot.log").read_text(errors="replace") if (home / "bot.log").is_file() else ""
        raise SystemExit(f"{bot.name}: nothing was measured (exit status {run.returncode})\n{log[-4000:]}")
    result: Result = json.loads(found.read_text().splitlines()[-1])
    shutil.rmtree(home)
    return result
