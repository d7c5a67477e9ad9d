"""Stand-ins for vendors' interfaces: a stateful Stripe, Prism over Notion's and HubSpot's published types, Shopify's own
schema, and the MCP project's server of everything. Only commands, ports and the made-up credentials below.

What each cannot say is written beside it: a test that needs that asserts it in another way.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.processes import cache, folder_for, free_port, listens, module, node, running

SPECS = Path(__file__).parent / "specs"
PROGRAMS = {
    "prism": "@stoplight/prism-cli/dist/index.js",
    "shopify": "@shopify/dev-mcp/dist/data/admin_2026-10.json.gz",
    "mcp-everything": "@modelcontextprotocol/server-everything/dist/index.js",
}
SHOPIFY_VERSION = "2026-10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A running stand-in: the base of its interface and a token it accepts."""

    url: str
    token: str


def program(name: str) -> Path:
    """What must be there for the stand-in of that name to run."""
    return module(PROGRAMS[name])


def localstripe_python() -> Path:
    """localstripe is GPL-3.0: it has an environment of its own and is only ever a separate process."""
    return cache() / "python/bin/python"


@contextmanager
def localstripe(port: int | None = None) -> Generator[Vendor, None, None]:
    """Stripe with a memory: customers, payments, refunds, invoices, unknown parameters refused. It ignores the
    Idempotency-Key and does not notice a refund of too much. It listens on every interface."""
    port = port or free_port()
    command = [str(localstripe_python()), "-m", "localstripe", "--port", str(port), "--from-scratch"]
    with folder_for() as folder, running("localstripe", command, folder=folder, ready=lambda: listens(port)):
        yield Vendor(url=f"http://127.0.0.1:{port}", token="sk_test_vigie")


@contextmanager
def prism(spec: str, port: int | None = None, *, upstream: str = "") -> Generator[Vendor, None, None]:
    """`spec` is `notion` or `hubspot`. Paths, bodies, headers and authorisation are checked against the published
    types (400, 401, 422); answers are made up anew each time: it has no memory. In front of an `upstream` that has one, its
    answers are checked, too (500)."""
    port = port or free_port()
    how = ("proxy",) if upstream else ("mock", "--dynamic")
    command = node(
        program("prism"),
        *(*how, "--errors", "--host", "127.0.0.1", "--port", str(port)),
        *(str(SPECS / f"{spec}.json"), *([upstream] if upstream else [])),
    )
    with folder_for() as folder, running("prism", command, folder=folder, ready=lambda: listens(port)):
        yield Vendor(url=f"http://127.0.0.1:{port}", token="any")


@contextmanager
def shopify(port: int | None = None) -> Generator[Vendor, None, None]:
    """The Admin GraphQL interface by its own schema: fields, variables, required inputs, the token. Answers are made
    up and there are no rules of business. The path is `/admin/api/2026-10/graphql.json`."""
    port = port or free_port()
    command = node(Path(__file__).parent / "shopify.mjs", str(port), SHOPIFY_VERSION)
    with (
        folder_for() as folder,
        running(
            *("shopify", command),
            folder=folder,
            ready=lambda: listens(port),
            environment={"MODULES": str(module("")), "SHOPIFY_TOKEN": "shpat_test"},
        ),
    ):
        yield Vendor(url=f"http://127.0.0.1:{port}", token="shpat_test")


@contextmanager
def mcp_everything(port: int | None = None) -> Generator[str, None, None]:
    """The URL of a server over streamable HTTP with tools of every kind. It asks for no token (put `nginx_bearer` in
    front for that) and listens on every interface."""
    port = port or free_port()
    command = node(program("mcp-everything"), "streamableHttp")
    with (
        folder_for() as folder,
        running(
            *("mcp-everything", command),
            folder=folder,
            ready=lambda: listens(port),
            environment={"PORT": str(port)},
        ),
    ):
        yield f"http://127.0.0.1:{port}/mcp"


def mcp_everything_command() -> list[str]:
    """The same server over stdio: the command to run."""
    return node(program("mcp-everything"), "stdio")
