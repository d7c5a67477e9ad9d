"""The home, the pane and the shortcuts: through the door, over a twin of the Web API that refuses what Slack refuses, with a
whole assistant behind it.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from adapters.chat.slack import SlackDoor, SlackSettings, home, surfaces
from adapters.clock.wall import WallClock
from adapters.minds.builtin.mind import understands
from adapters.speech.languages import tongues
from bot import edits
from bot.errors import Misconfigured
from bot.events import Verb
from bot.forms import Sheet
from bot.homes import Home
from bot.notes import person_scope
from bot.people import HOME, Identity
from bot.places import Place
from bot.store import Tx
from bot.surveying import Survey
from bot.values import Json
from tests.adapters.slack.test_cards import CARD
from tests.stage import Stage, stage
from tests.twins import slack_rules
from tests.twins.slack import BOT_TOKEN, SECRET, TEAM, SlackTwin
from tests.twins.slack_events import (
    at_home,
    called_up,
    event,
    home_opened,
    pane_opened,
    pressed,
    request,
    said,
    submitted,
)

ALICE = Identity(platform="slack", team=TEAM, user="U0ALICE")
ALONE = Place(platform="slack", team=TEAM, channel="D0ALICE", private=True)
OLIVIAS = person_scope("per_olivia")
REFUND = "do demo.refund order=1007 amount=5"


@dataclass
class Scene:
    stage: Stage
    twin: SlackTwin
    door: SlackDoor
    web: httpx.AsyncClient

    async def post(self, payload: Mapping[str, Json], *, status: int = 200) -> None:
        """Slack delivers this; returns when what follows from it has come to rest."""
        body, headers = request(payload)
        answer = await self.web.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == status, answer.text
        await self.stage.rest()

    async def shows(self, words: str, *, user: str = "U0ALICE") -> str:
        """Waits until somebody's home says this; all that it says."""
        await self.twin.until(lambda: words in self.reads(user))
        return self.reads(user)

    def reads(self, user: str = "U0ALICE") -> str:
        blocks = self.twin.homes.get(user, {}).get("blocks", [])
        return "\n".join(text for _, text in slack_rules.texts(blocks))

    def button(self, label: str) -> Mapping[str, Json]:
        return _button(self.twin.homes["U0ALICE"]["blocks"], label)


def _button(blocks: Json, label: str) -> Mapping[str, Json]:
    found = next(each for each in slack_rules.buttons(blocks) if each["text"]["text"] == label)
    return {"action_id": found["action_id"], "value": found["value"]}


