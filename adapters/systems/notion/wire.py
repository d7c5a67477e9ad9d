"""Notion's interface, version 2026-03-11 with data sources: requests, answers, and refusals as sentences. One try each;
the client below has the manners. Documented at developers.notion.com.
"""

import re
from collections.abc import Mapping, Sequence

from adapters.systems.answers import items, word
from adapters.systems.client import Client, Reply, segment
from bot.errors import BadInput, Failed, Unreachable, VigieError
from bot.values import Json

VERSION = "2026-03-11"
PAGE_SIZE = 100
_AT = re.compile(r"\bbody\.(?:properties\.)?([^\s`'\"]+?)(?:\.\w+|\[\d+\])* ")
_NAMED = re.compile(r"^([^\s.][^.:]{0,80}?) is (?:expected to be|not a property)")


class Gone(Failed):
    """There is no such thing, or it is not shared with the connection: Notion does not say which."""


def explain(reply: Reply) -> VigieError | None:
    """A refusal as a sentence that names the property where Notion does; None for those of every vendor."""
    said = " ".join(word(reply.body, "message").split())[:400]
    match reply.status, word(reply.body, "code"):
        case 404, _:
            return Gone("Notion has no such page, or it is not shared with the connection")
        case 409, _:
            return Unreachable("Notion was changing the same thing at that moment")
        case 403, _:
            return Failed(
                "Notion does not allow the connection to do this ({said}); its capabilities are in the settings of the integration",
                said=said,
            )
        case 400 | 422, _ if said:
            found = _AT.search(f"{said} ") or _NAMED.search(said)
            return BadInput("Notion refuses this: {said}", said=said, field=found[1] if found else None)
        case _:
            return None


class Wire:
    """What is asked of one Notion workspace."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def me(self) -> Json:
        """The integration itself: its name and the workspace's."""
        return (await self._client.read("/v1/users/me")).body

    async def search(self, query: str, what: str, limit: int) -> list[Json]:
        """What is shared with the connection, by title; `what` is `page` or `data_source`."""
        body: dict[str, Json] = {
            "filter": {"property": "object", "value": what},
            "page_size": limit,
            "sort": {"timestamp": "last_edited_time", "direction": "descending"},
        }
        if query:
            body["query"] = query
        return items((await self._client.read("/v1/search", method="POST", json=body)).body, "results")

    async def page(self, id: str) -> Json:
        """A page or a row, in the trash too. Raises Gone."""
        return (await self._client.read(f"/v1/pages/{segment(id)}")).body

    async def data_source(self, id: str) -> Json:
        """A table with its schema. Raises Gone."""
        return (await self._client.read(f"/v1/data_sources/{segment(id)}")).body

    async def database(self, id: str) -> Json:
        """What holds one or more data sources. Raises Gone."""
        return (await self._client.read(f"/v1/databases/{segment(id)}")).body

    async def rows(self, source: str, *, by: str, limit: int) -> tuple[list[Json], bool]:
        """The rows of a table, the newest first by that timestamp, and whether there are more."""
        body = {"sorts": [{"timestamp": by, "direction": "descending"}], "page_size": limit}
        reply = await self._client.read(f"/v1/data_sources/{segment(source)}/query", method="POST", json=body)
        return items(reply.body, "results"), bool(reply.body.get("has_more"))

    async def children(self, id: str, cursor: str = "") -> tuple[list[Json], str]:
        """The blocks in a page or block, and the cursor of those that follow, "" at the end."""
        params = {"page_size": PAGE_SIZE, "start_cursor": cursor or None}
        reply = await self._client.read(f"/v1/blocks/{segment(id)}/children", params=params)
        return items(reply.body, "results"), word(reply.body, "next_cursor")

    async def create(
        self, parent: Mapping[str, str], properties: Mapping[str, Json], children: Sequence[Json]
    ) -> Json:
        """A new page, with its text at once: all of it or nothing."""
        body = {"parent": dict(parent), "properties": dict(properties), "children": list(children)}
        return (await self._client.write("POST", "/v1/pages", json=body)).body

    async def update(self, id: str, properties: Mapping[str, Json]) -> Json:
        """Sets exactly these properties."""
        reply = await self._client.write(
            "PATCH", f"/v1/pages/{segment(id)}", json={"properties": dict(properties)}
        )
        return reply.body

    async def trash(self, id: str, *, away: bool) -> Json:
        """Into the trash, or out of it."""
        return (await self._client.write("PATCH", f"/v1/pages/{segment(id)}", json={"in_trash": away})).body

    async def append(self, id: str, children: Sequence[Json]) -> list[Json]:
        """Blocks at the end of a page; as they are now."""
        reply = await self._client.write(
            "PATCH", f"/v1/blocks/{segment(id)}/children", json={"children": list(children)}
        )
        return items(reply.body, "results")

    async def block(self, id: str) -> Json:
        """One block, in the trash too. Raises Gone."""
        return (await self._client.read(f"/v1/blocks/{segment(id)}")).body

    async def remove(self, id: str) -> None:
        """A block into the trash."""
        await self._client.write("DELETE", f"/v1/blocks/{segment(id)}")

    async def close(self) -> None:
        """Closes its lines."""
        await self._client.close()
