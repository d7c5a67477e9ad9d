"""One run: people talk, the program is killed again and again, everything comes to rest, the books are audited."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from adapters.systems.demo import DemoShop
from bot.store import Tx
from memory.sqlite import SqliteStore
from tests.kill import audit, script
from tests.kill.reaper import Reaper
from tests.kill.script import PEOPLE, Fate, Kind, Saying
from tests.kill.workspace import Workspace, answers, button, slot
from tests.running import Program, vigie
from tests.twins.slack import BOT_TOKEN, SECRET, SlackTwin

RESTS_WITHIN = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was done, and what does not hold."""

    seed: int
    kills: int
    stops: int
    faults: int
    messages: int
    proposals: int
    events: int
    redelivered: int
    replies: int
    cards: int
    duplicates: int
    approved: int
    refunds: int
    ledger_rows: int
    seconds: float
    wrongs: tuple[str, ...]

    def table(self) -> str:
        """Two columns for people."""
        rows = [(name, getattr(self, name)) for name in self.__slots__ if name != "wrongs"]
        lines = [f"  {name:12}{value:>10}" for name, value in rows]
        return "\n".join([*lines, *(f"  WRONG: {wrong}" for wrong in self.wrongs)])


def settings(twin: SlackTwin) -> dict[str, str]:
    """The environment of a program that is connected to the twin."""
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": twin.api_url,
        "VIGIE_OWNERS": script.OWNERS,
    }


def english(twin: SlackTwin) -> None:
    """Everybody reads English, so that what stands on a card can be found."""
    twin.people.update({person: {"locale": "en-US"} for person in PEOPLE})


def shop_of(home: Path) -> DemoShop:
    """The same shop as the program's, from this process."""
    return DemoShop(home / "demo-shop.db", today=datetime.now(UTC).date())


async def storm(home: Path, *, proposals: int, messages: int, seed: int) -> Report:
    """Runs it over the folder `home`. What a Report calls wrong is a defect."""
    began = time.perf_counter()
    chance = random.Random(seed)
    said = script.write(proposals=proposals, messages=messages, chance=chance, now=int(time.time()))
    async with SlackTwin().serving() as twin, aiohttp.ClientSession() as session:
        english(twin)
        program = Program(home=home, command="demo", settings=settings(twin))
        people = Workspace(
            twin=twin, session=session, url=f"{program.url}/slack/events", script=said, chance=chance
        )
        reaper = Reaper(program=program, twin=twin, workspace=people, chance=chance)
        try:
            async with people.living() as life:
                await _unless(life, reaper.reap())
                await _unless(life, rest(program, session, lambda: finished(twin, said)))
            await program.stop()
        finally:
            if program.alive:
                await program.kill()
        refunds = shop_of(home).refunds()
        verified, exported = await _books(home)
        entries = audit.entries_of(exported)
        wrongs = [
            *audit.of_answers(twin, said),
            *audit.of_refunds(refunds, said),
            *audit.of_cards(twin, refunds, said),
            *audit.of_ledger(entries, said),
            *await audited_store(home, lambda tx: audit.of_store(tx, said)),
            *([] if verified[0] == 0 else [verified[1]]),
            *audit.of_output(program.printed),
        ]
        return Report(
            seed=seed,
            kills=reaper.kills,
            stops=reaper.stops,
            faults=reaper.faults,
            messages=messages,
            proposals=proposals,
            events=people.events,
            redelivered=people.redelivered,
            replies=sum(slot(message).startswith("turn:") for message in twin.messages),
            cards=sum(slot(message).startswith("card:") for message in twin.messages),
            duplicates=len(twin.messages) - len({(m["channel"], slot(m)) for m in twin.messages}),
            approved=sum(each.kind is Kind.REFUND and each.fate is Fate.APPROVED for each in said),
            refunds=len(refunds),
            ledger_rows=len(entries),
            seconds=round(time.perf_counter() - began, 1),
            wrongs=tuple(wrongs),
        )


async def _unless(life: "asyncio.Task[None]", work: Coroutine[None, None, None]) -> None:
    """Waits for the work, but not when what the people do fails."""
    doing = asyncio.create_task(work)
    await asyncio.wait({doing, life}, return_when=asyncio.FIRST_COMPLETED)
    if not doing.done():
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        await life
    await doing


async def _books(home: Path) -> tuple[tuple[int, str], str]:
    """What the program's own commands say of its ledger."""
    verified = await vigie(home, "ledger", "verify")
    _, exported = await vigie(home, "ledger", "export")
    return verified, exported


def finished(twin: SlackTwin, said: list[Saying]) -> bool:
    """Every message is answered, and every card that somebody decided about says what became of it."""
    return all(
        (found := answers(twin, saying))
        and (
            saying.kind is not Kind.REFUND
            or saying.fate is Fate.LEFT
            or not any(button(message, "approve") or "…" in _status(message) for message in found)
        )
        for saying in said
    )


def _status(message: audit.Message) -> str:
    """The last words of a card."""
    return repr(message.get("blocks", [])[-1:])


async def rest(program: Program, session: aiohttp.ClientSession, finished: Callable[[], bool]) -> None:
    """Waits until nothing is left to do: by what people see, and by what the program says of itself."""
    deadline = asyncio.get_running_loop().time() + RESTS_WITHIN
    while True:
        if finished() and await _idle(program, session):
            return
        assert program.alive, f"the program ended by itself:\n{program.said()}"
        if asyncio.get_running_loop().time() > deadline:
            return  # the audit says what is missing
        await asyncio.sleep(0.1)


async def _idle(program: Program, session: aiohttp.ClientSession) -> bool:
    async with session.get(f"{program.url}/metrics") as answer:
        lines = [line.rpartition(" ") for line in (await answer.text()).splitlines() if line[0] != "#"]
    numbers = {name: float(value) for name, _, value in lines}
    signs = ("vigie_events_open", "vigie_workers_busy", "vigie_places_busy", "vigie_places_postponed")
    return not any(numbers[name] for name in signs)


async def audited_store(home: Path, look: Callable[[Tx], Iterator[str]]) -> list[str]:
    """What an auditor finds in the program's database, when the program has ended."""
    store = SqliteStore.open(home / "vigie.db")
    try:
        return await store.read(lambda tx: list(look(tx)))
    finally:
        await store.close()
