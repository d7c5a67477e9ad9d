"""What was approved again and again is offered in advance, and a permission covers what it says and no more."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from adapters.speech.languages import tongues
from bot import ledger
from bot.actions import Kind
from bot.cards import Card, decode
from bot.effects import Question
from bot.events import Press, Verb
from bot.grants import GIVE, Grant
from bot.inbox import Arrival
from bot.journal import Ask, Outcome, Thought
from bot.people import Identity, Role, Standing
from bot.places import Place
from bot.values import Json
from tests.stage import HERE, MARK, OLIVIA, Stage, stage
from tests.stories.team import ANA, Amended, gather, place_of, press, role, ruled, told
from tests.twins.mind import ScriptedMind

TO = "gigi.hamilton@example.com"
MAIL = f"do demo.message_customer recipient={TO} subject=Parcel body="
ASK = """
[[rule]]
name = "mail-asks"
effect = "ask"
action = "demo.message_customer"
reason = "mail asks"
author = "Olivia"
"""
EARN = f"""{ASK}
[grants]
after = 3
uses = 4
days = 10
"""
NOT_OWN = EARN.replace('reason = "mail asks"', 'reason = "mail asks"\nnot_requester = true')
TWO = EARN.replace('reason = "mail asks"', 'reason = "mail asks"\npeople = 2')
OWNERS_ONLY = EARN.replace('reason = "mail asks"', 'reason = "mail asks"\napprovers = ["owner"]')
DENY = EARN.replace('effect = "ask"', 'effect = "deny"')


def sent(s: Stage) -> list[str]:
    return [letter.body for letter in s.shop.messages()]


def waiting(s: Stage) -> Card:
    return next(card for card in reversed(s.chat.cards()) if card.buttons)


def offers(s: Stage) -> list[Card]:
    return [card for card in s.chat.cards() if card.title == "Allow in advance"]


async def approve(s: Stage, body: str, *, who: Identity = OLIVIA, place: Place = HERE) -> None:
    await s.say(MAIL + body, who=who, place=place)
    await s.press(waiting(s))


async def grants(s: Stage) -> tuple[Grant, ...]:
    return await s.look(lambda tx: tx.grants.all())


async def rows(s: Stage, kind: str) -> list[Mapping[str, Json]]:
    return [entry.body for entry in await s.look(lambda tx: tx.ledger.read()) if entry.kind == kind]


async def earn(s: Stage) -> Grant:
    """Three approvals alike, and the press on the offer."""
    for body in ("one", "two", "three"):
        await approve(s, body)
    await s.press(offers(s)[-1])
    [grant] = await grants(s)
    return grant


async def test_after_three_approvals_alike_it_is_offered_and_then_done_without_asking(tmp_path: Path) -> None:
    """SAFETY 70"""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await approve(s, "one")
        await approve(s, "two")
        assert offers(s) == []
        await approve(s, "three")
        [card] = offers(s)
        shown = {row.label: row.value for row in card.rows}
        assert shown["Only with"].splitlines() == [
            f'recipient: exactly "{TO}"',
            '┊ subject: exactly "Parcel"',
            "┊ body: anything",
        ]
        assert "R3" in shown["Risk"]
        await s.press(card)
        [grant] = await grants(s)
        assert (grant.giver, grant.uses, grant.used) == ("per_olivia", 4, 0)
        await s.say(MAIL + "four")
        assert sent(s) == ["one", "two", "three", "four"]
        assert (await grants(s))[0].used == 1
        assert ledger.verify(await s.look(lambda tx: tx.ledger.read())).holds


async def test_the_card_of_the_offer_decodes_back_to_what_is_in_force(tmp_path: Path) -> None:
    """SAFETY 70: text shown == what is granted."""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        grant = await earn(s)
        proposal = await s.look(lambda tx: tx.proposals.get(grant.proposal))
        assert proposal is not None
        give = s.house.action(GIVE)
        assert [field.kind for field in give.fields].count(Kind.TERMS) == 1
        shown = decode(offers(s)[-1], give, tongue=s.house.tongues("en"))
        assert shown == proposal.call.arguments
        assert grant.scope.terms[0].value == TO


async def test_before_the_press_it_still_asks_and_nobody_is_asked_twice(tmp_path: Path) -> None:
    """SAFETY 70: offered once for what they have in common."""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        for body in ("one", "two", "three"):
            await approve(s, body)
        [card] = offers(s)
        await s.say(MAIL + "four")
        assert sent(s) == ["one", "two", "three"]
        await s.press(s.card)
        await s.press(card, Verb.DENY)
        for body in ("five", "six", "seven", "eight"):
            await approve(s, body)
        assert len(offers(s)) == 1
        assert await grants(s) == ()


async def test_a_no_or_an_edit_begins_the_count_anew(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await approve(s, "one")
        await approve(s, "two")
        await s.say(MAIL + "no")
        await s.press(s.card, Verb.DENY)
        await approve(s, "three")
        await approve(s, "four")
        assert offers(s) == []
        await s.say(MAIL + "wrong")
        await s.fill(s.card, {"body": "right"})
        await s.press(waiting(s))
        await approve(s, "five")
        await approve(s, "six")
        assert offers(s) == []
        await approve(s, "seven")
        assert len(offers(s)) == 1


@pytest.mark.parametrize(
    "text",
    [
        MAIL.replace(TO, "camille.lefevre@example.com") + "x",
        MAIL.replace("Parcel", "Invoice") + "x",
    ],
)
async def test_what_it_does_not_say_still_asks(tmp_path: Path, text: str) -> None:
    """SAFETY 70: another receiver, another value of a field that was the same each time."""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await earn(s)
        await s.say(text)
        assert len(sent(s)) == 3
        assert Verb.APPROVE in {button.verb for button in s.card.buttons}


async def test_somebody_else_who_asks_still_waits_for_a_press(tmp_path: Path) -> None:
    """SAFETY 70"""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await earn(s)
        await s.say(MAIL + "mine", who=MARK, place=place_of(MARK))
        assert len(sent(s)) == 3


async def test_it_is_used_up_after_its_uses(tmp_path: Path) -> None:
    """SAFETY 70: the count."""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await earn(s)
        [grant] = await grants(s)
        assert f"until {tongues()('en').day(grant.until, 'Europe/Paris')}" in grant.said
        assert "asked by Olivia" in grant.said
        for n in range(4):
            await s.say(f"{MAIL}u{n}")
        assert len(sent(s)) == 7
        await s.say(MAIL + "one too many")
        assert len(sent(s)) == 7
        assert (await grants(s))[0].used == 4
        await s.say("grants")
        assert s.last == "No standing permission is in force."


async def test_at_its_end_it_is_over(tmp_path: Path) -> None:
    """SAFETY 70, 95: an absolute end."""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        grant = await earn(s)
        s.clock.at = grant.until - timedelta(microseconds=1)
        await s.say(MAIL + "in time")
        assert len(sent(s)) == 4
        s.clock.at = grant.until
        await s.say(MAIL + "too late")
        assert len(sent(s)) == 4


async def test_withdrawn_it_ends_at_once(tmp_path: Path) -> None:
    """SAFETY 70: listed and revocable."""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await earn(s)
        await s.say("grants")
        assert "1 standing permission:" in s.last
        assert f'recipient: exactly "{TO}"' in s.last
        assert "given by Olivia" in s.last
        await s.say("withdraw 1")
        assert "Permission 1 is withdrawn" in s.last
        await s.say(MAIL + "x")
        assert len(sent(s)) == 3
        [body] = await rows(s, "grant_withdrawn")
        assert (body["person"], body["giver"], body["used"]) == ("per_olivia", "per_olivia", 0)
        await s.say("withdraw 1")
        assert "Permission 1 is withdrawn" in s.last
        await s.say("withdraw 9")
        assert "there is no permission 9" in s.last


async def test_in_french_the_same(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await s.say("language fr")
        await earn_in_french(s)
        await s.say("autorisations")
        assert "1 autorisation permanente" in s.last
        assert "exactement" in s.last
        await s.say("retire 1")
        assert "est retirée" in s.last


async def earn_in_french(s: Stage) -> None:
    for body in ("un", "deux", "trois"):
        await approve(s, body)
    card = next(card for card in reversed(s.chat.cards()) if card.title == "Autoriser d’avance")
    await s.press(card)


async def test_who_has_nothing_to_do_with_it_neither_sees_nor_ends_it(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await earn(s)
        await s.say("grants", who=MARK, place=place_of(MARK))
        assert s.last == "No standing permission is in force."
        await s.say("withdraw 1", who=MARK, place=place_of(MARK))
        assert (await grants(s))[0].ended is None


@pytest.mark.parametrize("rule", [TWO, DENY, NOT_OWN])
async def test_a_stricter_policy_is_stronger(tmp_path: Path, rule: str) -> None:
    """SAFETY 70, 69: deny, two people, somebody else than who asked."""
    policy = Amended(ruled(EARN))
    async with stage(tmp_path, policy=policy) as s:
        await earn(s)
        policy.now = ruled(rule)
        await s.say(MAIL + "x")
        assert len(sent(s)) == 3
        assert (await grants(s))[0].used == 0
        policy.now = ruled(EARN)
        await s.say(MAIL + "y")
        assert sent(s)[3:] == ["y"]


async def test_another_rule_that_asks_is_not_the_one_that_was_answered(tmp_path: Path) -> None:
    """SAFETY 70"""
    policy = Amended(ruled(EARN))
    async with stage(tmp_path, policy=policy) as s:
        await earn(s)
        policy.now = ruled(EARN.replace('name = "mail-asks"', 'name = "night"'))
        await s.say(MAIL + "x")
        assert len(sent(s)) == 3


async def test_a_freeze_stands_above_it(tmp_path: Path) -> None:
    """SAFETY 70"""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await earn(s)
        await s.say("freeze demo")
        await s.say(MAIL + "x")
        assert len(sent(s)) == 3
        await s.say("unfreeze")
        await s.say(MAIL + "y")
        assert len(sent(s)) == 4


async def from_mark(s: Stage, body: str) -> None:
    await s.say(MAIL + body, who=MARK, place=place_of(MARK))


async def ana_for_mark(s: Stage) -> Grant:
    """Mark asked three times, Ana approved, and gave the permission."""
    await gather(s)
    for body in ("one", "two", "three"):
        await from_mark(s, body)
        await press(s, ANA)
    await s.press(offers(s)[-1], who=ANA, place=place_of(ANA))
    [grant] = await grants(s)
    assert (grant.giver, grant.scope.requester) == ("per_ana", "per_mark")
    return grant


@pytest.mark.parametrize("rule", [TWO, DENY, OWNERS_ONLY])
async def test_a_stricter_policy_is_stronger_than_somebody_elses_press_too(tmp_path: Path, rule: str) -> None:
    """SAFETY 70, 69: two people, or others than who gave it."""
    policy = Amended(ruled(EARN))
    async with stage(tmp_path, policy=policy) as s:
        await ana_for_mark(s)
        policy.now = ruled(rule)
        await from_mark(s, "four")
        assert len(sent(s)) == 3
        policy.now = ruled(NOT_OWN)
        await from_mark(s, "five")
        assert sent(s)[3:] == ["five"], "Ana did not ask, so her press would be enough"


async def test_who_gave_it_must_still_be_an_approver(tmp_path: Path) -> None:
    """SAFETY 70: a grant answers for its giver's press."""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await ana_for_mark(s)
        await from_mark(s, "four")
        assert len(sent(s)) == 4
        await role(s, "per_ana", Role.MEMBER)
        await s.say(MAIL + "five", who=MARK, place=place_of(MARK))
        assert len(sent(s)) == 4


