"""Zoho's access tokens, renewed from a refresh token: one renewal at a time, whoever asks meanwhile waits for it.

Zoho keeps accounts in data centres. Which one is said by where the refresh token came from (accounts.zoho.com, .eu, …);
where its interface is, by the answer (`api_domain`). Documented at zoho.com/crm/developer/docs/api/v8, "Refresh token"
and "Multi DC". Zoho gives ten tokens in ten minutes: a new one is asked for only when the last has ended or was refused.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from adapters.systems.client import Client, Declined
from bot.errors import BadInput, Failed, OutcomeUnknown, Unreachable
from bot.values import Json, is_mapping

ACCOUNTS = "https://accounts.zoho.com"
_CENTRES = {
    "us": "com",
    "com": "com",
    "eu": "eu",
    "in": "in",
    "au": "com.au",
    "com.au": "com.au",
    "jp": "jp",
    "cn": "com.cn",
    "com.cn": "com.cn",
    "sa": "sa",
    "ca": "ca",
}
_EARLY = 60.0
"""Seconds before its end at which a token is not used any more."""


def accounts(text: str) -> str:
    """`eu`, `accounts.zoho.eu` or a whole address. Raises BadInput."""
    word = text.strip().removesuffix("/").lower()
    if not word:
        return ACCOUNTS
    if word.lstrip(".") in _CENTRES:
        end = _CENTRES[word.lstrip(".")]
        return "https://accounts.zohocloud.ca" if end == "ca" else f"https://accounts.zoho.{end}"
    url = word if "://" in word else f"https://{word}"
    parts = urlsplit(url)
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or parts.username
        or parts.path
        or parts.query
    ):
        raise BadInput("the data centre reads like eu, or https://accounts.zoho.eu", field="accounts_url")
    return url


def interface(accounts_url: str) -> str:
    """Where the interface of a data centre is, as long as no answer has said it."""
    host = urlsplit(accounts_url).hostname or ""
    if host.endswith("zohocloud.ca"):
        return "https://www.zohoapis.ca"
    return f"https://www.zohoapis.{host.removeprefix('accounts.zoho.')}"


class Refreshing:
    """A `Token` from a refresh token. `api` is where the interface is, "" until a token was given."""

    def __init__(
        self,
        client: Client,
        *,
        client_id: str,
        client_secret: str,
        refresh: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._now = client, now
        self._form = {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "client_secret": client_secret,
            "refresh_token": refresh,
        }
        self._one = asyncio.Lock()
        self._token, self._until, self._given = "", 0.0, 0
        self.api = ""

    async def __call__(self, *, fresh: bool = False) -> str:
        """The token. Raises Failed when the refresh token is not accepted, Unreachable otherwise."""
        before = self._given
        if self._token and not fresh and self._now() < self._until:
            return self._token
        async with self._one:
            if self._token and self._given != before:  # renewed while this one waited
                return self._token
            if self._token and not fresh and self._now() < self._until:
                return self._token
            await self._renew()
            return self._token

    async def _renew(self) -> None:
        asked = self._now()
        try:
            body = (await self._client.write("POST", "/oauth/v2/token", form=self._form)).body
        except Declined as error:
            body = error.body
        except OutcomeUnknown as error:  # whether one was made or not: nobody has it
            raise Unreachable("Zoho gave no token.") from error
        told: Mapping[str, Json] = body if is_mapping(body) else {}
        token = told.get("access_token")
        if not isinstance(token, str) or not token:
            if told.get("error") in (
                "invalid_code",
                "invalid_client",
                "invalid_client_secret",
                "invalid_grant",
            ):
                raise Failed("Zoho does not accept the key; connect it again")
            raise Unreachable("Zoho gave no token.", retry_after=60.0)
        seconds = told.get("expires_in")
        self._token, self._given = token, self._given + 1
        self._until = asked + (float(seconds) if isinstance(seconds, int | float) else 3600.0) - _EARLY
        domain = told.get("api_domain")
        if isinstance(domain, str) and urlsplit(domain).scheme in ("https", "http"):
            self.api = domain.rstrip("/")
