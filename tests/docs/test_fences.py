"""Every block that a page shows is run, or read by the program's own reader: settings, commands, sentences, policies,
files of other programs. A block of a kind that nobody reads here fails.
"""

import configparser
import io
import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy
from dotenv import dotenv_values

from adapters.chat.telegram.connect import TelegramSettings
from adapters.minds.builtin.words import PHRASES
from adapters.signals.mailbox import servers as mailboxes
from adapters.systems.catalogue import VENDORS
from adapters.systems.given import given
from adapters.systems.given import settings as vendor_settings
from adapters.systems.mcp.classes import ClassFile
from adapters.systems.mcp.servers import ServerFile
from bot import rulebook
from bot.events import Verb
from tests.adapters.net.test_guarded import certificate
from tests.adapters.signals.posting import posting
from tests.docs.hearing import everything, misheard
from tests.docs.test_docs import DOCS, PROVIDERS, each_doc
from tests.peers.services import program
from tests.running import ROOT, vigie
from tests.stage import stage
from vigie.command_line import parser
from vigie.settings import Settings, settings

KINDS = {"chat", "console", "env", "ini", "json", "nginx", "python", "say", "sh", "text", "toml", "yaml"}
"""What is read here or, for Python, in `test_docs`; `text` is what the program shows, and pictures."""
TOOLS = {"cd", "curl", "export", "git", "kill", "make", "pip", "printf", "systemd-run", "useradd"}
"""Commands of others that a page may have typed."""
PARTS = {
    *("in ops@example.com", "clear below 80", "clear above 20", "number visitors", "every 5 minutes"),
    *("when disk above 90 for 10 minutes,", "whenever queue-length rises above 100,"),
    *("when webhook crm arrives,", "when signal crm arrives,", "when zoho.update_record is done,"),
    *(
        "do system.action field=value",
        "à saisir",
        "à choisir",
        "à remplir",
        "le lundi à 9h",
        "quand disque au-dessus de 90",
    ),
    "do stripe.refund payment={payment} with amount asked, reason picked as refund",
    # What is shown, a key of the policy, a language that a reader has just added.
    *(
        "report NOT delivered",
        "Approvals: 1 of 2: Ana",
        'fields = { amount = { more = "200 EUR" } }',
        "language de",
    ),
}
"""What pages quote of a sentence, or in the same letters, that is none."""
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
_SPOKEN = (
    "do",
    "fais",
    "every",
    "when",
    "whenever",
    "in",
    "tous",
    "toutes",
    "quand",
    "dans",
    "le",
    "demain",
    "tomorrow",
)
"""What sentences begin with, beside the words of the table."""
_LEFT_OUT = {
    "backup": ["FILE"],
    "restore": ["FILE"],
    "connect": ["SYSTEM"],
    "ledger": ["verify"],
    "policy": ["check"],
}
"""What a text may leave out that only names a command."""
_FILLED = {", …": ", status", " N ": " 3 ", "CODE": "7K2M"}


def fences(*kinds: str) -> Iterator[tuple[Path, str]]:
    for doc in DOCS:
        for kind, body in _FENCE.findall(doc.read_text(encoding="utf-8")):
            if kind in kinds:
                yield doc, body


def every(kind: str) -> pytest.MarkDecorator:
    found = [*fences(kind)]
    assert found, kind
    ids = [f"{doc.stem}-{at}" for at, (doc, _) in enumerate(found)]
    return pytest.mark.parametrize(("doc", "body"), found, ids=ids)


@each_doc()
def test_every_block_is_of_a_kind_that_is_read_here(doc: Path) -> None:
    kinds = {kind for kind, _ in _FENCE.findall(doc.read_text(encoding="utf-8"))}
    assert kinds - KINDS == set()


# What is said ----------------------------------------------------------------------------------------------


def sentences(body: str) -> Iterator[str]:
    """Line by line; one that ends with a comma or a semicolon goes on in the next."""
    said = ""
    for line in body.splitlines():
        said = f"{said} {line.strip()}".strip()
        if said and not said.endswith((",", ";")):
            yield said
            said = ""
    assert not said


