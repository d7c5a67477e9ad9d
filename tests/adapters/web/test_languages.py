"""A language is one file: a catalogue that was never seen before, spoken by every room of the page."""

import re
from collections.abc import Collection
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from adapters.chat.telegram.menus import commands
from adapters.chat.web import rooms
from adapters.minds.builtin.vocabulary import WORDS
from bot import doors
from bot.people import Person, Role
from bot.speech import Tongues
from tests.accents import CODE, NAME, catalogue, plain
from tests.adapters.web.rig import OLIVIA, rig
from tests.adapters.web.states import SAID, Models, fill
from tests.adapters.web.test_incidents import firing
from tests.adapters.web.test_pages import press_form

PATHS = [room.path for room in rooms.ROOMS]
NAMES = (
    *(
        "Vigie",
        "Olivia",
        "Mark",
        "demo",
        "English",
        NAME,
        "Nov",
        "Jan",
        "UTC",
        "Telegram",
        "Slack",
    ),
    *("the tests", "what leaves asks here", "amount=20 EUR", "person"),
)
"""Beside the names of actions (`demo.refund`) and rules: of people, accounts, platforms, languages in themselves, months as
Babel has them; the author and the words of a rule of the rig's, an example to type, a field of the ledger's record."""
DATA = (
    *("anthropic:claude-sonnet-5-5", "nonsense", "Europe/Paris", "EUR", "USD", "above 90", "disk"),
    *("Gigi Hamilton", "gigi.hamilton@example.com"),
)
_CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}\b")
_RECORD = re.compile(r"<details>.*?</details>", re.DOTALL)
"""A row of the ledger as it is kept, under the names of its fields, which the exports have too."""
_APART = ("vigie.freeze", "vigie.language")
"""What would end the cards, or the language."""
OPENED = (
    *(
        "/missions?mission=1",
        "/missions?mission=2",
        "/fields",
        "/policy?action=demo.refund&role=member&outside=1",
    ),
    *("/policy?action=demo.refund&values=nonsense", "/ledger?why=1", "/ledger/verify", "/nowhere"),
    *("/form/nothing?revision=1", "/memory?past=1&by=time", "/memory?words=nothing"),
)
"""What opens from the rooms."""


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Tongues:
    return catalogue(tmp_path_factory.mktemp("catalogues"))


class Visible(HTMLParser):
    """The texts that a page shows or reads aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code", "time", "svg"):
            self._within.append(tag)
        self.texts += [
            value
            for name, value in attrs
            if value and name in ("title", "placeholder", "aria-label", "alt", "data-label")
        ]

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within and data.strip():
            self.texts.append(" ".join(data.split()))


def left(page: str, names: Collection[str]) -> list[str]:
    """The texts of a page with a word in plain letters that is no name."""
    reader = Visible()
    reader.feed(page)
    return [text for text in reader.texts if plain(text, names)]


async def test_every_room_says_all_its_words_through_the_catalogue(tmp_path: Path, speech: Tongues) -> None:
    wrong: dict[str, list[str]] = {}
    somebody = replace(OLIVIA, lang=CODE)
    async with rig(tmp_path, speech=speech) as assistant:
        names = {*NAMES, *(rule.name for rule in assistant.house.policy().rules)}
        await assistant.write(lambda tx: tx.people.put(somebody))
        async with assistant.browser(somebody) as visitor:
            for path in (*PATHS, "/chat"):
                answer = await visitor.http.get(path)
                assert answer.status_code == 200
                if found := left(answer.text, names):
                    wrong[path] = found
    assert not wrong, wrong


async def test_rooms_with_everything_in_them_say_all_their_words_through_the_catalogue(
    tmp_path: Path, speech: Tongues
) -> None:
    """Once every word of the table was said: missions with runs, cards in each state, receipts, incidents, notes, lists,
    procedures, budgets, and what each answered. What was typed is data, and so are names of actions and fields."""
    somebody = replace(OLIVIA, lang=CODE)
    async with (
        rig(tmp_path, speech=speech, ways=Models()) as assistant,
        assistant.browser(somebody) as visitor,
    ):
        await assistant.write(lambda tx: tx.people.put(somebody))
        await fill(assistant, visitor)
        await firing(assistant, 1, name="disk / (%)")
        for word in WORDS:
            if word.action not in _APART:
                await visitor.say(word.example)
                await assistant.settled()
        for verb in ("approve", "deny"):
            page = (await visitor.http.get("/pending")).text
            await visitor.http.post("/press", data=press_form(page, verb))
            await assistant.settled()
        page = (await visitor.http.get("/pending")).text
        forms = [unescape(link) for link in re.findall(r'href="(/form/[^"]+)"', page)]
        details = [unescape(link) for link in re.findall(r'href="(/pending\?details=[^"]+)"', page)]
        assert forms
        assert details
        names = {*NAMES, *DATA, *(rule.name for rule in assistant.house.policy().rules), *typed()}
        for action in assistant.house.actions().values():
            names |= {*action.name.split("."), *action.name.replace(".", "_").split("_")}
            names |= {field.name for field in action.fields}
        wrong: dict[str, list[str]] = {}
        for path in (*PATHS, "/chat", *forms[:3], *details[:3], *OPENED):
            page = (await visitor.http.get(path)).text
            assert "not kept here" not in page
            if found := left(_CODE.sub("", _RECORD.sub("", page)), names):
                wrong[path] = found
    assert not wrong, wrong


def typed() -> set[str]:
    """The words that somebody has typed by then."""
    said = " ".join((*SAID, *(word.example for word in WORDS)))
    return set(re.findall(r"[^\W\d_]{3,}", said)) | {word.capitalize() for word in said.split()}


async def test_a_catalogue_that_is_there_can_be_chosen_on_the_page(tmp_path: Path, speech: Tongues) -> None:
    async with rig(tmp_path, speech=speech) as assistant, assistant.browser() as visitor:
        page = (await visitor.http.get("/chat")).text
        assert f'value="language {CODE}"' in page
        assert f">{NAME}</button>" in page
        await visitor.say(f"language {CODE}")
        await assistant.settled()
        olivia = await assistant.store.read(lambda tx: tx.people.get(OLIVIA.id))
        assert olivia is not None
        assert olivia.lang == CODE
        await visitor.say("language xx")
        await assistant.settled()
        page = (await visitor.http.get("/chat")).text
        assert "en (" in page
        assert f", {CODE} (" in page


async def test_an_owner_without_a_name_is_called_owner_in_their_language(tmp_path: Path) -> None:
    async with rig(tmp_path) as assistant:
        house = assistant.house
        unmet = Person(id="per_unmet", name=doors.OWNER_NAME, role=Role.OWNER)
        french = doors.speaking(unmet, "fr", house)
        assert (french.name, french.lang) == ("Propriétaire", "fr")
        assert doors.unnamed(french, house)
        assert doors.speaking(french, "en", house).name == doors.OWNER_NAME
        assert doors.speaking(OLIVIA, "fr", house).name == OLIVIA.name


def test_a_menu_says_all_its_words_through_the_catalogue(speech: Tongues) -> None:
    menu = commands(("help", "status", "missions"), speech(CODE))
    assert [each.description for each in menu if re.search(r"[A-Za-z]{3,}", each.description)] == []
