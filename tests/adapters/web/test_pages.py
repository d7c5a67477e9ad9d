"""The pages as a browser without scripts sees them: talk, cards, presses, edits, lists."""

import html
import re
from datetime import UTC, datetime

import pytest

from bot import sayings
from bot.effects import Question, Text
from bot.events import Form, Message, Press, Verb
from bot.missions import Cron, Mission, Phase
from bot.people import Person, Role
from bot.store import Tx
from tests.adapters.web.rig import MARK, OLIVIA, OLIVIAS, Rig, Visitor, hidden

REFUND = 'do demo.refund order=1007 amount="20.00 EUR" reason="{reason}"'
LETTER = 'do demo.message_customer recipient=gigi.hamilton@example.com subject="{subject}" body="Sorry"'
OLD = datetime(2026, 11, 1, tzinfo=UTC)
CANARY = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"


async def say(assistant: Rig, visitor: Visitor, text: str) -> str:
    """The chat page after this was said and answered."""
    assert (await visitor.say(text)).status_code == 303
    await assistant.settled()
    return (await visitor.http.get("/chat")).text


def press_form(page: str, verb: str) -> dict[str, str]:
    """The hidden fields of the first button with this verb."""
    for form in re.findall(r'<form method="post" action="/press".*?</form>', page, re.DOTALL):
        fields = {
            name: html.unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        }
        if fields["verb"] == verb:
            return fields
    raise AssertionError(f"no button {verb}")


