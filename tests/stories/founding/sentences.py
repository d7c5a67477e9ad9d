"""The sentences of the founding texts: how a person says each, which deed it is, what the card must show, and what
must really be there afterwards.

`{n}` is the number of the run, so that the deeds of three chats can be told apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.values import Json
from tests.contracts.systems import notion as notions
from tests.stories.founding.accounts import STATUSES, Accounts
from tests.twins.airtable import AirtableTwin


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """`shown` gives what stands on the card: read before the deed, so that “before” is what is there. A sentence that
    only reads has no card and is answered with `shown`. `there` counts what run `n` made. `first` is what is read before,
    and `ready` how things stand over there by then."""

    said: str
    action: str
    arguments: Mapping[str, str]
    shown: Callable[[Accounts, str], tuple[str, ...]]
    there: Callable[[Accounts, str], int] | None = None
    first: tuple[str, Mapping[str, str]] | None = None
    ready: Callable[[Accounts, str], None] | None = None

    def words(self, n: str) -> str:
        """For a language model."""
        return self.said.format(n=n)

    def command(self, n: str) -> str:
        """For the built-in mind."""
        return _command(self.action, self.filled(n))

    @property
    def look(self) -> str:
        """What the built-in mind is asked before, "" for nothing."""
        return _command(*self.first) if self.first else ""

    def filled(self, n: str) -> dict[str, str]:
        return {name: value.format(n=n, status=_status(n)) for name, value in self.arguments.items()}


def _command(action: str, arguments: Mapping[str, str]) -> str:
    values = (f'{name}="{value}"' for name, value in arguments.items())
    return f"do {action} {' '.join(values)}"


def _status(n: str) -> str:
    """Another one in each chat."""
    return STATUSES[int(n[1]) % len(STATUSES)]


def _stands(made: Accounts, n: str) -> None:
    _gigi(made)["Status"] = _status(n)


def _gigi(made: Accounts) -> dict[str, Json]:
    return next(each for each in made.zoho.records["Contacts"].values() if each["Last_Name"] == "Hamilton")


def _records(twin: AirtableTwin) -> list[Mapping[str, Json]]:
    (table,) = [sheet for sheet in twin.sheets.values() if sheet.name == "Deals"]
    return [kept.fields for kept in table.records.values()]


def _names(made: Accounts, n: str) -> tuple[str, ...]:
    return tuple(str(fields["Name"]) for fields in _records(made.airtable)[-5:])


def _sent(made: Accounts, n: str) -> int:
    of = [each for each in made.stripe.all("invoices") if each["total"] == int(n) * 100]
    assert all(each["id"] in made.stripe.sends for each in of), "it went out"
    return len(of)


SENTENCES: Mapping[str, Sentence] = {
    "zoho": Sentence(
        said="Update the phone number of Gigi Hamilton in Zoho to 55{n}",
        action="zoho.update_record",
        arguments={"record": "Gigi Hamilton", "fields": "Phone=55{n}"},
        shown=lambda made, n: ("Gigi Hamilton", "Phone", str(_gigi(made)["Phone"]), f"55{n}"),
        there=lambda made, n: int(_gigi(made)["Phone"] == f"55{n}"),
    ),
    "airtable": Sentence(
        said="Add the deal Atelier {n} to Airtable and mark it in progress",
        action="airtable.add_record",
        arguments={"table": "Deals", "fields": "Name=Atelier {n}; Status=in progress"},
        shown=lambda made, n: (f"Atelier {n}", "In progress"),
        there=lambda made, n: sum(each["Name"] == f"Atelier {n}" for each in _records(made.airtable)),
    ),
    "stripe invoice": Sentence(
        said="Send a Stripe invoice number {n} to Gigi Hamilton",
        action="stripe.send_invoice",
        arguments={"customer": "Gigi Hamilton", "amount": "{n} EUR", "description": "Two mugs {n}"},
        shown=lambda made, n: ("Gigi Hamilton", f"Two mugs {n}", f"€{n}.00"),
        there=_sent,
    ),
    "stripe link": Sentence(
        said="Make a payment link for lamp {n}",
        action="stripe.create_payment_link",
        arguments={"amount": "1{n} JPY", "title": "Lamp {n}"},
        shown=lambda made, n: (f"Lamp {n}", f"¥1,{n}"),
        there=lambda made, n: sum(
            each.get("_asked") == int(f"1{n}") for each in made.stripe.all("payment_links")
        ),
    ),
    "hubspot": Sentence(
        said="Create a HubSpot contact for Ada number {n}",
        action="hubspot.create_contact",
        arguments={"email": "ada{n}@example.com", "first_name": "Ada", "last_name": "Lovelace"},
        shown=lambda made, n: (f"ada{n}@example.com", "Lovelace"),
        there=lambda made, n: sum(
            each.held["email"] == f"ada{n}@example.com" for each in made.hubspot.of("contacts")
        ),
    ),
    "notion": Sentence(
        said="Search Notion for the plan, time {n}",
        action="notion.search",
        arguments={"query": "plan"},
        shown=lambda made, n: ("Plan",),
    ),
    "shopify": Sentence(
        said="Note on Shopify order 1007: ring back {n}",
        action="shopify.update_order",
        arguments={"order": "1007", "note": "Ring back {n}"},
        shown=lambda made, n: (
            "1007",
            str(next(iter(made.shop.orders.values()))["note"] or ""),
            f"Ring back {n}",
        ),
        there=lambda made, n: int(next(iter(made.shop.orders.values()))["note"] == f"Ring back {n}"),
    ),
    "zapier": Sentence(
        said="Tell Gigi by Zapier that parcel {n} is on its way",
        action="zapier.gmail_send_email",
        arguments={"to": "gigi@example.com", "body": "Parcel {n} is on its way."},
        shown=lambda made, n: ("gigi@example.com", f"Parcel {n} is on its way."),
        there=lambda made, n: sum(each[1]["body"].startswith(f"Parcel {n} ") for each in made.zapier.calls),
    ),
    "airtable last": Sentence(
        said="Show the last 5 Airtable records, time {n}",
        action="airtable.last_records",
        arguments={"table": "Deals", "limit": "5"},
        shown=_names,
    ),
    "zoho to notion": Sentence(
        said="Sync the Zoho status of Gigi Hamilton into Notion, time {n}",
        first=("zoho.get_record", {"record": "Gigi Hamilton"}),
        ready=_stands,
        action="notion.update_page",
        arguments={"page": notions.TASK, "properties": "Status={status}"},
        shown=lambda made, n: ("Call Lumen", "Status", str(_gigi(made)["Status"])),
        there=lambda made, n: int(made.notion.held(notions.TASK)["Status"]["status"]["name"] == _status(n)),
    ),
}
