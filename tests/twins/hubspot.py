"""A twin of HubSpot's CRM with a memory, strict about what it takes: bodies are checked against HubSpot's own published
types, properties against their definitions, addresses are unique, and every value's history is kept.
"""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request

from bot.values import Json
from tests.twins.published import Desk, Faults, Refusal, checker, route

TOKEN = "pat-eu1-00000000-0000-0000-0000-00000000c0de"  # made up
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SORTS = ("contacts", "companies", "deals", "notes")
NOTED = {"contacts": 202, "companies": 190, "deals": 214}


def _definition(name: str, label: str, kind: str = "string", **more: Json) -> Json:
    return {
        "name": name,
        "label": label,
        "type": kind,
        "fieldType": "text",
        "description": "",
        "groupName": "information",
        "options": [],
        "modificationMetadata": {"readOnlyValue": False, "archivable": True, "readOnlyDefinition": True},
        **more,
    }


def _options(*labels: str) -> list[Json]:
    return [
        {"label": label, "value": label.casefold().replace(" ", "_"), "hidden": False} for label in labels
    ]


_READ_ONLY = {
    "modificationMetadata": {"readOnlyValue": True, "archivable": False, "readOnlyDefinition": True}
}
DEFINITIONS: dict[str, list[Json]] = {
    "contacts": [
        *(_definition("firstname", "First Name"), _definition("lastname", "Last Name")),
        *(_definition("email", "Email"), _definition("phone", "Phone Number")),
        *(_definition("company", "Company Name"), _definition("jobtitle", "Job Title")),
        *(_definition("city", "City"), _definition("country", "Country/Region")),
        _definition(
            "lifecyclestage",
            "Lifecycle Stage",
            "enumeration",
            fieldType="radio",
            options=_options("Lead", "Sales Qualified Lead", "Customer"),
        ),
        _definition("hs_lead_status", "Lead Status", "enumeration", options=_options("New", "Open")),
        _definition(
            "hobbies",
            "Hobbies",
            "enumeration",
            fieldType="checkbox",
            options=_options("Chess", "Tea, green", "Go"),
        ),
        _definition("score", "Score", "number"),
        _definition("birthday", "Birthday", "date"),
        _definition("last_call", "Last Call", "datetime"),
        _definition("newsletter", "Newsletter", "bool"),
        _definition("hs_object_id", "Record ID", "number", **_READ_ONLY),
    ],
    "companies": [
        *(_definition("name", "Company Name"), _definition("domain", "Company Domain Name")),
        *(_definition("phone", "Phone Number"), _definition("industry", "Industry")),
        *(_definition("city", "City"), _definition("country", "Country/Region")),
        _definition("lifecyclestage", "Lifecycle Stage"),
    ],
    "deals": [
        *(_definition("dealname", "Deal Name"), _definition("amount", "Amount", "number")),
        _definition("deal_currency_code", "Currency", "enumeration", options=_options("EUR", "USD")),
        _definition(
            "dealstage",
            "Deal Stage",
            "enumeration",
            options=_options("In Progress", "Closed Won", "Closed Lost"),
        ),
        *(_definition("pipeline", "Pipeline"), _definition("closedate", "Close Date", "datetime")),
    ],
    "notes": [_definition("hs_note_body", "Note Body"), _definition("hs_timestamp", "Activity Date")],
}


@dataclass
class Object:
    """One object with the history of each property, the newest first."""

    sort: str
    id: str
    created: datetime
    updated: datetime
    history: dict[str, list[Json]] = field(default_factory=dict[str, list[Json]])
    archived: bool = False
    on: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def held(self) -> dict[str, str]:
        return {name: versions[0]["value"] for name, versions in self.history.items() if versions[0]["value"]}


