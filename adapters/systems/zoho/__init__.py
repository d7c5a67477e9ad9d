"""Zoho CRM: contacts, accounts, leads, deals and the notes on them."""

from collections.abc import Mapping

from adapters.systems.client import Client, Pace
from adapters.systems.vendors import Login, Need, OAuth, Vendor
from adapters.systems.zoho.crm import Zoho
from adapters.systems.zoho.tokens import Refreshing, accounts, interface
from adapters.systems.zoho.wire import explain, shows

__all__ = ["VENDOR", "Zoho"]

# Zoho counts credits by the day and lets ten calls of one account run at once: "API limits".
PACE = Pace(rate=5, burst=5)


def _open(login: Login) -> Zoho:
    home = accounts(login.value("accounts_url"))
    renewing: Refreshing | None = None
    renewer: Client | None = None
    if login.token is None:
        secret, refresh = login.required("client_secret"), login.required("refresh_token")
        renewer = Client(
            vendor="Zoho", base=home, token=None, hides=(secret, refresh), transport=login.transport
        )
        renewing = Refreshing(
            renewer,
            client_id=login.required("client_id"),
            client_secret=secret,
            refresh=refresh,
        )

    async def client() -> Client:
        """Where the interface is, the first token says."""
        if renewing is not None:
            await renewing()
        said = renewing.api if renewing else ""
        return Client(
            vendor="Zoho",
            base=login.value("api_url") or said or interface(home),
            token=login.token or renewing,
            scheme=shows,
            pace=PACE,
            explain=explain,
            transport=login.transport,
        )

    return Zoho(name=login.name, open=client, door=home.replace("://accounts.", "://crm."), also=renewer)


def _places(values: Mapping[str, str]) -> Mapping[str, str]:
    return {**values, "accounts_url": accounts(values.get("accounts_url", ""))}


VENDOR = Vendor(
    name="zoho",
    title="Zoho CRM",
    needs=(
        Need(name="client_id", title="Client ID", setting="ZOHO_CLIENT_ID", secret=False),
        Need(name="client_secret", title="Client secret", setting="ZOHO_CLIENT_SECRET"),
        Need(
            name="refresh_token",
            title="Refresh token",
            setting="ZOHO_REFRESH_TOKEN",
            help="What a self client gives for its code, with the scopes of docs/how-to/connect-zoho.md.",
        ),
        Need(
            name="accounts_url",
            title="Data centre",
            setting="ZOHO_ACCOUNTS_URL",
            secret=False,
            required=False,
            help="Where the account lives: com, eu, in, com.au, jp, ca, com.cn, sa, or https://accounts.zoho.eu.",
        ),
        Need(
            name="api_url",
            title="Address of the interface",
            setting="ZOHO_API_URL",
            secret=False,
            required=False,
            help="Another address than the data centre's own, for tests.",
        ),
    ),
    open=_open,
    oauth=OAuth(
        authorize="{accounts_url}/oauth/v2/auth",
        token="{accounts_url}/oauth/v2/token",  # noqa: S106 (an address)
        client_id="ZOHO_CLIENT_ID",
        client_secret="ZOHO_CLIENT_SECRET",  # noqa: S106 (a setting's name)
        scopes=(
            *("ZohoCRM.modules.contacts.ALL", "ZohoCRM.modules.accounts.ALL", "ZohoCRM.modules.leads.ALL"),
            *("ZohoCRM.modules.deals.ALL", "ZohoCRM.modules.notes.ALL"),
            *("ZohoCRM.settings.fields.READ", "ZohoCRM.org.READ", "ZohoSearch.securesearch.READ"),
        ),
        separator=",",
        parameters={"access_type": "offline", "prompt": "consent"},
        api_url="api_domain",
        asks=("accounts_url",),
        reads=_places,
    ),
    help="In Zoho's API console (api-console.zoho.com): a self client, and a code with the scopes of docs/how-to/connect-zoho.md.",
)
