"""The people of the workspace, and Slack between them and the program: deliveries that are repeated until they are
taken, and buttons that are pressed when a card appears.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp

from bot.values import Json
from tests.kill.script import Fate, Kind, Saying
from tests.twins import slack_events
from tests.twins.slack import SlackTwin
from tests.twins.slack_rules import buttons

ACKNOWLEDGED_WITHIN = 3.0
ANSWERED_WITHIN = 60.0
AT_ONCE = 12
"""How many messages may wait for their answer before the next one is said."""

Message = Mapping[str, Json]


def slot(message: Message) -> str:
    """What the message holds: `turn:…` is an answer, `card:…` a card."""
    metadata: Json = message.get("metadata") or {}
    return str(metadata.get("event_payload", {}).get("slot", ""))


def cards(twin: SlackTwin) -> Iterator[Message]:
    """Every card that stands anywhere."""
    return (message for message in twin.messages if slot(message).startswith("card:"))


def answers(twin: SlackTwin, saying: Saying) -> list[Message]:
    """What stands in the workspace in answer to it."""
    if saying.thread:
        return [m for m in twin.messages if m.get("thread_ts") == saying.thread]
    return [m for m in twin.messages if m["channel"] == saying.channel and saying.token in repr(m)]


def button(message: Message, verb: str) -> Message | None:
    """The button that asks for this, if the message has it."""
    wanted = f"vigie:{verb}"
    return next((each for each in buttons(message.get("blocks")) if each["action_id"] == wanted), None)


@dataclass(slots=True, kw_only=True)
class Workspace:
    """Counts what it delivered, how often it had to repeat, and what it pressed. `now` is the time its deliveries are
    signed with."""

    twin: SlackTwin
    session: aiohttp.ClientSession
    url: str
    script: list[Saying]
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    now: Callable[[], float] = time.time
    events: int = 0
    redelivered: int = 0
    delivered: asyncio.Event = field(default_factory=asyncio.Event)
    _pressed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    @asynccontextmanager
    async def living(self) -> "AsyncGenerator[asyncio.Task[None]]":
        """The people are there while the block runs."""
        life = asyncio.create_task(self.live())
        try:
            yield life
        finally:
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)

    async def live(self) -> None:
        """Says everything, and presses what appears, until it is cancelled. `delivered` is set when all of the
        script was taken."""
        room = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._press_all(tasks))
            saying = [tasks.create_task(self._say(each, room)) for each in self.script]
            await asyncio.wait(saying)
            self.delivered.set()

    async def deliver(self, saying: Saying) -> None:
        """Returns when it was taken."""
        await self.bring(saying.payload())

    async def _say(self, saying: Saying, room: asyncio.Semaphore) -> None:
        async with room:
            await self.bring(saying.payload())
            if self.chance.random() < 0.05:
                await self.bring(saying.payload())
            # The audit names what was not answered; the others go on.
            with suppress(TimeoutError):
                await self.twin.until(lambda: bool(answers(self.twin, saying)), seconds=ANSWERED_WITHIN)

    async def _press_all(self, tasks: asyncio.TaskGroup) -> None:
        refunds = [saying for saying in self.script if saying.kind is Kind.REFUND]
        while True:
            await self.twin.until(lambda: any(self._unpressed(refunds)), seconds=600)
            for message, saying in list(self._unpressed(refunds)):
                self._pressed.add((str(message["channel"]), str(message["ts"])))
                tasks.create_task(self.press(message, saying))

    def _unpressed(self, refunds: list[Saying]) -> Iterator[tuple[Message, Saying]]:
        by_token = {saying.token: saying for saying in refunds if saying.fate is not Fate.LEFT}
        for message in cards(self.twin):
            if (message["channel"], message["ts"]) in self._pressed or not button(message, "approve"):
                continue
            shown = repr(message)
            found = next((saying for token, saying in by_token.items() if token in shown), None)
            if found is not None:
                yield message, found

    async def press(self, message: Message, saying: Saying) -> None:
        """A press; now and then an impatient second one, which is another press to Slack."""
        presses = 2 if self.chance.random() < 0.15 else 1
        for n in range(presses):
            pressed = button(message, saying.fate)
            if pressed is None:
                return
            payload = slack_events.pressed(
                str(pressed["action_id"]),
                str(pressed["value"]),
                user=saying.user,
                channel=saying.channel,
                ts=str(message["ts"]),
                thread=saying.thread,
                action_ts=f"{message['ts']}.{n}",
            )
            await self.bring(payload)

    async def bring(self, payload: Mapping[str, Json]) -> None:
        """As Slack does: again and again, until it is taken within three seconds."""
        self.events += 1
        attempt, reason = 0, ""
        while reason := await self._refused(payload, attempt, reason):
            attempt += 1
            self.redelivered += 1
            # Slack waits for minutes; nobody has that long.
            await asyncio.sleep(self.chance.uniform(0.1, 0.4))

    def address(self) -> str:
        """Where the next delivery goes."""
        return self.url

    async def _refused(self, payload: Mapping[str, Json], attempt: int, reason: str) -> str:
        """Why it was not taken, in Slack's word; "" when it was."""
        body, headers = slack_events.request(payload, at=self.now())
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        patience = aiohttp.ClientTimeout(total=ACKNOWLEDGED_WITHIN)
        try:
            async with self.session.post(
                self.address(), data=body, headers=headers, timeout=patience
            ) as answer:
                await answer.read()
                return "" if answer.ok else "http_error"
        except TimeoutError:
            return "http_timeout"
        except aiohttp.ClientError:
            return "connection_failed"
