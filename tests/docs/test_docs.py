"""The documentation holds: links lead somewhere, what it quotes from the program is what the program says now,
what it tells people to type is understood, and its example runs.
"""

import ast
import re
import shlex
import types
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from pydantic_ai.models import KnownModelName
from starlette.routing import Route

from adapters.minds.builtin.guide import page as words_page
from adapters.speech.languages import tongues
from adapters.systems.catalogue import VENDORS
from bot import ledgerwords
from bot.events import Event, Verb
from tests.docs import systems
from tests.docs.reference import PAGES, REFERENCE, blocks, commands, defaults
from tests.running import ROOT
from tests.stage import OLIVIA, Stage, stage
from vigie.plugging import plug
from vigie.serving import application
from vigie.settings import Settings

DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TUTORIAL = ROOT / "docs/tutorial/first-mission.md"
PROVIDERS = {
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OLLAMA_BASE_URL"),
}
"""What a model's own library reads, under its own names."""
_LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ACTION = re.compile(
    r"""(?:\b(?:do|fais)\ |"?action"?\s*[=:]\s*")([a-z]\w*\.\w+)  # said, or written in a policy or a step
    |([a-z]\w*\.\w+)\ (?:is\ done|est\ fait)""",
    re.VERBOSE,
)
_NAME = re.compile(r"\b(?:VIGIE|SLACK|TELEGRAM)_[A-Z_]+\b|\b(?:DATABASE_URL|IMAP_URL)\b")
_KINDS = {"confirmed", "failed", "unknown", "pending"}
"""Kinds that are the state of an effect."""


def each_doc() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("doc", DOCS, ids=lambda doc: doc.relative_to(ROOT).as_posix())


def fences(doc: Path, language: str) -> list[str]:
    return [body for kind, body in _FENCE.findall(doc.read_text(encoding="utf-8")) if kind == language]


