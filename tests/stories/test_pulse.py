"""The assistant looks after itself, says once what is wrong and once that it is right again."""

from datetime import timedelta
from pathlib import Path

from bot import pulse
from bot.errors import Failed
from bot.missions import Step
from bot.world import Health
from tests.stage import OLIVIA, Stage, stage
from tests.stories.test_runs import begin, runs


class Line:
    """Something outside that is well, or not."""

    def __init__(self) -> None:
        self.well = True

    async def check(self) -> Health:
        return Health(well=self.well, text="the token was revoked")


async def looks(s: Stage, line: Line, times: int = 1) -> None:
    for _ in range(times):
        await s.forward(pulse.EVERY)
        await pulse.look(house=s.house, calendar=s.calendar, probes={"slack": line.check})
        await s.rest()


def told(s: Stage, words: str) -> int:
    return sum(words in each for each in s.chat.words())


async def test_what_is_wrong_is_told_once_and_once_that_it_is_right_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        line = Line()
        await s.say("hello", who=OLIVIA)
        await looks(s, line, 2)
        assert told(s, "Something is wrong") == 0
        line.well = False
        await looks(s, line, 5)
        assert told(s, "the token was revoked") == 1
        await s.say("health")
        assert "slack: the token was revoked" in s.last
        line.well = True
        await looks(s, line, 3)
        assert told(s, "I am all right again.") == 1


async def test_what_is_wrong_is_said_in_the_language_of_the_owner(tmp_path: Path) -> None:
    async def full() -> Health:
        return Health.of(Failed("the mailbox on {host} does not answer as it should.", host="mail.example"))

    async def broken() -> Health:
        raise RuntimeError("hunter2")

    async with stage(tmp_path) as s:
        await s.say("langue fr")
        for _ in range(2):
            await s.forward(pulse.EVERY)
            probes = {"mailbox ops@mail.example": full, "stripe": broken}
            await pulse.look(house=s.house, calendar=s.calendar, probes=probes)
            await s.rest()
        await s.say("santé")
        assert (
            "boîte aux lettres ops@mail.example\u00a0: la boîte aux lettres sur mail.example ne répond"
            in s.last
        )
        assert "stripe\u00a0: la question n’a pas pu être posée" in s.last
        assert "hunter2" not in s.last


async def test_what_breaks_for_a_moment_is_not_told(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        line = Line()
        await s.say("hello")
        for well in (False, True, False, True):
            line.well = well
            await looks(s, line)
        assert told(s, "wrong") == 0
        assert told(s, "all right again") == 0


async def test_a_card_that_nobody_answers_is_told(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("every day at 9, stand up")
        await s.forward(timedelta(hours=13))
        await looks(s, Line(), 3)
        assert told(s, "1 card has had no answer for half a day") == 1


async def test_a_clock_set_back_by_a_year_silences_no_mission_and_runs_nothing_twice(tmp_path: Path) -> None:
    """SAFETY 95"""
    async with stage(tmp_path) as s:
        await s.say("hello")
        await begin(s, Step(text="count the till"))
        await looks(s, Line())
        await s.forward(timedelta(days=365))
        await looks(s, Line())
        s.clock.forward(-timedelta(days=365))
        await looks(s, Line())
        before = len([run for run in await runs(s) if run.began or run.ended])
        for _ in range(3):
            await s.forward(timedelta(hours=1))
        after = await runs(s)
        assert told(s, "the clock was set back") == 1
        assert len({run.due for run in after}) == len(after)
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None
        assert mission.next_due is not None
        assert mission.next_due - s.clock.now() <= timedelta(hours=1)
        assert len(after) >= before
