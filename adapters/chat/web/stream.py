"""Server-sent events for one open page: what changed since the page was drawn, then whatever changes.

Each event's id names the state the page has reached (the last line and a digest of all that is shown), so a
page that reconnects, to this process or another, is sent exactly what it misses. Being told is only for
speed: the record is read again every `POLL` seconds.
"""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from adapters.chat.web.drawn import Chat, Frame
from adapters.chat.web.outbound import Board, Progress, Watch
from adapters.chat.web.render import Desk, Renderer
from adapters.chat.web.rooms.room import View as RoomView

POLL = 2.0
BEAT = 15.0
"""Seconds without an event after which a comment keeps proxies from closing the connection."""

View = Chat | RoomView | Frame
Look = Callable[[], Awaitable[tuple[Desk, View] | None]]
"""Reads the record for this page; None when the session is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The state a page shows: the last line it has, and the mark of the whole ("" when unknown)."""

    seq: int = 0
    mark: str = ""

    @staticmethod
    def parse(text: str) -> "Reached":
        """From an event id such as `41.9f86d081884c`; anything else is the state before the first line."""
        seq, _, mark = text.partition(".")
        known = seq.isascii() and seq.isdecimal() and len(seq) < 16
        return Reached(seq=int(seq), mark=mark) if known else Reached()


def state(view: View) -> str:
    """The event id of a page that shows this."""
    match view:
        case Chat():
            return f"{view.last}.{view.mark}"
        case RoomView():
            return f"0.{view.mark}"
        case Frame():
            return f"0.{view.pending}{'f' if view.frozen else ''}{len(view.frozen) or ''}"


async def events(
    look: Look,
    *,
    place: str,
    name: str = "",
    reached: Reached,
    board: Board,
    renderer: Renderer,
    poll: float = POLL,
    beat: float = BEAT,
) -> AsyncGenerator[str]:
    """The stream's text, until the session or the program ends. `name` is that of the room, where one is looked at."""
    yield "retry: 1500\n\n"
    before: View | None = None
    working: Progress | None = None
    silent, lang = 0.0, ""
    with board.watch(place) as watch:
        while not board.closed:
            sent = False
            if watch.stale:
                watch.stale = False
                found = await look()
                if found is None:
                    yield _event("bye", {})
                    return
                desk, view = found
                spoken = desk.viewer.tongue.lang
                if lang not in ("", spoken):
                    # What stands around the lines is in the other language: the page is drawn anew.
                    yield _event("bye", {})
                    return
                lang = spoken
                for text in _changes(before, view, reached, desk, renderer, name):
                    sent = True
                    yield text
                before = view
            for text in _passing(watch, working, board.progress(place)):
                sent = True
                yield text
            working = board.progress(place)
            silent = 0.0 if sent else silent
            if silent >= beat:
                yield ": beat\n\n"
                silent = 0.0
            if not await watch.wait(poll):
                silent += poll
                watch.stale = True


def _changes(
    before: View | None, now: View, reached: Reached, desk: Desk, renderer: Renderer, name: str
) -> list[str]:
    """What a page that shows `before` (or, when it only now connects, has `reached`) has to be told."""
    mark = state(now)
    if mark == (state(before) if before is not None else f"{reached.seq}.{reached.mark}"):
        return []
    told: list[str] = []
    match now:
        case Chat():
            told += _lines(before if isinstance(before, Chat) else None, now, reached, desk, renderer)
        case RoomView():
            told.append(_event("list", {"html": renderer.listing(name, now, desk)}))
        case Frame():
            pass
    frame, known = _frame(now), _frame(before) if before is not None else None
    if known is None or frame.pending != known.pending:
        told.append(_event("pending-count", {"count": frame.pending}))
    if known is None or frame.frozen != known.frozen:
        told.append(_event("banner", {"html": renderer.banner(frame, desk)}))
    if not told:
        return []
    # Only the last one moves the page on: a connection that breaks in between starts over from before.
    told[-1] = f"id: {mark}\n{told[-1]}"
    return told


def _lines(before: Chat | None, now: Chat, reached: Reached, desk: Desk, renderer: Renderer) -> list[str]:
    known = {line.seq: line.version for line in before.lines} if before else {}
    # A page that says which state it shows, and shows another, may miss an edit of any line it holds;
    # it leaves the ones that did not change alone. One that only says its last line misses later ones.
    floor = reached.seq if before is None and not reached.mark else -1
    return [
        _event("line", {"seq": line.seq, "version": line.version, "html": renderer.line(line, desk)})
        for line in now.lines
        if line.seq > floor and known.get(line.seq) != line.version
    ]


def _passing(watch: Watch, before: Progress | None, now: Progress | None) -> list[str]:
    """What is never recorded: a mind at work, and notices."""
    told: list[str] = []
    while watch.notices:
        notice = watch.notices.popleft()
        body: dict[str, object] = {"text": notice.text, "picture": notice.picture, "stays": notice.stays}
        told.append(_event("notice", body))
    if now != before:
        told.append(_event("progress", {"words": now.words, "working": True} if now else {"working": False}))
    return told


def _frame(view: View) -> Frame:
    return view if isinstance(view, Frame) else view.frame


def _event(name: str, body: dict[str, object]) -> str:
    """One event; JSON keeps its text on a single line."""
    return f"event: {name}\ndata: {json.dumps(body)}\n\n"
