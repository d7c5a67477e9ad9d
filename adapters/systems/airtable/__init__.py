"""Airtable: the records of one base."""

from adapters.systems.airtable.base import MARK, Airtable
from adapters.systems.airtable.wire import explain
from adapters.systems.client import Client, Pace
from adapters.systems.vendors import Login, Need, OAuth, Vendor, fixed

__all__ = ["VENDOR", "Airtable"]

_API = "https://api.airtable.com"
# Five requests a second for each base, and thirty seconds of silence after too many:
# airtable.com/developers/web/api/rate-limits.
PACE = Pace(rate=4.5, burst=4)


def _open(login: Login) -> Airtable:
    client = Client(
        vendor="Airtable",
        base=login.value("api_url", _API),
        token=login.token or fixed(login.required("token")),
        pace=PACE,
        explain=explain,
        transport=login.transport,
    )
    return Airtable(
        name=login.name, client=client, base=login.value("base_id"), mark=login.value("mark_column", MARK)
    )


VENDOR = Vendor(
    name="airtable",
    title="Airtable",
    needs=(
        Need(
            name="token",
            title="Access token",
            setting="AIRTABLE_TOKEN",
            help="A personal access token with the scopes of docs/how-to/connect-airtable.md.",
        ),
        Need(
            name="base_id",
            title="Base",
            setting="AIRTABLE_BASE_ID",
            secret=False,
            required=False,
            help="The base's id, app…, from its address. Needed when the token opens more than one.",
        ),
        Need(
            name="mark_column",
            title="Column for keys",
            setting="AIRTABLE_MARK_COLUMN",
            secret=False,
            required=False,
            help="The text column in which new records carry the key of their deed: “Vigie key” when empty.",
        ),
        Need(
            name="api_url",
            title="Address of the interface",
            setting="AIRTABLE_API_URL",
            secret=False,
            required=False,
            help="Another address than Airtable's own, for tests.",
        ),
    ),
    open=_open,
    oauth=OAuth(
        authorize="https://airtable.com/oauth2/v1/authorize",
        token="https://airtable.com/oauth2/v1/token",  # noqa: S106 (an address)
        client_id="AIRTABLE_CLIENT_ID",
        client_secret="AIRTABLE_CLIENT_SECRET",  # noqa: S106 (a setting's name)
        scopes=("data.records:read", "data.records:write", "schema.bases:read"),
        basic=True,
    ),
    help="In Airtable: Builder hub, Personal access tokens, Create token, for one base.",
)
