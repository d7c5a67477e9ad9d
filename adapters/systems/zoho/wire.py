"""Zoho CRM's interface, version 8: requests and answers in our words, its refusals as sentences.

Documented at zoho.com/crm/developer/docs/api/v8. A list that is empty is an answer 204. A write answers with a status for
each record, beside that of HTTP; the client below has the manners.
"""

from collections.abc import Awaitable, Callable, Mapping

from adapters.systems.answers import items, part, word
from adapters.systems.client import Client, Reply, segment
from adapters.systems.zoho.columns import Column, columns
from bot.errors import BadInput, Failed, Unreachable, VigieError
from bot.values import Json, is_mapping

_V8 = "/crm/v8"
_MOST_NOTES = 30
_MOST_FIELDS = 50
"""Fields that may be asked for at once."""


class Gone(Failed):
    """There is no such record."""


def shows(token: str) -> Mapping[str, str]:
    """How Zoho wants a token shown."""
    return {"Authorization": f"Zoho-oauthtoken {token}"}


def explain(reply: Reply) -> VigieError | None:
    """A refusal as a sentence that names the field where Zoho does; None for those of every vendor."""
    first = next(iter(items(reply.body, "data")), None)
    refused = first if word(first, "status") == "error" else reply.body
    code, said = word(refused, "code"), word(refused, "message")[:300]
    if word(refused, "status") != "error":
        return None
    details = part(refused, "details")
    name = word(details, "api_name") or word(details, "param_name")
    match code:
        case "INVALID_DATA" if name in ("", "id") or reply.status == 404:
            return Gone("Zoho has no such record")
        case (
            "INVALID_DATA"
            | "MANDATORY_NOT_FOUND"
            | "DUPLICATE_DATA"
            | "INVALID_DATE"
            | "DEPENDENT_FIELD_MISSING"
        ):
            wanted = word(details, "expected_data_type")
            why = f"{said} ({wanted})" if wanted else said
            return BadInput("Zoho refuses {name}: {said}", name=name or "?", said=why, field="fields")
        case "RECORD_NOT_FOUND" | "INVALID_URL_PATTERN" | "NOT_FOUND":
            return Gone("Zoho has no such record")
        case "NO_PERMISSION" | "OAUTH_SCOPE_MISMATCH" | "AUTHORIZATION_FAILED":
            return Failed("Zoho does not let this connection do that: {said}", said=said)
        case "LIMIT_EXCEEDED" | "TOO_MANY_REQUESTS" | "API_LIMIT_EXCEEDED":
            return Unreachable("Zoho has no calls left for us now: {said}", said=said, retry_after=60.0)
        case "RECORD_LOCKED" | "RECORD_IN_BLUEPRINT" | "NOT_APPROVED":
            return Failed("the record cannot be changed now: {said}", said=said)
        case _:
            return Failed("Zoho refuses: {said}", said=said or code)


class Wire:
    """What is asked of one Zoho account. `open` gives the client once it is known where the interface is."""

    def __init__(self, open: Callable[[], Awaitable[Client]]) -> None:
        self._open = open
        self._client: Client | None = None

    async def _there(self) -> Client:
        if self._client is None:
            self._client = await self._open()
        return self._client

    async def _read(self, path: str, **params: object) -> Json:
        return (await (await self._there()).read(f"{_V8}{path}", params=params or None)).body

    async def org(self) -> Json:
        """The organisation: `company_name`, `zgid`, `domain_name`, `type`."""
        return next(iter(items(await self._read("/org"), "org")), None)

    async def columns(self, module: str) -> tuple[Column, ...]:
        """The live definitions of a module's fields."""
        return columns(await self._read("/settings/fields", module=module))

    async def one(self, module: str, id: str) -> Mapping[str, Json]:
        """Raises Gone."""
        found = items(await self._read(f"/{module}/{segment(id)}"), "data")
        if not found or not is_mapping(found[0]):
            raise Gone("Zoho has no such record")
        return found[0]

    async def search(self, module: str, *, limit: int, **by: str) -> list[Mapping[str, Json]]:
        """By `word` or by `email`; the best matches."""
        body = await self._read(f"/{module}/search", **by, per_page=limit, page=1)
        return [each for each in items(body, "data") if is_mapping(each)]

    async def newest(self, module: str, names: list[str], limit: int) -> list[Mapping[str, Json]]:
        """Some to choose from when nothing is searched for."""
        body = await self._read(
            f"/{module}",
            fields=",".join(names[:_MOST_FIELDS]),
            per_page=limit,
            sort_by="Modified_Time",
            sort_order="desc",
        )
        return [each for each in items(body, "data") if is_mapping(each)]

    async def update(self, module: str, id: str, values: Mapping[str, Json]) -> None:
        """Sets exactly these fields."""
        client = await self._there()
        await client.write("PUT", f"{_V8}/{module}/{segment(id)}", json={"data": [dict(values)]})

    async def notes(self, module: str, id: str) -> list[Mapping[str, Json]]:
        """The newest notes on a record."""
        path = f"/{module}/{segment(id)}/Notes"
        body = await self._read(
            path, fields="id,Note_Title,Note_Content", per_page=_MOST_NOTES, sort_by="id", sort_order="desc"
        )
        return [each for each in items(body, "data") if is_mapping(each)]

    async def add_note(self, module: str, id: str, *, title: str, text: str) -> str:
        """The number of the new note."""
        note: dict[str, Json] = {
            "Note_Content": text,
            "Parent_Id": {"module": {"api_name": module}, "id": id},
            **({"Note_Title": title} if title else {}),
        }
        client = await self._there()
        body = (await client.write("POST", f"{_V8}/Notes", json={"data": [note]})).body
        return word(next(iter(items(body, "data")), None), "details", "id")

    async def note(self, id: str) -> Mapping[str, Json]:
        """Raises Gone."""
        return await self.one("Notes", id)

    async def delete_note(self, id: str) -> None:
        """Takes it out. Raises Gone."""
        await (await self._there()).write("DELETE", f"{_V8}/Notes/{segment(id)}")

    async def close(self) -> None:
        """Closes its lines, if any were opened."""
        if self._client is not None:
            await self._client.close()
