"""What people see in Slack and Telegram: the twins, which tell of every message as it comes to stand or changes.

A message belongs to the saying whose token it shows, or in whose thread it stands.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.chaos.script import TOKEN
from bot.values import Json
from tests.kill.workspace import slot as slack_slot
from tests.twins import slack, telegram
from tests.twins.slack_rules import buttons as slack_buttons

REPEATED = "(possibly repeated)"
Key = tuple[str, str]
"""(channel, id)."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """One message of the assistant. `slot` is what it holds, where the platform keeps that; `marked` says that it once
    said of itself that it may be a repetition; `first` is when it came, on the clock of this process."""

    key: Key
    token: str
    text: str
    slot: str
    marked: bool
    first: float
    asks: bool
    """It has a button to decide with."""


@dataclass
class Sights:
    """Everything that stands. `pressable` is told of each new look of a card that asks."""

    by_key: dict[Key, Seen] = field(default_factory=dict[Key, Seen])
    by_token: dict[str, list[Seen]] = field(default_factory=dict[str, list[Seen]])
    threads: dict[str, str] = field(default_factory=dict[str, str])
    waiting: dict[str, list[asyncio.Event]] = field(default_factory=dict[str, list[asyncio.Event]])
    pressable: Callable[[Seen], None] = lambda seen: None

    def see(self, key: Key, text: str, *, slot: str = "", thread: str = "", asks: bool = False) -> None:
        """It stands there so, from now on."""
        seen = self.by_key.get(key)
        if seen is None:
            found = TOKEN.search(text)
            token = self.threads.get(thread) or (found.group() if found else "")
            seen = Seen(
                key=key, token=token, text=text, slot=slot, marked=False, first=time.time(), asks=False
            )
            self.by_key[key] = seen
            self.by_token.setdefault(token, []).append(seen)
        seen.text, seen.slot, seen.asks = text, slot or seen.slot, asks
        seen.marked |= REPEATED in text
        if asks:
            self.pressable(seen)

    def of(self, token: str) -> list[Seen]:
        return self.by_token.get(token, [])


@dataclass
class SlackSeen(slack.SlackTwin):
    """Slack, watched."""

    sights: Sights = field(default_factory=Sights)

    def _post(self, a: Mapping[str, Json]) -> dict[str, Json]:
        answer = super()._post(a)
        self._told(answer["message"])
        return answer

    def _update(self, a: Mapping[str, Json]) -> dict[str, Json]:
        answer = super()._update(a)
        message = next(m for m in self.messages if (m["channel"], m["ts"]) == (a["channel"], a["ts"]))
        self._told(message)
        return answer

    def _told(self, message: Mapping[str, Json]) -> None:
        key = (str(message["channel"]), str(message["ts"]))
        asks = any(each["action_id"] == "vigie:approve" for each in slack_buttons(message.get("blocks")))
        text = repr((message.get("text"), message.get("blocks")))
        thread = str(message.get("thread_ts") or "")
        self.sights.see(key, text, slot=slack_slot(message), thread=thread, asks=asks)


@dataclass
class TelegramSeen(telegram.Twin):
    """Telegram, watched."""

    sights: Sights = field(default_factory=Sights)

    def _write(self, message: Json, text: str, parameters: dict[str, Json]) -> Json:
        written = super()._write(message, text, parameters)
        key = (str(message["chat"]["id"]), str(message["message_id"]))
        asks = bool({"Approve", "Yes, approve"} & telegram.buttons(message).keys())
        self.sights.see(key, str(message["text"]), asks=asks)
        return written
