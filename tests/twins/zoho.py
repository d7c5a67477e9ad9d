"""A strict twin of Zoho CRM's interface, version 8, and of its accounts server, after the published requests and answers.

zoho.com/crm/developer/docs/api/v8: refresh token, get, search and update records, notes, fields metadata, organisation,
errors. `tests/adapters/systems/test_zoho.py` holds what it answers to the models of Zoho's own SDK.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.systems.answers import items
from bot.values import Json, is_mapping
from tests.contracts.systems.sample import NOW
from tests.twins.published import Desk, Refusal, route

CLIENT_ID = "1000.VIGIE"
CLIENT_SECRET = "canary-zoho-secret"
REFRESH = "1000.canary-zoho-refresh"
_UPDATED = ("id", "Created_Time", "Modified_Time")


def refusal(status: int, code: str, message: str, **details: Json) -> Refusal:
    return Refusal(status, {"code": code, "details": details, "message": message, "status": "error"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One field of a module as the twin knows it."""

    name: str
    label: str
    type: str
    choices: tuple[tuple[str, str], ...] = ()
    read_only: bool = False
    length: int = 120

    def told(self) -> dict[str, Json]:
        picks = [{"display_value": shown, "actual_value": kept} for shown, kept in self.choices]
        return {
            "id": f"4876876000000{abs(hash(self.name)) % 10**6:06}",
            "api_name": self.name,
            "field_label": self.label,
            "data_type": self.type,
            "read_only": self.read_only,
            "field_read_only": False,
            "length": self.length,
            "pick_list_values": picks,
        }


