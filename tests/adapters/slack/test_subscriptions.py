"""Event subscriptions that are missing: told by name from what stands in Slack and never came, and only then."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from adapters.chat.slack import Missed, SlackDoor, SlackSettings
from adapters.speech.languages import tongues
from bot.errors import Stale
from bot.events import Verb
from bot.forms import Sheet
from bot.inbox import Arrival
from bot.people import Identity
from bot.places import Place
from bot.values import Json
from tests.clocks import SetClock
from tests.twins.slack import BOT, BOT_TOKEN, SECRET, TEAM, SlackTwin, direct
from tests.twins.slack_events import event, request, said

ANN = "U0ALICE"
HERS = direct(ANN)
GENERAL = "C0GENERAL"
DIRECT, MENTION, PUBLIC, PRIVATE = "message.im", "app_mention", "message.channels", "message.groups"


@dataclass
class Workspace:
    """A workspace, and a door that hears what is posted and no more."""

    twin: SlackTwin
    clock: SetClock
    door: SlackDoor
    web: httpx.AsyncClient
    kept: set[str]
    told: list[tuple[str, Missed | None]] = field(default_factory=list[tuple[str, Missed | None]])

    async def deliver(self, payload: Mapping[str, Json]) -> None:
        body, headers = request(payload, secret=SECRET)
        answer = await self.web.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == 200

    async def later(self, seconds: float = 30) -> list[tuple[str, Missed | None]]:
        """What was told in the meantime, and when the connections are looked at then."""
        self.clock.forward(timedelta(seconds=seconds))
        assert (await self.door.check()).well
        told, self.told = self.told, []
        return told


@pytest.fixture
async def slack() -> AsyncGenerator[Workspace, None]:
    clock = SetClock(datetime.now(UTC).replace(microsecond=0))
    kept: set[str] = set()
    told: list[tuple[str, Missed | None]] = []

    async def accept(arrival: Arrival) -> bool:
        kept.add(arrival.key)
        return True

    async def form(ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
        raise Stale("no form")

    async def arrived(key: str) -> bool:
        return key in kept

    async def missed(event: str, found: Missed | None) -> None:
        space.told.append((event, found))

    async with SlackTwin(now=lambda: clock.now().timestamp()).serving() as twin:
        twin.channels.append({"id": GENERAL, "name": "general", "is_member": True, "created": 1})
        door = SlackDoor(
            SlackSettings(bot_token=BOT_TOKEN, signing_secrets=(SECRET,), api_url=twin.api_url),
            accept=accept,
            form=form,
            tongues=tongues(),
            clock=clock,
            arrived=arrived,
            missed=missed,
        )
        await door.open()
        transport = httpx.ASGITransport(app=Starlette(routes=door.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://vigie.test") as web:
            space = Workspace(twin=twin, clock=clock, door=door, web=web, kept=kept, told=told)
            clock.forward(timedelta(seconds=1))
            yield space
        await door.close()


async def test_a_direct_message_that_never_came_names_its_event(slack: Workspace) -> None:
    written = slack.twin.say(ANN, "hello?", channel=HERS)
    at = datetime.fromtimestamp(float(written["ts"]), UTC)
    assert await slack.later() == [(DIRECT, Missed(event=DIRECT, at=at, others=False))]
    opened: Mapping[str, Json] = {"type": "app_home_opened", "user": ANN, "channel": HERS, "tab": "messages"}
    await slack.deliver(event(opened))
    assert await slack.later() == [(DIRECT, Missed(event=DIRECT, at=at, others=True))]


async def test_a_mention_that_never_came_names_its_event(slack: Workspace) -> None:
    at = str(slack.twin.say(ANN, "lunch?", channel=GENERAL)["ts"])
    await slack.deliver(said("lunch?", channel=GENERAL, ts=at))
    assert await slack.later() == [(PUBLIC, None)]
    slack.twin.say(ANN, f"<@{BOT}> status", channel=GENERAL)
    [(event, found)] = await slack.later()
    assert (event, found is not None and found.event) == (MENTION, MENTION)


@pytest.mark.parametrize(("private", "name"), [(False, PUBLIC), (True, PRIVATE)])
async def test_what_is_said_in_a_channel_and_never_came_names_its_event(
    slack: Workspace, private: bool, name: str
) -> None:
    if private:
        slack.twin.channels[0] |= {"is_private": True, "members": [BOT, ANN]}
    # A mention comes all the same: it has an event of its own.
    at = str(slack.twin.say(ANN, f"<@{BOT}> status", channel=GENERAL)["ts"])
    await slack.deliver(said(f"<@{BOT}> status", channel=GENERAL, kind="app_mention", ts=at))
    [(mention, none), (event, found)] = await slack.later()
    assert (mention, none, event) == (MENTION, None, name)
    assert found is not None
    assert (found.event, found.others) == (name, True)
    at = str(slack.twin.say(ANN, "and the day before?", channel=GENERAL)["ts"])
    kind = "group" if private else "channel"
    await slack.deliver(said("and the day before?", channel=GENERAL, ts=at, channel_type=kind))
    assert await slack.later() == [(name, None)]


async def test_what_was_said_before_it_was_there_is_not_missed(slack: Workspace) -> None:
    slack.twin.say(ANN, f"<@{BOT}> hello?", channel=GENERAL)
    slack.twin.say(ANN, "nobody here", channel=GENERAL)
    slack.clock.forward(timedelta(seconds=1))
    joined = slack.twin.say(BOT, "has joined the channel", channel=GENERAL)
    joined["subtype"] = "channel_join"
    assert await slack.later() == []


async def test_what_comes_is_not_missed_and_ends_the_looking(slack: Workspace) -> None:
    slack.twin.say(ANN, "first", channel=HERS)
    assert [event for event, _ in await slack.later()] == [DIRECT]
    written = slack.twin.say(ANN, "second", channel=HERS)
    await slack.deliver(said("second", ts=str(written["ts"])))
    assert await slack.later() == [(DIRECT, None)]
    asked = [each for each in slack.twin.called("users.conversations") if each["types"] == "im"]
    slack.twin.say(ANN, "third", channel=HERS)
    assert await slack.later() == []
    assert [each for each in slack.twin.called("users.conversations") if each["types"] == "im"] == asked


async def test_what_another_process_kept_is_not_missed(slack: Workspace) -> None:
    written = slack.twin.say(ANN, "hello?", channel=HERS)
    slack.kept.add(f"slack:{TEAM}:{HERS}:{written['ts']}")
    assert await slack.later() == []


async def test_what_is_under_way_is_not_missed_yet_nor_what_was_said_before_it_heard(
    slack: Workspace,
) -> None:
    slack.clock.forward(timedelta(hours=-1))
    slack.twin.say(ANN, "while it was not there", channel=HERS)
    slack.clock.forward(timedelta(hours=1))
    assert await slack.later() == []
    slack.twin.say(ANN, "a moment ago", channel=HERS)
    slack.twin.messages.append({"type": "message", "user": BOT, "channel": HERS, "ts": slack.twin.stamp()})
    assert await slack.later(5) == []


async def test_it_is_looked_seldom_once_it_has_stood_for_long(slack: Workspace) -> None:
    await slack.later()
    looked = len(slack.twin.called("users.conversations"))
    assert looked == 2, "once for each of the two events"
    await slack.later(5)
    assert len(slack.twin.called("users.conversations")) == looked
    await slack.later(86_400)
    looked = len(slack.twin.called("users.conversations"))
    await slack.later(600)
    assert len(slack.twin.called("users.conversations")) == looked


async def test_slack_not_answering_is_no_finding(slack: Workspace) -> None:
    slack.twin.fail("users.conversations", "429")
    slack.twin.say(ANN, "hello?", channel=HERS)
    assert await slack.later() == []
    assert [event for event, _ in await slack.later()] == [DIRECT]
