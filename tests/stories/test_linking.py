"""Two accounts of one human: a code from one side, sent from the other, and a button on the first that names it."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.effects import Question
from bot.events import Message, Press, Verb
from bot.inbox import Arrival
from bot.people import Identity, Role, Standing
from bot.places import Place
from bot.proposals import State
from tests.stage import HERE, MARK, OLIVIA, Stage, stage
from tests.stories.team import ANA, BEN, TWO_FOR_REFUNDS, gather, place_of, press, role, ruled, told

PHONE = Identity(platform="twin", user="4711")
EVE = Identity(platform="twin", user="666")
GROUP = Place(platform="twin", channel="general")


async def send(s: Stage, text: str, who: Identity = PHONE, place: Place | None = None) -> None:
    """From an account that nobody vouches for."""
    body = Message(who=who, text=text, name=f"Phone {who.user}", standing=Standing.STRANGER)
    await s.arrive(Arrival(key=f"phone:{next(s.numbers)}", place=place or place_of(who), body=body))


async def code_of(s: Stage, who: Identity = OLIVIA, place: Place = HERE) -> str:
    await s.say("link", who=who, place=place)
    return told(s).split()[-1]


def question(s: Stage) -> Question:
    return [sent.content for sent in s.chat.messages.values() if isinstance(sent.content, Question)][-1]


async def choose(
    s: Stage,
    value: str = "join",
    *,
    who: Identity = OLIVIA,
    place: Place = HERE,
    asked: Question | None = None,
) -> None:
    asked = asked or question(s)
    body = Press(who=who, ref=asked.ref, revision=0, verb=Verb.CHOOSE, value=value, standing=Standing.MEMBER)
    await s.arrive(Arrival(key=f"choose:{next(s.numbers)}", place=place, body=body))


async def owner_of(s: Stage, who: Identity) -> str:
    person = await s.look(lambda tx: tx.people.by_identity(who))
    return person.id if person else ""


async def ledger(s: Stage, kind: str) -> int:
    return sum(entry.kind == kind for entry in await s.look(lambda tx: tx.ledger.read()))


async def test_nothing_is_joined_before_the_side_that_gave_the_code_says_so(tmp_path: Path) -> None:
    """SAFETY 42"""
    async with stage(tmp_path) as s:
        await send(s, f"link {await code_of(s)}")
        assert "twin:4711" in question(s).text
        assert "Phone 4711" in question(s).text
        assert await owner_of(s, PHONE) != "per_olivia"
        await choose(s)
        assert await owner_of(s, PHONE) == "per_olivia"
        assert await ledger(s, "linked") == 1


async def test_a_no_joins_nothing_and_is_final(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await send(s, f"link {await code_of(s)}")
        asked = question(s)
        await choose(s, "no")
        await choose(s, asked=asked)
        assert await owner_of(s, PHONE) != "per_olivia"
        assert await ledger(s, "link_refused") == 1


async def test_only_the_giver_confirms_and_only_where_the_code_was_given(tmp_path: Path) -> None:
    """SAFETY 42: neither the newcomer, nor another member, nor the giver from elsewhere."""
    async with stage(tmp_path) as s:
        await send(s, f"link {await code_of(s)}")
        asked = question(s)
        for who, place in ((PHONE, place_of(PHONE)), (PHONE, HERE), (MARK, HERE), (OLIVIA, GROUP)):
            await choose(s, who=who, place=place, asked=asked)
            assert await owner_of(s, PHONE) != "per_olivia"
        await choose(s, asked=asked)
        assert await owner_of(s, PHONE) == "per_olivia"


async def test_the_givers_own_page_is_not_where_they_were_asked(tmp_path: Path) -> None:
    """SAFETY 42: a session that was stolen confirms nothing that was asked for elsewhere."""
    page = Identity(platform="web", user="per_olivia")
    async with stage(tmp_path) as s:
        olivia = await s.look(lambda tx: tx.people.get("per_olivia"))
        assert olivia is not None
        await s.store.write(lambda tx: tx.people.put(olivia.linked(page)))
        await send(s, f"link {await code_of(s)}")
        await choose(s, who=page, place=Place(platform="web", channel="per_olivia", private=True))
        assert await owner_of(s, PHONE) != "per_olivia"


async def test_words_do_not_confirm(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await send(s, f"link {await code_of(s)}")
        await s.say("yes")
        await s.say("join")
        assert await owner_of(s, PHONE) != "per_olivia"


async def test_a_code_is_good_once_whoever_sends_it(tmp_path: Path) -> None:
    """SAFETY 42: replayed, and from a second account."""
    async with stage(tmp_path) as s:
        code = await code_of(s)
        await send(s, f"link {code}")
        await send(s, f"link {code}", EVE)
        assert "unknown, used or expired" in s.last
        await send(s, f"link {code}")
        await choose(s)
        assert await owner_of(s, PHONE) == "per_olivia"
        assert await owner_of(s, EVE) != "per_olivia"


async def test_a_code_and_the_question_about_it_last_ten_minutes_each(tmp_path: Path) -> None:
    """SAFETY 42"""
    async with stage(tmp_path) as s:
        code = await code_of(s)
        await s.forward(timedelta(minutes=10))
        await send(s, f"link {code}")
        assert "unknown, used or expired" in s.last
        await send(s, f"link {await code_of(s)}")
        await s.forward(timedelta(minutes=10))
        await choose(s)
        assert await owner_of(s, PHONE) != "per_olivia"


async def test_a_code_sent_in_a_group_is_worth_nothing_from_then_on(tmp_path: Path) -> None:
    """SAFETY 42"""
    async with stage(tmp_path) as s:
        code = await code_of(s)
        await send(s, f"link {code}", place=GROUP)
        assert "worth nothing" in s.last
        await send(s, f"link {code}")
        assert "unknown, used or expired" in s.last


async def test_ones_own_code_joins_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(f"link {await code_of(s)}")
        assert "yours already" in s.last


async def test_an_owner_is_not_swallowed_by_somebody_with_less(tmp_path: Path) -> None:
    """A member who gets an owner to send their code would otherwise leave the space without one."""
    async with stage(tmp_path) as s:
        code = await code_of(s, MARK, place_of(MARK))
        await s.say(f"link {code}")
        assert "Not joined" in s.last
        assert await owner_of(s, OLIVIA) == "per_olivia"


@pytest.mark.parametrize("first", [ANA, BEN])
async def test_two_who_turn_out_to_be_one_have_one_yes(tmp_path: Path, first: Identity) -> None:
    """SAFETY 23, 24: one human counts once, also when the accounts are joined after one of them pressed."""
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await gather(s)
        await s.say("do demo.refund order=1007 amount=5")
        await press(s, first)
        await s.say(f"link {await code_of(s, ANA, place_of(ANA))}", who=BEN, place=place_of(BEN))
        await choose(s, who=ANA, place=place_of(ANA))
        assert await owner_of(s, BEN) == "per_ana"
        for who in (ANA, BEN):
            await press(s, who)
            assert "approved this already" in told(s)
        (waiting,) = await s.look(lambda tx: tx.proposals.pending())
        assert [each.person for each in waiting.approvals] == ["per_ana"]
        assert waiting.state is State.PENDING
        assert s.shop.refunds() == ()


async def test_who_asked_through_the_other_account_does_not_approve_their_own_request(tmp_path: Path) -> None:
    """SAFETY 23"""
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await gather(s)
        await s.say("do demo.refund order=1007 amount=5", who=MARK, place=place_of(MARK))
        await press(s, ANA)
        await s.say(f"link {await code_of(s, ANA, place_of(ANA))}", who=MARK, place=place_of(MARK))
        await choose(s, who=ANA, place=place_of(ANA))
        (waiting,) = await s.look(lambda tx: tx.proposals.pending())
        assert waiting.requester == "per_ana"
        assert waiting.approvals == ()
        await press(s, BEN)
        assert s.shop.refunds() == ()


async def test_missions_and_seats_follow_the_person(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await gather(s)
        await s.begin("every day at 9:00, status", who=BEN, place=place_of(BEN))
        await s.say(f"link {await code_of(s, ANA, place_of(ANA))}", who=BEN, place=place_of(BEN))
        await choose(s, who=ANA, place=place_of(ANA))
        assert {m.owner for m in await s.look(lambda tx: tx.missions.all())} == {"per_ana"}


async def test_a_guest_invites_nobody(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await role(s, "per_mark", Role.GUEST)
        await s.say("link", who=MARK, place=place_of(MARK))
        assert s.chat.notices == []
