"""Live updates: only what changed, everything that changed, also for a page that was away, and a prompt end."""

import asyncio
import json
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import httpx
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.web import stream
from adapters.chat.web.drawn import Frame, Viewer
from adapters.chat.web.outbound import Board
from adapters.chat.web.render import Desk, Renderer
from adapters.chat.web.stream import Reached
from adapters.speech.languages import tongues
from bot import doors, sayings
from bot.effects import Notice, Text
from bot.people import Identity
from bot.world import Sending
from tests.adapters.web.rig import OLIVIA, OLIVIAS, Rig, hidden, serving

LETTER = 'do demo.message_customer recipient=gigi.hamilton@example.com subject="Late" body="Sorry"'


@dataclass(frozen=True)
class Told:
    """One event as it came over the wire."""

    name: str
    body: dict[str, object]
    id: str


@dataclass
class Page:
    """An open page: what a browser's EventSource would hear."""

    lines: AsyncIterator[str]

    async def next(self, name: str = "") -> Told:
        """The next event (of that name)."""
        async with asyncio.timeout(30):
            while True:
                told = await self._next()
                if not name or told.name == name:
                    return told

    async def _next(self) -> Told:
        fields: dict[str, str] = {}
        async for line in self.lines:
            if not line and "data" in fields:
                return Told(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
            if line and not line.startswith(":"):
                field, _, value = line.partition(": ")
                fields[field] = value
        raise EOFError

    async def silent(self) -> bool:
        """Nothing but comments until the stream ends."""
        try:
            await self.next()
        except EOFError:
            return True
        return False


@asynccontextmanager
async def tab(
    url: str, session: str, *, view: str = "chat", after: str = "", last_event_id: str | None = None
) -> AsyncGenerator[Page]:
    """Opens a stream; `after` is what the page was drawn with."""
    headers = {"last-event-id": last_event_id} if last_event_id is not None else {}
    async with (
        httpx.AsyncClient(base_url=url, cookies={"vigie_session": session}, timeout=20) as http,
        http.stream("GET", "/stream", params={"view": view, "after": after}, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 1500"
        yield Page(lines)


async def drawn(url: str, session: str, page: str = "/chat") -> str:
    """The state that a freshly drawn page would connect with."""
    async with httpx.AsyncClient(base_url=url, cookies={"vigie_session": session}) as http:
        html = (await http.get(page)).text
    found = re.search(r'data-after="([^"]*)"', html)
    assert found
    return found[1]


async def say(url: str, session: str, text: str) -> None:
    async with httpx.AsyncClient(base_url=url, cookies={"vigie_session": session}) as http:
        html = (await http.get("/chat")).text
        fields = {"csrf": hidden(html, "csrf"), "nonce": hidden(html, "nonce"), "text": text}
        answer = await http.post("/say", data=fields, headers={"accept": "application/json"})
        assert answer.status_code == 204


async def write_line(assistant: Rig, slot: str, text: str) -> None:
    """A line in the record that nobody announces, as another process would write it."""
    now = assistant.clock.now()
    await assistant.write(
        lambda tx: sayings.say(
            tx, place=OLIVIAS.key, slot=slot, content=Text(text=text), now=now, at_once=True
        )
    )


async def open_pages(assistant: Rig, number: int) -> None:
    """Until that many pages are open."""
    async with asyncio.timeout(5):
        while True:
            if assistant.door.open_pages() == number:
                return
            await asyncio.sleep(0)


async def test_a_page_is_told_nothing_until_something_changes(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        await say(url, session, "status")
        await assistant.settled()
        async with tab(url, session, after=await drawn(url, session)) as page:
            await write_line(assistant, "s1", "news")
            told = await page.next()
    assert told.name == "line"
    assert "news" in str(told.body["html"])


async def test_a_message_and_its_answer_appear_in_every_tab(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        after = await drawn(url, session)
        async with tab(url, session, after=after) as one, tab(url, session, after=after) as two:
            await say(url, session, "status")
            for page in (one, two):
                mine, ours = await page.next("line"), await page.next("line")
                assert "status" in str(mine.body["html"])
                assert "On watch." in str(ours.body["html"])


async def test_a_page_that_lost_its_connection_is_sent_the_lines_it_misses(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        async with tab(url, session, after=await drawn(url, session)) as page:
            await write_line(assistant, "s1", "first")
            seen = await page.next("line")
            while not seen.id:
                seen = await page.next()
        await write_line(assistant, "s2", "second")
        await write_line(assistant, "s3", "third")
        async with tab(url, session, after="0.old", last_event_id=seen.id) as page:
            html = [str((await page.next("line")).body["html"]) for _ in range(3)]
    assert [word for text in html for word in ("first", "second", "third") if word in text][-2:] == [
        "second",
        "third",
    ]


async def test_a_last_event_id_that_is_only_a_number_sends_what_came_after_it(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        await write_line(assistant, "s1", "first")
        await write_line(assistant, "s2", "second")
        async with tab(url, session, last_event_id="1") as page:
            told = await page.next("line")
    assert "second" in str(told.body["html"])


async def test_an_edit_made_while_a_page_was_away_reaches_it(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        await write_line(assistant, "s1", "half an answer")
        after = await drawn(url, session)
        await write_line(assistant, "s1", "the whole answer")
        async with tab(url, session, after=after) as page:
            told = await page.next("line")
    assert "the whole answer" in str(told.body["html"])
    assert told.body["seq"] == 1


async def test_a_press_elsewhere_changes_the_card_and_the_count(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        await say(url, session, LETTER)
        await assistant.settled()
        chat, pending = await drawn(url, session), await drawn(url, session, "/pending")
        async with (
            tab(url, session, after=chat) as page,
            tab(url, session, view="pending", after=pending) as listed,
        ):
            await assistant.write(
                lambda tx: [
                    tx.proposals.swap(p, p.deny(OLIVIA, revision=1, now=assistant.clock.now()))
                    for p in tx.proposals.pending()
                ]
            )
            assert "✗ Denied" in str((await page.next("line")).body["html"])
            assert (await page.next("pending-count")).body == {"count": 0}
            assert "Nothing waits for you" in str((await listed.next("list")).body["html"])


async def test_a_mind_at_work_is_seen_and_its_words_are_never_the_record(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        async with tab(url, session, after=await drawn(url, session)) as page:
            await assistant.door.chat.progress(OLIVIAS, slot="turn:1", words="Looking", ref="")
            assert (await page.next("progress")).body == {"working": True, "words": "Looking"}
            await write_line(assistant, "turn:1", "Found it.")
            sending = Sending(
                key="eff_1",
                slot="turn:1",
                place=OLIVIAS,
                content=Text(text="Found it."),
                tongue=assistant.house.tongues("en"),
            )
            assert await assistant.door.chat.send(sending) == "turn:1"
            assert "Found it." in str((await page.next("line")).body["html"])
            assert (await page.next("progress")).body == {"working": False}


async def test_a_notice_waits_for_the_next_page_when_none_is_open(assistant: Rig) -> None:
    notice = Notice(text="you cannot settle this", to=Identity(platform="web", user=OLIVIA.id))
    sending = Sending(key="e", slot="n", place=OLIVIAS, content=notice, tongue=assistant.house.tongues("en"))
    async with serving(assistant) as url:
        session = await assistant.session()
        after = await drawn(url, session)
        assert await assistant.door.chat.send(sending) == ""
        async with tab(url, session, after=after) as page:
            assert (await page.next("notice")).body["text"] == "you cannot settle this"
            await assistant.door.chat.send(sending)
            assert (await page.next("notice")).body["text"] == "you cannot settle this"
        assert "you cannot settle this" not in await drawn(url, session)


async def test_a_stream_ends_with_its_session(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        async with tab(url, session, after=await drawn(url, session)) as page:
            await doors.sign_out(session, house=assistant.house)
            assert (await page.next()).name == "bye"
            assert await page.silent()


async def test_a_page_that_goes_away_leaves_nothing_behind(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        after = await drawn(url, session)
        async with tab(url, session, after=after), tab(url, session, after=after):
            await open_pages(assistant, 2)
        await open_pages(assistant, 0)


async def test_the_server_stops_promptly_while_pages_are_open(assistant: Rig) -> None:
    async with serving(assistant) as url:
        session = await assistant.session()
        streams = [tab(url, session, after=await drawn(url, session)) for _ in range(5)]
        pages = [await each.__aenter__() for each in streams]
        began = time.monotonic()
    assert time.monotonic() - began < 2
    assert [await page.silent() for page in pages] == [True] * 5
    for each in streams:
        await each.__aexit__(None, None, None)


async def test_silence_is_filled_with_comments_so_that_nobody_closes_the_connection() -> None:
    async def look() -> tuple[Desk, Frame]:
        return desk, Frame()

    viewer = Viewer(person=OLIVIA, place=OLIVIAS, tongue=tongues()("en"))
    desk = Desk(viewer=viewer, csrf="")
    telling = stream.events(
        look,
        place=OLIVIAS.key,
        reached=Reached.parse(stream.state(Frame())),
        board=Board(),
        renderer=Renderer(tongues()),
        poll=0.01,
        beat=0.03,
    )
    async with aclosing(telling), asyncio.timeout(5):
        assert [await anext(telling) for _ in range(3)] == ["retry: 1500\n\n", ": beat\n\n", ": beat\n\n"]


@given(st.text())
def test_any_last_event_id_is_read_without_complaint(text: str) -> None:
    reached = Reached.parse(text)
    assert reached.seq >= 0
    assert Reached.parse(f"{reached.seq}.{reached.mark}") == reached
