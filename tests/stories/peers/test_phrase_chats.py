"""Words that are waited for, heard through Slack's and Telegram's own doors: told where their owner reads, rested between, counted
and ended. The clock is the tests', the lines are real HTTP.
"""

import itertools
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

import httpx
import pytest
from starlette.applications import Starlette

from adapters.chat.slack import SlackDoor, SlackSettings
from adapters.chat.telegram.connect import TelegramDoor, TelegramSettings
from adapters.clock.wall import WallClock
from adapters.speech.languages import tongues
from bot import overhearing
from bot.events import Verb
from bot.forms import Sheet
from bot.missions import Phase
from bot.people import Identity
from bot.places import Place
from bot.store import Tx
from bot.values import Json
from tests.adapters.telegram.samples import KEY
from tests.stage import Stage, stage
from tests.stories.test_phrases import woke
from tests.twins import slack_events, telegram
from tests.twins.slack import BOT_TOKEN, SECRET, TEAM, SlackTwin
from tests.twins.telegram import ANA, BEN, GROUP, TOKEN, Twin, buttons

ALICE, BOB, SHOP = "U0ALICE", "U0BOB", "C0SHOP"


class Room(Protocol):
    """One chat: its owner alone with Vigie, and a place where others talk."""

    identity: Identity

    async def owner(self, text: str) -> None:
        """Says it to Vigie alone."""
        ...

    async def start(self) -> None:
        """Presses Start on the newest card."""
        ...

    async def talks(self, text: str, *, owner: bool = False, again: bool = False) -> None:
        """Somebody says it to the others; `again` is the same delivery once more."""
        ...

    def told(self) -> list[str]:
        """What stands before the owner alone."""
        ...


@dataclass
class InSlack:
    """Signed HTTP in, the Web API out."""

    stage: Stage
    twin: SlackTwin
    http: httpx.AsyncClient
    identity: Identity = field(default_factory=lambda: Identity(platform="slack", team=TEAM, user=ALICE))
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    last: tuple[str, str] = ("", "")

    async def _post(self, payload: dict[str, object]) -> None:
        body, headers = slack_events.request(payload)
        answer = await self.http.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == 200, answer.text

    async def owner(self, text: str) -> None:
        at = f"{time.time():.0f}.{next(self.numbers):06}"
        await self._post(slack_events.said(text, user=ALICE, ts=at, event_id=f"Ev{at}"))

    async def start(self) -> None:
        for message in reversed(self.twin.messages):
            blocks = [block for block in message.get("blocks") or () if block["type"] == "actions"]
            for button in (each for block in blocks for each in block["elements"]):
                if button["text"]["text"] == "Start":
                    pressed = slack_events.pressed(
                        button["action_id"],
                        button["value"],
                        user=ALICE,
                        ts=message["ts"],
                        action_ts=f"{time.time():.6f}",
                    )
                    await self._post(pressed)
                    return
        raise AssertionError("no card")

    async def talks(self, text: str, *, owner: bool = False, again: bool = False) -> None:
        if not again:
            at = f"{time.time():.0f}.{next(self.numbers):06}"
            self.last = (at, f"Ev{at}")
        at, event = self.last
        who = ALICE if owner else BOB
        await self._post(slack_events.said(text, user=who, channel=SHOP, ts=at, event_id=event))

    def told(self) -> list[str]:
        return [
            str(message.get("text", ""))
            for message in self.twin.messages
            if str(message["channel"]).startswith("D")
        ]


@dataclass
class InTelegram:
    """Long polling in, the Bot API out."""

    stage: Stage
    twin: Twin
    identity: Identity = field(default_factory=lambda: Identity(platform="telegram", user=str(ANA)))
    last: dict[str, Json] = field(default_factory=dict[str, Json])

    async def _taken(self) -> None:
        await self.twin.until(lambda: not self.twin.waiting)

    async def owner(self, text: str) -> None:
        self.twin.say(text, user=ANA)
        await self._taken()

    async def start(self) -> None:
        message = next(each for each in reversed(self.twin.messages(ANA)) if "Start" in buttons(each))
        self.twin.press("Start", message=message["message_id"], user=ANA)
        await self._taken()

    async def talks(self, text: str, *, owner: bool = False, again: bool = False) -> None:
        if again:
            # Telegram gives an update again that was not confirmed: the same in every field.
            self.twin.waiting.append(self.last)
            self.twin.notify()
        else:
            self.twin.say(text, user=ANA if owner else BEN, chat=GROUP)
            self.last = dict(self.twin.waiting[-1])
        await self._taken()

    def told(self) -> list[str]:
        return [message["text"] for message in self.twin.messages(ANA)]


