"""Who may approve: roles, two people, somebody in an absent one's place, and what is refused at the press."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from bot.events import Press, Verb
from bot.inbox import Arrival
from bot.people import Identity, Person, Role, Standing
from bot.proposals import State
from bot.rules import Policy
from tests.stage import HERE, MARK, OLIVIA, Stage, stage
from tests.stories.team import ANA, BEN, TWO_FOR_REFUNDS, gather, place_of, press, role, ruled, told

REFUND = "do demo.refund order=1007 amount=5"


def rows(s: Stage) -> dict[str, str]:
    return {row.label: row.value for row in s.card.rows}


async def test_two_people_have_to_press_and_the_card_says_who_did(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await gather(s)
        await s.say(REFUND)
        await press(s, ANA)
        assert s.shop.refunds() == ()
        assert rows(s)["Approvals"] == "1 of 2: Ana"
        await press(s, BEN)
        assert len(s.shop.refunds()) == 1
        assert rows(s)["Approvals"] == "2 of 2: Ana, Ben"
        approved = [e.body for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "approved"]
        assert [yes["person"] for yes in approved[0]["approvals"]] == ["per_ana", "per_ben"]


async def test_who_asked_is_not_one_of_the_two(tmp_path: Path) -> None:
    """SAFETY 23: four eyes."""
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await gather(s)
        await s.say(REFUND)
        await s.press(s.card)
        assert "you asked for this" in told(s)
        await press(s, ANA)
        assert s.shop.refunds() == ()
        assert rows(s)["Approvals"] == "1 of 2: Ana"


async def test_a_rule_may_keep_who_asked_from_approving_alone(tmp_path: Path) -> None:
    rule = TWO_FOR_REFUNDS.replace("people = 2", "not_requester = true")
    async with stage(tmp_path, policy=ruled(rule)) as s:
        await gather(s)
        await s.say(REFUND)
        await s.press(s.card)
        assert s.shop.refunds() == ()
        await press(s, ANA)
        assert len(s.shop.refunds()) == 1


async def test_one_human_with_two_accounts_counts_once(tmp_path: Path) -> None:
    """SAFETY 23 and SAFETY 24: the same human through a linked account, and one person twice."""
    second = Identity(platform="twin", user="ana-at-home")
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await gather(s)
        ana = await s.look(lambda tx: tx.people.get("per_ana"))
        assert ana is not None
        await s.store.write(lambda tx: tx.people.put(ana.linked(second)))
        await s.say(REFUND)
        await press(s, ANA)
        await press(s, second)
        await press(s, ANA)
        assert "you approved this already" in told(s)
        assert s.shop.refunds() == ()
        assert rows(s)["Approvals"] == "1 of 2: Ana"


async def test_one_no_ends_it_whatever_was_said_before(tmp_path: Path) -> None:
    """SAFETY 24: a deny ends it. SAFETY 15: what was decided first is never overwritten."""
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await gather(s)
        await s.say(REFUND)
        await press(s, ANA)
        card = s.card
        await press(s, BEN, Verb.DENY)
        assert "Denied by Ben" in s.card.status
        await s.press(card, who=ANA, place=place_of(ANA))
        assert told(s) == "Ben denied this already. Nothing was done."
        assert s.shop.refunds() == ()


async def test_whoever_comes_second_sees_the_winners_name(tmp_path: Path) -> None:
    """SAFETY 14: two devices, two approvers: one decision, and the later one sees whose."""
    async with stage(tmp_path) as s:
        await gather(s)
        await s.say(REFUND)
        card = s.card
        await press(s, ANA)
        await s.press(card)
        await s.press(card, Verb.DENY)
        assert told(s) == "Ana approved this already."
        assert len(s.shop.refunds()) == 1


async def test_an_edit_takes_back_what_was_said_of_the_old_card(tmp_path: Path) -> None:
    """SAFETY 17: the first yes was to other arguments."""
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await gather(s)
        await s.say(REFUND)
        await press(s, ANA)
        await s.fill(s.chat.cards()[0], {"amount": "50.00"})
        assert s.card.revision == 2
        await press(s, BEN)
        assert s.shop.refunds() == ()
        assert rows(s)["Approvals"] == "1 of 2: Ben"
        await press(s, ANA)
        assert [refund.amount.minor for refund in s.shop.refunds()] == [5000]


LARGE = """
[[rule]]
name = "large-refunds-need-two"
effect = "ask"
action = "*.refund"
fields = { amount = { more = "10 EUR" } }
people = 2
reason = "two people look at large refunds"

