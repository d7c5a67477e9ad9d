"""A twin of Notion with a memory, strict about what it takes: bodies are checked against the types that Notion publishes
with its own client, properties against the table's schema, texts and lists against Notion's limits.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request

from bot.values import Json
from tests.twins.published import Desk, Refusal, checker, route

T = TypeVar("T")
TOKEN = "ntn_000000000000000000000000000000000000000000c0de"  # made up
VERSION = "2026-03-11"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COMPUTED = ("created_time", "last_edited_time", "formula", "rollup", "created_by", "unique_id")


@dataclass
class Page:
    """A page or a row."""

    id: str
    parent: Json
    properties: dict[str, Json]
    created: datetime
    edited: datetime
    in_trash: bool = False
    children: list[Json] = field(default_factory=list[Json])


@dataclass
class Table:
    """A data source in a database of its own."""

    id: str
    database: str
    title: str
    schema: dict[str, Json]


def option(*names: str) -> Json:
    return {"options": [{"id": f"o{n}", "name": name, "color": "gray"} for n, name in enumerate(names)]}


SCHEMA: dict[str, Json] = {
    "Task": {"id": "title", "type": "title", "title": {}},
    "Notes": {"id": "n", "type": "rich_text", "rich_text": {}},
    "Points": {"id": "p", "type": "number", "number": {"format": "number"}},
    "Priority": {"id": "pr", "type": "select", "select": option("Low", "High")},
    "Status": {"id": "s", "type": "status", "status": option("Not started", "In progress", "Done")},
    "Tags": {"id": "t", "type": "multi_select", "multi_select": option("red", "green", "blue")},
    "Due": {"id": "d", "type": "date", "date": {}},
    "Billed": {"id": "b", "type": "checkbox", "checkbox": {}},
    "Site": {"id": "u", "type": "url", "url": {}},
    "Mail": {"id": "m", "type": "email", "email": {}},
    "Call": {"id": "c", "type": "phone_number", "phone_number": {}},
    "Owner": {"id": "o", "type": "people", "people": {}},
    "Part of": {"id": "r", "type": "relation", "relation": {"data_source_id": ""}},
    "Made": {"id": "ct", "type": "created_time", "created_time": {}},
}


class NotionTwin:
    """`desk` counts calls and makes faults; `app` answers; `state` is everything that is kept and not in the trash."""

    def __init__(self, *, token: str = TOKEN, workspace: str = "Atelier") -> None:
        self.workspace = workspace
        self.pages: dict[str, Page] = {}
        self.tables: dict[str, Table] = {}
        self._ids = (str(UUID(int=n)) for n in itertools.count(0xA0000000000000000000000000000001))
        self._moments = (NOW + timedelta(seconds=n) for n in itertools.count())
        self._types = {
            name: checker("notion-client.json", f"{name}Parameters")
            for name in ("CreatePage", "UpdatePage", "AppendBlockChildren", "Search", "QueryDataSource")
        }
        self.desk = Desk(token=token, refused=lambda: _error(401, "unauthorized", "API token is invalid."))
        desk = self.desk
        self.app = Starlette(
            routes=[
                route(desk, "GET", "/v1/users/me", lambda request, _: self._me(request)),
                route(desk, "POST", "/v1/search", self._search),
                route(desk, "POST", "/v1/pages", self._create),
                route(desk, "GET", "/v1/pages/{id}", lambda r, _: self._told(self._page(r))),
                route(desk, "PATCH", "/v1/pages/{id}", self._update),
                route(desk, "GET", "/v1/blocks/{id}/children", self._children),
                route(desk, "PATCH", "/v1/blocks/{id}/children", self._append),
                route(desk, "DELETE", "/v1/blocks/{id}", self._delete),
                route(desk, "GET", "/v1/data_sources/{id}", self._source),
                route(desk, "POST", "/v1/data_sources/{id}/query", self._query),
                route(desk, "GET", "/v1/databases/{id}", self._database),
            ]
        )

    # What tests put there -----------------------------------------------------------------------------------

    def add_page(self, title: str, *, under: str = "", children: Sequence[Json] = ()) -> str:
        parent: Json = (
            {"type": "page_id", "page_id": under} if under else {"type": "workspace", "workspace": True}
        )
        held = {"title": {"id": "title", "type": "title", "title": _rich(title)}}
        return self._keep(parent, held, children).id

    def add_table(self, title: str, schema: dict[str, Json] | None = None) -> str:
        table = Table(next(self._ids), next(self._ids), title, dict(schema or SCHEMA))
        self.tables[table.id] = table
        return table.id

    def add_row(self, table: str, values: Json) -> str:
        source = self.tables[table]
        parent = {"type": "data_source_id", "data_source_id": table, "database_id": source.database}
        return self._keep(parent, self._typed(source.schema, values), ()).id

    def words(self, page: str) -> list[str]:
        """The text of the blocks of a page that are there."""
        return [
            "".join(t["text"]["content"] for t in block[block["type"]]["rich_text"])
            for block in self.pages[page].children
            if not block["in_trash"] and "rich_text" in block[block["type"]]
        ]

    def held(self, page: str) -> dict[str, Json]:
        return self.pages[page].properties

    def state(self) -> object:
        return [
            (
                page.id,
                repr(page.parent),
                repr(page.properties),
                repr([b for b in page.children if not b["in_trash"]]),
            )
            for page in self.pages.values()
            if not page.in_trash
        ]

    # Answers ------------------------------------------------------------------------------------------------

    def _me(self, request: Request) -> Json:
        self._versioned(request)
        bot = {"owner": {"type": "workspace", "workspace": True}, "workspace_name": self.workspace}
        return {"object": "user", "id": str(UUID(int=7)), "type": "bot", "name": "Vigie", "bot": bot}

    def _search(self, request: Request, body: Json) -> Json:
        self._valid(request, "Search", body)
        words, size = str(body.get("query", "")).casefold(), int(body.get("page_size", 100))
        if body.get("filter", {}).get("value") == "data_source":
            found = [self._table(t) for t in self.tables.values() if words in t.title.casefold()]
        else:
            kept = sorted(self.pages.values(), key=lambda page: page.edited, reverse=True)
            found = [self._told(p) for p in kept if not p.in_trash and words in _title(p).casefold()]
        return _listed(found, "", size)

    def _create(self, request: Request, body: Json) -> Json:
        self._valid(request, "CreatePage", body)
        parent, children = body["parent"], self._blocks(body.get("children", ()))
        if source_id := parent.get("data_source_id"):
            source = self._known(self.tables, source_id)
            held = self._typed(source.schema, body["properties"])
            parent = {"type": "data_source_id", "data_source_id": source.id, "database_id": source.database}
        else:
            above = self._known(self.pages, parent["page_id"])
            self._editable(above)
            if set(body["properties"]) != {"title"}:
                raise _invalid("body.properties should only hold title for a page under a page.")
            held = self._typed({"title": {"id": "title", "type": "title"}}, body["properties"])
        return self._told(self._keep(parent, held, children))

    def _update(self, request: Request, body: Json) -> Json:
        self._valid(request, "UpdatePage", {**body, "page_id": request.path_params["id"]})
        page = self._page(request)
        if "in_trash" in body:
            page.in_trash = body["in_trash"]
        else:
            self._editable(page)
        if "properties" in body:
            source = self.tables.get(page.parent.get("data_source_id", ""))
            schema = source.schema if source else {"title": {"id": "title", "type": "title"}}
            page.properties.update(self._typed(schema, body["properties"]))
        page.edited = next(self._moments)
        return self._told(page)

    def _children(self, request: Request, _: Json) -> Json:
        self._versioned(request)
        page = self._page(request)
        below = [
            {
                "object": "block",
                "id": p.id,
                "type": "child_page",
                "child_page": {"title": _title(p)},
                "in_trash": False,
            }
            for p in self.pages.values()
            if p.parent.get("page_id") == page.id and not p.in_trash
        ]
        found = [*(block for block in page.children if not block["in_trash"]), *below]
        asked = request.query_params
        return _listed(found, asked.get("start_cursor", ""), int(asked.get("page_size", "100")))

    def _append(self, request: Request, body: Json) -> Json:
        self._valid(request, "AppendBlockChildren", {**body, "block_id": request.path_params["id"]})
        page = self._page(request)
        self._editable(page)
        made = [self._block(each) for each in self._blocks(body["children"])]
        page.children += made
        page.edited = next(self._moments)
        return _listed(made, "", 100)

    def _delete(self, request: Request, _: Json) -> Json:
        self._versioned(request)
        for page in self.pages.values():
            for block in page.children:
                if block["id"] == request.path_params["id"]:
                    block["in_trash"] = True
                    return block
        raise _missing(request.path_params["id"])

    def _source(self, request: Request, _: Json) -> Json:
        self._versioned(request)
        return self._table(self._known(self.tables, request.path_params["id"]))

    def _database(self, request: Request, _: Json) -> Json:
        self._versioned(request)
        wanted = request.path_params["id"]
        held = [table for table in self.tables.values() if table.database == wanted]
        if not held:
            raise _missing(wanted)
        sources = [{"id": table.id, "name": table.title} for table in held]
        return {"object": "database", "id": wanted, "title": _rich(held[0].title), "data_sources": sources}

    def _query(self, request: Request, body: Json) -> Json:
        source = self._known(self.tables, request.path_params["id"])
        self._valid(request, "QueryDataSource", {**body, "data_source_id": source.id})
        rows = [
            p for p in self.pages.values() if p.parent.get("data_source_id") == source.id and not p.in_trash
        ]
        for sort in body.get("sorts", ()):
            rows.sort(
                key=lambda p: p.created if sort["timestamp"] == "created_time" else p.edited,
                reverse=sort["direction"] == "descending",
            )
        return _listed([self._told(page) for page in rows], "", int(body.get("page_size", 100)))

    # Rules --------------------------------------------------------------------------------------------------

    def _versioned(self, request: Request) -> None:
        if request.headers.get("notion-version") != VERSION:
            raise _error(400, "missing_version", "Notion-Version header failed validation.")

    def _valid(self, request: Request, name: str, body: Json) -> None:
        self._versioned(request)
        for path, why in self._types[name](body):
            raise _invalid(f"body failed validation: body.{path} should be valid, {why[:100]}.")

    def _page(self, request: Request) -> Page:
        self._versioned(request)
        return self._known(self.pages, request.path_params["id"])

    def _known(self, kept: dict[str, T], key: str) -> T:
        if key not in kept:
            raise _missing(key)
        return kept[key]

    def _editable(self, page: Page) -> None:
        if page.in_trash:
            raise _invalid("Can't edit block that is archived. You must unarchive the block before editing.")

    def _blocks(self, children: Sequence[Json]) -> Sequence[Json]:
        if len(children) > 100:
            raise _invalid("body failed validation: body.children.length should be ≤ `100`.")
        for block in children:
            _measured(block[block["type"]]["rich_text"])
        return children

    def _block(self, given: Json) -> Json:
        kind = given["type"]
        inner = {**given[kind], "rich_text": [_answered(each) for each in given[kind]["rich_text"]]}
        return {
            "object": "block",
            "id": next(self._ids),
            "type": kind,
            kind: inner,
            "has_children": False,
            "in_trash": False,
        }

    def _typed(self, schema: dict[str, Json], values: Json) -> dict[str, Json]:
        """As Notion keeps them; every other property of a new row is empty."""
        for name, value in values.items():
            if name not in schema:
                raise _invalid(f"{name} is not a property that exists.")
            kind = schema[name]["type"]
            if kind in COMPUTED or set(value) - {"type"} != {kind}:
                raise _invalid(f"{name} is expected to be {kind}.")
            if kind in ("title", "rich_text"):
                _measured(value[kind])
            if kind == "status" and value[kind]:
                names = [each["name"] for each in schema[name]["status"]["options"]]
                if value[kind]["name"] not in names:
                    raise _invalid(f"Status option {value[kind]['name']} does not exist for {name}.")
            if kind == "relation" and any(each["id"] not in self.pages for each in value[kind]):
                raise _missing(value[kind][0]["id"])
        return {name: _kept(schema[name], value) for name, value in values.items()}

    def _keep(self, parent: Json, held: dict[str, Json], children: Sequence[Json]) -> Page:
        at = next(self._moments)
        page = Page(next(self._ids), parent, held, at, at)
        page.children = [self._block(each) for each in children]
        self.pages[page.id] = page
        return page

    def _told(self, page: Page) -> Json:
        source = self.tables.get(page.parent.get("data_source_id", ""))
        empty = {
            name: {"id": each["id"], "type": each["type"], each["type"]: _nothing(each["type"], page)}
            for name, each in (source.schema if source else {}).items()
        }
        return {
            "object": "page",
            "id": page.id,
            "created_time": page.created.isoformat(),
            "last_edited_time": page.edited.isoformat(),
            "in_trash": page.in_trash,
            "parent": page.parent,
            "properties": {**empty, **page.properties},
            "url": f"https://www.notion.so/{page.id.replace('-', '')}",
        }

    def _table(self, table: Table) -> Json:
        parent = {"type": "database_id", "database_id": table.database}
        named = {name: {"name": name, **each} for name, each in table.schema.items()}
        return {
            "object": "data_source",
            "id": table.id,
            "title": _rich(table.title),
            "parent": parent,
            "properties": named,
        }


def _kept(definition: Json, value: Json) -> Json:
    kind = definition["type"]
    inner: Json = value[kind]
    if kind in ("title", "rich_text"):
        inner = [_answered(each) for each in inner]
    if kind == "date" and inner:
        inner = {"start": inner["start"], "end": inner.get("end"), "time_zone": None}
    return {"id": definition["id"], "type": kind, kind: inner}


def _nothing(kind: str, page: Page) -> Json:
    match kind:
        case "title" | "rich_text" | "multi_select" | "people" | "relation":
            return []
        case "checkbox":
            return False
        case "created_time":
            return page.created.isoformat()
        case _:
            return None


def _rich(text: str) -> list[Json]:
    return [_answered({"type": "text", "text": {"content": text}})] if text else []


def _answered(given: Json) -> Json:
    plain = {
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "code": False,
        "color": "default",
    }
    return {
        "type": "text",
        "text": {"content": given["text"]["content"], "link": given["text"].get("link")},
        "annotations": {**plain, **given.get("annotations", {})},
        "plain_text": given["text"]["content"],
        "href": None,
    }


def _measured(texts: Sequence[Json]) -> None:
    if len(texts) > 100:
        raise _invalid("body failed validation: rich_text.length should be ≤ `100`.")
    for each in texts:
        if len(each["text"]["content"].encode("utf-16-le")) > 2 * 2000:
            raise _invalid("body failed validation: text.content.length should be ≤ `2000`.")


def _title(page: Page) -> str:
    for held in page.properties.values():
        if held["type"] == "title":
            return "".join(each["plain_text"] for each in held["title"])
    return ""


def _listed(found: Sequence[Json], cursor: str, size: int) -> Json:
    start = int(cursor) if cursor else 0
    end = start + min(size, 100)
    more = end < len(found)
    return {
        "object": "list",
        "results": list(found[start:end]),
        "has_more": more,
        "next_cursor": str(end) if more else None,
    }


def _missing(key: str) -> Refusal:
    return _error(404, "object_not_found", f"Could not find object with ID: {key}.")


def _invalid(message: str) -> Refusal:
    return _error(400, "validation_error", message)


def _error(status: int, code: str, message: str) -> Refusal:
    return Refusal(status, {"object": "error", "status": status, "code": code, "message": message})
