"""Slack keeps the promises of every chat: bolt and the real client over a twin of the Web API."""

from collections.abc import AsyncGenerator, Mapping, Sequence

import httpx
import pytest
from starlette.applications import Starlette

from adapters.chat.slack import SlackDoor, SlackSettings
from adapters.clock.wall import WallClock
from adapters.speech.languages import tongues
from bot.errors import Stale
from bot.events import Press, Verb
from bot.forms import Sheet
from bot.inbox import Arrival
from bot.people import Identity
from bot.places import Place
from bot.values import Json
from bot.world import Chat
from tests.contracts.chats.suite import ChatContract, Seen, Trouble
from tests.twins import slack_rules
from tests.twins.slack import BOT_TOKEN, SECRET, TEAM, SlackTwin
from tests.twins.slack_events import pressed, request


class SlackStage:
    """Alice, her direct messages, and a thread in a channel."""

    private = Place(platform="slack", team=TEAM, channel="D0ALICE", private=True)
    group = Place(platform="slack", team=TEAM, channel="C0SHOP", thread="1600000000.000001")
    person = Identity(platform="slack", team=TEAM, user="U0ALICE")
    finds = True

    def __init__(self, twin: SlackTwin) -> None:
        self._twin = twin
        self._kept: list[Arrival] = []
        self.door = self._door(twin.api_url)
        self.chat: Chat = self.door.chat

    def _door(self, api_url: str) -> SlackDoor:
        settings = SlackSettings(bot_token=BOT_TOKEN, signing_secrets=(SECRET,), api_url=api_url)
        return SlackDoor(settings, accept=self._accept, form=self._form, tongues=tongues(), clock=WallClock())

    async def _accept(self, arrival: Arrival) -> bool:
        self._kept.append(arrival)
        return True

    async def _form(self, ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
        raise Stale("there is no form here")

    async def seen(self, place: Place) -> Sequence[Seen]:
        return [
            Seen(
                id="+".join([each["ts"], *(file["id"] for file in self._files(each))]),
                text=_words(each["blocks"]),
                buttons=tuple(_labels(each["blocks"])),
                files=tuple(
                    (file["title"], self._twin.uploads[file["id"]].decode()) for file in self._files(each)
                ),
            )
            for each in self._said(place)
        ]

    def _files(self, message: Mapping[str, Json]) -> list[Json]:
        """What stands in the thread of a message."""
        thread = message.get("thread_ts", message["ts"])
        shares = [each for each in self._twin.shares if each["thread_ts"] == thread]
        return [file for each in shares if each["channel"] == message["channel"] for file in each["files"]]

    def _said(self, place: Place) -> list[dict[str, Json]]:
        return [
            each
            for each in self._twin.messages
            if (each["channel"], each.get("thread_ts", "")) == (place.channel, place.thread)
        ]

    async def press(self, place: Place, label: str) -> Press:
        message = next(each for each in reversed(self._said(place)) if slack_rules.buttons(each["blocks"]))
        button = next(b for b in slack_rules.buttons(message["blocks"]) if b["text"]["text"] == label)
        payload = pressed(
            button["action_id"],
            button["value"],
            channel=place.channel,
            ts=message["ts"],
            thread=place.thread,
        )
        transport = httpx.ASGITransport(app=Starlette(routes=self.door.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://vigie.test") as web:
            body, headers = request(payload)
            answer = await web.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == 200
        arrived = self._kept[-1].body
        assert isinstance(arrived, Press)
        return arrived

    async def told(self, press: Press) -> str:
        return "\n".join(_words(e["blocks"]) for e in self._twin.ephemerals if e["user"] == press.who.user)

    async def trouble(self, kind: Trouble) -> None:
        match kind:
            case "away":
                self.chat = self._door("http://127.0.0.1:9/api/").chat
            case "busy":
                self._twin.fail("chat.postMessage", "429", retry_after="1")
            case "lost answer":
                self._twin.fail("chat.postMessage", "drop_after")
            case "lost file":
                self._twin.fail("files.completeUploadExternal", "drop_after")

    async def nowhere(self) -> Place:
        self._twin.closed_channels.add(self.private.channel)
        return self.private


def _words(blocks: Sequence[Mapping[str, Json]]) -> str:
    """What a person reads: blocks under each other, runs of one block beside each other."""
    read = [block for block in blocks if block["type"] != "actions"]
    return "\n".join(
        ("" if block["type"] == "rich_text" else "\n").join(text for _, text in slack_rules.texts(block))
        for block in read
    ).strip()


def _labels(blocks: Json) -> list[str]:
    return [button["text"]["text"] for button in slack_rules.buttons(blocks)]


class TestSlack(ChatContract):
    @pytest.fixture
    async def stage(self) -> AsyncGenerator[SlackStage, None]:
        async with SlackTwin().serving() as twin:
            made = SlackStage(twin)
            await made.door.open()
            yield made
            await made.door.close()
