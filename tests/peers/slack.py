"""What people do in local-slack, and what they then see: a small client for its control interface and its page.

Waits are bounded. Knows nothing of Vigie.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import aiohttp

from bot.values import Json
from tests.peers.servers import LocalSlack

WAIT = 30.0
Message = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Workspace:
    """A running local-slack and the hands of its people."""

    slack: LocalSlack
    http: aiohttp.ClientSession
    page: aiohttp.ClientWebSocketResponse

    async def say(self, user: str, text: str, *, channel: str, thread: str = "") -> Message:
        """A person writes. `channel` may be the bot's user id: their direct messages."""
        body = {"user": user, "channel": channel, "text": text, **({"thread_ts": thread} if thread else {})}
        answer = await self._control("message", body)
        return cast("Message", answer["message"])

    async def direct(self, user: str) -> str:
        """The channel of a person's direct messages with the bot."""
        async with self.http.post(
            f"{self.slack.api_url}conversations.open",
            json={"users": user},
            headers={"Authorization": f"Bearer {self.slack.bot_token}"},
        ) as response:
            return str((await response.json())["channel"]["id"])

    async def command(self, user: str, text: str, *, channel: str, command: str = "/vigie") -> None:
        """A person sends a slash command."""
        await self._control("command", {"user": user, "channel": channel, "command": command, "text": text})

    async def press(self, user: str, message: Message, label: str) -> None:
        """A person presses the button with this label under the message."""
        button = next(b for b in buttons(message) if b["text"]["text"] == label)
        action = {key: button.get(key) for key in ("type", "action_id", "value", "text")}
        pressed = {"channel": message["channel"], "messageTs": message["ts"], "user": user, "action": action}
        await self._control("interact", pressed)

    async def save(self, user: str, values: Mapping[str, str]) -> None:
        """A person fills in fields of the open form, by their block, and saves it."""
        view = await self.form()
        filled: dict[str, Json] = {}
        for block in cast("Sequence[Message]", view["blocks"]):
            if block["type"] == "input":
                name, element = str(block["block_id"]), cast("Message", block["element"])
                filled[name] = {element["action_id"]: _filled(element, values.get(name))}
        await self.page.send_str(json.dumps({"t": "view_submit", "user": user, "values": filled}))

    async def form(self) -> Message:
        """The form that is open on the page."""
        return await self._eventually(self._open_form, "no form opened")

    async def messages(self, channel: str) -> Sequence[Message]:
        """Everything in a channel, oldest first."""
        return cast("Sequence[Message]", (await self._get(f"messages/{channel}"))["messages"])

    async def log(self) -> Sequence[Mapping[str, Json]]:
        """Every call and delivery, oldest first."""
        return cast("Sequence[Mapping[str, Json]]", (await self._get("log"))["log"])

    async def calls(self, method: str) -> list[Mapping[str, Json]]:
        """The arguments of every call of a Web API method."""
        return [
            cast("Mapping[str, Json]", entry["detail"])
            for entry in await self.log()
            if entry["kind"] == "web_api" and entry["summary"] == method
        ]

    async def connected(self) -> None:
        """Waits until the bot is connected by Socket Mode."""

        async def look() -> bool:
            return any("socket connected" in str(entry["summary"]) for entry in await self.log())

        await self._eventually(look, "the bot did not connect")

    async def shows(self, channel: str, like: Callable[[Message], bool]) -> Message:
        """Waits for a message of the bot that is so."""

        async def look() -> Message | None:
            ours = [m for m in await self.messages(channel) if m.get("bot_id")]
            return next((message for message in ours if like(message)), None)

        return await self._eventually(look, "the bot did not say it")

    async def _open_form(self) -> Message | None:
        self_views = [e["detail"] for e in await self.log() if e["summary"] == "views.open"]
        if not self_views:
            return None
        view: Json = cast("Mapping[str, Json]", self_views[-1])["view"]
        return cast("Message", json.loads(view) if isinstance(view, str) else view)

    async def _eventually(self, look: "Callable[[], Json]", otherwise: str) -> Json:
        loop = asyncio.get_running_loop()
        until = loop.time() + WAIT
        while not (found := await look()):
            if loop.time() > until:
                raise AssertionError(otherwise)
        return found

    async def _control(self, path: str, body: Mapping[str, Json]) -> Mapping[str, Json]:
        async with self.http.post(f"{self.slack.control_url}/{path}", json=body) as response:
            answer = await response.json()
        assert answer.get("ok"), answer
        return cast("Mapping[str, Json]", answer)

    async def _get(self, path: str) -> Mapping[str, Json]:
        async with self.http.get(f"{self.slack.control_url}/{path}") as response:
            return cast("Mapping[str, Json]", await response.json())


def _filled(element: Message, value: str | None) -> Json:
    if element["type"] == "static_select":
        chosen = next((o for o in element["options"] if o["value"] == value), element.get("initial_option"))
        return {"type": element["type"], "selected_option": chosen}
    return {"type": element["type"], "value": element.get("initial_value") if value is None else value}


def buttons(message: Message) -> list[Message]:
    """The buttons under a message."""
    blocks = cast("Sequence[Message]", message.get("blocks") or ())
    found = [cast("Sequence[Message]", block["elements"]) for block in blocks if block["type"] == "actions"]
    return [button for elements in found for button in elements]


@asynccontextmanager
async def workspace(slack: LocalSlack) -> AsyncGenerator[Workspace, None]:
    """The people of a running local-slack, until the block ends."""
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{slack.url}/ui") as page:
        yield Workspace(slack, http, page)
