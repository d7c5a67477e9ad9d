"""Finding things in a Notion workspace for a person's words: pages, tables and their schemas, the text of a page.

Raises BadInput naming the field for what is not there. Writes nothing.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from adapters.systems.answers import items, part, word
from adapters.systems.notion import properties
from adapters.systems.notion.text import line, plain, signature
from adapters.systems.notion.wire import Gone, Wire
from bot.errors import BadInput, Unknowable
from bot.speech import Tongue
from bot.values import Json

_MOST_PAGES = 20
_MOST_BLOCKS, _DEEPEST, _LONGEST = 500, 3, 20_000
_NESTED_ELSEWHERE = frozenset(["child_page", "child_database"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page or a row as it stands now."""

    id: str
    title: str
    link: str
    trashed: bool
    properties: Mapping[str, Json]
    parent: Mapping[str, Json]

    @property
    def called(self) -> str:
        return self.title or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table: its data source's id, its name and what its rows hold."""

    id: str
    title: str
    schema: Mapping[str, Json] = field(default_factory=dict[str, Json])

    @property
    def title_property(self) -> str:
        """The name of the property that names a row."""
        return next((name for name, each in self.schema.items() if word(each, "type") == "title"), "")


def page_of(body: Json) -> Page:
    """A page as Notion answers it."""
    return Page(
        id=str(body["id"]),
        title=properties.title(body),
        link=word(body, "url"),
        trashed=bool(body.get("in_trash")),
        properties=part(body, "properties"),
        parent=part(body, "parent"),
    )


def source_of(body: Json) -> Source:
    """A table as Notion answers it."""
    title = plain(items(body, "title")) or word(body, "name")
    return Source(id=str(body["id"]), title=title, schema=part(body, "properties"))


class Library:
    """Reads one workspace."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def page(self, given: str, tongue: Tongue, *, named: str = "page") -> Page:
        """The page of that id or link."""
        found = properties.identifier(given)
        if found is None:
            raise BadInput(tongue("{text} is neither an id nor a link of Notion.", text=given), field=named)
        try:
            return page_of(await self._wire.page(found))
        except Gone as error:
            raise BadInput(
                tongue("Notion has no page {id}, or it is not shared with the connection.", id=given),
                field=named,
            ) from error

    async def source(self, given: str, tongue: Tongue) -> Source:
        """The table of that id or link: of its data source, or of a database that has just one."""
        found = properties.identifier(given)
        if found is None:
            raise BadInput(
                tongue("{text} is neither an id nor a link of Notion.", text=given), field="data_source"
            )
        try:
            return source_of(await self._wire.data_source(found))
        except Gone:
            return await self._only_source(found, given, tongue)

    async def _only_source(self, database: str, given: str, tongue: Tongue) -> Source:
        try:
            held = items(await self._wire.database(database), "data_sources")
        except Gone as error:
            raise BadInput(
                tongue("Notion has no table {id}, or it is not shared with the connection.", id=given),
                field="data_source",
            ) from error
        if len(held) != 1:
            known = ", ".join(f"{word(each, 'name')} ({word(each, 'id')})" for each in held)
            raise BadInput(
                tongue("this database has several tables; name one of: {known}.", known=known),
                field="data_source",
            )
        return source_of(await self._wire.data_source(str(held[0]["id"])))

    async def schema(self, page: Page, tongue: Tongue) -> Mapping[str, Json]:
        """What a page may hold: its table's schema, or a title alone."""
        source = word(page.parent, "data_source_id") or word(page.parent, "database_id")
        if source:
            return (await self.source(source, tongue)).schema
        return {name: each for name, each in page.properties.items() if word(each, "type") == "title"}

    async def blocks(self, id: str) -> AsyncIterator[Json]:
        """The blocks of a page or block, over all of its pages. Raises Unknowable when there is no end to them."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            found, cursor = await self._wire.children(id, cursor)
            for each in found:
                yield each
            if not cursor:
                return
        raise Unknowable("this page of Notion has more blocks than can be looked through")

    async def text(self, id: str, tongue: Tongue) -> str:
        """The words of a page, a line for each block, nested ones indented; cut where it becomes too long."""
        lines: list[str] = []
        whole = await self._collect(id, 0, lines)
        text = "\n".join(lines)
        if len(text) > _LONGEST:
            text, whole = text[:_LONGEST], False
        return text if whole else f"{text}\n{tongue('… the page goes on; this is cut here.')}"

    async def _collect(self, id: str, depth: int, lines: list[str]) -> bool:
        """Whether all of it was read."""
        cursor = ""
        while True:
            found, cursor = await self._wire.children(id, cursor)
            for block in found:
                if len(lines) >= _MOST_BLOCKS:
                    return False
                words = line(block)
                if words and not words.startswith(signature("eff_")):
                    lines.append("  " * depth + words.replace("\n", "\n" + "  " * depth))
                nested = block.get("has_children") and word(block, "type") not in _NESTED_ELSEWHERE
                if (
                    nested
                    and depth < _DEEPEST
                    and not await self._collect(str(block["id"]), depth + 1, lines)
                ):
                    return False
            if not cursor:
                return True

    async def signed(self, id: str, key: str) -> bool:
        """Whether the page holds the signature of that key."""
        async for block in self.blocks(id):
            if line(block) == signature(key):
                return True
        return False
