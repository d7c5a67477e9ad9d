"""Who somebody is, asked of Slack at most once a minute, and never taken for more than it says."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import aiohttp
import pytest

from adapters.chat.slack.calls import Calls, web_client
from adapters.chat.slack.inbound import Profile, Us
from adapters.chat.slack.roster import Roster
from bot.errors import Unreachable
from bot.people import Identity, Standing
from bot.values import Json
from tests.clocks import SetClock
from tests.twins.slack import BOT, BOT_TOKEN, TEAM, SlackTwin

US = Us(team=TEAM, user=BOT)
ALICE = Identity(platform="slack", team=TEAM, user="U0ALICE")


@pytest.fixture
async def twin() -> AsyncGenerator[SlackTwin, None]:
    async with SlackTwin().serving() as twin:
        yield twin


@pytest.fixture
async def calls(twin: SlackTwin) -> AsyncGenerator[Calls, None]:
    async with aiohttp.ClientSession() as session:
        client = web_client(twin.api_url, token=BOT_TOKEN)
        client.session = session
        yield Calls(client, patience=5)


async def test_a_member_has_a_name_a_language_and_a_zone(calls: Calls) -> None:
    profile = await Roster(calls, clock=SetClock(), patience=5).profile(ALICE, us=US, fresh=True)
    assert profile == Profile(name="Person U0ALICE", lang="fr", zone="Europe/Paris", standing=Standing.MEMBER)


@pytest.mark.parametrize(
    ("user", "team", "standing"),
    [
        ({"is_restricted": True}, TEAM, Standing.GUEST),
        ({"is_ultra_restricted": True}, TEAM, Standing.GUEST),
        ({"is_stranger": True}, TEAM, Standing.GUEST),
        ({"is_bot": True}, TEAM, Standing.GUEST),
        ({"deleted": True}, TEAM, Standing.STRANGER),
        ({"team_id": "T0OTHER"}, TEAM, Standing.GUEST),
        ({}, "T0OTHER", Standing.GUEST),
        ({"team_id": "E0GRID", "enterprise_user": {"teams": [TEAM]}}, TEAM, Standing.MEMBER),
        ({"team_id": "E0GRID", "enterprise_user": {"teams": ["T0OTHER"]}}, TEAM, Standing.GUEST),
        ({"tz": "Nowhere/Atall", "locale": None, "profile": None}, TEAM, Standing.MEMBER),
    ],
)
async def test_only_a_full_member_of_this_team_is_a_member(
    twin: SlackTwin, calls: Calls, user: dict[str, Json], team: str, standing: Standing
) -> None:
    """SAFETY 9, 22"""
    twin.people["U0ALICE"] = user
    who = Identity(platform="slack", team=team, user="U0ALICE")
    roster = Roster(calls, clock=SetClock(), patience=5)
    assert (await roster.profile(who, us=US, fresh=True)).standing is standing


async def test_somebody_slack_does_not_know_is_a_guest(twin: SlackTwin, calls: Calls) -> None:
    twin.people["U0ALICE"] = {}
    roster = Roster(calls, clock=SetClock(), patience=5)
    assert await roster.profile(ALICE, us=US, fresh=True) == Profile(standing=Standing.GUEST)


async def test_slack_is_asked_once_a_minute(twin: SlackTwin, calls: Calls) -> None:
    clock = SetClock()
    roster = Roster(calls, clock=clock, patience=5)
    for _ in range(3):
        await roster.profile(ALICE, us=US, fresh=True)
    clock.forward(timedelta(seconds=60))
    await roster.profile(ALICE, us=US, fresh=True)
    assert len(twin.called("users.info")) == 1
    twin.people["U0ALICE"] = {"is_restricted": True}
    clock.forward(timedelta(seconds=1))
    assert (await roster.profile(ALICE, us=US, fresh=True)).standing is Standing.GUEST
    assert len(twin.called("users.info")) == 2


async def test_ten_at_once_are_one_question(twin: SlackTwin, calls: Calls) -> None:
    roster = Roster(calls, clock=SetClock(), patience=5)
    await asyncio.gather(*(roster.profile(ALICE, us=US, fresh=True) for _ in range(10)))
    assert len(twin.called("users.info")) == 1


async def test_while_slack_is_slow_nobody_is_taken_for_a_member(twin: SlackTwin, calls: Calls) -> None:
    clock = SetClock()
    patient, hasty = Roster(calls, clock=clock, patience=5), Roster(calls, clock=clock, patience=0.02)
    twin.fail("users.info", "hang", times=2)
    with pytest.raises(Unreachable):
        await hasty.profile(ALICE, us=US, fresh=True)
    await hasty.close()
    await patient.close()


async def test_an_old_answer_serves_for_words_but_not_for_a_press(twin: SlackTwin, calls: Calls) -> None:
    """SAFETY 22"""
    clock = SetClock()
    roster = Roster(calls, clock=clock, patience=5)
    known = await roster.profile(ALICE, us=US, fresh=True)
    clock.forward(timedelta(minutes=5))
    twin.fail("users.info", "503", times=2)
    assert await roster.profile(ALICE, us=US, fresh=False) == known
    with pytest.raises(Unreachable):
        await roster.profile(ALICE, us=US, fresh=True)


async def test_after_a_failure_slack_is_asked_again(twin: SlackTwin, calls: Calls) -> None:
    roster = Roster(calls, clock=SetClock(), patience=5)
    twin.fail("users.info", "500")
    with pytest.raises(Unreachable):
        await roster.profile(ALICE, us=US, fresh=True)
    assert (await roster.profile(ALICE, us=US, fresh=True)).standing is Standing.MEMBER
