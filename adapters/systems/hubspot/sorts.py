"""HubSpot's sorts of objects, and one of them as people call it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.systems.answers import part
from bot.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """`path` is the object's name in the interface, `type_id` in links. `note` is the id of HubSpot's association
    from a note to it. `listed` are the properties that are read and told, the ones that name it first."""

    name: str
    path: str
    type_id: str
    note: int = 0
    naming: tuple[str, ...]
    listed: tuple[str, ...]


# Association type ids: developers.hubspot.com, "Associations v4", table of note associations.
CONTACT = Sort(
    name="contact",
    path="contacts",
    type_id="0-1",
    note=202,
    naming=("firstname", "lastname"),
    listed=(
        *("firstname", "lastname", "email", "phone", "company", "jobtitle"),
        *("lifecyclestage", "hs_lead_status", "city", "country"),
    ),
)
COMPANY = Sort(
    name="company",
    path="companies",
    type_id="0-2",
    note=190,
    naming=("name",),
    listed=("name", "domain", "phone", "industry", "city", "country", "lifecyclestage"),
)
DEAL = Sort(
    name="deal",
    path="deals",
    type_id="0-3",
    note=214,
    naming=("dealname",),
    listed=("dealname", "amount", "deal_currency_code", "dealstage", "pipeline", "closedate"),
)
NOTE = Sort(
    name="note",
    path="notes",
    type_id="0-46",
    naming=("hs_note_body",),
    listed=("hs_note_body", "hs_timestamp"),
)
SORTS = {sort.name: sort for sort in (CONTACT, COMPANY, DEAL, NOTE)}
NOTED = (CONTACT, COMPANY, DEAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One object: its number and its properties, "" for those that are empty."""

    sort: Sort
    id: str
    properties: Mapping[str, str]

    @property
    def called(self) -> str:
        """Its name, else its address, else its number."""
        words = " ".join(filter(None, (self.properties.get(name, "") for name in self.sort.naming)))
        return words or self.properties.get("email", "") or self.id

    @property
    def line(self) -> str:
        """One line that tells it from others."""
        mail = self.properties.get("email", "")
        return f"{self.called} <{mail}>" if mail and mail != self.called else self.called


def thing(sort: Sort, body: Json) -> Thing:
    """An object as HubSpot answers it."""
    kept = part(body, "properties")
    return Thing(
        sort=sort,
        id=str(body["id"]),
        properties={name: "" if value is None else str(value) for name, value in kept.items()},
    )