async def test_who_asks_does_not_give_it_to_themselves(tmp_path: Path) -> None:
    """SAFETY 70, 23: never the requester's own press where the rule excludes them."""
    async with stage(tmp_path, policy=ruled(NOT_OWN)) as s:
        await gather(s)
        for body in ("one", "two", "three"):
            await s.say(MAIL + body)
            await press(s, ANA)
        card = offers(s)[-1]
        await s.say("pending")
        await s.press(card)
        assert "you asked for this" in told(s)
        assert await grants(s) == ()
        await s.press(card, who=ANA, place=place_of(ANA))
        assert [grant.giver for grant in await grants(s)] == ["per_ana"]


async def test_what_takes_two_people_earns_nothing(tmp_path: Path) -> None:
    """SAFETY 70"""
    async with stage(tmp_path, policy=ruled(TWO)) as s:
        await gather(s)
        from_ben = Identity(platform="twin", user="ben")
        for body in ("one", "two", "three"):
            await s.say(MAIL + body)
            await press(s, ANA)
            await press(s, from_ben)
        assert len(sent(s)) == 3
        assert offers(s) == []


async def test_money_and_access_are_never_allowed_in_advance(tmp_path: Path) -> None:
    """SAFETY 70: never for R3."""
    async with stage(tmp_path, policy=ruled(EARN.replace("after = 3", "after = 1"))) as s:
        for n in range(1, 4):
            await s.say(f"do demo.refund order=1007 amount={n}")
            await s.press(s.card, Verb.DETAILS)
            assert Verb.ALWAYS not in {button.verb for button in s.card.buttons}
            await s.press(s.card, Verb.ALWAYS)
            assert told(s) == "this cannot be allowed in advance"
            await s.press(s.card)
        assert len(s.shop.refunds()) == 3
        assert offers(s) == []


