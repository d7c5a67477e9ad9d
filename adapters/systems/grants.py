"""OAuth 2 on the wire: the address where access is granted, and the calls that trade and renew tokens.

RFC 6749 with PKCE (RFC 7636, S256 always), by authlib's spelling of both; sent with the manners of `client`. Keeps
nothing and knows no person: whoever calls holds the state and the verifier.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import quote

import httpx

from adapters.systems.client import Client, Declined, KeyRefused, Reply
from adapters.systems.replies import clean
from adapters.systems.secrets import Grant
from adapters.systems.vendors import OAuth
from bot.errors import BadInput, Failed, OutcomeUnknown, Refused, Unreachable
from bot.values import Json, is_mapping

_LONGEST = 10 * 365 * 24 * 3600
"""Seconds; an end further off than this is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Us, as one vendor knows us. `back` is the one address it sends people back to; `addresses` are the settings
    that say where it is to be found."""

    oauth: OAuth
    title: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    back: str
    addresses: Mapping[str, str] = field(default_factory=dict[str, str])
    transport: httpx.AsyncBaseTransport | None = field(default=None, repr=False)


def address(by: Registration, *, state: str, verifier: str, values: Mapping[str, str]) -> str:
    """Where a person grants access."""
    # Only here, so that whoever connects nothing never pays for the library (8 MB of memory). It has no types.
    from authlib.oauth2.rfc6749.parameters import (  # noqa: PLC0415
        prepare_grant_uri,  # pyright: ignore[reportUnknownVariableType]
    )
    from authlib.oauth2.rfc7636 import (  # noqa: PLC0415
        create_s256_code_challenge,  # pyright: ignore[reportUnknownVariableType]
    )

    oauth = by.oauth
    challenge = cast("Callable[[str], str]", create_s256_code_challenge)(verifier)
    return cast("Callable[..., str]", prepare_grant_uri)(
        filled(oauth.authorize, _places(by, values)),
        by.client_id,
        "code",
        redirect_uri=by.back,
        scope=oauth.separator.join(oauth.scopes) or None,
        state=state,
        code_challenge=challenge,
        code_challenge_method="S256",
        **oauth.parameters,
    )


async def exchange(
    by: Registration, *, code: str, verifier: str, values: Mapping[str, str], now: datetime
) -> tuple[Grant, Mapping[str, Json]]:
    """The grant behind a code, and the whole answer. Raises Refused, Failed or Unreachable."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": by.back,
        "code_verifier": verifier,
    }
    reply = await _call(by, form, values)
    return _grant(by, reply, now, before=None), _object(reply)


async def renew(by: Registration, grant: Grant, *, values: Mapping[str, str], now: datetime) -> Grant:
    """A fresh token. Raises KeyRefused when the vendor takes the old grant no more; Unreachable otherwise: then
    the old one may still be good."""
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh}
    try:
        reply = await _call(by, form, values)
    except Declined as error:
        told: Json = error.body
        over = is_mapping(told) and told.get("error") in ("invalid_grant", "unauthorized_client")
        if over or error.status in (401, 403):
            raise dead(by.title) from None
        raise
    return _grant(by, reply, now, before=grant)


def dead(title: str) -> KeyRefused:
    """Only connecting again helps."""
    return KeyRefused("{vendor} does not accept the key; connect it again.", vendor=title)


def signed(query: Mapping[str, str], secret: str) -> bool:
    """Whether Shopify itself sent this query: `hmac` is the SHA-256 of the other pairs in the order of their names
    (shopify.dev, "Verify the installation request")."""
    pairs = "&".join(f"{name}={query[name]}" for name in sorted(query) if name not in ("hmac", "signature"))
    expected = hmac.new(secret.encode(), pairs.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), query.get("hmac", "").encode())


def reason(query: Mapping[str, str]) -> str:
    """Why nothing was granted, in the vendor's words."""
    return clean(query.get("error_description", "") or query.get("error", "")) or "no code came back"


def filled(template: str, values: Mapping[str, str]) -> str:
    """An address with its places filled in. Raises BadInput naming the value that is missing."""
    for name in ("shop", "accounts_url", "api_url"):
        place = f"{{{name}}}"
        if place in template:
            value = values.get(name, "").strip().rstrip("/")
            if not value:
                raise BadInput("{name} is needed for that", name=name, field=name)
            whole = template.startswith(place)
            template = template.replace(place, value if whole else quote(value, safe="."))
    return template


def _places(by: Registration, values: Mapping[str, str]) -> Mapping[str, str]:
    return by.oauth.reads({**by.addresses, **values})


async def _call(by: Registration, form: Mapping[str, str], values: Mapping[str, str]) -> Reply:
    headers: dict[str, str] = {}
    shown = {"client_id": by.client_id}
    if by.oauth.basic and by.client_secret:
        # RFC 6749, 2.3.1: both are form-encoded before they are joined.
        pair = f"{quote(by.client_id, safe='')}:{quote(by.client_secret, safe='')}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        shown = {}
    elif by.client_secret:
        shown["client_secret"] = by.client_secret
    client = Client(
        vendor=by.title,
        base=filled(by.oauth.token, _places(by, values)),
        token=None,
        transport=by.transport,
        hides=(
            by.client_secret,
            *(form.get(name, "") for name in ("code", "code_verifier", "refresh_token")),
        ),
    )
    try:
        sent = {**form, **shown}
        if by.oauth.json:
            return await client.write("POST", "", json=sent, headers=headers)
        return await client.write("POST", "", form=sent, headers=headers)
    except KeyRefused:
        raise Refused(
            "{vendor} does not know us: check the client's id and secret in the settings", vendor=by.title
        ) from None
    except OutcomeUnknown as error:
        # Whether a token was made or not: nobody has it.
        raise Unreachable("{vendor} did not answer.", vendor=by.title) from error
    finally:
        await client.close()


def _grant(by: Registration, reply: Reply, now: datetime, *, before: Grant | None) -> Grant:
    body = _object(reply)
    access = body.get("access_token")
    if not isinstance(access, str) or not access:
        # Some answer an error with a good status.
        why = body.get("error_description") or body.get("error")
        raise Failed("{vendor} gave no token: {why}", vendor=by.title, why=str(why or "?")[:200])
    kind = body.get("token_type", "bearer")
    if str(kind).lower() not in ("bearer", "bot", "zoho-oauthtoken"):
        raise Failed("{vendor} gave no token: {why}", vendor=by.title, why=f"token_type {str(kind)[:40]}")
    refresh = body.get("refresh_token")
    scope = body.get("scope")
    return Grant(
        access=access,
        refresh=refresh if isinstance(refresh, str) and refresh else (before.refresh if before else ""),
        expires=_end(body.get("expires_in"), now),
        scopes=_scopes(scope, by.oauth) or (before.scopes if before else by.oauth.scopes),
    )


def _scopes(scope: Json, oauth: OAuth) -> tuple[str, ...]:
    if not isinstance(scope, str):
        return ()
    return tuple(dict.fromkeys(part for part in scope.replace(oauth.separator, " ").split() if part))


def _end(seconds: Json, now: datetime) -> datetime | None:
    """When a token ends. Some vendors write the number as a text."""
    try:
        number = float(seconds)
    except (TypeError, ValueError):
        return None
    return now + timedelta(seconds=number) if 0 < number < _LONGEST else None


def _object(reply: Reply) -> Mapping[str, Json]:
    return reply.body if is_mapping(reply.body) else {}