def anchors(doc: Path) -> set[str]:
    """The headings of a page as they are linked to."""
    headings = re.findall(r"^#+ (.+)$", doc.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_doc()
def test_a_page_speaks_of_actions_that_exist(doc: Path) -> None:
    named = {said or done for said, done in _ACTION.findall(doc.read_text(encoding="utf-8"))}
    others = {name for name in named - systems.everything() if not name.startswith("vigie.")}
    assert others <= {
        "room.free",  # the system that a reader writes
        "system.action",  # stands for any
        "zapier.execute_zapier_write_action",  # a tool of an MCP server
    }


@each_doc()
def test_every_link_leads_somewhere(doc: Path) -> None:
    lost: list[str] = []
    for link in _LINK.findall(_FENCE.sub("", doc.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        target = (doc.parent / path).resolve() if path else doc
        if "://" in link or link.startswith("mailto:"):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_page_is_reached_from_the_first_one() -> None:
    seen, to_see = set[Path](), [ROOT / "README.md"]
    while to_see:
        doc = to_see.pop()
        if doc in seen or doc.suffix != ".md":
            continue
        seen.add(doc)
        for link in _LINK.findall(doc.read_text(encoding="utf-8")):
            target = (doc.parent / link.partition("#")[0]).resolve()
            to_see += [target] if target.is_file() and "://" not in link else []
    assert {doc for doc in DOCS if doc not in seen} == set()


@each_doc()
def test_a_page_speaks_of_settings_that_exist(doc: Path) -> None:
    needs = {need.setting for vendor in VENDORS.values() for need in vendor.needs}
    known = {*defaults(), *PROVIDERS, *needs}
    assert {*_NAME.findall(doc.read_text(encoding="utf-8"))} - known == set()


@pytest.mark.parametrize("name", PAGES)
def test_a_written_page_says_what_the_program_says_now(name: str) -> None:
    """When this fails: python -m tests.docs.reference"""
    assert (REFERENCE / name).read_text(encoding="utf-8") == PAGES[name]()


def test_the_words_are_those_that_are_obeyed() -> None:
    """When this fails: python -m adapters.minds.builtin.guide"""
    assert (REFERENCE / "words.md").read_text(encoding="utf-8") == words_page()


def test_the_example_of_settings_has_every_setting_and_no_other() -> None:
    shown = [name for block in blocks() for name in block.settings]
    assert sorted(shown) == sorted({*defaults(), *PROVIDERS})


def test_the_example_shows_the_defaults_that_hold() -> None:
    wrong = {
        name: (shown, defaults()[name])
        for block in blocks()
        for name, shown in block.settings.items()
        if shown and "$" not in shown and name in defaults() and shown.removeprefix("./") != defaults()[name]
    }
    assert wrong == {}


# What people type ------------------------------------------------------------------------------------------


def typed() -> Iterator[tuple[str, str]]:
    """Every `vigie …` in a shell block or between backticks, with the page it is on."""
    for doc in DOCS:
        text = doc.read_text(encoding="utf-8")
        name = doc.relative_to(ROOT).as_posix()
        for block in fences(doc, "sh"):
            for line in block.splitlines():
                if found := re.match(r"(?:\w+=\S+ )*(?:\S+/)?vigie( [a-z][^#]*)", line):
                    yield name, found[1]
        for found in re.findall(r"`(?:\.venv/bin/)?vigie( [a-z][^`]*)`", _FENCE.sub("", text)):
            yield name, found


def test_every_command_that_is_shown_exists() -> None:
    known = {re.sub(r" (?:\[|-|[A-Z]).*", "", command) for command, _ in commands()}
    unknown: set[tuple[str, str]] = set()
    for doc, arguments in typed():
        words = [word for word in shlex.split(f"vigie{arguments}") if not word.startswith("-")]
        if not {" ".join(words[:2]), " ".join(words[:3])} & known:
            unknown.add((doc, " ".join(words)))
    assert unknown == set()


def test_every_make_target_that_is_shown_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    targets = set(re.findall(r"^([\w./-]+):", makefile, re.MULTILINE))
    shown = {
        target
        for doc in DOCS
        for target in re.findall(
            r"(?:^|`|&& |\d )make ([a-z.][\w./-]*)", doc.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert shown - targets == set()
    assert {"run", "test", "messages"} <= shown


async def test_the_tutorial_can_be_followed_word_by_word(tmp_path: Path) -> None:
    """Said in order over the real demo shop, nothing is misunderstood, and what should ask asks."""
    async with stage(tmp_path) as s:
        for block in fences(TUTORIAL, "say"):
            for words in block.splitlines():
                await _follow(s, words)
        assert [refund.order for refund in s.shop.refunds()] == ["1013"]
        await s.forward(timedelta(minutes=2))
        assert any("orders are late" in said or "order is late" in said for said in s.chat.words())


async def _follow(s: Stage, words: str) -> None:
    if words.startswith(("pause", "resume", "why")):
        # The demo's own mission is number 1 there; here the first of the reader's is.
        words = words.replace("3", "2")
    before = len(s.chat.words())
    await s.say(words)
    said = s.chat.words()[before:]
    assert said, words
    assert not any("I do not know these words" in each or "I did not understand" in each for each in said), (
        said
    )
    if words.startswith("do demo.refund"):
        await s.press(s.card, Verb.DENY if "1011" in words else Verb.APPROVE)


# The reference by hand -------------------------------------------------------------------------------------


def ledger_kinds() -> set[str]:
    """What the source appends to the ledger, where it says so in a literal."""
    found = set[str]()
    for file in [*sorted((ROOT / "bot").rglob("*.py")), *sorted((ROOT / "vigie").glob("*.py"))]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="append", value=ast.Attribute(attr="ledger")), args=args
                ):
                    found |= _strings(args[0])
                case ast.Call(func=ast.Name(id="_ledger"), args=[_, kind, *_]):
                    found |= _strings(kind)
                case _:
                    pass
    return found


def _strings(node: ast.expr) -> set[str]:
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=one, orelse=other):
            return _strings(one) | _strings(other)
        case ast.JoinedStr(values=[ast.Constant(value="mission_"), *_]):
            return {"mission_active", "mission_paused", "mission_cancelled"}
        case _:
            return set()


def _section(title: str) -> str:
    text = (REFERENCE / "events-and-ledger.md").read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_kind_of_ledger_row_is_explained() -> None:
    rows = re.findall(r"^\| (`.+?) \|", _section("The ledger"), re.MULTILINE)
    explained = {kind for row in rows for kind in re.findall(r"`(\w+)`", row)}
    assert explained == ledger_kinds() | _KINDS
    assert set(ledgerwords.kinds(tongues()("en"))) == explained


def test_every_kind_of_event_is_explained() -> None:
    explained = set(re.findall(r"^\| ([A-Z]\w+) \|", _section("Events"), re.MULTILINE))
    assert explained == {each.__name__ for each in Event.__annotations__["body"].__args__}


def test_every_address_is_explained(tmp_path: Path) -> None:
    config = Settings.model_validate(
        {
            "VIGIE_HOME": tmp_path,
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "s",
            "TELEGRAM_BOT_TOKEN": "1:" + "a" * 35,
            "TELEGRAM_WEBHOOK_URL": "https://vigie.example.com",
            "TELEGRAM_WEBHOOK_SECRET": "s",
        }
    )
    routes = application(plug(config, demo=False)).routes
    served = {re.sub(r":\w+}", "}", route.path) for route in routes if isinstance(route, Route)}
    explained = set(re.findall(r"`?(/[\w{}/-]*)`", _section("HTTP").split("Sessions last")[0]))
    assert explained == served


# The example -----------------------------------------------------------------------------------------------


@each_doc()
def test_python_in_a_page_compiles(doc: Path) -> None:
    for source in fences(doc, "python"):
        compile(source, str(doc), "exec")


async def test_the_example_system_asks_acts_once_and_takes_back(tmp_path: Path) -> None:
    (source,) = fences(ROOT / "docs/how-to/add-a-system.md", "python")
    module = types.ModuleType("room")
    exec(compile(source, "add-a-system.md", "exec"), vars(module))
    room = module.Room()
    async with stage(tmp_path, systems={"room": room}) as s:
        await s.say("do room.book day=2026-12-24 guest=gigi@example.com")
        assert room.booked == {}
        card = s.card
        await s.press(card, who=OLIVIA)
        await s.press(card, who=OLIVIA)
        assert room.booked == {"2026-12-24": "gigi@example.com"}
        await s.say("do room.book day=2026-12-24 guest=someone@example.com")
        assert "the room is taken on 2026-12-24" in s.last
        await s.press(s.card, Verb.UNDO)
        assert room.booked == {}
        await s.say("do room.days")
        assert s.last.endswith("—")


# The picture -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("picture", sorted((ROOT / "docs/images").iterdir()), ids=lambda each: each.name)
def test_a_picture_is_small_enough_to_load_at_once(picture: Path) -> None:
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 120_000


# The models -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file", [*DOCS, ROOT / "adapters/chat/web/templates/after_connections.html"], ids=lambda each: each.name
)
def test_a_model_that_is_named_is_one_that_is_known(file: Path) -> None:
    """By the library that calls them: the name of a model goes out of use, and a reader copies it."""
    known = get_args(KnownModelName.__value__)
    named = re.findall(r"\b(?:anthropic|openai):[a-z0-9][a-z0-9.-]*[a-z0-9]", file.read_text())
    assert [each for each in named if each not in known] == []
