"""`vigie doctor`, as a command: well where all is well, and for one mistake each, the line that says what to do."""

import json
import re
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from adapters.chat.slack.manifest import SCOPES
from tests.adapters.mcp.connecting import written
from tests.peers import databases
from tests.peers.servers import Aimock, aimock, local_slack
from tests.peers.services import Mailbox, dovecot
from tests.peers.vendors import localstripe, mcp_everything, mcp_everything_command
from tests.running import free_port, running, vigie
from tests.twins import telegram
from tests.twins.slack import APP_TOKEN, BOT_TOKEN, SlackTwin
from tests.twins.telegram import TOKEN
from vigie.checking import clock

KEY = "sk-canary-of-the-doctor"


def lines(printed: str) -> dict[str, str]:
    """Each line by what it is about, with its `ok` or `FAIL` in front."""
    found: dict[str, str] = {}
    for line in printed.splitlines():
        mark, _, rest = line.partition(" ")
        name, _, words = rest.strip().partition(": ")
        if mark in ("ok", "FAIL"):
            found[name] = f"{mark} {words}"
    return found


async def says(home: Path, **settings: str) -> tuple[int, dict[str, str]]:
    status, printed = await vigie(home, "doctor", settings={"PORT": str(free_port()), **settings})
    assert BOT_TOKEN not in printed
    assert TOKEN not in printed
    assert KEY not in printed
    return status, lines(printed)


@pytest_asyncio.fixture
async def slack() -> AsyncGenerator[SlackTwin]:
    async with SlackTwin(scopes=",".join(SCOPES)).serving() as twin:
        yield twin


def of_slack(twin: SlackTwin, *, bot: str = BOT_TOKEN, app: str = APP_TOKEN) -> dict[str, str]:
    return {"SLACK_API_URL": twin.api_url, "SLACK_BOT_TOKEN": bot, "SLACK_APP_TOKEN": app}


async def test_a_fresh_installation_is_well(tmp_path: Path) -> None:
    status, found = await says(tmp_path)
    assert status == 0
    assert all(line.startswith("ok ") for line in found.values())
    assert {"disk", "database", "policy", "keys", "clock", "program", "model"} <= found.keys()


async def test_beside_a_running_program_it_tells_of_that_too(tmp_path: Path) -> None:
    async with running(tmp_path) as program:
        status, found = await says(tmp_path, PORT=str(program.port))
    assert status == 0
    assert "and is ready" in found["program"]


async def test_a_database_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    status, found = await says(tmp_path, DATABASE_URL=f"postgresql://vigie:{KEY}@127.0.0.1:9/vigie")
    assert status == 1
    assert found["database"].startswith("FAIL ")


# Slack -----------------------------------------------------------------------------------------------------


@pytest.mark.peer("local-slack")
async def test_socket_mode_is_tried_by_a_real_round_trip(tmp_path: Path) -> None:
    with local_slack("socket") as peer:
        settings = {
            "SLACK_BOT_TOKEN": peer.bot_token,
            "SLACK_APP_TOKEN": peer.app_token,
            "SLACK_API_URL": peer.api_url,
        }
        status, found = await says(tmp_path, **settings)
    assert status == 0
    assert "Socket Mode answered in" in found["slack"]
    assert "of Slack" in found["clock"]


async def test_a_slack_app_without_a_scope_is_told_which(tmp_path: Path, slack: SlackTwin) -> None:
    slack.scopes = ",".join(set(SCOPES) - {"users:read"})
    status, found = await says(tmp_path, **of_slack(slack))
    assert status == 1
    assert found["slack"].startswith("FAIL ")
    assert "lacks users:read" in found["slack"]
    assert "install it again" in found["slack"]


async def test_a_wrong_bot_token_is_told(tmp_path: Path, slack: SlackTwin) -> None:
    status, found = await says(tmp_path, **of_slack(slack, bot="xoxb-of-somebody-else"))
    assert status == 1
    assert "does not accept SLACK_BOT_TOKEN" in found["slack"]


async def test_a_wrong_app_token_is_told(tmp_path: Path, slack: SlackTwin) -> None:
    status, found = await says(tmp_path, **of_slack(slack, app="xapp-of-somebody-else"))
    assert status == 1
    assert "does not accept SLACK_APP_TOKEN (invalid_auth)" in found["slack"]


async def test_a_socket_that_is_deaf_is_told(tmp_path: Path, slack: SlackTwin) -> None:
    slack.deaf = "silent"
    status, found = await says(tmp_path, **of_slack(slack))
    assert status == 1
    assert "nothing came back on Socket Mode" in found["slack"]


