"""Airtable, held to the contract of systems over its twin."""

from pathlib import Path

from adapters.systems.airtable import Airtable
from adapters.systems.airtable.wire import explain
from adapters.systems.client import Client, Pace
from adapters.systems.vendors import fixed
from bot.world import System
from tests.contracts.systems.sample import Recovery, Sample
from tests.twins.airtable import BASE, TOKEN, AirtableTwin, Sheet
from tests.twins.published import Cutting

PACE = Pace(rate=1_000_000, burst=1_000, first=0, longest=0)
"""Nobody waits in a test."""
_STAGES = ("New", "In progress", "Won", "Lost")


def twin(*, page: int = 100) -> AirtableTwin:
    """With a table of deals whose records carry keys, and a table of people whose records do not."""
    deals = Sheet(
        id="tblDEALS000000001",
        name="Deals",
        columns={
            "Name": ("fldNAME0000000001", "singleLineText", ()),
            "Status": ("fldSTAT0000000001", "singleSelect", _STAGES),
            "Amount": ("fldAMOU0000000001", "currency", ()),
            "Chance": ("fldCHAN0000000001", "percent", ()),
            "Due": ("fldDUE00000000001", "date", ()),
            "Call": ("fldCALL0000000001", "dateTime", ()),
            "Hot": ("fldHOT00000000001", "checkbox", ()),
            "Tags": ("fldTAGS0000000001", "multipleSelects", ("lamp", "desk, oak", "chair")),
            "Owner": ("fldOWNE0000000001", "singleCollaborator", ()),
            "People": ("fldPEOP0000000001", "multipleRecordLinks", ()),
            "Total": ("fldTOTA0000000001", "formula", ()),
            "Vigie key": ("fldKEY00000000001", "singleLineText", ()),
        },
    )
    people = Sheet(
        id="tblPEOPLE00000001",
        name="People",
        columns={
            "Name": ("fldPNAM0000000001", "singleLineText", ()),
            "Made": ("fldPMAD0000000001", "createdTime", ()),
        },
    )
    made = AirtableTwin(deals, people, page=page)
    made.add("Deals", Name="ACME", Status="New", Amount=1200, Tags=["lamp"])
    made.add("Deals", Name="Lumen", Status="Won", Hot=True, Chance=0.25)
    made.add("People", Name="Gigi Hamilton")
    return made


def connected(
    twin: AirtableTwin, *, name: str = "airtable", base: str = BASE, token: str = TOKEN
) -> Airtable:
    """The system over a twin in this process."""
    client = Client(
        vendor="Airtable",
        base="http://airtable.test",
        token=fixed(token),
        pace=PACE,
        explain=explain,
        transport=Cutting(twin.app),
    )
    return Airtable(name=name, client=client, base=base)


_TWINS: dict[Path, AirtableTwin] = {}
_OF: dict[int, AirtableTwin] = {}


def _make(folder: Path) -> System:
    made = _TWINS.setdefault(folder, twin())
    system = connected(made)
    _OF[id(system)] = made
    return system


SAMPLE = Sample(
    make=_make,
    deeds={
        "airtable.tables": {},
        "airtable.last_records": {"table": "deals"},
        "airtable.find_records": {"table": "Deals", "query": "acme"},
        "airtable.get_record": {"table": "Deals", "record": "ACME"},
        "airtable.add_record": {
            "table": "Deals",
            "fields": 'Name=Atelier; status=in progress; Amount=1 234,5; Tags=["desk, oak", "lamp"]; Due=2026-12-24',
        },
        "airtable.update_record": {
            "table": "Deals",
            "record": "acme",
            "fields": "Status=WON; Hot=oui; Chance=80%; Amount=; Call=2026-12-01T09:00+01:00",
        },
        "airtable.delete_record": {"table": "Deals", "record": "rec00000000000002"},
    },
    unknown={
        "airtable.last_records": {"table": "Orders"},
        "airtable.find_records": {"table": "Orders", "query": "x"},
        "airtable.get_record": {"table": "Deals", "record": "Nobody"},
        "airtable.add_record": {"table": "Orders", "fields": "Name=x"},
        "airtable.update_record": {"table": "Deals", "record": "../Deals", "fields": "Name=x"},
        "airtable.delete_record": {"table": "Deals", "record": "rec00000000000099"},
    },
    state=lambda system: _OF[id(system)].state(),
    recovers={
        "airtable.add_record": Recovery.OBJECT,
        "airtable.update_record": Recovery.STATE,
        "airtable.delete_record": Recovery.STATE,
        **dict.fromkeys(
            ("airtable.tables", "airtable.last_records", "airtable.find_records", "airtable.get_record"),
            Recovery.WHOLE,
        ),
    },
)
