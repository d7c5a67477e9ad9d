"""The real program, killed at random moments over Slack's HTTP events and over the shop's own fault."""

import os
import time
from pathlib import Path

import aiohttp
import pytest

from adapters.systems.demo.books import Fault
from tests.kill import audit
from tests.kill.script import CHANNEL, PEOPLE, Fate, Kind, Saying
from tests.kill.storm import audited_store, english, finished, rest, settings, shop_of, storm
from tests.kill.workspace import Workspace, answers
from tests.running import Program, vigie
from tests.twins.slack import SlackTwin

PROPOSALS = int(os.environ.get("VIGIE_KILL_PROPOSALS", "12"))
MESSAGES = int(os.environ.get("VIGIE_KILL_MESSAGES", "30"))
SEED = int(os.environ.get("VIGIE_KILL_SEED", "0")) or int(time.time()) % 1_000_000


@pytest.mark.timeout(60 + 4 * (PROPOSALS + MESSAGES))
async def test_whenever_it_is_killed_nothing_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    """SAFETY 6, 25"""
    report = await storm(tmp_path, proposals=PROPOSALS, messages=MESSAGES, seed=SEED)
    print(report.table())  # noqa: T201 # shown when it fails: the seed is in it
    assert report.wrongs == ()
    assert report.kills + report.stops > 0


@pytest.mark.parametrize(
    ("kind", "action", "arguments"),
    [
        (Kind.REFUND, "demo.refund", "order=1007 amount=0.10 reason=kt1x"),
        (Kind.NOTE, "demo.note_order", "order=1004 note=kt1x"),
    ],
)
async def test_a_program_that_dies_right_after_the_deed_finds_its_receipt(
    tmp_path: Path, kind: Kind, action: str, arguments: str
) -> None:
    """SAFETY 25"""
    said = [
        Saying(
            token="kt1x",
            kind=kind,
            text=f"do {action} {arguments}",
            user=PEOPLE[0],
            channel=CHANNEL,
            ts="1700000000.000100",
            fate=Fate.APPROVED,
        )
    ]
    async with SlackTwin().serving() as twin, aiohttp.ClientSession() as session:
        english(twin)
        program = Program(home=tmp_path, command="demo", settings=settings(twin))
        await program.start()
        shop_of(tmp_path).misbehave(Fault.DIE_AFTER, times=1, action=action)
        people = Workspace(twin=twin, session=session, url=f"{program.url}/slack/events", script=said)
        async with people.living():
            await program.ended()
            await program.start()
            await rest(program, session, lambda: finished(twin, said))
        assert len(answers(twin, said[0])) == 1
        await program.stop()
        refunds = shop_of(tmp_path).refunds()
        assert [*audit.of_answers(twin, said), *audit.of_refunds(refunds, said)] == []
        assert [*audit.of_cards(twin, refunds, said)] == []
        assert shop_of(tmp_path).notes() == ({"1004": "kt1x"} if kind is Kind.NOTE else {})
        _, exported = await vigie(tmp_path, "ledger", "export")
        assert [*audit.of_ledger(audit.entries_of(exported), said)] == []
        assert await audited_store(tmp_path, lambda tx: audit.of_store(tx, said)) == []
