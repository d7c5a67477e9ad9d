"""Days in which nobody says anything: the assistant watches on, and asks no model for it."""

import itertools
from datetime import timedelta
from pathlib import Path

from bot.journal import Ask, Thought
from tests.stage import stage
from tests.twins.mind import ScriptedMind

DAYS = 12
REFUND = Ask(id="a", action="demo.refund", arguments={"order": "1007", "amount": "5.00 EUR"}, reason="late")


async def test_twelve_idle_days_ask_a_model_nothing(tmp_path: Path) -> None:
    """A mission with fixed steps wakes all the time, a watch reads its number, a card waits and lapses, and a turn is told
    so: two thoughts for what a person said, and none for the time that passed."""
    async with stage(tmp_path) as s:
        await s.begin("every hour, do demo.refund order=1002 amount=5")
        await s.begin("watch number visitors below 10, tell me")
        clock, chat = s.clock, s.chat
    mind = ScriptedMind(
        [Thought(text="I propose it.", asks=(REFUND,)), Thought(text="Nobody pressed: I leave it.")]
    )
    async with stage(tmp_path, clock=clock, chat=chat, model=mind) as s:
        s.numbers = itertools.count(100)  # a later day has other deliveries
        await s.say("please pay Gigi five euros back")
        for _ in range(DAYS * 2):
            await s.forward(timedelta(hours=12))
        assert mind.asked == 2
        assert "Nobody pressed: I leave it." in chat.words()
        woken = [
            e for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "turn" and e.body["mission"]
        ]
        assert len(woken) > DAYS, "it was awake all the time"
        assert s.shop.refunds() == ()