@dataclass
class ZohoTwin:
    """One organisation. `fields` and `records` by module; `lag` hides records from searches, as indexing does."""

    fields: Mapping[str, tuple[Known, ...]]
    api_domain: str = "http://zoho.test"
    required: Mapping[str, str] = field(default_factory=lambda: {"Contacts": "Last_Name"})
    records: dict[str, dict[str, dict[str, Json]]] = field(
        default_factory=dict[str, dict[str, dict[str, Json]]]
    )
    notes: dict[str, dict[str, Json]] = field(default_factory=dict[str, dict[str, Json]])
    given: int = 0
    kind: str = "Production"

    def __post_init__(self) -> None:
        self._numbers = itertools.count(4876876000000100001)
        self._clock = NOW - timedelta(minutes=10)
        self.desk = Desk(
            token="",
            scheme="Zoho-oauthtoken",
            refused=lambda: refusal(401, "INVALID_TOKEN", "invalid oauth token"),
        )
        self.app = Starlette(
            routes=[
                Route("/oauth/v2/token", self._token, methods=["POST"]),
                self._route("GET", "/crm/v8/org", lambda request, body: self._org()),
                self._route("GET", "/crm/v8/settings/fields", self._settings),
                self._route("POST", "/crm/v8/Notes", self._add_note, status=201),
                self._route("GET", "/crm/v8/Notes/{id}", self._note),
                self._route("DELETE", "/crm/v8/Notes/{id}", self._delete_note),
                self._route("GET", "/crm/v8/{module}/search", self._search),
                self._route("GET", "/crm/v8/{module}/{id}/Notes", self._notes),
                self._route("GET", "/crm/v8/{module}", self._list),
                self._route("GET", "/crm/v8/{module}/{id}", self._get),
                self._route("PUT", "/crm/v8/{module}/{id}", self._update),
            ]
        )

    def _route(
        self, method: str, path: str, act: Callable[[Request, Json], Json], *, status: int = 200
    ) -> Route:
        return route(self.desk, method, path, act, status=status)

    def state(self) -> Json:
        """Everything that is kept, but for when."""
        plain = {
            module: {
                key: {k: v for k, v in kept.items() if k != "Modified_Time"} for key, kept in records.items()
            }
            for module, records in self.records.items()
        }
        return {"records": plain, "notes": {key: dict(note) for key, note in self.notes.items()}}

    def add(self, module: str, **values: Json) -> str:
        """A record that somebody made there."""
        key = str(next(self._numbers))
        self.records.setdefault(module, {})[key] = {"id": key, **values, **self._times()}
        return key

    def write(self, module: str, key: str, text: str) -> str:
        """A note that somebody wrote there."""
        note = str(next(self._numbers))
        self.notes[note] = {
            "id": note,
            "Note_Title": None,
            "Note_Content": text,
            "Parent_Id": {"id": key, "module": {"api_name": module}},
        }
        return note

    def expire(self) -> None:
        """The token given last is no good any more."""
        self.desk.token = "ended"

    def _times(self) -> dict[str, Json]:
        self._clock += timedelta(seconds=1)
        stamp = self._clock.isoformat(timespec="seconds")
        return {"Created_Time": stamp, "Modified_Time": stamp}

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        wanted = {
            "grant_type": "refresh_token",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH,
        }
        if form.get("client_id") != CLIENT_ID:
            return JSONResponse({"error": "invalid_client"})
        if form != wanted:
            return JSONResponse({"error": "invalid_code"})
        self.given += 1
        self.desk.token = f"1000.canary-access-{self.given}"
        return JSONResponse(
            {
                "access_token": self.desk.token,
                "scope": "ZohoCRM.modules.ALL",
                "api_domain": self.api_domain,
                "token_type": "Bearer",
                "expires_in": 3600,
            }
        )

    def _org(self) -> Json:
        return {
            "org": [
                {
                    "id": "4876876000000020005",
                    "company_name": "Atelier",
                    "zgid": "687600001",
                    "domain_name": "org687600001",
                    "type": self.kind,
                }
            ]
        }

    def _settings(self, request: Request, body: Json) -> Json:
        return {"fields": [each.told() for each in self._module(request.query_params.get("module", ""))]}

    def _module(self, name: str) -> tuple[Known, ...]:
        if name not in self.fields:
            raise refusal(400, "INVALID_MODULE", "The module name given seems to be invalid")
        return self.fields[name]

    def _kept(self, request: Request) -> dict[str, Json]:
        module, key = request.path_params["module"], request.path_params["id"]
        self._module(module)
        if not key.isdigit():
            raise refusal(400, "INVALID_DATA", "the given id seems to be invalid", api_name="id")
        if key not in self.records.get(module, {}):
            raise Refusal(204, None)
        return self.records[module][key]

    def _get(self, request: Request, body: Json) -> Json:
        return {"data": [dict(self._kept(request))]}

    def _list(self, request: Request, body: Json) -> Json:
        asked = request.query_params
        if not asked.get("fields"):
            raise refusal(
                400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="fields"
            )
        module = request.path_params["module"]
        self._module(module)
        found = list(self.records.get(module, {}).values())
        return self._paged(found, asked)

    def _search(self, request: Request, body: Json) -> Json:
        module, asked = request.path_params["module"], request.query_params
        self._module(module)
        given = [name for name in ("word", "email", "phone", "criteria") if name in asked]
        if len(given) != 1 or not set(asked) <= {*given, "per_page", "page", "fields"}:
            raise refusal(
                400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="word"
            )
        wanted = asked[given[0]].casefold()
        if len(wanted) < 2:
            raise refusal(400, "INVALID_QUERY", "invalid query formed", reason="minimum two characters")
        found = [
            kept
            for kept in self.records.get(module, {}).values()
            if (
                str(kept.get("Email", "")).casefold() == wanted
                if given == ["email"]
                else wanted in repr(list(kept.values())).casefold()
            )
        ]
        return self._paged(found, asked)

    def _paged(self, found: list[dict[str, Json]], asked: Mapping[str, str]) -> Json:
        size = int(asked.get("per_page", 200))
        if not 1 <= size <= 200:
            raise refusal(400, "INVALID_DATA", "invalid data", param_name="per_page")
        if not found:
            raise Refusal(204, None)
        info = {
            "per_page": size,
            "count": min(size, len(found)),
            "page": 1,
            "more_records": len(found) > size,
        }
        return {"data": [dict(kept) for kept in found[:size]], "info": info}

    def _update(self, request: Request, body: Json) -> Json:
        module, key = request.path_params["module"], request.path_params["id"]
        known = {each.name: each for each in self._module(module)}
        (one,) = self._one(body)
        if key not in self.records.get(module, {}):
            raise Refusal(
                400, {"data": [refused("INVALID_DATA", "the id given seems to be invalid", api_name="id")]}
            )
        for name, value in one.items():
            if name not in known or known[name].read_only:
                continue  # Zoho ignores what it does not know
            path = f"$.data[0].{name}"
            if value is None and self.required.get(module) == name:
                raise Refusal(
                    400,
                    {
                        "data": [
                            refused(
                                "MANDATORY_NOT_FOUND",
                                "required field not found",
                                api_name=name,
                                json_path=path,
                            )
                        ]
                    },
                )
            if value is not None and (wanted := _misfit(known[name], value)):
                raise Refusal(
                    400,
                    {
                        "data": [
                            refused(
                                "INVALID_DATA",
                                "invalid data",
                                expected_data_type=wanted,
                                api_name=name,
                                json_path=path,
                            )
                        ]
                    },
                )
        kept = self.records[module][key]
        kept.update(
            {name: value for name, value in one.items() if name in known and not known[name].read_only}
        )
        for name in [name for name, value in kept.items() if value is None]:
            del kept[name]
        kept["Modified_Time"] = self._times()["Modified_Time"]
        return {"data": [self._done(kept, "record updated")]}

    def _done(self, kept: Mapping[str, Json], message: str) -> Json:
        who = {"name": "Vigie", "id": "4876876000000333001"}
        details = {**{name: kept.get(name) for name in _UPDATED}, "Modified_By": who, "Created_By": who}
        return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}

    def _one(self, body: Json) -> list[dict[str, Any]]:
        listed = items(body, "data")
        if (
            not is_mapping(body)
            or set(body) - {"data", "trigger"}
            or len(listed) != 1
            or not is_mapping(listed[0])
        ):
            raise refusal(400, "MANDATORY_NOT_FOUND", "required field not found", api_name="data")
        return cast("list[dict[str, Any]]", listed)

    def _add_note(self, request: Request, body: Json) -> Json:
        (one,) = self._one(body)
        if set(one) - {"Note_Title", "Note_Content", "Parent_Id"} or not one.get("Note_Content"):
            raise Refusal(
                400,
                {
                    "data": [
                        refused("MANDATORY_NOT_FOUND", "required field not found", api_name="Note_Content")
                    ]
                },
            )
        parent = one.get("Parent_Id", {})
        module, key = parent.get("module", {}).get("api_name"), parent.get("id")
        if key not in self.records.get(module, {}):
            raise Refusal(400, {"data": [refused("INVALID_DATA", "record not found", api_name="Parent_Id")]})
        note = self.write(module, key, one["Note_Content"])
        self.notes[note]["Note_Title"] = one.get("Note_Title")
        return {"data": [self._done({"id": note, **self._times()}, "record added")]}

    def _notes(self, request: Request, body: Json) -> Json:
        asked = request.query_params
        if not asked.get("fields"):
            raise refusal(
                400, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing", param_name="fields"
            )
        self._kept(request)
        found = [n for n in self.notes.values() if n["Parent_Id"]["id"] == request.path_params["id"]]
        return self._paged(sorted(found, key=lambda n: str(n["id"]), reverse=True), asked)

    def _note(self, request: Request, body: Json) -> Json:
        if request.path_params["id"] not in self.notes:
            raise Refusal(204, None)
        return {"data": [dict(self.notes[request.path_params["id"]])]}

    def _delete_note(self, request: Request, body: Json) -> Json:
        key = request.path_params["id"]
        if key not in self.notes:
            raise Refusal(
                400, {"data": [refused("INVALID_DATA", "the id given seems to be invalid", id=key)]}
            )
        del self.notes[key]
        return {
            "data": [
                {"code": "SUCCESS", "details": {"id": key}, "message": "record deleted", "status": "success"}
            ]
        }


