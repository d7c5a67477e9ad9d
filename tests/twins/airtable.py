"""A strict twin of Airtable's interface for one token, after its published requests, answers and errors.

airtable.com/developers/web/api: list, create, update (with performUpsert) and delete records, base schema, errors.
`tests/adapters/systems/test_airtable.py` holds it to pyairtable, which reads it as it reads Airtable.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from adapters.systems.answers import items, part
from bot.values import Json, is_mapping
from tests.contracts.systems.sample import NOW
from tests.twins.airtable_formula import NoFormula, Row, holds
from tests.twins.published import Desk, Refusal, route

TOKEN = "patCANARY0000001.canary-airtable"
BASE = "appSHOP0000000001"
_COMPUTED = frozenset(["createdTime", "formula", "autoNumber", "lastModifiedTime", "count", "rollup"])
_PAGE = 100
_BATCH = 10
_LIST = frozenset(
    [
        "pageSize",
        "maxRecords",
        "offset",
        "filterByFormula",
        "sort[0][field]",
        "sort[0][direction]",
        "view",
        "fields[]",
    ]
)


def _refusal(status: int, kind: str, message: str = "") -> Refusal:
    return Refusal(status, {"error": {"type": kind, "message": message} if message else kind})


@dataclass
class Kept:
    """One record over there."""

    id: str
    created: str
    fields: dict[str, Json] = field(default_factory=dict[str, Json])

    def told(self) -> dict[str, Json]:
        filled = {k: v for k, v in self.fields.items() if v not in (None, "", [], False)}
        return {"id": self.id, "createdTime": self.created, "fields": filled}


@dataclass
class Sheet:
    """One table: its columns by name as (id, type, choices)."""

    id: str
    name: str
    columns: dict[str, tuple[str, str, tuple[str, ...]]]
    records: dict[str, Kept] = field(default_factory=dict[str, Kept])

    def schema(self) -> dict[str, Json]:
        fields = [
            {
                "id": key,
                "name": name,
                "type": kind,
                **(
                    {
                        "options": {
                            "choices": [
                                {"id": f"sel{i:014}", "name": c, "color": "blueLight2"}
                                for i, c in enumerate(choices)
                            ]
                        }
                    }
                    if choices
                    else {}
                ),
            }
            for name, (key, kind, choices) in self.columns.items()
        ]
        primary = next(iter(self.columns.values()))[0]
        return {"id": self.id, "name": self.name, "primaryFieldId": primary, "fields": fields, "views": []}


MARK = "Vigie key"


class AirtableTwin:
    """One base. `bases` are those the token opens."""

    def __init__(self, *sheets: Sheet, token: str = TOKEN, page: int = _PAGE) -> None:
        self.sheets = {sheet.id: sheet for sheet in sheets}
        self.bases = [(BASE, "Shop")]
        self.fits = _fits
        self.page = page
        self.desk = Desk(
            token=token,
            refused=lambda: _refusal(401, "AUTHENTICATION_REQUIRED", "Authentication required"),
        )
        self._numbers = itertools.count(1)
        self._clock = NOW - timedelta(minutes=10)
        at = "/v0/{base}/{table}"
        self.app = Starlette(
            routes=[
                self._route("GET", "/v0/meta/bases", lambda request, body: self._bases()),
                self._route("GET", "/v0/meta/whoami", lambda request, body: {"id": "usrVIGIE000000001"}),
                self._route("GET", "/v0/meta/bases/{base}/tables", self._tables),
                self._route("GET", at, self._list),
                self._route("POST", at, self._create),
                self._route("PATCH", at, self._update),
                self._route("GET", at + "/{record}", self._get),
                self._route("PATCH", at + "/{record}", self._update_one),
                self._route("DELETE", at + "/{record}", self._delete),
            ]
        )

    def _route(self, method: str, path: str, act: Callable[[Request, Json], Json]) -> Route:
        return route(self.desk, method, path, act)

    def state(self) -> Json:
        """Everything that is kept, without ids and keys: what is put back has others."""
        return {
            sheet.name: sorted(
                repr(sorted(p for p in kept.told()["fields"].items() if p[0] != MARK))
                for kept in sheet.records.values()
            )
            for sheet in self.sheets.values()
        }

    def add(self, sheet: str, *, created: str = "", **fields: Json) -> str:
        """A record that somebody made there; underscores stand for spaces."""
        table = next(each for each in self.sheets.values() if each.name == sheet)
        return self._new(table, {k.replace("_", " "): v for k, v in fields.items()}, created).id

    def _new(self, sheet: Sheet, fields: Mapping[str, Json], created: str = "") -> Kept:
        self._clock += timedelta(seconds=1)
        stamp = created or self._clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        kept = Kept(id=f"rec{next(self._numbers):014}", created=stamp, fields=dict(fields))
        sheet.records[kept.id] = kept
        return kept

    def _bases(self) -> Json:
        return {"bases": [{"id": i, "name": n, "permissionLevel": "create"} for i, n in self.bases]}

    def _tables(self, request: Request, body: Json) -> Json:
        self._base(request)
        return {"tables": [sheet.schema() for sheet in self.sheets.values()]}

    def _base(self, request: Request) -> None:
        if request.path_params["base"] != BASE:
            raise _refusal(
                403,
                "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND",
                "Invalid permissions, or the requested model was not found.",
            )

    def _sheet(self, request: Request) -> Sheet:
        self._base(request)
        wanted = request.path_params["table"]
        for sheet in self.sheets.values():
            if wanted in (sheet.id, sheet.name):
                return sheet
        raise _refusal(
            403,
            "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND",
            "Invalid permissions, or the requested model was not found.",
        )

    def _list(self, request: Request, body: Json) -> Json:
        sheet, asked = self._sheet(request), request.query_params
        for name in asked:
            if name not in _LIST:
                raise _refusal(422, "INVALID_REQUEST_UNKNOWN", f"Unknown parameter {name}")
        size = int(asked.get("pageSize", self.page))
        if not 1 <= size <= _PAGE:
            raise _refusal(422, "INVALID_PAGE_SIZE", "pageSize must be from 1 to 100")
        size = min(size, self.page)
        found = list(sheet.records.values())
        if formula := asked.get("filterByFormula"):
            columns = frozenset(sheet.columns)
            try:
                found = [
                    k
                    for k in found
                    if holds(formula, Row(created=k.created, fields=k.told()["fields"], columns=columns))
                ]
            except NoFormula as error:
                raise _refusal(
                    422, "INVALID_FILTER_BY_FORMULA", f"The formula for filtering records is invalid: {error}"
                ) from None
        if by := asked.get("sort[0][field]"):
            kind = self._column(sheet, by)[1]
            found.sort(
                key=lambda k: k.created if kind == "createdTime" else str(k.fields.get(by, "")),
                reverse=asked.get("sort[0][direction]") == "desc",
            )
        found = found[: int(asked.get("maxRecords", len(found)))]
        start = int(asked.get("offset", "itr/0").rpartition("/")[2])
        told: dict[str, Json] = {"records": [kept.told() for kept in found[start : start + size]]}
        if start + size < len(found):
            told["offset"] = f"itr/{start + size}"
        return told

    def _get(self, request: Request, body: Json) -> Json:
        return self._record(self._sheet(request), request.path_params["record"]).told()

    def _record(self, sheet: Sheet, id: str) -> Kept:
        if id not in sheet.records:
            raise _refusal(404, "NOT_FOUND")
        return sheet.records[id]

    def _create(self, request: Request, body: Json) -> Json:
        sheet = self._sheet(request)
        if "fields" in body and set(body) <= {
            "fields",
            "typecast",
            "returnFieldsByFieldId",
        }:  # the older form for one record
            return self._new(sheet, self._checked(sheet, body["fields"])).told()
        records = self._records(body, {"records", "typecast", "returnFieldsByFieldId"})
        checked = [self._checked(sheet, one.get("fields")) for one in records]
        return {"records": [self._new(sheet, fields).told() for fields in checked]}

    def _update(self, request: Request, body: Json) -> Json:
        sheet = self._sheet(request)
        records = self._records(body, {"records", "typecast", "performUpsert", "returnFieldsByFieldId"})
        merge = cast("list[str]", part(body, "performUpsert").get("fieldsToMergeOn") or [])
        if "performUpsert" in body and not 1 <= len(merge) <= 3:
            raise _refusal(422, "INVALID_REQUEST_UNKNOWN", "fieldsToMergeOn takes one to three fields")
        done: list[Json] = []
        created: list[str] = []
        updated: list[str] = []
        for one in records:
            fields = self._checked(sheet, part(one, "fields"))
            if "id" in one:
                if one["id"] not in sheet.records:
                    raise _refusal(422, "ROW_DOES_NOT_EXIST", f"Record ID {one['id']} does not exist")
                kept = sheet.records[one["id"]]
            else:
                if not merge:
                    raise _refusal(422, "INVALID_RECORDS", "You must provide an id for each record")
                for name in merge:
                    self._column(sheet, name)
                same = [
                    k for k in sheet.records.values() if all(k.fields.get(n) == fields.get(n) for n in merge)
                ]
                if len(same) > 1:
                    raise _refusal(422, "INVALID_RECORDS", "More than one record matches")
                if not same:
                    kept = self._new(sheet, fields)
                    created.append(kept.id)
                    done.append(kept.told())
                    continue
                kept = same[0]
            kept.fields.update(fields)
            updated.append(kept.id)
            done.append(kept.told())
        more = {"createdRecords": created, "updatedRecords": updated} if merge else {}
        return {"records": done, **more}

    def _update_one(self, request: Request, body: Json) -> Json:
        sheet = self._sheet(request)
        kept = self._record(sheet, request.path_params["record"])
        kept.fields.update(self._checked(sheet, part(body, "fields")))
        return kept.told()

    def _delete(self, request: Request, body: Json) -> Json:
        sheet = self._sheet(request)
        self._record(sheet, request.path_params["record"])
        del sheet.records[request.path_params["record"]]
        return {"id": request.path_params["record"], "deleted": True}

    def _records(self, body: Json, keys: set[str]) -> list[dict[str, Any]]:
        if not is_mapping(body) or not set(body) <= keys or not items(body, "records"):
            raise _refusal(
                422,
                "INVALID_REQUEST_UNKNOWN",
                "Invalid request: parameter validation failed. Check your request data.",
            )
        records = cast("list[dict[str, Any]]", items(body, "records"))
        if not 1 <= len(records) <= _BATCH or body.get("typecast"):
            raise _refusal(422, "INVALID_RECORDS", "You may only create or update up to 10 records at once")
        return records

    def _column(self, sheet: Sheet, name: str) -> tuple[str, str, tuple[str, ...]]:
        if name not in sheet.columns:
            raise _refusal(422, "UNKNOWN_FIELD_NAME", f'Unknown field name: "{name}"')
        return sheet.columns[name]

    def _checked(self, sheet: Sheet, fields: Json) -> dict[str, Json]:
        if not is_mapping(fields):
            raise _refusal(
                422, "INVALID_REQUEST_MISSING_FIELDS", 'Could not find field "fields" in the request body'
            )
        for name, value in fields.items():
            _, kind, choices = self._column(sheet, name)
            if kind in _COMPUTED:
                raise _refusal(
                    422,
                    "INVALID_VALUE_FOR_COLUMN",
                    f'Field "{name}" cannot accept a value because the field is computed',
                )
            if value is not None and not self.fits(kind, choices, value):
                picked = kind in ("singleSelect", "multipleSelects") and value
                kind_of = "INVALID_MULTIPLE_CHOICE_OPTIONS" if picked else "INVALID_VALUE_FOR_COLUMN"
                said = (
                    f'Insufficient permissions to create new select option "{value}"'
                    if picked
                    else f'Field "{name}" cannot accept the provided value'
                )
                raise _refusal(422, kind_of, said)
        return dict(fields)


def _fits(kind: str, choices: tuple[str, ...], value: Json) -> bool:
    match kind:
        case "singleSelect":
            return value in choices
        case "multipleSelects":
            return isinstance(value, list) and all(each in choices for each in cast("list[Json]", value))
        case "multipleRecordLinks":
            return isinstance(value, list) and all(
                str(each).startswith("rec") for each in cast("list[Json]", value)
            )
        case "number" | "currency" | "percent" | "rating" | "duration":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "checkbox":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
        case "dateTime":
            return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
        case "singleCollaborator":
            return isinstance(value, dict) and bool({"id", "email"} & set(cast("dict[str, Json]", value)))
        case _:
            return isinstance(value, str)
