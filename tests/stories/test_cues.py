"""What begins a procedure by itself: a mail, a number beyond its limit, a webhook. Each delivery is one run, what it brings is
content, and what others would see asks first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.budgets import Budgets
from bot.events import Signal, Verb
from bot.letters import Letter
from bot.missions import Phase
from bot.occurrences import Fate, Occurrence
from tests.stage import Stage, stage
from tests.stories.test_mail import BOX, letter, take, watch
from tests.stories.test_procedures import procedure
from tests.stories.test_signals import arrive
from tests.twins.meter import Meter
from tests.twins.office import Office

MINUTE = timedelta(minutes=1)
BILLS = (
    "procedure bills: whenever a mail from bob@x.test arrives with subject invoice,"
    ' do office.fill record=bills values="Subject={mail.subject}; From={mail.address}; Files={mail.attachments}"'
)
QUEUE = (
    "procedure queue: whenever queue-length rises above 100,"
    ' do office.note record=queue text="{watch.name} {watch.value} {watch.state} {watch.severity}"'
)


async def runs(s: Stage, name: str) -> Sequence[Occurrence]:
    kept = await procedure(s, name)
    assert kept is not None
    return await s.look(lambda tx: tx.occurrences.last(kept.mission, 100))


def with_files(each: Letter, *names: str) -> Letter:
    files = [{"name": name, "type": "application/pdf", "size": 9} for name in names]
    return replace(each, signal=replace(each.signal, body={**each.signal.body, "attachments": files}))


# A mail -----------------------------------------------------------------------------------------------------


async def test_a_mail_begins_it_and_what_it_says_is_filled_in(tmp_path: Path) -> None:
    office = Office()
    async with stage(tmp_path, systems={"office": office}) as s:
        await s.say(BILLS)
        assert 'when a mail arrives from "bob@x.test" with subject "invoice",' in s.card.plain
        await s.press(s.card)
        await watch(s)
        assert await take(s, with_files(letter(1), "invoice.pdf", "terms.pdf"))
        assert office.did == [], "a stranger chose the values"
        assert s.card.title == "Fill in a record"
        assert "invoice.pdf" in s.card.plain
        await s.press(s.card, Verb.DETAILS)
        assert f"what came in from mail:{BOX}, not a person" in s.card.plain
        assert "the mission's declared step" in s.card.plain, "the record is the recipe's own"
        await s.press(s.card)
        values = {"Subject": "Invoice 1", "From": "bob@x.test", "Files": ["invoice.pdf", "terms.pdf"]}
        assert office.did == [("office.fill", {"record": "bills", "values": values})]
        assert [each.fate for each in await runs(s, "bills")] == [Fate.DONE]


async def test_in_french(tmp_path: Path) -> None:
    office = Office()
    async with stage(tmp_path, systems={"office": office}) as s:
        await s.say("langue fr")
        await s.say(
            "procédure factures : dès qu’un mail de @x.test arrive avec pour objet « invoice »,"
            " fais office.note record=factures text=« {mail.sender} »"
        )
        assert 'quand un mail arrive de "@x.test" avec pour objet "invoice",' in s.card.plain
        await s.press(s.card)
        await watch(s)
        await take(s, letter(1))
        await s.press(s.card)
        assert office.did == [("office.note", {"record": "factures", "text": "Bob <bob@x.test>"})]


async def test_a_mail_that_it_does_not_wait_for_begins_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, systems={"office": Office()}) as s:
        await s.begin(BILLS.replace("bob@x.test", "billing@acme.example"))
        await watch(s)
        await take(s, letter(1))
        assert await runs(s, "bills") == ()


async def test_each_mail_is_one_run_however_many_come_at_once(tmp_path: Path) -> None:
    """SAFETY 83"""
    async with stage(tmp_path, systems={"office": Office()}) as s:
        await s.begin(BILLS)
        await watch(s)
        for n in (1, 2, 3):
            gathered = letter(n)
            await take(s, replace(gathered, signal=replace(gathered.signal, window=5)))
        assert not await take(s, letter(2))
        await s.forward(timedelta(seconds=10))
        assert len(await runs(s, "bills")) == 3
        subjects = [card.plain for card in s.asked()[1:]]
        assert [n for n in (1, 2, 3) if any(f"Invoice {n}" in each for each in subjects)] == [1, 2, 3]


async def test_what_a_mail_brings_is_no_choice_of_a_thing_however_it_is_written(tmp_path: Path) -> None:
    """SAFETY 28, 63"""
    office = Office()
    async with stage(tmp_path, systems={"office": office}) as s:
        await s.begin('procedure move: when a mail arrives, do office.note record="{mail.text}" text="moved"')
        await watch(s)
        await take(s, letter(1, text="A"))
        assert office.did == []
        assert "Rule: tainted-writes-ask" in s.card.plain
        await s.press(s.card, Verb.DENY)
        assert office.did == []


async def test_what_others_would_see_asks_however_fixed_it_is(tmp_path: Path) -> None:
    """SAFETY 63"""
    office = Office()
    async with stage(tmp_path, systems={"office": office}) as s:
        await s.begin(
            'procedure thanks: when a mail arrives, do office.note record="A" text="a mail came";'
            ' then do office.send to="ana@x.test" text="a mail came"'
        )
        await s.say("try thanks")
        assert "1. office.note record=A text=a mail came — it is done at once" in s.last
        assert "2. office.send to=ana@x.test text=a mail came — it asks first" in s.last
        await watch(s)
        await take(s, letter(1))
        assert office.did == [("office.note", {"record": "A", "text": "a mail came"})]
        assert s.card.title == "Send a letter"
        await s.press(s.card)
        assert len(office.did) == 2
        await s.say("run thanks")
        assert len(office.did) == 4, "a person who runs it chooses the moment"


async def test_more_mails_than_its_hour_has_room_for_rest_and_people_hear_so_once(tmp_path: Path) -> None:
    """SAFETY 93"""
    async with stage(tmp_path, systems={"office": Office()}, budgets=Budgets(wakes=3)) as s:
        await s.begin('procedure bell: when a mail arrives, do office.note record="A" text="rung"')
        await watch(s)
        for n in range(1, 7):
            await take(s, letter(n))
        found = await runs(s, "bell")
        assert sorted(each.fate for each in found) == [Fate.DONE] * 3 + [Fate.SKIPPED] * 3, "each has its row"
        await s.say("procedure bell")
        assert s.last.count("skipped · more happened than it may be woken for") == 3
        assert sum("which is the limit" in words for words in s.chat.words()) == 1


async def test_an_input_that_nobody_named_stops_the_run(tmp_path: Path) -> None:
    office = Office()
    async with stage(tmp_path, systems={"office": office}) as s:
        await s.begin('procedure who: with who: when a mail arrives, do office.note record={who} text="x"')
        await watch(s)
        await take(s, letter(1))
        assert "it needs who" in s.last
        assert office.did == []


# A number ---------------------------------------------------------------------------------------------------


async def test_a_number_beyond_its_limit_begins_it_once_each_time(tmp_path: Path) -> None:
    office = Office()
    async with stage(tmp_path, systems={"office": office}) as s:
        await s.begin(QUEUE)
        for number in (101, 150, 90, 120):
            s.clock.forward(timedelta(seconds=1))
            await s.say(f"number queue-length {number}")
        assert office.did == []
        assert len(await runs(s, "queue")) == 2
        for card in [card for card in s.chat.cards() if card.title == "Note on a record"]:
            await s.press(card)
        assert [given["text"] for _, given in office.did] == [
            "queue-length 101 firing warning",
            "queue-length 120 firing warning",
        ]


async def test_what_is_fixed_is_done_when_the_number_crosses(tmp_path: Path) -> None:
    meter, office = Meter(value=50), Office()
    async with stage(tmp_path, systems={"meter": meter, "office": office}) as s:
        await s.begin(
            "procédure chaud : quand meter.heat dépasse 90 pendant 2 minutes gravité critique,"
            ' fais office.note record="heat" text="hot"'
        )
        assert "when meter.heat above 90 for 2 minutes severity critical," in s.card.plain
        for value, did in ((50, 0), (95, 0), (95, 0), (95, 1), (95, 1)):
            meter.value = value
            await s.forward(MINUTE)
            assert len(office.did) == did, value


async def test_the_number_of_a_procedure_is_read_while_it_is_in_force_and_no_longer(tmp_path: Path) -> None:
    meter = Meter(value=50)
    async with stage(tmp_path, systems={"meter": meter, "office": Office()}) as s:
        recipe = 'procedure hot: when meter.heat above 90, do office.note record="heat" text="hot"'
        await s.say(recipe)
        await s.forward(MINUTE)
        assert meter.asked == 0
        await s.press(s.card)
        await s.forward(MINUTE)
        assert meter.asked == 1
        await s.say("switch off hot")
        await s.forward(MINUTE)
        assert meter.asked == 1
        await s.say("switch on hot")
        await s.forward(MINUTE)
        assert meter.asked == 2
        await s.begin(recipe.replace("when meter.heat above 90", "when a mail arrives"))
        await s.forward(MINUTE)
        assert meter.asked == 2, "what another version waits for"
        await s.begin(recipe.replace("90", "40"))
        await s.forward(MINUTE)
        assert len(await runs(s, "hot")) == 1
        await s.say("delete procedure hot")
        await s.forward(MINUTE)
        assert meter.asked == 3


async def test_a_number_that_nobody_can_read_is_said_before_anybody_presses(tmp_path: Path) -> None:
    async with stage(tmp_path, systems={"office": Office()}) as s:
        await s.say('procedure hot: when meter.heat above 90, do office.note record="heat" text="hot"')
        assert s.chat.cards() == []
        assert "meter" in s.last


# A webhook --------------------------------------------------------------------------------------------------


async def test_a_delivery_at_its_hook_begins_it_and_no_other(tmp_path: Path) -> None:
    """SAFETY 83"""
    office = Office()
    async with stage(tmp_path, systems={"office": office}) as s:
        await s.begin(
            "procedure deal: when webhook crm arrives,"
            ' do office.note record="deals" text="{signal.body.deal.stage} {signal.body.deal.owners.0}"'
        )
        body = {"deal": {"stage": "won", "owners": ["ana", "bob"]}}
        here = Signal(source="hook:crm", name="anything", summary="", body=body)
        await arrive(s, replace(here, source="hook:other", name="crm", labels={"source": "crm"}))
        await arrive(s, replace(here, source=f"mail:{BOX}", name="crm", summary="source=crm crm"))
        assert await runs(s, "deal") == ()
        assert await arrive(s, here)
        assert not await arrive(s, here)
        await s.press(s.card)
        assert office.did == [("office.note", {"record": "deals", "text": "won ana"})]
        await arrive(s, replace(here, body={"deal": {}}), key="d2")
        assert "it refers to {signal.body.deal.stage}, which is not there" in s.last


# Tried on the past ------------------------------------------------------------------------------------------


async def test_mails_that_are_kept_show_what_it_would_have_done(tmp_path: Path) -> None:
    office = Office()
    async with stage(tmp_path, systems={"office": office}) as s:
        await watch(s)
        await s.say(BILLS)
        assert "nothing that is kept would have begun it" in s.card.plain
        await s.press(s.card, Verb.DENY)
        for n in (1, 2):
            await take(s, letter(n))
        await s.say(BILLS)
        assert "2 signals that are kept would have begun it" in s.card.plain
        assert "Invoice 2" in s.card.plain
        await s.press(s.card)
        await s.say("try bills")
        assert "From: bob@x.test, Subject: Invoice 2 — it asks first" in s.last
        assert office.did == []
        assert await runs(s, "bills") == ()


async def test_numbers_that_were_read_show_how_often_it_would_have_begun(tmp_path: Path) -> None:
    async with stage(tmp_path, systems={"office": Office()}) as s:
        for number in (50, 120, 60, 130):
            await s.say(f"number queue-length {number}")
            s.clock.forward(MINUTE)
        await s.say(QUEUE)
        assert "this would have woken you 2 times" in s.card.plain
        await s.press(s.card)
        await s.say("try queue")
        assert "text=queue-length 130 firing warning" in s.last


# Whatever happens -------------------------------------------------------------------------------------------


async def test_a_mission_that_is_cancelled_takes_what_begins_it_along(tmp_path: Path) -> None:
    office = Office()
    async with stage(tmp_path, systems={"office": office}) as s:
        await s.begin('procedure bell: when a mail arrives, do office.note record="A" text="rung"')
        await watch(s)
        await s.say("cancel 1")
        await take(s, letter(1))
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None
        assert mission.phase is Phase.CANCELLED
        assert office.did == []
