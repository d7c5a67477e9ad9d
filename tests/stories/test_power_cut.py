"""The power fails at every statement between a message and its receipt: nothing is lost, nothing done twice."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot import ledger
from bot.cards import Card
from bot.effects import EffectState
from bot.events import Message, Press, Verb
from bot.inbox import Arrival
from bot.people import Standing
from tests.stage import HERE, OLIVIA, Stage, stage
from tests.twins.chat import TwinChat
from tests.twins.crash import Fuse, PowerCut


@dataclass
class Platform:
    """What the platform does: delivers until it hears that it was kept, and shows what was sent."""

    chat: TwinChat = field(default_factory=TwinChat)
    cuts: int = 0

    async def deliver(self, arrival: Arrival, folder: Path, fuse: Fuse) -> None:
        """Delivers, with a restart and a redelivery after a power cut."""
        try:
            async with stage(folder, chat=self.chat, fuse=fuse) as s:
                await s.arrive(arrival)
        except PowerCut:
            self.cuts += 1
            async with stage(folder, chat=self.chat) as s:
                await s.arrive(arrival)


def message(text: str, key: str) -> Arrival:
    body = Message(who=OLIVIA, text=text, ref=key, name="Olivia", standing=Standing.MEMBER)
    return Arrival(key=key, place=HERE, body=body)


def press(card: Card, key: str, verb: Verb = Verb.APPROVE) -> Arrival:
    return Arrival(
        key=key, place=HERE, body=Press(who=OLIVIA, ref=card.ref, revision=card.revision, verb=verb)
    )


async def books(s: Stage) -> None:
    """What must hold after any story."""
    entries = await s.look(lambda tx: tx.ledger.read())
    assert ledger.verify(entries).holds
    for state in (EffectState.PENDING, EffectState.STARTED, EffectState.UNKNOWN):
        assert not await s.look(lambda tx, wanted=state: tx.effects.in_state(wanted)), state
    assert await s.look(lambda tx: tx.events.count_open()) == 0


@pytest.mark.parametrize("text", ["hello there", "do demo.note_order order=1007 note=fragile", "status"])
async def test_a_message_is_answered_once_whenever_the_power_fails(tmp_path: Path, text: str) -> None:
    """SAFETY 6"""
    at, blown = 0, True
    while blown:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        platform, fuse = Platform(), Fuse(at=at)
        await platform.deliver(message(text, "m1"), folder, fuse)
        blown = fuse.blown
        async with stage(folder, chat=platform.chat) as s:
            await books(s)
            assert len(platform.chat.messages) == 1, f"point {at}: {platform.chat.words()}"
            assert len([e for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "turn"]) == 1
    assert at > 5


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.DENY])
async def test_a_refund_is_made_once_whenever_the_power_fails(tmp_path: Path, verb: Verb) -> None:
    """SAFETY 25"""
    at, blown = 0, True
    while blown:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        platform, fuse = Platform(), Fuse(at=at)
        await platform.deliver(message("do demo.refund order=1007 amount=5", "m1"), folder, fuse)
        assert len(platform.chat.cards()) == 1, f"point {at}"
        await platform.deliver(press(platform.chat.cards()[0], "p1", verb), folder, fuse)
        blown = fuse.blown
        async with stage(folder, chat=platform.chat) as s:
            await books(s)
            assert len(s.shop.refunds()) == (1 if verb is Verb.APPROVE else 0), f"point {at}"
            assert len(platform.chat.messages) == 1, f"point {at}: {platform.chat.words()}"
            assert ("Done" in s.card.status) == (verb is Verb.APPROVE), f"point {at}: {s.card.status}"
            assert not s.card.buttons
            turns = [e for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "turn"]
            assert len(turns) == 1, f"point {at}"
    assert at > 15
