"""What may come to the doors of the running program, and what it answers: a status and a line, never a secret, never
a trace; and it works on afterwards.
"""

import json
import re
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

import httpx
import pytest
import pytest_asyncio

from adapters.chat.web.guard import form_token
from bot.values import Json
from tests.running import Program, free_port, running
from tests.stories.peers.record import everything, ledger_holds, until
from tests.twins import slack_events, telegram
from tests.twins.slack import BOT_TOKEN, SECRET, TEAM, SlackTwin
from tests.twins.telegram import ANA, TOKEN, Twin

pytestmark = pytest.mark.asyncio(loop_scope="module")
HOOK_SECRET = "canary-hook-secret"
AT_REST = "canary-key-for-secrets-at-rest"
CANARIES = (BOT_TOKEN, SECRET, TOKEN, TOKEN.partition(":")[2], HOOK_SECRET, AT_REST)
SLACK, TELEGRAM = "/slack/events", "/telegram/webhook"
FORM = "application/x-www-form-urlencoded"
DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


@dataclass
class Doors:
    """The program with all its doors open, and everything it answered."""

    program: Program
    http: httpx.AsyncClient
    slack: SlackTwin
    telegram: Twin
    answers: list[httpx.Response] = field(default_factory=list[httpx.Response])

    async def post(
        self, path: str, body: bytes = b"", headers: Mapping[str, str | bytes] | None = None
    ) -> httpx.Response:
        raw = [(name.encode(), _bytes(value)) for name, value in (headers or {}).items()]
        answer = await self.http.post(path, content=body, headers=raw)
        self.answers.append(answer)
        return answer

    async def get(self, path: str) -> httpx.Response:
        self.answers.append(answer := await self.http.get(path))
        return answer

    async def event(self, payload: Mapping[str, Json]) -> httpx.Response:
        """A genuine delivery of Slack's."""
        body, headers = slack_events.request(payload)
        return await self.post(SLACK, body, headers)

    async def hears(self, text: str) -> None:
        """The proof that it still works: a message is answered."""
        stamp = f"{time.time():.6f}"
        answer = await self.event(slack_events.said(text, ts=stamp, event_id=f"Ev{stamp}"))
        assert answer.status_code == 200

        async def answered() -> bool:
            return any(text in str(message) for message in self.slack.messages)

        await until(answered, f"{text!r} was not answered")


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def doors(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Doors]:
    port = free_port()
    async with telegram.running() as chats, SlackTwin().serving() as slack:
        settings = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.api_url,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": chats.api_url,
            "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}",
            "TELEGRAM_WEBHOOK_SECRET": HOOK_SECRET,
            "VIGIE_SECRET_KEYS": AT_REST,
            "VIGIE_OWNERS": f"slack:{TEAM}:U0ALICE,telegram:{ANA}",
        }
        home = tmp_path_factory.mktemp("doors")
        async with (
            running(home, "demo", settings=settings, port=port) as program,
            httpx.AsyncClient(base_url=program.url, timeout=10) as http,
        ):
            yield Doors(program, http, slack, chats)


def plain(answer: httpx.Response) -> bool:
    """At most one line, which says nothing of the inside."""
    text = answer.text.strip()
    return (
        "\n" not in text and len(text) < 200 and not re.search(r"Traceback|\.py|Error\b|site-packages", text)
    )


EVENT = json.dumps(slack_events.said("do demo.find_orders")).encode()
GENUINE = slack_events.headers(EVENT, "application/json")


@pytest.mark.parametrize(
    ("why", "body", "headers", "status"),
    [
        ("no signature", EVENT, {"Content-Type": "application/json"}, 401),
        ("a wrong one", EVENT, {**GENUINE, "X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ("another body", EVENT + b" ", GENUINE, 401),
        (
            "another secret",
            EVENT,
            slack_events.headers(EVENT, "application/json", secret="guessed-signing-secret"),
            401,
        ),
        ("too old", EVENT, slack_events.headers(EVENT, "application/json", at=time.time() - 600), 401),
        ("of tomorrow", EVENT, slack_events.headers(EVENT, "application/json", at=time.time() + 86_400), 401),
        ("not ASCII", EVENT, {**GENUINE, "X-Slack-Signature": "v0=é€".encode()}, 401),
        ("a timestamp in words", EVENT, {**GENUINE, "X-Slack-Request-Timestamp": "yesterday"}, 401),
        ("an Arabic timestamp", EVENT, {**GENUINE, "X-Slack-Request-Timestamp": "١٢٣".encode()}, 401),
        ("two megabytes", b"x" * 2_000_000, GENUINE, 413),
    ],
)
async def test_slack_must_sign(
    doors: Doors, why: str, body: bytes, headers: dict[str, str | bytes], status: int
) -> None:
    answer = await doors.post(SLACK, body, headers)
    assert (answer.status_code, plain(answer)) == (status, True), why


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b'{"type": "event_', "application/json", 400),
        (b"[1, 2]", "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (DEEP, "application/json", 400),
        (b'{"type": ' + b"9" * 5_000 + b"}", "application/json", 400),
        (b"payload=%7Bbroken", FORM, 400),
        (b"&".join(b"a%d=1" % n for n in range(1000)), FORM, 400),
        (EVENT, "text/plain", 400),
        (b'{"type": "event_callback", "event": "no object"}', "application/json", 400),
        (b'{"type": "block_actions", "actions": 7}', "application/json", 400),
    ],
)
async def test_what_slack_signed_must_be_readable(doors: Doors, body: bytes, kind: str, status: int) -> None:
    answer = await doors.post(SLACK, body, slack_events.headers(body, kind))
    assert (answer.status_code, plain(answer)) == (status, True), answer.text