@every("say")
async def test_a_sentence_to_say_is_understood(doc: Path, body: str) -> None:
    actions = everything()
    assert {said: why for said in sentences(body) if (why := await misheard(said, actions))} == {}


@every("chat")
async def test_what_somebody_says_in_a_dialogue_is_understood(doc: Path, body: str) -> None:
    actions = everything()
    said = re.findall(r"^you +(\S.*)$", body, re.MULTILINE)
    assert said
    assert {words: why for words in said if (why := await misheard(words, actions))} == {}


def quoted(doc: Path) -> list[str]:
    """What stands between backticks, outside of blocks."""
    return _SPAN.findall(_FENCE.sub("", doc.read_text(encoding="utf-8")))


@pytest.mark.parametrize("doc", DOCS[:1] + DOCS[2:], ids=lambda doc: doc.relative_to(ROOT).as_posix())
async def test_a_sentence_that_is_quoted_in_a_text_is_understood(doc: Path) -> None:
    """Those of the changelog were understood by the version it tells of."""
    actions = everything()
    lost: dict[str, str] = {}
    for span in quoted(doc):
        words = " ".join(span.split())
        if words in PARTS or not spoken(words):
            continue
        filled = f"{words} "
        for place, value in _FILLED.items():
            filled = filled.replace(place, value)
        if re.search(r"…|[A-Z]{2,}:?[A-Z]{2}|\[", filled):
            continue  # its places are told beside it
        if why := await misheard(filled.strip(), actions):
            lost[words] = why
    assert lost == {}


_FIRST = {*_SPOKEN, *(phrase.split()[0] for phrase in PHRASES)}


def spoken(words: str) -> bool:
    """Whether it begins like something to say, and is more than one word."""
    return " " in words and words.split(maxsplit=1)[0].casefold() in _FIRST


def test_no_sentence_hides_among_what_is_only_shown() -> None:
    begun = re.compile(r"(?:do|fais) [a-z]\w*\.\w+|(?:when|every|whenever|quand|tous|watch|list|you +\w).+")
    shown = [line.strip() for _, body in fences("text") for line in body.splitlines()]
    assert [line for line in shown if begun.match(line)] == []


# What is typed ---------------------------------------------------------------------------------------------


def lines(body: str) -> Iterator[str]:
    """The commands of a block, those that go on in the next line as one."""
    for line in body.replace("\\\n", " ").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip()


@every("sh")
def test_a_block_for_the_shell_is_read_by_one(doc: Path, body: str) -> None:
    read = subprocess.run(["bash", "-n"], input=body, text=True, capture_output=True, check=False)
    assert read.stderr == ""


def typed() -> Iterator[tuple[str, list[str]]]:
    """Every command of every page: where, and its words without the settings before it."""
    for doc, body in fences("sh"):
        for line in lines(body):
            for part in re.split(r" && ", line):
                words = shlex.split(part, comments=True)
                yield doc.name, [*_command(words)]
    for doc, body in fences("console"):
        for line in body.splitlines():
            yield doc.name, shlex.split(line.removeprefix("$ "))


def _command(words: list[str]) -> Iterator[str]:
    begun = False
    for word in words:
        begun = begun or not re.fullmatch(r"[A-Z_]+=.*", word, re.DOTALL)
        if begun:
            yield word


def test_every_command_is_one_of_ours_or_of_a_known_tool() -> None:
    strange = {
        words[0] for _, words in typed() if words and Path(words[0]).name not in {"vigie", "python", *TOOLS}
    }
    assert strange == set()


@pytest.mark.parametrize(
    "words",
    [
        words
        for _, words in typed()
        for words in (
            [*words[at:]]
            for at, word in enumerate(words)
            if (word == "vigie" and not at) or word.endswith("/bin/vigie")
        )
    ],
    ids=" ".join,
)
def test_a_command_is_read_by_the_program(words: list[str]) -> None:
    parser().parse_args(words[1:])


