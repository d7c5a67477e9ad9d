"""A working twin of the Telegram Bot API on loopback: chats, updates by long poll or webhook, messages, buttons.

    python -m tests.twins.telegram --port 9000     prints READY and the base for TELEGRAM_API_URL

People act through `say` and `press` (in tests), or by `POST /_twin/say {"text", "user", "chat", "thread"}` and
`POST /_twin/press {"label" or "data", "user", "chat", "message"}`; `GET /_twin/messages?chat=` and `/_twin/calls`
show what the bot did, `POST /_twin/fail {"method", "kind", "times", "retry_after"}` makes the next calls fail. A
private chat has the user's id, a group a negative one, and each comes to be when somebody first speaks in it.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

import aiohttp
from aiohttp import web

from bot.values import Json
from tests.twins import telegram_rules as rules
from tests.twins.telegram_chats import (
    ANA,
    BEN,
    FORUM,
    FRENCH,
    GROUP,
    NOW,
    TOKEN,
    Call,
    Chats,
    buttons,
    person,
    place,
)
from tests.twins.telegram_rules import ApiError, bad

__all__ = [
    "ANA",
    "BEN",
    "FORUM",
    "FRENCH",
    "GROUP",
    "NOW",
    "TOKEN",
    "FaultKind",
    "Twin",
    "buttons",
    "person",
    "place",
    "running",
]

FaultKind = Literal["429", "500", "hang", "drop"]
"""`hang` answers nothing and does nothing; `drop` does it and then closes the connection without an answer."""


@dataclass
class Fault:
    method: str
    kind: FaultKind
    times: int = 1
    retry_after: int = 1


@dataclass
class Twin(Chats):
    """The service: the methods of the Bot API over what people and the bot have said."""

    url: str = ""
    faults: list[Fault] = field(default_factory=list[Fault])
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict[tuple[str, str], list[Json]])
    """By scope and language."""
    webhook: dict[str, Json] = field(default_factory=lambda: {"url": "", "secret": "", "error": ""})
    _poller: object = None
    _deliverer: "asyncio.Task[None] | None" = None

    @property
    def api_url(self) -> str:
        """What `TELEGRAM_API_URL` should be."""
        return f"{self.url}/bot"

    def fail(self, method: str, kind: FaultKind, *, times: int = 1, retry_after: int = 1) -> None:
        """The next calls of the method go wrong."""
        self.faults.append(Fault(method.casefold(), kind, times, retry_after))

    # --- the methods of the Bot API ------------------------------------------------------------------------

    def getme(self, _: dict[str, Json]) -> Json:
        return self.me

    def sendmessage(self, parameters: dict[str, Json]) -> Json:
        chat = self._open_chat(parameters)
        text = rules.check_text(parameters)
        sent = self.message(chat, int(parameters.get("message_thread_id", 0))) | {"from": self.me}
        self.standing[chat][sent["message_id"]] = sent
        return self._write(sent, text, parameters)

    def sendphoto(self, parameters: dict[str, Json]) -> Json:
        """The picture is looked at by nobody; its caption is what the message says."""
        chat = self._open_chat(parameters)
        text = rules.check_text({**parameters, "text": parameters.get("caption", "")})
        sent = self.message(chat, int(parameters.get("message_thread_id", 0))) | {"from": self.me}
        self.standing[chat][sent["message_id"]] = sent | {"text": text, "photo": []}
        photo = {"file_id": "photo", "file_unique_id": "photo", "width": 300, "height": 300}
        return sent | {"caption": text, "photo": [photo]}

    def senddocument(self, parameters: dict[str, Json]) -> Json:
        chat = self._open_chat(parameters)
        sent = self.message(chat, int(parameters.get("message_thread_id", 0))) | {"from": self.me}
        self.standing[chat][sent["message_id"]] = sent
        return self._file(sent, parameters["document"], parameters)

    def editmessagemedia(self, parameters: dict[str, Json]) -> Json:
        """Puts a file in the place of another, or beside the words of a message."""
        media: dict[str, Json] = parameters["media"]
        attached = str(media["media"]).removeprefix("attach://")
        entities = {"caption_entities": media.get("caption_entities")}
        return self._file(
            self._own(parameters), parameters[attached], {**entities, "caption": media.get("caption", "")}
        )

    def _file(self, message: Json, file: tuple[str, bytes], parameters: dict[str, Json]) -> Json:
        caption = rules.check_caption(parameters)
        shown = {**parameters, "entities": parameters.get("caption_entities")}
        entities = rules.check_entities(shown, caption)
        message.pop("entities", None)
        message.pop("photo", None)
        message |= {
            "text": caption,
            "file": [file[0], file[1].decode()],
            **({"entities": entities} if entities else {}),
        }
        document = {"file_id": "file", "file_unique_id": "file", "file_name": file[0]}
        told = {key: value for key, value in message.items() if key not in ("text", "file", "entities")}
        return told | {"caption": caption, "document": document}

    def editmessagetext(self, parameters: dict[str, Json]) -> Json:
        if {"file", "photo"} & self._own(parameters).keys():
            raise bad("there is no text in the message to edit")
        return self._write(self._own(parameters), rules.check_text(parameters), parameters)

    def editmessagereplymarkup(self, parameters: dict[str, Json]) -> Json:
        message = self._own(parameters)
        return self._write(message, message["text"], {**parameters, "entities": message.get("entities")})

    def deletemessage(self, parameters: dict[str, Json]) -> Json:
        message = self._own(parameters, "delete")
        del self.standing[message["chat"]["id"]][message["message_id"]]
        return True

    def answercallbackquery(self, parameters: dict[str, Json]) -> Json:
        rules.check_answer(parameters)
        query = self.queries.get(str(parameters.get("callback_query_id")))
        if query is None or not query.open:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        query.open, query.text = False, parameters.get("text", "")
        query.alert = bool(parameters.get("show_alert"))
        return True

    def sendchataction(self, parameters: dict[str, Json]) -> Json:
        self._open_chat(parameters)
        rules.check_action(parameters)
        return True

    def setmycommands(self, parameters: dict[str, Json]) -> Json:
        self.commands[rules.menu(parameters)] = rules.check_commands(parameters)
        return True

    def deletemycommands(self, parameters: dict[str, Json]) -> Json:
        self.commands.pop(rules.menu(parameters), None)
        return True

    def getmycommands(self, parameters: dict[str, Json]) -> Json:
        return self.commands.get(rules.menu(parameters), [])

    def menu(self, user: int, lang: str) -> list[str]:
        """The names of the commands that a person sees in their private chat, whose app speaks this language."""
        for scope in (f"chat {user}", "all_private_chats", "default"):
            for code in (lang, ""):
                if found := self.commands.get((scope, code)):
                    return [each["command"] for each in found]
        return []

    def setwebhook(self, parameters: dict[str, Json]) -> Json:
        url, secret = rules.check_webhook(parameters)
        self.webhook = {"url": url, "secret": secret, "error": ""}
        if self._deliverer is not None:
            self._deliverer.cancel()
        self._deliverer = asyncio.create_task(self._deliver()) if url else None
        return True

    def deletewebhook(self, _: dict[str, Json]) -> Json:
        return self.setwebhook({})

    def getwebhookinfo(self, _: dict[str, Json]) -> Json:
        found: dict[str, Json] = {"url": self.webhook["url"], "has_custom_certificate": False}
        found["pending_update_count"] = len(self.waiting)
        if self.webhook["error"]:
            found |= {"last_error_date": NOW, "last_error_message": self.webhook["error"]}
        return found

    async def getupdates(self, parameters: dict[str, Json]) -> Json:
        if self.webhook["url"]:
            raise ApiError(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook"
            )
        mine = self._poller = object()
        offset = parameters.get("offset")
        if offset is not None:
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]
        self.notify()
        with suppress(TimeoutError):
            async with asyncio.timeout(float(parameters.get("timeout", 0))):
                await self._until_waiting(lambda: self._poller is not mine)
        if self._poller is not mine:
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )
        return self.waiting[: int(parameters.get("limit", 100))]

    # --- behind them ---------------------------------------------------------------------------------------

    def _open_chat(self, parameters: dict[str, Json]) -> int:
        chat = int(parameters.get("chat_id", 0))
        if chat in self.migrated:
            moved = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(400, moved, migrate_to_chat_id=self.migrated[chat])
        if chat in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat not in self.standing:
            raise bad("chat not found")
        return chat

    def _own(self, parameters: dict[str, Json], verb: str = "edit") -> Json:
        message = self.standing[self._open_chat(parameters)].get(int(parameters["message_id"]))
        if message is None:
            raise bad(f"message to {verb} not found")
        if message["from"]["id"] != self.me["id"]:
            raise bad(f"message can't be {verb}ed")
        return message

    def _write(self, message: Json, text: str, parameters: dict[str, Json]) -> Json:
        content = {"text": text}
        entities, markup = rules.check_entities(parameters, text), rules.check_markup(parameters)
        content |= {"entities": entities} if entities else {}
        content |= {"reply_markup": markup} if markup else {}
        if {key: message[key] for key in ("text", "entities", "reply_markup") if key in message} == content:
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same"
                " as a current content and reply markup of the message"
            )
        for key in ("entities", "reply_markup"):
            message.pop(key, None)
        message.update(content)
        return message

    async def _deliver(self) -> None:
        pause = 0.01
        async with aiohttp.ClientSession() as session:
            while True:
                await self._until_waiting()
                update = self.waiting[0]
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret"]}
                try:
                    async with session.post(self.webhook["url"], json=update, headers=headers) as answer:
                        delivered = answer.ok
                        error = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                except aiohttp.ClientError as failure:
                    delivered, error = False, type(failure).__name__
                if delivered:
                    self.waiting.remove(update)
                    pause = 0.01
                else:
                    pause = min(2 * pause, 1.0)
                    await asyncio.sleep(pause)
                self.webhook["error"] = "" if delivered else error
                self.notify()

    async def _until_waiting(self, given_up: Callable[[], bool] = lambda: False) -> None:
        while not (self.waiting or given_up()):
            self.changed.clear()
            await self.changed.wait()

    # --- over HTTP -----------------------------------------------------------------------------------------

    async def api(self, request: web.Request) -> web.StreamResponse:
        """`/bot<token>/<method>`, as Telegram answers it."""
        try:
            return await self._api(request)
        except ApiError as error:
            body: dict[str, Json] = {"ok": False, "error_code": error.code, "description": error.description}
            body |= {"parameters": error.parameters} if error.parameters else {}
            return web.json_response(body, status=error.code)
        finally:
            self.notify()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            raise ApiError(401, "Unauthorized")
        name = request.match_info["method"].casefold()
        method = {
            "getme": self.getme,
            "getupdates": self.getupdates,
            "setwebhook": self.setwebhook,
            "deletewebhook": self.deletewebhook,
            "getwebhookinfo": self.getwebhookinfo,
            "sendmessage": self.sendmessage,
            "sendphoto": self.sendphoto,
            "senddocument": self.senddocument,
            "editmessagetext": self.editmessagetext,
            "editmessagemedia": self.editmessagemedia,
            "editmessagereplymarkup": self.editmessagereplymarkup,
            "deletemessage": self.deletemessage,
            "answercallbackquery": self.answercallbackquery,
            "sendchataction": self.sendchataction,
            "setmycommands": self.setmycommands,
            "getmycommands": self.getmycommands,
            "deletemycommands": self.deletemycommands,
        }.get(name)
        if method is None:
            raise ApiError(404, "Not Found: method not found")
        parameters = await _parameters(request)
        self.calls.append(Call(name, parameters))
        fault = self._fault(name)
        if fault == "hang":
            self.notify()
            await asyncio.Event().wait()
        result = method(parameters)
        result = await result if asyncio.iscoroutine(result) else result
        if fault == "drop" and request.transport is not None:
            request.transport.abort()
        return web.json_response({"ok": True, "result": result})

    def _fault(self, method: str) -> str:
        for fault in self.faults:
            if fault.times and fault.method in (method, "*"):
                fault.times -= 1
                match fault.kind:
                    case "429":
                        words = f"Too Many Requests: retry after {fault.retry_after}"
                        raise ApiError(429, words, retry_after=fault.retry_after)
                    case "500":
                        raise ApiError(500, "Internal Server Error")
                    case "hang" | "drop":
                        return fault.kind
        return ""

    async def control(self, request: web.Request) -> web.Response:
        """What stands in for people when the twin runs alone."""
        match request.method, request.match_info["deed"]:
            case "POST", "say":
                return web.json_response({"message": self.say(**await request.json())})
            case "POST", "press":
                return web.json_response({"query": self.press(**await request.json())})
            case "POST", "fail":
                self.fail(**await request.json())
                return web.json_response({})
            case "GET", "messages":
                return web.json_response(self.messages(int(request.query.get("chat", ANA))))
            case "GET", "calls":
                return web.json_response([vars(call) for call in self.calls])
            case "GET", "queries":
                return web.json_response({key: vars(query) for key, query in self.queries.items()})
            case _:
                raise web.HTTPNotFound

    async def serve(self, port: int = 0) -> web.AppRunner:
        """Listens on loopback; `cleanup()` of what it returns ends it."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self.api)
        app.router.add_route("*", "/_twin/{deed}", self.control)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def stop(self) -> None:
        """No webhook is called any more."""
        if self._deliverer is not None:
            self._deliverer.cancel()
            await asyncio.gather(self._deliverer, return_exceptions=True)


