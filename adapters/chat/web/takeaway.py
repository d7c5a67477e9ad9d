"""All that is remembered for whoever asks, as a file made at that moment: nothing of it is kept on our side."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from adapters.chat.web import inbound
from adapters.chat.web.accounts import Visit
from bot import memoirs, standing
from bot.briefing import scopes
from bot.house import House
from bot.notes import Note
from bot.standing import StandingRule
from bot.store import Tx

_TYPES: dict[memoirs.Format, str] = {"jsonl": "application/x-ndjson", "md": "text/markdown; charset=utf-8"}


class Takeaway:
    """`visiting` says who asks. Raises Problem."""

    def __init__(self, *, house: House, visiting: Callable[[Request], Awaitable[Visit]]) -> None:
        self._house = house
        self._visiting = visiting

    async def export(self, request: Request) -> Response:
        visit = await self._visiting(request)
        shape: memoirs.Format = "md" if request.query_params.get("format") == "md" else "jsonl"
        readable = scopes(visit.person.id, inbound.place(visit.person))

        def read(tx: Tx) -> tuple[list[Note], list[StandingRule]]:
            return (
                [note for scope in readable for note in tx.notes.history(scope)],
                [rule for scope in readable for rule in standing.kept(tx, scope)],
            )

        found, rules = await self._house.store.read(read)
        lines = memoirs.lines(found, rules, format=shape, tongue=visit.tongue, zone=visit.person.zone)
        headers = {
            "Content-Disposition": f'attachment; filename="vigie-memory.{shape}"',
            "Cache-Control": "no-store",
        }
        return Response(
            "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"),
            media_type=_TYPES[shape],
            headers=headers,
        )
