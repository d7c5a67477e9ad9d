"""A Slack on loopback that keeps what it is told: the Web API methods Vigie calls, and Socket Mode.

It refuses what Slack refuses (a wrong token, blocks beyond the limits), and fails on request: asks to wait, breaks,
hangs, or drops the connection before or after doing what it was asked. `python -m tests.twins.slack --port N` runs
it alone, prints READY, and shows `GET /_twin/messages`; `POST /_twin/fault` arms a failure.
"""

import argparse
import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

from bot.values import Json
from tests.twins import slack_rules

TEAM, BOT, BOT_ID, BOT_TOKEN, APP_TOKEN = "T0TWIN", "U0VIGIE", "B0VIGIE", "xoxb-twin", "xapp-twin"
SECRET = "twin-signing-secret"

FaultKind = Literal["429", "500", "503", "hang", "drop", "drop_after", "garbage"]


@dataclass(slots=True, kw_only=True)
class Fault:
    """A failure to come: of which method ("*" for any), of which kind, how often."""

    method: str
    kind: FaultKind
    times: int = 1
    retry_after: str = "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One call that arrived. `form` tells a form or query from JSON."""

    method: str
    arguments: Mapping[str, Json]


class Refusal(Exception):
    """What Slack answers with `ok: false`."""


@dataclass(slots=True)
class SlackTwin:
    """The state of one workspace. `now` decides the timestamps of messages."""

    now: Callable[[], float] = time.time
    page: int = 200
    scopes: str = ""
    people: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])
    closed_channels: set[str] = field(default_factory=set[str])
    channels: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])
    """Channels as conversations.list gives them; a private one has its `members`, and is shown where the bot is one."""
    dead_triggers: set[str] = field(default_factory=set[str])
    messages: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])
    shares: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])
    """The messages that are files."""
    ephemerals: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])
    uploads: dict[str, bytes] = field(default_factory=dict[str, bytes])
    names: dict[str, str] = field(default_factory=dict[str, str])
    views: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])
    homes: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])
    no_pane: bool = False
    grid: str = ""
    org_wide: bool = False
    calls: list[Called] = field(default_factory=list[Called])
    faults: list[Fault] = field(default_factory=list[Fault])
    sockets: list[web.WebSocketResponse] = field(default_factory=list[web.WebSocketResponse])
    acks: list[str] = field(default_factory=list[str])
    deaf: Literal["", "silent", "half"] = ""
    url: str = ""
    _sequence: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _free: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def api_url(self) -> str:
        """What `SLACK_API_URL` should be."""
        return f"{self.url}/api/"

    def fail(self, method: str, kind: FaultKind, *, times: int = 1, retry_after: str = "3") -> None:
        """The next calls of the method fail so."""
        self.faults.append(Fault(method=method, kind=kind, times=times, retry_after=retry_after))

    def called(self, method: str) -> list[Mapping[str, Json]]:
        """The arguments of every call of the method, in order."""
        return [call.arguments for call in self.calls if call.method == method]

    def stamp(self) -> str:
        """The next message timestamp."""
        return f"{int(self.now())}.{next(self._sequence):06d}"

    async def until(self, true: Callable[[], bool], *, seconds: float = 10.0) -> None:
        """Waits until something that depends on the calls or sockets is so."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(true)

    async def push(self, payload: Mapping[str, Json], kind: str = "events_api") -> str:
        """Sends one envelope down the newest socket; returns its id."""
        envelope = f"env-{next(self._sequence)}"
        message = {
            "envelope_id": envelope,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": True,
        }
        await self.sockets[-1].send_str(json.dumps(message))
        return envelope

    # what it does ------------------------------------------------------------------------------------------

    def answer(self, method: str, a: Mapping[str, Json]) -> dict[str, Json]:
        """What Slack would answer, and do. Raises Refusal."""
        match method:
            case "auth.test":
                who: dict[str, Json] = {"team_id": TEAM, "user_id": BOT, "bot_id": BOT_ID}
                if self.grid:
                    who["enterprise_id"] = self.grid
                if self.org_wide:
                    who["is_enterprise_install"] = True
                return {**who, "team": "Twin", "user": "vigie", "url": "https://twin.slack.test/"}
            case "users.info":
                return {"user": self._person(str(a["user"]), with_locale=_true(a.get("include_locale")))}
            case "chat.postMessage":
                return self._post(a)
            case "chat.update":
                return self._update(a)
            case "chat.postEphemeral":
                self._check(a)
                self.ephemerals.append(dict(a))
                return {"message_ts": self.stamp()}
            case "conversations.history":
                if a.get("channel") in self.closed_channels:
                    raise Refusal("not_in_channel")
                newest_first = [m for m in reversed(self._in(a)) if m.get("thread_ts") in (None, m["ts"])]
                return self._paged(newest_first, a)
            case "conversations.replies":
                root = a["ts"]
                replies = [m for m in self._in(a, but=root) if root in (m["ts"], m.get("thread_ts"))]
                return self._paged(replies, a)
            case "views.open":
                return self._open(a)
            case "views.publish":
                return self._publish(a)
            case "conversations.list":
                types = str(a.get("types", "public_channel")).split(",")
                shown = [each for each in self.channels if self._shows(each, types, a)]
                return self._cut("channels", [_without_members(each) for each in shown], a)
            case "users.conversations":
                types = str(a.get("types", "public_channel")).split(",")
                alone = [self._direct(each) for each in sorted(self._talks())] if "im" in types else []
                ours = [
                    each for each in self.channels if self._shows(each, types, a) and each.get("is_member")
                ]
                return self._cut("channels", [*alone, *(_without_members(each) for each in ours)], a)
            case "conversations.members":
                found = next((each for each in self.channels if each["id"] == a["channel"]), None)
                if found is None or (found.get("is_private") and BOT not in found.get("members", ())):
                    raise Refusal("channel_not_found")
                return self._cut("members", list(found.get("members", ())), a)
            case "conversations.open":
                return {"channel": {"id": direct(str(a["users"]))}}
            case "assistant.threads.setStatus" | "assistant.threads.setSuggestedPrompts":
                return self._in_the_pane(method, a)
            case "apps.connections.open":
                return {"url": f"{self.url.replace('http', 'ws', 1)}/socket/{next(self._sequence)}"}
            case "files.getUploadURLExternal":
                file = f"F{next(self._sequence)}"
                self.names[file] = str(a["filename"])
                return {"upload_url": f"{self.url}/upload/{file}", "file_id": file}
            case "files.completeUploadExternal":
                return self._share(a)
            case "files.delete":
                return self._unshare(str(a["file"]))
            case _:
                raise Refusal("unknown_method")

    def _person(self, user: str, *, with_locale: bool) -> Json:
        if user in self.people and not self.people[user]:
            raise Refusal("user_not_found")
        person: dict[str, Json] = {
            "id": user,
            "team_id": TEAM,
            "name": user.lower(),
            "real_name": f"Person {user}",
            "tz": "Europe/Paris",
            "locale": "fr-FR",
            "profile": {"display_name": "", "real_name": f"Person {user}"},
            **self.people.get(user, {}),
        }
        if not with_locale:
            person.pop("locale")
        return person

    def _talks(self) -> set[str]:
        return {str(each["channel"]) for each in self.messages if str(each["channel"]).startswith("D")}

    def _direct(self, channel: str) -> Json:
        at = min(_stamp(each["ts"], 0) for each in self.messages if each["channel"] == channel)
        return {"id": channel, "is_im": True, "created": at // 10**6}

    def say(self, user: str, text: str, *, channel: str) -> dict[str, Json]:
        """A person writes; whether it is delivered is another thing."""
        message: dict[str, Json] = {"type": "message", "user": user, "text": text, "channel": channel}
        self.messages.append({**message, "ts": self.stamp()})
        return self.messages[-1]

    def _check(self, a: Mapping[str, Json]) -> None:
        if a.get("channel") in self.closed_channels:
            raise Refusal("channel_not_found")
        if slack_rules.of_message(a.get("blocks"), a.get("text")):
            raise Refusal("invalid_blocks")
        if "metadata" in a and slack_rules.of_metadata(a["metadata"]):
            raise Refusal("invalid_metadata_format")

    def _post(self, a: Mapping[str, Json]) -> dict[str, Json]:
        self._check(a)
        ts = self.stamp()
        kept = {key: value for key, value in a.items() if key not in ("token", "channel")}
        self.messages.append(
            {"type": "message", "user": BOT, "bot_id": BOT_ID, "channel": a["channel"], "ts": ts, **kept}
        )
        return {"channel": a["channel"], "ts": ts, "message": self.messages[-1]}

    def _update(self, a: Mapping[str, Json]) -> dict[str, Json]:
        self._check(a)
        for message in self.messages:
            if (message["channel"], message["ts"]) == (a["channel"], a["ts"]):
                message |= {key: a[key] for key in ("text", "blocks", "metadata") if key in a}
                message["edits"] = message.get("edits", 0) + 1
                return {"channel": a["channel"], "ts": a["ts"], "text": a["text"]}
        raise Refusal("message_not_found")

    def _share(self, a: Mapping[str, Json]) -> dict[str, Json]:
        """Files that were put before become a message of their own, of which the answer says nothing."""
        if a["channel_id"] in self.closed_channels:
            raise Refusal("channel_not_found")
        if any(each["id"] not in self.uploads for each in a["files"]):
            raise Refusal("file_not_found")
        files = [
            {"id": each["id"], "name": self.names[each["id"]], "title": each["title"]} for each in a["files"]
        ]
        message: dict[str, Json] = {"type": "message", "subtype": "file_share", "user": BOT, "bot_id": BOT_ID}
        thread = {"thread_ts": a["thread_ts"]} if a.get("thread_ts") else {}
        self.shares.append(
            {**message, **thread, "channel": a["channel_id"], "ts": self.stamp(), "files": files}
        )
        return {"files": files}

    def _unshare(self, file: str) -> dict[str, Json]:
        if file not in self.uploads:
            raise Refusal("file_not_found")
        del self.uploads[file]
        self.shares = [each for each in self.shares if all(one["id"] != file for one in each["files"])]
        return {}

    def _in(self, a: Mapping[str, Json], *, but: Json = None) -> list[dict[str, Json]]:
        """Messages of the channel between `oldest` and `latest`; `but` (a thread's first) is there always."""
        if a["channel"] in self.closed_channels:
            raise Refusal("channel_not_found")
        oldest, latest = _stamp(a.get("oldest"), 0), _stamp(a.get("latest"), 10**18)
        inclusive = _true(a.get("inclusive"))

        def within(message: Mapping[str, Json]) -> bool:
            at = _stamp(message["ts"], 0)
            return at == _stamp(but, -1) or oldest < at < latest or (inclusive and at in (oldest, latest))

        every = sorted((*self.messages, *self.shares), key=lambda message: _stamp(message["ts"], 0))
        return [m for m in every if m["channel"] == a["channel"] and within(m)]

    def _paged(self, found: list[dict[str, Json]], a: Mapping[str, Json]) -> dict[str, Json]:
        start, most = int(a.get("cursor") or 0), min(int(a.get("limit") or 100), self.page)
        shown = [dict(message) for message in found[start : start + most]]
        if not _true(a.get("include_all_metadata")):
            for message in shown:
                message.pop("metadata", None)
        after = str(start + most) if start + most < len(found) else ""
        return {"messages": shown, "has_more": bool(after), "response_metadata": {"next_cursor": after}}

    def _shows(self, channel: Mapping[str, Json], types: list[str], a: Mapping[str, Json]) -> bool:
        if channel.get("is_archived") and _true(a.get("exclude_archived")):
            return False
        if channel.get("is_private"):
            return "private_channel" in types and BOT in channel.get("members", ())
        return "public_channel" in types

    def _cut(self, name: str, found: list[Json], a: Mapping[str, Json]) -> dict[str, Json]:
        start, most = int(a.get("cursor") or 0), min(int(a.get("limit") or 100), self.page)
        after = str(start + most) if start + most < len(found) else ""
        return {name: found[start : start + most], "response_metadata": {"next_cursor": after}}

    def _open(self, a: Mapping[str, Json]) -> dict[str, Json]:
        if not a.get("trigger_id") or a["trigger_id"] in self.dead_triggers:
            raise Refusal("expired_trigger_id")
        if slack_rules.of_view(a.get("view")):
            raise Refusal("invalid_arguments")
        view = {**cast("dict[str, Json]", a["view"]), "id": f"V{next(self._sequence)}", "hash": "1.h"}
        self.views.append(view)
        return {"view": view}

    def _publish(self, a: Mapping[str, Json]) -> dict[str, Json]:
        if slack_rules.of_home(a.get("view")):
            raise Refusal("invalid_arguments")
        view = {**cast("dict[str, Json]", a["view"]), "id": f"V{next(self._sequence)}"}
        self.homes[str(a["user_id"])] = view
        return {"view": view}

    def _in_the_pane(self, method: str, a: Mapping[str, Json]) -> dict[str, Json]:
        if self.no_pane or not (str(a.get("channel_id", "")).startswith("D") and a.get("thread_ts")):
            raise Refusal("channel_not_found")
        if method.endswith("setSuggestedPrompts") and slack_rules.of_prompts(a):
            raise Refusal("invalid_arguments")
        return {}

    # how it is reached -------------------------------------------------------------------------------------

    async def api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        self.calls.append(Called(method=method, arguments=arguments))
        try:
            return await self._served(method, arguments, request)
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def _served(
        self, method: str, arguments: Mapping[str, Json], request: web.Request
    ) -> web.StreamResponse:
        fault = self._fault(method)
        match fault.kind if fault else None:
            case "429":
                assert fault is not None
                headers = {"Retry-After": fault.retry_after}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            case "500":
                return web.Response(status=500, text="oh no")
            case "503":
                return web.json_response({"ok": False, "error": "service_unavailable"}, status=503)
            case "garbage":
                return web.Response(text="<html>", content_type="application/json")
            case "hang":
                await self._free.wait()
            case "drop":
                return _dropped(request)
            case "drop_after" | None:
                pass
        try:
            self._authorized(method, request)
            body = {"ok": True, **self.answer(method, arguments)}
        except Refusal as refusal:
            # Slack's refusals may quote what they refuse.
            said = {"messages": [f"[ERROR] {json.dumps(arguments)}"]}
            body: dict[str, Json] = {"ok": False, "error": str(refusal), "response_metadata": said}
        if fault and fault.kind == "drop_after":
            return _dropped(request)
        headers = {"x-oauth-scopes": self.scopes} if self.scopes else {}
        return web.json_response(body, headers=headers)

    def _fault(self, method: str) -> Fault | None:
        for fault in self.faults:
            if fault.method in ("*", method) and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    def _authorized(self, method: str, request: web.Request) -> None:
        wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if request.headers.get("Authorization") != f"Bearer {wanted}":
            raise Refusal("invalid_auth")

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """One Socket Mode connection. A silent twin answers nothing, pings included; one that is half deaf
        answers only the empty pings of the HTTP library."""
        deaf = self.deaf
        socket = web.WebSocketResponse(autoping=not deaf)
        await socket.prepare(request)
        self.sockets.append(socket)
        if not deaf:
            await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        async with self._changed:
            self._changed.notify_all()
        async for message in socket:
            if message.type is WSMsgType.PING and deaf == "half" and not message.data:
                await socket.pong()
            if message.type is WSMsgType.TEXT:
                self.acks.append(json.loads(cast("str", message.data)).get("envelope_id", ""))
                async with self._changed:
                    self._changed.notify_all()
        return socket

    async def shown(self, _: web.Request) -> web.Response:
        """Everything that was said, for tests in other processes."""
        counts = Counter(call.method for call in self.calls)
        said = {
            "messages": self.messages,
            "ephemerals": self.ephemerals,
            "views": self.views,
            "homes": self.homes,
        }
        return web.json_response({**said, "calls": counts})

    async def armed(self, request: web.Request) -> web.Response:
        """A failure to come, as JSON: {method, kind, times, retry_after}."""
        self.faults.append(Fault(**await request.json()))
        return web.json_response({"ok": True})

    async def taken(self, request: web.Request) -> web.Response:
        """A file is put where it was told to."""
        self.uploads[request.match_info["file"]] = await request.read()
        return web.Response(text="OK")

    @asynccontextmanager
    async def serving(self, port: int = 0) -> "AsyncGenerator[SlackTwin, None]":
        """Listens until the block ends."""
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.router.add_route("*", "/api/{method}", self.api)
        application.router.add_get("/socket/{ticket}", self.socket)
        application.router.add_post("/upload/{file}", self.taken)
        application.router.add_get("/_twin/messages", self.shown)
        application.router.add_post("/_twin/fault", self.armed)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        host, bound = cast("tuple[str, int]", runner.addresses[0][:2])
        self.url = f"http://{host}:{bound}"
        try:
            yield self
        finally:
            self._free.set()
            for socket in self.sockets:
                await socket.close()
            await runner.cleanup()


def direct(user: str) -> str:
    """The conversation of a person with the bot alone."""
    return f"D{user[1:]}"


def _without_members(channel: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in channel.items() if name != "members"}


async def _arguments(request: web.Request) -> dict[str, Json]:
    found: dict[str, Json] = dict(request.query)
    raw = await request.text()
    if request.content_type == "application/json" and raw:
        return found | cast("dict[str, Json]", json.loads(raw))
    return found | dict(parse_qsl(raw))


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _true(value: Json) -> bool:
    return str(value).lower() in ("1", "true")


def _stamp(value: Json, default: int) -> int:
    """A timestamp as a whole number of millionths: a float would lose the last digits."""
    if not value:
        return default
    seconds, _, rest = str(value).partition(".")
    return int(seconds) * 1_000_000 + int(rest.ljust(6, "0")[:6] or 0)


async def _main() -> None:
    parser = argparse.ArgumentParser(description="A Slack on loopback that keeps what it is told.")
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args()
    async with SlackTwin().serving(chosen.port) as twin:
        print(f"READY {twin.url}", flush=True)  # noqa: T201 # who started it waits for this line
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
