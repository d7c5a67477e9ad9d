"""A language model thinks; the core acts. What it thought is kept, and its failures are told plainly."""

from datetime import timedelta
from pathlib import Path

from bot.errors import Failed, Unreachable
from bot.events import Verb
from bot.journal import Ask, Outcome, Thought, TurnState
from bot.places import Place
from tests.stage import MARK, stage
from tests.stories.test_power_cut import Platform, books, message, press
from tests.twins.crash import Fuse, PowerCut
from tests.twins.mind import ScriptedMind


def refund(n: str = "a", amount: str = "5.00 EUR") -> Ask:
    arguments = {"order": "1007", "amount": amount}
    return Ask(id=n, action="demo.refund", arguments=arguments, reason="the parcel is late")


THERE = Place(platform="twin", channel="mark", private=True)
LATE = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
NOTE = Ask(id="note", action="demo.note_order", arguments={"order": "1007", "note": "late"})


async def test_a_model_hears_what_really_happened_after_the_press(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(text="I propose it.", asks=(refund(),)), Thought(text="It is paid back.")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("please pay Gigi five euros back")
        assert s.shop.refunds() == ()
        assert mind.asked == 1
        assert len(await s.look(lambda tx: tx.turns.parked())) == 1
        await s.press(s.card)
        assert mind.asked == 2
        assert [answer.outcome for answer in mind.answers] == [Outcome.DONE]
        assert "R0001" in s.card.status
        assert s.chat.words()[-1] == "It is paid back."


async def test_a_denial_reaches_the_model_as_an_answer(tmp_path: Path) -> None:
    """SAFETY 73"""
    mind = ScriptedMind([Thought(asks=(refund(),)), Thought(text="All right, I leave it.")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("please pay Gigi five euros back")
        await s.press(s.card, Verb.DENY)
        assert [answer.outcome for answer in mind.answers] == [Outcome.DENIED]
        assert s.last == "All right, I leave it."


async def test_a_read_is_answered_at_once_and_taints_what_follows(tmp_path: Path) -> None:
    """SAFETY 78"""
    mind = ScriptedMind([Thought(asks=(LATE,)), Thought(asks=(NOTE,)), Thought(text="done?")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("look at the late orders and note it")
        assert s.shop.notes() == {}, "after reading what strangers may have written, even a note asks"
        assert "tainted" in s.card.plain
        await s.press(s.card)
        assert s.shop.notes() == {"1007": "late"}


async def test_several_asks_wait_together_and_all_are_answered(tmp_path: Path) -> None:
    """SAFETY 74"""
    mind = ScriptedMind(
        [Thought(asks=(refund("a"), refund("b", "6.00 EUR"), LATE)), Thought(text="Both are settled.")]
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say("pay back five and six")
        await s.press(s.card, Verb.SPLIT)
        first, second = s.chat.cards()[1:]
        await s.press(first, Verb.DENY)
        assert mind.asked == 1, "the other still waits"
        await s.press(second)
        assert mind.asked == 2
        assert sorted(answer.outcome for answer in mind.answers) == [
            Outcome.DENIED,
            Outcome.DONE,
            Outcome.DONE,
        ]


async def test_an_unknown_action_and_bad_arguments_are_answers_not_crashes(tmp_path: Path) -> None:
    """SAFETY 65"""
    nonsense = Ask(id="x", action="bank.rob", arguments={})
    wrong = Ask(id="y", action="demo.refund", arguments={"order": "1007", "amount": "lots", "extra": 1})
    mind = ScriptedMind([Thought(asks=(nonsense, wrong)), Thought(text="I cannot.")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("rob a bank")
        assert [answer.outcome for answer in mind.answers] == [Outcome.REFUSED, Outcome.REFUSED]
        assert s.last == "I cannot."


async def test_a_model_out_of_reach_is_said_plainly_and_asked_again(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(text="Here I am.")], failures=[Unreachable("no route to the model")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("tell me a story")
        assert "cannot be reached (no route to the model). Your message is kept" in s.last
        await s.say("status")
        assert "On watch" in s.last, "words of control do not wait for the model"
        await s.forward(timedelta(minutes=1))
        assert s.chat.words()[0] == "Here I am.", "the notice becomes the answer"


async def test_a_model_that_stays_away_is_given_up_in_words(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(text="late")], failures=[Unreachable("down")] * 9)
    async with stage(tmp_path, model=mind) as s:
        await s.say("tell me a story")
        for _ in range(6):
            await s.forward(timedelta(hours=2))
        assert "give up" in s.chat.words()[0]
        assert mind.asked == 5


async def test_a_model_that_refuses_for_good_is_said_at_once(tmp_path: Path) -> None:
    mind = ScriptedMind([Failed("the key is wrong")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("tell me a story")
        assert "the key is wrong" in s.last


async def test_endless_thoughts_are_stopped(tmp_path: Path) -> None:
    asks = [Ask(id=str(n), action="demo.late_orders", arguments={}) for n in range(50)]
    mind = ScriptedMind([Thought(asks=(ask,)) for ask in asks])
    async with stage(tmp_path, model=mind) as s:
        await s.say("loop")
        assert "more than 25 steps" in s.last
        assert mind.asked == 25


async def test_no_thought_is_paid_for_twice_whenever_the_power_fails(tmp_path: Path) -> None:
    at, blown, twice = 0, True, 0
    while blown:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        script = [Thought(asks=(LATE, refund())), Thought(text="It is paid back.")]
        mind, platform, fuse = ScriptedMind(script), Platform(), Fuse(at=at)
        for step in ("say", "press"):
            arrival = message("pay back", "m1") if step == "say" else press(platform.chat.cards()[0], "p1")
            try:
                async with stage(folder, chat=platform.chat, fuse=fuse, model=mind) as s:
                    await s.arrive(arrival)
            except PowerCut:
                async with stage(folder, chat=platform.chat, model=mind) as s:
                    await s.arrive(arrival)
        blown = fuse.blown
        async with stage(folder, chat=platform.chat, model=mind) as s:
            await books(s)
            assert len(s.shop.refunds()) == 1, f"point {at}"
            assert s.chat.words()[-1] == "It is paid back.", f"point {at}"
            assert len(s.chat.cards()) == 1, f"point {at}"
        # Between the model's answer and the commit of it lies one statement, beside which a card may be on its
        # way; only there it is asked again.
        twice += mind.asked - 2
    assert at > 20
    assert twice <= 4


async def test_what_it_cost_is_kept_with_the_turn(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(asks=(LATE,)), Thought(text="three")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("how many are late")
        entry = next(e for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "turn")
        assert entry.body["tokens"] == 220
        turn = await s.look(lambda tx: tx.turns.get(str(entry.body["turn"])))
        assert turn is not None
        assert turn.cost.calls == 2
        assert turn.state is TurnState.DONE


async def test_a_model_is_told_of_lines_from_long_ago_that_bear_on_the_words(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(text="I see")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("the deposit for the harbour hall is 450 EUR")
        await s.say("the deposit for the station hall is a secret", who=MARK, place=THERE)
        for n in range(30):
            await s.say(f"nothing much, day {n}")
        await s.say("what was the deposit for the hall?")
        briefing = mind.briefings[-1]
        assert not any("450" in line.text for line in briefing.transcript)
        assert "the deposit for the harbour hall is 450 EUR" in [line.text for line in briefing.earlier]
        assert not any("secret" in line.text for line in briefing.earlier)


async def test_the_model_is_told_what_was_said_before_and_nothing_of_other_people(tmp_path: Path) -> None:
    """SAFETY 80"""
    notes = [Ask(id="n", action="vigie.remember", arguments={"text": "my parcel is blue"})]
    mind = ScriptedMind([Thought(asks=tuple(notes)), Thought(text="noted")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("remember my parcel is blue")
        await s.say("what colour is my parcel?")
        briefing = mind.briefings[-1]
        assert [note.text for note in briefing.notes] == ["my parcel is blue"]
        assert any("parcel is blue" in line.text for line in briefing.transcript)
        await s.say("what colour is the parcel of Olivia?", who=MARK, place=THERE)
        assert mind.briefings[-1].notes == ()
        assert not any("blue" in line.text for line in mind.briefings[-1].transcript)
