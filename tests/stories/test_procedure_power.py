"""The power fails at every statement of a procedure's run: between two steps, before a receipt, after a press. Each step
is done once, and the run ends as if nothing had happened."""

from pathlib import Path

from bot.occurrences import Fate
from tests.stage import stage
from tests.stories.test_power_cut import Platform, books, message, press
from tests.stories.test_runs import runs
from tests.twins.crash import Fuse

RECIPE = (
    'procedure settle: with order: do demo.note_order order={order} note="begun";'
    ' then do demo.refund order={order} amount="5 EUR"; then do demo.note_order order={order} note="settled"'
)


async def test_no_step_is_lost_or_done_twice_whenever_the_power_fails(tmp_path: Path) -> None:
    """SAFETY 25"""
    at, blown, cuts = 0, True, 0
    while blown:
        at += 5
        folder = tmp_path / str(at)
        folder.mkdir()
        platform = Platform()
        await platform.deliver(message(RECIPE, "m1"), folder, Fuse())
        await platform.deliver(press(platform.chat.cards()[0], "p1"), folder, Fuse())
        run = Fuse(at=at)
        await platform.deliver(message("run settle order=1007", "m2"), folder, run)
        async with stage(folder, chat=platform.chat):
            """A cut at the very end is noticed by nobody before the next start."""
        paid = Fuse(at=at)
        assert platform.chat.cards()[-1].title == "Refund an order", f"point {at}"
        await platform.deliver(press(platform.chat.cards()[-1], "p2"), folder, paid)
        blown = run.blown or paid.blown
        cuts += platform.cuts
        async with stage(folder, chat=platform.chat) as s:
            await books(s)
            assert len(s.shop.refunds()) == 1, f"point {at}"
            done = [entry for entry in await s.look(lambda tx: tx.ledger.read()) if entry.kind == "confirmed"]
            acts = [
                str(entry.body["action"]) for entry in done if str(entry.body["action"]).startswith("demo.")
            ]
            assert acts == ["demo.note_order", "demo.refund", "demo.note_order"], f"point {at}"
            assert [each.fate for each in await runs(s)] == [Fate.DONE], f"point {at}"
            begun = [
                entry for entry in await s.look(lambda tx: tx.ledger.read()) if entry.kind == "procedure_run"
            ]
            assert len(begun) == 1, f"point {at}"
    assert cuts > 5
