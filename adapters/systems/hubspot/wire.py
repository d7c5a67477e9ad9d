"""HubSpot's CRM interface: requests and answers in our words, its refusals as sentences. One try each; the client
below has the manners. Documented at developers.hubspot.com, "CRM API v3"; errors under "Error handling".
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from adapters.systems.answers import items, part, word
from adapters.systems.client import Client, Reply, segment
from adapters.systems.hubspot.columns import Column, columns
from adapters.systems.hubspot.sorts import NOTE, Sort, Thing, thing
from bot.errors import BadInput, Failed, VigieError
from bot.values import Json

OBJECTS = "/crm/v3/objects"
_EXISTING = re.compile(r"Existing ID: ?([0-9]+)")
_MOST_NOTES = 30


class Gone(Failed):
    """There is no such object."""


class Taken(Failed):
    """HubSpot keeps one contact for each address, and has it already. `existing` is its number, "" when unsaid."""

    def __init__(self, message: str, /, *, existing: str = "", **values: object) -> None:
        super().__init__(message, **values)
        self.existing = existing


def explain(reply: Reply) -> VigieError | None:
    """A refusal as a sentence that names the property where HubSpot does; None for those of every vendor."""
    body = part(reply.body)
    said = word(body, "message")
    match reply.status:
        case 404:
            return Gone("HubSpot has no such object")
        case 409:
            found = _EXISTING.search(said)
            return Taken(
                "HubSpot has it already: {said}", said=said[:300], existing=found[1] if found else ""
            )
        case 400 | 422:
            faults = [*_faults(body, said)]
            if faults:
                return BadInput(
                    "HubSpot refuses {faults}",
                    faults="; ".join(f"{name}: {why}" for name, why in faults)[:600],
                    field=faults[0][0],
                )
            return Failed("HubSpot refuses: {said}", said=said[:300]) if said else None
        case 403:
            scopes = ", ".join(_scopes(body))
            if scopes:
                return Failed(
                    "HubSpot wants the scope {scopes} for this; add it to the private app", scopes=scopes
                )
            return None
        case _:
            return None


def _faults(body: Mapping[str, Json], said: str) -> Iterable[tuple[str, str]]:
    """The properties at fault and why: among the errors, or as JSON at the end of the message."""
    start = said.find("[{")
    if start >= 0:
        try:
            listed = json.loads(said[start:])
        except ValueError:
            listed = []
        for each in items(listed):
            if word(each, "name"):
                yield word(each, "name"), word(each, "message") or word(each, "error")
        return
    for each in items(body, "errors"):
        for name in items(each, "context", "propertyName") or items(each, "context", "propertyNames"):
            yield str(name), word(each, "message")


def _scopes(body: Mapping[str, Json]) -> Iterable[str]:
    for each in items(body, "errors"):
        yield from (str(scope) for scope in items(each, "context", "requiredGranularScopes"))


class Wire:
    """What is asked of one HubSpot account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def account(self) -> Json:
        """The account's number, kind and domain: `portalId`, `accountType`, `uiDomain`."""
        return (await self._client.read("/account-info/v3/details")).body

    async def one(self, sort: Sort, id: str, properties: Iterable[str] = ()) -> Thing:
        """One object by its number, or a contact by its address. Raises Gone."""
        asked = ",".join(dict.fromkeys((*sort.listed, *properties)))
        params = {"properties": asked, **({"idProperty": "email"} if "@" in id else {})}
        reply = await self._client.read(f"{OBJECTS}/{sort.path}/{segment(id)}", params=params)
        return thing(sort, reply.body)

    async def history(self, sort: Sort, id: str, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """What each property held, the newest first."""
        params = {"propertiesWithHistory": ",".join(names)}
        reply = await self._client.read(f"{OBJECTS}/{sort.path}/{segment(id)}", params=params)
        found = part(reply.body, "propertiesWithHistory")
        return {name: [word(each, "value") for each in items(found, name)] for name in names}

    async def search(self, sort: Sort, query: str, limit: int) -> tuple[Thing, ...]:
        """The best matches."""
        body = {"query": query, "limit": limit, "properties": list(sort.listed)}
        reply = await self._client.read(f"{OBJECTS}/{sort.path}/search", method="POST", json=body)
        return tuple(thing(sort, each) for each in reply.body["results"])

    async def newest(self, sort: Sort, limit: int) -> tuple[Thing, ...]:
        """Some to choose from when nothing is searched for."""
        params = {"limit": limit, "properties": ",".join(sort.listed)}
        reply = await self._client.read(f"{OBJECTS}/{sort.path}", params=params)
        return tuple(thing(sort, each) for each in reply.body["results"])

    async def columns(self, sort: Sort) -> tuple[Column, ...]:
        """The live definitions of its properties."""
        return columns((await self._client.read(f"/crm/v3/properties/{sort.path}")).body["results"])

    async def notes(self, sort: Sort, id: str, most: int = _MOST_NOTES) -> tuple[Thing, ...]:
        """The newest notes on an object, the newest first."""
        reply = await self._client.read(
            f"{OBJECTS}/{sort.path}/{segment(id)}", params={"associations": "notes"}
        )
        listed = items(reply.body, "associations", "notes", "results")
        numbers = sorted({str(each["id"]) for each in listed}, key=int, reverse=True)
        return tuple([await self.one(NOTE, number) for number in numbers[:most]])

    async def create(
        self, sort: Sort, properties: Mapping[str, str], on: tuple[Sort, str] | None = None
    ) -> Thing:
        """Creates one, with a note's association to what it is on. Raises Taken."""
        body: dict[str, Json] = {"properties": dict(properties)}
        if on is not None:
            about, number = on
            kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": about.note}
            body["associations"] = [{"to": {"id": number}, "types": [kind]}]
        reply = await self._client.write("POST", f"{OBJECTS}/{sort.path}", json=body)
        return thing(sort, reply.body)

    async def update(self, sort: Sort, id: str, properties: Mapping[str, str]) -> None:
        """Sets exactly these properties."""
        await self._client.write(
            "PATCH", f"{OBJECTS}/{sort.path}/{segment(id)}", json={"properties": dict(properties)}
        )

    async def archive(self, sort: Sort, id: str) -> None:
        """Takes it out."""
        await self._client.write("DELETE", f"{OBJECTS}/{sort.path}/{segment(id)}")

    async def close(self) -> None:
        """Closes its lines."""
        await self._client.close()
