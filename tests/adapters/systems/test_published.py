"""Every action of HubSpot and Notion against a server that checks requests by the vendors' own published types.

It has no memory and makes its answers up, so each is asked in two ways: as the systems ask it, which it must accept, and
spoiled, which it must refuse, and the refusal is a sentence.
"""

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager

import pytest

from adapters.systems.client import Client, Reply, Token
from adapters.systems.hubspot import wire as hubspot
from adapters.systems.hubspot.sorts import COMPANY, CONTACT, DEAL, NOTE
from adapters.systems.notion import wire as notion
from adapters.systems.notion.text import blocks, rich
from adapters.systems.vendors import fixed
from bot.errors import Failed, Refused, VigieError
from bot.values import Json
from tests.adapters.systems import published
from tests.contracts.systems.hubspot import PACE
from tests.peers.vendors import Vendor, prism

pytestmark = pytest.mark.peer("prism")

Explain = Callable[[Reply], VigieError | None]
A = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def notions(tmp_path_factory: pytest.TempPathFactory) -> Generator[Vendor]:
    with prism(published.notion(tmp_path_factory.mktemp("spec"))) as running:
        yield running


@pytest.fixture(scope="module")
def hubspots() -> Generator[Vendor]:
    with prism("hubspot") as running:
        yield running


@asynccontextmanager
async def client(
    vendor: Vendor, explain: Explain, *, version: str = "", token: Token | None = None
) -> AsyncGenerator[Client]:
    headers = {"notion-version": version} if version else {}
    made = Client(vendor="It", base=vendor.url, token=token, pace=PACE, headers=headers, explain=explain)
    try:
        yield made
    finally:
        await made.close()


ANY = fixed("any")


# Notion -----------------------------------------------------------------------------------------------------

VALUES: Mapping[str, Json] = {
    "Task": {"title": rich("Ring")},
    "Notes": {"rich_text": rich("x" * 5000)},
    "Points": {"number": 1.5},
    "Priority": {"select": {"name": "High"}},
    "Status": {"status": {"name": "Done"}},
    "Tags": {"multi_select": [{"name": "red"}]},
    "Due": {"date": {"start": "2026-12-01", "end": "2026-12-02"}},
    "Billed": {"checkbox": True},
    "Site": {"url": None},
    "Mail": {"email": "a@x.example"},
    "Call": {"phone_number": "+33"},
    "Owner": {"people": [{"object": "user", "id": A}]},
    "Part of": {"relation": [{"id": A}]},
}


async def test_notion_takes_every_request(notions: Vendor) -> None:
    async with client(notions, notion.explain, version=notion.VERSION, token=ANY) as asking:
        wire = notion.Wire(asking)
        page, source = {"type": "page_id", "page_id": A}, {"type": "data_source_id", "data_source_id": A}
        await wire.me()
        await wire.search("plan", "page", 10)
        await wire.search("", "data_source", 10)
        await wire.page(A)
        await wire.data_source(A)
        await wire.database(A)
        await wire.rows(A, by="created_time", limit=100)
        await wire.children(A)
        await wire.children(A, "next")
        await wire.create(page, {"title": {"title": rich("Minutes")}}, blocks("One.\n\nTwo.", "eff_1"))
        await wire.create(source, VALUES, blocks("", "eff_1"))
        await wire.update(A, VALUES)
        await wire.trash(A, away=True)
        await wire.append(A, blocks("One.", "eff_1"))
        await wire.remove(A)


SPOILED_NOTION: list[tuple[str, str, Json]] = [
    ("POST", "/v1/pages", {"parent": {"page_id": A}, "properties": {"title": {"title": "Minutes"}}}),
    ("POST", "/v1/pages", {"parent": {"page": A}, "properties": {}}),
    ("POST", "/v1/pages", {"properties": {"Points": {"number": "5"}}, "parent": {"data_source_id": A}}),
    ("POST", "/v1/pages", {"parent": {"page_id": A}, "properties": {}, "children": [{"paragraph": "x"}]}),
    ("PATCH", f"/v1/pages/{A}", {"properties": {"Due": {"date": "2026-12-01"}}}),
    ("PATCH", f"/v1/pages/{A}", {"in_trash": "yes"}),
    ("PATCH", f"/v1/pages/{A}", {"title": "x"}),
    ("PATCH", f"/v1/blocks/{A}/children", {"children": "x"}),
    ("PATCH", f"/v1/blocks/{A}/children", {}),
    ("POST", "/v1/search", {"filter": {"property": "object", "value": "database"}}),
    ("POST", "/v1/search", {"title": "x"}),
    (
        "POST",
        f"/v1/data_sources/{A}/query",
        {"sorts": [{"timestamp": "edited", "direction": "descending"}]},
    ),
    ("GET", "/v1/pages", None),
    ("GET", "/v1/nothing", None),
]


