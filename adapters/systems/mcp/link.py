"""The link to one server: opened in the background and again when it breaks, with longer and longer pauses. A slow or
dead server costs nobody else anything. Lists the tools when it opens, when told that they changed, and from time to time.

A call is made once. What its failure proves is said precisely: `Unreachable` and `Failed` where nothing happened,
`OutcomeUnknown` where it may have. No address, header or variable is in anything said here.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, TypeAlias, cast

import httpx2
import mcp_types as mcp
from mcp import MCPError
from mcp.client.client import Client
from pydantic import TypeAdapter, ValidationError

from adapters.systems.mcp.answers import cut
from adapters.systems.mcp.wires import ERROR, LARGEST
from bot.errors import Failed, OutcomeUnknown, Unreachable, VigieError
from bot.values import Json, is_mapping
from bot.visible import exact

log = logging.getLogger(__name__)

CONNECT_WITHIN = 30.0
LIST_EVERY = 300.0
LONGEST_PAUSE = 300.0
WAIT_FOR_IT = 5.0
"""Seconds a call waits for a server that is just being connected."""
MOST_PAGES = 50

Streams: TypeAlias = AbstractAsyncContextManager[Any]
Listed = Callable[[Sequence[mcp.Tool]], Awaitable[None]]
_RESULT: TypeAdapter[mcp.CallToolResult | mcp.InputRequiredResult] = TypeAdapter(
    mcp.CallToolResult | mcp.InputRequiredResult
)
_REJECTED = frozenset({mcp.INVALID_REQUEST, mcp.METHOD_NOT_FOUND, mcp.INVALID_PARAMS})


class Link:
    """One server's connection. `streams` opens the way to it each time anew."""

    def __init__(self, *, name: str, streams: Callable[[], Streams], listed: Listed, fix: str) -> None:
        self.name, self.fix = name, fix
        self.trouble: VigieError | None = None
        self.last_words = ""
        self.listed_at = 0.0
        self._streams, self._listed = streams, listed
        self._task: asyncio.Task[None] | None = None
        self._client: Client | None = None
        self._up, self._stir, self._news = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._broken = False
        self._failures = 0

    @property
    def up(self) -> bool:
        return self._up.is_set()

    def start(self) -> None:
        """Begins to connect; returns at once."""
        if self._task is None:
            # Its own library tells too much: a stranger's words, and addresses that may hold a key.
            for each in ("mcp", "client", "httpx2"):
                logging.getLogger(each).setLevel(logging.CRITICAL if each != "httpx2" else logging.WARNING)
            self._task = asyncio.create_task(self._keep(), name=f"mcp {self.name}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def ready(self, within: float) -> None:
        """Waits until it is connected. Raises the trouble, or Unreachable."""
        self.start()
        if not self.up:
            self._stir.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not self.up:
                    self._news.clear()
                    await self._news.wait()
                    if not self.up and self.trouble is not None:
                        break
        if not self.up:
            raise self.trouble or Unreachable("{name} does not answer", name=self.name)

    async def refresh(self, within: float) -> None:
        """Lists again now. Raises what it fails with."""
        await self.ready(within)
        client = self._client
        if client is not None:
            try:
                async with asyncio.timeout(within):
                    await self._list(client)
            except (MCPError, ValidationError, TimeoutError) as error:
                self._break()
                raise self._said(error) from error
            except (RuntimeError, OSError) as error:
                self._break()
                raise Unreachable("the connection to {name} broke off", name=self.name) from error

    async def call(
        self, tool: str, arguments: Json, *, patience: float
    ) -> mcp.CallToolResult | mcp.InputRequiredResult:
        """One call. Raises Unreachable, Failed or OutcomeUnknown."""
        await self.ready(WAIT_FOR_IT)
        client = self._client
        if client is None:
            raise self.trouble or Unreachable("{name} does not answer", name=self.name)
        params = mcp.CallToolRequestParams(name=tool, arguments=arguments)
        try:
            return await client.session.send_request(
                mcp.CallToolRequest(params=params), _RESULT, request_read_timeout_seconds=patience
            )
        except MCPError as error:
            raise self._outcome(error, patience) from error
        except ValidationError as error:
            raise OutcomeUnknown("{name} answered with what cannot be read", name=self.name) from error
        except (RuntimeError, OSError) as error:
            self._break()
            raise OutcomeUnknown("the connection to {name} broke off", name=self.name) from error

    def _outcome(self, error: MCPError, patience: float) -> VigieError:
        """What an error proves about a call."""
        match error.code:
            case code if code == ERROR:
                return self._http(error.error.data)
            case mcp.REQUEST_TIMEOUT:
                return OutcomeUnknown(
                    "{name} gave no answer within {n} seconds", name=self.name, n=round(patience)
                )
            case mcp.CONNECTION_CLOSED:
                self._break()
                return OutcomeUnknown("the connection to {name} broke off", name=self.name)
            case mcp.PARSE_ERROR:
                return OutcomeUnknown(
                    "{name} answered with what cannot be read, or with more than {n} MB",
                    name=self.name,
                    n=LARGEST // 1_000_000,
                )
            case code if code in _REJECTED:
                return Failed("{name} refused: “{why}”", name=self.name, why=_quoted(error.message))
            case _:
                return OutcomeUnknown(
                    "{name} answered with an error: “{why}”", name=self.name, why=_quoted(error.message)
                )

    def _http(self, data: Json) -> VigieError:
        told: Mapping[str, Json] = data if is_mapping(data) else {}
        if told.get("unreached"):
            return Unreachable("{name} cannot be reached", name=self.name)
        match told.get("http"):
            case 401 | 403 | 407:
                return Failed(
                    "{name} does not accept the key; connect it again: {fix}",
                    name=self.name,
                    fix=self.fix,
                )
            case int(status) if 300 <= status < 400:
                return Failed(
                    "{name} sends on to another address, and nothing goes there. If it has moved, change its address: {fix}",
                    name=self.name,
                    fix=self.fix,
                )
            case 400 | 404 | 410 if "session" in str(told.get("said", "session")).lower():
                # Its memory of us is gone, and with it nothing that was asked for.
                self._break()
                return Unreachable("{name} began anew; it is being connected again", name=self.name)
            case 429 | 503:
                return Unreachable(
                    "{name} has too much to do", name=self.name, retry_after=told.get("retry_after")
                )
            case int(status) if 400 <= status < 500:
                return Failed("{name} refused (HTTP {status})", name=self.name, status=status)
            case status:
                return OutcomeUnknown(
                    "{name} answered with an error (HTTP {status})", name=self.name, status=status or "—"
                )

    def _break(self) -> None:
        self._broken = True
        self._up.clear()
        self._stir.set()

    # In the background ---------------------------------------------------------------------------------

    async def _keep(self) -> None:
        while True:
            self._broken = False
            self._stir.clear()
            try:
                await self._open_once()
            except Exception as error:  # whatever a server of others does ends here
                self.trouble = self._said(error)
            finally:
                self._up.clear()
                self._client = None
            self._failures += 1
            self._news.set()
            log.warning("mcp_down", extra={"system": self.name, "failures": self._failures})
            pause = min(LONGEST_PAUSE, 2.0 ** min(self._failures, 9)) * random.uniform(0.5, 1.0)  # noqa: S311
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stir.wait()

    async def _open_once(self) -> None:
        """Connects, lists, and stays until something breaks."""
        opening = asyncio.timeout(CONNECT_WITHIN)
        client = Client(
            self._streams(), cache=None, read_timeout_seconds=CONNECT_WITHIN, message_handler=self._heard
        )
        async with opening, client:
            await self._list(client)
            opening.reschedule(None)
            self._client, self.trouble, self._failures = client, None, 0
            self._up.set()
            self._news.set()
            log.info("mcp_up", extra={"system": self.name})
            listening = asyncio.create_task(self._listen(client))
            try:
                await self._stay(client)
            finally:
                listening.cancel()
                await asyncio.wait([listening])
        self.trouble = Unreachable("the connection to {name} broke off", name=self.name)

    async def _stay(self, client: Client) -> None:
        """Until something breaks: lists again when told to, and from time to time."""
        while not self._broken:
            with suppress(TimeoutError):
                async with asyncio.timeout(LIST_EVERY):
                    await self._stir.wait()
            self._stir.clear()
            if not self._broken:
                async with asyncio.timeout(CONNECT_WITHIN):
                    await self._list(client)

    async def _listen(self, client: Client) -> None:
        """Newer servers say that their tools changed only to who subscribed to it; older ones to everybody."""
        with suppress(MCPError, RuntimeError, TimeoutError, ValidationError):
            async with client.listen(tools_list_changed=True) as events:
                async for _ in events:
                    self._stir.set()

    async def _heard(self, message: Any) -> None:
        """What a server says unasked: only that its tools changed, or that the connection is broken, matters."""
        if isinstance(message, mcp.ToolListChangedNotification):
            self._stir.set()

    async def _list(self, client: Client) -> None:
        tools: list[mcp.Tool] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await client.session.list_tools(params=mcp.PaginatedRequestParams(cursor=cursor))
            tools += page.tools
            cursor = page.next_cursor
            if not cursor:
                break
        await self._listed(tools)
        self.listed_at = time.monotonic()

    def _said(self, error: BaseException) -> VigieError:
        """Why it is not connected, in a sentence without addresses or keys."""
        match _root(error):
            case MCPError() as root if root.code == ERROR:
                return self._http(root.error.data)
            case MCPError() as root:
                return Failed("{name} refused: “{why}”", name=self.name, why=_quoted(root.message))
            case FileNotFoundError() | PermissionError():
                return Failed("{name} cannot be started: its command is not there", name=self.name)
            case TimeoutError() | httpx2.TimeoutException():
                return Unreachable("{name} does not answer", name=self.name)
            case VigieError() as root:
                return root
            case _:
                return Unreachable("{name} cannot be reached", name=self.name)


def _root(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", error)
        error = inner.exceptions[0]
    return error


def _quoted(text: str) -> str:
    """A server's words on one line."""
    line = exact(" ".join(text.split())[:400], lines=False).translate({ord(mark): "'" for mark in "“”"})
    return cut(line, 300)
