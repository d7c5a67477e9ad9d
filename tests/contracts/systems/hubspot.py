"""HubSpot, held to the contract of systems over its twin."""

from pathlib import Path

from adapters.systems.client import Client, Pace
from adapters.systems.hubspot import HubSpot
from adapters.systems.hubspot.wire import explain
from adapters.systems.vendors import fixed
from bot.world import System
from tests.contracts.systems.sample import Recovery, Sample
from tests.twins.hubspot import TOKEN, HubSpotTwin
from tests.twins.published import Cutting

_TWINS: dict[Path, HubSpotTwin] = {}
_OF: dict[int, HubSpotTwin] = {}
PACE = Pace(rate=1_000_000, burst=1_000, first=0, longest=0)
"""Nobody waits in a test."""


def twin() -> HubSpotTwin:
    """With a contact (101), a company (102), a deal (103) and a note (104)."""
    made = HubSpotTwin()
    made.add(
        "contacts", firstname="Gigi", lastname="Hamilton", email="gigi@example.com", lifecyclestage="lead"
    )
    made.add("companies", name="Atelier Lumen", domain="lumen.example", city="Lyon")
    made.add("deals", dealname="Lamps for Lumen", amount="1200", dealstage="in_progress")
    made.add("notes", hs_note_body="Called on Monday.", hs_timestamp="2026-11-20T09:00:00.000Z")
    return made


def connected(twin: HubSpotTwin, *, name: str = "hubspot") -> HubSpot:
    """The system over a twin in this process."""
    client = Client(
        vendor="HubSpot",
        base="http://hubspot.test",
        token=fixed(TOKEN),
        pace=PACE,
        explain=explain,
        transport=Cutting(twin.app),
    )
    return HubSpot(name=name, client=client)


def _make(folder: Path) -> System:
    if folder not in _TWINS:
        _TWINS[folder] = twin()
    system = connected(_TWINS[folder])
    _OF[id(system)] = _TWINS[folder]
    return system


SAMPLE = Sample(
    make=_make,
    deeds={
        "hubspot.find_contacts": {"query": "gigi", "limit": "3"},
        "hubspot.find_companies": {"query": "lumen"},
        "hubspot.find_deals": {"query": "lamps"},
        "hubspot.get_contact": {"contact": "gigi@example.com"},
        "hubspot.get_company": {"company": "102"},
        "hubspot.get_deal": {"deal": "103"},
        "hubspot.create_contact": {
            "email": "ana@example.com",
            "first_name": "Ana",
            "last_name": "Lima",
            "properties": 'Lifecycle Stage=customer; hobbies=["Chess", "Tea, green"]',
        },
        "hubspot.update_contact": {
            "contact": "101",
            "properties": "phone=+33 1 23; Lifecycle Stage=Customer; newsletter=oui; score=1 234,5",
        },
        "hubspot.update_company": {"company": "102", "properties": {"city": "", "industry": "Lighting"}},
        "hubspot.update_deal": {"deal": "103", "properties": "dealstage=Closed Won; amount=1300"},
        "hubspot.add_note": {"company": "102", "text": "Wants <b>ten</b> more.\n\nCall & ask."},
        "hubspot.archive_contact": {"contact": "101"},
        "hubspot.archive_note": {"note": "104"},
    },
    unknown={
        "hubspot.get_contact": {"contact": "nobody@example.com"},
        "hubspot.get_company": {"company": "999"},
        "hubspot.get_deal": {"deal": "../contacts/101"},
        "hubspot.update_contact": {"contact": "999", "properties": "phone=1"},
        "hubspot.update_company": {"company": "101", "properties": "city=Lyon"},
        "hubspot.update_deal": {"deal": "999", "properties": "amount=1"},
        "hubspot.add_note": {"deal": "999", "text": "x"},
        "hubspot.archive_contact": {"contact": "999"},
        "hubspot.archive_note": {"note": "999"},
        "hubspot.create_contact": {"email": "gigi@example.com"},
    },
    state=lambda system: _OF[id(system)].state(),
    recovers={
        "hubspot.create_contact": Recovery.STATE,
        "hubspot.update_contact": Recovery.STATE,
        "hubspot.update_company": Recovery.STATE,
        "hubspot.update_deal": Recovery.STATE,
        "hubspot.add_note": Recovery.WHOLE,
        "hubspot.archive_contact": Recovery.STATE,
        "hubspot.archive_note": Recovery.STATE,
        **dict.fromkeys(
            (
                *("hubspot.find_contacts", "hubspot.find_companies", "hubspot.find_deals"),
                *("hubspot.get_contact", "hubspot.get_company", "hubspot.get_deal"),
            ),
            Recovery.WHOLE,
        ),
    },
)
