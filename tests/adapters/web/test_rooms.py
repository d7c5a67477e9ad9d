"""The rooms of the page: what each shows, who may enter, and that nobody sees what is another's."""

import csv
import html
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.chat.web import rooms
from adapters.clock.calendar import CronCalendar
from adapters.systems.demo import DemoShop, Fault
from bot import doors, ids, pulse, sayings, thresholdwords, triggers, wakes, watching
from bot.actions import Account, Call, Preview
from bot.effects import Text
from bot.journal import OURSELVES, Line
from bot.missions import Cron, Every, Mission, OnThreshold, Phase, Step
from bot.notes import Note, person_scope
from bot.occurrences import Fate, Occurrence
from bot.people import Person, Role
from bot.places import Place
from bot.procedures import Procedure, Recipe
from bot.proposals import Proposal
from bot.store import Tx
from bot.thresholds import Sample
from bot.values import Json
from tests.adapters.web.rig import MARK, OLIVIA, OLIVIAS, Rig, Visitor, hidden, rig
from tests.adapters.web.test_pages import REFUND, press_form, say

GINA = Person(id="per_gina", name="Gina", role=Role.GUEST)
ANNE = Person(id="per_anne", name="Anne", role=Role.APPROVER, identities=("telegram:4217",))
PATHS = [room.path for room in rooms.ROOMS]
QUERIES = ("mission", "words", "before", "why", "details", "action")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def mission(owner: Person, *, number: int = 1, goal: str = "water the plants") -> Mission:
    return Mission(
        id=f"mis_{number}",
        number=number,
        space="home",
        owner=owner.id,
        place=OLIVIAS.key,
        goal=goal,
        triggers=(Cron(id="c", expression="0 9 * * *", zone="Europe/Paris"),),
        created=NOON,
        zone="Europe/Paris",
        next_due=NOON + timedelta(hours=20),
    )


# Who may enter -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
async def test_the_list_of_rooms_names_those_one_may_enter_and_no_other(assistant: Rig, role: Role) -> None:
    somebody = Person(id="per_x", name="X", role=role)
    await assistant.write(lambda tx: tx.people.put(somebody))
    async with assistant.browser(somebody) as visitor:
        listed = (await visitor.http.get("/chat")).text
        nav = listed[listed.index("<nav") : listed.index("</nav>")]
        for path in PATHS:
            answer = await visitor.http.get(path)
            assert answer.status_code == (200 if f'href="{path}"' in nav else 404), path
        for path in ("/ledger/verify", "/ledger/export"):
            assert (await visitor.http.get(path)).status_code == (200 if role is Role.OWNER else 404)


