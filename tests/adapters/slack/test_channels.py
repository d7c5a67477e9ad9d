"""Channels by name, asked of Slack when somebody names one, and no more often than Slack allows."""

from collections.abc import AsyncGenerator
from datetime import timedelta

import aiohttp
import pytest

from adapters.chat.slack.calls import Calls, web_client
from adapters.chat.slack.channels import Channels
from bot.errors import Unreachable
from bot.events import Named
from bot.people import Identity
from bot.values import Json
from tests.clocks import SetClock
from tests.twins.slack import BOT, BOT_TOKEN, TEAM, SlackTwin

ALICE = Identity(platform="slack", team=TEAM, user="U0ALICE")
BOB = Identity(platform="slack", team=TEAM, user="U0BOB")


def channel(name: str, number: int = 0, **more: Json) -> dict[str, Json]:
    return {"id": f"C{number:04}{name.upper().replace('-', '')}", "name": name, "is_member": True, **more}


@pytest.fixture
async def twin() -> AsyncGenerator[SlackTwin, None]:
    async with SlackTwin().serving() as twin:
        yield twin


@pytest.fixture
async def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def channels(twin: SlackTwin, clock: SetClock) -> AsyncGenerator[Channels, None]:
    async with aiohttp.ClientSession() as session:
        client = web_client(twin.api_url, token=BOT_TOKEN)
        client.session = session
        yield Channels(Calls(client, patience=5), clock=clock)


async def test_a_name_is_found_on_whatever_page_it_stands(twin: SlackTwin, channels: Channels) -> None:
    twin.page = 3
    twin.channels = [*(channel(f"room-{n}", n) for n in range(10)), channel("ops")]
    assert await channels.named("Ops", ALICE) == (Named(name="Ops", channel="C0000OPS", inside=True),)
    assert len(twin.called("conversations.list")) == 4
    asked = twin.called("conversations.list")[0]
    assert str(asked["types"]) == "public_channel,private_channel"


async def test_a_list_serves_for_minutes_and_a_name_that_is_not_in_it_looks_anew(
    twin: SlackTwin, channels: Channels, clock: SetClock
) -> None:
    twin.channels = [channel("ops")]
    for _ in range(3):
        assert await channels.named("ops", ALICE)
    assert len(twin.called("conversations.list")) == 1
    twin.channels.append(channel("new"))
    clock.forward(timedelta(seconds=31))
    assert await channels.named("new", ALICE)
    for _ in range(3):
        assert await channels.named("nowhere", ALICE) == ()
    assert len(twin.called("conversations.list")) == 2, "not for every name that is nowhere"
    clock.forward(timedelta(minutes=6))
    assert await channels.named("ops", ALICE)
    assert len(twin.called("conversations.list")) == 3


async def test_a_channel_that_we_are_not_in_says_so_and_an_archived_one_is_none(
    twin: SlackTwin, channels: Channels
) -> None:
    twin.channels = [channel("ops", is_member=False), channel("old", is_archived=True)]
    assert [each.inside for each in await channels.named("ops", ALICE)] == [False]
    assert await channels.named("old", ALICE) == ()


async def test_a_private_channel_is_known_to_those_who_are_in_it_alone(
    twin: SlackTwin, channels: Channels
) -> None:
    twin.page = 1
    twin.channels = [
        channel("board", is_private=True, members=[BOT, "U0CAROL", ALICE.user]),
        channel("closed", is_private=True, members=[ALICE.user]),
    ]
    assert [each.inside for each in await channels.named("board", ALICE)] == [True]
    assert await channels.named("board", BOB) == ()
    assert await channels.named("closed", ALICE) == (), "Slack shows us none that we are not in"


async def test_two_of_one_name_are_both_told(twin: SlackTwin, channels: Channels) -> None:
    twin.channels = [channel("ops", 1), channel("ops", 2)]
    assert len(await channels.named("ops", ALICE)) == 2


async def test_slack_is_not_asked_again_before_it_allows_it(
    twin: SlackTwin, channels: Channels, clock: SetClock
) -> None:
    twin.channels = [channel("ops")]
    twin.fail("conversations.list", "429", retry_after="40")
    for _ in range(3):
        with pytest.raises(Unreachable, match="wait"):
            await channels.named("ops", ALICE)
    assert len(twin.called("conversations.list")) == 1
    clock.forward(timedelta(seconds=41))
    assert await channels.named("ops", ALICE)
    clock.forward(timedelta(minutes=6))
    twin.fail("conversations.list", "429", retry_after="40")
    with pytest.raises(Unreachable):
        await channels.named("ops", ALICE)
    assert await channels.named("ops", ALICE), "what it said before, while it asks to wait"