@pytest.mark.parametrize(("method", "path", "body"), SPOILED_NOTION)
async def test_notion_refuses_what_its_types_do_not_know(
    notions: Vendor, method: str, path: str, body: Json
) -> None:
    async with client(notions, notion.explain, version=notion.VERSION, token=ANY) as asking:
        with pytest.raises((Failed, Refused)) as refusal:
            await asking.write(method, path, json=body)
    assert str(refusal.value)


async def test_notion_wants_its_version_and_a_token(notions: Vendor) -> None:
    async with client(notions, notion.explain, token=ANY) as asking:
        with pytest.raises((Failed, Refused)):
            await asking.read(f"/v1/pages/{A}")
    async with client(notions, notion.explain, version=notion.VERSION) as asking:
        with pytest.raises(Failed, match="connect it again"):
            await asking.read(f"/v1/pages/{A}")


# HubSpot ----------------------------------------------------------------------------------------------------


async def test_hubspot_takes_every_request(hubspots: Vendor) -> None:
    async with client(hubspots, hubspot.explain, token=ANY) as asking:
        wire = hubspot.Wire(asking)
        for sort in (CONTACT, COMPANY, DEAL):
            await wire.search(sort, "gigi", 10)
            await wire.newest(sort, 10)
            await wire.one(sort, "101", ("score",))
            await wire.history(sort, "101", ("phone",))
            await wire.update(sort, "101", {"phone": "1", "city": ""})
            await wire.notes(sort, "101")
        await wire.one(CONTACT, "gigi@example.com")
        await wire.create(CONTACT, {"email": "ana@example.com", "firstname": "Ana"})
        note = {"hs_timestamp": "2026-11-21T12:00:00.000+00:00", "hs_note_body": "x"}
        for sort in (CONTACT, COMPANY, DEAL):
            await wire.create(NOTE, note, (sort, "101"))
        await wire.archive(CONTACT, "101")
        await wire.archive(NOTE, "101")


SPOILED_HUBSPOT: list[tuple[str, str, Json]] = [
    ("POST", "contacts", {"email": "a@x.example"}),
    ("POST", "contacts", {"properties": {"email": 5}}),
    ("POST", "contacts", {"properties": {"email": None}}),
    ("POST", "notes", {"properties": {}, "associations": [{"to": {"id": 7}, "types": []}]}),
    ("POST", "notes", {"properties": {}, "associations": [{"to": {"id": "7"}}]}),
    (
        "POST",
        "notes",
        {
            "properties": {},
            "associations": [
                {"to": {"id": "7"}, "types": [{"associationCategory": "OURS", "associationTypeId": 1}]}
            ],
        },
    ),
    ("PATCH", "contacts/101", {}),
    ("PATCH", "companies/101", {"properties": {"city": ["Lyon"]}}),
    ("PATCH", "deals/101", {"properties": {}, "id": "101"}),
    ("POST", "contacts/search", {"query": 7}),
    (
        "POST",
        "companies/search",
        {"filterGroups": [{"filters": [{"propertyName": "x", "operator": "LIKE"}]}]},
    ),
    ("POST", "deals/search", {"words": "x"}),
    ("PUT", "contacts/101", {"properties": {}}),
    ("POST", "pets", {"properties": {}}),
]


@pytest.mark.parametrize(("method", "path", "body"), SPOILED_HUBSPOT)
async def test_hubspot_refuses_what_its_types_do_not_know(
    hubspots: Vendor, method: str, path: str, body: Json
) -> None:
    async with client(hubspots, hubspot.explain, token=ANY) as asking:
        with pytest.raises((Failed, Refused)) as refusal:
            await asking.write(method, f"/crm/v3/objects/{path}", json=body)
    assert str(refusal.value)
