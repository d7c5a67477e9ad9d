"""HubSpot: contacts, companies, deals and the notes on them."""

from adapters.systems.client import Client, Pace
from adapters.systems.hubspot.crm import HubSpot
from adapters.systems.hubspot.wire import explain
from adapters.systems.vendors import Login, Need, OAuth, Vendor, fixed

__all__ = ["VENDOR", "HubSpot"]

_API = "https://api.hubapi.com"
# HubSpot allows private apps 100 calls in ten seconds on its free plan, and searches 5 a second:
# developers.hubspot.com, "API usage guidelines and limits".
_PACE = Pace(rate=5, burst=10)
_SCOPES = (
    *("oauth", "crm.objects.contacts.read", "crm.objects.contacts.write"),
    *("crm.objects.companies.read", "crm.objects.companies.write"),
    *("crm.objects.deals.read", "crm.objects.deals.write"),
    *("crm.schemas.contacts.read", "crm.schemas.companies.read", "crm.schemas.deals.read"),
)


def _open(login: Login) -> HubSpot:
    client = Client(
        vendor="HubSpot",
        base=login.value("api_url", _API),
        token=login.token or fixed(login.required("access_token")),
        pace=_PACE,
        explain=explain,
        transport=login.transport,
    )
    return HubSpot(name=login.name, client=client)


VENDOR = Vendor(
    name="hubspot",
    title="HubSpot",
    needs=(
        Need(
            name="access_token",
            title="Access token",
            setting="HUBSPOT_ACCESS_TOKEN",
            help="The access token of a private app.",
        ),
        Need(
            name="api_url",
            title="Address of the interface",
            setting="HUBSPOT_API_URL",
            secret=False,
            required=False,
            help="Another address than HubSpot's own, for tests.",
        ),
    ),
    open=_open,
    oauth=OAuth(
        authorize="https://app.hubspot.com/oauth/authorize",
        token="https://api.hubapi.com/oauth/v1/token",  # noqa: S106 (an address)
        client_id="HUBSPOT_CLIENT_ID",
        client_secret="HUBSPOT_CLIENT_SECRET",  # noqa: S106 (a setting's name)
        scopes=_SCOPES,
    ),
    help="In HubSpot: Settings, Integrations, Private Apps, Create a private app, with the scopes of docs/how-to/connect-hubspot.md.",
)
