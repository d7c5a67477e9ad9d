"""The chat in a terminal: lines in, words and cards out, buttons by their numbers. Works in a pipe too.

Every character that is not plain writing is spelled out before it is printed, so that nobody's words can steer
the terminal. Knows nothing of what the lines mean.
"""

import asyncio
import io
import re
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TextIO

from bot import ids
from bot.cards import Button, Card
from bot.effects import File, Notice, Question, Text
from bot.errors import Unknowable
from bot.events import Body, Message, Press, Verb
from bot.inbox import Arrival
from bot.people import Identity, Standing
from bot.places import Place
from bot.speech import Tongue, Tongues
from bot.visible import visible
from bot.world import Sending

PLATFORM = "terminal"
PLACE = Place(platform=PLATFORM, channel="local", private=True)
WHO = Identity(platform=PLATFORM, user="local")

QUIET = 0.5
"""After the last line of a pipe: seconds without a word after which nothing more is expected."""
PATIENCE = 30.0
"""Seconds an unanswered line of a pipe is waited for."""

_LEAVE = frozenset(["exit", "quit"])
_YES = frozenset(["y", "yes", "o", "oui"])
_NUMBER = re.compile(r"\[?([0-9]{1,6})\]?", re.ASCII)

Accept = Callable[[Arrival], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressable:
    """One numbered button on the screen."""

    slot: str
    ref: str
    revision: int
    verb: Verb
    value: str = ""
    confirm: str = ""


@dataclass(slots=True)
class Screen:
    """What was printed and can be pressed. A number is never given twice, so that a card that comes while
    somebody types cannot take the press meant for another."""

    out: TextIO
    prompt: str = ""
    said: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    filling: bool = False
    buttons: dict[int, Pressable] = field(default_factory=dict[int, Pressable])
    shown: dict[str, str] = field(default_factory=dict[str, str])
    _last: int = 0

    def number(self, button: Pressable) -> int:
        self._last += 1
        self.buttons[self._last] = button
        return self._last

    def forget(self, slot: str) -> None:
        """What stood in the slot cannot be pressed any more."""
        self.buttons = {n: button for n, button in self.buttons.items() if button.slot != slot}

    def print(self, text: str) -> None:
        """Writes it out at once; the text is safe to print already. A closed pipe is nobody listening, not a failure of the chat."""
        lead = "\r" if self.prompt else ""
        with suppress(BrokenPipeError):
            self.out.write(f"{lead}{text}\n{self.prompt}")
            self.out.flush()

    def heard(self) -> None:
        self.said += 1
        self.moved.set()


class TerminalChat:
    """The Chat port of the platform `terminal`. What was printed cannot be edited: news is printed below."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    @property
    def platform(self) -> str:
        return PLATFORM

    async def send(self, sending: Sending) -> str:
        text = self._text(sending)
        if sending.doubtful:
            text = f"{sending.tongue('(perhaps said before)')} {text}"
        self._screen.print(text)
        self._screen.heard()
        return sending.slot

    async def look_up(self, sending: Sending) -> str | None:
        """Nobody can know what a terminal showed. Raises Unknowable."""
        raise Unknowable("a terminal does not remember what it showed")

    async def progress(self, place: Place, *, slot: str, words: str, ref: str) -> str:
        return ref

    def _text(self, sending: Sending) -> str:
        match sending.content:
            case Notice(picture=str(uri)) if uri:
                return f"{visible(sending.content.text)}\n{_drawn(uri)}"
            case Text(file=File() as file):
                return visible(file.text)  # it scrolls
            case Text() | Notice():
                return visible(sending.content.text)
            case Question():
                return self._question(sending.content, sending.slot)
            case Card():
                return self._card(sending.content, sending.slot, sending.tongue)

    def _question(self, question: Question, slot: str) -> str:
        self._screen.forget(slot)
        choices = [
            f"[{self._screen.number(_chosen(question, value, slot))}] {visible(label)}"
            for value, label in question.choices
        ]
        return "\n".join([visible(question.text), *(["  ".join(choices)] if choices else [])])

    def _card(self, card: Card, slot: str, tongue: Tongue) -> str:
        """The whole card while it asks; what became of it in two lines afterwards."""
        self._screen.forget(slot)
        head = f"── {card.title} · {card.code} "
        lines = [head.ljust(60, "─")]
        if card.status:
            lines.append(card.status)
        else:
            wide = max((len(row.label) for row in card.rows), default=0)
            for row in card.rows:
                value = row.value if row.before is None else f"{row.before} → {row.value}"
                lines.append(f"{row.label.ljust(wide)}  {value}")
            self._screen.filling = False
        if card.reason and not card.status:
            quoted = tongue("“{part}”", part=card.reason)
            lines.append(tongue("{label}: {value}", label=tongue("The assistant’s reason"), value=quoted))
        if card.buttons:
            lines.append("  ".join(self._button(card, button, slot) for button in card.buttons))
        return "\n".join(lines)

    def _button(self, card: Card, button: Button, slot: str) -> str:
        pressable = Pressable(
            slot=slot, ref=card.ref, revision=card.revision, verb=button.verb, confirm=button.confirm
        )
        return f"[{self._screen.number(pressable)}] {button.label}"


def _chosen(question: Question, value: str, slot: str) -> Pressable:
    return Pressable(slot=slot, ref=question.ref, revision=question.revision, verb=Verb.CHOOSE, value=value)


class TerminalDoor:
    """Reads lines until there are no more. `source` and `out` are standard input and output unless given."""

    def __init__(
        self,
        *,
        accept: Accept,
        tongues: Tongues,
        source: TextIO | None = None,
        out: TextIO | None = None,
        quiet: float = QUIET,
    ) -> None:
        self._quiet = quiet
        self._accept = accept
        self._tongue = tongues("en")
        self._source = source or sys.stdin
        self._screen = Screen(out or sys.stdout, prompt="> " if self._source.isatty() else "")
        self._chat = TerminalChat(self._screen)
        self._run = ids.new("run")
        self._lines = 0
        self._owed = 0
        self._unsure: Pressable | None = None

    @property
    def chat(self) -> TerminalChat:
        """The Chat port."""
        return self._chat

    async def run(self) -> None:
        """Until the end of input, `exit` or `quit`. A pipe does not read what it is answered before it goes on,
        so each of its lines waits for its answer."""
        self._screen.print(self._tongue("Vigie is on watch. Write “help” to begin, “exit” to leave."))
        lines = self._reader()
        while (line := await lines.get()) is not None:
            text = line.strip()
            if text.casefold() in _LEAVE:
                break
            if text:
                await self._take(text)
                if not self._screen.prompt:
                    await self._settled()

    def _reader(self) -> asyncio.Queue[str | None]:
        """Lines as they come, then None. A thread reads: a terminal, a pipe and a file all block it alike,
        and it never keeps the program from ending."""
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[str | None]()

        def read() -> None:
            try:
                for line in self._source:
                    loop.call_soon_threadsafe(queue.put_nowait, line)
                loop.call_soon_threadsafe(queue.put_nowait, None)
            except RuntimeError:
                return  # the loop has ended: nobody listens

        threading.Thread(target=read, name="terminal", daemon=True).start()
        return queue

    async def _take(self, text: str) -> None:
        self._lines += 1
        if self._unsure is not None:
            button, self._unsure = self._unsure, None
            if text.casefold() in _YES:
                await self._press(button)
            else:
                self._screen.print(self._tongue("Left as it is."))
            return
        button = self._meant(text)
        if button is None:
            await self._put(Message(who=WHO, text=text, standing=Standing.MEMBER))
        elif button.confirm:
            self._unsure = button
            self._screen.print(f"{button.confirm} {self._tongue('Answer yes or no.')}")
        else:
            await self._press(button)

    def _meant(self, text: str) -> Pressable | None:
        """The button a line names. While a form is being filled a bare number is an answer, `[2]` a button."""
        found = _NUMBER.fullmatch(text)
        if found is None or (self._screen.filling and not text.startswith("[")):
            return None
        return self._screen.buttons.get(int(found[1]))

    async def _press(self, button: Pressable) -> None:
        if button.verb in (Verb.EDIT, Verb.PROVE):
            self._screen.filling = True
        await self._put(
            Press(
                who=WHO,
                ref=button.ref,
                revision=button.revision,
                verb=button.verb,
                value=button.value,
                message=button.slot,
                standing=Standing.MEMBER,
            )
        )

    async def _put(self, body: Body) -> None:
        self._owed = max(self._owed, self._screen.said) + 1
        await self._accept(Arrival(key=f"{PLATFORM}:{self._run}:{self._lines}", place=PLACE, body=body))

    async def _settled(self) -> None:
        """Everything asked was answered, and then nothing was said for a moment. Gives up after a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._screen.said < self._owed:
                    await self._moved(PATIENCE)
                while await self._moved(self._quiet):
                    pass

    async def _moved(self, seconds: float) -> bool:
        self._screen.moved.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._screen.moved.wait()
        except TimeoutError:
            return False
        return True


def _drawn(uri: str) -> str:
    """A QR code in half blocks."""
    out = io.StringIO()
    # Imported here: a code is drawn for a second factor, and seldom.
    import segno  # noqa: PLC0415

    segno.make(uri, micro=False).terminal(out, compact=True)
    return out.getvalue()
