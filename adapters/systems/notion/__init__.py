"""Notion: pages, tables and their rows."""

from adapters.systems.client import Client, Pace
from adapters.systems.notion.wire import VERSION, explain
from adapters.systems.notion.workspace import Notion
from adapters.systems.vendors import Login, Need, OAuth, Vendor, fixed

__all__ = ["VENDOR", "Notion"]

_API = "https://api.notion.com"
# An average of three calls a second for each connection: developers.notion.com, "Request limits".
_PACE = Pace(rate=3, burst=3)


def _open(login: Login) -> Notion:
    client = Client(
        vendor="Notion",
        base=login.value("api_url", _API),
        token=login.token or fixed(login.required("token")),
        headers={"notion-version": VERSION},
        pace=_PACE,
        explain=explain,
        transport=login.transport,
    )
    return Notion(name=login.name, client=client)


VENDOR = Vendor(
    name="notion",
    title="Notion",
    needs=(
        Need(
            name="token",
            title="Integration secret",
            setting="NOTION_TOKEN",
            help="The secret of an internal integration; share the pages with it afterwards.",
        ),
        Need(
            name="api_url",
            title="Address of the interface",
            setting="NOTION_API_URL",
            secret=False,
            required=False,
            help="Another address than Notion's own, for tests.",
        ),
    ),
    open=_open,
    oauth=OAuth(
        authorize="https://api.notion.com/v1/oauth/authorize",
        token="https://api.notion.com/v1/oauth/token",  # noqa: S106 (an address)
        client_id="NOTION_CLIENT_ID",
        client_secret="NOTION_CLIENT_SECRET",  # noqa: S106 (a setting's name)
        basic=True,
        json=True,
        parameters={"owner": "user"},
    ),
    help="In Notion: Settings, Connections, Develop or manage integrations; then share each page with the integration.",
)