async def test_a_slack_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    settings = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN}
    status, found = await says(tmp_path, **settings, SLACK_API_URL=f"http://127.0.0.1:{free_port()}/api/")
    assert status == 1
    assert "cannot be reached" in found["slack"]


# Telegram --------------------------------------------------------------------------------------------------


async def test_telegram_is_asked_with_the_token(tmp_path: Path) -> None:
    async with telegram.running() as twin:
        status, found = await says(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=twin.api_url)
        assert status == 0
        assert found["telegram"].startswith("ok ")
        wrong = "123456789:AAwrongAAwrongAAwrongAAwrongAAwrong"
        status, found = await says(tmp_path, TELEGRAM_BOT_TOKEN=wrong, TELEGRAM_API_URL=twin.api_url)
        assert status == 1
        assert "TELEGRAM_BOT_TOKEN" in found["telegram"]


# Mailboxes -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mailbox() -> Generator[Mailbox]:
    with dovecot() as box:
        yield box


def of_mailbox(box: Mailbox, *, password: str = "", folder: str = "INBOX", port: int = 0) -> dict[str, str]:
    user = box.user.replace("@", "%40")
    url = f"imaps://{user}:{password or box.password}@localhost:{port or box.imaps}/{folder}"
    return {"IMAP_URL": url, "SSL_CERT_FILE": str(box.certificate)}


def told_of(found: dict[str, str], prefix: str) -> str:
    """The one line about a thing of this kind."""
    [line] = (line for name, line in found.items() if name.startswith(prefix))
    return line


@pytest.mark.peer("dovecot")
async def test_a_mailbox_is_logged_in_to_and_its_folder_opened(tmp_path: Path, mailbox: Mailbox) -> None:
    status, found = await says(tmp_path, **of_mailbox(mailbox))
    assert (status, told_of(found, "mailbox")[:3]) == (0, "ok ")


@pytest.mark.peer("dovecot")
@pytest.mark.parametrize(
    ("wrong", "step"),
    [
        ({"password": "of-yesterday"}, "set IMAP_URL anew"),
        ({"folder": "Nowhere"}, "name one that is there behind the port in IMAP_URL"),
        ({"port": free_port()}, "Look at the host and the port in IMAP_URL"),
    ],
)
async def test_a_mailbox_that_cannot_be_watched_is_told_with_the_next_step(
    tmp_path: Path, mailbox: Mailbox, wrong: dict[str, Any], step: str
) -> None:
    status, found = await says(tmp_path, **of_mailbox(mailbox, **wrong))
    line = told_of(found, "mailbox")
    assert (status, line[:5]) == (1, "FAIL ")
    assert step in line
    assert mailbox.password not in line
    assert "of-yesterday" not in line


# MCP servers -----------------------------------------------------------------------------------------------


async def says_of(home: Path, entry: Mapping[str, Any]) -> tuple[int, str]:
    """What it says of one MCP server."""
    file = written(home, {"all": entry})
    status, found = await says(home, VIGIE_MCP_SERVERS=str(file))
    return status, found["all"]


@pytest.mark.peer("mcp-everything")
async def test_an_mcp_server_is_greeted_and_asked_for_its_tools(tmp_path: Path) -> None:
    with mcp_everything() as url:
        status, by_address = await says_of(tmp_path, {"url": url})
    assert status == 0
    assert re.search(r"^ok .* \d+ tools, \d+ of them unclassified", by_address)
    command, *arguments = mcp_everything_command()
    status, as_program = await says_of(tmp_path, {"command": command, "args": arguments})
    assert status == 0
    assert re.search(r"^ok .* \d+ tools", as_program)


@pytest.mark.parametrize(
    "entry",
    [
        {"url": f"http://127.0.0.1:{free_port()}/mcp"},
        {"command": "/no/such/program"},
        {"command": sys.executable, "args": ["-c", "import sys; sys.exit('no licence')"]},
    ],
)
async def test_an_mcp_server_that_does_not_answer_is_told_with_the_next_step(
    tmp_path: Path, entry: dict[str, Any]
) -> None:
    status, line = await says_of(tmp_path, entry)
    assert (status, line[:5]) == (1, "FAIL ")
    assert "look at “all” in mcp.json" in line
    assert "args" not in entry or "no licence" in line


# Connected systems -----------------------------------------------------------------------------------------


@pytest.mark.peer("localstripe")
async def test_a_system_is_asked_who_it_is(tmp_path: Path) -> None:
    with localstripe() as vendor:
        status, found = await says(tmp_path, STRIPE_API_KEY=vendor.token, STRIPE_API_URL=vendor.url)
    assert (status, found["stripe"][:3]) == (0, "ok ")
    status, found = await says(tmp_path, STRIPE_API_KEY=vendor.token, STRIPE_API_URL=vendor.url)
    assert (status, found["stripe"][:5]) == (1, "FAIL ")
    assert "can this machine reach it? Its settings: STRIPE_API_KEY, STRIPE_API_URL" in found["stripe"]
    assert "sk_test_vigie" not in found["stripe"]


