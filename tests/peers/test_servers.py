"""Each peer starts, answers in its own protocol, and is gone at the end of its block."""

import json
import smtplib
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from imaplib import IMAP4_SSL
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
from tests.peers.services import alerts, dovecot, nginx_bearer
from tests.peers.vendors import localstripe, mcp_everything, prism, shopify


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


def ask(
    url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None = None
) -> tuple[int, dict[str, object]]:
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(url, data=data, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.peer("localstripe")
def test_localstripe_keeps_a_customer_and_refuses_what_stripe_does_not_know() -> None:
    with localstripe() as stripe:
        headers = {"Authorization": f"Bearer {stripe.token}"}
        made, customer = ask(f"{stripe.url}/v1/customers", headers=headers, form={"name": "Gigi"})
        kept, again = ask(f"{stripe.url}/v1/customers/{customer['id']}", headers=headers)
        unknown, _ = ask(f"{stripe.url}/v1/customers", headers=headers, form={"hat": "red"})
    assert (made, kept, again["name"], unknown) == (200, 200, "Gigi", 400)


@pytest.mark.peer("prism")
def test_prism_refuses_what_notions_types_do_not_allow() -> None:
    with prism("notion") as notion:
        headers = {"Authorization": "Bearer any", "Notion-Version": "2025-09-03"}
        known, _ = ask(f"{notion.url}/v1/users/me", headers=headers)
        nameless, _ = ask(f"{notion.url}/v1/users/me", headers={"Notion-Version": "2025-09-03"})
    assert (known, nameless) == (200, 401)


@pytest.mark.peer("prism")
def test_prism_answers_as_hubspot() -> None:
    with prism("hubspot") as hubspot:
        status, _ = ask(f"{hubspot.url}/crm/v3/objects/contacts", headers={"Authorization": "Bearer any"})
    assert status == 200


@pytest.mark.peer("shopify")
def test_shopifys_schema_knows_its_own_fields_only() -> None:
    with shopify() as shop:
        url = f"{shop.url}/admin/api/2026-10/graphql.json"
        good = post_json(url, {"query": "{shop{name}}"}, {"X-Shopify-Access-Token": shop.token})
        bad = post_json(url, {"query": "{shop{hat}}"}, {"X-Shopify-Access-Token": shop.token})
    assert "errors" not in good
    assert "hat" in json.dumps(bad["errors"])


def post_json(url: str, body: Mapping[str, object], headers: Mapping[str, str]) -> dict[str, object]:
    request = urllib.request.Request(
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


@pytest.mark.peer("mcp-everything", "nginx")
@pytest.mark.parametrize(("token", "status"), [("zap_test_token", 200), ("other", 401)])
def test_the_server_of_everything_is_behind_a_bearer_token(token: str, status: int) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        },
    }
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "Authorization": f"Bearer {token}",
    }
    with mcp_everything() as url, nginx_bearer(urllib.parse.urlsplit(url).port or 0) as front:
        request = urllib.request.Request(f"{front}/mcp", data=json.dumps(hello).encode(), headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                got = response.status
        except urllib.error.HTTPError as error:
            with error:
                got = error.code
    assert got == status


@pytest.mark.peer("dovecot")
def test_dovecot_delivers_and_keeps() -> None:
    with dovecot() as box:
        with smtplib.LMTP("127.0.0.1", box.lmtp) as delivering:
            delivering.sendmail("a@example.test", [box.user], "Subject: hello\r\n\r\nwords\r\n")
        trust = ssl.create_default_context(cafile=str(box.certificate))
        with IMAP4_SSL("localhost", box.imaps, ssl_context=trust) as reading:
            reading.login(box.user, box.password)
            assert reading.select("INBOX")[1] == [b"1"]
        assert len(box.stored()) == 1


@pytest.mark.peer("prometheus")
def test_an_alert_fires_and_resolves() -> None:
    told: list[str] = []
    heard = threading.Condition()

    class Sink(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with heard:
                told.append(body["status"])
                heard.notify_all()
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Sink) as sink:
        thread = threading.Thread(target=sink.serve_forever)
        thread.start()
        try:
            with alerts(f"http://127.0.0.1:{sink.server_port}/") as peers, heard:
                peers.set(150)
                assert heard.wait_for(lambda: told == ["firing"], timeout=60)
                peers.set(3)
                assert heard.wait_for(lambda: told == ["firing", "resolved"], timeout=60)
        finally:
            sink.shutdown()
            thread.join()
