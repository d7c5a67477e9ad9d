"""The night, in every chat: an alert wakes a mission while everybody sleeps. It looks up the order, proposes what would
mend it and parks; the press comes in the morning, an hour later it looks again, and it is over.
"""

import itertools
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from adapters.chat.slack import SlackDoor, SlackSettings
from adapters.chat.telegram.connect import TelegramDoor, TelegramSettings
from adapters.chat.web import WebDoor, WebSettings
from adapters.clock.wall import WallClock
from adapters.speech.languages import tongues
from bot import doors, edits, signals
from bot.events import Condition, Press, Signal, Verb
from bot.forms import Sheet
from bot.inbox import Arrival
from bot.missions import Phase
from bot.people import HOME, Identity, Standing
from bot.places import Place
from bot.proposals import Proposal
from bot.store import Tx
from bot.tickets import Purpose
from tests.clocks import SetClock
from tests.running import Program
from tests.stage import Stage, stage
from tests.stories.founding.talks import ALICE, OnSlack, OnTelegram, OnTheWeb, Talk
from tests.stories.peers.record import until
from tests.twins import telegram
from tests.twins.slack import BOT_TOKEN, SECRET, TEAM, SlackTwin

EVENING = datetime(2026, 11, 20, 21, tzinfo=UTC)
STEPS = [
    {"action": "demo.get_order", "arguments": {"order": "1007"}, "save": "order"},
    {"action": "demo.ship_order", "arguments": {"order": "1007", "tracking": "FR-7"}},
    {"action": "demo.get_order", "arguments": {"order": "1007"}, "save": "after", "wait": 3600},
    {"text": "An hour later order 1007 is {after.status}."},
]
MISSION = (
    "do vigie.create_mission goal='Look after the queue at night' signal=QueueDepthHigh runs=1 "
    f"steps='{json.dumps(STEPS)}'"
)
ALERT = Signal(
    source="hook:prom",
    name="QueueDepthHigh",
    what="alert",
    summary="Queue orders has 250 waiting",
    severity="critical",
    group="queue",
    condition=Condition.FIRING,
)


