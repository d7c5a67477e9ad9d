"""`vigie connect`, and the settings that connect: tried first, named when they are wrong, shown nowhere."""

import json
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

import vigie
from adapters.chat.slack import manifest as slack_manifest
from adapters.chat.slack.manifest import SCOPES
from adapters.systems.catalogue import VENDORS
from adapters.systems.given import given
from bot.errors import Misconfigured
from tests.running import environment
from tests.running import vigie as command
from tests.twins import slack as slack_twin
from tests.twins import telegram
from tests.twins.served import served
from tests.twins.slack import SlackTwin

KEY = "sk_test_CanaryOfTheCommandLine"


class Stripes:
    """Knows one key, and says whose account it opens."""

    def answer(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        if headers.get("authorization") != f"Bearer {KEY}":
            told = {
                "error": {
                    "type": "invalid_request_error",
                    "message": f"Invalid key: {headers.get('authorization')}",
                }
            }
            return 401, told, {}
        return 200, {"id": "acct_42", "settings": {"dashboard": {"display_name": "Atelier"}}}, {}


@pytest.fixture
def url() -> Generator[str]:
    with served(Stripes()) as address:
        yield address


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> Path:
    for name in environment(tmp_path, {}):
        monkeypatch.setenv(name, environment(tmp_path, {})[name])
    monkeypatch.setenv("STRIPE_API_URL", url)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, *values: str) -> None:
    left = iter(values)

    def readline() -> str:
        return next(left) + "\n"

    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    monkeypatch.setattr("sys.stdin.readline", readline, raising=False)


def test_a_key_is_tried_and_kept_and_the_doctor_asks_it_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, KEY)
    assert vigie.main(["connect", "stripe", "--name", "stripe_eu"]) == 0
    assert capsys.readouterr().out == "Stripe is connected as stripe_eu: Atelier (acct_42) (test).\n"
    assert vigie.main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert "ok   stripe_eu: Stripe answers: Atelier (acct_42)" in printed
    assert KEY not in printed
    assert not [file.name for file in home.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]


def test_a_key_that_does_not_work_is_not_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "sk_test_CanaryOfAWrongKey")
    assert vigie.main(["connect", "stripe"]) == 2
    told = capsys.readouterr()
    assert "Stripe was not connected: Stripe does not accept the key" in told.err
    assert "CanaryOfAWrongKey" not in told.err + told.out
    assert vigie.main(["doctor"]) == 0
    assert "stripe" not in capsys.readouterr().out


def test_what_cannot_be_connected_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert vigie.main(["connect", "sripe"]) == 2
    assert "I cannot connect 'sripe'; I know: slack, telegram, " in capsys.readouterr().err


