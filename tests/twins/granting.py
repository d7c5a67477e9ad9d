"""A strict authority after RFC 6749 and RFC 7636, and the account behind it: authorisation and token address, and one
small interface that its tokens open. Takes nothing that a strict one would not take, and counts what was asked.

Refresh tokens are good once; one that comes again takes the whole grant back, as RFC 9700 (4.14.2) recommends.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bot.values import Json

Told = tuple[int, dict[str, Any], dict[str, str]]

CLIENT, SECRET = "vigie-client", "CanarySecretOfTheClient"


@dataclass
class Authority:
    """`back` is the one address people are sent back to. `rotates` is whether refresh tokens are good once."""

    back: str
    account: dict[str, Json] = field(
        default_factory=lambda: {"id": "acct_1", "name": "Atelier Acme", "live": True}
    )
    scopes: frozenset[str] = frozenset({"notes.read", "notes.write"})
    rotates: bool = True
    lifetime: int = 3600
    declines: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    access: set[str] = field(default_factory=set[str])
    refresh: set[str] = field(default_factory=set[str])
    spent: set[str] = field(default_factory=set[str])
    keys: set[str] = field(default_factory=lambda: {"CanaryKeyOfAcme"})
    notes: list[Json] = field(default_factory=list[Json])
    asked: list[str] = field(default_factory=list[str])
    refreshes: int = 0

    def answer(self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]) -> Told:
        self.asked.append(f"{method} {path}")
        match method, path:
            case "GET", "/authorize":
                return self._authorize(dict(parse_qsl(query, strict_parsing=True)))
            case "POST", "/token":
                return self._token(dict(parse_qsl(body, strict_parsing=True)), headers)
            case _, "/me" | "/notes":
                return self._interface(method, path, body, headers)
            case _:
                return 404, {"message": "no such address"}, {}

    def revoke(self) -> None:
        """Somebody took the grant back on the other side."""
        self.access.clear()
        self.refresh.clear()
        self.keys.clear()

    def expire(self) -> None:
        """Every access token has ended."""
        self.access.clear()

    def _authorize(self, asked: dict[str, str]) -> Told:
        problems = [
            name
            for name, good in {
                "response_type": asked.get("response_type") == "code",
                "client_id": asked.get("client_id") == CLIENT,
                "redirect_uri": asked.get("redirect_uri") == self.back,
                "scope": set(asked.get("scope", "?").split()) <= self.scopes,
                "state": len(asked.get("state", "")) >= 22,
                "code_challenge_method": asked.get("code_challenge_method") == "S256",
                "code_challenge": len(asked.get("code_challenge", "")) == 43,
            }.items()
            if not good
        ]
        if problems:
            # An address that is not ours is never sent anything.
            return 400, {"error": "invalid_request", "error_description": ", ".join(problems)}, {}
        if self.declines:
            gone = urlencode({"error": self.declines, "state": asked["state"]})
            return 302, {}, {"Location": f"{self.back}?{gone}"}
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return 302, {}, {"Location": f"{self.back}?{urlencode({'code': code, 'state': asked['state']})}"}

    def _token(self, form: dict[str, str], headers: Mapping[str, str]) -> Told:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}, {}
        match form.get("grant_type"):
            case "authorization_code":
                return self._trade(form)
            case "refresh_token":
                return self._renew(form)
            case _:
                return 400, {"error": "unsupported_grant_type"}, {}

    def _trade(self, form: dict[str, str]) -> Told:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "code or redirect_uri"}, {}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "code_verifier"}, {}
        return self._given(asked["scope"])

    def _renew(self, form: dict[str, str]) -> Told:
        token = form.get("refresh_token", "")
        if token in self.spent:
            self.revoke()
        if token not in self.refresh:
            return 400, {"error": "invalid_grant", "error_description": "refresh_token"}, {}
        self.refreshes += 1
        if self.rotates:
            self.refresh.discard(token)
            self.spent.add(token)
        return self._given("notes.read notes.write")

    def _given(self, scope: str) -> Told:
        access = f"CanaryAccess{secrets.token_hex(16)}"
        self.access.add(access)
        told = {"access_token": access, "token_type": "bearer", "expires_in": self.lifetime, "scope": scope}
        if self.rotates or not self.refresh:
            refresh = f"CanaryRefresh{secrets.token_hex(16)}"
            self.refresh.add(refresh)
            told["refresh_token"] = refresh
        return 200, told, {}

    def _interface(self, method: str, path: str, body: str, headers: Mapping[str, str]) -> Told:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.access | self.keys:
            return 401, {"message": f"token {token} is not good"}, {}
        if path == "/me":
            return 200, dict(self.account), {}
        if method == "POST":
            self.notes.append(json.loads(body))
            return 201, {"id": str(len(self.notes))}, {}
        return 200, {"notes": self.notes}, {}