async def test_a_cut_card_earns_nothing(tmp_path: Path) -> None:
    """SAFETY 70: never on a cut card."""
    async with stage(tmp_path, policy=ruled(EARN.replace("after = 3", "after = 1"))) as s:
        long = "word " * 200
        await s.say(f'{MAIL}"{long.strip()}"')
        await s.press(s.card, Verb.DETAILS)
        assert s.card.guarded
        assert Verb.ALWAYS not in {button.verb for button in s.card.buttons}
        await s.press(s.card, Verb.ALWAYS)
        await s.press(s.card)
        assert len(sent(s)) == 1
        assert offers(s) == []


LOOK = Ask(id="look", action="demo.late_orders", arguments={"days": 3})


def letter(body: str) -> Ask:
    arguments = {"recipient": TO, "subject": "Parcel", "body": body}
    return Ask(id=f"mail-{body}", action="demo.message_customer", arguments=arguments)


async def test_what_was_read_before_neither_earns_nor_uses_one(tmp_path: Path) -> None:
    """SAFETY 70: never from a tainted context. SAFETY 63, 64"""
    script = [Thought(asks=(LOOK,)), Thought(asks=(letter("read"),)), Thought(text="done")]
    twice = EARN.replace("after = 3", "after = 2")
    async with stage(tmp_path, policy=ruled(twice), model=ScriptedMind(script)) as s:
        await s.say("look, then write to Gigi")
        await s.press(s.card)
        assert sent(s) == ["read"]
        await approve(s, "plain")
        assert offers(s) == [], "what was read before earned nothing"
        await approve(s, "also plain")
        await s.press(offers(s)[-1])
        [grant] = await grants(s)
        assert [term.test for term in grant.scope.terms] == ["is", "is", "any"]
        await s.say("look, then write to Gigi once more")
        assert sent(s) == ["read", "plain", "also plain"]
        assert (await grants(s))[0].used == 0


