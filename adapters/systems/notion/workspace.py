"""Notion as a `bot.world.System`: it reads like the list of its actions. Notion keeps no idempotency key, so what was
written ends with a line that carries ours, and a change is found again by what the page holds.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from adapters.systems.answers import word
from adapters.systems.client import Client
from adapters.systems.notion import offer, properties
from adapters.systems.notion.pages import Library, Page, Source, page_of, source_of
from adapters.systems.notion.text import blocks, line, rich, signature
from adapters.systems.notion.wire import Wire
from adapters.systems.planned import Arguments, Plan, Planned, Write
from adapters.systems.spelled import worded
from bot.actions import MOST_OPTIONS, Account, Action, Call, Change, Option, Preview, Receipt, Undo
from bot.errors import BadInput, Unknowable, VigieError
from bot.speech import Tongue
from bot.values import Json, as_list, digest
from bot.world import Context, Health

_MOST_LISTED = 50
_LOOKED_THROUGH, _MOST_CANDIDATES = 100, 20
_MOST_REMOVED = 100


class Notion:
    """One connected Notion workspace. `name` is the connection's."""

    def __init__(self, *, name: str, client: Client) -> None:
        self._name = name
        self._wire = Wire(client)
        self._library = Library(self._wire)
        self._actions = offer.actions(name)
        self._account = Account(system=name, label="Notion", live=True)
        self._planned = Planned(
            reads={"search": self._search, "read_page": self._read_page, "rows": self._rows},
            writes={
                "create_page": Write(plan=self._create_page, look_up=self._created_page),
                "create_row": Write(plan=self._create_row, look_up=self._created_row),
                "update_page": Write(plan=self._update_page, look_up=self._updated_page),
                "append_text": Write(plan=self._append_text, look_up=self._appended_text),
                "remove_blocks": Write(plan=self._remove_blocks, look_up=self._removed_blocks),
                "archive_page": Write(
                    plan=partial(self._trash, away=True), look_up=partial(self._trashed, away=True)
                ),
                "restore_page": Write(
                    plan=partial(self._trash, away=False), look_up=partial(self._trashed, away=False)
                ),
            },
        )

    @property
    def name(self) -> str:
        return self._name

    def account(self) -> Account:
        """The workspace by its name, as the last check found it."""
        return self._account

    def actions(self) -> tuple[Action, ...]:
        """What it offers."""
        return self._actions

    async def preview(self, call: Call, context: Context) -> Preview:
        """What the call would do now."""
        return await self._planned.preview(call, context)

    async def run(self, call: Call, context: Context) -> Receipt:
        """Does it, once per key."""
        return await self._planned.run(call, context)

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        """What became of a deed whose answer was lost."""
        return await self._planned.look_up(call, context)

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        """Pages or tables by title."""
        words = query.strip()
        match field:
            case "page" | "parent":
                found = [page_of(each) for each in await self._wire.search(words, "page", MOST_OPTIONS)]
                return tuple(Option(value=each.id, label=each.called) for each in found)
            case "data_source":
                tables = [source_of(e) for e in await self._wire.search(words, "data_source", MOST_OPTIONS)]
                return tuple(Option(value=each.id, label=each.title or each.id) for each in tables)
            case _:
                return ()

    async def check(self) -> Health:
        """Which workspace the token opens. Harmless."""
        try:
            told = await self._wire.me()
        except VigieError as error:
            return Health.of(error)
        workspace = word(told, "bot", "workspace_name") or word(told, "name") or "Notion"
        self._account = Account(system=self._name, label=workspace, live=True)
        return Health(well=True, text=f"Notion answers for the workspace {workspace}")

    async def close(self) -> None:
        """Closes its lines."""
        await self._wire.close()

    # Reads --------------------------------------------------------------------------------------------------

    async def _search(self, arguments: Arguments, context: Context) -> Receipt:
        tables = arguments["what"] == "tables"
        limit = _limit(arguments, context.tongue)
        found = await self._wire.search(
            str(arguments.get("query", "")), "data_source" if tables else "page", limit
        )
        told = (
            [(source_of(each).title, source_of(each).id, word(each, "url")) for each in found]
            if tables
            else []
        )
        told = told or [(page_of(each).title, page_of(each).id, page_of(each).link) for each in found]
        lines = [f"{title or '—'} · {number} · {link}" for title, number, link in told]
        return Receipt(
            text="\n".join(lines) or context.tongue("Nothing that is shared with the connection matches."),
            data=[{"id": number, "title": title, "link": link} for title, number, link in told],
        )

    async def _read_page(self, arguments: Arguments, context: Context) -> Receipt:
        page = await self._library.page(arguments["page"], context.tongue)
        text = await self._library.text(page.id, context.tongue)
        held = _held(page)
        told = [f"{name}: {_said(value)}" for name, value in held.items()]
        return Receipt(
            id=page.id,
            text="\n".join(filter(None, (page.called, *told, text))),
            link=page.link,
            data={"id": page.id, "title": page.title, "properties": held, "text": text},
        )

    async def _rows(self, arguments: Arguments, context: Context) -> Receipt:
        limit = _limit(arguments, context.tongue)
        source = await self._library.source(arguments["data_source"], context.tongue)
        found, _ = await self._wire.rows(source.id, by="last_edited_time", limit=limit)
        rows = [page_of(each) for each in found]
        lines = [
            " · ".join((each.called, *(f"{name}: {_said(value)}" for name, value in _held(each).items())))
            for each in rows
        ]
        return Receipt(
            text="\n".join(lines) or context.tongue("The table has no rows."),
            data=[{"id": each.id, "title": each.title, "properties": _held(each)} for each in rows],
        )

    # New pages and rows -------------------------------------------------------------------------------------

    async def _create_page(self, arguments: Arguments, context: Context) -> Plan:
        tongue, title, text = context.tongue, str(arguments["title"]), str(arguments.get("text", ""))
        parent = await self._library.page(arguments["parent"], tongue, named="parent")
        if parent.trashed:
            raise BadInput(tongue("{page} is in the trash.", page=parent.called), field="parent")
        changes = (
            Change(title="Title", before=None, after=title),
            *((Change(title="Text", before=None, after=text),) if text else ()),
        )

        async def make() -> Receipt:
            made = await self._wire.create(
                {"type": "page_id", "page_id": parent.id},
                {"title": {"title": rich(title)}},
                blocks(text, context.key),
            )
            return self._made(page_of(made), title, parent.called, changes, tongue)

        return Plan(
            preview=Preview(
                subject=tongue("under {page}", page=parent.called),
                link=parent.link,
                changes=changes,
                version=digest([parent.id, parent.title]),
            ),
            make=make,
        )

    async def _created_page(self, arguments: Arguments, context: Context) -> Receipt | None:
        """Among the pages under that page: the one of this title that is signed."""
        tongue, title, text = context.tongue, str(arguments["title"]), str(arguments.get("text", ""))
        parent = await self._library.page(arguments["parent"], tongue, named="parent")
        candidates = [
            str(block["id"])
            async for block in self._library.blocks(parent.id)
            if word(block, "type") == "child_page" and word(block, "child_page", "title") == title
        ]
        found = await self._signed(candidates[::-1], context)
        if found is None:
            return None
        changes = (
            Change(title="Title", before=None, after=title),
            *((Change(title="Text", before=None, after=text),) if text else ()),
        )
        return self._made(found, title, parent.called, changes, tongue)

    async def _create_row(self, arguments: Arguments, context: Context) -> Plan:
        tongue = context.tongue
        source = await self._library.source(arguments["data_source"], tongue)
        values = properties.values(source.schema, arguments["properties"], tongue)
        changes = _new(values, str(arguments.get("text", "")), context)

        async def make() -> Receipt:
            made = await self._wire.create(
                {"type": "data_source_id", "data_source_id": source.id},
                values,
                blocks(str(arguments.get("text", "")), context.key),
            )
            return self._made(page_of(made), _title(values, source), source.title, changes, tongue)

        return Plan(
            preview=Preview(
                subject=tongue("in {table}", table=source.title or source.id),
                changes=changes,
                version=digest([source.id, sorted(source.schema)]),
            ),
            make=make,
        )

    async def _created_row(self, arguments: Arguments, context: Context) -> Receipt | None:
        """Among the newest rows: the one of this title that is signed."""
        tongue = context.tongue
        source = await self._library.source(arguments["data_source"], tongue)
        values = properties.values(source.schema, arguments["properties"], tongue)
        title = _title(values, source)
        newest, more = await self._wire.rows(source.id, by="created_time", limit=_LOOKED_THROUGH)
        candidates = [page.id for page in map(page_of, newest) if page.title == title]
        found = await self._signed(candidates, context)
        if found is not None:
            changes = _new(values, str(arguments.get("text", "")), context)
            return self._made(found, title, source.title, changes, tongue)
        if more:
            raise Unknowable(
                tongue("the table {table} has too many rows to look for it: look there.", table=source.title)
            )
        return None

    async def _signed(self, candidates: Sequence[str], context: Context) -> Page | None:
        """The first of these pages that carries the signature of this deed."""
        for each in candidates[:_MOST_CANDIDATES]:
            if await self._library.signed(each, context.key):
                return page_of(await self._wire.page(each))
        if len(candidates) > _MOST_CANDIDATES:
            raise Unknowable(context.tongue("Notion has too many pages of this name: look there."))
        return None

    def _made(
        self, page: Page, title: str, where: str, changes: tuple[Change, ...], tongue: Tongue
    ) -> Receipt:
        return Receipt(
            id=page.id,
            text=tongue(
                "{page} is in Notion now, in {where}.", page=title or page.id, where=where or "Notion"
            ),
            link=page.link,
            changes=changes,
            data={"id": page.id},
            undo=Undo(action=f"{self._name}.archive_page", arguments={"page": page.id}),
        )

    # Changes ------------------------------------------------------------------------------------------------

    async def _update_page(self, arguments: Arguments, context: Context) -> Plan:
        tongue = context.tongue
        page, values = await self._wanted(arguments, tongue)
        if page.trashed:
            raise BadInput(tongue("{page} is in the trash.", page=page.called), field="page")
        changed = {
            name: value
            for name, value in values.items()
            if not properties.same(page.properties.get(name), value)
        }
        if not changed:
            raise BadInput(tongue("{page} has these values already.", page=page.called), field="properties")
        before = {name: page.properties.get(name) for name in changed}
        changes = tuple(
            Change(title=name, before=_worded(before[name], context), after=_worded(value, context))
            for name, value in changed.items()
        )
        lossy = [name for name, held in before.items() if not properties.restorable(held)]

        async def make() -> Receipt:
            await self._wire.update(page.id, changed)
            old = {name: properties.told(held) for name, held in sorted(before.items())}
            return Receipt(
                id=page.id,
                text=tongue("{page} is changed in Notion.", page=page.called),
                link=page.link,
                changes=changes,
                data={"id": page.id},
                undo=Undo(action=f"{self._name}.update_page", arguments={"page": page.id, "properties": old}),
            )

        return Plan(
            preview=Preview(
                subject=page.called,
                link=page.link,
                changes=changes,
                version=digest([page.id, sorted((n, properties.told(h)) for n, h in before.items())]),
                notes=("The links and styles of the old text do not come back with an undo.",)
                if lossy
                else (),
            ),
            make=make,
        )

    async def _updated_page(self, arguments: Arguments, context: Context) -> Receipt | None:
        """All at once or none: when the page holds what was asked, it was done. What it held before, nobody knows."""
        tongue = context.tongue
        page, values = await self._wanted(arguments, tongue)
        if not all(properties.same(page.properties.get(name), value) for name, value in values.items()):
            return None
        return Receipt(
            id=page.id,
            text=tongue(
                "{page} holds in Notion what was asked; what stood there before is not known.",
                page=page.called,
            ),
            link=page.link,
            data={"id": page.id},
        )

    async def _wanted(self, arguments: Arguments, tongue: Tongue) -> tuple[Page, dict[str, Json]]:
        page = await self._library.page(arguments["page"], tongue)
        schema = await self._library.schema(page, tongue)
        return page, properties.values(schema, arguments["properties"], tongue)

    # Text ---------------------------------------------------------------------------------------------------

    async def _append_text(self, arguments: Arguments, context: Context) -> Plan:
        tongue, text = context.tongue, str(arguments["text"])
        page = await self._library.page(arguments["page"], tongue)
        if page.trashed:
            raise BadInput(tongue("{page} is in the trash.", page=page.called), field="page")

        async def make() -> Receipt:
            made = await self._wire.append(page.id, blocks(text, context.key))
            return self._appended(page, text, [str(each["id"]) for each in made], tongue)

        return Plan(
            preview=Preview(
                subject=page.called,
                link=page.link,
                changes=(Change(title="Added at the end", before=None, after=text),),
                version=digest([page.id, page.title]),
            ),
            make=make,
        )

    async def _appended_text(self, arguments: Arguments, context: Context) -> Receipt | None:
        """By the signature; what was added stands right before it."""
        text = str(arguments["text"])
        page = await self._library.page(arguments["page"], context.tongue)
        count = len(blocks(text, context.key))
        seen: list[str] = []
        async for block in self._library.blocks(page.id):
            seen.append(str(block["id"]))
            if line(block) == signature(context.key):
                return self._appended(page, text, seen[-count:], context.tongue)
        return None

    def _appended(self, page: Page, text: str, ids: Sequence[str], tongue: Tongue) -> Receipt:
        return Receipt(
            id=page.id,
            text=tongue("The text stands at the end of {page} in Notion.", page=page.called),
            link=page.link,
            changes=(Change(title="Added at the end", before=None, after=text),),
            data={"id": page.id, "blocks": list(ids)},
            undo=Undo(action=f"{self._name}.remove_blocks", arguments={"page": page.id, "blocks": list(ids)}),
        )

    async def _remove_blocks(self, arguments: Arguments, context: Context) -> Plan:
        tongue = context.tongue
        page = await self._library.page(arguments["page"], tongue)
        wanted = _blocks(arguments, tongue)
        there = {str(b["id"]): line(b) async for b in self._library.blocks(page.id)}
        present = [each for each in wanted if each in there]
        if not present:
            raise BadInput(tongue("{page} has none of these blocks.", page=page.called), field="blocks")
        words = "\n".join(there[each] for each in present)

        async def make() -> Receipt:
            for each in present:
                await self._wire.remove(each)
            return _removed(page, words, tongue)

        return Plan(
            preview=Preview(
                subject=page.called,
                link=page.link,
                changes=(Change(title="Removed", before=words, after=None),),
                version=digest([page.id, [[each, there[each]] for each in present]]),
            ),
            make=make,
        )

    async def _removed_blocks(self, arguments: Arguments, context: Context) -> Receipt | None:
        """Removed one by one: done when none is left, and the rest can be removed again when some are."""
        tongue = context.tongue
        page = await self._library.page(arguments["page"], tongue)
        wanted = set(_blocks(arguments, tongue))
        async for block in self._library.blocks(page.id):
            if str(block["id"]) in wanted:
                return None
        return _removed(page, "", tongue)

    # The trash ----------------------------------------------------------------------------------------------

    async def _trash(self, arguments: Arguments, context: Context, *, away: bool) -> Plan:
        tongue = context.tongue
        page = await self._library.page(arguments["page"], tongue)
        if page.trashed is away:
            said = tongue("{page} is in the trash.", page=page.called)
            raise BadInput(
                said if away else tongue("{page} is not in the trash.", page=page.called), field="page"
            )

        async def make() -> Receipt:
            await self._wire.trash(page.id, away=away)
            return self._moved(page, tongue, away=away)

        return Plan(
            preview=Preview(
                subject=page.called,
                link=page.link,
                changes=(Change(title="In the trash", before=page.trashed, after=away),),
                version=digest([page.id, page.trashed]),
            ),
            make=make,
        )

    async def _trashed(self, arguments: Arguments, context: Context, *, away: bool) -> Receipt | None:
        page = await self._library.page(arguments["page"], context.tongue)
        return self._moved(page, context.tongue, away=away) if page.trashed is away else None

    def _moved(self, page: Page, tongue: Tongue, *, away: bool) -> Receipt:
        back = "restore_page" if away else "archive_page"
        moved = tongue("{page} is in Notion’s trash now.", page=page.called)
        return Receipt(
            id=page.id,
            text=moved if away else tongue("{page} is out of Notion’s trash again.", page=page.called),
            link=page.link,
            changes=(Change(title="In the trash", before=not away, after=away),),
            data={"id": page.id},
            undo=Undo(action=f"{self._name}.{back}", arguments={"page": page.id}),
        )


