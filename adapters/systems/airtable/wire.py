"""Airtable's interface: requests and answers in our words, its refusals as sentences. The client below has the manners.

Documented at airtable.com/developers/web/api: records, schema, errors, five requests a second for each base.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.systems.airtable.columns import Table, tables
from adapters.systems.answers import items, part, word
from adapters.systems.client import Client, Reply, pages, segment
from bot.errors import BadInput, Failed, VigieError
from bot.values import Json

_PAGE = 100
MOST = 5_000
"""Records that are looked through when Airtable cannot sort them itself."""


class Gone(Failed):
    """There is no such record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: its id, when it was created (ISO, UTC), and what its columns hold, by name."""

    id: str
    created: str
    fields: Mapping[str, Json]


def explain(reply: Reply) -> VigieError | None:
    """A refusal as a sentence; None for those of every vendor."""
    error = part(reply.body).get("error")
    kind = error if isinstance(error, str) else word(error, "type")
    said = word(error, "message")[:300]
    match reply.status:
        case 404:
            return Gone("Airtable has no such record")
        case 403:
            return Failed("Airtable does not let this token do that: {said}", said=said or kind)
        case 422 if kind in ("INVALID_RECORDS", "ROW_DOES_NOT_EXIST", "MODEL_ID_NOT_FOUND"):
            return Gone("Airtable has no such record")
        case 422:
            return BadInput("Airtable refuses it: {said}", said=said or kind, field="fields")
        case _:
            return None


class Wire:
    """What is asked of one base."""

    def __init__(self, client: Client, base: str) -> None:
        self._client = client
        self.base = base

    async def bases(self) -> list[tuple[str, str]]:
        """The bases the token opens: id and name."""

        async def fetch(offset: str) -> tuple[list[Json], str]:
            body = (await self._client.read("/v0/meta/bases", params={"offset": offset or None})).body
            return items(body, "bases"), word(body, "offset")

        return [(word(each, "id"), word(each, "name")) for each in await pages(fetch)]

    async def whoami(self) -> Json:
        """The id of whose token it is, with `scopes` where it is by OAuth."""
        return (await self._client.read("/v0/meta/whoami")).body

    async def tables(self) -> tuple[Table, ...]:
        """The live schema."""
        return tables((await self._client.read(f"/v0/meta/bases/{segment(self.base)}/tables")).body)

    async def one(self, table: Table, id: str) -> Record:
        """Raises Gone."""
        return _record((await self._client.read(f"{self._at(table)}/{segment(id)}")).body)

    async def found(self, table: Table, formula: str = "", *, most: int = MOST) -> list[Record]:
        """The records the formula is true of, at most so many, in Airtable's order."""

        async def fetch(offset: str) -> tuple[list[Json], str]:
            params = {
                "pageSize": min(_PAGE, most),
                "filterByFormula": formula or None,
                "offset": offset or None,
            }
            body = (await self._client.read(self._at(table), params=params)).body
            return items(body, "records"), word(body, "offset")

        return [_record(each) for each in await pages(fetch, most=most)]

    async def sorted(self, table: Table, column: str, most: int) -> list[Record]:
        """The newest by a column of moments."""
        params = {
            "maxRecords": most,
            "pageSize": min(_PAGE, most),
            "sort[0][field]": column,
            "sort[0][direction]": "desc",
        }
        body = (await self._client.read(self._at(table), params=params)).body
        return [_record(each) for each in items(body, "records")]

    async def create(self, table: Table, fields: Mapping[str, Json]) -> Record:
        """One new record."""
        body = {"records": [{"fields": dict(fields)}], "typecast": False}
        return _first((await self._client.write("POST", self._at(table), json=body)).body)

    async def upsert(self, table: Table, fields: Mapping[str, Json], mark: str, key: str) -> Record:
        """One new record, or the one that carries the key already: the same however often it is asked for."""
        body = {
            "performUpsert": {"fieldsToMergeOn": [mark]},
            "records": [{"fields": {**fields, mark: key}}],
            "typecast": False,
        }
        return _first((await self._client.write("PATCH", self._at(table), json=body, key=key)).body)

    async def update(self, table: Table, id: str, fields: Mapping[str, Json]) -> Record:
        """Sets exactly these columns."""
        body = {"records": [{"id": id, "fields": dict(fields)}], "typecast": False}
        return _first((await self._client.write("PATCH", self._at(table), json=body)).body)

    async def delete(self, table: Table, id: str) -> None:
        """Takes it out. Raises Gone."""
        await self._client.write("DELETE", f"{self._at(table)}/{segment(id)}")

    async def close(self) -> None:
        """Closes its lines."""
        await self._client.close()

    def _at(self, table: Table) -> str:
        return f"/v0/{segment(self.base)}/{segment(table.id)}"


def _record(body: Json) -> Record:
    return Record(id=word(body, "id"), created=word(body, "createdTime"), fields=part(body, "fields"))


def _first(body: Json) -> Record:
    return _record(next(iter(items(body, "records")), None))
