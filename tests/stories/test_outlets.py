"""A mission reports to another place than the one where it was made, when its owner presses for that."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.minds.builtin import sentences
from bot.cards import Card
from bot.effects import EffectState, Question
from bot.errors import Failed, Unreachable, VigieError
from bot.events import Message, Named, Press, Verb
from bot.inbox import Arrival
from bot.occurrences import Fate
from bot.people import Identity, Standing
from bot.places import Place
from bot.store import Tx
from bot.world import Sending
from tests.stage import HERE, MARK, OLIVIA, Stage, stage
from tests.stories.test_runs import runs
from tests.twins.chat import TwinChat

OPS = Place(platform="twin", channel="C0OPS")
INSIDE = (Named(name="ops", channel="C0OPS", inside=True),)


async def say(
    s: Stage, text: str, named: Sequence[Named] = INSIDE, *, who: Identity = OLIVIA, place: Place = HERE
) -> None:
    """Words in which the platform says which channels are named."""
    key = f"named:{next(s.numbers)}"
    body = Message(who=who, text=text, ref=key, name=who.user, standing=Standing.MEMBER, named=tuple(named))
    await s.arrive(Arrival(key=key, place=place, body=body))


class Uninvited(TwinChat):
    """Nobody has asked us into that channel."""

    async def send(self, sending: Sending) -> str:
        if sending.place == OPS:
            raise Failed("not in this channel.")
        return await super().send(sending)


def heard(s: Stage, place: Place) -> list[str]:
    """The words, not the cards, that stand in a place."""
    return [
        str(getattr(sent.content, "text", ""))
        for sent in s.chat.messages.values()
        if sent.place == place and not isinstance(sent.content, Card)
    ]


def cards(s: Stage, place: Place) -> list[Card]:
    return [
        sent.content
        for sent in s.chat.messages.values()
        if sent.place == place and isinstance(sent.content, Card)
    ]


@pytest.mark.parametrize(
    ("typed", "left", "to"),
    [
        ("every day at 9, stand up, report to #ops", "every day at 9, stand up", "#ops"),
        (
            "every weekday at 9 check late orders and tell #ops",
            "every weekday at 9 check late orders",
            "#ops",
        ),
        ("tous les jours à 9h, debout et dis-le à #ops.", "tous les jours à 9h, debout", "#ops"),
        ("tous les jours à 9h, debout, préviens #été", "tous les jours à 9h, debout", "#été"),
        ("report to here", "", "here"),
        ("rapporte ici", "", "here"),
        ("every day at 9, tell Bob", "every day at 9, tell Bob", ""),
        ("every day at 9, do not be here", "every day at 9, do not be here", ""),
        ("every day at 9, look at #ops", "every day at 9, look at #ops", ""),
    ],
)
def test_the_place_is_named_at_the_end(typed: str, left: str, to: str) -> None:
    assert sentences.report_to(typed) == (left, to)


async def test_reports_go_where_the_card_said_once_the_owner_has_pressed(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await say(s, "every hour, stand up, report to #ops")
        assert "#ops; what it asks stays with its owner, on twin" in s.card.plain
        await s.forward(timedelta(hours=2))
        assert not heard(s, OPS)
        await s.press(s.card)
        before = heard(s, HERE)
        await s.forward(timedelta(hours=1))
        assert ["stand up" in words for words in heard(s, OPS)] == [True]
        assert heard(s, HERE) == before
        await s.say("runs 1")
        assert "report delivered" in s.last


async def test_a_single_wake_that_reports_elsewhere_waits_for_a_press_too(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await say(s, "in 10 minutes, stand up, report to #ops")
        await s.forward(timedelta(minutes=11))
        assert not heard(s, OPS)
        assert s.card.buttons[0].label == "Start"


async def test_what_it_asks_stays_with_its_owner(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await say(s, "every hour, do demo.refund order=1007 amount=10, report to #ops")
        await s.press(s.card)
        await s.forward(timedelta(hours=1))
        assert len(cards(s, HERE)) == 2
        assert not cards(s, OPS)
        await s.press(s.card, Verb.DENY)
        assert not cards(s, OPS)


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ((), "I know no channel #ops"),
        ((Named(name="ops", channel="C0OPS", inside=False),), "/invite"),
    ],
)
async def test_a_place_that_is_not_known_or_not_ours_is_refused_with_what_to_do(
    tmp_path: Path, named: tuple[Named, ...], why: str
) -> None:
    async with stage(tmp_path) as s:
        await say(s, "every hour, stand up, report to #ops", named)
        assert why in s.last
        assert not s.chat.cards()


async def test_a_name_means_what_its_own_writer_named(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await say(s, "hello #ops", who=MARK)
        await say(s, "every hour, stand up, report to #ops", ())
        assert "I know no channel #ops" in s.last


async def test_an_edit_moves_the_reports_there_and_back(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("every hour, stand up")
        await say(s, "edit 1 report to #ops")
        assert "its owner, on twin → #ops" in s.card.plain
        await s.press(s.card)
        await s.forward(timedelta(hours=1))
        assert len(heard(s, OPS)) == 1
        await say(s, "edit 1 report to here")
        await s.press(s.card)
        await s.forward(timedelta(hours=1))
        assert len(heard(s, OPS)) == 1


async def test_the_private_notes_of_its_owner_are_not_told_there(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("remember the code of the safe is 4711")
        await say(s, "every hour, what do you know about the safe, report to #ops")
        await s.press(s.card)
        await s.forward(timedelta(hours=1))
        assert [run.fate for run in await runs(s)] == [Fate.DONE]
        assert not any("4711" in words for words in heard(s, OPS))


async def test_the_incident_of_a_watch_stands_where_it_reports(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await say(s, "watch number visitors below 10, tell #ops")
        assert "#ops" in {row.label: row.value for row in s.card.rows}["Reports to"]
        await s.press(s.card)
        await s.say("number visitors 3")
        (told,) = heard(s, OPS)
        assert "Incident 1 · firing" in told
        assert not [words for words in heard(s, HERE) if "Incident 1" in words]
        asked = next(sent.content for sent in s.chat.messages.values() if sent.place == OPS)
        assert isinstance(asked, Question)
        body = Press(who=MARK, ref=asked.ref, revision=asked.revision, verb=Verb.CHOOSE, value="acknowledge")
        await s.arrive(Arrival(key="press:ops", place=OPS, body=body))
        (told,) = heard(s, OPS)
        assert "acknowledged" in told
        s.clock.forward(timedelta(seconds=1))
        await s.say("number visitors 30")
        (told,) = heard(s, OPS)
        assert "resolved" in told


async def test_an_incident_that_cannot_be_told_there_is_told_to_its_owner(tmp_path: Path) -> None:
    async with stage(tmp_path, chat=Uninvited()) as s:
        await say(s, "watch number visitors below 10, tell #ops")
        await s.press(s.card)
        await s.say("number visitors 3")
        (told,) = [words for words in heard(s, HERE) if "could not report to #ops" in words]
        assert "Incident 1 · firing" in told


async def test_what_listens_reports_where_it_was_made(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await say(s, "when someone mentions invoice 42, stand up, report to #ops")
        assert "reports where it was made" in s.last
        assert not s.chat.cards()


async def test_a_report_that_cannot_be_delivered_is_told_to_its_owner_once(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await say(s, "every hour, stand up, report to #ops")
        await s.press(s.card)
        for _ in range(2):
            s.chat.faults.append(Failed("not in this channel."))
            await s.forward(timedelta(hours=1))
        told = [words for words in heard(s, HERE) if "could not report to #ops" in words]
        assert len(told) == 1
        assert "stand up" in told[0]
        found = await runs(s)
        effects = await s.look(lambda tx: [tx.effects.get(each.report) for each in found])
        assert [each.state for each in effects if each] == [EffectState.FAILED] * 2
        await s.say("runs 1")
        assert "report NOT delivered" in s.last
        await s.forward(timedelta(hours=1))
        s.chat.faults.append(Failed("not in this channel."))
        await s.forward(timedelta(hours=1))
        assert sum("could not report to #ops" in words for words in heard(s, HERE)) == 2


async def test_it_can_be_said_in_french(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("parle français")
        await say(s, "toutes les heures, debout et dis-le à #ops")
        assert "#ops\u202f; ce qu’elle demande reste ici" in s.card.plain


# A name that is only typed -------------------------------------------------------------------------------------


@dataclass
class Directory(TwinChat):
    """A chat whose places have names; it knows them for everybody, or is silent."""

    places: dict[str, tuple[Named, ...]] = field(default_factory=dict[str, tuple[Named, ...]])
    silent: VigieError | None = None
    asked: list[tuple[str, Identity]] = field(default_factory=list[tuple[str, Identity]])

    async def named(self, name: str, who: Identity) -> tuple[Named, ...]:
        self.asked.append((name, who))
        if self.silent is not None:
            raise self.silent
        return self.places.get(name, ())


def directory(s: Stage, *places: Named, platform: str = "twin") -> Directory:
    """The chat of this platform, from now on one that knows these places."""
    chat = s.chat if platform == "twin" else TwinChat(platform=platform)
    found = Directory(platform=platform, messages=chat.messages, places={})
    for each in places:
        found.places[each.name] = (*found.places.get(each.name, ()), each)
    s.chats[platform] = found
    return found


async def test_a_typed_name_is_asked_of_the_platform_when_it_is_named(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        chat = directory(s, *INSIDE)
        await s.say("every hour, stand up, report to #ops")
        assert chat.asked == [("ops", OLIVIA)]
        assert "#ops; what it asks" in s.card.plain
        chat.silent = Unreachable("it is away")
        await s.press(s.card)
        await s.forward(timedelta(hours=1))
        assert len(heard(s, OPS)) == 1


async def test_a_typed_name_that_nothing_has_or_two_have_is_asked_about_and_nothing_is_kept(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as s:
        two = [Named(name="ops", channel=channel, inside=True) for channel in ("C0OPS", "C1OPS")]
        directory(s, *two, Named(name="far", channel="C0FAR", inside=False))
        for name, why in (
            ("ops", "#ops is 2 channels"),
            ("nowhere", "no channel #nowhere"),
            ("far", "/invite"),
        ):
            await s.say(f"every hour, stand up, report to #{name}")
            assert why in s.last
        assert not s.chat.cards()
        await say(s, "every hour, stand up, report to #ops")
        assert "#ops; what it asks" in s.card.plain, "picked from the list, it is clear"
        await s.say("every hour, sit down, report to #ops")
        assert "sit down" in s.card.plain, "and stays so"


async def test_while_the_platform_is_silent_what_it_said_before_holds(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        chat = directory(s)
        chat.silent = Unreachable("Slack asks to wait {n} seconds.", n=30)
        await s.say("every hour, stand up, report to #ops")
        assert "nobody can tell me now which place #ops is: Slack asks to wait 30 seconds." in s.last
        await say(s, "hello #ops")
        await s.say("every hour, stand up, report to #ops")
        assert "#ops; what it asks" in s.card.plain


async def test_a_name_of_another_chat_is_asked_where_the_same_person_has_an_account(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        slack = directory(s, *INSIDE, platform="slack")
        await s.say("every hour, stand up, report to #ops")
        assert "no channel #ops" in s.last
        assert slack.asked == []
        account = Identity(platform="slack", team="T1", user="U1")

        def link(tx: Tx) -> None:
            olivia = tx.people.get("per_olivia")
            assert olivia is not None
            tx.people.put(olivia.linked(account))

        await s.store.write(link)
        await s.say("every hour, stand up, report to #ops")
        assert slack.asked == [("ops", account)]
        assert "#ops (Slack); what it asks" in s.card.plain
        await s.press(s.card)
        await s.forward(timedelta(hours=1))
        (sent,) = slack.messages.values()
        assert sent.place.key == Place(platform="slack", team="T1", channel="C0OPS").key
