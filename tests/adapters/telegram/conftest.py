"""The real library against the twin."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest

from adapters.chat.telegram.connect import TelegramDoor, TelegramSettings
from adapters.chat.telegram.menus import Known
from adapters.speech.languages import tongues
from bot.cards import Card
from bot.effects import Notice, Question, Text
from bot.inbox import Arrival
from bot.places import Place
from bot.world import Sending
from tests.adapters.telegram.samples import ENGLISH, KEY
from tests.clocks import SetClock
from tests.twins.telegram import ANA, Twin, running


@dataclass
class Inbox:
    """Keeps what arrives, once per key, and can be told to fail first."""

    kept: list[Arrival] = field(default_factory=list[Arrival])
    offered: list[Arrival] = field(default_factory=list[Arrival])
    failing: list[Exception] = field(default_factory=list[Exception])

    async def accept(self, arrival: Arrival) -> bool:
        self.offered.append(arrival)
        if self.failing:
            raise self.failing.pop(0)
        if any(each.key == arrival.key for each in self.kept):
            return False
        self.kept.append(arrival)
        return True


def settings(twin: Twin, **more: str) -> TelegramSettings:
    return TelegramSettings(
        token=twin.token, callback_key=KEY, api_url=twin.api_url, poll_seconds=1, pause=0.01, **more
    )


def door(twin: Twin, inbox: Inbox, *, known: Known | None = None, **more: str) -> TelegramDoor:
    return TelegramDoor(
        settings(twin, **more), accept=inbox.accept, tongues=tongues(), clock=SetClock(), known=known
    )


def sending(
    content: Text | Card | Question | Notice,
    *,
    chat: int = ANA,
    thread: str = "",
    ref: str = "",
    doubtful: bool = False,
    reply_to: str = "",
) -> Sending:
    place = Place(platform="telegram", channel=str(chat), thread=thread, private=chat > 0)
    return Sending(
        key="eff_1",
        slot="s",
        place=place,
        content=content,
        tongue=ENGLISH,
        ref=ref,
        doubtful=doubtful,
        reply_to=reply_to,
    )


@pytest.fixture
async def twin() -> AsyncGenerator[Twin, None]:
    async with running() as made:
        yield made


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def closed(twin: Twin, inbox: Inbox) -> AsyncGenerator[TelegramDoor, None]:
    """A door that hears nothing yet; its chat can be used."""
    made = door(twin, inbox)
    yield made
    await made.close()