@each_doc()
def test_a_command_that_is_quoted_in_a_text_is_read_by_the_program(doc: Path) -> None:
    text = _FENCE.sub("", doc.read_text(encoding="utf-8"))
    for span in re.findall(r"`(?:\.venv/bin/)?vigie ([a-z][^`]*)`", text):
        words = shlex.split(re.sub(r"\s*\[.*", "", " ".join(span.split())))
        words += _LEFT_OUT.get(words[0], []) if all(word.startswith("-") for word in words[1:]) else []
        try:
            parser().parse_args(words)
        except SystemExit:
            raise AssertionError(span) from None


def test_what_pip_is_asked_for_is_there() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    asked = [words for _, words in typed() if "pip" in words]
    assert asked
    for words in asked:
        assert words[:4] == [".venv/bin/python", "-m", "pip", "install"]
        for word in words[4:]:
            if found := re.fullmatch(r"\.\[(\w+)\]", word):
                assert found[1] in extras
            if word.startswith("requirements"):
                assert (ROOT / word).is_file()


async def test_the_commands_about_the_policy_say_what_their_page_says(tmp_path: Path) -> None:
    shown = [
        words for name, words in typed() if name == "write-a-policy.md" and words[:2] == ["vigie", "policy"]
    ]
    assert len(shown) >= 3
    for words in shown:
        status, printed = await vigie(tmp_path, *words[1:])
        assert status == 0, printed


async def test_a_delivery_that_is_sent_as_shown_is_taken(tmp_path: Path) -> None:
    """The page's own curl, of which the host and the secret are ours."""
    [words] = [words for name, words in typed() if name == "receive-webhooks.md" and words[0] == "curl"]
    given_ = _options(words[1:])
    assert [*given_] == ["", "-X", "-H", "-d"]
    async with posting(tmp_path) as post:
        secret = await post.hook("till", "bearer")
        headers = dict(each.replace("$SECRET", secret).split(": ", 1) for each in given_["-H"])
        [address], [method], [body] = given_[""], given_["-X"], given_["-d"]
        path = httpx.URL(address).path
        for again in range(2):
            answer = await post.client.request(method, path, content=body, headers=headers)
            assert answer.status_code == 200, again
        await post.s.rest()
        rows = await post.s.look(lambda tx: [row for row in tx.ledger.read() if row.kind == "signal"])
        assert len(rows) == 1


def _options(words: list[str]) -> dict[str, list[str]]:
    """Those of a curl by their letter; its address by ""."""
    found: dict[str, list[str]] = {"": []}
    left = iter(words)
    for word in left:
        if word.startswith("-"):
            found.setdefault(word, []).append(next(left))
        else:
            found[""].append(word)
    return found


def test_a_token_of_zoho_is_asked_for_where_we_ask_too() -> None:
    [words] = [words for name, words in typed() if name == "connect-zoho.md" and words[0] == "curl"]
    given_ = _options(words[1:])
    zoho = VENDORS["zoho"].oauth
    assert zoho is not None
    [address] = given_[""]
    assert address.endswith(zoho.token.removeprefix("{accounts_url}"))
    fields = [each.partition("=")[0] for each in given_["-d"]]
    assert fields == ["grant_type", "client_id", "client_secret", "code"]


# What is written into files --------------------------------------------------------------------------------


