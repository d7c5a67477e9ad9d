"""A store that fails for a moment, at any of its points, under a process that lives on: before it kept what it was given,
or right after, when only the answer was lost. Whatever was begun is found again without a restart, and once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.engine.inprocess import InProcess
from bot import dispatch
from bot.effects import EffectState
from bot.errors import StoreAway, StoreUnknown, VigieError
from bot.events import Message, Press, Verb
from bot.inbox import Arrival
from bot.people import Standing
from bot.store import Tx
from tests.peers import databases
from tests.stage import HERE, OLIVIA, Stage, stage
from tests.twins.crash import Fuse

UNKNOWN = StoreUnknown("the line broke: it may be kept or not")
AWAY = StoreAway("the database cannot be reached")

Raise = Callable[..., AbstractAsyncContextManager[Stage]]


@dataclass
class Hiccup(Fuse):
    """Fails at the `at`-th of its points, and at no other."""

    error: VigieError = field(default_factory=lambda: UNKNOWN)

    def point(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise self.error


@pytest.fixture(params=[UNKNOWN, AWAY], ids=["unknown", "away"])
def fuse(request: pytest.FixtureRequest) -> Hiccup:
    return Hiccup(error=request.param)


@pytest.fixture
def points(request: pytest.FixtureRequest, raised: Raise, fuse: Hiccup) -> range:
    """Before and after every other write, or before each when the store cannot be reached; fewer where each takes long."""
    if "inprocess" in request.node.name:
        return range(1, 25, 2)
    return range(1, 25, 6) if fuse.error is AWAY else range(2, 25, 6)


@pytest.fixture(params=["inprocess", pytest.param("procrastinate", marks=pytest.mark.peer("postgresql"))])
def raised(request: pytest.FixtureRequest, tmp_path: Path) -> Raise:
    database = "" if request.param == "inprocess" else databases.fresh()

    def curtain(**settings: Any) -> AbstractAsyncContextManager[Stage]:
        return stage(tmp_path, database=database, **settings)

    return curtain


async def through(s: Stage, fuse: Hiccup, at: int, act: Callable[[], Awaitable[object]]) -> None:
    """What a person does, again when it was not taken, with one failure on the way; then time passes."""
    fuse.passed, fuse.at = 0, at
    with suppress(VigieError):
        await act()
    for _ in range(4):
        await s.rest()
        with suppress(VigieError):
            await s.forward(timedelta(minutes=2))
    await s.rest()
    fuse.at = 0


def under_way(tx: Tx) -> list[str]:
    states = (EffectState.STARTED, EffectState.PENDING, EffectState.UNKNOWN)
    found = [f"{each.deed.kind} {each.state}" for state in states for each in tx.effects.in_state(state)]
    return [*found, *(f"{turn.id} is parked" for turn in tx.turns.parked())]


def said(s: Stage, text: str, n: int) -> Callable[[], Awaitable[object]]:
    """Somebody says so."""
    body = Message(who=OLIVIA, text=text, ref=text, name="Olivia", standing=Standing.MEMBER)
    return kept(s, Arrival(key=f"twin:{text}:{n}", place=HERE, body=body))


def kept(s: Stage, arrival: Arrival) -> Callable[[], Awaitable[object]]:
    """Brought again when it was not taken."""

    async def act() -> None:
        for _ in range(2):
            with suppress(VigieError):
                await s.accept(arrival)

    return act


async def test_words_and_deeds(raised: Raise, fuse: Hiccup, points: range) -> None:
    """A deed that needs nobody's press, and the words that tell of it."""
    async with raised(store_fuse=fuse) as s:
        for n, at in enumerate(points, start=1):
            await through(s, fuse, at, said(s, f"do demo.note_order order=1004 note=fragile{at}", at))
            assert s.shop.notes() == {"1004": f"fragile{at}"}, at
            assert await s.look(under_way) == [], at
            assert [words for words in s.chat.words() if "reads as asked" not in words] == [], at
            assert len(s.chat.words()) == n, at


async def test_a_press(raised: Raise, fuse: Hiccup, points: range) -> None:
    """The deed is done once, and its card says so, whatever failed between the press and the receipt."""
    async with raised(store_fuse=fuse) as s:
        for n, at in enumerate(points, start=1):
            await s.say(f"do demo.refund order=1007 amount=0.0{n % 9 + 1} reason=fragile{at}")
            card = s.card
            body = Press(who=OLIVIA, ref=card.ref, revision=card.revision, verb=Verb.APPROVE)
            await through(s, fuse, at, kept(s, Arrival(key=f"press:{at}", place=HERE, body=body)))
            assert [each.reason for each in s.shop.refunds()].count(f"fragile{at}") == 1, at
            assert await s.look(under_way) == [], at
            shown = [each for each in s.chat.cards() if each.ref == card.ref]
            assert "Done" in shown[-1].status, at


async def test_a_reminder(raised: Raise, fuse: Hiccup, points: range) -> None:
    """It comes, and once, whatever failed when it was due."""
    async with raised(store_fuse=fuse) as s:
        for at in points:
            await s.say(f"in 1 minute, call the bank {at}")
            await through(s, fuse, at, lambda: s.forward(timedelta(minutes=2)))
            told = [words for words in s.chat.words() if f"call the bank {at}" in words.splitlines()]
            assert len(told) == 1, (at, s.chat.words())
            assert await s.look(under_way) == [], at


async def test_a_moment_that_passes_while_the_store_is_away(
    raised: Raise, fuse: Hiccup, points: range
) -> None:
    """It was still to come when somebody asked for it: the reminder is made, and comes late."""
    async with raised(store_fuse=fuse) as s:
        for at in points:
            await through(s, fuse, at, said(s, f"in 1 minute, call the bank {at}", at))
            told = [words for words in s.chat.words() if f"call the bank {at}" in words.splitlines()]
            assert len(told) == 1, (at, s.chat.words())
            assert await s.look(under_way) == [], at


async def test_a_store_that_goes_on_failing_is_not_asked_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits behind a full disk is tried once a second, not as fast as the disk can refuse."""
    asked = 0

    async def fails(*_: object, **__: object) -> None:
        nonlocal asked
        asked += 1
        raise StoreAway("the disk is full")

    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007 amount=0.01 reason=late")
        monkeypatch.setattr(dispatch, "do_deeds", fails)
        body = Press(who=OLIVIA, ref=s.card.ref, revision=s.card.revision, verb=Verb.APPROVE)
        await s.accept(Arrival(key="press", place=HERE, body=body))
        await asyncio.sleep(1.5)
        assert 1 <= asked < 10


async def test_what_broke_is_looked_at_when_it_falls_due_and_not_a_round_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The rounds are told of every event that was put off: they would sleep for half a minute."""
    fuse, told = Hiccup(), list[InProcess]()

    def hears(engine: InProcess) -> None:
        told.append(engine)

    monkeypatch.setattr(InProcess, "_perhaps_put_off", hears)
    async with stage(tmp_path, store_fuse=fuse) as s:
        for at in range(2, 12):
            await through(s, fuse, at, said(s, f"unheard-of words {at}", at))
    broke = [each for each in caplog.records if each.message == "event_broke"]
    assert broke
    assert len(told) >= len(broke)
