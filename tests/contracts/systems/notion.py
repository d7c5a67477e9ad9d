"""Notion, held to the contract of systems over its twin."""

from pathlib import Path

from adapters.systems.client import Client
from adapters.systems.notion import Notion
from adapters.systems.notion.wire import VERSION, explain
from adapters.systems.vendors import fixed
from bot.world import System
from tests.contracts.systems.hubspot import PACE
from tests.contracts.systems.sample import Recovery, Sample
from tests.twins.notion import TOKEN, NotionTwin
from tests.twins.published import Cutting

_TWINS: dict[Path, NotionTwin] = {}
_OF: dict[int, NotionTwin] = {}


def _id(n: int) -> str:
    return f"a0000000-0000-0000-0000-{n:012x}"


HOME, PLAN, BLOCK, TASKS, DATABASE, TASK, OLD = (_id(n) for n in range(1, 8))
"""A page, a page under it and its one block, a table and its database, a row of it, and a page in the trash."""
NOBODY = _id(0xFFF)


def twin() -> NotionTwin:
    made = NotionTwin()
    home = made.add_page("Home")
    plan = made.add_page(
        "Plan",
        under=home,
        children=[{"type": "paragraph", "paragraph": {"rich_text": [{"text": {"content": "First words."}}]}}],
    )
    tasks = made.add_table("Tasks")
    task = made.add_row(
        tasks,
        {
            "Task": {"title": [{"text": {"content": "Call Lumen"}}]},
            "Status": {"status": {"name": "Not started"}},
            "Tags": {"multi_select": [{"name": "red"}]},
            "Due": {"date": {"start": "2026-11-30"}},
        },
    )
    old = made.add_page("Old", under=home)
    made.pages[old].in_trash = True
    assert (home, plan, tasks, task, old) == (HOME, PLAN, TASKS, TASK, OLD)
    return made


def connected(twin: NotionTwin, *, name: str = "notion") -> Notion:
    """The system over a twin in this process."""
    client = Client(
        vendor="Notion",
        base="http://notion.test",
        token=fixed(TOKEN),
        headers={"notion-version": VERSION},
        pace=PACE,
        explain=explain,
        transport=Cutting(twin.app),
    )
    return Notion(name=name, client=client)


def _make(folder: Path) -> System:
    if folder not in _TWINS:
        _TWINS[folder] = twin()
    system = connected(_TWINS[folder])
    _OF[id(system)] = _TWINS[folder]
    return system


SAMPLE = Sample(
    make=_make,
    deeds={
        "notion.search": {"query": "plan"},
        "notion.read_page": {"page": f"https://www.notion.so/Plan-{PLAN.replace('-', '')}?pvs=4"},
        "notion.rows": {"data_source": DATABASE, "limit": "5"},
        "notion.create_page": {"parent": HOME, "title": "Minutes", "text": "One.\n\nTwo & three 🙂."},
        "notion.create_row": {
            "data_source": TASKS,
            "properties": f"Task=Write to Ana; Status=In progress; Points=1 234,5; Part of={TASK}; Billed=yes",
        },
        "notion.update_page": {
            "page": TASK,
            "properties": "Status=done; Due=2026-12-01T09:00+01:00 → 2026-12-02T09:00+01:00; Tags=blue, green",
        },
        "notion.append_text": {"page": PLAN, "text": "More words.\n\nAnd more."},
        "notion.remove_blocks": {"page": PLAN, "blocks": [BLOCK]},
        "notion.archive_page": {"page": PLAN},
        "notion.restore_page": {"page": OLD},
    },
    unknown={
        "notion.read_page": {"page": NOBODY},
        "notion.rows": {"data_source": PLAN},
        "notion.create_page": {"parent": NOBODY, "title": "x"},
        "notion.create_row": {"data_source": NOBODY, "properties": "Task=x"},
        "notion.update_page": {"page": "Plan", "properties": "title=x"},
        "notion.append_text": {"page": NOBODY, "text": "x"},
        "notion.remove_blocks": {"page": PLAN, "blocks": [NOBODY]},
        "notion.archive_page": {"page": NOBODY},
        "notion.restore_page": {"page": NOBODY},
    },
    state=lambda system: _OF[id(system)].state(),
    recovers={
        "notion.create_page": Recovery.WHOLE,
        "notion.create_row": Recovery.WHOLE,
        "notion.append_text": Recovery.WHOLE,
        **dict.fromkeys(
            (
                *("notion.update_page", "notion.remove_blocks"),
                *("notion.archive_page", "notion.restore_page"),
            ),
            Recovery.STATE,
        ),
        **dict.fromkeys(("notion.search", "notion.read_page", "notion.rows"), Recovery.WHOLE),
    },
)