@every("env")
def test_settings_are_read_as_they_are_written(
    doc: Path, body: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the reader of .env, and then by whoever each belongs to."""
    found = {
        name: (value or "").replace("…", "AAAA")
        for name, value in dotenv_values(stream=io.StringIO(body)).items()
    }
    assert [*found] == re.findall(r"^([A-Z_]+)=", body, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    ours = {str(each.validation_alias) for each in Settings.model_fields.values()}
    theirs = {name for name, _ in vendor_settings(VENDORS)}
    assert found.keys() - ours - theirs - PROVIDERS - {"ZAPIER_MCP_TOKEN"} == set()
    config = settings()
    given(found, VENDORS)
    mailboxes(found.get("IMAP_URL", ""))
    if config.database_url:
        assert sqlalchemy.make_url(config.database_url).database
    if config.telegram_bot_token or config.telegram_webhook_url:
        TelegramSettings(
            token=config.telegram_bot_token or "1:A",
            callback_key=b"k",
            webhook_url=config.telegram_webhook_url,
            webhook_secret=config.telegram_webhook_secret,
        )


@every("toml")
def test_a_file_of_rules_is_read(doc: Path, body: str, tmp_path: Path) -> None:
    if "[[tool]]" in body:
        file = tmp_path / "mcp-tools.toml"
        file.write_text(body)
        assert ClassFile(file).read()
    else:
        rulebook.parse(body, source=doc.name)


@every("json")
async def test_what_is_shown_as_json_is_what_is_read_or_written(
    doc: Path, body: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown = json.loads(body)
    match doc.name:
        case "connect-mcp.md":
            monkeypatch.setenv("ZAPIER_MCP_TOKEN", "t")
            file = tmp_path / "mcp.json"
            file.write_text(body)
            assert [entry.name for entry in ServerFile(file).read()] == [*shown["mcpServers"]]
        case "missions.md":
            await _steps_run(body, tmp_path)
        case "events-and-ledger.md":
            assert (await vigie(tmp_path, "chat", "--help"))[0] == 0
            async with stage(tmp_path) as s:
                await s.say("status")
            _, printed = await vigie(tmp_path, "ledger", "export")
            assert sorted(json.loads(printed.splitlines()[0])) == sorted(shown)
        case "operate.md":
            assert {"what", "level", "logger", "time"} <= shown.keys()
        case _:
            raise AssertionError("nobody reads this")


async def _steps_run(body: str, folder: Path) -> None:
    """The declared steps of the page, to their last word."""
    async with stage(folder) as s:
        await s.say(
            f"do vigie.create_mission goal=late at=2026-11-21T15:00+01:00 steps={' '.join(body.split())}"
        )
        await s.forward(timedelta(hours=3))
        for card in s.asked():
            await s.press(card, Verb.APPROVE)
        await s.forward(timedelta(hours=1, minutes=1))
        assert "an hour later order 1007 is" in s.last


@every("yaml")
@pytest.mark.peer("prometheus")
def test_a_file_of_prometheus_is_read_by_it(doc: Path, body: str, tmp_path: Path) -> None:
    """By its own checker, and by Alertmanager's."""
    alerts = body.startswith("receivers:")
    file = tmp_path / "file.yml"
    whole = f"{body}route: {{receiver: vigie}}\n" if alerts else body.replace("/path/to/vigie", str(ROOT))
    file.write_text(whole)
    command = [program("amtool"), "check-config"] if alerts else [program("promtool"), "check", "config"]
    read = subprocess.run([*command, str(file)], text=True, capture_output=True, check=False)
    assert read.returncode == 0, read.stdout + read.stderr


@every("ini")
def test_a_service_starts_what_there_is(doc: Path, body: str) -> None:
    unit = configparser.ConfigParser(strict=True)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read_string(body)
    started = shlex.split(unit["Service"]["ExecStart"])
    assert Path(started[0]).name == "vigie"
    parser().parse_args(started[1:])
    assert unit["Service"]["EnvironmentFile"] in doc.read_text(encoding="utf-8").replace(body, "")


@every("nginx")
@pytest.mark.peer("nginx")
def test_a_proxy_is_set_up_as_shown(doc: Path, body: str, tmp_path: Path) -> None:
    """By nginx itself, with a certificate of the tests."""
    certificate(tmp_path, "vigie.example.com")
    inside = body.replace("/etc/letsencrypt/live/vigie.example.com/fullchain.pem", str(tmp_path / "cert.pem"))
    inside = inside.replace("/etc/letsencrypt/live/vigie.example.com/privkey.pem", str(tmp_path / "key.pem"))
    config = tmp_path / "nginx.conf"
    temporary = " ".join(
        f"{each}_temp_path {tmp_path}/{each};"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config.write_text(f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {temporary} {inside} }}")
    read = subprocess.run(
        [program("nginx"), "-t", "-q", "-e", str(tmp_path / "log"), "-c", str(config)],
        text=True,
        capture_output=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
