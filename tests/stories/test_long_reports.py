"""What a mission reports at length is a file with its beginning in the chat: delivered whole and once, or shown as not
delivered, and forgotten with its file.
"""

from datetime import timedelta
from pathlib import Path

from bot.effects import File, Text
from bot.errors import Failed, OutcomeUnknown
from bot.missions import Step
from tests.clocks import SetClock
from tests.stage import Stage, stage
from tests.stories.test_quiet import EVENING, asleep
from tests.stories.test_runs import begin, report, runs

LONG = "\n".join(f"Mug {n} is marigold, and late." for n in range(200))


def files(s: Stage) -> list[File]:
    contents = [each.content for each in s.chat.messages.values()]
    return [each.file for each in contents if isinstance(each, Text) and each.file is not None]


async def test_a_long_report_is_a_file_with_its_beginning_in_the_chat(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(s, Step(text=LONG))
        await s.forward(timedelta(hours=1))
        assert s.last.startswith("Mug 0 is marigold, and late.\nMug 1")
        assert s.last.endswith(f"All of it is in the file ({len(LONG)} characters).")
        (file,) = files(s)
        assert file.text == LONG
        assert file.name.startswith("mission-1-2026-")
        (run,) = await runs(s)
        assert await report(s, run) == "delivered"


async def test_a_file_whose_delivery_was_cut_short_is_put_once(tmp_path: Path) -> None:
    """The words may stand without their file: what was found is said again in its place."""
    async with stage(tmp_path) as s:
        await begin(s, Step(text=LONG))
        s.chat.lost.append(OutcomeUnknown("the line dropped"))
        await s.forward(timedelta(hours=1))
        await s.forward(timedelta(minutes=1))
        (message,) = s.chat.messages.values()
        assert (message.edits, message.doubtful) == (1, False)
        (run,) = await runs(s)
        assert await report(s, run) == "delivered"


async def test_a_file_that_no_chat_takes_is_not_delivered(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(s, Step(text=LONG))
        s.chat.faults.append(Failed("this chat is closed"))
        await s.forward(timedelta(hours=1))
        await s.say("runs 1")
        assert "report NOT delivered" in s.last


async def test_what_is_forgotten_is_in_no_file_either(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(s, Step(text=f"Tulip. {LONG}"))
        await s.forward(timedelta(hours=1))
        await s.say("forget tulip mug")
        assert not files(s)
        assert "(forgotten)" in s.chat.words()
        found = await s.look(lambda tx: tx.traces.lines(tx.missions.all()[0].place, {"tulip", "mug"}))
        assert not found


async def test_a_night_of_long_reports_is_one_message_with_one_file(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await begin(s, Step(text=LONG))
        await asleep(s, 4)
        for message in [*s.chat.messages]:
            del s.chat.messages[message]
        await asleep(s, 9)
        (words,) = [each for each in s.chat.words() if each.startswith("While it was quiet")]
        assert words.count("mission 1: Mug 0 is marigold") == 7
        assert "… and 2 more." in words
        assert len(words) < 1_000
        bundles = [file for file in files(s) if file.name.startswith("reports-")]
        assert [file.text.count(LONG) for file in bundles] == [9]
