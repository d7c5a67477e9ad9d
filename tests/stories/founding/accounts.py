"""Seven vendors with an account each, a mail server, a mailbox and a web address, at addresses on loopback, and the settings by
which an operator connects them.

Every key is a canary. Told to, each answers with an error that repeats the key it was shown.
"""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import mcp_types as types
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import rulebook
from bot.values import Json
from tests.adapters.systems.posts import PASSWORD, USER, Post, post
from tests.contracts.systems import airtable as airtables
from tests.contracts.systems import hubspot as hubspots
from tests.contracts.systems import notion as notions
from tests.contracts.systems import zoho as zohos
from tests.twins import airtable, hubspot, mcp, notion, published, shopify, stripe, zoho
from tests.twins.airtable import AirtableTwin
from tests.twins.hubspot import HubSpotTwin
from tests.twins.notion import NotionTwin
from tests.twins.served import served
from tests.twins.shopify import ShopTwin
from tests.twins.stripe import StripeTwin
from tests.twins.zoho import ZohoTwin

ZAPIER = "canary-zapier-0b1c"
BOX = "canary-box:w@2"
WEB = "canary-web-7d3f"
SENT = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
"""The password as it goes over the wire (RFC 4616)."""
SECRETS = (
    *(stripe.KEY, hubspot.TOKEN, notion.TOKEN, airtable.TOKEN, shopify.TOKEN),
    *(zoho.CLIENT_SECRET, zoho.REFRESH, ZAPIER),
    *(PASSWORD, quote(PASSWORD, safe=""), SENT, BOX, quote(BOX, safe=""), WEB),
)
ASKS = """
[[rule]]
name = "asks-before-anything"
effect = "ask"
min_risk = "R1"
reason = "what changes anything asks here"
author = "the tests"
"""
CLASSES = """
[[tool]]
server = "zapier"
tool = "gmail_send_email"
risk = "R2"
title = "Send a mail"
recipient = "to"
content = "body"
"""
_MAIL: Json = {
    "type": "object",
    "properties": {"to": {"type": "string"}, "body": {"type": "string"}},
    "required": ["to", "body"],
}
SLIP = "repeat-the-key"
"""A body or query with this word makes any vendor tell the key it was shown, as an error."""
SLIPPED = "slip@example.com"
"""The mail server refuses this address, and tells the password as it does."""


STATUSES = ("In progress", "Done", "Not started")
"""How a customer stands, in Zoho as in Notion."""


def _zoho() -> ZohoTwin:
    """With a column for how a customer stands, which is the organisation's own."""
    made = zohos.twin()
    status = zoho.Known(
        name="Status", label="Status", type="picklist", choices=tuple((each, each) for each in STATUSES)
    )
    made.fields = {**made.fields, "Contacts": (*made.fields["Contacts"], status)}
    return made


@dataclass(kw_only=True)
class Accounts:
    """What each vendor really holds. `slips` counts the errors that repeated a key; with `ended`, Zoho takes no token any
    more, and tells what it is shown for a new one."""

    stripe: StripeTwin
    shop: ShopTwin
    hubspot: HubSpotTwin = field(default_factory=hubspots.twin)
    notion: NotionTwin = field(default_factory=notions.twin)
    airtable: AirtableTwin = field(default_factory=airtables.twin)
    zoho: ZohoTwin = field(default_factory=_zoho)
    zapier: mcp.ToolServer
    post: Post
    ended: bool = False
    settings: dict[str, str] = field(default_factory=dict[str, str])
    slips: list[str] = field(default_factory=list[str])

    async def mail(self, context: Json, arguments: dict[str, Json]) -> types.CallToolResult:
        """What Zapier's tool does."""
        if SLIP not in str(arguments):
            return mcp.said("done")
        self.slips.append(ZAPIER)
        return mcp.said(f"no good: Bearer {ZAPIER}", is_error=True)


def _stripe() -> StripeTwin:
    made = StripeTwin()
    made.customer("Gigi Hamilton", "gigi.hamilton@example.com")
    made.customer("Ana Lima", "ana@example.com")
    made.customer("Ana Lima", "lima@example.com")
    return made


def _shop() -> ShopTwin:
    made = ShopTwin()
    made.order(1007, "Gigi Hamilton")
    return made