async def test_no_mind_can_ask_for_one(tmp_path: Path) -> None:
    """SAFETY 70: never set by the mind."""
    earned: dict[str, Json] = {}
    async with stage(tmp_path / "a", policy=ruled(EARN)) as s:
        grant = await earn(s)
        proposal = await s.look(lambda tx: tx.proposals.get(grant.proposal))
        assert proposal is not None
        earned |= proposal.call.arguments
    mind = ScriptedMind(
        [Thought(asks=(Ask(id="give", action=GIVE, arguments=earned),)), Thought(text="Then not.")]
    )
    async with stage(tmp_path / "b", policy=ruled(EARN), model=mind) as s:
        await s.say("make it easy for yourself")
        assert [answer.outcome for answer in mind.answers] == [Outcome.DENIED]
        assert GIVE not in mind.briefings[0].actions
        assert s.chat.cards() == []
        assert await grants(s) == ()


async def test_always_in_the_details_asks_for_it_without_approving(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await s.say(MAIL + "one")
        await s.press(s.card, Verb.DETAILS)
        assert Verb.ALWAYS in {button.verb for button in s.card.buttons}
        card = s.card
        await s.press(card, Verb.ALWAYS)
        assert sent(s) == []
        [offer] = offers(s)
        assert 'body: exactly "one"' in offer.plain
        await s.press(offer)
        await s.press(card)
        await s.say(MAIL + "one")
        await s.say(MAIL + "two")
        assert sent(s) == ["one", "one"]


async def test_who_may_not_approve_cannot_ask_for_always(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        await s.say(MAIL + "one", who=MARK, place=place_of(MARK))
        await s.press(s.card, Verb.ALWAYS, who=MARK, place=place_of(MARK))
        assert offers(s) == []
        assert told(s) == "you cannot settle this request"


async def test_an_edit_makes_it_narrower_and_never_wider(tmp_path: Path) -> None:
    """SAFETY 70"""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        for body in ("one", "two", "three"):
            await approve(s, body)
        card = offers(s)[-1]
        sheet = await s.sheet(card)
        assert [entry.name for entry in sheet.entries] == ["uses", "total", "until"]
        await s.fill(card, {"uses": "400"})
        assert "between 1 and 4 uses" in told(s)
        await s.fill(card, {"until": "2036-01-01T00:00+00:00"})
        assert "within 10 days" in told(s)
        wider = '[["recipient","any",null],["subject","any",null],["body","any",null]]'
        await s.fill(card, {"terms": wider, "requester": "per_mark"})
        await s.fill(offers(s)[-1], {"uses": "2"})
        narrower = offers(s)[-1]
        assert narrower.revision == 2
        await s.press(narrower)
        [grant] = await grants(s)
        assert (grant.uses, grant.scope.requester) == (2, "per_olivia")
        assert grant.scope.terms[0].value == TO


async def test_every_use_is_in_the_ledger_and_why_names_who_set_the_limit(tmp_path: Path) -> None:
    """SAFETY 70"""
    async with stage(tmp_path, policy=ruled(EARN)) as s:
        grant = await earn(s)
        await s.say(MAIL + "four")
        code = s.last.rpartition("why ")[2].rstrip(")")
        for kind in ("started", "confirmed"):
            body = (await rows(s, kind))[-1]
            assert (body["grant"], body["approver"], body["grant_said"]) == (
                grant.id,
                "per_olivia",
                grant.said,
            )
        assert [body["said"] for body in await rows(s, "granted")] == [grant.said]
        await s.say(f"why {code}")
        assert "the limit was set by Olivia, with permission 1" in s.last
        assert grant.said in s.last
        assert "Olivia answers for it." in s.last


async def test_every_monday_who_gave_them_hears_what_was_done_and_can_end_each(tmp_path: Path) -> None:
    """SAFETY 70"""
    async with stage(tmp_path, policy=ruled(EARN), digest_at=time(8)) as s:
        await earn(s)
        await s.forward(timedelta(hours=1))
        for n in range(3):
            await s.say(f"{MAIL}u{n}")
        await s.forward(timedelta(days=2))  # Monday, 13:00 UTC
        [message] = [each for each in s.chat.messages.values() if isinstance(each.content, Question)]
        assert isinstance(message.content, Question)
        lines = message.content.text.splitlines()
        assert lines[0] == "This week I did 3 things under your 1 permission."
        assert lines[1].startswith("1 · demo.message_customer · 3 times · used 3 of 4 times")
        assert message.content.choices == (("1", "Withdraw 1"),)
        assert message.place == HERE
        await choose(s, message.content, "1", who=MARK)
        assert (await grants(s))[0].ended is None
        await choose(s, message.content, "1")
        assert (await grants(s))[0].ended is not None
        after = s.chat.messages[message.ref].content
        assert isinstance(after, Question)
        assert after.choices == ()
        assert "withdrawn" in after.text
        await s.say(MAIL + "x")
        assert len(sent(s)) == 6
        await s.forward(timedelta(days=7))
        assert len([e for e in s.chat.messages.values() if isinstance(e.content, Question)]) == 1


async def choose(s: Stage, question: Question, value: str, *, who: Identity = OLIVIA) -> None:
    body = Press(
        who=who,
        ref=question.ref,
        revision=question.revision,
        verb=Verb.CHOOSE,
        value=value,
        standing=Standing.MEMBER,
    )
    await s.arrive(Arrival(key=f"choose:{next(s.numbers)}", place=HERE, body=body))


async def test_a_week_in_which_nothing_was_done_is_silent(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(EARN), digest_at=time(8)) as s:
        await earn(s)
        for _ in range(2):
            await s.forward(timedelta(days=7))
        assert not [each for each in s.chat.messages.values() if isinstance(each.content, Question)]


async def test_while_the_policy_cannot_be_read_none_counts(tmp_path: Path) -> None:
    """SAFETY 70, 68"""
    policy = Amended(ruled(EARN))
    async with stage(tmp_path, policy=policy) as s:
        await earn(s)
        broken = replace(ruled(EARN)(), trouble="it is broken")
        policy.now = lambda: broken
        await s.say(MAIL + "x")
        assert len(sent(s)) == 3


async def test_switched_off_none_is_offered_and_none_counts(tmp_path: Path) -> None:
    policy = Amended(ruled(EARN))
    async with stage(tmp_path, policy=policy) as s:
        await earn(s)
        policy.now = ruled(EARN.replace("after = 3", "after = 0"))
        await s.say(MAIL + "x")
        assert len(sent(s)) == 3
