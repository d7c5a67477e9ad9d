"""The process is killed right after HubSpot or Notion did the deed, and started again: one object and its receipt, or a
question where nobody can know. A recording proxy stands between, so what was sent is what is counted.
"""

import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.effects import Effect, EffectState
from bot.values import Json
from tests.adapters.systems.crm_child import assistant
from tests.contracts.systems import hubspot, notion
from tests.contracts.systems.notion import HOME, PLAN, TASK, TASKS
from tests.peers.proxy import Fault, Proxy, proxy
from tests.running import ROOT
from tests.stage import Stage
from tests.twins.hubspot import TOKEN as HUBSPOT
from tests.twins.notion import TOKEN as NOTION
from tests.twins.published import served


@contextmanager
def before(app: Json) -> Generator[Proxy]:
    with served(app) as url, proxy(url) as line:
        yield line


async def killed(
    line: Proxy, folder: Path, vendor: str, token: str, text: str, *, method: str, path: str
) -> None:
    """Runs the child until the vendor has done it, whose answer never comes, and kills it."""
    line.fault(Fault.DONE_HANG, method=method, path=path)
    child = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "tests.adapters.systems.crm_child",
            str(folder),
            vendor,
            line.url,
            token,
            text,
        ),
        cwd=ROOT,
    )
    try:
        await asyncio.to_thread(line.wait, method, path)
    finally:
        child.kill()
        await child.wait()
    line.heal()


async def only(s: Stage, state: EffectState) -> Effect:
    """The one deed, in that state."""
    found = [
        each for some in EffectState for each in await s.look(lambda tx, some=some: tx.effects.in_state(some))
    ]
    (deed,) = [each for each in found if each.deed.kind == "run"]
    assert deed.state is state, deed.error
    return deed


@pytest.mark.parametrize(
    ("text", "method", "path"),
    [
        (f"do notion.create_page parent={HOME} title=Minutes text=We met.", "POST", "/v1/pages"),
        (f"do notion.create_row data_source={TASKS} properties=Task=Ring; Status=Done", "POST", "/v1/pages"),
        (f"do notion.append_text page={PLAN} text=More.", "PATCH", "/children"),
        (f"do notion.update_page page={TASK} properties=Status=Done", "PATCH", "/v1/pages"),
    ],
)
async def test_notion_is_written_to_once_wherever_the_process_dies(
    tmp_path: Path, text: str, method: str, path: str
) -> None:
    """SAFETY 25"""
    twin = notion.twin()
    before_it = len(twin.pages) + len(twin.words(PLAN))
    with before(twin.app) as line:
        await killed(line, tmp_path, "notion", NOTION, text, method=method, path=path)
        after = len(twin.pages) + len(twin.words(PLAN))
        state = twin.state()
        async with assistant(tmp_path, "notion", line.url, NOTION) as s:
            done = await only(s, EffectState.CONFIRMED)
            assert done.receipt is not None
            assert done.receipt.id in twin.pages
            assert done.receipt.text in s.last
        assert len(line.asked(method, path)) == 1
    assert twin.state() == state
    assert after - before_it == {"create_page": 1, "create_row": 1, "append_text": 2}.get(
        text.split(".")[1].split(maxsplit=1)[0], 0
    )


@pytest.mark.parametrize(
    ("text", "method", "path"),
    [
        ("do hubspot.create_contact email=ana@example.com first_name=Ana", "POST", "/contacts"),
        ("do hubspot.add_note contact=gigi@example.com text=Called.", "POST", "/notes"),
        ("do hubspot.update_deal deal=103 properties=amount=1300", "PATCH", "/deals"),
    ],
)
async def test_hubspot_is_written_to_once_wherever_the_process_dies(
    tmp_path: Path, text: str, method: str, path: str
) -> None:
    """SAFETY 25"""
    twin = hubspot.twin()
    with before(twin.app) as line:
        await killed(line, tmp_path, "hubspot", HUBSPOT, text, method=method, path=path)
        state = twin.state()
        async with assistant(tmp_path, "hubspot", line.url, HUBSPOT) as s:
            done = await only(s, EffectState.CONFIRMED)
            assert done.receipt is not None
            assert done.receipt.undo is not None
            assert done.receipt.id in twin.objects
        assert len(line.asked(method, path)) == 1
    assert twin.state() == state


async def test_a_contact_without_an_address_is_a_question_and_never_made_twice(tmp_path: Path) -> None:
    """SAFETY 25"""
    twin = hubspot.twin()
    text = "do hubspot.create_contact first_name=Ana last_name=Lima"
    with before(twin.app) as line:
        await killed(line, tmp_path, "hubspot", HUBSPOT, text, method="POST", path="/contacts")
        async with assistant(tmp_path, "hubspot", line.url, HUBSPOT) as s:
            doubt = await only(s, EffectState.UNKNOWN)
            assert "whether Ana Lima was created: look there" in doubt.error
            assert "look there" in " ".join(s.chat.words())
        assert len(line.asked("POST", "/contacts")) == 1
    assert [each.held["firstname"] for each in twin.of("contacts")] == ["Gigi", "Ana"]


async def test_what_was_not_done_is_done_after_the_line_broke(tmp_path: Path) -> None:
    """SAFETY 25: the look-up says that certainly nothing was, so once more is no repetition."""
    twin = notion.twin()
    with before(twin.app) as line:
        line.fault(Fault.NOT_CUT, method="POST", path="/v1/pages")
        async with assistant(tmp_path, "notion", line.url, NOTION) as s:
            await s.say(f"do notion.create_page parent={HOME} title=Minutes")
            await only(s, EffectState.CONFIRMED)
        assert len(line.asked("POST", "/v1/pages")) == 2
    assert [page.parent.get("page_id") for page in twin.pages.values()].count(HOME) == 3