@asynccontextmanager
async def accounts(home: Path) -> AsyncGenerator[Accounts]:
    """All of them, until the block ends. Writes the files an operator writes into the data folder."""
    tools = mcp.ToolServer(tools=[mcp.tool("gmail_send_email", "Sends a mail.", schema=_MAIL)])
    tools.gate = _bearer
    with ExitStack() as standing:
        letters = standing.enter_context(post(login=True, plain=True))
        letters.refuse[SLIPPED] = f"550 no good: {PASSWORD} {SENT}"
        made = Accounts(stripe=_stripe(), shop=_shop(), zapier=tools, post=letters)
        tools.doing["gmail_send_email"] = made.mail
        for vendor, app in (
            ("HUBSPOT", made.hubspot.app),
            ("NOTION", made.notion.app),
            ("AIRTABLE", made.airtable.app),
            ("ZOHO", made.zoho.app),
        ):
            url = standing.enter_context(published.served(_Slipping(app, made)))
            made.settings[f"{vendor}_API_URL"] = url
        made.settings["STRIPE_API_URL"] = standing.enter_context(served(_StripeSlips(made)))
        made.settings["SHOPIFY_API_URL"] = standing.enter_context(served(_ShopSlips(made)))
        web = standing.enter_context(served(_WebSlips(made)))
        async with mcp.serving(tools), _mailbox(made) as box:
            made.settings |= {
                "SMTP_URL": f"smtp://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{letters.port}",
                "MAIL_FROM": "vigie@example.com",
                "IMAP_URL": f"imap://{USER}:{quote(BOX, safe='')}@127.0.0.1:{box}/INBOX",
                "HTTP_HOSTS": "api.example.com",
                "HTTP_CREDENTIALS": json.dumps({"api.example.com": {"Authorization": f"Bearer {WEB}"}}),
                "API_PORT": web.rpartition(":")[2],
                "STRIPE_API_KEY": stripe.KEY,
                "HUBSPOT_ACCESS_TOKEN": hubspot.TOKEN,
                "NOTION_TOKEN": notion.TOKEN,
                "AIRTABLE_TOKEN": airtable.TOKEN,
                "AIRTABLE_BASE_ID": airtable.BASE,
                "SHOPIFY_SHOP": "atelier",
                "SHOPIFY_ACCESS_TOKEN": shopify.TOKEN,
                "ZOHO_CLIENT_ID": zoho.CLIENT_ID,
                "ZOHO_CLIENT_SECRET": zoho.CLIENT_SECRET,
                "ZOHO_REFRESH_TOKEN": zoho.REFRESH,
                "ZOHO_ACCOUNTS_URL": made.settings["ZOHO_API_URL"],
                "ZAPIER_MCP_TOKEN": ZAPIER,
                "VIGIE_MCP_SERVERS": str(home / "mcp.json"),
                "VIGIE_POLICY": str(home / "policy.toml"),
            }
            entry = {"url": tools.url, "headers": {"Authorization": "Bearer ${ZAPIER_MCP_TOKEN}"}}
            (home / "mcp.json").write_text(json.dumps({"mcpServers": {"zapier": entry}}))
            (home / "mcp-tools.toml").write_text(CLASSES)
            (home / "policy.toml").write_text(ASKS + rulebook.shipped_text())
            yield made


async def _bearer(scope: Scope, receive: Receive, send: Send) -> bool:
    """Zapier's door opens for the right token alone."""
    if dict(scope["headers"]).get(b"authorization") == f"Bearer {ZAPIER}".encode():
        return False
    return await mcp.answer(send, 401, b'{"error":"unauthorized"}')


@dataclass
class _Slipping:
    """A vendor that repeats the key it was shown in an error, when it meets the word."""

    app: ASGIApp
    made: Accounts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        ended = self.made.ended and self.app is self.made.zoho.app
        if SLIP in f"{request.url} {body.decode()}" or ended:
            told = f"no good: {request.headers.get('authorization')} {body.decode() if ended else ''}"
            self.made.slips.append(told)
            status = 401 if ended and "/oauth/" not in request.url.path else 400
            await JSONResponse({"message": told, "error": {"message": told}}, status)(scope, receive, send)
            return

        async def again() -> Json:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)


@dataclass
class _StripeSlips:
    """Stripe, which does the same."""

    made: Accounts

    def answer(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Json], dict[str, str]]:
        if SLIP in query + body:
            told = f"no good: {headers.get('authorization')}"
            self.made.slips.append(told)
            return 400, {"error": {"type": "invalid_request_error", "message": told}}, {}
        return self.made.stripe.answer(method, path, query, body, headers)


@dataclass
class _ShopSlips:
    """Shopify, which does it in GraphQL's way."""

    made: Accounts

    def answer(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Json], dict[str, str]]:
        if SLIP in body:
            told = f"no good: {headers.get('x-shopify-access-token')}"
            self.made.slips.append(told)
            return 200, {"errors": [{"message": told}]}, {}
        return self.made.shop.answer(method, path, query, body, headers)


@dataclass
class _WebSlips:
    """A web address that never does anything else, also where it answers well."""

    made: Accounts

    def answer(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Json], dict[str, str]]:
        told = f"no good: {headers.get('authorization')}"
        self.made.slips.append(told)
        return 200 if method == "GET" else 400, {"told": told}, {"X-Told": told}


@asynccontextmanager
async def _mailbox(made: Accounts) -> AsyncGenerator[int]:
    """A mailbox that lets nobody in, and says aloud with what they came."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := (await reader.readline()).decode().strip():
            tag, _, asked = line.partition(" ")
            match asked.split()[0].upper():
                case "CAPABILITY":
                    told = f"* CAPABILITY IMAP4rev1\r\n{tag} OK done"
                case "LOGOUT":
                    told = f"* BYE\r\n{tag} OK done"
                case _:
                    made.slips.append(asked)
                    told = f"{tag} NO [AUTHENTICATIONFAILED] no good: {asked} {BOX}"
            writer.write(f"{told}\r\n".encode())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
