"""A mission that reports to a channel of Slack, over Slack's own wire."""

from datetime import timedelta
from pathlib import Path

from bot.store import Tx
from tests.stage import Stage
from tests.stories.peers.test_phrase_chats import InSlack, Room, begun, settled, slack_room

OPS = "C0OPS"


async def link(s: Stage, room: Room) -> InSlack:
    def write(tx: Tx) -> None:
        olivia = tx.people.get("per_olivia")
        assert olivia is not None
        tx.people.put(olivia.linked(room.identity))

    await s.store.write(write)
    assert isinstance(room, InSlack)
    return room


async def test_a_channel_that_was_picked_from_the_list_hears_the_report(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as (s, room):
        slack = await link(s, room)
        await begun(s, slack, f"every hour, stand up, report to <#{OPS}|ops>", "#ops")
        await s.forward(timedelta(hours=1))

        def arrived() -> bool:
            return any(
                "stand up" in str(each["text"]) for each in slack.twin.messages if each["channel"] == OPS
            )

        await settled(s, arrived, "no report came")
        found = [each for each in slack.twin.messages if each["channel"] == OPS]
        assert len(found) == 1
        assert "thread_ts" not in found[0]


async def test_a_channel_that_we_are_not_in_is_refused_with_what_to_do(tmp_path: Path) -> None:
    async with slack_room(tmp_path) as (s, room):
        slack = await link(s, room)
        slack.twin.closed_channels.add(OPS)
        await slack.owner(f"every hour, stand up, report to <#{OPS}|>")
        await settled(s, lambda: bool(slack.told()), "no answer")
        assert "/invite" in slack.told()[-1]
        assert not await s.look(lambda tx: tx.missions.all())
