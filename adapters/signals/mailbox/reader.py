"""The process that reads mails, seen from here: asked, waited for so long, ended and begun again when it breaks.

Knows how to run `extraction.py` and nothing of what a mail is.
"""

import asyncio
import json
import logging
import sys
from contextlib import suppress
from pathlib import Path

from bot.values import Json, is_mapping

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds for one mail."""
ROUNDS = 200
"""After so many mails a new process takes over: nothing that one left behind stays."""
_LINE = 4 * 1024 * 1024
PROGRAM = Path(__file__).with_name("extraction.py")


class MailReader:
    """One process at a time, begun when it is first needed."""

    def __init__(self, *, patience: float = PATIENCE, program: Path = PROGRAM) -> None:
        self._patience = patience
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._left = 0
        self._lock = asyncio.Lock()

    async def read(self, raw: bytes) -> dict[str, Json] | None:
        """What it says of the mail, None when it cannot be read within the limits."""
        async with self._lock:
            try:
                async with asyncio.timeout(self._patience):
                    told = await self._asked(raw)
            except (TimeoutError, OSError, ValueError) as error:
                # ValueError: no JSON, or a line without end.
                log.warning(
                    "mail_not_read", extra={"action": "mail_not_read", "reason": type(error).__name__}
                )
                await self._end()
                return None
            except BaseException:
                # Asked and not heard: its answer must not pass for that of the next mail.
                await self._end()
                raise
            return told

    async def close(self) -> None:
        """Ends the process."""
        async with self._lock:
            await self._end()

    async def _asked(self, raw: bytes) -> dict[str, Json] | None:
        process = await self._ready()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(len(raw).to_bytes(8, "big") + raw)
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError("it ended")
        found: Json = json.loads(line)
        return dict(found) if is_mapping(found) else None

    async def _ready(self) -> asyncio.subprocess.Process:
        if self._left == 0:
            await self._end()
        if self._process is None:
            # Without our environment, our working folder's modules and the site's: it has no use for any of them.
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(self._program)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={},
                limit=_LINE,
            )
            self._left = ROUNDS
        self._left -= 1
        return self._process

    async def _end(self) -> None:
        process, self._process, self._left = self._process, None, 0
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