async def test_an_empty_chat_says_what_this_is_and_what_to_try(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = (await visitor.http.get("/chat")).text
    assert "Vigie is on watch." in page
    assert 'href="/chat?text=help"' in page


async def test_an_example_fills_the_field_without_a_script(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = (await visitor.http.get("/chat?text=remember+this")).text
    assert re.search(r"<textarea[^>]*>\nremember this</textarea>", page)


async def test_what_is_said_arrives_once_and_is_answered_on_the_next_page(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, "status")
    assert "On watch." in page
    [arrival] = assistant.arrivals
    assert isinstance(arrival.body, Message)
    assert arrival.place == OLIVIAS
    assert arrival.body.who.key == "web:per_olivia"


async def test_a_form_sent_twice_is_one_message(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        fields = {**await visitor.form(), "text": "status"}
        for _ in range(3):
            assert (await visitor.http.post("/say", data=fields)).status_code == 303
        await assistant.settled()
        page = (await visitor.http.get("/chat")).text
    assert page.count("On watch.") == 1


async def test_words_of_anybody_are_shown_as_words(assistant: Rig) -> None:
    strange = Person(id="per_strange", name=CANARY, role=Role.OWNER, identities=("web:per_strange",))
    await assistant.write(lambda tx: tx.people.put(strange))
    async with assistant.browser(strange) as visitor:
        await say(assistant, visitor, CANARY)
        page = await say(assistant, visitor, LETTER.format(subject=CANARY.replace('"', "'")))
        pending = (await visitor.http.get("/pending")).text
        edit = (await visitor.http.get(hrefs(page, "/form/")[0])).text
    await assistant.write(
        lambda tx: (
            tx.missions.put(mission(goal=CANARY)),
            sayings.say(
                tx,
                place="web//per_strange//!",
                slot="s",
                content=Question(text=CANARY, ref="r", choices=((CANARY, CANARY),)),
                now=assistant.clock.now(),
            ),
            sayings.say(
                tx,
                place="web//per_strange//!",
                slot="m",
                content=Text(text=f"- {CANARY}\n**{CANARY}** `{CANARY}`\n```\n{CANARY}", mark=True),
                now=assistant.clock.now(),
            ),
        )
    )
    async with assistant.browser(strange) as visitor:
        chat = (await visitor.http.get("/chat")).text
        missions = (await visitor.http.get("/missions")).text
    for each in (page, pending, edit, chat, missions):
        assert "{{7*7}}" in each
        assert "<script>alert" not in each
        assert "<img" not in each


async def test_characters_that_hide_or_turn_are_spelled_out(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, REFUND.format(reason="late\u202eyletal\u200b"))
    assert "late⟦U+202E⟧yletal⟦U+200B⟧" in page
    assert "\u202e" not in page


async def test_a_card_shows_what_would_happen_and_its_buttons(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, REFUND.format(reason="late"))
    assert "R3 · money, access or deletion" in page
    assert re.search(r"<del>€0.00</del>.*<ins>€20.00</ins>", page)
    assert "The assistant&#39;s reason" in page or "The assistant's reason" in page
    for verb in ("approve", "deny", "details"):
        assert press_form(page, verb)["revision"] == "1"
    assert hrefs(page, "/form/")


async def test_a_press_approves_and_the_receipt_replaces_the_card(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, LETTER.format(subject="Late"))
        answer = await visitor.http.post("/press", data=press_form(page, "approve"))
        assert answer.status_code == 303
        await assistant.settled()
        page = (await visitor.http.get("/chat")).text
    assert "✓ Done" in page
    assert 'value="approve"' not in page
    press = assistant.arrivals[-1]
    assert isinstance(press.body, Press)
    assert press.body.verb is Verb.APPROVE
    assert press.key.startswith("web:press:")


async def test_a_press_sent_twice_is_one_press(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, LETTER.format(subject="Late"))
        fields = press_form(page, "approve")
        await visitor.http.post("/press", data=fields)
        await visitor.http.post("/press", data=fields)
    first, second = assistant.arrivals[-2:]
    assert first.key == second.key


async def test_what_cannot_be_undone_asks_a_second_time(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, REFUND.format(reason="late"))
        before = len(assistant.arrivals)
        question = await visitor.http.post("/press", data=press_form(page, "approve"))
        assert question.status_code == 200
        assert "cannot be taken back" in question.text
        assert len(assistant.arrivals) == before
        await visitor.http.post("/press", data=press_form(question.text, "approve"))
        await assistant.settled()
        assert "✓ Done" in (await visitor.http.get("/chat")).text


async def test_a_refused_press_is_explained_on_the_next_page(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, LETTER.format(subject="Late"))
        await visitor.http.post("/press", data=press_form(page, "deny"))
        await assistant.settled()
        late = {**press_form(page, "approve"), "nonce": "another-nonce-1"}
        await visitor.http.post("/press", data=late)
        await assistant.settled()
        page = (await visitor.http.get("/chat")).text
    assert "denied this already" in page
    assert "✗ Denied" in page


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "explode"},
        {"verb": ""},
        {"revision": "x"},
        {"revision": "²"},
        {"ref": ""},
        {"nonce": "short"},
        {"ref": "é"},
    ],
    ids=str,
)
async def test_a_button_nobody_drew_is_refused(assistant: Rig, change: dict[str, str]) -> None:
    async with assistant.browser() as visitor:
        fields = {**await visitor.form(), "ref": "abc", "revision": "1", "verb": "approve", **change}
        answer = await visitor.http.post("/press", data=fields)
    assert answer.status_code == 400
    assert assistant.arrivals == []