async def test_no_page_acts_by_being_looked_at(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        await say(assistant, visitor, REFUND.format(reason="late"))
        before = await assistant.store.read(lambda tx: (tx.ledger.newest(1), tx.proposals.pending()))
        arrivals = len(assistant.arrivals)
        for path in (*PATHS, "/", "/role", "/say", "/press", "/fields", "/ledger/verify", "/ledger/export"):
            await visitor.http.get(path, params={"text": "freeze", "verb": "approve", "mission": "1"})
        await assistant.settled()
        assert await assistant.store.read(lambda tx: (tx.ledger.newest(1), tx.proposals.pending())) == before
    assert len(assistant.arrivals) == arrivals


@pytest.mark.parametrize("path", PATHS)
async def test_a_room_stands_whatever_its_address_asks_for(assistant: Rig, path: str) -> None:
    wild = ("", "0", "9" * 40, "-1", "²", "\x00", "<script>x</script>", "x" * 1900)
    async with assistant.browser() as visitor:
        for each in wild:
            asked: dict[str, str] = {name: each for name in QUERIES}  # noqa: C420 (the type is then too narrow)
            answer = await visitor.http.get(path, params=asked)
            assert answer.status_code == 200
            assert "<script>x" not in answer.text


# Nobody sees what is another's -------------------------------------------------------------------------------

EVERYONE = (OLIVIA, ANNE, MARK, Person(id="per_otto", name="Otto", role=Role.MEMBER), GINA)


def fill(tx: Tx, owner: Person, n: int) -> str:
    """Everything this person may have that is theirs alone, marked by one word. Returns the word."""
    word = f"secret{owner.id[4:]}{n}word"
    place = Place(platform="telegram", channel=f"chat{owner.id}", private=True)
    own = replace(mission(owner, number=n, goal=f"goal {word}"), id=f"mis_{n}", place=place.key)
    tx.missions.put(own)
    tx.procedures.add(
        Procedure(
            id=f"prc_{n}",
            version=1,
            space=tx.space,
            name=f"recipe{n}",
            mission=own.id,
            recipe=Recipe(steps=(Step(text=word),)),
            person=owner.id,
            at=NOON,
        )
    )
    run = Occurrence(id=f"occ_{n}", space=tx.space, mission=own.id, trigger="c", due=NOON, fate=Fate.RUNNING)
    tx.occurrences.add(run)
    call = Call(
        action="demo.refund",
        fingerprint="f",
        account=Account(system="demo", label="Demo shop", live=False),
        arguments={"order": word},
    )
    tx.proposals.add(
        Proposal(
            id=f"pro_{n}",
            space=tx.space,
            place=place.key,
            turn=f"turn_{n}",
            ask="a",
            ref=f"ref_{n}_{word}",
            call=call,
            preview=Preview(subject=word),
            rule="r",
            requester=owner.id,
            mission=own.id,
            created=NOON,
            expires=NOON + timedelta(days=900),
        )
    )
    body = {
        "person": owner.id,
        "mission": own.id,
        "result": word,
        "action": "demo.refund",
        "effect": f"eff_{n}",
    }
    tx.ledger.append("confirmed", body, NOON)
    tx.notes.put(Note(id=f"not_{n}", space=tx.space, scope=person_scope(owner.id), text=word, learned=NOON))
    tx.lines.put(Line(place=place.key, who=owner.id, text=word, at=NOON))
    web = Place(platform="web", channel=owner.id, private=True)
    tx.lines.put(Line(place=web.key, who=owner.id, text=word, at=NOON))
    tx.lines.put(Line(place=web.key, who=OURSELVES, text=word, at=NOON, slot=word))
    sayings.say(tx, place=web.key, slot=f"s{n}", content=Text(text=word), now=NOON)
    return word


@given(
    viewer=st.sampled_from([MARK, GINA]),
    owners=st.lists(st.sampled_from(EVERYONE), min_size=1, max_size=6),
    lang=st.sampled_from(["en", "fr"]),
)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
async def test_members_and_guests_see_nothing_that_is_anothers_alone(
    tmp_path_factory: pytest.TempPathFactory, viewer: Person, owners: list[Person], lang: str
) -> None:
    """SAFETY: whatever others have, no room and no stream shows it to who may not see it."""
    async with rig(tmp_path_factory.mktemp("shop")) as assistant:
        await assistant.engine.stop()

        def write(tx: Tx) -> dict[str, str]:
            for each in EVERYONE:
                tx.people.put(replace(each, lang=lang))
            return {fill(tx, owner, n): owner.id for n, owner in enumerate(owners, start=1)}

        words = await assistant.write(write)
        shown = ""
        async with assistant.browser(replace(viewer, lang=lang)) as visitor:
            for path in (*PATHS, "/", "/chat", "/form/ref_1?revision=1"):
                for query in ({}, {"mission": "1"}, {"why": "1", "words": "secret", "details": "ref_1"}):
                    shown += (await visitor.http.get(path, params=query)).text
        for word, owner in words.items():
            assert (word in shown) == (owner == viewer.id), (word, owner)
        if viewer.role is not Role.OWNER:
            assert "4217" not in shown


async def test_an_approver_sees_every_card_and_mission_but_not_the_whole_ledger(assistant: Rig) -> None:
    await assistant.engine.stop()
    await assistant.write(lambda tx: (tx.people.put(ANNE), fill(tx, MARK, 1)))
    async with assistant.browser(ANNE) as visitor:
        assert "secretmark1word" in (await visitor.http.get("/missions")).text
        assert "secretmark1word" in (await visitor.http.get("/pending")).text
        assert "secretmark1word" not in (await visitor.http.get("/ledger")).text
    async with assistant.browser() as visitor:
        assert "secretmark1word" in (await visitor.http.get("/ledger")).text


# Now ---------------------------------------------------------------------------------------------------------


async def test_now_says_that_all_is_well_and_what_is_not(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        assert "All is well." in (await visitor.http.get("/now")).text
        found = pulse.Pulse(at=NOON, wrong={"disk": "12 MB left"}, told={})
        await assistant.write(lambda tx: tx.marks.put("pulse", found.as_json()))
        page = (await visitor.http.get("/now")).text
        assert "All is well." not in page
        assert "disk: 12 MB left" in page
        await say(assistant, visitor, "freeze")
        assert "Frozen since" in (await visitor.http.get("/now")).text
    async with assistant.browser(MARK) as visitor:
        assert "12 MB left" not in (await visitor.http.get("/now")).text


async def test_now_shows_what_waits_and_then_that_it_was_done(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, REFUND.format(reason="late"))
        now = (await visitor.http.get("/now")).text
        assert "Refund an order · " in now
        await visitor.http.post("/press", data={**press_form(page, "approve"), "unsure": ""})
        await assistant.settled()
        now = (await visitor.http.get("/now")).text
        assert "Nothing waits." in now
        assert "✓ €20.00 of order 1007" in now


# Missions ----------------------------------------------------------------------------------------------------


async def test_the_calendar_has_the_wakes_of_the_week_and_names_a_frequent_one_once_a_day(
    assistant: Rig,
) -> None:
    often = replace(
        mission(OLIVIA, number=2, goal="look"), triggers=(Every(id="e", seconds=3600, start=NOON),)
    )
    await assistant.write(lambda tx: (tx.missions.put(mission(OLIVIA)), tx.missions.put(often)))
    async with assistant.browser() as visitor:
        page = (await visitor.http.get("/missions")).text
    days = re.findall(r'<section class="day".*?</section>', page, re.DOTALL)
    assert 7 <= len(days) <= 8
    assert all(day.count("water the plants") <= 1 and day.count(">look<") <= 1 for day in days)
    assert any("09:00" in day and "24 times" in day for day in days)


async def test_what_is_over_is_neither_paused_nor_cancelled(assistant: Rig) -> None:
    own = mission(OLIVIA)
    await assistant.write(lambda tx: tx.missions.put(own))
    async with assistant.browser() as visitor:
        assert 'value="cancel 1"' in (await visitor.http.get("/missions?mission=1")).text
        await assistant.write(lambda tx: tx.missions.put(own.moved(Phase.DONE)))
        page = (await visitor.http.get("/missions?mission=1")).text
        assert "water the plants" in page
        assert 'value="cancel 1"' not in page


async def test_one_mission_shows_its_limits_and_what_became_of_its_runs(assistant: Rig) -> None:
    run = Occurrence(
        id="o", space="home", mission="mis_1", trigger="c", due=NOON, fate=Fate.FAILED, why="no answer"
    )
    own = replace(mission(OLIVIA), may=("demo.refund",))
    await assistant.write(lambda tx: (tx.missions.put(own), tx.occurrences.add(run)))
    async with assistant.browser() as visitor:
        page = (await visitor.http.get("/missions?mission=1")).text
        assert "demo.refund" in page
        assert "no answer" in page
        assert 'value="pause 1"' in page
    async with assistant.browser(MARK) as visitor:
        assert "water the plants" not in (await visitor.http.get("/missions?mission=1")).text


# People ------------------------------------------------------------------------------------------------------


async def test_an_owner_asks_for_another_role_and_a_card_waits(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = (await visitor.http.get("/people")).text
        form = {"csrf": hidden(page, "csrf"), "nonce": hidden(page, "nonce")}
        sent = {**form, "person": MARK.id, "role": "approver", "back": "/pending"}
        answer = await visitor.http.post("/role", data=sent)
        assert answer.headers["location"] == "/pending"
        await assistant.settled()
        assert "Change a person" in (await visitor.http.get("/pending")).text
        for wrong in ({"role": "king"}, {"person": "x role=owner"}, {"person": ""}):
            again = {**await visitor.form("/people"), **{k: sent[k] for k in ("person", "role")}, **wrong}
            assert (await visitor.http.post("/role", data=again)).status_code == 400
        assert (await visitor.http.post("/role", data={**sent, "csrf": "x"})).status_code == 403
    assert (await assistant.store.read(lambda tx: tx.people.get(MARK.id))).role is Role.MEMBER  # type: ignore[union-attr]
    async with assistant.browser(MARK) as visitor:
        assert 'action="/role"' not in (await visitor.http.get("/people")).text
        await visitor.http.post("/role", data={**await visitor.form(), "person": MARK.id, "role": "owner"})
        await assistant.settled()
    assert (await assistant.store.read(lambda tx: tx.people.get(MARK.id))).role is Role.MEMBER  # type: ignore[union-attr]


# The ledger --------------------------------------------------------------------------------------------------


async def test_the_ledger_is_searched_explained_and_turned_page_by_page(assistant: Rig) -> None:
    await assistant.write(lambda tx: [tx.ledger.append("told", {"n": n}, NOON) for n in range(60)])
    async with assistant.browser() as visitor:
        await say(assistant, visitor, REFUND.format(reason="late"))
        [waiting] = await assistant.store.read(lambda tx: tx.proposals.pending())
        page = (await visitor.http.get("/ledger", params={"words": "PROPOSED demo.refund"})).text
        assert page.count('<span class="kind">') == 1
        assert ids.short_code(waiting.id) in page
        why = (await visitor.http.get("/ledger", params={"why": waiting.code})).text
        assert "answers for it" in why
        first = (await visitor.http.get("/ledger")).text
        older = re.search(r'href="(/ledger\?[^"]*before=\d+)"', first)
        assert older is not None
        second = (await visitor.http.get(older[1].replace("&amp;", "&"))).text
        numbers = [int(each) for page in (first, second) for each in re.findall(r'class="seq">(\d+)', page)]
        assert numbers == sorted(numbers, reverse=True)
        assert numbers[-1] == 1


async def test_the_ledger_is_read_in_the_words_of_its_reader(assistant: Rig) -> None:
    body = {"person": MARK.id, "until": "2026-12-24T18:30:00+00:00", "live": True, "minor": 123_456}
    await assistant.write(
        lambda tx: (tx.people.put(replace(OLIVIA, lang="fr")), tx.ledger.append("granted", body, NOON))
    )
    async with assistant.browser() as visitor:
        page = html.unescape((await visitor.http.get("/ledger", params={"words": "autorisé avance"})).text)
    assert '<span class="kind">autorisé d’avance</span>' in page
    assert "<code>granted</code>" in page
    assert "Mark (per_mark)" in page
    assert "jeu. 24 déc. 2026, 19:30 Europe/Paris (UTC+1) (2026-12-24T18:30:00+00:00)" in page
    assert "<dd>oui</dd>" in page
    assert "<dd>123\u202f456</dd>" in page


def waiting(begun: Mission) -> Proposal:
    """The card of the demo's second step."""
    account = Account(system="demo", label="Demo shop")
    amount: dict[str, Json] = {"minor": 8990, "currency": "EUR"}
    arguments: dict[str, Json] = {"order": "1007", "amount": amount}
    call = Call(action="demo.refund", fingerprint="f", account=account, arguments=arguments)
    return Proposal(
        id="pro_w",
        space="home",
        place=OLIVIAS.key,
        turn="t",
        ask="a",
        ref="r" * 22,
        call=call,
        preview=Preview(),
        rule="r",
        requester=begun.owner,
        mission=begun.id,
        reason="Order 1007 was promised 7 days ago.",
        created=NOON,
        expires=NOON + timedelta(days=900),
    )


async def test_what_was_begun_for_an_owner_nobody_had_met_speaks_their_language_once_they_come(
    assistant: Rig,
) -> None:
    """The demo's mission, its steps, and the card that waits by then."""
    words = "Order {item.order} was promised {item.days_late} days ago."
    begun = replace(
        mission(OLIVIA, goal="Watch for late orders and offer a refund"),
        steps=(Step(action="demo.refund", text=words),),
        source="demo",
    )
    unmet = replace(OLIVIA, name=doors.OWNER_NAME)
    await assistant.write(
        lambda tx: (
            tx.people.put(unmet),
            tx.missions.put(begun),
            tx.proposals.add(waiting(begun)),
            tx.ledger.append("mission_started", {"mission": begun.id, "goal": begun.goal}, NOON),
        )
    )
    token = await assistant.invitation()
    async with assistant.browser(None, headers={"accept-language": "fr-FR"}) as visitor:
        await visitor.http.post("/sign-in", data={"token": token})
        pages = [html.unescape((await visitor.http.get(path)).text) for path in ("/missions", "/ledger")]
        card = html.unescape((await visitor.http.get("/pending")).text)
    assert "Repérer les commandes en retard" in pages[0]
    assert "Watch for late" not in pages[0]
    assert '<span class="what">Repérer les commandes en retard' in pages[1]
    assert "La commande 1007" in card
    assert "was promised" not in card


async def test_the_ledger_is_verified_and_taken_away_whole(assistant: Rig, tmp_path: Path) -> None:
    await assistant.write(lambda tx: [tx.ledger.append("told", {"n": f"=1+{n}"}, NOON) for n in range(1_200)])
    async with assistant.browser() as visitor:
        assert "The chain holds" in (await visitor.http.get("/ledger/verify")).text
        lines = (await visitor.http.get("/ledger/export?format=jsonl")).text.splitlines()
        rows = [*csv.reader((await visitor.http.get("/ledger/export?format=csv")).text.splitlines())]
    assert [json.loads(line)["seq"] for line in lines] == [*range(1, len(lines) + 1)]
    assert len(lines) > 1_200
    assert rows[0][0] == "seq"
    assert [row[0] for row in rows[1:]] == [str(n) for n in range(1, len(lines) + 1)]


@pytest.mark.parametrize(
    "asked",
    [
        "format=xml",
        "format=",
        "format=csv&format=jsonl",
        "since=yesterday",
        "since=2026-03-31T09:00",
        "mission=99",
        "mission=x",
        "sinse=2026-03-31",
    ],
)
async def test_an_export_that_asks_for_what_there_is_not_is_refused_in_words(
    assistant: Rig, asked: str
) -> None:
    async with assistant.browser() as visitor:
        answer = await visitor.http.get(f"/ledger/export?{asked}")
        own = await visitor.http.get(f"/memory/export?{asked}")
    assert answer.status_code == own.status_code == 400
    assert "Nothing was exported." in answer.text
    assert "Nothing was exported." in own.text


async def test_an_export_has_what_it_was_asked_for_and_no_more(assistant: Rig) -> None:
    await assistant.write(lambda tx: tx.ledger.append("told", {"n": "old"}, NOON - timedelta(days=2)))
    await assistant.write(lambda tx: tx.ledger.append("told", {"n": "new"}, NOON))
    async with assistant.browser() as visitor:
        answer = await visitor.http.get("/ledger/export", params={"since": NOON.isoformat()})
    told = [json.loads(line)["body"].get("n") for line in answer.text.splitlines()]
    assert "new" in told
    assert "old" not in told


# Budgets and connections -------------------------------------------------------------------------------------


async def test_budgets_say_what_is_used_and_left(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, REFUND.format(reason="late"))
        await visitor.http.post("/press", data={**press_form(page, "approve"), "unsure": ""})
        await assistant.settled()
        page = (await visitor.http.get("/budgets")).text
    assert "€20.00 of €10,000.00, €9,980.00 left" in page
    assert "Everyone together" in page


async def test_connections_are_connected_by_who_approves_and_seen_by_members(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        assert "Demo shop" in (await visitor.http.get("/connections")).text
        await assistant.write(lambda tx: tx.people.put(replace(OLIVIA, lang="fr")))
        assert "Boutique de démonstration" in (await visitor.http.get("/connections")).text
    async with assistant.browser(MARK) as visitor:
        page = (await visitor.http.get("/connections")).text
        assert "Demo shop" in page
        assert 'href="/connect/' not in page
        assert 'href="/fields"' not in page


# The first minute --------------------------------------------------------------------------------------------


@asynccontextmanager
async def asked(assistant: Rig) -> AsyncGenerator[Visitor]:
    """The owner, in front of the story's card."""
    watch = replace(
        mission(OLIVIA, goal="Watch for late orders"),
        id=ids.derived("mis", "home", "demo"),
        triggers=(Every(id="e", seconds=3600, start=assistant.clock.now() + timedelta(seconds=6)),),
        steps=(Step(action="demo.refund", arguments={"order": "1007", "amount": "20 EUR"}),),
        may=("demo.refund",),
    )
    calendar = CronCalendar()
    armed = triggers.armed(watch, assistant.clock.now(), calendar=calendar)
    await assistant.write(lambda tx: tx.missions.put(armed))
    async with assistant.browser() as visitor:
        assert "It wakes in a few seconds." in (await visitor.http.get("/")).text
        assistant.clock.forward(timedelta(seconds=10))
        await wakes.sweep(house=assistant.house, calendar=calendar)
        await assistant.settled()
        yield visitor


async def test_the_page_opens_on_the_story_until_it_is_told(assistant: Rig) -> None:
    """A mission wakes, a card asks, a receipt comes, something is taken back: nothing is typed."""
    async with asked(assistant) as visitor:
        page = (await visitor.http.get("/")).text
        assert "what you see is exactly what will run" in page
        assert "Digest" not in page
        [details] = re.findall(r'href="(/start\?details=[^"]+)"', page)
        assert "Digest" in (await visitor.http.get(details)).text
        await visitor.http.post("/press", data={**press_form(page, "approve"), "unsure": ""})
        await assistant.settled()
        page = (await visitor.http.get("/")).text
        assert "✓ Done: €20.00 of order 1007" in page
        assert "Money that left stays gone" in page
        await visitor.http.post("/say", data=button(page, "Write a note on the order"))
        await assistant.settled()
        page = (await visitor.http.get("/")).text
        assert "The note on order 1007" in page
        await visitor.http.post("/say", data=button(page, "Undo"))
        await assistant.settled()
        assert "Taken back: The note on order 1007" in (await visitor.http.get("/start")).text
        assert "<h1>Now</h1>" in (await visitor.http.get("/")).text
    async with assistant.browser(MARK) as visitor:
        assert "<h1>Now</h1>" in (await visitor.http.get("/")).text


@pytest.mark.parametrize(
    ("verb", "fault", "said"),
    [("deny", None, "Your no counts"), ("approve", Fault.FAIL, "What becomes of it stands on the card")],
)
async def test_the_story_calls_no_only_what_was_refused(
    assistant: Rig, verb: str, fault: Fault | None, said: str
) -> None:
    async with asked(assistant) as visitor:
        shop = assistant.house.systems["demo"]
        assert isinstance(shop, DemoShop)
        shop.fault = fault
        page = (await visitor.http.get("/")).text
        await visitor.http.post("/press", data={**press_form(page, verb), "unsure": ""})
        await assistant.settled()
        page = (await visitor.http.get("/")).text
        told = [each for each in ("Your no counts", "What becomes of it", "Money that left") if each in page]
        assert [each for each in told if said.startswith(each)] == told


def button(page: str, label: str) -> dict[str, str]:
    """The fields of the form behind a button that says words."""
    for form in re.findall(r'<form method="post" action="/say" class="press">.*?</form>', page, re.DOTALL):
        if f">{label}<" in form:
            return {name: html.unescape(hidden(form, name)) for name in ("csrf", "nonce", "text")}
    raise AssertionError(f"no button {label}")


async def test_the_page_of_a_watch_draws_what_was_read_with_its_limit_and_says_it_in_words(
    assistant: Rig,
) -> None:
    told = thresholdwords.read("load above 4 clear below 2")
    assert told is not None
    watching_it = replace(
        mission(OLIVIA),
        triggers=(OnThreshold(id="threshold", source=told.source, rule=told.rule, every=60),),
        next_due=None,
    )
    now = assistant.clock.now()

    def fill(tx: Tx) -> None:
        tx.missions.put(watching_it)
        watching.arm(tx, watching_it, now)

    await assistant.write(fill)
    async with assistant.browser() as visitor:
        assert 'class="chart"' not in (await visitor.http.get("/missions?mission=1")).text, (
            "nothing was read yet"
        )
        for n, value in enumerate((1.0, 5.0, 1.5)):
            sample = Sample(at=now - timedelta(hours=3 - n), value=value)
            await assistant.write(lambda tx, s=sample: tx.samples.add(told.source.series, s))
        page = (await visitor.http.get("/missions?mission=1")).text
    drawing = page[page.index('<svg class="chart"') :].partition("</svg>")[0]
    assert 'role="img"' in drawing
    assert "<title>load</title><desc>load: 3 numbers from" in drawing
    assert 'class="limit"' in drawing
    assert 'class="clear"' in drawing
    assert 'class="firing"' in drawing
    assert "style=" not in drawing, "its colours are the page's own"
    assert "lowest 1, highest 5, last 1.5" in page[page.index("<figcaption") :]


# Files -------------------------------------------------------------------------------------------------------


async def test_a_file_is_handed_out_to_whose_chat_it_stands_in_and_to_nobody_else(assistant: Rig) -> None:
    told = {"kind": "text", "text": "It begins …", "file": {"name": "mission-1.txt", "text": "All of it."}}

    def write(tx: Tx) -> None:
        line = Line(place=OLIVIAS.key, who=OURSELVES, text="", at=NOON, slot="s", content=told)
        tx.lines.put(line)
        tx.lines.put(replace(line, slot="t", content={"kind": "text", "text": "no file"}))
        tx.lines.put(replace(line, slot="u"))

    await assistant.write(write)
    lines = await assistant.store.read(lambda tx: tx.lines.last(OLIVIAS.key, 9))
    filed, bare = f"/file/{lines[0].seq}", f"/file/{lines[1].seq}"
    async with assistant.browser() as visitor:
        assert filed in (await visitor.http.get("/chat")).text
        got = await visitor.http.get(filed)
        assert (got.status_code, got.text) == (200, "All of it.")
        assert "attachment" in got.headers["content-disposition"]
        for address in (
            bare,
            f"/file/{lines[2].seq + 1}",
            "/file/0",
            "/file/x",
            "/file/-1",
        ):
            assert (await visitor.http.get(address)).status_code == 404, address
    async with assistant.browser(MARK) as other:
        assert (await other.http.get(filed)).status_code == 404
    async with assistant.browser(None) as stranger:
        assert (await stranger.http.get(filed)).status_code in (401, 403)