async def _parameters(request: web.Request) -> dict[str, Json]:
    """However a client sends them: in the query, as a form, or as JSON; nested values are JSON texts."""
    found: dict[str, Json] = dict(request.query)
    if request.content_type == "application/json":
        found |= await request.json()
    else:
        for key, value in (await request.post()).items():
            match value:
                case web.FileField():
                    found[key] = (value.filename, value.file.read())
                case str():
                    found[key] = value
                case _:
                    pass
    return {key: _value(key, value) for key, value in found.items()}


def _value(key: str, value: Json) -> Json:
    nested = {
        "entities",
        "caption_entities",
        "media",
        "reply_markup",
        "commands",
        "scope",
        "allowed_updates",
        "link_preview_options",
        "reply_parameters",
    }
    numbers = {"offset", "timeout", "limit", "show_alert"}
    return json.loads(value) if isinstance(value, str) and key in nested | numbers else value


@asynccontextmanager
async def running(twin: Twin | None = None, *, port: int = 0) -> AsyncGenerator[Twin, None]:
    """A twin that listens until the block ends."""
    made = twin or Twin()
    runner = await made.serve(port)
    try:
        yield made
    finally:
        await made.stop()
        await runner.cleanup()


async def _main() -> None:
    parser = argparse.ArgumentParser(description="A twin of the Telegram Bot API on loopback.")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--token", default=TOKEN)
    options = parser.parse_args()
    async with running(Twin(token=options.token), port=options.port) as twin:
        print(f"READY {twin.api_url} token {twin.token}", flush=True)  # noqa: T201 - its only way to say so
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_main())
