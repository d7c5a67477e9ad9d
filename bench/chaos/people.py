"""The people: they say what the script says when its time has come, and press what appears.

Slack brings a delivery to one node after the other until it is taken; Telegram keeps it until it was fetched.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp

from bench.chaos.script import Fate, Saying
from bench.chaos.sights import Seen, SlackSeen, TelegramSeen
from tests.kill.workspace import Workspace, button
from tests.twins import slack_events, telegram

PATIENCE = 6.0
"""Seconds after which a person on Telegram presses once more."""
_WORDS = {Fate.APPROVED: ("Yes, approve", "Approve"), Fate.DENIED: ("Deny",)}


@dataclass(slots=True, kw_only=True)
class Balanced(Workspace):
    """Slack before several nodes: each delivery goes to one of them, the next attempt perhaps to another."""

    urls: Sequence[str] = ()

    def address(self) -> str:
        return self.chance.choice(self.urls)


@dataclass(kw_only=True)
class People:
    """`said` is when each saying was taken, by its token; `presses` counts them."""

    script: Sequence[Saying]
    slack: SlackSeen
    telegram: TelegramSeen
    session: aiohttp.ClientSession
    urls: Sequence[str]
    chance: random.Random
    said: dict[str, float] = field(default_factory=dict[str, float])
    presses: int = 0
    all_said: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        # It brings what it is given; what people say and press is decided here.
        self._postman = Balanced(
            twin=self.slack, session=self.session, url="", script=[], chance=self.chance, urls=self.urls
        )
        self._by_token = {each.token: each for each in self.script}
        self._pressed: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        for sights in (self.slack.sights, self.telegram.sights):
            sights.pressable = self._sees_card
        self.slack.sights.threads = {each.thread: each.token for each in self.script if each.thread}

    @property
    def redelivered(self) -> int:
        return self._postman.redelivered

    @asynccontextmanager
    async def living(self) -> AsyncGenerator[None]:
        """They are there while the block runs."""
        talking = asyncio.create_task(self._talk())
        try:
            yield
        finally:
            for task in (talking, *self._tasks):
                task.cancel()
            await asyncio.gather(talking, *self._tasks, return_exceptions=True)

    async def _talk(self) -> None:
        began = time.time()
        for saying in self.script:
            await asyncio.sleep(max(0.0, began + saying.at - time.time()))
            self._begin(self._say(saying))
        while len(self.said) < len(self.script):  # noqa: ASYNC110 (what it looks at tells nobody)
            await asyncio.sleep(0.2)
        self.all_said.set()

    def _begin(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, saying: Saying) -> None:
        if saying.slack:
            await self._postman.bring(saying.payload())
            if self.chance.random() < 0.05:
                await self._postman.bring(saying.payload())
        else:
            self.telegram.say(saying.text, user=int(saying.user))
        self.said[saying.token] = time.time()

    def _sees_card(self, seen: Seen) -> None:
        saying = self._by_token.get(seen.token)
        if saying is None or not saying.decided or seen.key in self._pressed:
            return
        self._pressed.add(seen.key)
        self._begin(
            self._press_in_slack(saying, seen) if saying.slack else self._press_in_telegram(saying, seen)
        )

    async def _press_in_slack(self, saying: Saying, seen: Seen) -> None:
        """A press; now and then an impatient second one, which is another press to Slack."""
        await asyncio.sleep(self.chance.uniform(0.0, 1.0))
        for n in range(2 if self.chance.random() < 0.15 else 1):
            message = next(m for m in self.slack.messages if (m["channel"], m["ts"]) == seen.key)
            pressed = button(message, saying.fate)
            if pressed is None:
                return
            self.presses += 1
            payload = slack_events.pressed(
                str(pressed["action_id"]),
                str(pressed["value"]),
                user=saying.user,
                channel=saying.channel,
                ts=seen.key[1],
                thread=saying.thread,
                action_ts=f"{seen.key[1]}.{n}",
            )
            await self._postman.bring(payload)

    async def _press_in_telegram(self, saying: Saying, seen: Seen) -> None:
        """Presses until the buttons are gone: the question “are you sure” is asked by whoever was pressed, and dies with
        it."""
        chat, message = int(seen.key[0]), int(seen.key[1])
        while True:
            standing = self.telegram.standing[chat][message]
            shown = telegram.buttons(standing)
            label = next((each for each in _WORDS[saying.fate] if each in shown), None)
            if label is None:
                if not shown:
                    return
                await asyncio.sleep(0.5)
                continue
            self.presses += 1
            self.telegram.press(label, message=message, user=int(saying.user), chat=chat)
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    while telegram.buttons(self.telegram.standing[chat][message]) == shown:  # noqa: ASYNC110 (what it looks at tells nobody)
                        await asyncio.sleep(0.1)
