"""The room of memory: a person's own notes by topic and time, changed with words, taken away as files."""

import json

import pytest

from bot.ids import short_code
from bot.notes import Note, person_scope
from tests.adapters.web.rig import MARK, Rig

MINE = person_scope("per_olivia")


async def notes(assistant: Rig) -> tuple[Note, ...]:
    return await assistant.store.read(lambda tx: tx.notes.all(MINE))


async def test_notes_stand_by_topic_with_their_source_and_what_they_were(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        for text in ("remember my address is 3 Oak Street", "my address changed to 5 Elm Street"):
            await visitor.say(text)
            await assistant.settled()
        page = (await visitor.http.get("/memory")).text
        assert "<h2>Address</h2>" in page
        assert "Olivia said so" in page
        assert page.index("5 Elm Street") < page.index("What it was before") < page.index("3 Oak Street")
        assert "<h2>Address</h2>" not in (await visitor.http.get("/memory?by=time")).text
        assert "<del>my address is 3 Oak Street</del>" in (await visitor.http.get("/memory?past=1")).text
        assert "Elm" not in (await visitor.http.get("/memory?words=nothing")).text
        assert "Elm" in (await visitor.http.get("/memory?words=address")).text
    async with assistant.browser(MARK) as other:
        assert "Elm" not in (await other.http.get("/memory")).text
        assert "Elm" not in (await other.http.get("/memory/export")).text


async def test_the_buttons_pin_correct_and_forget(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        await visitor.say("remember the gate code is 1207")
        await assistant.settled()
        [note] = await notes(assistant)
        code = short_code(note.id)
        assert f'value="pin {code}"' in (await visitor.http.get("/memory")).text
        await visitor.say(f"pin {code}")
        await assistant.settled()
        assert (await notes(assistant))[0].pinned
        sent = {
            **await visitor.form("/memory"),
            "code": code,
            "new": "the gate code is 4410",
            "back": "/memory",
        }
        answer = await visitor.http.post("/memory/correct", data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, "/memory")
        await assistant.settled()
        [now] = await notes(assistant)
        assert now.text == "the gate code is 4410"
        await visitor.say(f"forget {short_code(now.id)}")
        await assistant.settled()
        assert await assistant.store.read(lambda tx: tx.notes.history(MINE)) == ()
        assert "4410" not in (await visitor.http.get("/memory?past=1")).text


@pytest.mark.parametrize("new", ["", " ", "x" * 2_001])
async def test_a_form_that_is_none_of_ours_changes_nothing(assistant: Rig, new: str) -> None:
    async with assistant.browser() as visitor:
        sent = {**await visitor.form("/memory"), "code": "K7Q2", "new": new}
        assert (await visitor.http.post("/memory/correct", data=sent)).status_code == 400


async def test_it_is_taken_away_as_lines_and_as_a_page(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        told = (
            "remember *stars* are <b>bold</b>",
            "rule always answer briefly",
            "total trips add 12 EUR for a <taxi>",
        )
        for text in told:
            await visitor.say(text)
            await assistant.settled()
        answer = await visitor.http.get("/memory/export?format=jsonl")
        rows = [json.loads(line) for line in answer.text.splitlines()]
        assert [row["is"] for row in rows] == ["rule", "list", "note"]
        assert rows[2]["text"] == "*stars* are <b>bold</b>"
        assert (rows[1]["name"], rows[1]["sums"]) == ("trips", [{"number": "12.00", "unit": "EUR"}])
        assert "attachment" in answer.headers["content-disposition"]
        page = (await visitor.http.get("/memory/export?format=md")).text
        assert "\\*stars\\* are \\<b\\>bold" in page
        assert "always answer briefly" in page
        assert "## trips: €12.00" in page
        assert "- a \\<taxi\\>: €12.00 — " in page


async def test_standing_rules_are_switched_ordered_and_dropped_there(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        for text in ("rule always answer briefly", "rule invoices in EUR", "rule 1 off"):
            await visitor.say(text)
            await assistant.settled()
        page = (await visitor.http.get("/memory")).text
        assert "<del>always answer briefly</del>" in page, "what is off is still there to be switched on"
        for words in ("rule 1 on", "rule 1 drop", "rule 2 off", "rule 2 first", "rule 2 drop"):
            assert f'value="{words}"' in page
        assert 'value="rule 1 first"' not in page
        await visitor.say("rule 2 first")
        await assistant.settled()
        page = (await visitor.http.get("/memory")).text
        assert page.index("invoices in EUR") < page.index("always answer briefly")


async def test_the_word_for_it_leads_there_once(assistant: Rig) -> None:
    async with assistant.browser() as visitor:
        await visitor.say("export my memory")
        await assistant.settled()
        assert "next=/memory" in (await visitor.http.get("/chat")).text