# PostgreSQL ------------------------------------------------------------------------------------------------


@pytest.mark.peer("postgresql")
async def test_a_server_is_connected_to_and_told_what_is_wrong_with_it(tmp_path: Path) -> None:
    url = databases.fresh()
    keys = {"VIGIE_SECRET_KEYS": "keys-of-every-machine-1"}
    status, found = await says(tmp_path, DATABASE_URL=url, **keys)
    assert status == 0
    assert re.search(r"^ok PostgreSQL \d+\.\d+ answers, and tells one connection", found["database"])
    for wrong, step in (
        (url.replace(str(urlsplit(url).port), str(free_port())), "does it run, and are the host and port"),
        (url.rpartition("/")[0] + "/nowhere", "make one that is empty, or mend DATABASE_URL"),
    ):
        status, found = await says(tmp_path, DATABASE_URL=wrong, **keys)
        assert (status, found["database"][:5]) == (1, "FAIL ")
        assert step in found["database"]


# Models ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Generator[Aimock]:
    fixtures = tmp_path_factory.mktemp("aimock") / "fixtures.json"
    answers = [
        {
            "match": {"userMessage": "one short sentence", "model": "gpt-4o-mini"},
            "response": {"content": "ready"},
        },
        {
            "match": {"userMessage": "one short sentence"},
            "response": {"error": {"message": f"no such model {KEY}", "type": "not_found"}, "status": 404},
        },
    ]
    fixtures.write_text(json.dumps({"fixtures": answers}))
    with aimock(fixtures) as started:
        yield started


@pytest.mark.peer("aimock")
async def test_a_model_is_tried_by_a_real_completion(tmp_path: Path, provider: Aimock) -> None:
    keys = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.openai_url}
    status, found = await says(tmp_path, VIGIE_MODEL="openai-chat:gpt-4o-mini", **keys)
    assert status == 0
    assert "openai-chat:gpt-4o-mini answered in" in found["model"]
    status, found = await says(tmp_path, VIGIE_MODEL="openai-chat:gpt-of-yesterday", **keys)
    assert status == 1
    assert found["model"].startswith("FAIL ")
    assert "check VIGIE_MODEL" in found["model"]


async def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    away = f"http://127.0.0.1:{free_port()}/v1"
    keys = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": away}
    status, found = await says(tmp_path, VIGIE_MODEL="openai-chat:gpt-4o-mini", **keys)
    assert status == 1
    assert "no connection to the model" in found["model"]


# What is here ----------------------------------------------------------------------------------------------


async def test_a_damaged_database_is_told_before_anything_is_written_to_it(tmp_path: Path) -> None:
    assert (await vigie(tmp_path, "migrate"))[0] == 0
    file = tmp_path / "vigie.db"
    broken = bytearray(file.read_bytes())
    broken[20_000:40_000] = b"\xff" * 20_000
    file.write_bytes(broken)
    status, found = await says(tmp_path)
    assert status == 1
    assert "is damaged" in found["database"]
    assert "vigie restore" in found["database"]
    assert file.read_bytes() == broken


async def test_keys_of_another_installation_are_told(tmp_path: Path) -> None:
    async with running(tmp_path):
        pass
    status, found = await says(tmp_path, VIGIE_SECRET_KEYS="keys of another installation")
    assert status == 1
    assert "do not open the secrets" in found["keys"]


@pytest.mark.parametrize(
    ("off", "said"),
    [(0, "within 1 s of Slack"), (600, "600 seconds ahead"), (-600, "600 seconds behind")],
)
async def test_the_clock_is_held_against_the_platform_s(off: int, said: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        theirs = datetime.now(UTC) - timedelta(seconds=off)
        return httpx.Response(200, headers={"Date": format_datetime(theirs, usegmt=True)})

    health = await clock({"Slack": "https://slack.com/api/api.test"}, wire=httpx.MockTransport(answer))
    assert health.well is (off == 0)
    about = re.sub(r"\b(?:599|601)\b", "600", health.text)  # a Date has whole seconds
    assert said in about
    assert health.well or "time synchronisation" in health.text


async def test_a_platform_without_a_clock_is_no_fault() -> None:
    health = await clock({"Slack": "https://x/"}, wire=httpx.MockTransport(lambda _: httpx.Response(500)))
    assert health.well
    assert (await clock({})).well
