"""One mailbox on watch: what is new is read and kept, then the line waits for more. Never ends by itself.

A line that breaks is opened again after a while that grows; what came in meanwhile is read then. What blocks runs in
a thread of the mailbox's own.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from adapters.net.mailservers import Server
from adapters.signals.mailbox import drawing
from adapters.signals.mailbox.line import Head, Line, Opened
from adapters.signals.mailbox.reader import MailReader
from bot import letters
from bot.errors import Failed, Unreachable, VigieError
from bot.house import House
from bot.letters import Letter
from bot.mailboxes import Mailbox
from bot.world import Health

T = TypeVar("T")

log = logging.getLogger(__name__)

FIRST_LOOK = 1_000
"""So many of the mails that are there when a mailbox is first watched are known again after it counts anew."""
AT_ONCE = 50
"""Mails whose heads are asked for together; more than a few of them are gathered into one wake."""
MANY = 3
TRIES = 3
"""How often a mail is asked for whose answer breaks the line."""
MARGIN = timedelta(days=1)
"""How far before the first look mails of a mailbox that counts anew are looked at: servers' clocks differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds: how long one wait lasts before the line is tried, how often a server without IDLE is asked, and the
    pauses before a line that broke, or was refused, is opened again."""

    wait: float = 300.0
    poll: float = 30.0
    first: float = 1.0
    longest: float = 120.0
    refused: float = 600.0


class Watch:
    """One mailbox."""

    def __init__(
        self, name: str, server: Server, *, house: House, reader: MailReader, pace: Pace | None = None
    ) -> None:
        self.name = name
        self._server = server
        self._house = house
        self._reader = reader
        self._pace = pace or Pace()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"mailbox-{name}")
        self._line: Line | None = None
        self._task: asyncio.Task[None] | None = None
        self._wrong: VigieError | None = None
        self._looked = asyncio.Event()
        self._broke: Counter[int] = Counter()
        self._leaving = False

    def begin(self) -> None:
        """From now on."""
        self._task = asyncio.create_task(self._watch(), name=f"mailbox {self.name}")

    async def close(self) -> None:
        """Lets go of the line; a mail that is being kept is kept."""
        self._leaving = True
        line = self._line
        if line is not None:
            line.cut()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._thread.shutdown(wait=False)

    async def check(self) -> Health:
        """How the line is. One that was not open yet gets a moment."""
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._looked.wait()
        if self._wrong is not None:
            return Health.of(self._wrong)
        return Health(well=self._line is not None, text="" if self._line else "not connected yet")

    async def try_once(self) -> Health:
        """Opens the line and closes it again: for who only asks whether it would do."""
        try:
            line = await self._blocking(lambda: Line.open(self._server))
            try:
                await self._blocking(line.look)
            finally:
                await self._blocking(line.close)
        except Failed as error:
            return Health.of(error)
        except VigieError as error:
            step = "Look at the host and the port in IMAP_URL, and whether this machine may connect to them."
            return Health(well=False, text=f"{error} {step}")
        finally:
            self._thread.shutdown(wait=False)
        return Health(well=True, text=self.name)

    async def _watch(self) -> None:
        pause = self._pace.first
        while True:
            try:
                await self._visit()
            except VigieError as error:
                self._note(error)
                refused = isinstance(error, Failed)
            except Exception:
                # Whatever broke, the mails are still there: the mailbox is looked at again.
                log.exception("mailbox_broke", extra={"action": "mailbox_broke", "mailbox": self.name})
                refused = False
            else:
                pause, refused = self._pace.first, False
            await asyncio.sleep(self._pace.refused if refused else pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(pause * 2, self._pace.longest)

    def _note(self, error: VigieError) -> None:
        if str(error) != str(self._wrong):
            log.warning(
                "mailbox_lost", extra={"action": "mailbox_lost", "mailbox": self.name, "reason": str(error)}
            )
        self._wrong = error
        self._looked.set()

    async def _visit(self) -> None:
        """One line, for as long as it holds. Returns when it broke after it had worked; raises VigieError when it
        never did."""
        worked = False
        line = self._line = await self._blocking(self._open)
        try:
            while True:
                opened = await self._blocking(line.look)
                box = await self._resume(line, opened)
                if box.uid < opened.newest:
                    await self._catch_up(line, box, opened)
                    continue
                self._well()
                worked = True
                await self._blocking(lambda: line.wait(self._pace.wait, poll=self._pace.poll))
        except VigieError as error:
            if not worked:
                raise
            self._note(error)
        finally:
            self._line = None
            line.cut()
            await asyncio.shield(self._blocking(line.close))

    def _open(self) -> Line:
        line = Line.open(self._server)
        if self._leaving:
            line.close()
            raise Unreachable("the mailbox is not watched any more")
        return line

    def _well(self) -> None:
        if self._wrong is not None or not self._looked.is_set():
            log.info("mailbox_watched", extra={"action": "mailbox_watched", "mailbox": self.name})
        self._wrong = None
        self._looked.set()

    async def _resume(self, line: Line, opened: Opened) -> Mailbox:
        """Where to go on. A mailbox that is new to us is remembered as it is."""
        digests: list[str] = []
        if await letters.known(self.name, house=self._house) is None:
            there = await self._blocking(lambda: line.after(0))
            for some in _batches([uid for uid in there if uid <= opened.newest][-FIRST_LOOK:]):
                heads = await self._blocking(lambda s=some: line.heads(s))
                digests += [heads[uid].digest for uid in some if uid in heads]
        return await letters.resume(
            self.name, validity=opened.validity, newest=opened.newest, digests=digests, house=self._house
        )

    async def _catch_up(self, line: Line, box: Mailbox, opened: Opened) -> None:
        """Everything that is new, oldest first."""
        new = await self._blocking(lambda: self._new(line, box))
        many = len(new) > MANY
        for some in _batches(new):
            heads = await self._blocking(lambda s=some: line.heads(s))
            for uid in some:
                await self._take(line, box, uid, heads.get(uid), many=many)
        # Numbers that no mail has any more are behind us, too.
        await letters.passed(self.name, validity=box.validity, uid=opened.newest, house=self._house)

    def _new(self, line: Line, box: Mailbox) -> list[int]:
        if box.uid >= box.old:
            return line.after(box.uid)
        recent = line.since((box.since - MARGIN).date(), box.uid)
        return sorted({*(uid for uid in recent if uid <= box.old), *line.after(box.old)})

    async def _take(self, line: Line, box: Mailbox, uid: int, head: Head | None, *, many: bool) -> None:
        house, name, validity = self._house, self.name, box.validity
        if head is None:
            await letters.passed(name, validity=validity, uid=uid, house=house)
            return
        if await letters.met(name, head.digest, validity, house=house):
            await letters.passed(name, validity=validity, uid=uid, digest=head.digest, house=house)
            return
        raw = await self._body(line, uid)
        told = (raw and await self._reader.read(raw)) or drawing.unreadable(head.raw)
        signal = drawing.signal(name, told, size=head.size, many=many)
        letter = Letter(mailbox=name, validity=validity, uid=uid, digest=head.digest, signal=signal)
        fresh = await letters.take(letter, house=house)
        log.info("mail_heard", extra={"action": "mail_heard", "mailbox": name, "uid": uid, "fresh": fresh})

    async def _body(self, line: Line, uid: int) -> bytes:
        """The mail, b"" for one over which the line broke again and again: it must not hold up the others."""
        if self._broke[uid] >= TRIES:
            return b""
        self._broke[uid] += 1
        raw = await self._blocking(lambda: line.body(uid))
        del self._broke[uid]
        return raw

    async def _blocking(self, do: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, do)


def _batches(uids: Sequence[int]) -> list[Sequence[int]]:
    return [uids[begin : begin + AT_ONCE] for begin in range(0, len(uids), AT_ONCE)]