[[rule]]
name = "huge-refunds-never"
effect = "deny"
action = "*.refund"
fields = { amount = { more = "40 EUR" } }
reason = "nobody refunds so much"
"""


async def test_an_edit_over_a_limit_asks_for_what_that_limit_asks_for(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(LARGE)) as s:
        await gather(s)
        await s.say(REFUND)
        await s.fill(s.card, {"amount": "20.00"})
        assert rows(s)["Rule"] == "large-refunds-need-two"
        await s.press(s.card)
        assert s.shop.refunds() == ()
        await s.fill(s.card, {"amount": "45.00"})
        assert "nobody refunds so much" in told(s)
        await s.fill(s.card, {"amount": "5.00"})
        assert rows(s)["Approvals"] == "0 of 2: nobody yet", "an edit never makes it easier"


async def test_a_rule_that_became_stricter_stops_what_fewer_people_approved(tmp_path: Path) -> None:
    """SAFETY 69: the policy was tightened while the deed waited."""
    now = [ruled()]

    def in_force() -> Policy:
        return now[0]()

    async with stage(tmp_path, policy=in_force) as s:
        await gather(s)
        await s.say(REFUND)
        now[0] = ruled(TWO_FOR_REFUNDS)
        await s.press(s.card)
        assert s.shop.refunds() == ()
        assert "more people" in s.card.status


@pytest.mark.parametrize(("approvers", "able"), [('["owner"]', "owner"), ('["per_mark"]', "mark")])
async def test_a_rule_names_its_approvers(tmp_path: Path, approvers: str, able: str) -> None:
    """SAFETY 12: whoever is not one of them is refused, and nothing happens."""
    rule = TWO_FOR_REFUNDS.replace("people = 2", f"approvers = {approvers}")
    async with stage(tmp_path, policy=ruled(rule)) as s:
        await gather(s)
        await s.say(REFUND, who=ANA, place=place_of(ANA))
        for who in (ANA, BEN):
            await press(s, who)
        assert s.shop.refunds() == ()
        await press(s, OLIVIA if able == "owner" else MARK)
        assert len(s.shop.refunds()) == 1


@pytest.mark.parametrize("lost", [Role.MEMBER, Role.GUEST])
async def test_who_lost_the_role_between_card_and_press_is_refused(tmp_path: Path, lost: Role) -> None:
    """SAFETY 22: the role is read again in the transaction of the press."""
    async with stage(tmp_path) as s:
        await gather(s)
        await s.say(REFUND)
        await s.say("pending", who=ANA, place=place_of(ANA))
        await role(s, "per_ana", lost)
        await s.press(s.card, who=ANA, place=place_of(ANA))
        assert s.shop.refunds() == ()
        assert "not for you" in told(s)


@pytest.mark.parametrize("standing", [Standing.GUEST, Standing.STRANGER])
async def test_an_account_that_its_platform_no_longer_vouches_for_is_refused(
    tmp_path: Path, standing: Standing
) -> None:
    """SAFETY 22: deactivated, or a guest by now, on a platform that knows its members."""
    hers = Identity(platform="twin", team="T1", user="olivia")
    async with stage(tmp_path) as s:
        olivia = await s.look(lambda tx: tx.people.get("per_olivia"))
        assert olivia is not None
        await s.store.write(lambda tx: tx.people.put(olivia.linked(hers)))
        await s.say(REFUND)
        for n, (now, done) in enumerate([(standing, 0), (Standing.MEMBER, 1)]):
            body = Press(who=hers, ref=s.card.ref, revision=1, verb=Verb.APPROVE, standing=now)
            await s.arrive(Arrival(key=f"press:{n}", place=HERE, body=body))
            assert len(s.shop.refunds()) == done


async def test_a_role_changes_only_by_an_owners_press(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await gather(s)
        await s.say("do vigie.set_role person=Mark role=owner", who=MARK, place=place_of(MARK))
        assert rows(s)["Role"] == "owner"
        await s.press(s.card, who=MARK, place=place_of(MARK))
        await press(s, ANA)
        mark = await s.look(lambda tx: tx.people.get("per_mark"))
        assert mark is not None
        assert mark.role is Role.MEMBER
        await press(s, OLIVIA)
        mark = await s.look(lambda tx: tx.people.get("per_mark"))
        assert mark is not None
        assert mark.role is Role.OWNER
        assert "role_changed" in [e.kind for e in await s.look(lambda tx: tx.ledger.read())]


async def test_the_last_owner_stays_one(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do vigie.set_role person=Olivia role=member")
        assert "last owner" in s.last
        await s.say("do vigie.set_role person=Mark role=owner")
        await s.press(s.card)
        await s.say("do vigie.set_role person=Olivia role=member")
        first = s.card
        await s.say("do vigie.set_role person=Mark role=guest")
        second = s.card
        await s.press(first)
        await press(s, MARK, card=second)
        owners = await s.look(lambda tx: [p.id for p in tx.people.all() if p.role is Role.OWNER])
        assert owners == ["per_mark"]


async def test_two_people_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """SAFETY 41: a name that somebody else took does not change who is meant."""
    other = Person(id="per_other", name="Mark", role=Role.MEMBER)
    async with stage(tmp_path) as s:
        await s.store.write(lambda tx: tx.people.put(other))
        await s.say("do vigie.set_role person=Mark role=approver")
        assert "several people" in s.last
        await s.say("do vigie.set_role person=per_mark role=approver")
        await s.press(s.card)
        roles = await s.look(lambda tx: {p.id: p.role for p in tx.people.all()})
        assert (roles["per_mark"], roles["per_other"]) == (Role.APPROVER, Role.MEMBER)


async def test_somebody_approves_in_an_absent_ones_place_until_the_day_is_over(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("delegate to Mark for 1 day")
        await s.press(s.card)
        await s.say(REFUND, who=MARK, place=place_of(MARK))
        await press(s, MARK)
        assert len(s.shop.refunds()) == 1
        assert rows(s)["Approvals"] == "1 of 1: Mark for Olivia"
        approved = [e.body for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "approved"]
        assert approved[-1]["approvals"][0]["for"] == "per_olivia"
        await s.forward(timedelta(days=2))
        await s.say(REFUND, who=MARK, place=place_of(MARK))
        await press(s, MARK)
        assert len(s.shop.refunds()) == 1


async def test_nobody_gives_away_a_seat_but_who_sits_in_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await gather(s)
        await s.say("delegate to Mark for 3 days", who=ANA, place=place_of(ANA))
        await press(s, OLIVIA)
        ana = await s.look(lambda tx: tx.people.get("per_ana"))
        assert ana is not None
        assert ana.deputy is None
        await press(s, ANA)
        ana = await s.look(lambda tx: tx.people.get("per_ana"))
        assert ana is not None
        assert ana.deputy is not None
        await s.say("undelegate", who=ANA, place=place_of(ANA))
        assert "approve yourself" in s.last
        await s.say("délègue à Mark jusqu'au 2026-11-25", who=ANA, place=place_of(ANA))
        assert rows(s)["Until (included)"] == "Wed 25 Nov 2026 = 2026-11-25"


async def test_a_seat_and_its_deputy_are_one_voice(tmp_path: Path) -> None:
    """SAFETY 24: two presses for one seat count once."""
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await gather(s)
        await s.say("delegate to Mark for 3 days", who=ANA, place=place_of(ANA))
        await press(s, ANA)
        await s.say(REFUND)
        await press(s, ANA)
        await press(s, MARK)
        assert s.shop.refunds() == ()


async def test_pending_says_who_is_awaited_and_how_many(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await s.say(REFUND)
        await s.say("pending")
        assert "nobody here can approve it" in s.last
        await gather(s)
        await s.say("pending")
        assert "2 presses missing, from Ana, Ben" in s.last
        await press(s, ANA)
        await s.say("pending")
        assert "1 press missing, from Ben" in s.last


async def test_nobody_in_reach_is_a_no(tmp_path: Path) -> None:
    """SAFETY 76: what nobody can approve expires, and was not done."""
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await s.say(REFUND)
        await s.forward(timedelta(hours=5))
        assert s.shop.refunds() == ()
        states = await s.look(lambda tx: [e.kind for e in tx.ledger.read()])
        assert State.EXPIRED.value in states


async def test_half_an_approval_survives_a_restart(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(TWO_FOR_REFUNDS)) as s:
        await gather(s)
        await s.say(REFUND)
        await press(s, ANA)
        chat = s.chat
    async with stage(tmp_path, chat=chat, policy=ruled(TWO_FOR_REFUNDS)) as s:
        s.numbers = itertools.count(100)
        await press(s, BEN)
        assert len(s.shop.refunds()) == 1
