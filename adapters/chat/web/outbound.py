"""The web's way out. A page draws everything from the record, so sending is telling the open pages that
something changed. What is never recorded (a mind at work, a notice to one person) passes through here only.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from bot.effects import Notice
from bot.places import Place
from bot.world import Sending

PLATFORM = "web"
_MOST_NOTICES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notice. `picture` is the address of what stands beside it, "" for nothing; one that `stays` is closed by
    the reader alone."""

    text: str = field(repr=False)
    picture: str = field(default="", repr=False)
    stays: bool = False


@dataclass(slots=True, kw_only=True)
class Watch:
    """One open page. `stale` says that the record has to be read again."""

    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    stale: bool = True
    notices: "deque[Told]" = field(default_factory=lambda: deque[Told](maxlen=_MOST_NOTICES))

    async def wait(self, seconds: float) -> bool:
        """Until something happens, or that long; whether something did."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stirred.wait()
        happened = self.stirred.is_set()
        self.stirred.clear()
        return happened


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A mind at work where `slot` will stand; no words yet when it only thinks."""

    slot: str
    words: str


class Board:
    """Who has a page of which place open, and what is passing by there. Lives on one event loop."""

    def __init__(self) -> None:
        self.closed = False
        self._watches: defaultdict[str, list[Watch]] = defaultdict(list)
        self._progress: dict[str, Progress] = {}
        self._unseen: dict[str, deque[Told]] = {}
        self._left: set[str] = set()

    def open_pages(self) -> int:
        """How many pages are watching."""
        return sum(map(len, self._watches.values()))

    @contextmanager
    def watch(self, place: str) -> Generator[Watch, None, None]:
        """A page of the place is open; it hears the notices that came while none was."""
        watch = Watch(notices=deque(self.unseen(place), maxlen=_MOST_NOTICES))
        with self._watching(place, watch):
            yield watch

    @contextmanager
    def expect(self, place: str, *, leaves: bool = False) -> Generator[Watch, None, None]:
        """For a request that waits a moment for its result: it takes no notices from the pages. When its page
        `leaves` for another one, what it is told stands on that one, too: nobody reads a page on its way out."""
        watch = Watch()
        if leaves:
            self._left.add(place)
        with self._watching(f"{place}#", watch):
            yield watch

    @contextmanager
    def _watching(self, key: str, watch: Watch) -> Generator[None, None, None]:
        self._watches[key].append(watch)
        try:
            yield
        finally:
            # By identity: two watches with nothing to say are equal.
            left = [each for each in self._watches[key] if each is not watch]
            if left:
                self._watches[key] = left
            else:
                del self._watches[key]

    def changed(self, place: str) -> None:
        """The record of the place is not what it was."""
        for watch in [*self._watches.get(place, ()), *self._watches.get(f"{place}#", ())]:
            watch.stale = True
            watch.stirred.set()

    def working(self, place: str, progress: Progress) -> None:
        self._progress[place] = progress
        self._stir(place)

    def rested(self, place: str) -> None:
        """Something was said: a mind that still works says so again."""
        self._progress.pop(place, None)

    def progress(self, place: str) -> Progress | None:
        return self._progress.get(place)

    def notify(self, place: str, told: Told) -> None:
        """To every open page of the place, or to the next one that opens."""
        watches = self._watches.get(place)
        for watch in watches or ():
            watch.notices.append(told)
        if not watches or place in self._left:
            self._unseen.setdefault(place, deque(maxlen=_MOST_NOTICES)).append(told)
        self._stir(place)

    def unseen(self, place: str) -> tuple[Told, ...]:
        """The notices nobody saw yet; they count as seen now."""
        self._left.discard(place)
        return tuple(self._unseen.pop(place, ()))

    def _stir(self, place: str) -> None:
        for watch in [*self._watches.get(place, ()), *self._watches.get(f"{place}#", ())]:
            watch.stirred.set()

    def close(self) -> None:
        """Ends every open page's stream promptly."""
        self.closed = True
        for watches in self._watches.values():
            for watch in watches:
                watch.stirred.set()


Tell = Callable[..., bool]
"""Tells other processes: a kind and fields that JSON can hold."""


class WebChat:
    """The Chat port. The platform's id of a message is its slot: the record and the page agree on it."""

    def __init__(self, board: Board, *, tell: Tell | None = None) -> None:
        """`tell` is for pages that stand open at other processes: their boards hear what this one does."""
        self._board = board
        self._tell = tell or _nobody

    @property
    def platform(self) -> str:
        return PLATFORM

    async def send(self, sending: Sending) -> str:
        place = sending.place.key
        if isinstance(sending.content, Notice):
            notice = sending.content
            self._board.notify(place, _told(notice))
            self._tell("web", place=place, notice=notice.text, picture=notice.picture, secret=notice.secret)
            return ""
        self._board.rested(place)
        self._board.changed(place)
        self._tell("web", place=place, rested=True)
        return sending.slot

    async def look_up(self, sending: Sending) -> str | None:
        """What is in the record is on the page: nothing was lost. A notice is: nobody knows who saw it, and
        saying it again does no harm."""
        return None if isinstance(sending.content, Notice) else sending.slot

    async def progress(self, place: Place, *, slot: str, words: str, ref: str) -> str:
        self._board.working(place.key, Progress(slot=slot, words=words))
        self._tell("web", place=place.key, slot=slot, words=words)
        if not words:
            self._board.changed(place.key)
        return ref

    def hear(self, told: Mapping[str, Any]) -> None:
        """What another process did in a place, as `tell` told it. A newer one may tell more than is known here."""
        place = str(told["place"])
        match told:
            case {"notice": str(text), "picture": str(picture), "secret": bool(secret)}:
                self._board.notify(place, _drawn(text, picture, stays=secret))
            case {"slot": str(slot), "words": str(words)}:
                self._board.working(place, Progress(slot=slot, words=words))
                if not words:
                    self._board.changed(place)
            case _:
                self._board.rested(place)
                self._board.changed(place)


def _nobody(kind: str, **fields: object) -> bool:
    return True


def _told(notice: Notice) -> Told:
    return _drawn(notice.text, notice.picture, stays=notice.secret)


def _drawn(text: str, picture: str, *, stays: bool) -> Told:
    # Imported here: a code is drawn for a second factor, and seldom.
    import segno  # noqa: PLC0415

    drawn = segno.make(picture, micro=False).svg_data_uri(scale=4) if picture else ""
    return Told(text=text, picture=drawn, stays=stays)
