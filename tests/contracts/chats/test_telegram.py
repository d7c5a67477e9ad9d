"""Telegram keeps the promises of every chat: the real library over a twin of the Bot API."""

from collections.abc import AsyncGenerator, Sequence

import pytest

from adapters.chat.telegram.connect import TelegramDoor, TelegramSettings
from adapters.speech.languages import tongues
from bot.events import Press
from bot.inbox import Arrival
from bot.people import Identity
from bot.places import Place
from bot.world import Chat
from tests.clocks import SetClock
from tests.contracts.chats.suite import ChatContract, Seen, Trouble
from tests.twins.telegram import ANA, GROUP, Twin, buttons, running


class TelegramStage:
    """Ana, who has said hello, and one group."""

    private = Place(platform="telegram", channel=str(ANA), private=True)
    group = Place(platform="telegram", channel=str(GROUP))
    person = Identity(platform="telegram", user=str(ANA))
    finds = False

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._kept: list[Arrival] = []
        self.door = self._door(twin.api_url)
        self.chat: Chat = self.door.chat
        self._away = self._door("http://127.0.0.1:9/bot")

    def _door(self, api_url: str) -> TelegramDoor:
        chosen = TelegramSettings(
            token=self._twin.token, callback_key=b"key", api_url=api_url, poll_seconds=1, pause=0.01
        )
        return TelegramDoor(chosen, accept=self._accept, tongues=tongues(), clock=SetClock())

    async def _accept(self, arrival: Arrival) -> bool:
        self._kept.append(arrival)
        return True

    async def open(self) -> None:
        self._twin.say("hello")
        self._twin.say("hello", chat=GROUP)
        await self.door.open()

    async def close(self) -> None:
        await self.door.close()
        await self._away.close()

    async def seen(self, place: Place) -> Sequence[Seen]:
        return [
            Seen(
                id=str(each["message_id"]),
                text=each["text"],
                buttons=tuple(buttons(each)),
                files=tuple([tuple(each["file"])] if "file" in each else ()),
            )
            for each in self._twin.messages(int(place.channel))
        ]

    async def press(self, place: Place, label: str) -> Press:
        query = self._twin.press(label, chat=int(place.channel))
        return await self._twin.until(
            lambda: next(
                (
                    each.body
                    for each in self._kept
                    if isinstance(each.body, Press) and each.body.answer_to == query
                ),
                None,
            )
        ) or pytest.fail("nothing arrived")

    async def told(self, press: Press) -> str:
        return self._twin.queries[press.answer_to].text or ""

    async def trouble(self, kind: Trouble) -> None:
        match kind:
            case "away":
                self.chat = self._away.chat
            case "busy":
                self._twin.fail("sendMessage", "429", retry_after=1)
            case "lost answer":
                self._twin.fail("sendMessage", "drop")
            case "lost file":
                self._twin.fail("sendDocument", "drop")

    async def nowhere(self) -> Place:
        self._twin.block(ANA)
        return self.private


class TestTelegram(ChatContract):
    @pytest.fixture
    async def stage(self) -> AsyncGenerator[TelegramStage, None]:
        async with running() as twin:
            made = TelegramStage(twin)
            await made.open()
            yield made
            await made.close()