async def test_a_message_that_is_too_long_is_not_kept(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        answer = await visitor.say("x" * 20_001)
        assert answer.status_code == 400
        assert "20,000" in answer.text
        assert (await visitor.say("   ")).status_code == 303
    assert assistant.arrivals == []


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_a_form_never_leads_away(assistant: Rig, back: str) -> None:
    async with assistant.browser() as visitor:
        answer = await visitor.say("status", back=back)
    assert answer.headers["location"] == "/chat"


async def test_editing_shows_every_field_and_saving_makes_a_new_card(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = await say(assistant, visitor, LETTER.format(subject="La\u200bte"))
        address = hrefs(page, "/form/")[0]
        form = (await visitor.http.get(address)).text
        assert 'type="email"' in form
        assert 'value="La⟦U+200B⟧te"' in form
        assert "Hidden characters are spelled out" in form
        fields = {
            "csrf": hidden(form, "csrf"),
            "nonce": re.findall(r'name="nonce" value="([^"]+)"', form)[-1],
            "revision": "1",
            "field.recipient": "gigi.hamilton@example.com",
            "field.subject": "La⟦U+200B⟧te",
            "field.body": "We are sorry.\r\nReally.",
            "field.unknown": "x",
        }
        answer = await visitor.http.post(address.split("?")[0], data=fields)
        assert answer.status_code == 303
        await assistant.settled()
        page = (await visitor.http.get("/chat")).text
        gone = await visitor.http.get(address)
    sent = assistant.arrivals[-1].body
    assert isinstance(sent, Form)
    assert sent.values == {
        "recipient": "gigi.hamilton@example.com",
        "subject": "La\u200bte",
        "body": "We are sorry.\nReally.",
    }
    assert "We are sorry." in page
    assert press_form(page, "approve")["revision"] == "2"
    assert gone.status_code == 409
    assert "moved on" in gone.text


async def test_details_on_the_list_open_without_a_press(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        await say(assistant, visitor, LETTER.format(subject="Late"))
        before = len(assistant.arrivals)
        page = (await visitor.http.get("/pending")).text
        assert "Digest" not in page
        opened = (await visitor.http.get(hrefs(page, "/pending?details=")[0])).text
    assert "Digest" in opened
    assert len(assistant.arrivals) == before


async def test_only_those_who_may_settle_or_asked_see_a_pending_card(assistant: Rig) -> None:
    async with assistant.browser(OLIVIA) as olivia, assistant.browser(MARK) as mark:
        await say(assistant, olivia, LETTER.format(subject="From Olivia"))
        await say(assistant, mark, LETTER.format(subject="From Mark"))
        assert "From Olivia" not in (await mark.http.get("/pending")).text
        assert "From Mark" in (await mark.http.get("/pending")).text
        both = (await olivia.http.get("/pending")).text
        assert "From Olivia" in both
        assert "From Mark" in both
        assert ">2</span>" in both


async def test_an_empty_list_says_what_to_do(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        assert "Nothing waits for you" in (await visitor.http.get("/pending")).text
        assert "every weekday at 9:00" in (await visitor.http.get("/missions")).text


async def test_missions_are_paused_and_resumed_from_their_list(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        shown = await say(assistant, visitor, "every weekday at 9:00, water the plants")
        await visitor.http.post("/press", data=press_form(shown, "approve"))
        await assistant.settled()
        page = (await visitor.http.get("/missions")).text
        assert "every weekday at 09:00 (Europe/Paris)" in page
        assert "on watch" in page
        fields = {**await visitor.form("/missions"), "text": "pause 1", "back": "/missions"}
        assert 'value="pause 1"' in page
        answer = await visitor.http.post("/say", data=fields)
        assert answer.headers["location"] == "/missions"
        await assistant.settled()
        page = (await visitor.http.get("/missions")).text
    assert 'value="resume 1"' in page
    assert 'value="pause 1"' not in page


async def test_somebody_elses_missions_are_not_listed_for_a_member(assistant: Rig) -> None:
    await assistant.write(lambda tx: tx.missions.put(mission(goal="audit the books")))
    async with assistant.browser(MARK) as mark, assistant.browser(OLIVIA) as olivia:
        assert "audit the books" not in (await mark.http.get("/missions")).text
        assert "audit the books" in (await olivia.http.get("/missions")).text


async def test_a_freeze_is_said_on_every_page(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        assert "Everything is frozen" not in (await visitor.http.get("/chat")).text
        await say(assistant, visitor, "freeze")
        for page in ("/chat", "/pending", "/missions"):
            assert "Everything is frozen" in (await visitor.http.get(page)).text


async def test_the_language_is_switched_by_a_button(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        page = (await visitor.http.get("/chat")).text
        assert '<html lang="en">' in page
        assert 'value="language fr"' in page
        page = await say(assistant, visitor, "language fr")
    assert '<html lang="fr">' in page
    assert 'value="language en"' in page


async def test_old_lines_are_a_page_further(assistant: Rig) -> None:
    def write(tx: Tx) -> None:
        for n in range(150):
            sayings.say(
                tx,
                place=OLIVIAS.key,
                slot=f"s{n}",
                content=Text(text=f"line {n}."),
                now=assistant.clock.now(),
            )

    await assistant.write(write)
    async with assistant.browser() as visitor:
        newest = (await visitor.http.get("/chat")).text
        assert "line 149." in newest
        assert "line 89." not in newest
        middle = (await visitor.http.get(hrefs(newest, "/chat?before=")[0])).text
        assert "line 89." in middle
        assert "line 90." not in middle
        first = (await visitor.http.get(hrefs(middle, "/chat?before=")[0])).text
        assert "line 0." in first
        assert not hrefs(first, "/chat?before=")
        assert (await visitor.http.get("/chat?before=²")).status_code == 200


async def test_a_card_whose_record_is_gone_still_shows_its_words(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        await say(assistant, visitor, LETTER.format(subject="Late"))

        def lose(tx: Tx) -> None:
            [line] = [line for line in tx.lines.last(OLIVIAS.key, 9) if line.slot.startswith("card:")]
            content = {**line.content, "proposal": "pro_gone"}
            tx.lines.put(
                type(line)(
                    place=line.place,
                    who=line.who,
                    text="words of it",
                    at=line.at,
                    slot=line.slot,
                    content=content,
                )
            )

        await assistant.write(lose)
        page = (await visitor.http.get("/chat")).text
    assert "words of it" in page


async def test_cards_are_drawn_from_the_record_as_it_is_now(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        await say(assistant, visitor, LETTER.format(subject="Late"))

        def deny(tx: Tx) -> None:
            [proposal] = tx.proposals.pending()
            assert tx.proposals.swap(proposal, proposal.deny(OLIVIA, revision=1, now=assistant.clock.now()))

        await assistant.write(deny)
        page = (await visitor.http.get("/chat")).text
    assert "✗ Denied by Olivia" in page
    assert '<form method="post" action="/press"' not in page


def hrefs(page: str, start: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'href="([^"]*)"', page) if each.startswith(start)]


def mission(*, goal: str) -> Mission:
    clock = Cron(id="t1", expression="0 9 * * 1", zone="Europe/Paris")
    return Mission(
        id="mis_1",
        number=7,
        space="home",
        owner="per_olivia",
        place=OLIVIAS.key,
        goal=goal,
        phase=Phase.ACTIVE,
        triggers=(clock,),
        created=OLD,
    )


async def test_always_on_the_list_offers_what_a_press_then_allows(assistant: Rig) -> None:
    """SAFETY 70"""
    async with assistant.browser() as visitor:
        await say(assistant, visitor, LETTER.format(subject="Late"))
        page = (await visitor.http.get("/chat")).text
        await visitor.http.post("/press", data=press_form(page, "details"))
        await assistant.settled()
        pages = [(await visitor.http.get(where)).text for where in ("/chat", "/pending")]
        found = next(each for each in pages if 'value="always"' in each)
        await visitor.http.post("/press", data=press_form(found, "always"))
        await assistant.settled()
        page = (await visitor.http.get("/chat")).text
        offer = page[page.index("Allow in advance") :]
        assert "recipient: exactly &#34;gigi.hamilton@example.com&#34;" in offer
        await visitor.http.post("/press", data=press_form(offer, "approve"))
        await assistant.settled()
        page = await say(assistant, visitor, "grants")
        assert "1 standing permission:" in page
        page = await say(assistant, visitor, "withdraw 1")
        assert "Permission 1 is withdrawn" in page
