"""The ledger checked and taken away: the chain walked against its anchors, and the file. For owners; reads, and changes
nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from adapters.chat.web.accounts import Visit
from adapters.chat.web.guard import Problem, fields_of
from bot import anchors, exports
from bot.errors import BadInput, VigieError
from bot.house import House
from bot.ledger import Entry
from bot.people import HOME, Role

_TYPES: dict[exports.Format, str] = {"jsonl": "application/x-ndjson", "csv": "text/csv"}


class RecordPages:
    """`visiting` says who asks. Raises Problem."""

    def __init__(self, *, house: House, visiting: Callable[[Request], Awaitable[Visit]]) -> None:
        self._house = house
        self._visiting = visiting

    async def verify(self, request: Request) -> Response:
        """Walks all of it, as `vigie ledger verify` does."""
        visit = await self._owner(request)
        entries = [entry async for entry in self._entries()]
        kept, trouble = [], ""
        try:
            kept = [each for each in self._house.book.read() if each.space == HOME]
        except VigieError as error:
            trouble = error.said(visit.tongue)
        verdict = anchors.verify(entries, kept)
        page = await visit.draw(
            "verdict",
            verdict=verdict,
            anchors=len(kept),
            newest=max((each.seq for each in kept), default=0),
            trouble=trouble,
            here="/ledger",
            live="frame",
        )
        return HTMLResponse(page)

    async def export(self, request: Request) -> Response:
        """All of it as a file, or what is asked for, row by row."""
        await self._owner(request)
        asked = fields_of(request, ("format", "since", "mission"), kind="export")
        shape = asked.get("format", "jsonl")
        if shape not in _TYPES:
            raise Problem("export", 400)
        choice = await self._choice(asked)

        async def rows() -> AsyncIterator[str]:
            head = True
            async for batch in self._batches():
                lines = [*exports.lines(batch, format=shape, choice=choice)]
                # Every batch begins with the names of the columns; the file says them once.
                yield "".join(f"{line}\n" for line in lines[shape == "csv" and not head :])
                head = False

        name = f"vigie-ledger.{shape}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return StreamingResponse(rows(), media_type=_TYPES[shape], headers=headers)

    async def _choice(self, asked: Mapping[str, str]) -> exports.Choice:
        """As `vigie ledger export` reads it. Raises Problem."""
        number, mission = asked.get("mission"), None
        if number is not None:
            if not (number.isascii() and number.isdecimal() and len(number) < 10):
                raise Problem("export", 400)
            mission = await self._house.store.read(lambda tx: tx.missions.by_number(int(number)))
            if mission is None:
                raise Problem("export", 400)
        try:
            since = exports.since(asked["since"]) if "since" in asked else None
        except BadInput as error:
            raise Problem("export", 400) from error
        return exports.Choice(since=since, mission=mission.id if mission else "")

    async def _owner(self, request: Request) -> Visit:
        visit = await self._visiting(request)
        if visit.person.role is not Role.OWNER:
            raise Problem("missing", 404)
        return visit

    async def _batches(self) -> AsyncIterator[tuple[Entry, ...]]:
        after = 0
        while batch := await self._house.store.read(lambda tx, a=after: tx.ledger.read(after=a)):
            yield batch
            after = batch[-1].seq

    async def _entries(self) -> AsyncIterator[Entry]:
        async for batch in self._batches():
            for entry in batch:
                yield entry
