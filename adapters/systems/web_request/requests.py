"""Requests as actions: a read that carries its address out, a write in nobody's name, and one in ours.

What a request does over there nobody here can know. So a read counts as egress, a write without a credential as
seen by others, and whatever goes with a credential, or deletes, as able to do anything. No answer can be looked
up: after a lost one the outcome is unknown. Answers are content, bounded, and never show a credential.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from adapters.net import addresses, guarded
from adapters.net.guarded import Guarded, Reply
from adapters.systems.once import Once
from adapters.systems.web_request.hosts import Hosts
from bot.actions import Account, Action, Call, Field, Kind, Option, Part, Preview, Receipt, Reversal, Risk
from bot.errors import BadInput, Failed, OutcomeUnknown, Unknowable, Unreachable
from bot.values import Json, digest
from bot.world import Context, Health

_LONGEST_ANSWER = 20_000
"""Characters of an answer that are handed on."""
_FORBIDDEN = frozenset(
    """authorization proxy-authorization cookie set-cookie x-api-key api-key x-auth-token x-access-token
    host content-length transfer-encoding te trailer connection keep-alive proxy-connection upgrade expect
    accept-encoding idempotency-key forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip""".split()
)

_URL = Field(
    name="url",
    title="Address",
    help="A web address on one of the hosts of this connection.",
    kind=Kind.URL,
    part=Part.RECIPIENT,
)
_HEADERS = Field(
    name="headers",
    title="Headers",
    help="For example Accept=application/json. Credentials are kept with the connection and never written here.",
    kind=Kind.FIELDS,
    required=False,
    part=Part.CONTENT,
    longest=4_000,
)
_BODY = Field(
    name="body",
    title="Body",
    help="What is sent: JSON or text.",
    kind=Kind.LONG_TEXT,
    required=False,
    part=Part.CONTENT,
)


def actions(name: str) -> tuple[Action, ...]:
    """What the connection of that name offers."""
    return (
        Action(
            name=f"{name}.get",
            title="Open a web address",
            help="Reads what stands at an address. What the address says leaves with it.",
            risk=Risk.R0,
            reversal=Reversal.REVERSIBLE,
            fields=(_URL, _HEADERS),
            egress=True,
        ),
        Action(
            name=f"{name}.send",
            title="Send to a web address",
            help="Sends a body to a host that no credential is kept for, such as another service's web hook.",
            risk=Risk.R2,
            fields=(_URL, _method("POST", "PUT", "PATCH"), _HEADERS, _BODY),
        ),
        Action(
            name=f"{name}.request",
            title="Make a web request in our name",
            help="Any request that changes something, with the credential kept for its host.",
            risk=Risk.R3,
            fields=(_URL, _method("POST", "PUT", "PATCH", "DELETE"), _HEADERS, _BODY),
        ),
    )


def _method(*choices: str) -> Field:
    return Field(name="method", title="Method", kind=Kind.CHOICE, choices=choices, default=choices[0])


class WebRequests:
    """The System over a list of hosts. `transport` judges every address."""

    def __init__(self, hosts: Hosts, *, transport: Guarded, name: str = "http") -> None:
        self._name, self._hosts, self._transport = name, hosts, transport
        self._actions = actions(name)
        self._once = Once()

    @property
    def name(self) -> str:
        return self._name

    def account(self) -> Account:
        """The hosts are the account: another list is another one."""
        return Account(
            system=self._name, label=", ".join(str(host) for host in self._hosts.allowed), live=True
        )

    def actions(self) -> tuple[Action, ...]:
        return self._actions

    async def preview(self, call: Call, context: Context) -> Preview:
        """Where it would go: on the list, known by name, on the internet. Sends nothing."""
        method, url, _ = self._read(call)
        where = addresses.read(url)
        target = addresses.target(where)
        await self._transport.look(target)
        sealed = self._hosts.credential(where)
        return Preview(
            subject=f"{method} {url}",
            recipient=target.host,
            version=digest([method, target.origin, sorted(sealed)])[:16],
            notes=("The credential kept for this host goes along.",) if sealed else (),
        )

    async def run(self, call: Call, context: Context) -> Receipt:
        """Makes the request."""
        if call.action.endswith(".get"):
            return await self._get(call, context)
        return await self._once(call, context, lambda: self._send(call, context))

    async def _get(self, call: Call, context: Context) -> Receipt:
        reply = await self._made(call, context)
        host = addresses.target(addresses.read(reply.url)).host
        if reply.status >= 400:
            raise _refusal(reply, host)
        return Receipt(
            text=context.tongue("{host} answered {status}.", host=host, status=_status(reply)),
            link=self._hosts.hidden(reply.url),
            data=self._content(reply),
        )

    async def _send(self, call: Call, context: Context) -> Receipt:
        reply = await self._made(call, context)
        host = addresses.target(addresses.read(reply.url)).host
        if reply.status >= 500 and reply.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise OutcomeUnknown(
                "{host} answered {status}: it may have been done.", host=host, status=_status(reply)
            )
        if reply.status >= 400:
            raise _refusal(reply, host)
        return Receipt(
            text=context.tongue("{host} answered {status}.", host=host, status=_status(reply)),
            data=self._content(reply),
        )

    async def _made(self, call: Call, context: Context) -> Reply:
        method, url, headers = self._read(call)
        body = str(call.arguments.get("body", ""))
        sealed = self._hosts.credential(addresses.read(url))
        own = {"idempotency-key": context.key} if method not in guarded.READS else {}
        kind = {"content-type": _type_of(body)} if body and not _named(headers, "content-type") else {}
        return await guarded.call(
            method,
            url,
            transport=self._transport,
            headers={**headers, **kind, **own},
            body=body.encode(),
            credentials=sealed,
            permit=self._hosts.permit,
        )

    def _read(self, call: Call) -> tuple[str, str, Mapping[str, str]]:
        """Method, address and headers. Raises BadInput for what may not be called or sent along."""
        url = str(call.arguments["url"])
        where = addresses.read(url)
        self._hosts.permit(where)
        if call.action.endswith(".send") and self._hosts.credential(where):
            raise BadInput(
                "a credential is kept for {host}: use {action} instead.",
                host=addresses.target(where).host,
                action=f"{self._name}.request",
                field="url",
            )
        given = cast("Mapping[str, Json]", call.arguments.get("headers", {}))
        headers: dict[str, str] = {}
        for name, value in given.items():
            if name.strip().casefold() in _FORBIDDEN or _named(self._hosts.credential(where), name):
                raise BadInput(
                    "the header {name} is not yours to set here.", name=repr(name), field="headers"
                )
            headers[name] = str(value)
        return str(call.arguments.get("method", "GET")), url, guarded.plain(headers)

    def _content(self, reply: Reply) -> Json:
        """The answer for whoever reads on: its JSON, or its text as far as it goes."""
        headers = {name.lower(): value for name, value in reply.headers.items()}
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        text = self._hosts.hidden(reply.text)
        short = text[:_LONGEST_ANSWER]
        content: Json = short
        if (kind == "application/json" or kind.endswith("+json")) and short == text and not reply.cut:
            try:
                content = json.loads(text)
            except (ValueError, RecursionError):
                content = short
        found: dict[str, Json] = {"status": reply.status, "type": kind, "content": content}
        if "location" in headers:
            found["location"] = self._hosts.hidden(headers["location"])
        if reply.cut or short != text:
            found["cut"] = True
        return found

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        """Only what this process did itself is known. Raises Unknowable."""
        known = self._once.known(call, context)
        if known is None:
            raise Unknowable(
                "{host} cannot be asked what became of a request; look there yourself.",
                host=addresses.target(addresses.read(str(call.arguments["url"]))).host,
            )
        return known

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        """The hosts there are."""
        if field != "url":
            return ()
        found = [h.target.origin + "/" for h in self._hosts.allowed if not h.below]
        return tuple(Option(value=each, label=each) for each in found if query.casefold() in each.casefold())

    async def check(self) -> Health:
        """Whether the names of the hosts are known, and lead to the internet. Calls none of them."""
        for host in self._hosts.allowed:
            if host.below:
                continue
            try:
                await self._transport.look(host.target)
            except (BadInput, Unreachable) as error:
                return Health.of(error)
        return Health(well=True, text=f"may call {self.account().label}")

    async def close(self) -> None:
        """Closes its lines."""
        await self._transport.aclose()


def _refusal(reply: Reply, host: str) -> Failed | Unreachable:
    if reply.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        after = {name.lower(): value for name, value in reply.headers.items()}.get("retry-after", "")
        return Unreachable(
            "{host} has no time for it now ({status}).",
            host=host,
            status=_status(reply),
            retry_after=float(after) if after.isascii() and after.isdigit() else None,
        )
    return Failed("{host} refused it: {status}.", host=host, status=_status(reply))


def _status(reply: Reply) -> str:
    try:
        return f"{reply.status} {HTTPStatus(reply.status).phrase}"
    except ValueError:
        return str(reply.status)


def _named(headers: Mapping[str, str], name: str) -> bool:
    return any(each.casefold() == name.strip().casefold() for each in headers)


def _type_of(body: str) -> str:
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return "text/plain; charset=utf-8"
    return "application/json"