def refused(code: str, message: str, **details: Json) -> dict[str, Json]:
    return {"code": code, "details": details, "message": message, "status": "error"}


def _misfit(known: Known, value: Json) -> str:
    """The type that was expected, "" when it fits."""
    match known.type:
        case "picklist":
            return "" if value in [kept for _, kept in known.choices] else "picklist"
        case "multiselectpicklist":
            good = isinstance(value, list) and all(
                each in [k for _, k in known.choices] for each in cast("list[Json]", value)
            )
            return "" if good else "jsonarray"
        case "boolean":
            return "" if isinstance(value, bool) else "boolean"
        case "integer" | "bigint":
            return "" if isinstance(value, int) and not isinstance(value, bool) else "integer"
        case "double" | "currency" | "percent":
            return "" if isinstance(value, int | float) and not isinstance(value, bool) else "double"
        case "date":
            return "" if isinstance(value, str) and date.fromisoformat(value).isoformat() == value else "date"
        case "datetime":
            return "" if isinstance(value, str) and datetime.fromisoformat(value).tzinfo else "datetime"
        case "lookup" | "ownerlookup":
            return "" if is_mapping(value) and str(value.get("id", "")).isdigit() else "jsonobject"
        case "email":
            return "" if isinstance(value, str) and "@" in value else "email"
        case _:
            return "" if isinstance(value, str) and len(value) <= known.length else "text"
