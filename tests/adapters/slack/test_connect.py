"""The door: who is let in, what is answered, and that nothing is acknowledged before it was kept."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import httpx
import pytest
from starlette.applications import Starlette

from adapters.chat.slack import Pulse, SlackDoor, SlackSettings
from adapters.chat.slack.connect import Doubt
from adapters.clock.wall import WallClock
from adapters.speech.languages import tongues
from bot.actions import Kind
from bot.clocks import Clock
from bot.errors import Misconfigured, Stale, Unreachable
from bot.events import Form, Message, Press, Verb
from bot.forms import Entry, Sheet
from bot.inbox import Arrival
from bot.people import Identity, Standing
from bot.places import Place
from bot.values import Json
from tests.clocks import SetClock
from tests.twins.slack import APP_TOKEN, BOT, BOT_TOKEN, SECRET, TEAM, SlackTwin, direct
from tests.twins.slack_events import commanded, headers, pressed, request, said, submitted

CLOCK = WallClock()


@dataclass
class Core:
    """What stands behind a door in these tests: an inbox that keeps each key once, and one form."""

    kept: dict[str, Arrival] = field(default_factory=dict[str, Arrival])
    arrived: list[bool] = field(default_factory=list[bool])
    trouble: list[Exception] = field(default_factory=list[Exception])
    gate: asyncio.Event | None = None
    stale: bool = False
    takes_part: set[str] = field(default_factory=set[str])

    async def accept(self, arrival: Arrival) -> bool:
        if self.trouble:
            raise self.trouble.pop(0)
        if self.gate is not None:
            await self.gate.wait()
        fresh = arrival.key not in self.kept
        self.kept.setdefault(arrival.key, arrival)
        self.arrived.append(fresh)
        return fresh

    async def form(self, ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
        if self.stale:
            raise Stale("this card is out of date; the current one follows")
        entry = Entry(name="order", title="Order", help="", kind=Kind.TEXT, value="1007")
        return Sheet(ref=ref, revision=revision, code="7K2M", title="Refund", entries=(entry,))

    async def participates(self, place: Place) -> bool:
        return place.thread in self.takes_part

    def only(self) -> Arrival:
        (arrival,) = self.kept.values()
        return arrival


Post = Callable[[Mapping[str, Json]], Awaitable[httpx.Response]]


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
async def twin() -> AsyncGenerator[SlackTwin, None]:
    async with SlackTwin().serving() as twin:
        yield twin


def door_of(
    twin: SlackTwin,
    core: Core,
    *,
    app_token: str = "",
    pulse: Pulse | None = None,
    clock: Clock = CLOCK,
    doubt: Doubt | None = None,
) -> SlackDoor:
    return SlackDoor(
        SlackSettings(
            bot_token=BOT_TOKEN,
            signing_secrets=(SECRET, "older"),
            app_token=app_token,
            api_url=twin.api_url,
        ),
        accept=core.accept,
        form=core.form,
        tongues=tongues(),
        clock=clock,
        participates=core.participates,
        pulse=pulse,
        doubt=doubt,
    )


@pytest.fixture
async def door(twin: SlackTwin, core: Core) -> AsyncGenerator[SlackDoor, None]:
    door = door_of(twin, core)
    await door.open()
    yield door
    await door.close()


@pytest.fixture
async def web(door: SlackDoor) -> AsyncGenerator[httpx.AsyncClient, None]:
    transport = httpx.ASGITransport(app=Starlette(routes=door.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://vigie.test") as web:
        yield web


@pytest.fixture
def post(web: httpx.AsyncClient) -> Post:
    async def send(payload: Mapping[str, Json]) -> httpx.Response:
        body, signed_headers = request(payload)
        return await web.post("/slack/events", content=body, headers=signed_headers)

    return send


# who is let in ---------------------------------------------------------------------------------------------


async def test_a_signed_message_is_kept_and_acknowledged(post: Post, core: Core) -> None:
    answer = await post(said("hello"))
    assert (answer.status_code, answer.content) == (200, b"")
    body = core.only().body
    assert isinstance(body, Message)
    assert (body.text, body.name, body.lang, body.zone) == ("hello", "Person U0ALICE", "fr", "Europe/Paris")
    assert body.standing is Standing.MEMBER


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": "abc"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "1"},
    ],
)
async def test_a_wrong_signature_is_refused_in_one_line_and_nothing_is_kept(
    web: httpx.AsyncClient, core: Core, caplog: pytest.LogCaptureFixture, change: dict[str, str]
) -> None:
    """SAFETY 2"""
    caplog.set_level(0)
    body, good = request(said("the-secret-words"))
    answer = await web.post("/slack/events", content=body, headers=good | change)
    assert answer.status_code == 401
    assert list(answer.json()) == ["error"]
    assert "the-secret-words" not in caplog.text
    assert core.kept == {}


async def test_headers_that_are_not_ascii_are_refused(web: httpx.AsyncClient) -> None:
    """SAFETY 4"""
    body, good = request(said("hi"))
    raw = [(name.encode(), value.encode()) for name, value in good.items() if "Signature" not in name]
    answer = await web.post(
        "/slack/events", content=body, headers=[*raw, (b"X-Slack-Signature", "v0=é€".encode())]
    )
    assert answer.status_code == 401


async def test_the_body_is_not_parsed_before_its_signature_is_good(web: httpx.AsyncClient) -> None:
    """SAFETY 2"""
    assert (await web.post("/slack/events", content=b"{")).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[" * 99_999, "application/json"),
        (b"[]", "application/json"),
        (b"x", "text/xml"),
    ],
)
async def test_a_signed_body_that_makes_no_sense_is_refused_in_one_line(
    web: httpx.AsyncClient, body: bytes, kind: str
) -> None:
    answer = await web.post("/slack/events", content=body, headers=headers(body, kind))
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


async def test_a_body_of_two_megabytes_is_refused_unread(web: httpx.AsyncClient) -> None:
    body = b" " * (2 * 2**20)
    answer = await web.post("/slack/events", content=body, headers=headers(body, "application/json"))
    assert answer.status_code == 413


async def test_a_body_without_a_length_is_not_read_beyond_the_limit(web: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncGenerator[bytes, None]:
        nonlocal read
        while True:
            read += 65_536
            yield b"x" * 65_536

    async with asyncio.timeout(30):
        answer = await web.post("/slack/events", content=_some(endless(), 4 * 2**20))
    assert answer.status_code == 413


async def _some(chunks: AsyncGenerator[bytes, None], most: int) -> AsyncGenerator[bytes, None]:
    sent = 0
    async for chunk in chunks:
        sent += len(chunk)
        if sent > most:
            return
        yield chunk


async def test_the_url_check_is_answered_as_plain_text_when_signed(post: Post) -> None:
    """SAFETY 8"""
    answer = await post({"type": "url_verification", "challenge": "<script>x</script>"})
    assert answer.text == "<script>x</script>"
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_url_check_is_refused_unsigned(web: httpx.AsyncClient) -> None:
    """SAFETY 8"""
    answer = await web.post("/slack/events", json={"type": "url_verification", "challenge": "secret"})
    assert answer.status_code == 401
    assert "secret" not in answer.text


async def test_without_a_signing_secret_there_is_no_route(twin: SlackTwin, core: Core) -> None:
    settings = SlackSettings(bot_token=BOT_TOKEN, app_token=APP_TOKEN, api_url=twin.api_url)
    door = SlackDoor(settings, accept=core.accept, form=core.form, tongues=tongues(), clock=CLOCK)
    assert door.routes() == []


def test_no_secret_is_in_the_settings_text() -> None:
    """SAFETY 89"""
    settings = SlackSettings(bot_token="xoxb-1", signing_secrets=("shh",), app_token="xapp-1")
    assert not any(secret in repr(settings) for secret in ("xoxb", "shh", "xapp"))


# kept before it is acknowledged ----------------------------------------------------------------------------


async def test_nothing_is_acknowledged_before_it_was_kept(post: Post, core: Core) -> None:
    """SAFETY 7"""
    core.gate = asyncio.Event()
    answering = asyncio.ensure_future(post(said("hello")))
    while not answering.done() and not core.gate.is_set():
        # The door is inside `accept` now, or on its way there: it must not have answered.
        for _ in range(200):
            await asyncio.sleep(0)
        assert not answering.done()
        assert core.kept == {}
        core.gate.set()
    assert (await answering).status_code == 200
    assert len(core.kept) == 1


@pytest.mark.parametrize(
    "trouble", [Unreachable("the database is locked"), OSError("no space left"), KeyError("x")]
)
async def test_what_cannot_be_kept_is_not_acknowledged_and_says_nothing_of_why(
    post: Post, core: Core, trouble: Exception
) -> None:
    """SAFETY 7"""
    core.trouble = [trouble]
    answer = await post(said("hello"))
    assert answer.status_code == 503
    assert str(trouble) not in answer.text
    assert (await post(said("hello"))).status_code == 200
    assert len(core.kept) == 1


@pytest.mark.parametrize("payload", [said("hi"), commanded("help"), pressed("vigie:approve", "r:1")])
async def test_a_slow_inbox_is_answered_in_under_three_seconds_and_nothing_is_lost(
    post: Post, core: Core, payload: Mapping[str, Json]
) -> None:
    """SAFETY 7"""
    core.gate = asyncio.Event()
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await post(payload)
    assert loop.time() - began < 3
    assert answer.status_code == 503
    core.gate.set()
    assert (await post(payload)).status_code == 200
    assert sorted(core.arrived) == [False, True]


async def test_a_redelivery_is_acknowledged_and_kept_once(web: httpx.AsyncClient, core: Core) -> None:
    """SAFETY 5, 6"""
    body, good = request(said("hello"))
    for retry in ({}, {"X-Slack-Retry-Num": "1"}, {"X-Slack-Retry-Num": "2"}):
        assert (await web.post("/slack/events", content=body, headers=good | retry)).status_code == 200
    assert core.arrived == [True, False, False]


async def test_two_deliveries_of_one_mention_are_kept_once(post: Post, core: Core) -> None:
    """SAFETY 5"""
    text = f"<@{BOT}> hello"
    await asyncio.gather(
        post(said(text, channel="C0SHOP", kind="app_mention", event_id="Ev1")),
        post(said(text, channel="C0SHOP", event_id="Ev2")),
    )
    assert sorted(core.arrived) == [False, True]


async def test_what_is_nothing_of_ours_is_acknowledged_and_dropped(post: Post, core: Core) -> None:
    for payload in (
        said("lunch?", channel="C0SHOP"),
        said("I said so", user=BOT),
        said("edited", subtype="message_changed"),
        {"type": "event_callback", "team_id": TEAM, "event": {"type": "reaction_added"}},
        pressed("other:thing", "x"),
        submitted({"id": "V1", "type": "modal", "callback_id": "other", "private_metadata": ""}, {}),
    ):
        assert (await post(payload)).status_code == 200
    assert core.kept == {}


async def test_a_signed_payload_of_a_shape_slack_never_sends_is_refused_in_one_line(post: Post) -> None:
    shapes: list[dict[str, Json]] = [
        submitted({"id": "V1"}, {}),
        {"type": "event_callback"},
        {"type": "event_callback", "event": []},
        {"type": "block_actions", "actions": 1},
        {"type": {"a": 1}},
    ]
    for payload in shapes:
        answer = await post(payload)
        assert answer.status_code in (200, 400, 404, 503)
        assert answer.status_code == 200 or list(answer.json()) == ["error"]


async def test_replies_are_heard_in_threads_where_we_take_part(post: Post, core: Core) -> None:
    core.takes_part = {"1600000000.000001"}
    await post(said("and?", channel="C0SHOP", thread_ts="1600000000.000001", ts="1700000000.000001"))
    await post(said("and?", channel="C0SHOP", thread_ts="1600000000.000002", ts="1700000000.000002"))
    assert core.only().place.thread == "1600000000.000001"


async def test_a_thread_that_began_with_a_mention_goes_on_without_one(post: Post, core: Core) -> None:
    await post(said(f"<@{BOT}> hi", channel="C0SHOP", kind="app_mention", ts="1600000000.000005"))
    await post(said("and?", channel="C0SHOP", thread_ts="1600000000.000005", ts="1700000000.000001"))
    assert len(core.kept) == 2


async def test_a_press_is_refused_for_now_when_slack_does_not_say_who_pressed(
    post: Post, core: Core, twin: SlackTwin
) -> None:
    twin.fail("users.info", "503")
    assert (await post(pressed("vigie:approve", "r:1"))).status_code == 503
    assert (await post(pressed("vigie:approve", "r:1"))).status_code == 200
    assert isinstance(core.only().body, Press)


async def test_a_minute_later_words_still_pass_and_a_press_does_not_while_slack_is_down(
    twin: SlackTwin, core: Core
) -> None:
    """SAFETY 22"""
    clock = SetClock()
    door = door_of(twin, core, clock=clock)
    await door.open()
    transport = httpx.ASGITransport(app=Starlette(routes=door.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://vigie.test") as web:

        async def send(payload: Mapping[str, Json]) -> int:
            body, good = request(payload, at=clock.now().timestamp())
            return (await web.post("/slack/events", content=body, headers=good)).status_code

        assert await send(said("hello")) == 200
        clock.forward(timedelta(seconds=61))
        twin.fail("users.info", "503", times=2)
        assert await send(said("still here", ts="1700000000.000200")) == 200
        assert await send(pressed("vigie:approve", "r:1")) == 503
    await door.close()


async def test_a_command_where_we_are_not_is_answered_in_private_and_says_how_to_invite_us(
    post: Post, core: Core, twin: SlackTwin
) -> None:
    twin.closed_channels.add("C0ELSE")
    answer = await post(commanded("freeze", channel="C0ELSE"))
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told["response_type"] == "ephemeral"
    assert "Je ne suis pas dans ce canal" in told["text"]
    assert "/invite @" in told["text"]
    place = core.only().place
    assert (place.private, place.channel) == (True, direct("U0ALICE"))
    inside = await post(commanded("status", channel="C0SHOP", trigger="9.9.z"))
    assert (inside.status_code, inside.content) == (200, b"")


async def test_no_address_that_came_with_a_request_is_ever_called(post: Post, twin: SlackTwin) -> None:
    """SAFETY 20"""
    evil = pressed("vigie:approve", "r:1") | {"response_url": f"{twin.api_url}evil"}
    assert (await post(evil)).status_code == 200
    assert (await post(commanded("help") | {"response_url": f"{twin.api_url}evil"})).status_code == 200
    assert {call.method for call in twin.calls} == {"auth.test", "users.info"}


# forms -----------------------------------------------------------------------------------------------------


async def test_edit_opens_a_form_that_comes_back_as_one(post: Post, core: Core, twin: SlackTwin) -> None:
    assert (await post(pressed("vigie:edit", "ref:2", channel="C0SHOP", thread="1.1"))).status_code == 200
    assert core.kept == {}
    (view,) = twin.views
    answer = await post(submitted(view, {"order": "1008"}))
    assert (answer.status_code, answer.content) == (200, b"")
    arrival = core.only()
    assert arrival.place == Place(platform="slack", team=TEAM, channel="C0SHOP", thread="1.1")
    assert isinstance(arrival.body, Form)
    assert (arrival.body.ref, arrival.body.revision, arrival.body.values) == ("ref", 2, {"order": "1008"})


async def test_edit_goes_to_the_core_when_the_form_comes_too_late(
    post: Post, core: Core, twin: SlackTwin
) -> None:
    """SAFETY 21"""
    twin.dead_triggers.add("1.2.trigger")
    assert (await post(pressed("vigie:edit", "ref:2"))).status_code == 200
    body = core.only().body
    assert isinstance(body, Press)
    assert body.verb is Verb.EDIT


async def test_edit_goes_to_the_core_when_slack_hangs_and_still_in_time(
    post: Post, core: Core, twin: SlackTwin
) -> None:
    twin.fail("views.open", "hang")
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert (await post(pressed("vigie:edit", "ref:2"))).status_code == 200
    assert loop.time() - began < 3
    assert isinstance(core.only().body, Press)


async def test_edit_of_an_old_card_is_the_cores_to_refuse(post: Post, core: Core, twin: SlackTwin) -> None:
    core.stale = True
    await post(pressed("vigie:edit", "ref:2"))
    assert isinstance(core.only().body, Press)
    assert twin.views == []


# Socket Mode -----------------------------------------------------------------------------------------------


@pytest.fixture
async def streaming(twin: SlackTwin, core: Core) -> AsyncGenerator[SlackDoor, None]:
    pulse = Pulse(every=0.05, deaf=0.4, connect=5, pause=0.01)
    door = door_of(twin, core, app_token=APP_TOKEN, pulse=pulse)
    await door.open()
    await twin.until(lambda: bool(twin.sockets))
    yield door
    await door.close()


async def test_an_envelope_is_acknowledged_once_it_was_kept(
    streaming: SlackDoor, twin: SlackTwin, core: Core
) -> None:
    core.trouble = [Unreachable("the database is locked")]
    await twin.push(said("hello"))
    envelope = await twin.push(said("hello"))
    await twin.until(lambda: envelope in twin.acks)
    assert len(twin.acks) == 1
    assert len(core.kept) == 1


async def test_a_connection_that_closes_is_made_again(
    streaming: SlackDoor, twin: SlackTwin, core: Core
) -> None:
    await twin.sockets[-1].close()
    await twin.until(lambda: len(twin.sockets) == 2)
    envelope = await twin.push(said("hello"))
    await twin.until(lambda: envelope in twin.acks)
    assert len(core.kept) == 1


async def test_when_slack_asks_to_connect_anew_nothing_is_lost(
    streaming: SlackDoor, twin: SlackTwin, core: Core
) -> None:
    await twin.sockets[-1].send_str(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
    await twin.until(lambda: len(twin.sockets) >= 2)
    # A connection may be replaced once more while it is being set up; Slack then sends again, as the twin does.
    async with asyncio.timeout(30):
        while not core.kept:
            with contextlib.suppress(ConnectionError):
                await twin.push(said("hello"))
            await asyncio.sleep(0)
    assert (await streaming.check()).text


@pytest.mark.parametrize("deaf", ["silent", "half"])
async def test_a_connection_on_which_nothing_comes_back_is_given_up(
    streaming: SlackDoor, twin: SlackTwin, core: Core, deaf: Literal["silent", "half"]
) -> None:
    """Connected is not heard: the twin takes the connection and the pings, and does not answer them."""
    twin.deaf = deaf
    await twin.sockets[-1].close()
    await twin.until(lambda: len(twin.sockets) >= 3)
    twin.deaf = ""
    heard = len(twin.sockets)
    await twin.until(lambda: len(twin.sockets) > heard)
    envelope = await twin.push(said("hello"))
    await twin.until(lambda: envelope in twin.acks)
    assert len(core.kept) == 1


async def test_the_check_tells_a_live_connection_from_a_deaf_one(
    streaming: SlackDoor, twin: SlackTwin
) -> None:
    envelope = await twin.push(said("hello"))
    await twin.until(lambda: envelope in twin.acks)
    assert (await streaming.check()).well
    twin.deaf = "silent"
    await twin.sockets[-1].close()
    async with asyncio.timeout(30):
        while (health := await streaming.check()).well:
            pass
    assert "Socket Mode" in health.text


# starting and checking -------------------------------------------------------------------------------------


async def test_a_token_that_slack_does_not_accept_stops_the_start(twin: SlackTwin, core: Core) -> None:
    settings = SlackSettings(bot_token="xoxb-wrong", signing_secrets=("s",), api_url=twin.api_url)
    door = SlackDoor(settings, accept=core.accept, form=core.form, tongues=tongues(), clock=CLOCK)
    with pytest.raises(Misconfigured, match="SLACK_BOT_TOKEN") as refusal:
        await door.open()
    assert "xoxb" not in str(refusal.value)
    assert "copy the Bot User OAuth Token again" in (await door.check()).text, "the page goes on asking it"


async def test_while_slack_is_down_the_door_opens_and_acknowledges_nothing(
    twin: SlackTwin, core: Core
) -> None:
    twin.fail("auth.test", "503")
    door = door_of(twin, core)
    await door.open()
    transport = httpx.ASGITransport(app=Starlette(routes=door.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://vigie.test") as web:
        body, good = request(said("hello"))
        assert (await web.post("/slack/events", content=body, headers=good)).status_code == 503
        assert (await door.check()).well
        assert (await web.post("/slack/events", content=body, headers=good)).status_code == 200
    await door.close()


async def test_the_check_names_a_missing_permission(door: SlackDoor, twin: SlackTwin) -> None:
    assert (await door.check()).well
    twin.scopes = "chat:write,commands"
    health = await door.check()
    assert not health.well
    assert "users:read" in health.text


async def test_the_log_has_facts_and_no_words(
    post: Post, caplog: pytest.LogCaptureFixture, twin: SlackTwin
) -> None:
    """SAFETY 2, 89"""
    caplog.set_level(0)
    await post(said("the-secret-words"))
    await post(said("the-secret-words", subtype="message_changed"))
    logged = caplog.text + json.dumps([str(vars(record)) for record in caplog.records])
    assert "slack_heard" in logged
    await post(said("the-secret-words"))
    repeats = [each for each in caplog.records if each.msg == "slack_heard" and each.levelno == logging.INFO]
    assert [vars(each)["fresh"] for each in repeats] == [False]
    for secret in ("the-secret-words", BOT_TOKEN, SECRET):
        assert secret not in logged


async def test_a_library_that_is_silenced_leaves_our_own_log_its_voice(post: Post) -> None:
    await post(said("hello"))
    for name in ("vigie", "vigie.serving", "adapters.chat.slack.connect"):
        assert logging.getLogger(name).isEnabledFor(logging.WARNING)


async def test_a_request_that_does_not_fit_the_secret_is_doubted_until_one_does(
    twin: SlackTwin, core: Core
) -> None:
    """Once Slack was heard, what anybody sends says nothing; nor does what does not look like Slack's."""
    told: list[datetime | None] = []

    async def doubt(at: datetime | None) -> None:
        told.append(at)

    door = door_of(twin, core, doubt=doubt)
    await door.open()
    transport = httpx.ASGITransport(app=Starlette(routes=door.routes()))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://vigie.test") as web:

            async def post(secret: str, **changed: str) -> int:
                body, good = request(said("hello"), secret=secret)
                answer = await web.post("/slack/events", content=body, headers={**good, **changed})
                await asyncio.sleep(0)
                return answer.status_code

            assert await post("another", **{"X-Slack-Signature": "v0=none"}) == 401
            assert told == []
            for _ in range(3):
                assert await post("another") == 401
            assert len(told) == 1
            assert told[0] is not None
            assert [await post(SECRET), await post("another"), await post(SECRET)] == [200, 401, 200]
            assert told[1:] == [None]
    finally:
        await door.close()


async def test_an_app_token_that_slack_does_not_accept_is_named_with_its_place(
    twin: SlackTwin, core: Core
) -> None:
    door = door_of(twin, core, app_token="xapp-of-somebody-else", pulse=Pulse(pause=0.01))
    await door.open()
    try:
        await twin.until(lambda: len(twin.called("apps.connections.open")) >= 2)
        health = await door.check(tongues()("fr"))
        assert not health.well
        assert "n’accepte pas SLACK_APP_TOKEN (invalid_auth)" in health.text
        assert "App-Level Tokens" in health.text
    finally:
        await door.close()
