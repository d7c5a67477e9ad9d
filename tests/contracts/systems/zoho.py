"""Zoho CRM, held to the contract of systems over its twin."""

from pathlib import Path

from adapters.systems.vendors import Login
from adapters.systems.zoho import VENDOR, Zoho
from bot.world import System
from tests.contracts.systems.sample import Recovery, Sample
from tests.twins.published import Cutting
from tests.twins.zoho import CLIENT_ID, CLIENT_SECRET, REFRESH, Known, ZohoTwin

_SOURCES = (("Partner", "External Partner"), ("Web, site", "Web"), ("Cold call", "Cold Call"))
_PERSON = (
    Known(name="Full_Name", label="Full Name", type="text", read_only=True),
    Known(name="First_Name", label="First Name", type="text", length=40),
    Known(name="Last_Name", label="Last Name", type="text", length=80),
    Known(name="Email", label="Email", type="email"),
    Known(name="Phone", label="Phone", type="phone", length=30),
    Known(name="Lead_Source", label="Lead Source", type="picklist", choices=_SOURCES),
    Known(
        name="Interests",
        label="Interests",
        type="multiselectpicklist",
        choices=(("Lamps", "lamps"), ("Desks, oak", "desks")),
    ),
    Known(name="Date_of_Birth", label="Date of Birth", type="date"),
    Known(name="Next_Call", label="Next Call", type="datetime"),
    Known(name="Score", label="Score", type="integer"),
    Known(name="Worth", label="Worth", type="currency"),
    Known(name="Newsletter", label="Newsletter", type="boolean"),
    Known(name="Account_Name", label="Account Name", type="lookup"),
    Known(name="Number", label="Number", type="autonumber", read_only=True),
)
_COMPANY = (
    Known(name="Account_Name", label="Account Name", type="text"),
    Known(name="Phone", label="Phone", type="phone"),
    Known(name="Industry", label="Industry", type="picklist", choices=(("Lighting", "Lighting"),)),
)
_DEAL = (
    Known(name="Deal_Name", label="Deal Name", type="text"),
    Known(name="Amount", label="Amount", type="currency"),
)


def twin() -> ZohoTwin:
    """Two contacts, an account, a lead, a deal and a note."""
    made = ZohoTwin(fields={"Contacts": _PERSON, "Leads": _PERSON, "Accounts": _COMPANY, "Deals": _DEAL})
    gigi = made.add(
        "Contacts",
        Full_Name="Gigi Hamilton",
        Last_Name="Hamilton",
        First_Name="Gigi",
        Email="gigi@example.com",
        Phone="1",
    )
    made.add(
        "Contacts",
        Full_Name="Ana Lima",
        Last_Name="Lima",
        First_Name="Ana",
        Email="ana@example.com",
        Lead_Source="Web",
    )
    made.add("Accounts", Account_Name="Atelier Lumen")
    made.add("Leads", Full_Name="Mark Twain", Last_Name="Twain", Email="mark@example.com")
    made.add("Deals", Deal_Name="Lamps for Lumen", Amount=1200)
    made.write("Contacts", gigi, "Called on Monday.")
    return made


def connected(twin: ZohoTwin, *, name: str = "zoho", **values: str) -> Zoho:
    """The system over a twin in this process, by its own login."""
    told = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH,
        "accounts_url": "http://accounts.zoho.test",
        **values,
    }
    system = VENDOR.open(Login(name=name, values=told, transport=Cutting(twin.app)))
    assert isinstance(system, Zoho)
    return system


_TWINS: dict[Path, ZohoTwin] = {}
_OF: dict[int, ZohoTwin] = {}


def _make(folder: Path) -> System:
    made = _TWINS.setdefault(folder, twin())
    system = connected(made)
    _OF[id(system)] = made
    return system


SAMPLE = Sample(
    make=_make,
    deeds={
        "zoho.find_records": {"query": "hamilton"},
        "zoho.get_record": {"record": "Gigi Hamilton"},
        "zoho.update_record": {
            "record": "gigi hamilton",
            "fields": 'Phone=+33 1 23; Lead Source=partner; Interests=["Desks, oak", "lamps"]; Worth=1 234,5; Newsletter=oui',
        },
        "zoho.add_note": {
            "module": "Accounts",
            "record": "Atelier Lumen",
            "title": "Order",
            "text": "Wants ten more.",
        },
        "zoho.delete_note": {"note": "4876876000000100006"},
    },
    unknown={
        "zoho.get_record": {"record": "Nobody"},
        "zoho.update_record": {"module": "Accounts", "record": "999", "fields": "Phone=1"},
        "zoho.add_note": {"module": "Deals", "record": "../Contacts", "text": "x"},
        "zoho.delete_note": {"note": "999"},
    },
    state=lambda system: _OF[id(system)].state(),
    recovers={
        "zoho.find_records": Recovery.WHOLE,
        "zoho.get_record": Recovery.WHOLE,
        "zoho.update_record": Recovery.STATE,
        "zoho.add_note": Recovery.WHOLE,
        "zoho.delete_note": Recovery.STATE,
    },
)
