"""The power fails at the statements of a procedure's run: between two steps, before a receipt, after a press. Each step
is done once, and the run ends as if nothing had happened."""

import asyncio
import shutil
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from bot import letters
from bot.actions import Call, Receipt
from bot.cards import Card
from bot.events import Form
from bot.inbox import Arrival
from bot.occurrences import Fate
from bot.world import Context
from memory.sqlite import SqliteStore
from tests.stage import HERE, OLIVIA, stage
from tests.stories.test_mail import BOX, letter, take, watch
from tests.stories.test_power_cut import Platform, books, message, press
from tests.stories.test_runs import runs
from tests.twins.crash import Fuse, PowerCut
from tests.twins.office import Office

RECIPE = (
    'procedure settle: with order: do demo.note_order order={order} note="begun";'
    ' then do demo.refund order={order} amount="5 EUR"; then do demo.note_order order={order} note="settled"'
)


async def test_no_step_is_lost_or_done_twice_whenever_the_power_fails(tmp_path: Path) -> None:
    """SAFETY 25"""
    before, origin = Platform(), tmp_path / "origin"
    origin.mkdir()
    await before.deliver(message(RECIPE, "m1"), origin, Fuse())
    await before.deliver(press(before.chat.cards()[0], "p1"), origin, Fuse())
    at, blown, cuts = 0, True, 0
    while blown:
        at += 7
        folder = shutil.copytree(origin, tmp_path / str(at))
        platform = Platform(chat=deepcopy(before.chat))
        run, paid = Fuse(at=at), Fuse(at=at - 3)
        await platform.deliver(message("run settle order=1007", "m2"), folder, run)
        if run.blown and not platform.cuts:
            async with stage(folder, chat=platform.chat):
                """A cut at the very end is noticed by nobody before the next start."""
        assert platform.chat.cards()[-1].title == "Refund an order", f"point {at}"
        await platform.deliver(press(platform.chat.cards()[-1], "p2"), folder, paid)
        blown = run.blown or paid.blown
        cuts += platform.cuts
        async with stage(folder, chat=platform.chat) as s:
            await books(s)
            assert len(s.shop.refunds()) == 1, f"point {at}"
            entries = await s.look(lambda tx: tx.ledger.read())
            acts = [str(entry.body["action"]) for entry in entries if entry.kind == "confirmed"]
            acts = [act for act in acts if act.startswith("demo.")]
            assert acts == ["demo.note_order", "demo.refund", "demo.note_order"], f"point {at}"
            assert [each.fate for each in await runs(s)] == [Fate.DONE], f"point {at}"
            begun = [entry for entry in entries if entry.kind == "procedure_run"]
            assert len(begun) == 1, f"point {at}"
    assert cuts > 5


async def test_a_mail_is_one_run_whenever_the_power_fails(tmp_path: Path) -> None:
    """The mailbox is read further, the run begins, its card is pressed: once, whatever happens in between.

    SAFETY 25, 83"""
    recipe = 'procedure filed: when a mail arrives from bob@x.test, do demo.note_order order=1007 note="{mail.subject}"'
    before, origin = Platform(), tmp_path / "origin"
    origin.mkdir()
    await before.deliver(message(recipe, "m1"), origin, Fuse())
    await before.deliver(press(before.chat.cards()[0], "p1"), origin, Fuse())
    async with stage(origin, chat=before.chat) as s:
        await watch(s)
    at, blown, cuts = 0, True, 0
    while blown:
        at += 5
        folder = shutil.copytree(origin, tmp_path / str(at))
        platform, fuse = Platform(chat=deepcopy(before.chat)), Fuse(at=at)
        with suppress(PowerCut):
            async with stage(folder, chat=platform.chat, fuse=fuse) as s:
                await take(s, letter(1))
        blown = fuse.blown
        async with stage(folder, chat=platform.chat) as s:
            # As the mailbox is read: from where it was.
            box = await letters.known(BOX, house=s.house)
            assert box is not None
            if box.uid < 1:
                await take(s, letter(1))
        assert platform.chat.cards()[-1].title == "Write a note on an order", f"point {at}"
        paid = Fuse(at=at)
        await platform.deliver(press(platform.chat.cards()[-1], "p2"), folder, paid)
        blown = blown or paid.blown
        cuts += fuse.blown + paid.blown
        async with stage(folder, chat=platform.chat) as s:
            await books(s)
            entries = await s.look(lambda tx: tx.ledger.read())
            acts = [str(entry.body["action"]) for entry in entries if entry.kind == "confirmed"]
            assert acts.count("demo.note_order") == 1, f"point {at}"
            assert [each.fate for each in await runs(s)] == [Fate.DONE], f"point {at}"
    assert cuts > 5


ASKED = "procedure note: with order: do demo.note_order order={order} with note asked; then say noted"


