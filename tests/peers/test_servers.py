"""Each peer starts, answers in its own protocol, and is gone at the end of its block."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest
from playwright.async_api import async_playwright

from tests.peers.servers import (
    CHROMIUM_FLAGS,
    aimock,
    chromium_path,
    local_slack,
    missing,
    postgresql,
)


def post(url: str, body: Mapping[str, object], token: str) -> dict[str, object]:
    request = urllib.request.Request(
        url,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


@pytest.mark.peer("local-slack")
@pytest.mark.parametrize("mode", ["socket", "events"])
def test_local_slack_knows_the_bot_by_its_token(mode: str) -> None:
    with local_slack("events" if mode == "events" else "socket") as slack:
        answer = post(f"{slack.api_url}auth.test", {}, slack.bot_token)
    assert answer["ok"] is True
    assert answer["team_id"] == slack.team
    assert answer["user_id"] == slack.bot


@pytest.mark.peer("local-slack")
def test_a_server_is_gone_at_the_end_of_its_block() -> None:
    with local_slack() as slack:
        pass
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(slack.url, timeout=2)


@pytest.mark.peer("aimock")
def test_aimock_answers_from_its_fixtures(tmp_path: Path) -> None:
    fixture = {"match": {"userMessage": "who watches"}, "response": {"content": "The lookout."}}
    (tmp_path / "lookout.json").write_text(json.dumps({"fixtures": [fixture]}))
    question = {"model": "any", "messages": [{"role": "user", "content": "who watches"}]}
    with aimock(tmp_path) as model:
        answer = post(f"{model.openai_url}/chat/completions", question, "any")
    assert "The lookout." in json.dumps(answer)


@pytest.mark.peer("postgresql")
def test_postgresql_answers() -> None:
    with postgresql() as url, psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.peer("chromium")
async def test_chromium_draws_a_page() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=[*CHROMIUM_FLAGS])
        page = await browser.new_page()
        await page.set_content("<button onclick=\"this.textContent='pressed'\">press</button>")
        await page.get_by_role("button").click()
        assert await page.get_by_role("button").text_content() == "pressed"
        await browser.close()


def test_a_peer_nobody_knows_is_an_error_and_not_a_skip() -> None:
    with pytest.raises(LookupError, match="local-slakc"):
        missing("local-slakc")
