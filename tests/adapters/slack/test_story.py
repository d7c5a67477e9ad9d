"""With local-slack, which this project did not write: words in, a card out, a press in, the receipt in its place.

Each story is told twice: over Socket Mode, and over signed HTTP.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Literal, cast

import pytest
import uvicorn
from starlette.applications import Starlette

from adapters.chat.slack import SlackDoor, SlackSettings
from adapters.clock.wall import WallClock
from adapters.speech.languages import tongues
from bot.actions import Kind
from bot.cards import Button
from bot.effects import Question
from bot.events import Form, Message, Press, Verb
from bot.forms import Entry, Sheet
from bot.inbox import Arrival
from bot.people import Identity, Standing
from bot.places import Place
from bot.world import Sending
from tests.adapters.slack.test_cards import CARD
from tests.peers.servers import LocalSlack, free_port, local_slack
from tests.peers.slack import Workspace, buttons, workspace

pytestmark = [pytest.mark.peer("local-slack")]
Mode = Literal["socket", "events"]
ENGLISH = tongues()("en")


@dataclass
class Told:
    """What a door hands over, one after the other."""

    arrivals: asyncio.Queue[Arrival] = field(default_factory=asyncio.Queue[Arrival])
    keys: set[str] = field(default_factory=set[str])

    async def accept(self, arrival: Arrival) -> bool:
        if arrival.key in self.keys:
            return False
        self.keys.add(arrival.key)
        await self.arrivals.put(arrival)
        return True

    async def form(self, ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
        entries = (
            Entry(name="order", title="Order", help="", kind=Kind.TEXT, value="1007"),
            Entry(
                name="speed", title="Speed", help="", kind=Kind.CHOICE, value="slow", choices=("slow", "fast")
            ),
        )
        return Sheet(ref=ref, revision=revision, code="7K2M", title="Refund an order", entries=entries)

    async def next(self) -> Arrival:
        async with asyncio.timeout(30):
            return await self.arrivals.get()


@dataclass(frozen=True)
class Scene:
    slack: LocalSlack
    people: Workspace
    door: SlackDoor
    told: Told


@asynccontextmanager
async def served(door: SlackDoor, port: int) -> AsyncGenerator[None, None]:
    config = uvicorn.Config(Starlette(routes=door.routes()), log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", port)) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield
        server.should_exit = True
        await serving


@pytest.fixture(params=["socket", "events"])
async def scene(request: pytest.FixtureRequest) -> AsyncGenerator[Scene, None]:
    mode = cast("Mode", request.param)
    port, told = free_port(), Told()
    with local_slack(mode, request_url=f"http://127.0.0.1:{port}/slack/events") as slack:
        door = SlackDoor(
            SlackSettings(
                bot_token=slack.bot_token,
                signing_secrets=(slack.signing_secret,) if mode == "events" else (),
                app_token=slack.app_token if mode == "socket" else "",
                api_url=slack.api_url,
            ),
            accept=told.accept,
            form=told.form,
            tongues=tongues(),
            clock=WallClock(),
        )
        await door.open()
        async with served(door, port), workspace(slack) as people:
            if mode == "socket":
                await people.connected()
            yield Scene(slack, people, door, told)
        await door.close()


def card_for(place: Place) -> Sending:
    return Sending(key="eff_card", slot="card", place=place, content=CARD, tongue=ENGLISH)


async def test_words_become_a_card_a_press_and_a_receipt(scene: Scene) -> None:
    people, slack = scene.people, scene.slack
    channel = await people.direct(slack.alice)
    await people.say(slack.alice, "refund 1007", channel=channel)
    heard = await scene.told.next()
    assert isinstance(heard.body, Message)
    assert (heard.body.text, heard.body.name, heard.body.standing) == (
        "refund 1007",
        "alice",
        Standing.MEMBER,
    )
    assert heard.place == Place(platform="slack", team=slack.team, channel=channel, private=True)

    ref = await scene.door.chat.send(card_for(heard.place))
    card = await people.shows(channel, lambda message: bool(buttons(message)))
    await people.press(slack.alice, card, "Approve")
    pressed = await scene.told.next()
    assert pressed.place == heard.place
    assert pressed.body == Press(
        who=heard.body.who,
        ref=CARD.ref,
        revision=1,
        verb=Verb.APPROVE,
        message=ref,
        name="alice",
        standing=Standing.MEMBER,
    )

    receipt = replace(CARD, status="✓ Done: refunded", buttons=())
    edit = replace(card_for(heard.place), key="eff_edit", content=receipt, ref=ref)
    assert await scene.door.chat.send(edit) == ref
    shown = await people.shows(channel, lambda message: "✓ Done" in str(message["text"]))
    assert shown["ts"] == ref
    assert not buttons(shown)


async def test_a_mention_in_a_channel_is_heard_once_and_answered_in_its_thread(scene: Scene) -> None:
    people, slack = scene.people, scene.slack
    said = await people.say(slack.bob, f"<@{slack.bot}> refund 1007", channel=slack.general)
    heard = await scene.told.next()
    assert isinstance(heard.body, Message)
    assert heard.body.text == "refund 1007"
    assert heard.place.thread == said["ts"]
    await scene.door.chat.send(card_for(heard.place))
    card = await people.shows(slack.general, lambda message: bool(buttons(message)))
    assert card["thread_ts"] == said["ts"]

    await people.say(slack.bob, "and 1008", channel=slack.general, thread=str(said["ts"]))
    again = await scene.told.next()
    assert isinstance(again.body, Message)
    assert (again.body.text, again.place) == ("and 1008", heard.place)
    assert scene.told.arrivals.empty()


async def test_edit_opens_a_form_and_saving_it_comes_back(scene: Scene) -> None:
    people, slack = scene.people, scene.slack
    channel = await people.direct(slack.alice)
    place = Place(platform="slack", team=slack.team, channel=channel, private=True)
    await scene.door.chat.send(card_for(place))
    card = await people.shows(channel, lambda message: bool(buttons(message)))
    await people.press(slack.alice, card, "Edit")
    await people.save(slack.alice, {"field:order": "1008"})
    form = await scene.told.next()
    assert form.place == place
    assert isinstance(form.body, Form)
    assert (form.body.ref, form.body.revision) == (CARD.ref, 1)
    assert form.body.values == {"order": "1008", "speed": "slow"}


async def test_a_command_is_heard_and_answered_where_it_was_given(scene: Scene) -> None:
    people, slack = scene.people, scene.slack
    await people.command(slack.alice, "status", channel=slack.general)
    heard = await scene.told.next()
    assert isinstance(heard.body, Message)
    assert heard.body.text == "status"
    assert heard.place == Place(platform="slack", team=slack.team, channel=slack.general)


async def test_what_we_say_never_wakes_us(scene: Scene) -> None:
    people, slack = scene.people, scene.slack
    channel = await people.direct(slack.alice)
    place = Place(platform="slack", team=slack.team, channel=channel, private=True)
    await scene.door.chat.send(card_for(place))
    await people.say(slack.alice, "still here?", channel=channel)
    heard = await scene.told.next()
    assert isinstance(heard.body, Message)
    assert heard.body.text == "still here?"
    assert scene.told.arrivals.empty()


async def test_the_door_is_well(scene: Scene) -> None:
    health = await scene.door.check()
    assert health.well, health.text


async def test_always_and_the_button_that_stops_what_is_held_come_back(scene: Scene) -> None:
    """SAFETY 70"""
    people, slack = scene.people, scene.slack
    channel = await people.direct(slack.alice)
    place = Place(platform="slack", team=slack.team, channel=channel, private=True)
    shown = replace(CARD, buttons=(*CARD.buttons, Button(verb=Verb.ALWAYS, label="Always…")))
    await scene.door.chat.send(replace(card_for(place), content=shown))
    message = await people.shows(channel, lambda message: bool(buttons(message)))
    await people.press(slack.alice, message, "Always…")
    always = (await scene.told.next()).body
    assert isinstance(always, Press)
    assert (always.ref, always.verb) == (CARD.ref, Verb.ALWAYS)
    asked = Question(text="It goes out at 13:00:30.", ref="r" * 22, choices=(("stop", "Stop it"),))
    await scene.door.chat.send(
        Sending(key="eff_hold", slot="hold", place=place, content=asked, tongue=ENGLISH)
    )
    message = await people.shows(channel, lambda message: "13:00:30" in str(message["text"]))
    await people.press(slack.alice, message, "Stop it")
    stop = (await scene.told.next()).body
    assert isinstance(stop, Press)
    assert (stop.ref, stop.verb, stop.value) == (asked.ref, Verb.CHOOSE, "stop")