def form(card: Card, values: dict[str, str], key: str) -> Arrival:
    body = Form(who=OLIVIA, ref=card.ref, revision=card.revision, values=values)
    return Arrival(key=key, place=HERE, body=body)


async def _woken(folder: Path, platform: Platform, fuse: Fuse) -> None:
    """A cut at the very end is noticed by nobody before the next start."""
    if fuse.blown:
        async with stage(folder, chat=platform.chat):
            """It takes up what is there."""


async def test_a_step_that_a_person_fills_in_is_asked_once_and_done_once_whenever_the_power_fails(
    tmp_path: Path,
) -> None:
    """While it is put before a person, while they fill it in, and while they press.

    SAFETY 25"""
    before, origin = Platform(), tmp_path / "origin"
    origin.mkdir()
    await before.deliver(message(ASKED, "m1"), origin, Fuse())
    await before.deliver(press(before.chat.cards()[0], "p1"), origin, Fuse())
    at, blown, cuts = 0, True, 0
    while blown:
        at += 5
        folder = shutil.copytree(origin, tmp_path / str(at))
        platform = Platform(chat=deepcopy(before.chat))
        fuses = [Fuse(at=at), Fuse(at=at - 2), Fuse(at=at - 4)]
        await platform.deliver(message("run note order=1007", "m2"), folder, fuses[0])
        await _woken(folder, platform, fuses[0])
        card = platform.chat.cards()[-1]
        assert card.buttons[0].label == "Fill in", f"point {at}"
        await platform.deliver(form(card, {"note": "by hand"}, "f1"), folder, fuses[1])
        await _woken(folder, platform, fuses[1])
        card = platform.chat.cards()[-1]
        assert card.buttons[0].label != "Fill in", f"point {at}"
        await platform.deliver(press(card, "p2"), folder, fuses[2])
        blown = any(fuse.blown for fuse in fuses)
        cuts += platform.cuts
        async with stage(folder, chat=platform.chat) as s:
            await books(s)
            assert s.shop.notes() == {"1007": "by hand"}, f"point {at}"
            entries = await s.look(lambda tx: tx.ledger.read())
            kinds = [entry.kind for entry in entries]
            assert (kinds.count("revised"), kinds.count("procedure_run")) == (1, 1), f"point {at}"
            acts = [str(entry.body["action"]) for entry in entries if entry.kind == "confirmed"]
            assert [act for act in acts if act.startswith("demo.")] == ["demo.note_order"], f"point {at}"
            revised = next(entry for entry in entries if entry.kind == "revised")
            assert revised.body["set_by"] == {"order": "mission", "note": "person"}, f"point {at}"
            assert [each.fate for each in await runs(s)] == [Fate.DONE], f"point {at}"
    assert cuts > 5


@dataclass
class Slow(Office):
    """An office where the power fails at the first deed. Who looks it up first does it, when the other has asked too,
    and it takes until no event is open any more."""

    folder: Path = field(default_factory=Path)
    fuse: Fuse = field(default_factory=Fuse)
    asked: int = 0
    both: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, call: Call, context: Context) -> Receipt:
        if not self.asked:
            self.fuse.blown = True
            raise PowerCut
        if not self.begun.is_set():
            self.begun.set()
            await self.nothing_open()
        return await super().run(call, context)

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        self.asked += 1
        if self.asked == 1:
            await self.both.wait()
        else:
            self.both.set()
            await self.begun.wait()
        return None

    async def nothing_open(self) -> None:
        beside = SqliteStore.open(self.folder / "vigie.db")
        async with asyncio.timeout(20):
            while await beside.read(lambda tx: tx.events.count_open()):
                """The turn still comes to the same deed."""
        await beside.close()


async def test_a_step_that_two_find_out_about_after_a_start_is_done_once_and_the_run_goes_on(
    tmp_path: Path,
) -> None:
    """Who takes stock and the turn that is taken again come to the same deed at the same moment.

    SAFETY 25"""
    recipe = 'procedure two: do office.note record="A" text="one"; then do office.note record="A" text="two"'
    platform, office = Platform(), Slow(folder=tmp_path)
    async with stage(tmp_path, chat=platform.chat, systems={"office": office}) as s:
        await s.begin(recipe)
    with suppress(PowerCut):
        async with stage(tmp_path, chat=platform.chat, systems={"office": office}, fuse=office.fuse) as s:
            await s.arrive(message("run two", "m9"))
    assert office.fuse.blown
    async with stage(tmp_path, chat=platform.chat, systems={"office": office}) as s:
        assert office.asked == 2
        assert [arguments["text"] for _, arguments in office.did] == ["one", "two"]
        assert [each.fate for each in await runs(s)] == [Fate.DONE]
        await books(s)