class HubSpotTwin:
    """`desk` counts calls and makes faults; `app` answers; `state` is everything that is kept."""

    def __init__(self, *, token: str = TOKEN, portal: int = 144_000) -> None:
        self.portal = portal
        self.objects: dict[str, Object] = {}
        self._ids = itertools.count(101)
        self._moments = (NOW + timedelta(seconds=n) for n in itertools.count())
        self._create = checker("hubspot.json", "SimplePublicObjectInputForCreate", at="components.schemas")
        self._update = checker("hubspot.json", "SimplePublicObjectInput", at="components.schemas")
        self._find = checker("hubspot.json", "PublicObjectSearchRequest", at="components.schemas")
        self.desk = Desk(token=token, refused=lambda: _error(401, "Authentication credentials not found."))
        base, one = "/crm/v3/objects/{sort}", "/crm/v3/objects/{sort}/{id}"
        self.app = Starlette(
            routes=[
                route(self.desk, "GET", "/account-info/v3/details", lambda _, __: self._account()),
                route(self.desk, "GET", "/crm/v3/properties/{sort}", self._definitions),
                route(self.desk, "POST", f"{base}/search", self._search),
                route(self.desk, "GET", base, self._list),
                route(self.desk, "POST", base, self._make, status=201),
                route(self.desk, "GET", one, self._get),
                route(self.desk, "PATCH", one, self._change),
                route(self.desk, "DELETE", one, self._archive, status=204),
            ]
        )

    def add(self, sort: str, **properties: str) -> str:
        """Keeps one as if somebody had typed it in HubSpot; its number."""
        number, at = str(next(self._ids)), next(self._moments)
        made = Object(sort=sort, id=number, created=at, updated=at)
        self._set(made, properties, at, source="CRM_UI")
        self.objects[number] = made
        return number

    def of(self, sort: str) -> list[Object]:
        """Those that are not archived."""
        return [each for each in self.objects.values() if each.sort == sort and not each.archived]

    def state(self) -> object:
        return sorted(
            (each.sort, each.id, tuple(sorted(each.held.items())), tuple(each.on))
            for each in self.objects.values()
            if not each.archived
        )

    def _account(self) -> Json:
        return {
            "portalId": self.portal,
            "accountType": "DEVELOPER_TEST",
            "timeZone": "Europe/Paris",
            "companyCurrency": "EUR",
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "eu1",
        }

    def _definitions(self, request: Request, _: Json) -> Json:
        return {"results": DEFINITIONS[self._sort(request)]}

    def _list(self, request: Request, _: Json) -> Json:
        limit = int(request.query_params.get("limit", "10"))
        return {"results": [self._told(each) for each in self.of(self._sort(request))[:limit]]}

    def _search(self, request: Request, body: Json) -> Json:
        _checked(self._find, body)
        words = str(body.get("query", "")).casefold().split()
        found = [
            each
            for each in self.of(self._sort(request))
            if all(any(word in value.casefold() for value in each.held.values()) for word in words)
        ]
        return {
            "total": len(found),
            "results": [self._told(each) for each in found[: int(body.get("limit", 10))]],
        }

    def _make(self, request: Request, body: Json) -> Json:
        _checked(self._create, body)
        sort = self._sort(request)
        properties = self._valid(sort, body["properties"])
        if sort == "notes" and "hs_timestamp" not in properties:
            raise _error(400, "hs_timestamp was missing", category="VALIDATION_ERROR")
        email = properties.get("email", "").casefold()
        for each in self.of("contacts") if email else ():
            if each.held.get("email", "").casefold() == email:
                raise _error(409, f"Contact already exists. Existing ID: {each.id}", category="CONFLICT")
        on = [self._associated(sort, each) for each in body.get("associations") or ()]
        number, at = str(next(self._ids)), next(self._moments)
        made = Object(sort=sort, id=number, created=at, updated=at, on=on)
        self._set(made, properties, at, source="INTEGRATION")
        self.objects[number] = made
        return self._told(made)

    def _associated(self, sort: str, spec: Json) -> tuple[str, str]:
        target = self.objects.get(spec["to"]["id"])
        if target is None or target.archived:
            raise _error(404, "Object to associate with was not found", category="OBJECT_NOT_FOUND")
        types = [(each["associationCategory"], each["associationTypeId"]) for each in spec["types"]]
        if sort != "notes" or types != [("HUBSPOT_DEFINED", NOTED.get(target.sort))]:
            raise _error(400, f"No association of type {types} to {target.sort}", category="VALIDATION_ERROR")
        return target.sort, target.id

    def _get(self, request: Request, _: Json) -> Json:
        found = self._one(request)
        told = self._told(found)
        if names := request.query_params.get("propertiesWithHistory"):
            told["propertiesWithHistory"] = {n: found.history.get(n, []) for n in names.split(",")}
        if request.query_params.get("associations") == "notes":
            on = [each for each in self.of("notes") if (found.sort, found.id) in each.on]
            told["associations"] = {"notes": {"results": [{"id": n.id, "type": "note"} for n in on]}}
        return told

    def _change(self, request: Request, body: Json) -> Json:
        _checked(self._update, body)
        found = self._one(request)
        properties = self._valid(found.sort, body["properties"])
        found.updated = next(self._moments)
        self._set(found, properties, found.updated, source="INTEGRATION")
        return self._told(found)

    def _archive(self, request: Request, _: Json) -> Json:
        self._one(request).archived = True
        return None

    def _sort(self, request: Request) -> str:
        sort = request.path_params["sort"]
        if sort not in SORTS:
            raise _error(400, f"Unable to infer object type from: {sort}", category="VALIDATION_ERROR")
        return sort

    def _one(self, request: Request) -> Object:
        sort, key = self._sort(request), request.path_params["id"]
        by_address = request.query_params.get("idProperty") == "email"
        for each in self.of(sort):
            if each.id == key or (by_address and each.held.get("email", "").casefold() == key.casefold()):
                return each
        raise _error(404, "resource not found", category="OBJECT_NOT_FOUND")

    def _valid(self, sort: str, properties: Json) -> dict[str, str]:
        known = {each["name"]: each for each in DEFINITIONS[sort]}
        wrong: list[Json] = []
        for name, value in properties.items():
            definition = known.get(name)
            if definition is None:
                wrong.append(_fault(name, f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST"))
            elif definition["modificationMetadata"]["readOnlyValue"]:
                wrong.append(_fault(name, f"{name} is a read only property", "READ_ONLY_VALUE"))
            elif value and not _fits(definition, value):
                wrong.append(_fault(name, f"{value} was not valid for {name}", "INVALID_VALUE"))
        if wrong:
            listed = ", ".join(repr(each) for each in wrong)
            raise _error(
                400,
                f"Property values were not valid: {listed}",
                category="VALIDATION_ERROR",
                errors=[{"message": e["message"], "context": {"propertyName": [e["name"]]}} for e in wrong],
            )
        return dict(properties)

    def _set(self, target: Object, properties: dict[str, str], at: datetime, *, source: str) -> None:
        for name, value in properties.items():
            version = {"value": value, "timestamp": at.isoformat(), "sourceType": source}
            target.history.setdefault(name, []).insert(0, version)

    def _told(self, found: Object) -> Json:
        return {
            "id": found.id,
            "properties": {**found.held, "hs_object_id": found.id},
            "createdAt": found.created.isoformat(),
            "updatedAt": found.updated.isoformat(),
            "archived": found.archived,
        }


def _fits(definition: Json, value: str) -> bool:
    match definition["type"]:
        case "number":
            return value.replace(".", "", 1).lstrip("-").isdigit()
        case "bool":
            return value in ("true", "false")
        case "date":
            return len(value) == 10
        case "datetime":
            return value.endswith("Z") and "T" in value
        case "enumeration":
            allowed = {option["value"] for option in definition["options"]}
            many = definition["fieldType"] == "checkbox"
            return set(value.split(";") if many else [value]) <= allowed
        case _ if definition["name"] == "email":
            return "@" in value and not value.endswith(".invalid")
        case _:
            return True


def _fault(name: str, message: str, code: str) -> Json:
    return {"isValid": False, "message": message, "error": code, "name": name}


def _checked(faults: Faults, body: Json) -> None:
    for _, why in faults(body):
        raise _error(400, f"Invalid input JSON: {why}", category="VALIDATION_ERROR")


def _error(
    status: int, message: str, *, category: str = "ERROR", errors: list[Json] | None = None
) -> Refusal:
    body: Json = {
        "status": "error",
        "message": message,
        "correlationId": "0d1e2f",
        "category": category,
        **({"errors": errors} if errors else {}),
    }
    return Refusal(status, body)