def test_telegram_is_explained_step_by_step_and_nothing_is_made(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vigie.main(["connect", "telegram"]) == 0
    said = capsys.readouterr().out
    for step in (
        "[ ] 1. Make the bot",
        "https://t.me/BotFather",
        "TELEGRAM_BOT_TOKEN=",
        "vigie up",
        "claim CODE",
    ):
        assert step in said
    assert not (home / "vigie.db").exists()


async def test_telegram_is_tried_where_its_token_is_there(tmp_path: Path) -> None:
    async with telegram.running() as twin:
        settings = {"TELEGRAM_BOT_TOKEN": twin.token, "TELEGRAM_API_URL": twin.api_url}
        code, printed = await command(tmp_path, "connect", "telegram", settings=settings)
        assert code == 0, printed
        assert "[x] 3. It is let in\n       Connected as @vigie_bot, by long polling." in printed
        assert "[ ] 4. It hears you" in printed
        assert "/connections: “Show the code”" in printed
        assert twin.token not in printed

        wrong = {**settings, "TELEGRAM_BOT_TOKEN": "4242:wrong"}
        code, printed = await command(tmp_path, "connect", "telegram", settings=wrong)
        assert (code, "[!] 3. It is let in\n       Telegram does not accept the bot token." in printed) == (
            1,
            True,
        )

        twin.setwebhook({"url": "https://elsewhere.test/hook"})
        code, printed = await command(tmp_path, "connect", "telegram", settings=settings)
        assert (code, "Telegram delivers this bot's messages to https://elsewhere.test/hook" in printed) == (
            1,
            True,
        )
        assert twin.webhook["url"], "a look takes nothing from whoever has it"


async def test_slack_is_tried_where_its_tokens_are_there_and_its_manifest_stands_alone(
    tmp_path: Path,
) -> None:
    code, printed = await command(tmp_path, "connect", "slack")
    assert code == 0
    manifest, _ = json.JSONDecoder().raw_decode(printed)
    assert manifest == slack_manifest(None)
    assert "SLACK_BOT_TOKEN=xoxb-…" in printed
    async with SlackTwin(scopes=",".join(set(SCOPES) - {"files:write"})).serving() as twin:
        settings = {
            "SLACK_API_URL": twin.api_url,
            "SLACK_BOT_TOKEN": slack_twin.BOT_TOKEN,
            "SLACK_SIGNING_SECRET": slack_twin.SECRET,
        }
        code, printed = await command(tmp_path, "connect", "slack", settings=settings)
        assert code == 0, "half of it is no mistake yet"
        assert (
            "[ ] 2. Give it its token\n       Without SLACK_APP_TOKEN Slack calls a public address" in printed
        )
        assert "VIGIE_URL=https://vigie.example.com" in printed
        settings["VIGIE_URL"] = "https://vigie.test"
        code, printed = await command(tmp_path, "connect", "slack", settings=settings)
        assert (
            code,
            "[!] 3. It is let in\n       the Slack app lacks files:write: paste the manifest" in printed,
        ) == (1, True)
        assert "The Request URL there must be https://vigie.test/slack/events" in printed
        twin.scopes = ",".join(SCOPES)
        code, printed = await command(tmp_path, "connect", "slack", settings=settings)
        assert (code, "[x] 3. It is let in" in printed) == (0, True)
        swapped = {**settings, "SLACK_BOT_TOKEN": slack_twin.APP_TOKEN}
        code, printed = await command(tmp_path, "connect", "slack", settings=swapped)
        assert (code, "the wrong way round" in printed) == (2, True)


async def test_settings_connect_at_the_start(tmp_path: Path, url: str) -> None:
    settings = {"STRIPE_API_KEY": KEY, "STRIPE_API_URL": url}
    code, printed = await command(tmp_path, "doctor", settings=settings)
    assert (code, "ok   stripe: Stripe answers: Atelier (acct_42)" in printed) == (0, True)
    assert KEY not in printed
    code, printed = await command(
        tmp_path, "doctor", settings={**settings, "STRIPE_API_KEY": "sk_test_CanaryWrong"}
    )
    assert code == 1
    assert "FAIL stripe: Stripe does not accept the key; connect it again" in printed
    assert "CanaryWrong" not in printed


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"SHOPIFY_ACCESS_TOKEN": "x" * 20}, "setting SHOPIFY_SHOP is missing: Shopify needs it beside"),
        ({"ZOHO_REFRESH_TOKEN": "x" * 20}, "setting ZOHO_CLIENT_ID is missing: Zoho CRM needs it beside"),
    ],
)
def test_half_a_key_stops_the_start_and_names_the_other_half(settings: dict[str, str], why: str) -> None:
    with pytest.raises(Misconfigured, match=why):
        given(settings, VENDORS)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"STRIPE_API_URL": "http://127.0.0.1:1"},
        {"SHOPIFY_SHOP": "atelier"},
        {"ZOHO_CLIENT_ID": "id", "ZOHO_CLIENT_SECRET": "secret"},
        {"HUBSPOT_CLIENT_ID": "id", "HUBSPOT_CLIENT_SECRET": "secret"},
    ],
)
def test_an_address_or_a_registration_alone_connects_nobody(settings: dict[str, str]) -> None:
    found = given(settings, VENDORS)
    assert not [name for name, each in found.items() if not VENDORS[name].missing(each.values)]


async def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    settings = {"SHOPIFY_SHOP": "evil.test/x", "SHOPIFY_ACCESS_TOKEN": "shpat_Canary"}
    code, printed = await command(tmp_path, "doctor", settings=settings)
    assert code == 1
    assert "setting SHOPIFY_SHOP: the shop reads name.myshopify.com" in printed