def _limit(arguments: Arguments, tongue: Tongue) -> int:
    limit = int(arguments["limit"])
    if not 1 <= limit <= _MOST_LISTED:
        raise BadInput(tongue("list from 1 to {most}.", most=_MOST_LISTED), field="limit")
    return limit


def _blocks(arguments: Arguments, tongue: Tongue) -> list[str]:
    found = [properties.identifier(str(each)) for each in as_list(arguments["blocks"])]
    ids = [each for each in found if each is not None]
    if not ids or len(ids) < len(found) or len(ids) > _MOST_REMOVED:
        raise BadInput(
            tongue("name from 1 to {most} blocks by their ids.", most=_MOST_REMOVED), field="blocks"
        )
    return list(dict.fromkeys(ids))


def _removed(page: Page, words: str, tongue: Tongue) -> Receipt:
    changes = (Change(title="Removed", before=words, after=None),) if words else ()
    return Receipt(
        id=page.id,
        text=tongue("The blocks are removed from {page} in Notion.", page=page.called),
        link=page.link,
        changes=changes,
    )


def _worded(held: Json, context: Context) -> Json:
    return worded(properties.told(held), properties.sort_of(held), context)


def _new(values: Mapping[str, Json], text: str, context: Context) -> tuple[Change, ...]:
    told = tuple(
        Change(title=name, before=None, after=_worded(value, context)) for name, value in values.items()
    )
    return (*told, *((Change(title="Text", before=None, after=text),) if text else ()))


def _title(values: Mapping[str, Json], source: Source) -> str:
    return str(properties.told(values.get(source.title_property)))


def _held(page: Page) -> dict[str, Json]:
    """Its properties but the title, those that are empty left out."""
    told = {
        name: properties.told(held) for name, held in page.properties.items() if word(held, "type") != "title"
    }
    return {name: value for name, value in told.items() if value not in ("", [])}


def _said(value: Json) -> str:
    return ", ".join(str(each) for each in as_list(value))