@asynccontextmanager
async def on_slack(s: Stage, folder: Path) -> AsyncGenerator[Talk]:
    async with SlackTwin(people={ALICE: {"locale": "en-GB"}}).serving() as twin:
        told = SlackSettings(bot_token=BOT_TOKEN, signing_secrets=(SECRET,), api_url=twin.api_url)
        door = SlackDoor(told, accept=s.accept, form=_form(s), tongues=tongues(), clock=WallClock())
        s.chats["slack"] = door.chat
        await door.open()
        transport = httpx.ASGITransport(app=Starlette(routes=door.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://vigie.test") as http:
            yield OnSlack(Program(home=folder), twin, http)
        await door.close()


@asynccontextmanager
async def on_telegram(s: Stage, folder: Path) -> AsyncGenerator[Talk]:
    async with telegram.running() as twin:
        told = TelegramSettings(
            token=twin.token, callback_key=b"key", api_url=twin.api_url, poll_seconds=1, pause=0.01
        )
        door = TelegramDoor(told, accept=s.accept, tongues=tongues(), clock=s.clock)
        s.chats["telegram"] = door.chat
        await door.open()
        yield OnTelegram(twin, itertools.repeat(telegram.ANA))
        await door.close()


@asynccontextmanager
async def on_the_web(s: Stage, folder: Path) -> AsyncGenerator[Talk]:
    settings = WebSettings(url="http://127.0.0.1:8080", cookie_secure=False)
    door = WebDoor(settings, house=s.house, calendar=s.calendar, accept=s.accept, form=_form(s))
    s.chats["web"] = door.chat

    def mint(tx: Tx) -> str:
        return doors.mint(
            tx, purpose=Purpose.SIGN_IN, person="per_olivia", lifetime=doors.SIGN_IN, house=s.house
        )

    token = await s.store.write(mint)
    transport = httpx.ASGITransport(app=Starlette(routes=door.routes(), exception_handlers=door.handlers()))
    async with httpx.AsyncClient(transport=transport, base_url=settings.url) as http:
        page = OnTheWeb(Program(home=folder, link=f"{settings.url}/sign-in?token={token}"), http)
        await page.enter()
        yield page


def _form(s: Stage) -> Callable[[str, int, Identity, Place, Verb], Awaitable[Sheet]]:
    async def form(ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
        return await edits.sheet_for(ref, revision, who, place, house=s.house, space=HOME, verb=verb)

    return form


CHATS = {"slack": on_slack, "telegram": on_telegram, "web": on_the_web}
ACCOUNTS = (
    Identity(platform="slack", team=TEAM, user=ALICE),
    Identity(platform="telegram", user=str(telegram.ANA)),
)


async def asleep(s: Stage, until: datetime) -> None:
    """Hours pass; what falls due is swept."""
    while s.clock.now() < until:
        await s.forward(min(timedelta(minutes=30), until - s.clock.now()))


async def start(s: Stage) -> None:
    """The owner presses Start on the mission's card, where it stands."""

    async def asked() -> tuple[Proposal, str] | None:
        """The card, once it is known which message it is."""

        def look(tx: Tx) -> tuple[Proposal, str] | None:
            for each in tx.proposals.pending():
                line = tx.lines.by_slot(each.place, each.slot)
                if line is not None and line.ref:
                    return each, line.ref
            return None

        return await s.look(look)

    found = await until(asked, "no card asked whether the mission may start")
    assert found is not None
    proposal, message = found
    platform = Place.parse(proposal.place).platform
    olivia = await s.look(lambda tx: tx.people.get("per_olivia"))
    assert olivia is not None
    who = next(each for key in olivia.identities if (each := Identity.parse(key)).platform == platform)
    press = Press(
        who=who,
        ref=proposal.ref,
        revision=proposal.revision,
        verb=Verb.APPROVE,
        message=message,
        standing=Standing.MEMBER,
    )
    await s.arrive(Arrival(key="start", place=Place.parse(proposal.place), body=press))


@pytest.mark.parametrize("chat", CHATS)
async def test_a_night_from_the_alert_to_the_end_of_it(chat: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        s = await stack.enter_async_context(stage(tmp_path, clock=SetClock(EVENING)))

        def knows(tx: Tx) -> None:
            olivia = tx.people.get("per_olivia")
            assert olivia is not None
            for account in ACCOUNTS:
                olivia = olivia.linked(account)
            tx.people.put(olivia)

        await s.store.write(knows)
        # What a parcel's number is, a person says, unless an owner leaves it to whoever works at night.
        await s.say("set demo.ship_order tracking auto")
        talk = await stack.enter_async_context(CHATS[chat](s, tmp_path))
        await talk.say(MISSION)
        await start(s)
        await talk.hears("Mission 1")

        await asleep(s, EVENING + timedelta(hours=5))
        await s.arrive(Arrival(key="prom:1", place=signals.lane(ALERT.source), body=ALERT))
        assert "FR-7" in await talk.card("Ship an order", "1007")
        order = s.shop.order("1007")
        assert order.status == "open", "nothing before the press"
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None

        await asleep(s, EVENING + timedelta(hours=11))
        await talk.approve()
        await talk.becomes("✓ Done")
        await s.rest()
        assert s.shop.order("1007").status == "shipped"

        await asleep(s, EVENING + timedelta(hours=11, minutes=50))
        assert "order 1007 is shipped" not in await talk.seen()
        await asleep(s, EVENING + timedelta(hours=12, minutes=10))
        await talk.hears("An hour later order 1007 is shipped.")
        await s.arrive(
            Arrival(
                key="prom:2",
                place=signals.lane(ALERT.source),
                body=replace(ALERT, condition=Condition.RESOLVED),
            )
        )
        await talk.hears("Incident 1", "resolved")
        over = await s.look(lambda tx: tx.missions.by_number(1))
        assert over is not None
        assert over.phase is Phase.DONE
