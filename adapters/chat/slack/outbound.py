"""The Chat port over Slack's Web API: posts, edits, looks up, shows progress.

Every message carries the effect's id as message metadata, so that after a crash it is found before it is sent
again (docs.slack.dev, "Message metadata"). Nothing is repeated here; that is the outbox's decision.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

from adapters.charts import png
from adapters.chat.slack import cards, marks, surfaces
from adapters.chat.slack.calls import Calls, Declined
from adapters.chat.slack.channels import Channels
from adapters.chat.slack.inbound import PLATFORM
from bot.charts import Chart
from bot.clocks import Clock
from bot.effects import File, Notice, Text
from bot.errors import Failed, OutcomeUnknown, Unknowable, Unreachable, VigieError
from bot.events import Named
from bot.people import Identity
from bot.places import Place
from bot.speech import Tongue
from bot.values import Json
from bot.visible import visible
from bot.world import Sending

log = logging.getLogger(__name__)

_EVENT = "vigie"
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_BACK = timedelta(hours=36)
"""How far back a look-up reads: longer than the outbox keeps trying to deliver a message."""
_PAGES, _PAGE = 10, 200
_SLOTS = 2_000
_WITH = "+"
"""Between a message and the file that belongs to it, in the reference of both."""
_PACE = 1.0
"""Seconds between two edits of one message (docs.slack.dev, "Rate limits": about one a second)."""


@dataclass(slots=True)
class _Slot:
    """The message that stands in a slot while words are still being made."""

    ref: str = ""
    next: float = 0.0
    over: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class SlackChat:
    """Slack's way out."""

    def __init__(self, calls: Calls, *, clock: Clock, pace: float = _PACE) -> None:
        self._calls = calls
        self._clock = clock
        self._pace = pace
        self._slots: OrderedDict[tuple[str, str], _Slot] = OrderedDict()
        self._panes: OrderedDict[str, Tongue] = OrderedDict()
        self._channels = Channels(calls, clock=clock)

    def pane(self, place: Place, tongue: Tongue) -> None:
        """This is a thread of the assistant pane, where somebody speaks this language: there, that a mind is at work
        shows without a message."""
        self._panes[place.key] = tongue
        self._panes.move_to_end(place.key)
        while len(self._panes) > _SLOTS:
            self._panes.popitem(last=False)

    async def offer(self, place: Place, tongue: Tongue) -> None:
        """Puts what may be asked into a thread of the pane. For the eyes only: it raises nothing."""
        self.pane(place, tongue)
        try:
            await self._calls.tell("assistant.threads.setSuggestedPrompts", surfaces.prompts(place, tongue))
        except VigieError as error:
            log.info("prompts_not_shown", extra={"place": place.key, "reason": str(error)})

    @property
    def platform(self) -> str:
        return PLATFORM

    async def named(self, name: str, who: Identity) -> tuple[Named, ...]:
        """The channels of that name that this person may know of. Raises Unreachable or Failed."""
        return await self._channels.named(name, who)

    async def send(self, sending: Sending) -> str:
        """Posts, or edits the message `ref`; returns its timestamp, which is its id in the channel."""
        if isinstance(sending.content, Notice):
            if sending.content.secret and sending.place.private:
                # A note for one person is gone with the next reload; a key has to be read in peace.
                await self._post(sending)
                return ""
            await self._notice(sending, sending.content)
            await self._rest(sending.place)
            return ""
        slot = self._slot(sending.place, sending.slot)
        # An edit that shows progress must not land after the words it made way for.
        async with slot.lock:
            slot.over = True
            return await self._place(sending, sending.ref or slot.ref)

    async def _place(self, sending: Sending, ref: str) -> str:
        if isinstance(sending.content, Text) and sending.content.file is not None:
            return await self._put_with(sending.content.file, sending, ref)
        ts, _, file = ref.partition(_WITH)
        if file:
            await self._take_away(file, sending)
        return await self._put(sending, ts)

    async def _put(self, sending: Sending, ref: str) -> str:
        if ref:
            try:
                return await self._edit(sending, ref)
            except Declined as error:
                if error.code not in _GONE:
                    raise
                log.info("slack_message_gone", extra={"key": sending.key, "code": error.code})
        return await self._post(sending)

    async def _edit(self, sending: Sending, ref: str) -> str:
        body = {**self._body(sending), "ts": ref}
        try:
            answer = await self._calls.tell("chat.update", body, tongue=sending.tongue)
        except OutcomeUnknown as error:
            # Saying the same again does no harm, so there is nothing to find out.
            raise Unreachable(str(error)) from error
        return str(answer.get("ts") or ref)

    async def _post(self, sending: Sending) -> str:
        body = {**self._body(sending), "unfurl_links": False, "unfurl_media": False}
        if sending.place.thread:
            body["thread_ts"] = sending.place.thread
        answer = await self._calls.tell("chat.postMessage", body, tongue=sending.tongue)
        ts = answer.get("ts")
        if not isinstance(ts, str):
            raise OutcomeUnknown(sending.tongue("Slack did not answer."))
        if isinstance(sending.content, Text) and sending.content.chart is not None:
            await self._picture(sending.content.chart, sending, ts)
        return ts

    async def _picture(self, chart: Chart, sending: Sending, ts: str) -> None:
        """A chart in the thread of its words, which say all of it: where it cannot be put, they stand alone
        (docs.slack.dev, "files.getUploadURLExternal"; needs files:write)."""
        drawn = png(chart)
        try:
            place = await self._calls.ask(
                "files.getUploadURLExternal", {"filename": "chart.png", "length": len(drawn)}
            )
            await self._calls.upload(str(place["upload_url"]), drawn)
            body: dict[str, Json] = {
                "files": [{"id": place["file_id"], "title": chart.title}],
                "channel_id": sending.place.channel,
                "thread_ts": sending.place.thread or ts,
            }
            await self._calls.tell("files.completeUploadExternal", body, tongue=sending.tongue)
        except (VigieError, KeyError) as error:
            log.info("picture_not_sent", extra={"key": sending.key, "why": type(error).__name__})

    async def _put_with(self, file: File, sending: Sending, ref: str) -> str:
        """Words with a file in their thread: once, however often this is said. Where Slack takes no file from us, the words
        of the file stand in the message. Raises OutcomeUnknown when the words stand and the file may not."""
        ts, _, standing = ref.partition(_WITH)
        if ts and not standing:
            standing = await self._standing(file, ts, sending)
        if standing:
            return f"{await self._put(sending, ts)}{_WITH}{standing}"
        try:
            id_ = await self._taken(file)
        except Declined as error:
            log.info("file_not_taken", extra={"key": sending.key, "code": error.code})
            return await self._put(replace(sending, content=Text(text=file.text)), ts)
        ts = await self._put(sending, ts)
        body: dict[str, Json] = {
            "files": [{"id": id_, "title": file.name}],
            "channel_id": sending.place.channel,
            "thread_ts": sending.place.thread or ts,
        }
        try:
            await self._calls.tell("files.completeUploadExternal", body, tongue=sending.tongue)
        except Declined as error:
            log.info("file_not_taken", extra={"key": sending.key, "code": error.code})
            return await self._put(replace(sending, content=Text(text=file.text)), ts)
        except Unreachable as error:
            raise OutcomeUnknown(str(error)) from error
        return f"{ts}{_WITH}{id_}"

    async def _taken(self, file: File) -> str:
        """The file is with Slack, and nobody sees it yet; its id."""
        content = file.text.encode("utf-8", "replace")
        place = await self._calls.ask(
            "files.getUploadURLExternal", {"filename": file.name, "length": len(content)}
        )
        await self._calls.upload(str(place.get("upload_url")), content)
        return str(place.get("file_id"))

    async def _take_away(self, file: str, sending: Sending) -> None:
        try:
            await self._calls.tell("files.delete", {"file": file}, tongue=sending.tongue)
        except Declined as error:
            if error.code not in ("file_not_found", "file_deleted"):
                raise

    async def _standing(self, file: File, ts: str, sending: Sending) -> str:
        """The id of this file where it stands in the thread of its words already, "" where it does not."""
        query = {
            "channel": sending.place.channel,
            "ts": sending.place.thread or ts,
            "oldest": ts,
            "limit": _PAGE,
        }
        answer = await self._calls.ask("conversations.replies", query, tongue=sending.tongue)
        return next(
            (id_ for each in _messages(answer) for id_, title in _files(each) if title == file.name), ""
        )

    def _body(self, sending: Sending) -> dict[str, Json]:
        drawn = cards.drawn(sending.content, tongue=sending.tongue, doubtful=sending.doubtful)
        return {
            "channel": sending.place.channel,
            "text": drawn.text,
            "blocks": drawn.blocks,
            "metadata": _metadata(sending.slot, key=sending.key),
        }

    async def _notice(self, sending: Sending, notice: Notice) -> None:
        drawn = cards.drawn(notice, tongue=sending.tongue)
        body: dict[str, Json] = {
            "channel": sending.place.channel,
            "user": notice.to.user,
            "text": drawn.text,
            "blocks": drawn.blocks,
        }
        if sending.place.thread:
            body["thread_ts"] = sending.place.thread
        await self._calls.tell("chat.postEphemeral", body, tongue=sending.tongue)

    async def look_up(self, sending: Sending) -> str | None:
        """The timestamp of the message that carries `key`, None when there is none.

        Raises Unknowable for a notice, which leaves no trace, and when there was too much talk since to read it
        all; Unreachable when Slack cannot be asked.
        """
        if isinstance(sending.content, Notice):
            raise Unknowable("a note for one person cannot be looked up")
        cursor = ""
        for _ in range(_PAGES):
            answer = await self._page(sending, cursor)
            for message in _messages(answer):
                if _effect(message) == sending.key:
                    return str(message.get("ts"))
            cursor = _next(answer)
            if not cursor:
                return None
        raise Unknowable(sending.tongue("There was too much talk since to find out."))

    async def _page(self, sending: Sending, cursor: str) -> Mapping[str, Json]:
        place = sending.place
        query: dict[str, str | int | bool] = {
            "channel": place.channel,
            "oldest": f"{(self._clock.now() - _BACK).timestamp():.6f}",
            "include_all_metadata": True,
            "inclusive": True,
            "limit": _PAGE,
        }
        if ts := sending.ref.partition(_WITH)[0]:
            # An edit stands where the message stands, however old that is.
            query |= {"oldest": ts, "latest": ts}
        if cursor:
            query["cursor"] = cursor
        try:
            if place.thread:
                query["ts"] = place.thread
                return await self._calls.ask("conversations.replies", query, tongue=sending.tongue)
            return await self._calls.ask("conversations.history", query, tongue=sending.tongue)
        except Declined as error:
            if error.code in ("thread_not_found", "message_not_found"):
                return {}
            raise Unknowable(str(error)) from error

    async def progress(self, place: Place, *, slot: str, words: str, ref: str) -> str:
        """Puts a placeholder, then the words so far, at most once a second. Never raises."""
        standing = self._slot(place, slot)
        loop = asyncio.get_running_loop()
        async with standing.lock:
            standing.ref = standing.ref or ref
            early = loop.time() < standing.next
            if standing.over or (early and (standing.ref or not words)) or (standing.ref and not words):
                return standing.ref
            standing.next = loop.time() + self._pace
            try:
                standing.ref = await self._show(place, slot, words, standing.ref)
            except Unreachable as error:
                standing.next = loop.time() + max(error.retry_after or 0.0, self._pace)
                log.info("slack_progress_skipped", extra={"place": place.key, "reason": str(error)})
            except (Failed, OutcomeUnknown, VigieError) as error:
                standing.over = True
                log.info("slack_progress_skipped", extra={"place": place.key, "reason": str(error)})
            return standing.ref

    async def _show(self, place: Place, slot: str, words: str, ref: str) -> str:
        tongue = self._panes.get(place.key)
        if tongue is not None and not (words or ref):
            try:
                await self._status(place, tongue("is thinking…"))
            except Declined:
                # The app has no pane here, or no permission for it: a message says so instead.
                del self._panes[place.key]
            else:
                return ""
        text = visible(words)[-cards.LONGEST :] or "…"
        body: dict[str, Json] = {
            "channel": place.channel,
            "text": cards.fallback(text),
            "blocks": [marks.rich_text([marks.plain_section(f"{text} …" if words else text)])],
            "metadata": _metadata(slot),
        }
        if ref:
            await self._calls.tell("chat.update", {**body, "ts": ref})
            return ref
        body |= {"unfurl_links": False, "unfurl_media": False}
        if place.thread:
            body["thread_ts"] = place.thread
        answer = await self._calls.tell("chat.postMessage", body)
        return str(answer.get("ts") or "")

    async def _rest(self, place: Place) -> None:
        """Where only a note was left, which ends no status."""
        if place.key in self._panes:
            try:
                await self._status(place, "")
            except VigieError as error:
                log.info("status_not_ended", extra={"place": place.key, "reason": str(error)})

    async def _status(self, place: Place, status: str) -> None:
        body = {"channel_id": place.channel, "thread_ts": place.thread, "status": status}
        await self._calls.tell("assistant.threads.setStatus", body)

    def _slot(self, place: Place, slot: str) -> _Slot:
        key = (place.key, slot)
        found = self._slots.get(key)
        if found is None:
            found = self._slots[key] = _Slot()
            while len(self._slots) > _SLOTS:
                self._slots.popitem(last=False)
        return found


def _metadata(slot: str, *, key: str = "") -> Json:
    payload = {"slot": slot[:255]}
    return {"event_type": _EVENT, "event_payload": {**payload, "effect": key} if key else payload}


def _files(message: Mapping[str, Json]) -> list[tuple[str, str]]:
    """The files of a message: their ids and titles."""
    kept: Json = message.get("files")
    found: list[tuple[str, str]] = []
    for each in cast("list[Json]", kept) if isinstance(kept, list) else []:
        match each:
            case {"id": str(id_), "title": str(title)}:
                found.append((id_, title))
            case _:
                pass
    return found


def _messages(answer: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
    found: Json = answer.get("messages")
    if not isinstance(found, list):
        return ()
    return [
        cast("Mapping[str, Json]", each) for each in cast("list[Json]", found) if isinstance(each, Mapping)
    ]


def _effect(message: Mapping[str, Json]) -> str:
    match message:
        case {"metadata": {"event_type": "vigie", "event_payload": {"effect": str(key)}}}:
            return key
        case _:
            return ""


def _next(answer: Mapping[str, Json]) -> str:
    match answer:
        case {"response_metadata": {"next_cursor": str(cursor)}}:
            return cursor
        case _:
            return ""