@asynccontextmanager
async def scene(folder: Path, *, refresh: float = 0.02, grid: str = "") -> AsyncGenerator[Scene]:
    async with SlackTwin(grid=grid).serving() as twin, stage(folder) as s:
        twin.people["U0ALICE"] = {"locale": "en-US"}

        async def form(ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
            return await edits.sheet_for(ref, revision, who, place, house=s.house, space=HOME, verb=verb)

        async def chosen(who: Identity) -> str:
            person = await s.store.read(lambda tx: tx.people.by_identity(who))
            return person.lang if person is not None else ""

        door = SlackDoor(
            SlackSettings(bot_token=BOT_TOKEN, signing_secrets=(SECRET,), api_url=twin.api_url),
            accept=s.accept,
            form=form,
            tongues=s.house.tongues,
            clock=WallClock(),
            chosen=chosen,
            survey=Survey(house=s.house),
            refresh=refresh,
        )
        s.chats["slack"] = door.chat
        await s.store.write(_meet)
        await door.open()
        transport = httpx.ASGITransport(app=Starlette(routes=door.routes()))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://vigie.test") as web:
                yield Scene(s, twin, door, web)
        finally:
            await door.close()


def _meet(tx: Tx) -> None:
    owner = tx.people.get("per_olivia")
    assert owner is not None
    tx.people.put(owner.linked(ALICE))


def _french(tx: Tx) -> None:
    owner = tx.people.get("per_olivia")
    assert owner is not None
    tx.people.put(replace(owner, lang="fr"))


# the home --------------------------------------------------------------------------------------------------


async def test_the_home_shows_how_things_stand_and_follows(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.post(home_opened())
        assert "Nothing waits for a press." in await s.shows("Waits for you")
        await s.stage.begin("every weekday at 9:00, tell me about new orders")
        assert "tell me about new orders" in await s.shows("· next ")
        await s.stage.say(REFUND)
        await s.shows("Refund an order")
        await s.post(at_home(s.button("Approve")))
        assert [str(refund.amount.minor) for refund in s.stage.shop.refunds()] == ["500"]
        assert "✓ €5.00" in (await s.shows("went back")).partition("Done today")[2]
        assert "Nothing waits for a press." in await s.shows("Nothing waits")


async def test_a_card_is_settled_from_the_home_only_where_it_hangs(tmp_path: Path) -> None:
    """SAFETY 13. A press that says it comes from a home counts for what that home was shown, and nothing else."""
    async with scene(tmp_path) as s:
        await s.stage.say(REFUND)
        button = {"action_id": "vigie:approve", "value": f"{s.stage.card.ref}:1"}
        await s.post(at_home(button, action_ts="1.1"))
        assert s.stage.shop.refunds() == (), "nobody has opened a home yet"
        await s.post(home_opened())
        await s.shows("Refund an order")
        await s.post(at_home(button, user="U0MALLORY", action_ts="1.2"))
        await s.post(at_home({**button, "value": f"{s.stage.card.ref}:7"}, action_ts="1.3"))
        assert s.stage.shop.refunds() == ()
        await s.post(at_home(button, action_ts="1.4"))
        assert len(s.stage.shop.refunds()) == 1


async def test_editing_from_the_home_opens_the_form_and_the_home_shows_the_new_card(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.post(home_opened())
        await s.stage.say(REFUND)
        await s.shows("Refund an order")
        await s.post(at_home(s.button("Edit")))
        view = s.twin.views[-1]
        await s.post(submitted(view, {"amount": "6.00 EUR"}))
        await s.shows("6.00")
        await s.post(at_home(s.button("Approve"), action_ts="2.1"))
        assert [refund.amount.minor for refund in s.stage.shop.refunds()] == [600]


async def test_everything_is_stopped_and_started_again_from_the_home(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.post(home_opened())
        await s.shows("Waits for you")
        await s.post(at_home(s.button("Stop everything"), action_ts="1.1"))
        await s.shows("It stands still")
        await s.post(at_home(s.button("Let it act again"), action_ts="1.2"))
        await s.twin.until(lambda: "It stands still" not in s.reads())
        assert s.button("Stop everything")


async def test_a_stranger_and_a_guest_see_an_empty_home(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.stage.say(REFUND)
        s.twin.people["U0ALICE"] = {"is_restricted": True, "locale": "en-US"}
        for user in ("U0ALICE", "U0NOBODY"):
            await s.post(home_opened(user))
            await s.twin.until(lambda user=user: user in s.twin.homes)
            assert "Refund" not in s.reads(user)
            assert not slack_rules.buttons(s.twin.homes[user]["blocks"])


async def test_the_tab_of_messages_is_no_home(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.post(home_opened(tab="messages"))
        assert not s.twin.homes


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_whatever_hangs_there_slack_takes_it(lang: str) -> None:
    tongue = tongues()(lang)
    many = replace(CARD, rows=CARD.rows * 60, reason="why " * 900)
    full = Home(
        lang=lang,
        frozen=("stop " * 900,),
        stopped=True,
        may_freeze=True,
        may_lift=True,
        cards=(CARD, many, *([CARD] * 8)),
        more=3,
        watch=("w" * 4_000,) * 8,
        others=2,
        done=("d\n\u202e" * 900,) * 8,
    )
    for found in (full, replace(full, stopped=False), Home(lang=lang), Home(lang=lang, known=False)):
        assert slack_rules.of_home(home.view(found, tongue=tongue)) == []


# the pane --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_prompt_of_the_pane_is_understood(lang: str) -> None:
    place = replace(ALONE, thread="1.1")
    offered = surfaces.prompts(place, tongues()(lang))
    assert slack_rules.of_prompts(offered) == []
    assert all(understands(each["message"]) for each in offered["prompts"])


async def test_the_pane_offers_prompts_keeps_its_thread_and_shows_that_it_thinks(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.stage.store.write(_french)
        await s.post(pane_opened())
        await s.twin.until(lambda: bool(s.twin.called("assistant.threads.setSuggestedPrompts")))
        prompts = s.twin.called("assistant.threads.setSuggestedPrompts")[0]["prompts"]
        assert prompts[0] == {"title": "Qu’est-ce qui m’attend\u202f?", "message": "en attente"}
        await s.post(pane_opened(kind="assistant_thread_context_changed"))
        await s.twin.until(lambda: len(s.twin.called("assistant.threads.setSuggestedPrompts")) == 2)
        await s.post(said("missions", thread_ts="1700000000.000400"))
        (answer,) = s.twin.messages
        assert answer["thread_ts"] == "1700000000.000400"
        place = replace(ALONE, thread="1700000000.000400")
        assert await s.door.chat.progress(place, slot="say:1", words="", ref="") == ""
        assert s.twin.called("assistant.threads.setStatus")[-1]["status"] == "réfléchit…"
        assert len(s.twin.messages) == 1, "no placeholder was posted"


async def test_without_a_pane_a_message_says_that_it_thinks(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        s.twin.no_pane = True
        await s.post(said("missions", thread_ts="1700000000.000400"))
        place = replace(ALONE, thread="1700000000.000400")
        assert await s.door.chat.progress(place, slot="say:1", words="", ref="") != ""


# shortcuts -------------------------------------------------------------------------------------------------

POSTED: Mapping[str, Json] = {
    "type": "message",
    "user": "U0BOB",
    "ts": "1700000000.5",
    "text": "ships at &lt;6&gt;",
}


async def test_a_message_is_remembered_as_its_form_was_saved(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        s.twin.people["U0BOB"] = {"profile": {"display_name": "Bob"}}
        await s.post(called_up("vigie:remember", message=POSTED))
        view = s.twin.views[-1]
        assert view["blocks"][0]["element"]["initial_value"] == "ships at <6>"
        assert "Bob wrote this" in str(view)
        assert not s.twin.messages, "nothing was said yet"
        await s.post(submitted(view, {"text": "the warehouse ships at 6"}))
        notes = await s.stage.look(lambda tx: [each.text for each in tx.notes.all(OLIVIAS)])
        assert any("the warehouse ships at 6" in text for text in notes)
        assert s.twin.messages[-1]["channel"] == "D0ALICE"


async def test_a_mission_is_made_of_a_message_once_its_card_is_pressed(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.post(called_up("vigie:mission", message={**POSTED, "text": "look at\nthe returns"}))
        view = s.twin.views[-1]
        await s.post(submitted(view, {"when": "every weekday at 9:00", "text": "look at\nthe returns"}))
        assert not await s.stage.look(lambda tx: tx.missions.all()), "a mission starts with a press"
        message = s.twin.messages[-1]
        button = next(b for b in slack_rules.buttons(message["blocks"]) if "approve" in b["action_id"])
        await s.post(pressed(button["action_id"], button["value"], ts=message["ts"]))
        (mission,) = await s.stage.look(lambda tx: tx.missions.all())
        assert mission.goal == "look at the returns"


async def test_from_anywhere_something_is_asked_and_answered_alone(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.post(called_up("vigie:ask"))
        await s.post(submitted(s.twin.views[-1], {"text": "status"}))
        assert s.twin.messages[-1]["channel"] == "D0ALICE"
        assert "On watch." in str(s.twin.messages[-1]["blocks"])


async def test_forms_and_prompts_are_in_the_language_that_was_chosen(tmp_path: Path) -> None:
    """Whatever the language of their Slack."""
    async with scene(tmp_path) as s:
        await s.post(said("language fr"))
        await s.post(called_up("vigie:remember", message=POSTED))
        assert s.twin.views[-1]["submit"]["text"] == "Retenir"
        await s.post(said(REFUND, ts="1700000000.000300"))
        card = s.twin.messages[-1]
        button = next(b for b in slack_rules.buttons(card["blocks"]) if "edit" in b["action_id"])
        await s.post(pressed(button["action_id"], button["value"], ts=card["ts"]))
        assert s.twin.views[-1]["submit"]["text"] == "Enregistrer"
        await s.post(pane_opened())
        await s.twin.until(lambda: bool(s.twin.called("assistant.threads.setSuggestedPrompts")))
        assert "Que sais-tu faire" in str(s.twin.called("assistant.threads.setSuggestedPrompts")[-1])


async def test_a_form_that_does_not_open_is_not_taken_for_one_that_did(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        s.twin.dead_triggers.add("1.2.s")
        await s.post(called_up("vigie:ask"), status=503)
        assert not s.twin.views


# what is said ----------------------------------------------------------------------------------------------


async def test_people_in_the_words_are_called_by_name(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        s.twin.people["U0BOB"] = {"profile": {"display_name": "Bob"}}
        await s.post(said("remember <@U0BOB> keeps the keys, not <@U0BOBBY>"))
        notes = await s.stage.look(lambda tx: [each.text for each in tx.notes.all(OLIVIAS)])
        assert any("@Bob keeps the keys, not @Person U0BOBBY" in text for text in notes)


async def test_a_reaction_approves_nothing(tmp_path: Path) -> None:
    """Not even one on the very card, by its owner."""
    async with scene(tmp_path) as s:
        await s.post(said(REFUND))
        (card,) = s.twin.messages
        for reaction in ("white_check_mark", "+1", "heavy_check_mark"):
            item = {"type": "message", "channel": "D0ALICE", "ts": card["ts"]}
            inner = {"type": "reaction_added", "user": "U0ALICE", "reaction": reaction, "item": item}
            await s.post(event(inner, event_id=f"Ev{reaction}"))
        assert s.stage.shop.refunds() == ()
        assert await s.stage.look(lambda tx: len(tx.proposals.pending())) == 1


async def test_nothing_that_is_posted_unfurls(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.post(said(REFUND))
        await s.door.chat.progress(ALONE, slot="say:1", words="so far", ref="")
        posts = s.twin.called("chat.postMessage")
        assert len(posts) == 2
        assert all(each["unfurl_links"] is False and each["unfurl_media"] is False for each in posts)


# Enterprise Grid -------------------------------------------------------------------------------------------


async def test_on_grid_a_neighbour_who_belongs_here_too_is_the_same_person(tmp_path: Path) -> None:
    """SAFETY 9. An id of the organisation, a workspace that is not ours in the payload: the card is ours all the same."""
    async with scene(tmp_path, grid="E0GRID") as s:
        ours = {"team_id": "E0GRID", "enterprise_user": {"id": "W0ALICE", "teams": ["T0HOME", TEAM]}}
        s.twin.people["U0ALICE"] = {**ours, "locale": "en-US"}
        heard = said(REFUND, user_team="T0HOME", team="T0HOME")
        heard["authorizations"][0] |= {"enterprise_id": "E0GRID", "team_id": None}
        await s.post(heard)
        card = s.twin.messages[-1]
        button = _button(card["blocks"], "Approve")
        press = pressed(button["action_id"], button["value"], ts=card["ts"])
        press["team"], press["enterprise"] = None, {"id": "E0GRID", "name": "Grid"}
        press["user"]["team_id"] = "T0HOME"
        await s.post(press)
        assert len(s.stage.shop.refunds()) == 1


async def test_on_grid_somebody_of_another_workspace_stays_a_guest(tmp_path: Path) -> None:
    """SAFETY 9"""
    async with scene(tmp_path, grid="E0GRID") as s:
        s.twin.people["U0ALICE"] = {"team_id": "E0GRID", "enterprise_user": {"teams": ["T0HOME"]}}
        await s.post(said(REFUND, user_team="T0HOME", team="T0HOME"))
        assert not await s.stage.look(lambda tx: tx.proposals.pending())


async def test_an_app_of_a_whole_organisation_is_told_so(tmp_path: Path) -> None:
    async with scene(tmp_path) as s:
        await s.door.close()
        s.twin.org_wide = True
        with pytest.raises(Misconfigured, match="one of its workspaces"):
            await s.door.open()
