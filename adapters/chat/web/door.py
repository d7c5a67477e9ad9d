"""The web door: routes to handlers, who is signed in, and what each page is answered with."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from adapters.chat.web import drawn, fieldpage, guard, inbound, problems, rooms, stream
from adapters.chat.web.accounts import NEXT, AccountPages, Visit
from adapters.chat.web.drawn import Viewer
from adapters.chat.web.guard import Guard, Problem
from adapters.chat.web.outbound import Board, Tell, Told, WebChat
from adapters.chat.web.preference import preferred
from adapters.chat.web.record import RecordPages
from adapters.chat.web.render import Desk, Renderer, entrances
from adapters.chat.web.rooms import first, memory, people
from adapters.chat.web.rooms.room import Asking, Room
from adapters.chat.web.takeaway import Takeaway
from bot import doors
from bot.errors import Refused, Stale, VigieError
from bot.events import Verb
from bot.forms import Sheet
from bot.house import House
from bot.inbox import Arrival
from bot.people import Identity, Person, Role
from bot.places import Place
from bot.speech import Tongue
from bot.store import Tx
from bot.tickets import Purpose, hashed
from bot.triggers import Calendar

log = logging.getLogger(__name__)

COOKIE = "vigie_session"
PATIENCE = 1.0
"""Seconds a form that was sent without a script waits for its result, so that the next page shows it."""

Accept = Callable[[Arrival], Awaitable[bool]]
FormOf = Callable[[str, int, Identity, Place, Verb], Awaitable[Sheet]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """`url` is where people open the page; `cookie_secure` keeps the session off plain HTTP."""

    url: str
    cookie_secure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in request: its token, and the desk at which its pages are drawn."""

    token: str
    desk: Desk

    @property
    def person(self) -> Person:
        return self.desk.viewer.person

    @property
    def place(self) -> str:
        return self.desk.viewer.place.key


