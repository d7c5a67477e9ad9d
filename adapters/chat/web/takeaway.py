"""What is taken away as a file: all that is remembered for whoever asks, made at that moment, and long reports, from the
line of the chat that they belong to.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adapters.chat.web import inbound
from adapters.chat.web.accounts import Visit
from adapters.chat.web.guard import Problem, fields_of
from bot import memoirs, standing
from bot.briefing import scopes
from bot.house import House
from bot.journal import Line
from bot.listings import Listed
from bot.notes import Note
from bot.standing import StandingRule
from bot.store import Tx
from bot.tallies import scope_of
from bot.tallies import standing as items_of

_TYPES: dict[memoirs.Format, str] = {"jsonl": "application/x-ndjson", "md": "text/markdown; charset=utf-8"}


_HIGHEST = 2**62
"""No line has a higher number: a database counts in 64 bits."""


class Takeaway:
    """`visiting` says who asks. Raises Problem."""

    def __init__(self, *, house: House, visiting: Callable[[Request], Awaitable[Visit]]) -> None:
        self._house = house
        self._visiting = visiting

    async def export(self, request: Request) -> Response:
        visit = await self._visiting(request)
        shape = fields_of(request, ("format",), kind="takeaway").get("format", "jsonl")
        if shape not in _TYPES:
            raise Problem("takeaway", 400)
        place = inbound.place(visit.person)
        readable = scopes(visit.person.id, place)

        def read(tx: Tx) -> tuple[list[Note], list[StandingRule], list[Listed]]:
            tallies = tx.tallies.all(scope_of(visit.person.id, place))
            return (
                [note for scope in readable for note in tx.notes.history(scope)],
                [rule for scope in readable for rule in standing.kept(tx, scope)],
                [Listed(tally=each, items=items_of(tx.tallies.strokes(each.id))) for each in tallies],
            )

        found, rules, lists = await self._house.store.read(read)
        lines = memoirs.lines(found, rules, lists, format=shape, tongue=visit.tongue, zone=visit.person.zone)
        headers = {
            "Content-Disposition": f'attachment; filename="vigie-memory.{shape}"',
            "Cache-Control": "no-store",
        }
        return Response(
            "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"),
            media_type=_TYPES[shape],
            headers=headers,
        )

    async def file(self, request: Request) -> Response:
        """The file of a line of the viewer's own chat."""
        visit = await self._visiting(request)
        seq, place = int(request.path_params["seq"]), inbound.place(visit.person).key
        if seq > _HIGHEST:
            raise HTTPException(404)
        (line,) = await self._house.store.read(lambda tx: tx.lines.last(place, 1, before=seq + 1)) or (None,)
        match line:
            case Line(seq=found, content={"file": {"name": str(name), "text": str(text)}}) if found == seq:
                headers = {
                    "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
                    "Cache-Control": "no-store",
                    "X-Content-Type-Options": "nosniff",
                }
                body = text.encode("utf-8", "replace")
                return Response(body, media_type="text/plain; charset=utf-8", headers=headers)
            case _:
                raise HTTPException(404)