async def test_a_request_of_slacks_that_is_played_again_is_handled_once(doors: Doors) -> None:
    stamp = f"{time.time():.6f}"
    body, headers = slack_events.request(slack_events.said("hello replayed", ts=stamp, event_id="EvReplay"))
    for _ in range(3):
        assert (await doors.post(SLACK, body, headers)).status_code == 200
    await doors.hears("hello after the replay")
    assert len([m for m in doors.slack.messages if "hello replayed" in str(m)]) == 1


@pytest.mark.parametrize(
    "value", ["x" * 22 + ":1", "x" * 22 + ":999999999", "../../etc:1", "", "🦉:1", "a:b"]
)
async def test_a_button_nobody_issued_does_nothing(doors: Doors, value: str) -> None:
    answer = await doors.event(
        slack_events.pressed("vigie:approve", value, ts=f"{time.time():.6f}", action_ts=f"{time.time():.6f}")
    )
    assert (answer.status_code, answer.text) == (200, "")


@pytest.mark.parametrize(
    "secret", [None, "", "wrong", HOOK_SECRET + "x", HOOK_SECRET.encode() + "é".encode()]
)
async def test_telegram_must_know_the_secret(doors: Doors, secret: str | bytes | None) -> None:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    answer = await doors.post(TELEGRAM, b'{"update_id": 1}', headers)
    assert (answer.status_code, plain(answer)) == (403, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b'{"update_id": ', 400),
        (b"[]", 400),
        (b'{"message": {}}', 400),
        (b'{"update_id": "1"}', 400),
        (DEEP, 400),
        (b"x" * 2_000_000, 413),
        (b'{"update_id": 7, "message": 7}', 200),
        (b'{"update_id": 8, "message": {"message_id": 1, "date": -1, "chat": {}}}', 200),
        (b'{"update_id": 9, "callback_query": {"id": "1", "data": "\\ud800"}}', 200),
    ],
)
async def test_what_telegram_sends_must_be_readable(doors: Doors, body: bytes, status: int) -> None:
    answer = await doors.post(TELEGRAM, body, {"X-Telegram-Bot-Api-Secret-Token": HOOK_SECRET})
    assert (answer.status_code, plain(answer)) == (status, True)


@pytest.mark.parametrize("path", ["/chat", "/pending", "/missions", "/stream", "/form/x?revision=1"])
async def test_a_forged_session_sees_nothing(doors: Doors, path: str) -> None:
    doors.http.cookies.set("vigie_session", "x" * 22)
    answer = await doors.get(path)
    doors.http.cookies.clear()
    assert answer.status_code == 401
    assert "Traceback" not in answer.text
    assert "1007" not in answer.text


async def test_a_page_takes_only_forms_of_its_own(doors: Doors) -> None:
    token = doors.program.link.partition("token=")[2]
    signed = await doors.post("/sign-in", f"token={token}".encode(), {"Content-Type": FORM})
    session = signed.cookies["vigie_session"]
    said = f"text=canary&nonce={'a' * 30}"
    csrf = f"{said}&csrf={form_token(session)}"
    tries: dict[str, tuple[str, dict[str, str], int]] = {
        "no token": (said, {}, 403),
        "another session's": (f"{said}&csrf={form_token('x' * 22)}", {}, 403),
        "from another site": (csrf, {"Sec-Fetch-Site": "cross-site"}, 403),
        "from another origin": (csrf, {"Origin": "https://evil.test"}, 403),
        "to another host": (csrf, {"Host": "evil.test"}, 400),
        "not a form": (csrf, {"Content-Type": "application/json"}, 415),
        "too large": (csrf + "x" * 2_000_000, {}, 413),
        "genuine": (csrf, {}, 204),
    }
    for why, (body, headers, status) in tries.items():
        sent = {"Content-Type": FORM, "Accept": "application/json", **headers}
        answer = await doors.post("/say", body.encode(), sent)
        assert (answer.status_code, plain(answer)) == (status, True), why
    for path, status in {"/form/none?revision=1": 404, "/nowhere": 404, "/form/none?revision=x": 400}.items():
        answer = await doors.get(path)
        assert answer.status_code == status
        assert "Traceback" not in answer.text
    doors.http.cookies.clear()


async def test_after_all_that_it_works_and_no_secret_left_the_house(doors: Doors) -> None:
    await doors.hears("hello at the end")
    assert (await doors.get("/healthz")).text == "ok\n"
    assert (await doors.get("/readyz")).text == "ready\n"
    doors.telegram.say("status")
    await doors.telegram.until(lambda: any("On watch." in m["text"] for m in doors.telegram.messages()))
    logged = "\n".join(doors.program.printed)
    assert "Traceback" not in logged
    answered = "\n".join(f"{answer.headers} {answer.text}" for answer in doors.answers)
    kept = everything(doors.program.home)
    kept += "".join(p.read_text(errors="replace") for p in doors.program.home.iterdir() if not p.suffix)
    assert "hello at the end" in kept, "what is looked through is what was kept"
    for canary in CANARIES:
        assert canary not in answered
        assert canary not in logged
        assert canary not in kept
    assert await ledger_holds(doors.program.home)
