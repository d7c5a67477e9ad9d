"""Who may talk, who may act, who is who on which platform."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.minds.builtin.vocabulary import WORDS
from bot import doors
from bot.effects import Question
from bot.events import Message, Press, Verb
from bot.inbox import Arrival
from bot.people import Identity, Role, Standing
from bot.places import Place
from bot.store import Tx
from tests.stage import HERE, OLIVIA, Stage, stage
from tests.stories.team import told

TEL = Identity(platform="twin", user="4711")
THERE = Place(platform="twin", channel="4711", private=True)
GROUP = Place(platform="twin", channel="group")


async def hear(
    s: Stage, text: str, *, standing: Standing = Standing.STRANGER, key: str = "", lang: str = ""
) -> None:
    body = Message(who=TEL, text=text, ref="1", name="Tom", standing=standing, lang=lang)
    await s.arrive(Arrival(key=key or f"tel:{text}", place=THERE, body=body))


async def answer(s: Stage, value: str, *, who: Identity = OLIVIA, place: Place = HERE) -> None:
    """Somebody presses on the question that names the other account."""
    question = asked(s)
    body = Press(
        who=who, ref=question.ref, revision=0, verb=Verb.CHOOSE, value=value, standing=Standing.MEMBER
    )
    await s.arrive(Arrival(key=f"answer:{next(s.numbers)}", place=place, body=body))


def asked(s: Stage) -> Question:
    """The newest question."""
    found = [sent.content for sent in s.chat.messages.values() if isinstance(sent.content, Question)]
    return found[-1]


async def test_a_stranger_is_told_once_how_to_be_let_in_and_then_ignored(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await hear(s, "hello")
        assert "do not know you" in s.last
        await hear(s, "do demo.find_orders")
        await hear(s, "status")
        assert len(s.chat.messages) == 1


async def test_a_member_of_the_team_comes_in_as_member(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await hear(s, "status", standing=Standing.MEMBER)
        person = await s.look(lambda tx: tx.people.by_identity(TEL))
        assert person is not None
        assert person.role is Role.MEMBER


async def test_a_guest_may_talk_but_not_act_or_read_systems(tmp_path: Path) -> None:
    """SAFETY 9"""
    async with stage(tmp_path) as s:
        await hear(s, "help", standing=Standing.GUEST)
        assert "keep watch" in s.last
        for text in ("do demo.find_orders", "do demo.note_order order=1007 note=x", "remember x", "missions"):
            await hear(s, text, standing=Standing.GUEST)
            assert "guest" in s.last, text
        assert s.shop.notes() == {}


async def test_the_first_code_makes_the_first_owner_once(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.store.write(
            lambda tx: tx.people.put(tx.people.get("per_mark") or doors.owner(tx))  # type: ignore[arg-type]
        )
        code = await doors.first_code(house=s.house)
        await hear(s, f"claim {code}")
        person = await s.look(lambda tx: tx.people.by_identity(TEL))
        assert person is not None
        assert person.id == "per_olivia", "there is an owner: the code joins this account to them"
        await hear(s, f"claim {code}", key="again")
        assert "unknown, used or expired" in s.last


@pytest.mark.parametrize(
    "word",
    [word for each in WORDS if each.name in ("link", "claim", "start") for word in (*each.en, *each.fr)],
)
async def test_a_stranger_may_hand_in_a_code_with_every_word_for_it_and_it_stays_out_of_the_transcript(
    tmp_path: Path, word: str
) -> None:
    async with stage(tmp_path) as s:
        code = await doors.first_code(house=s.house)
        await hear(s, f"{word.capitalize()} {code}")
        person = await s.look(lambda tx: tx.people.by_identity(TEL))
        assert person is not None
        assert person.role is Role.OWNER
        lines = await s.look(lambda tx: tx.lines.last(THERE.key, 10))
        assert lines
        assert not [line for line in lines if code in line.text]


async def test_a_code_of_an_earlier_start_is_worth_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        old = await doors.first_code(house=s.house)
        await doors.first_code(house=s.house)
        await hear(s, f"claim {old}")
        assert "unknown, used or expired" in s.last


async def test_link_joins_two_accounts_with_a_code_used_once_within_ten_minutes(tmp_path: Path) -> None:
    """SAFETY 42"""
    async with stage(tmp_path) as s:
        await s.say("link")
        code = told(s).split()[-1]
        await hear(s, f"link {code}")
        person = await s.look(lambda tx: tx.people.by_identity(TEL))
        assert person is not None
        assert person.id != "per_olivia", "not before the other side confirmed"
        await answer(s, "join")
        person = await s.look(lambda tx: tx.people.by_identity(TEL))
        assert person is not None
        assert person.id == "per_olivia"
        await s.say("link")
        late = told(s).split()[-1]
        s.clock.forward(timedelta(minutes=10))
        await hear(s, f"link {late}")
        assert "unknown, used or expired" in s.last


async def test_codes_do_not_stay_in_the_transcript(tmp_path: Path) -> None:
    """SAFETY 42"""
    async with stage(tmp_path) as s:
        await s.say("link")
        code = told(s).split()[-1]
        await hear(s, f"link {code}")
        await s.say("dashboard")
        token = told(s).rpartition("token=")[2]
        for place in (THERE.key, next(iter(s.chat.messages.values())).place.key):
            lines = await s.look(lambda tx, at=place: tx.lines.last(at, 50))
            kept = " ".join(f"{line.text} {line.content}" for line in lines)
            assert code not in kept
            assert token not in kept


async def test_a_sign_in_link_works_once(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("dashboard")
        token = told(s).rpartition("token=")[2]
        session = await doors.sign_in(token, house=s.house)
        assert session is not None
        person = await doors.session_person(session, house=s.house)
        assert person is not None
        assert person.id == "per_olivia"
        assert await doors.sign_in(token, house=s.house) is None
        assert await doors.session_person("forged", house=s.house) is None
        await doors.sign_out(session, house=s.house)
        assert await doors.session_person(session, house=s.house) is None


async def test_codes_and_links_are_not_given_where_others_read(tmp_path: Path) -> None:
    """SAFETY 42"""
    async with stage(tmp_path) as s:
        for words in ("link", "dashboard"):
            await s.say(words, place=GROUP)
            assert "private" in s.last


async def test_owners_named_in_the_settings_are_owners_from_the_start(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await doors.appoint((TEL,), house=s.house)
        await doors.appoint((TEL,), house=s.house)
        await hear(s, "do demo.refund order=1007 amount=5")
        await s.press(s.card, who=TEL, place=THERE)
        assert len(s.shop.refunds()) == 1
        person = await s.look(lambda tx: tx.people.by_identity(TEL))
        assert person is not None
        assert person.name == "Tom"


async def test_forwarded_words_are_content_and_no_command(tmp_path: Path) -> None:
    """SAFETY 28, 40"""
    async with stage(tmp_path) as s:
        await s.say("do demo.note_order order=1007 note=x", trusted=False)
        await s.say("freeze", trusted=False)
        assert s.shop.notes() == {}
        assert not await s.look(lambda tx: tx.freezes.all())


async def test_words_and_buttons_speak_the_persons_language(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("langue français")
        person = await s.look(lambda tx: tx.people.by_identity(OLIVIA))
        assert person is not None
        assert person.lang == "fr"


async def test_memory_is_private_to_the_person_in_private_and_to_the_place_elsewhere(tmp_path: Path) -> None:
    """SAFETY 80"""
    async with stage(tmp_path) as s:
        await s.say("remember the vault code is 4711-canary")
        await hear(s, "what do you know about vault", standing=Standing.MEMBER)
        assert "canary" not in s.last
        await s.say("what do you know about vault", place=GROUP)
        assert "canary" not in s.last
        await s.say("what do you know about vault")
        assert "canary" in s.last
        await s.say("forget vault")
        await s.say("what do you know about vault")
        assert "canary" not in s.last


async def test_an_owner_nobody_has_met_gets_a_name_once_and_nobody_takes_anothers(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.store.write(unnamed)
        await say_unnamed(s, "my name is Mark")
        assert "already" in s.last
        await say_unnamed(s, "my name is Olivia de Vries")
        await s.say("do demo.refund order=1007 amount=5")
        assert {row.label: row.value for row in s.card.rows}["Asked by"] == "Olivia de Vries"
        await s.say("my name is Mark")
        assert "that of your account" in s.last


async def test_the_first_words_from_an_account_name_an_owner_nobody_has_met(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.store.write(unnamed)
        await s.say("status")
        olivia = await s.look(lambda tx: tx.people.get("per_olivia"))
        assert olivia is not None
        assert olivia.name == "Olivia"


async def say_unnamed(s: Stage, text: str) -> None:
    """As the web page does, which knows no name of its own."""
    body = Message(who=OLIVIA, text=text, name=doors.OWNER_NAME, standing=Standing.MEMBER)
    await s.arrive(Arrival(key=f"unnamed:{text}", place=HERE, body=body))


def unnamed(tx: Tx) -> None:
    """The owner as the sign-in link makes them: nobody said yet what they are called."""
    olivia = tx.people.get("per_olivia")
    assert olivia is not None
    tx.people.put(replace(olivia, name=doors.OWNER_NAME))
