"""Calls to Slack's Web API, answered or failed in the words of bot.errors.

A call is one request on the session we share. Slack's own client, which Socket Mode and bolt need anyway, says where, as whom and
through which proxy; what it does around a request (retries, files, paging) is nothing we use.

Nothing is tried twice here: repeating is the outbox's decision. A call that may have been carried out although
no answer came is OutcomeUnknown, never Unreachable. No token and no message text is in any error.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from json import loads
from typing import cast
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Failed, OutcomeUnknown, Unreachable
from bot.speech import Tongue
from bot.values import Json

PATIENCE = 10.0
"""Seconds for one call."""

_TOKEN = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission"}
_LATER = {"ratelimited", "rate_limited", "service_unavailable", "message_limit_exceeded"}
_UNSURE = {"internal_error", "fatal_error", "request_timeout"}


class Declined(Failed):
    """Slack understood and said no. `code` is its own word for why."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


def quiet() -> logging.Logger:
    """A logger for Slack's libraries that says nothing: they would log message texts and one-time addresses.

    What matters of what they say reaches us as an exception, and is logged by us.
    """
    logger = logging.getLogger("slack_bolt.quiet")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    return logger


def web_client(api_url: str, *, token: str | None) -> AsyncWebClient:
    """A client that never repeats a call by itself: a message could be posted twice."""
    client = AsyncWebClient(token=token, base_url=api_url, retry_handlers=[], logger=quiet())
    host = urlsplit(api_url).hostname or ""
    if _loopback(host) or proxy_bypass(host):
        # The SDK takes a proxy from the environment without asking whether this host is exempt.
        client.proxy = None
    return client


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Calls:
    """The Web API over one shared HTTP session."""

    def __init__(self, client: AsyncWebClient, *, patience: float = PATIENCE) -> None:
        self._client = client
        self._patience = patience
        # The SDK leaves the types of what it takes and gives open.
        agent = cast("Mapping[str, str]", client.headers)  # pyright: ignore[reportUnknownMemberType]
        self._asks = {**agent, "Authorization": f"Bearer {client.token}"}
        self._tells = {**self._asks, "Content-Type": "application/json;charset=utf-8"}
        self._named = ""
        self.scopes: frozenset[str] = frozenset()
        """The permissions Slack named with its last answer, empty where it named none."""

    async def tell(
        self, method: str, body: Mapping[str, Json], *, tongue: Tongue | None = None
    ) -> Mapping[str, Json]:
        """A call that changes something. Raises Declined, Unreachable or OutcomeUnknown."""
        return await self._call(method, tongue, json=dict(body))

    async def ask(
        self, method: str, query: Mapping[str, str | int | bool], *, tongue: Tongue | None = None
    ) -> Mapping[str, Json]:
        """A call that only reads. Raises Declined or Unreachable."""
        try:
            return await self._call(method, tongue, params=dict(query))
        except OutcomeUnknown as error:
            raise Unreachable(str(error)) from error

    async def upload(self, address: str, content: bytes) -> None:
        """Puts a file where Slack said. The address is good once, and no token goes along. Raises Unreachable or
        Declined."""
        try:
            async with (
                asyncio.timeout(self._patience),
                aiohttp.ClientSession(trust_env=self._client.proxy is not None) as session,
                session.post(address, data=content) as answer,
            ):
                if answer.status != 200:
                    raise Declined("Slack did not take the file.", code=f"upload_{answer.status}")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unreachable("Slack did not take the file.") from error

    async def _call(
        self,
        method: str,
        tongue: Tongue | None,
        *,
        json: dict[str, Json] | None = None,
        params: dict[str, Json] | None = None,
    ) -> Mapping[str, Json]:
        say = tongue or _english
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._exchange(method, json, params)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(say("Slack cannot be reached.")) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OutcomeUnknown(say("Slack did not answer.")) from error
        if not answer.well:
            # What else was answered may repeat a message: it stops here.
            raise _refusal(answer, say)
        named = answer.headers.get("x-oauth-scopes")
        if named and named != self._named:
            self._named = named
            self.scopes = frozenset(filter(None, map(str.strip, named.split(",")))) or self.scopes
        return answer.data

    async def _exchange(
        self, method: str, json: dict[str, Json] | None, params: dict[str, Json] | None
    ) -> "_Answer":
        """One request and its answer, whatever it says. Raises what aiohttp raises."""
        session = self._client.session
        if session is not None and not session.closed:
            return await self._over(session, method, json, params)
        # Before the door is open, and after: whether the token is good is asked then too.
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            return await self._over(session, method, json, params)

    async def _over(
        self,
        session: aiohttp.ClientSession,
        method: str,
        json: dict[str, Json] | None,
        params: dict[str, Json] | None,
    ) -> "_Answer":
        address, proxy = f"{self._client.base_url}{method}", self._client.proxy
        if json is None:
            # Truth is written as a number in a query.
            query = {
                key: int(value) if isinstance(value, bool) else value for key, value in (params or {}).items()
            }
            sending = session.get(
                address, params=query, headers=self._asks, proxy=proxy, allow_redirects=False
            )
        else:
            sending = session.post(
                address, json=json, headers=self._tells, proxy=proxy, allow_redirects=False
            )
        async with sending as answer:
            return _Answer(status=answer.status, headers=answer.headers, data=_object(await answer.read()))