async def _no_form(ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
    raise AssertionError("nothing is filled in here")


@asynccontextmanager
async def slack_room(folder: Path) -> AsyncGenerator[tuple[Stage, Room]]:
    async with stage(folder) as s, SlackTwin(people={ALICE: {"locale": "en-GB"}}).serving() as twin:
        door = SlackDoor(
            SlackSettings(bot_token=BOT_TOKEN, signing_secrets=(SECRET,), api_url=twin.api_url),
            accept=s.accept,
            form=_no_form,
            tongues=tongues(),
            clock=WallClock(),
            overhear=partial(overhearing.overhear, house=s.house),
        )
        s.chats["slack"] = door.chat
        await door.open()
        app = httpx.ASGITransport(app=Starlette(routes=door.routes()))
        async with httpx.AsyncClient(transport=app, base_url="http://vigie.test") as http:
            yield s, InSlack(s, twin, http)
        await s.rest()
        await door.close()


@asynccontextmanager
async def telegram_room(folder: Path) -> AsyncGenerator[tuple[Stage, Room]]:
    async with stage(folder) as s, telegram.running() as twin:
        door = TelegramDoor(
            TelegramSettings(token=TOKEN, callback_key=KEY, api_url=twin.api_url, poll_seconds=1, pause=0.01),
            accept=s.accept,
            tongues=tongues(),
            clock=WallClock(),
            overhear=partial(overhearing.overhear, house=s.house),
        )
        s.chats["telegram"] = door.chat
        await door.open()
        yield s, InTelegram(s, twin)
        await s.rest()
        await door.close()


@pytest.fixture(params=["slack", "telegram"])
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[tuple[Stage, Room]]:
    opened = slack_room(tmp_path) if request.param == "slack" else telegram_room(tmp_path)
    async with opened as (s, found):
        who = found.identity

        def link(tx: Tx) -> None:
            olivia = tx.people.get("per_olivia")
            assert olivia is not None
            tx.people.put(olivia.linked(who))

        await s.store.write(link)
        yield s, found


async def settled(s: Stage, look: Callable[[], bool], otherwise: str) -> None:
    """Until what was said has come to rest; a chat that asks for a pause gets it."""
    for _ in range(40):
        await s.rest()
        if look():
            return
        await s.forward(timedelta(seconds=1))
    raise AssertionError(otherwise)


async def begun(s: Stage, room: Room, sentence: str, *shown: str) -> None:
    await room.owner(sentence)
    await settled(
        s, lambda: all(words in room.told()[-1] for words in shown) if room.told() else False, sentence
    )
    before = await s.look(lambda tx: len(tx.missions.all()))
    await room.start()
    for _ in range(40):
        await s.rest()
        if await s.look(lambda tx: len(tx.missions.all())) > before:
            return
    raise AssertionError(f"{sentence} did not begin")


def heard(room: Room, words: str) -> int:
    return sum(words in text for text in room.told())


async def test_it_is_told_where_its_owner_reads_rested_counted_and_ended(room: tuple[Stage, Room]) -> None:
    s, chat = room
    await begun(s, chat, "when someone mentions invoice 42 at most every 10 minutes, tell me", "invoice 42")
    await chat.talks("where is invoice 42, before anybody was seen there?")
    await s.rest()
    assert await woke(s) == 0, "nobody is told what they may not read"
    await chat.talks("good morning", owner=True)
    await chat.talks("where is Invoice 42?")
    await settled(s, lambda: heard(chat, "where is Invoice 42?") == 1, "it was not told")
    await chat.talks("where is Invoice 42?", again=True)
    await chat.talks("Invoice 42, quickly!")
    await chat.talks("my own invoice 42", owner=True)
    await s.rest()
    assert await woke(s) == 1, "the same delivery, within the pause, their own words"
    await s.forward(timedelta(minutes=11))
    await chat.talks("invoice 42 once more")
    await settled(s, lambda: heard(chat, "invoice 42 once more") == 1, "it was not told again")
    assert await woke(s) == 2


async def test_it_ends_after_so_many_times(room: tuple[Stage, Room]) -> None:
    s, chat = room
    await begun(s, chat, "when someone mentions order 1007 2 times, tell me", "order 1007")
    await chat.talks("hello", owner=True)
    for number in range(3):
        await chat.talks(f"order 1007, number {number}")
        await s.forward(timedelta(minutes=2))
    assert [heard(chat, f"order 1007, number {number}") for number in range(3)] == [1, 1, 0]
    assert await s.look(lambda tx: [each.phase for each in tx.missions.all(over=True)]) == [Phase.DONE]


async def test_it_ends_on_its_day(room: tuple[Stage, Room]) -> None:
    s, chat = room
    await begun(
        s, chat, "quand quelqu'un mentionne la facture 43 jusqu'au 2026-12-01, préviens-moi", "facture 43"
    )
    await chat.talks("bonjour", owner=True)
    await chat.talks("la FACTURE 43 ?")
    await settled(s, lambda: heard(chat, "la FACTURE 43 ?") == 1, "it was not told")
    await s.forward(timedelta(days=11))
    await chat.talks("la facture 43, trop tard")
    await s.rest()
    assert await woke(s) == 1
    assert await s.look(lambda tx: [each.phase for each in tx.missions.all(over=True)]) == [Phase.DONE]
