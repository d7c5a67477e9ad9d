"""A vendor of the tests: Acme, whose accounts hold notes. Connected by a key or by a grant, over real HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.systems.client import Client
from adapters.systems.switchboard import Given
from adapters.systems.vendors import Login, Need, OAuth, Vendor, fixed
from bot.actions import Account, Action, Call, Field, Option, Part, Preview, Receipt, Reversal, Risk
from bot.errors import BadInput, VigieError
from bot.world import Context, Health
from tests.twins.granting import CLIENT, SECRET


@dataclass
class Acme:
    """One account of it."""

    name: str
    client: Client
    label: str = "not asked yet"
    live: bool = False

    def account(self) -> Account:
        return Account(system=self.name, label=self.label, live=self.live)

    def actions(self) -> tuple[Action, ...]:
        text = Field(name="text", title="Text", part=Part.CONTENT)
        return (
            Action(name=f"{self.name}.notes", title="List the notes", risk=Risk.R0),
            Action(
                name=f"{self.name}.note",
                title="Write a note",
                risk=Risk.R3,
                reversal=Reversal.IRREVERSIBLE,
                fields=(text,),
            ),
        )

    async def preview(self, call: Call, context: Context) -> Preview:
        return Preview(subject=str(call.arguments.get("text", "")))

    async def run(self, call: Call, context: Context) -> Receipt:
        match call.action.partition(".")[2]:
            case "notes":
                reply = await self.client.read("/notes")
                return Receipt(text=f"{len(reply.body['notes'])} notes")
            case "note":
                reply = await self.client.write("POST", "/notes", json={"text": call.arguments["text"]})
                return Receipt(id=reply.body["id"], text="noted")
            case _:
                raise BadInput("no connected system offers “{name}”", name=call.action)

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        return None

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def check(self) -> Health:
        try:
            me = (await self.client.read("/me")).body
        except VigieError as error:
            return Health.of(error)
        self.label, self.live = f"{me['name']} ({me['id']})", me["live"]
        return Health(well=True, text=f"Acme answers: {self.label}")

    async def close(self) -> None:
        await self.client.close()


def _open(login: Login) -> Acme:
    token = login.token or fixed(login.required("api_key"))
    client = Client(vendor="Acme", base=login.required("api_url"), token=token, transport=login.transport)
    return Acme(login.name, client)


VENDOR = Vendor(
    name="acme",
    title="Acme",
    needs=(
        Need(name="api_key", title="Key", setting="ACME_API_KEY", help="Under Settings, Keys."),
        Need(name="api_url", title="Address", setting="ACME_API_URL", secret=False, required=False),
    ),
    open=_open,
    oauth=OAuth(
        authorize="{api_url}/authorize",
        token="{api_url}/token",
        client_id="ACME_CLIENT_ID",
        client_secret="ACME_CLIENT_SECRET",
        scopes=("notes.read", "notes.write"),
    ),
    help="In Acme, under Settings.",
)


def environment(url: str) -> Mapping[str, str]:
    """Settings that make it connectable, and connect nothing."""
    return {"ACME_API_URL": url, "ACME_CLIENT_ID": CLIENT, "ACME_CLIENT_SECRET": SECRET}


def given(url: str) -> dict[str, Given]:
    return {"acme": Given(values={"api_url": url}, client_id=CLIENT, client_secret=SECRET)}
