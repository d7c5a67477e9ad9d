"""The pages where an owner or an approver connects an account: a form for keys, a way to grant access, and the way back from it.

What is typed here goes through `bot.plugs` and is never shown again, whatever comes of it. Knows no vendor.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from adapters.chat.web.guard import Problem
from adapters.chat.web.outbound import Told
from bot.connections import Connection
from bot.desk import accounts
from bot.errors import BadInput, NotAllowed, VigieError
from bot.house import House
from bot.people import Person, Role
from bot.plugs import Offer
from bot.speech import Tongue

NEXT = re.compile(r"/memory|/connect/[a-z0-9_]{1,30}(?:\?name=[a-z0-9_]{1,30})?", re.ASCII)
"""Where a sign-in link may lead besides the chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who is at the page, and how a page is drawn for them and something is told to them in their chat."""

    person: Person
    tongue: Tongue
    draw: Callable[..., Awaitable[str]]
    tell: Callable[[Told], None]


Visiting = Callable[[Request], Awaitable[Visit]]
Sending = Callable[[Request], Awaitable[tuple[Visit, Mapping[str, str]]]]


class AccountPages:
    """`visiting` says who asks for a page; `sending` who sent one of our own forms, and what was in it. Both raise
    Problem."""

    def __init__(self, *, house: House, visiting: Visiting, sending: Sending) -> None:
        self._house = house
        self._visiting = visiting
        self._sending = sending

    async def show(self, request: Request) -> Response:
        visit = await self._visiting(request)
        offer = await self._offer(request, visit)
        return await self._form(visit, offer, name=request.query_params.get("name", "")[:30])

    async def send(self, request: Request) -> Response:
        """Connects with what was typed, or begins a grant. A refusal comes back with the form, its secrets empty."""
        visit, fields = await self._sending(request)
        offer = await self._offer(request, visit)
        name = fields.get("name", "").strip()
        values = {
            key.removeprefix("value."): text for key, text in fields.items() if key.startswith("value.")
        }
        plugs, person = self._house.plugs, visit.person.id
        try:
            if fields.get("way") == "grant":
                address = await plugs.begin(offer.name, name, values, person=person)
                page = await visit.draw(
                    "grant", offer=offer, address=address, here="/connections", live="frame"
                )
                return HTMLResponse(page, headers={"Cache-Control": "no-store"})
            row = await plugs.connect(offer.name, name, values, person=person)
        except VigieError as error:
            asked = {each.name for each in (*offer.asks, *offer.grant_asks) if not each.secret}
            kept = {key: text for key, text in values.items() if key in asked}
            field = (error.field or "") if isinstance(error, BadInput) else ""
            return await self._form(
                visit, offer, name=name[:30], kept=kept, why=error.said(visit.tongue), field=field
            )
        return self._done(visit, row)

    async def try_model(self, request: Request) -> Response:
        """A real completion; the key is in use for it alone, and nothing is changed by it."""
        visit, fields = await self._sending(request)
        if visit.person.role is not Role.OWNER:
            raise Problem("owners", 403)
        name, key = fields.get("model", "").strip()[:100], fields.get("key", "").strip()[:500]
        trial = await self._house.ways.try_model(name, key, visit.tongue)
        page = await visit.draw("trial", trial=trial, model=name, here="/connections", live="frame")
        return HTMLResponse(
            page, status_code=200 if trial.well else 422, headers={"Cache-Control": "no-store"}
        )

    async def back(self, request: Request) -> Response:
        """Where vendors send people back to. Whoever comes must be signed in as who went."""
        visit = await self._visiting(request)
        if len(request.query_params.multi_items()) != len(request.query_params):
            raise Problem("form", 400)
        try:
            await self._allowed(visit)
            vendor = request.path_params["system"]
            row = await self._house.plugs.finish(vendor, dict(request.query_params), person=visit.person.id)
        except VigieError as error:
            visit.tell(Told(text=error.said(visit.tongue)))
            return RedirectResponse("/chat", status_code=303)
        return self._done(visit, row)

    async def _offer(self, request: Request, visit: Visit) -> Offer:
        """Raises Problem: for who may not, and for what nobody offers."""
        try:
            await self._allowed(visit)
        except NotAllowed as error:
            raise Problem("approvers", 403) from error
        try:
            return accounts.offered(self._house, request.path_params["system"])
        except BadInput as error:
            raise Problem("missing", 404) from error

    async def _allowed(self, visit: Visit) -> None:
        await self._house.store.read(lambda tx: accounts.may_connect(tx, visit.person.id))

    async def _form(
        self,
        visit: Visit,
        offer: Offer,
        *,
        name: str,
        kept: Mapping[str, str] | None = None,
        why: str = "",
        field: str = "",
    ) -> Response:
        page = await visit.draw(
            "connect",
            offer=offer,
            named=name,
            kept=kept or {},
            why=why,
            field=field,
            here="/connections",
            live="frame",
        )
        return HTMLResponse(page, status_code=422 if why else 200, headers={"Cache-Control": "no-store"})

    def _done(self, visit: Visit, row: Connection) -> Response:
        mode = visit.tongue("live") if row.live else visit.tongue("test")
        said = visit.tongue(
            "Connected: {name} is {account} ({mode}).", name=row.name, account=row.account, mode=mode
        )
        visit.tell(Told(text=said))
        return RedirectResponse("/chat", status_code=303)
