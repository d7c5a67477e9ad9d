"""A watch in the three real chats: armed by a sentence, its past shown as a picture, crossed, looked after by a press, over;
in English and in French, the process killed in between.
"""

import itertools
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.running import Program, free_port, running
from tests.stories.founding.talks import ALICE, OnSlack, OnTelegram, OnTheWeb, Talk
from tests.stories.peers.record import ledger_holds, until
from tests.twins import telegram
from tests.twins.slack import BOT_TOKEN, SECRET, TEAM, SlackTwin
from tests.twins.telegram import TOKEN

ANNA = 801


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What people say and read, in one language."""

    hello: tuple[str, ...]
    number: str
    watch: str
    past: str
    start: str
    card: tuple[str, ...]
    firing: tuple[str, ...]
    look_after: str
    looked_after: tuple[str, ...]
    over: tuple[str, ...]


ENGLISH = Words(
    hello=(),
    number="number heat_{n} {value}",
    watch="watch number heat_{n} above 90 clear below 80, tell me",
    past="would have woken you 1 time",
    start="Start",
    card=("heat_{n}", "above 90", "clears at 80"),
    firing=("Incident", "firing", "95 · above 90"),
    look_after="I look after it",
    looked_after=("acknowledged", "looks after it."),
    over=("resolved",),
)
FRENCH = Words(
    hello=("langue fr",),
    number="nombre heat_{n} {value}",
    watch="surveille nombre heat_{n} au-dessus de 90 rétabli sous 80, préviens-moi",
    past="aurait réveillé 1 fois",
    start="Lancer",
    card=("heat_{n}", "au-dessus de 90", "80"),
    firing=("Incident", "en cours", "95 · au-dessus de 90"),
    look_after="Je m’en occupe",
    looked_after=("pris en charge", "s’en occupe."),
    over=("terminé",),
)


_LINE = re.compile(r'<li id="line-(\d+)".*?</li>', re.DOTALL)


@dataclass
class OnThePage(OnTheWeb):
    """The same browser without scripts; it presses the buttons of questions, too."""

    _line: str = ""
    _label: str = ""

    async def _lines(self) -> list[tuple[str, str]]:
        return [(found[1], found.group()) for found in _LINE.finditer(await self._chat())]

    async def card(self, *words: str, yes: str = "Approve") -> str:
        async def look() -> str:
            for number, line in reversed(await self._lines()):
                plain = _plain(line)
                if all(word in plain for word in words) and _form(line, yes):
                    self._line, self._label = number, yes
                    return plain
            return ""

        return await until(look, f"nothing on the page with {words} and {yes!r}")

    async def approve(self) -> None:
        line = next(line for number, line in await self._lines() if number == self._line)
        fields = dict(
            re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', _form(line, self._label))
        )
        answer = await self.http.post("/press", data=fields)
        if answer.status_code == 200:  # it asks again
            again = answer.text.split("<form")[-1]
            fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', again))
            answer = await self.http.post("/press", data=fields)
        assert answer.status_code == 303, answer.text

    async def becomes(self, *words: str) -> str:
        async def look() -> str:
            found = (_plain(line) for number, line in await self._lines() if number == self._line)
            return next((text for text in found if all(word in text for word in words)), "")

        return await until(look, f"the line on the page did not say {words}")


def _plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)).replace("&#39;", "'").strip()


def _form(line: str, label: str) -> str:
    return next((each for each in line.split("<form")[1:] if f">{label}<" in each), "")


@dataclass(kw_only=True)
class Scene:
    """The program with its three chats, one person in each."""

    program: Program
    slack: OnSlack
    telegram: OnTelegram
    page: OnThePage
    shown: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def talks(self) -> Mapping[str, Talk]:
        return {"slack": self.slack, "telegram": self.telegram, "web": self.page}

    def pictured(self, chat: str) -> bool:
        """Whether the picture of the past stands there, as one."""
        match chat:
            case "slack":
                return any(body.startswith(b"\x89PNG") for body in self.slack.twin.uploads.values())
            case "telegram":
                return bool(self.telegram.twin.called("sendPhoto"))
            case _:
                return any('<svg class="chart"' in page for page in self.page.pages)


@asynccontextmanager
async def scene(home: Path, *, command: str = "up") -> AsyncGenerator[Scene]:
    port = free_port()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackTwin(people={ALICE: {"locale": "en-GB"}}).serving())
        chats = await stack.enter_async_context(telegram.running())
        settings = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.api_url,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": chats.api_url,
            "VIGIE_OWNERS": f"slack:{TEAM}:{ALICE},telegram:{ANNA}",
        }
        program = await stack.enter_async_context(running(home, command, settings=settings, port=port))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=program.url, timeout=20))
        page = OnThePage(program, http)
        await page.enter()
        yield Scene(
            program=program,
            slack=OnSlack(program, slack, http),
            telegram=OnTelegram(chats, itertools.repeat(ANNA)),
            page=page,
        )


async def says(talk: Talk, words: Words, chat: str, value: int) -> None:
    await talk.say(words.number.format(n=chat, value=value))
    await talk.hears(f"heat_{chat}", str(value))


async def armed(there: Scene, chat: str, talk: Talk, words: Words) -> None:
    """From the sentence to its card, which is pressed; above it stands the past."""
    for hello in words.hello:
        await talk.say(hello)
    for value in (50, 95, 40):
        await says(talk, words, chat, value)
    await talk.say(words.watch.format(n=chat))
    await talk.hears(words.past)
    card = await talk.card(*(each.format(n=chat) for each in words.card), yes=words.start)
    assert words.past in card
    assert there.pictured(chat), chat
    await talk.approve()
    await talk.becomes("✓")


async def crossed(talk: Talk, words: Words, chat: str) -> None:
    await talk.say(words.number.format(n=chat, value=95))
    await talk.card(*words.firing, yes=words.look_after)


async def looked_after(talk: Talk, words: Words, chat: str) -> None:
    await talk.approve()
    await talk.becomes(*words.looked_after)


async def over(talk: Talk, words: Words, chat: str) -> None:
    await talk.say(words.number.format(n=chat, value=70))
    await talk.becomes(*words.over)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["en", "fr"])
async def test_a_watch_from_its_sentence_to_its_end_in_three_chats(words: Words, tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        talks = there.talks
        for chat, talk in talks.items():
            await armed(there, chat, talk, words)
            await crossed(talk, words, chat)
        await there.program.kill()
        await there.program.start()
        for chat, talk in talks.items():
            await looked_after(talk, words, chat)
            await over(talk, words, chat)
        for chat in talks:
            assert len(standing(there, chat, words)) == 1, f"one message in {chat}, edited"
        await there.program.stop()
        assert await ledger_holds(tmp_path)


def standing(there: Scene, chat: str, words: Words) -> list[str]:
    """The messages of the incident, as they stand there."""
    match chat:
        case "slack":
            found = [
                str(message.get("text", "")) + str(message.get("blocks", ""))
                for message in there.slack.twin.messages
            ]
        case "telegram":
            found = [message["text"] for message in there.telegram.twin.messages(ANNA)]
        case _:
            found = [_plain(each.group()) for each in _LINE.finditer(there.page.pages[-1])]
    return [text for text in found if "Incident" in text and words.over[0] in text and "heat_" in text]
