"""The door to Slack: deliveries come in by signed HTTP or by Socket Mode, are kept, and only then acknowledged.

Both ways lead into `_hear`, through bolt's dispatch but for events over HTTP. A delivery that cannot be kept now is not acknowledged (503,
or silence on the socket), so that Slack brings it again; the second time it has the same key. Knows nothing of
what is done about what people say.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from adapters.chat.slack import calls, inbound, modal, signature, surfaces, trial
from adapters.chat.slack.calls import Calls, Declined
from adapters.chat.slack.inbound import Incoming, Profile, Us
from adapters.chat.slack.listening import listening
from adapters.chat.slack.manifest import SCOPES
from adapters.chat.slack.onlookers import EVERY, Onlookers, Survey
from adapters.chat.slack.outbound import SlackChat
from adapters.chat.slack.roster import Roster
from adapters.chat.slack.stream import Pulse, Stream
from adapters.chat.slack.subscriptions import Arrived, Report, Subscriptions
from adapters.chat.slack.surfaces import HomeOpened, PaneOpened, Shortcut
from bot.clocks import Clock
from bot.errors import Misconfigured, Unreachable, VigieError
from bot.events import Message, Named, Press, Verb
from bot.forms import Sheet
from bot.inbox import Arrival
from bot.overhearing import Overheard
from bot.people import Identity, Standing
from bot.places import Place
from bot.speech import Tongue, Tongues
from bot.values import Json
from bot.world import Health

log = logging.getLogger(__name__)

PATH = "/slack/events"
_ACK = 2.7
"""Seconds from a delivery to its answer; Slack gives up after three."""
_KEEP = 0.8
"""Of these, what opening a form leaves for keeping the press if the form does not open."""
_LOOK = 1.0
"""And what finding out whether we are in a channel may take."""
_READ = 5.0
_LONGEST_CHALLENGE = 1_000
_THREADS = 5_000

Accept = Callable[[Arrival], Awaitable[bool]]
"""Keeps an arrival; durable when it returns."""
FormOf = Callable[[str, int, Identity, Place, Verb], Awaitable[Sheet]]
"""The edit form of (ref, revision) for this person in this place. Raises Refused or Stale."""
Overhear = Callable[[Overheard], Awaitable[bool]]
"""Told what people say to one another; durable on return where somebody waits for it."""
Doubt = Callable[[datetime | None], Coroutine[None, None, None]]
"""Told when requests of Slack's make do not fit the secret while none ever did; None once one fits."""
Chosen = Callable[[Identity], Awaitable[str]]
"""The language that this person chose with us, "" for somebody we do not know."""
Participates = Callable[[Place], Awaitable[bool]]
"""Whether we ever spoke or were spoken to in this thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSettings:
    """`signing_secrets` opens the HTTP route (several while one is rotated), `app_token` Socket Mode."""

    bot_token: str = field(repr=False)
    signing_secrets: tuple[str, ...] = field(default=(), repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = "https://slack.com/api/"


class SlackDoor:
    """One Slack workspace. `chat` is its way out."""

    def __init__(
        self,
        settings: SlackSettings,
        *,
        accept: Accept,
        form: FormOf,
        tongues: Tongues,
        clock: Clock,
        chosen: Chosen | None = None,
        participates: Participates | None = None,
        overhear: Overhear | None = None,
        pulse: Pulse | None = None,
        survey: Survey | None = None,
        doubt: Doubt | None = None,
        arrived: Arrived | None = None,
        missed: Report | None = None,
        refresh: float = EVERY,
    ) -> None:
        self._settings = settings
        self._accept = accept
        self._form = form
        self._tongues = tongues
        self._clock = clock
        self._chosen = chosen
        self._participates = participates
        self._overhear = overhear
        self._doubt = doubt
        self._fits: bool | None = None
        self._us: Us | None = None
        self._hears = True
        self._threads: OrderedDict[str, None] = OrderedDict()
        self._keeping: set[asyncio.Task[bool]] = set()
        self._introducing: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None
        self._web = calls.web_client(settings.api_url, token=settings.bot_token)
        self._anonymous = calls.web_client(settings.api_url, token=None)
        self._calls = Calls(self._web)
        self._roster = Roster(self._calls, clock=clock)
        self._subscriptions = (
            Subscriptions(self._calls, arrived=arrived, report=missed, clock=clock)
            if arrived is not None and missed is not None
            else None
        )
        self._app = listening(self._anonymous, hear=self._hear, us=self._authorized, unkept=_unkept)
        self._stream = (
            Stream(self._app, self._web, app_token=settings.app_token, pulse=pulse or Pulse())
            if settings.app_token
            else None
        )
        self.chat = SlackChat(self._calls, clock=clock)
        self._onlookers = (
            Onlookers(self._calls, survey=survey, tongues=tongues, clock=clock, every=refresh)
            if survey is not None
            else None
        )
        self._asides: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """`POST /slack/events`, when there is a secret to check signatures with."""
        return (
            [Route(PATH, _Endpoint(self._posted), methods=["POST"])] if self._settings.signing_secrets else []
        )

    @property
    def calls_out(self) -> bool:
        """Whether it hears on a connection of its own, which one process at a time should hold."""
        return self._stream is not None

    def hear(self) -> None:
        """Begins to hear on that connection."""
        self._hears = True
        if self._subscriptions is not None:
            self._subscriptions.begin()
        if self._stream is not None:
            self._stream.start()

    async def deafen(self) -> None:
        """Hears on it no more; speaking goes on."""
        self._hears = False
        if self._stream is not None:
            await self._stream.close()

    async def open(self, *, hears: bool = True) -> None:
        """Learns who we are, and connects (unless another process `hears`). When Slack cannot be reached it goes on
        trying in the background.

        Raises Misconfigured when Slack does not accept the bot token.
        """
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5.0, sock_read=calls.PATIENCE)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        self._web.session = self._anonymous.session = self._session
        try:
            await self._introduce()
        except Declined as error:
            await self.close()
            named = "SLACK_BOT_TOKEN" in str(error)
            raise Misconfigured(str(error) if named else f"SLACK_BOT_TOKEN: {error}") from error
        except Misconfigured:
            await self.close()
            raise
        except Unreachable as error:
            log.warning("slack_unreachable", extra={"reason": str(error)})
            self._introducing = asyncio.create_task(self._introduce_at_last(), name="slack-introduce")
        self._hears = hears
        if self._onlookers is not None:
            self._aside(self._onlookers.keep())
        if hears:
            self.hear()

    async def close(self) -> None:
        """Stops listening, lets what is being kept be kept, and lets go of the connections."""
        if self._introducing is not None:
            self._introducing.cancel()
            await asyncio.gather(self._introducing, return_exceptions=True)
        if self._stream is not None:
            await self._stream.close()
        for task in self._asides:
            task.cancel()
        await asyncio.gather(*self._asides, return_exceptions=True)
        if self._keeping:
            await asyncio.wait(self._keeping, timeout=_ACK)
        await self._roster.close()
        if self._session is not None:
            await self._session.close()

    async def check(self, tongue: Tongue | None = None) -> Health:
        """Is the connection alive, both ways? Harmless."""
        say = tongue or self._tongues("en")
        token = await self._check_token(say)
        if token.well and self._hears and self._subscriptions is not None:
            await self._subscriptions.look(self._known())
        if not token.well or self._stream is None or not self._hears:
            return token
        silence = self._stream.silence()
        if not self._stream.alive and self._stream.refused:
            return Health(well=False, text=trial.refusal(self._stream.refused, say))
        if not self._stream.alive:
            why = f" ({self._stream.trouble})" if self._stream.trouble else ""
            return Health(
                well=False,
                text=say(
                    "nothing is heard on Socket Mode{why}; check SLACK_APP_TOKEN and the network", why=why
                ),
            )
        us = self._known()
        return Health(
            well=True,
            text=say(
                "@{name} in team {team}, last heard {n} s ago",
                name=us.name,
                team=us.team,
                n=f"{silence or 0:.0f}",
            ),
        )

    async def examine(self) -> Health:
        """The same without `open`, and over a connection of its own."""
        say = self._tongues("en")
        token = await self._check_token(say)
        if not token.well or not self._settings.app_token:
            return token
        trip = await trial.round_trip(self._web, self._settings.app_token, say)
        return Health(well=trip.well, text=f"{token.text}; {trip.text}" if trip.well else trip.text)

    async def _check_token(self, say: Tongue) -> Health:
        """The bot token and its scopes, by a real call."""
        try:
            us = await self._introduce()
        except VigieError as error:
            return Health(well=False, text=error.said(say))
        lacking = sorted(set(SCOPES) - self._calls.scopes) if self._calls.scopes else []
        if lacking:
            scopes = ", ".join(lacking)
            return Health(
                well=False,
                text=say(
                    "the Slack app lacks {scopes}: paste the manifest of `vigie connect slack` under App Manifest in the"
                    " app's settings, save it, and install it again under Install App",
                    scopes=scopes,
                ),
            )
        return Health(well=True, text=say("@{name} in team {team}", name=us.name, team=us.team))

    async def _introduce(self) -> Us:
        answer = await self._calls.ask("auth.test", {})
        us = Us(
            team=str(answer.get("team_id", "")),
            user=str(answer.get("user_id", "")),
            bot=str(answer.get("bot_id", "")),
            name=str(answer.get("user", "")) or "vigie",
            enterprise=str(answer.get("enterprise_id") or ""),
        )
        if answer.get("is_enterprise_install"):
            raise Misconfigured(
                "the Slack app is installed for a whole organisation; install it to one of its workspaces"
            )
        self._us = us
        return us

    async def _introduce_at_last(self) -> None:
        pause = 1.0
        while self._us is None:
            await asyncio.sleep(pause)
            pause = min(pause * 2, 60.0)
            try:
                await self._introduce()
            except VigieError as error:
                log.warning("slack_unreachable", extra={"reason": str(error)})

    def _authorized(self) -> AuthorizeResult:
        """What bolt needs to know of us; it must never ask Slack for it before an acknowledgement."""
        us = self._known()
        return AuthorizeResult(
            enterprise_id=us.enterprise or None,
            team_id=us.team,
            bot_user_id=us.user,
            bot_id=us.bot,
            bot_token=self._settings.bot_token,
        )

    def _known(self) -> Us:
        if self._us is None:
            raise Unreachable("Slack has not told us who we are yet")
        return self._us

    async def _posted(self, request: Request) -> Response:
        """One request of Slack's: its size, its signature, its form, and then what it says."""
        try:
            async with asyncio.timeout(_READ):
                body = await _body(request)
        except TimeoutError:
            return _refused(408, "the request took too long")
        except ClientDisconnect:
            return _refused(400, "the request broke off")
        if body is None:
            return _refused(413, "the request is too large")
        timestamps = request.headers.getlist("x-slack-request-timestamp")
        signatures = request.headers.getlist("x-slack-signature")
        now, secrets = self._clock.now(), self._settings.signing_secrets
        if not signature.genuine(
            body, timestamps=timestamps, signatures=signatures, secrets=secrets, now=now
        ):
            if signature.fresh(timestamps=timestamps, signatures=signatures, now=now):
                self._fitting(fits=False)
            return _refused(401, "the signature is missing, wrong or too old")
        self._fitting(fits=True)
        try:
            payload = signature.payload(body, request.headers.get("content-type", ""))
        except signature.Unreadable as error:
            return _refused(400, str(error))
        return await self._answer(payload)

    def _fitting(self, *, fits: bool) -> None:
        """Notes the first request that fits our secret, and before it the first that does not: anybody can send one of
        those, so none says anything once Slack was heard."""
        if self._fits or self._fits is fits:
            return
        self._fits = fits
        if self._doubt is not None:
            self._aside(self._doubt(None if fits else self._clock.now()))

    async def _answer(self, payload: dict[str, Json]) -> Response:
        match payload:
            case {"type": "url_verification", "challenge": str(challenge)}:
                if len(challenge) > _LONGEST_CHALLENGE:
                    return _refused(400, "the challenge is too long")
                return PlainTextResponse(challenge, headers={"X-Content-Type-Options": "nosniff"})
            case {"ssl_check": "1"}:
                return Response()
            case {"type": "event_callback", "event": {"type": str()}}:
                # The busy road: bolt would take the request apart once more, to do the same.
                return await self._heard(payload)
            case _:
                pass
        if not inbound.well_formed(payload):
            return _refused(400, "nothing Slack sends looks like this")
        # bolt takes a parsed payload in this mode, and handles it as in the other.
        try:
            answer = await self._app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=payload))
        except Exception:
            # What we raise ourselves, bolt answers; what escapes is its own, over a shape Slack never sends.
            log.exception("slack_unreadable")
            return _refused(400, "nothing Slack sends looks like this")
        if answer.status >= 500:
            return _refused(503, "not kept; please send it again")
        if answer.status != 200:
            return _refused(404, "nothing here takes such a request")
        media = "application/json" if answer.body.startswith("{") else None
        return Response(answer.body, media_type=media)

    async def _heard(self, payload: Mapping[str, Json]) -> Response:
        try:
            await self._hear(payload)
        except Exception as error:
            return _refused(_unkept(error).status, "not kept; please send it again")
        return Response()

    async def _hear(self, payload: Mapping[str, Json]) -> str:
        """Keeps what a delivery says, if it says anything to us. Returns what its sender alone is told at once, "" for
        nothing. Raises Unreachable when it could not be kept."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _ACK
        us = self._known()
        if self._subscriptions is not None and (event := self._subscriptions.heard(payload)):
            self._aside(self._subscriptions.came(event))
        if self._overhear is not None and (words := inbound.overheard(payload, us=us)) is not None:
            async with asyncio.timeout_at(deadline - _KEEP):
                await self._overhear(words)
        if (surface := surfaces.read(payload, us=us)) is not None:
            await self._surfaced(surface, us, deadline)
            return ""
        incoming = inbound.read(payload, us=us)
        if incoming is None or not await self._for_us(incoming):
            return ""
        profile = await self._profile(incoming, us)
        told = ""
        if incoming.command and await self._outside(incoming.arrival.place):
            incoming = replace(incoming, alone=True)
            tongue = await self._tongue(incoming.who, profile)
            told = tongue(
                "I am not in this channel, so I answer you in our direct messages. To have me here: /invite @{name}",
                name=us.name,
            )
        if incoming.alone:
            incoming = incoming.at(await self._roster.direct(incoming.who.user))
        names = await self._roster.names(incoming.mentions, us=us) if incoming.mentions else {}
        arrival = incoming.told(profile, names=names, named=await self._named(incoming))
        if arrival.place.private and arrival.place.thread:
            self.chat.pane(arrival.place, await self._tongue(incoming.who, profile))
        if incoming.trigger and await self._opened(incoming, profile, deadline - _KEEP):
            return ""
        await self._keep(arrival, deadline)
        if arrival.place.thread:
            self._threads[arrival.place.key] = None
            while len(self._threads) > _THREADS:
                self._threads.popitem(last=False)
        return told

    async def _named(self, incoming: Incoming) -> tuple[Named, ...]:
        """The channels that the words name, and whether we are in them."""
        if not incoming.channels:
            return ()
        team, channels = incoming.arrival.place.team, incoming.channels
        places = [Place(platform=inbound.PLATFORM, team=team, channel=channel) for channel in channels]
        outside = await asyncio.gather(*(self._outside(place) for place in places))
        return tuple(
            Named(name=channels[place.channel], channel=place.channel, inside=not out)
            for place, out in zip(places, outside, strict=True)
        )

    async def _outside(self, place: Place) -> bool:
        """Whether this is a channel that we are not in; where that cannot be told in time, we say we are."""
        if place.private:
            return False
        try:
            async with asyncio.timeout(_LOOK):
                await self._calls.ask("conversations.history", {"channel": place.channel, "limit": 1})
        except Declined as error:
            return error.code in ("not_in_channel", "channel_not_found")
        except (VigieError, TimeoutError):
            return False
        return False

    async def _for_us(self, incoming: Incoming) -> bool:
        place = incoming.arrival.place
        if incoming.addressed or place.key in self._threads:
            return True
        return self._participates is not None and await self._participates(place)

    async def _surfaced(self, surface: surfaces.Surface, us: Us, deadline: float) -> None:
        """What is only for the eyes waits for nobody; a form has to open before Slack's three seconds are over."""
        match surface:
            case HomeOpened():
                if self._onlookers is not None:
                    self._aside(self._show_home(surface, self._onlookers, us))
            case PaneOpened():
                self._aside(self._offer(surface, us))
            case Shortcut():
                try:
                    async with asyncio.timeout_at(deadline):
                        await self._ask(surface, us)
                except TimeoutError as error:
                    raise Unreachable("Slack did not open the form in time") from error

    async def _show_home(self, opened: HomeOpened, onlookers: Onlookers, us: Us) -> None:
        profile = await self._roster.profile(opened.who, us=us, fresh=False, patience=calls.PATIENCE)
        channel = await self._roster.direct(opened.who.user)
        place = Place(platform=inbound.PLATFORM, team=us.team, channel=channel, private=True)
        await onlookers.opened(opened.who, place, profile)

    async def _offer(self, opened: PaneOpened, us: Us) -> None:
        profile = await self._roster.profile(opened.who, us=us, fresh=False, patience=calls.PATIENCE)
        await self.chat.offer(opened.place, await self._tongue(opened.who, profile))

    async def _ask(self, shortcut: Shortcut, us: Us) -> None:
        """Opens the form of a shortcut. Raises Unreachable while Slack does not take it."""
        profile = await self._roster.profile(shortcut.who, us=us, fresh=False)
        author = shortcut.author
        if author:
            author = (await self._roster.names([author], us=us)).get(author, author)
        tongue = await self._tongue(shortcut.who, profile)
        view = surfaces.view(shortcut, author=author, tongue=tongue)
        await self._calls.tell("views.open", {"trigger_id": shortcut.trigger, "view": view})

    def _aside(self, deed: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(deed)
        self._asides.add(task)
        task.add_done_callback(self._looked)

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._asides.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.info("slack_not_shown", extra={"reason": str(error) or type(error).__name__})

    async def _tongue(self, who: Identity, profile: Profile) -> Tongue:
        """Their language with us, as far as we know them; else that of their Slack."""
        chosen = await self._chosen(who) if self._chosen is not None else ""
        return self._tongues(chosen or profile.lang)

    async def _profile(self, incoming: Incoming, us: Us) -> Profile:
        if incoming.machine:
            return Profile(standing=Standing.GUEST)
        # Words can be weighed again later; a press counts at once, so it needs to be known who pressed.
        fresh = not isinstance(incoming.arrival.body, Message)
        return await self._roster.profile(incoming.who, us=us, fresh=fresh)

    async def _opened(self, incoming: Incoming, profile: Profile, deadline: float) -> bool:
        """Whether an Edit, or an approval that takes a code, was answered with a form. If not, the core asks in
        words, or says why not."""
        place = incoming.arrival.place
        match incoming.arrival.body:
            case Press(verb=Verb.EDIT | Verb.PROVE) as press:
                pass
            case _:
                return False
        try:
            async with asyncio.timeout_at(deadline):
                sheet = await self._form(press.ref, press.revision, press.who, place, press.verb)
                if not modal.fits(sheet, place):
                    return False
                view = modal.view(sheet, place=place, tongue=await self._tongue(press.who, profile))
                await self._calls.tell("views.open", {"trigger_id": incoming.trigger, "view": view})
        except (VigieError, TimeoutError) as error:
            log.info("slack_form_not_opened", extra={"reason": str(error) or type(error).__name__})
            return False
        return True

    async def _keep(self, arrival: Arrival, deadline: float) -> None:
        """Waits until it is kept, but no longer than Slack does; keeping goes on by itself."""
        loop = asyncio.get_running_loop()
        keeping = asyncio.ensure_future(self._accept(arrival))
        self._keeping.add(keeping)
        keeping.add_done_callback(self._kept)
        done, _ = await asyncio.wait({keeping}, timeout=max(deadline - loop.time(), 0.05))
        if not done:
            raise Unreachable("the inbox takes too long")
        fresh = keeping.result()
        # What is fresh has a line of its own when its turn is done; that something came once more, nothing else tells.
        level = logging.DEBUG if fresh else logging.INFO
        log.log(level, "slack_heard", extra={"key": arrival.key, "kind": arrival.body.kind, "fresh": fresh})

    def _kept(self, keeping: "asyncio.Future[bool]") -> None:
        self._keeping.discard(keeping)
        if not keeping.cancelled() and keeping.exception() is not None:
            log.warning("slack_not_kept", extra={"reason": type(keeping.exception()).__name__})


class _Endpoint:
    """A function of a request as the ASGI application that a route calls as it is: around a plain function Starlette puts
    two more, for an HTTPException, which is never raised here."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)


async def _body(request: Request) -> bytes | None:
    """The raw body, None when it is larger than any of Slack's."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > signature.LARGEST:
            return None
    return bytes(body)


def _refused(status: int, why: str) -> Response:
    """One line for the sender, one for the log; never what was sent."""
    log.warning("slack_refused", extra={"status": status, "reason": why})
    return JSONResponse({"error": why}, status_code=status)


def _unkept(error: Exception) -> BoltResponse:
    if isinstance(error, VigieError):
        log.warning("slack_not_kept", extra={"reason": str(error)})
    else:
        log.error("slack_broke", exc_info=error)
    return BoltResponse(status=503, body="")