class WebDoor:
    """Plugs the pages into the house. `close` ends the open streams: call it before the server waits for its
    connections."""

    def __init__(
        self,
        settings: WebSettings,
        *,
        house: House,
        calendar: Calendar,
        accept: Accept,
        form: FormOf,
        tell: Tell | None = None,
    ) -> None:
        self._settings = settings
        self._house = house
        self._calendar = calendar
        self._accept = accept
        self._form = form
        self._board = Board()
        self._renderer = Renderer(house.tongues)
        self._chat = WebChat(self._board, tell=tell)
        self._accounts = AccountPages(house=house, visiting=self._visit, sending=self._sent_visit)
        self._record = RecordPages(house=house, visiting=self._visit)
        self._takeaway = Takeaway(house=house, visiting=self._visit)

    @property
    def chat(self) -> WebChat:
        """The Chat port of the platform `web`."""
        return self._chat

    def open_pages(self) -> int:
        """How many pages have a stream open."""
        return self._board.open_pages()

    async def close(self) -> None:
        """Ends every open stream promptly."""
        self._board.close()

    def handlers(self) -> dict[int, Callable[[Request, Exception], Awaitable[Response]]]:
        """For the application around: pages in plain words for addresses that nobody serves, and for defects."""

        async def said(request: Request, error: Exception, kind: str, status: int) -> Response:
            response = await self.apologise(request, kind, status)
            guard.protect(response.headers)
            if isinstance(error, HTTPException):
                # Of a method that is not taken: which are.
                response.headers.update(error.headers or {})
            return response

        async def missing(request: Request, error: Exception) -> Response:
            return await said(request, error, "missing", 404)

        async def method(request: Request, error: Exception) -> Response:
            return await said(request, error, "method", 405)

        async def broken(request: Request, error: Exception) -> Response:
            return await said(request, error, "broken", 500)

        return {404: missing, 405: method, 500: broken}

    def routes(self) -> list[Route]:
        """Every address of the web chat; each guarded by itself, so that other routes may stand beside."""
        get, post = ["GET"], ["POST"]
        return [
            self._route("/", self._show_first, get),
            self._route("/chat", self._show_chat, get),
            *(self._route(room.path, self._showing(room), get) for room in rooms.ROOMS),
            self._route("/ledger/verify", self._record.verify, get),
            self._route("/ledger/export", self._record.export, get),
            self._route("/memory/export", self._takeaway.export, get),
            self._route("/file/{seq:int}", self._takeaway.file, get),
            self._route("/memory/correct", self._correct, post),
            self._route("/fields", self._show_fields, get),
            self._route("/fields", self._set_field, post),
            self._route("/form/{ref}", self._show_form, get),
            self._route("/form/{ref}", self._fill_form, post),
            self._route("/role", self._set_role, post),
            self._route("/say", self._say, post),
            self._route("/press", self._press, post),
            self._route("/model", self._accounts.try_model, post),
            self._route("/connect/{system}", self._accounts.show, get),
            self._route("/connect/{system}", self._accounts.send, post),
            self._route("/oauth/{system}/callback", self._accounts.back, get),
            self._route("/stream", self._stream, get),
            self._route("/sign-in", self._show_sign_in, get),
            self._route("/sign-in", self._sign_in, post),
            self._route("/sign-out", self._sign_out, post),
            self._route("/static/{name}", self._static, get),
        ]

    def _route(
        self, path: str, endpoint: Callable[[Request], Awaitable[Response]], methods: list[str]
    ) -> Route:
        wrapped = Middleware(Guard, url=self._settings.url, apologise=self.apologise)
        return Route(path, endpoint, methods=methods, middleware=[wrapped])

    # Pages

    async def _show_chat(self, request: Request) -> Response:
        session = await self._session(request)
        before = request.query_params.get("before", "")
        upto = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
        viewer = session.desk.viewer
        view = await self._read(lambda tx: drawn.chat(tx, viewer, house=self._house, before=upto))
        return HTMLResponse(
            self._renderer.page(
                "chat",
                session.desk,
                view.frame,
                view=view,
                here="/chat",
                live="chat" if upto is None else "frame",
                state=stream.state(view if upto is None else view.frame),
                draft=request.query_params.get("text", "")[: inbound.LONGEST_MESSAGE],
                notices=self._board.unseen(session.place),
            )
        )

    async def _show_first(self, request: Request) -> Response:
        """What the page opens on: the story while it is not told, else how things stand."""
        session = await self._session(request)
        viewer = session.desk.viewer
        story = await self._read(lambda tx: first.begins_here(tx, viewer, self._house))
        return await self._show(first.FIRST if story else rooms.NOW, request, session)

    def _showing(self, room: Room) -> Callable[[Request], Awaitable[Response]]:
        async def show(request: Request) -> Response:
            return await self._show(room, request, await self._session(request))

        return show

    async def _show(self, room: Room, request: Request, session: Session) -> Response:
        """One room. Who may not enter learns no more than that there is nothing here."""
        viewer = session.desk.viewer
        if not room.open_to(viewer.person, self._house):
            raise Problem("missing", 404)
        if opened := request.query_params.get("details", ""):
            await self._house.store.write(lambda tx: drawn.opened(tx, opened, viewer, house=self._house))
        if room.prepare is not None and viewer.person.role is Role.OWNER:
            await room.prepare(self._house, viewer.tongue)
        asking = self._asking(viewer, request.query_params)
        view = await self._read(lambda tx: room.look(tx, asking))
        return HTMLResponse(
            self._renderer.page(
                "room",
                session.desk,
                view.frame,
                room=room,
                view=view,
                here=room.within or room.path,
                live=room.name,
                state=stream.state(view),
                query=request.url.query,
                notices=self._board.unseen(session.place),
            )
        )

    def _asking(self, viewer: Viewer, query: Mapping[str, str]) -> Asking:
        return Asking(viewer=viewer, house=self._house, calendar=self._calendar, query=query)

    async def _show_fields(self, request: Request) -> Response:
        """For owners alone: who may not change it reads it with the word `fields`."""
        session = await self._session(request)
        viewer = session.desk.viewer
        if viewer.person.role is not Role.OWNER:
            raise Problem("missing", 404)
        system = request.query_params.get("system", "")
        view, frame = await self._read(
            lambda tx: (
                fieldpage.fields(tx, system, viewer.tongue, house=self._house),
                drawn.frame(tx, viewer, house=self._house),
            )
        )
        return HTMLResponse(
            self._renderer.page(
                "fields",
                session.desk,
                frame,
                view=view,
                here="/connections",
                live="frame",
                state=stream.state(frame),
                notices=self._board.unseen(session.place),
            )
        )

    async def _show_form(self, request: Request) -> Response:
        session = await self._session(request)
        asked = request.query_params
        sheet = await self._sheet(request, session, asked.get("revision", ""), asked.get("verb", ""))
        if isinstance(sheet, Response):
            return sheet
        frame = await self._read(lambda tx: drawn.frame(tx, session.desk.viewer, house=self._house))
        return HTMLResponse(
            self._renderer.page(
                "form",
                session.desk,
                frame,
                sheet=sheet,
                here="/chat",
                live="frame",
                state=stream.state(frame),
                notices=(),
            )
        )

    async def _sheet(
        self, request: Request, session: Session, revision: str, verb: str
    ) -> Sheet | RedirectResponse:
        """The form behind a button; where no code may be given now, the chat with the reason."""
        if not (revision.isascii() and revision.isdecimal() and len(revision) < 10):
            raise Problem("form", 400)
        ref = request.path_params["ref"]
        try:
            return await self._form(
                ref,
                int(revision),
                inbound.identity(session.person),
                inbound.place(session.person),
                Verb.PROVE if verb == Verb.PROVE else Verb.EDIT,
            )
        except Stale as error:
            raise Problem("stale", 409) from error
        except Refused as error:
            if verb != Verb.PROVE:
                raise Problem("missing", 404) from error
            self._board.notify(session.place, Told(text=error.said(session.desk.viewer.tongue)))
            return RedirectResponse("/chat", status_code=303)

    # What people send

    async def _say(self, request: Request) -> Response:
        session, fields = await self._sent(request)
        arrival = inbound.message(fields, session.person)
        if arrival is None:
            return _after(request, fields)
        return await self._put(request, fields, session, arrival)

    async def _set_field(self, request: Request) -> Response:
        """As if the owner had said it: the desk decides whether they may."""
        session, fields = await self._sent(request)
        told = {**fields, "text": fieldpage.words(fields)}
        arrival = inbound.message(told, session.person)
        assert arrival is not None
        return await self._put(request, told, session, arrival)

    async def _set_role(self, request: Request) -> Response:
        """As if it had been asked for in words: a card for an owner's press."""
        session, fields = await self._sent(request)
        told = {**fields, "text": people.words(fields)}
        arrival = inbound.message(told, session.person)
        assert arrival is not None
        return await self._put(request, told, session, arrival)

    async def _correct(self, request: Request) -> Response:
        """As if it had been said: the note's own code, and what is so now."""
        session, fields = await self._sent(request)
        told = {**fields, "text": memory.words(fields)}
        arrival = inbound.message(told, session.person)
        assert arrival is not None
        return await self._put(request, told, session, arrival)

    async def _press(self, request: Request) -> Response:
        session, fields = await self._sent(request)
        arrival = inbound.press(fields, session.person, session.token)
        if fields.get("unsure"):
            page = await self._ask_again(fields, session)
            if page is not None:
                return page
        return await self._put(request, fields, session, arrival)

    async def _ask_again(self, fields: Mapping[str, str], session: Session) -> Response | None:
        """The second question of a dangerous button, as a page, for browsers that run no script."""
        viewer = session.desk.viewer
        view = await self._read(lambda tx: drawn.card(tx, fields["ref"], viewer, house=self._house))
        button = next((b for b in view.card.buttons if b.verb == fields["verb"]), None) if view else None
        if view is None or button is None or not button.confirm:
            return None
        frame = await self._read(lambda tx: drawn.frame(tx, viewer, house=self._house))
        values = {
            "view": view,
            "button": button,
            "fields": fields,
            "here": "/chat",
            "live": "frame",
            "notices": (),
        }
        return HTMLResponse(
            self._renderer.page("confirm", session.desk, frame, state=stream.state(frame), **values)
        )

    async def _fill_form(self, request: Request) -> Response:
        session, fields = await self._sent(request)
        sheet = await self._sheet(request, session, fields.get("revision", ""), fields.get("verb", ""))
        if isinstance(sheet, Response):
            return sheet
        arrival = inbound.form(fields, sheet, session.person, session.token)
        return await self._put(request, {**fields, "back": "/chat"}, session, arrival)

    async def _put(
        self, request: Request, fields: Mapping[str, str], session: Session, arrival: Arrival
    ) -> Response:
        """Into the inbox; only then the browser is told that it was received."""
        with self._board.expect(session.place, leaves=not _by_script(request)) as watch:
            try:
                new = await self._accept(arrival)
            except VigieError as error:
                log.warning("arrival_not_kept", extra={"platform": "web", "kind": arrival.body.kind})
                raise Problem("unready", 503) from error
            if new and not _by_script(request):
                await watch.wait(PATIENCE)
        return _after(request, fields)

    # Coming and going

    async def _show_sign_in(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        if not token:
            raise Problem("signed-out", 200)
        asked = request.query_params.get("next", "")
        after = asked if NEXT.fullmatch(asked) else ""
        return HTMLResponse(
            self._renderer.plain_page("sign_in", self._tongue(request), token=token, after=after)
        )

    async def _sign_in(self, request: Request) -> Response:
        fields = await guard.read_form(request)
        session = await doors.sign_in(
            fields.get("token", ""),
            house=self._house,
            lang=self._tongue(request).lang,
            zone=fields.get("zone", ""),
        )
        if session is None:
            raise Problem("link", 403)
        after = fields.get("next", "")
        response = RedirectResponse(after if NEXT.fullmatch(after) else "/", status_code=303)
        response.set_cookie(
            COOKIE,
            session,
            max_age=int(doors.SESSION.total_seconds()),
            path="/",
            secure=self._settings.cookie_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def _sign_out(self, request: Request) -> Response:
        session, _ = await self._sent(request)
        await doors.sign_out(session.token, house=self._house)
        self._board.changed(session.place)
        response = RedirectResponse("/sign-in", status_code=303)
        response.delete_cookie(
            COOKIE, path="/", secure=self._settings.cookie_secure, httponly=True, samesite="lax"
        )
        return response

    # Live updates and files

    async def _stream(self, request: Request) -> Response:
        session = await self._session(request)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        if request.method == "HEAD":
            # Nobody would read it, and a stream that nobody reads never ends.
            return Response(media_type="text/event-stream", headers=headers)
        live = request.query_params.get("view", "chat")
        query = dict(parse_qsl(request.query_params.get("query", "")[:2_000]))
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")

        async def look() -> tuple[Desk, stream.View] | None:
            """The page as it stands, for whoever the session still speaks for."""

            def read(tx: Tx) -> tuple[Desk, stream.View] | None:
                ticket = tx.tickets.peek(hashed(session.token), Purpose.SESSION, self._house.clock.now())
                person = tx.people.get(ticket.person) if ticket else None
                if person is None:
                    return None
                desk = self._desk(session.token, person)
                if live == "chat":
                    return desk, drawn.chat(tx, desk.viewer, house=self._house)
                room = rooms.BY_NAME.get(live)
                if room is None or not room.open_to(person, self._house):
                    return desk, drawn.frame(tx, desk.viewer, house=self._house)
                return desk, room.look(tx, self._asking(desk.viewer, query))

            prepare = rooms.BY_NAME[live].prepare if live in rooms.BY_NAME else None
            if prepare is not None and session.person.role is Role.OWNER:
                await prepare(self._house, session.desk.tongue)
            return await self._read(read)

        return StreamingResponse(
            stream.events(
                look,
                name=live,
                place=session.place,
                reached=stream.Reached.parse(after),
                board=self._board,
                renderer=self._renderer,
            ),
            media_type="text/event-stream",
            headers=headers,
        )

    async def _static(self, request: Request) -> Response:
        asset = self._renderer.assets.get(request.path_params["name"])
        if asset is None:
            raise Problem("missing", 404)
        current = request.query_params.get("v") == asset.version
        kept = "public, max-age=31536000, immutable" if current else "no-cache"
        return Response(asset.body, media_type=asset.media_type, headers={"Cache-Control": kept})

    # Who

    async def _session(self, request: Request) -> Session:
        """Raises Problem when nobody is signed in."""
        token = request.cookies.get(COOKIE, "")
        person = await doors.session_person(token, house=self._house) if token else None
        if person is None:
            raise Problem("signed-out", 401)
        return Session(token=token, desk=self._desk(token, person))

    async def _sent(self, request: Request) -> tuple[Session, dict[str, str]]:
        """A signed-in form that came from one of our own pages. Raises Problem."""
        session = await self._session(request)
        fields = await guard.read_form(request)
        guard.check_token(fields, session.token)
        return session, fields

    async def _visit(self, request: Request) -> Visit:
        return self._visit_of(await self._session(request))

    async def _sent_visit(self, request: Request) -> tuple[Visit, Mapping[str, str]]:
        session, fields = await self._sent(request)
        return self._visit_of(session), fields

    def _visit_of(self, session: Session) -> Visit:
        viewer = session.desk.viewer

        async def draw(name: str, **values: object) -> str:
            frame = await self._read(lambda tx: drawn.frame(tx, viewer, house=self._house))
            state = stream.state(frame)
            return self._renderer.page(name, session.desk, frame, state=state, notices=(), **values)

        return Visit(
            person=session.person,
            tongue=viewer.tongue,
            draw=draw,
            tell=lambda told: self._board.notify(session.place, told),
        )

    def _desk(self, token: str, person: Person) -> Desk:
        viewer = Viewer(person=person, place=inbound.place(person), tongue=self._house.tongues(person.lang))
        doors_ = tuple(entrances(viewer, self._house))
        return Desk(viewer=viewer, csrf=guard.form_token(token), doors=doors_)

    async def _read(self, look: Callable[[Tx], T]) -> T:
        return await self._house.store.read(look)

    def _tongue(self, request: Request) -> Tongue:
        """The browser's language, for those we do not know."""
        tongues = self._house.tongues
        return tongues(preferred(",".join(request.headers.getlist("accept-language")), tongues.languages))

    async def _spoken(self, request: Request) -> Tongue:
        """The language that somebody chose, who is signed in; else that of their browser. Raises nothing: it is asked
        also when something has just gone wrong."""
        token = request.cookies.get(COOKIE, "")
        with suppress(Exception):
            person = await doors.session_person(token, house=self._house) if token else None
            if person is not None:
                return self._house.tongues(person.lang)
        return self._tongue(request)

    async def apologise(self, request: Request, kind: str, status: int) -> Response:
        """A page in plain words, or the words alone for a script. Never what went wrong inside."""
        tongue = await self._spoken(request)
        title = problems.title(kind, tongue)
        words = problems.words(kind, tongue, url=self._settings.url)
        if _by_script(request):
            return JSONResponse({"error": f"{title}. {words}"}, status_code=status)
        page = self._renderer.plain_page(
            "problem", tongue, title=title, words=words, signed_out=status in (200, 401)
        )
        return HTMLResponse(page, status_code=status)


def _by_script(request: Request) -> bool:
    """Our own script asks for JSON; a browser that sends a form by itself asks for a page."""
    return request.headers.get("accept", "").startswith("application/json")


def _after(request: Request, fields: Mapping[str, str]) -> Response:
    if _by_script(request):
        return Response(status_code=204)
    back = fields.get("back", "")
    return RedirectResponse(back if _is_ours(back) else "/chat", status_code=303)


def _is_ours(back: str) -> bool:
    """A path on this host; never `//elsewhere` or a scheme."""
    parts = urlsplit(back)
    return (
        back.startswith("/") and not back.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    )
