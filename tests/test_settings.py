"""Every setting that cannot be read stops the start, with one line that names it and none of what it holds."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

import vigie
from bot.errors import Misconfigured
from bot.people import Identity
from vigie.settings import Settings, owners, policy_file, secret_keys, settings

SECRET = "hunter2secret"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(os, "environ", {"VIGIE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stops(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line a start ends with."""
    assert vigie.main(["policy", "check"]) == 2
    out, line = capsys.readouterr()
    assert out == ""
    assert line.startswith("vigie: ")
    assert line.count("\n") == 1
    assert SECRET not in line
    return line


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"VIGIE_COLOUR": "red"}, "VIGIE_COLOUR"),
        ({"PORT": "eighty"}, "PORT"),
        (
            {"VIGIE_URL": "https://vigie.example.com/below"},
            "VIGIE_URL: it reads like https://vigie.example.com",
        ),
        ({"VIGIE_URL": "https://[vigie.example.com"}, "VIGIE_URL"),
        ({"VIGIE_URL": "https://vigie.example.com:port"}, "VIGIE_URL"),
        ({"VIGIE_URL": f"https://me:{SECRET}@vigie.example.com"}, "VIGIE_URL"),
        ({"SLACK_API_URL": "slack.example"}, "SLACK_API_URL"),
        ({"TELEGRAM_API_URL": "ftp://127.0.0.1/bot"}, "TELEGRAM_API_URL"),
        ({"TELEGRAM_WEBHOOK_SECRET": SECRET}, "TELEGRAM_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": " , "}, "SLACK_SIGNING_SECRET"),
        ({"DATABASE_URL": "sqlite:"}, "DATABASE_URL"),
        ({"DATABASE_URL": f"postgresql://me:{SECRET}@[::1/vigie"}, "postgresql://user:password@host/name"),
        ({"STRIPE_API_KEY": f"sk_test_{SECRET}", "STRIPE_API_URL": "stripe"}, "STRIPE_API_URL"),
        ({"NOTION_TOKEN": SECRET, "NOTION_API_URL": "ftp://notion.example"}, "NOTION_API_URL"),
        ({"HTTP_HOSTS": "two words/and a path"}, "HTTP_HOSTS"),
        ({"HTTP_HOSTS": "http://x/"}, "HTTP_HOSTS"),
        ({"HTTP_HOSTS": "api.example.com", "HTTP_CREDENTIALS": "[]"}, "HTTP_CREDENTIALS"),
        ({"HTTP_CREDENTIALS": f'{{"api.example.com": {{"x-key": "{SECRET}"}}}}'}, "HTTP_HOSTS is missing"),
        ({"PROMETHEUS_TOKEN": SECRET}, "PROMETHEUS_URL is missing"),
        ({"VIGIE_MCP_TOOLS": "nowhere.toml"}, "VIGIE_MCP_TOOLS"),
    ],
)
def test_what_cannot_be_read_is_named(
    given: dict[str, str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    os.environ.update(given)
    assert named in stops(capsys)


@pytest.mark.parametrize("text", ["bob", "slack:U1", "telegram:bob", "irc:bob", "telegram:T1:789"])
def test_an_owner_whom_nobody_could_be_is_named(text: str) -> None:
    with pytest.raises(Misconfigured, match="VIGIE_OWNERS"):
        owners(Settings.model_validate({"VIGIE_OWNERS": text}))


def test_owners_are_people_of_slack_and_telegram() -> None:
    found = owners(Settings.model_validate({"VIGIE_OWNERS": " telegram:789 , slack:T0123:U0456,"}))
    assert found == (
        Identity(platform="telegram", user="789"),
        Identity(platform="slack", team="T0123", user="U0456"),
    )


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (b"VIGIE_LOG=json\nX=\xff\xfe\n", "vigie: .env is not UTF-8 text\n"),
        (b"VIGIE_LOG=json\nX=a\x00b\n", "vigie: .env, line 2: this is not NAME=value\n"),
        (f"the key is {SECRET}\n".encode(), "vigie: .env, line 1: this is not NAME=value\n"),
        (
            b"\xef\xbb\xbfVIGIE_COLOUR=red\n",
            "vigie: unknown setting VIGIE_COLOUR; see .env.example for those",
        ),
    ],
)
def test_a_file_of_settings_that_cannot_be_read_is_named(
    folder: Path, held: bytes, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".env").write_bytes(held)
    assert stops(capsys).startswith(why)


def test_the_environment_wins_over_the_file_and_nothing_is_no_setting(folder: Path) -> None:
    (folder / ".env").write_text("PORT=1\nexport HOST='::1'\nVIGIE_MODEL=ollama:x\n# PORT=2\nVIGIE_URL=\n")
    os.environ.update({"PORT": "9000", "VIGIE_MODEL": ""})
    found = settings()
    assert (found.port, found.host, found.model, found.public_url) == (9000, "::1", "ollama:x", "")


def test_a_home_is_found_without_a_shell(folder: Path) -> None:
    (folder / ".env").write_text("VIGIE_POLICY=~/policy.toml\n")
    os.environ["VIGIE_HOME"] = "~/.vigie"
    found = settings()
    assert (found.home, found.policy) == (folder / ".vigie", str(folder / "policy.toml"))


def test_keys_that_are_no_text_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "home").mkdir()
    (folder / "home" / "secret_keys").write_bytes(b"\xff\xfe\x00")
    assert "secret_keys is no text" in stops(capsys)


def test_slacks_address_ends_in_a_slash_whoever_wrote_it() -> None:
    os.environ["SLACK_API_URL"] = "http://127.0.0.1:9000/api"
    assert settings().slack_api_url == "http://127.0.0.1:9000/api/"


def test_who_looks_at_the_policy_finds_no_demo_shop_afterwards(folder: Path) -> None:
    assert vigie.main(["policy", "explain", "demo.refund", "order=1007", "amount=5"]) == 0
    assert sorted(path.name for path in (folder / "home").iterdir()) == [
        "policy.toml",
        "secret_keys",
        "vigie.db",
    ]


@pytest.mark.parametrize("word", ["order", "order=1007"])
def test_a_field_is_explained_once_and_with_a_value(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert vigie.main(["policy", "explain", "demo.refund", "order=1007", word]) == 2
    assert "each field once, as field=value" in capsys.readouterr().err


def test_two_first_starts_at_the_same_moment_keep_the_same_keys_and_policy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config, link, both = settings(), os.link, Barrier(2)

    def met(source: Path, target: Path) -> None:
        both.wait(30)
        link(source, target)

    monkeypatch.setattr(os, "link", met)

    def start() -> tuple[bytes, ...]:
        policy_file(config)
        return secret_keys(config)

    with ThreadPoolExecutor(2) as pool:
        one, other = (begun.result() for begun in [pool.submit(start), pool.submit(start)])
    assert one == other
    assert sorted(path.name for path in config.home.iterdir()) == ["policy.toml", "secret_keys"]