def code_of(error: SlackApiError) -> str:
    """Slack's own word for what went wrong, "" when the answer was not readable."""
    answer: Json = getattr(cast("Json", error.response), "data", None)
    return str(cast("Mapping[str, Json]", answer).get("error", "")) if isinstance(answer, Mapping) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What came back. `data` is empty where it was no JSON object."""

    status: int
    headers: Mapping[str, str]
    data: Mapping[str, Json]

    @property
    def well(self) -> bool:
        return self.status == 200 and self.data.get("ok") is True


def _object(body: bytes) -> Mapping[str, Json]:
    try:
        found: Json = loads(body)
    except ValueError:
        return {}
    return cast("Mapping[str, Json]", found) if isinstance(found, dict) else {}


def _refusal(answer: _Answer, say: "Tongue | _English") -> Failed | Unreachable | OutcomeUnknown:
    status, code = answer.status, str(answer.data.get("error", ""))
    if status == 429 or code in _LATER:
        seconds = _retry_after(answer.headers)
        text = say("Slack asks to wait {n} seconds.", n=int(seconds))
        return Unreachable(text, retry_after=seconds)
    if status == 503:
        return Unreachable(say("Slack is not available at the moment."))
    if status >= 500 or code in _UNSURE or not code:
        return OutcomeUnknown(say("Slack had a fault of its own."))
    return Declined(why(code, say), code=code)


def _retry_after(headers: Mapping[str, str]) -> float:
    named = str(headers.get("Retry-After", ""))
    return float(max(int(named), 1)) if named.isascii() and named.isdigit() and len(named) < 6 else 30.0


def why(code: str, say: "Tongue | _English") -> str:
    """Slack's word for a refusal, as a sentence that says what to do."""
    match code:
        case "channel_not_found" | "not_in_channel" | "user_not_in_channel":
            return say("I am not in that Slack channel. Invite me there with /invite.")
        case "is_archived":
            return say("That Slack channel is archived.")
        case "restricted_action" | "restricted_action_read_only_channel" | "restricted_action_thread_locked":
            return say("This Slack workspace does not let me write there.")
        case "missing_scope":
            return say("The Slack app lacks a permission: update it from the manifest and install it again.")
        case _ if code in _TOKEN:
            return say(
                "Slack does not accept SLACK_BOT_TOKEN: copy the Bot User OAuth Token again, from OAuth & Permissions in"
                " the app's settings; where there is none, install the app again."
            )
        case _:
            return say("Slack refused it: {code}.", code=code[:60])


class _English:
    """The sentences as they are written, where no person's language is known."""

    def __call__(self, message: str, /, **values: object) -> str:
        return message.format(**values)


_english = _English()
