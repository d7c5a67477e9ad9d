"""What a system declares of a field holds like what an owner sets: a mind's value is not taken, a person is asked, in each
chat in its own way; and an owner may say otherwise, in both directions.
"""

import html
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from bot.events import Verb
from bot.journal import Ask, Thought
from bot.store import Tx
from bot.values import Json
from tests.stage import stage
from tests.stories.founding.talks import ALICE, OnSlack, OnTelegram, OnTheWeb, Talk
from tests.stories.peers.record import until
from tests.stories.team import told
from tests.stories.test_field_modes import ledger, rows, verbs, waiting
from tests.stories.test_night import ACCOUNTS, CHATS
from tests.twins import slack_events
from tests.twins.mind import ScriptedMind
from tests.twins.telegram import buttons


def asking(action: str, **arguments: str) -> ScriptedMind:
    ask = Ask(id="a1", action=action, arguments=arguments)
    return ScriptedMind(script=(Thought(asks=(ask,)), Thought(text="There you are.")))


def shipping() -> ScriptedMind:
    return asking("demo.ship_order", order="1007", tracking="INVENTED-1")


async def test_a_number_that_a_mind_made_up_is_dropped_and_typed_by_a_person(tmp_path: Path) -> None:
    mind = shipping()
    async with stage(tmp_path, model=mind) as s:
        await s.say("Please ship order 1007.")
        told_of = {field.name: field for field in mind.briefings[0].actions["demo.ship_order"].fields}
        assert not told_of["tracking"].required
        assert "a person fills this in" in told_of["tracking"].help
        assert rows(s)["To approve"] == "A person fills in first: Tracking number"
        assert Verb.APPROVE not in verbs(s)
        assert "INVENTED" not in s.card.plain
        assert (await ledger(s, "fields_dropped"))[0]["fields"] == ["tracking"]
        await s.press(s.card)
        assert s.shop.order("1007").status == "open"
        await s.fill(s.card, {"tracking": "FR-7"})
        assert (await waiting(s)).origins["tracking"] == "person"
        await s.press(s.card)
        assert s.shop.order("1007").status == "shipped"


async def test_who_is_deleted_is_picked_by_a_person_among_those_there_are(tmp_path: Path) -> None:
    async with stage(tmp_path, model=asking("demo.delete_customer", customer="C12")) as s:
        await s.say("Please delete the customer who asked for it.")
        assert rows(s)["To approve"] == "A person fills in first: Customer"
        assert "C12" not in s.card.plain
        options = (await s.sheet(s.card)).entries[0].options
        await s.fill(s.card, {"customer": "C99"})
        assert "is not among them now" in told(s)
        picked = next(each for each in options if each.value == "C12")
        await s.fill(s.card, {"customer": picked.label})
        assert (await waiting(s)).call.arguments["customer"] == picked.value


async def test_words_that_several_options_have_are_asked_about(tmp_path: Path) -> None:
    """Nobody can list everything that is over there."""
    async with stage(tmp_path, model=asking("demo.delete_customer")) as s:
        await s.say("Please delete the customer who asked for it.")
        await s.fill(s.card, {"customer": "example"})
        assert "write more of it" in told(s)
        assert (await waiting(s)).waits == ("customer",)


async def test_what_a_person_types_in_the_exact_words_is_typed(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.ship_order order=1007 tracking=FR-7")
        assert s.shop.order("1007").status == "shipped"


async def test_an_owner_says_otherwise_and_back_again_and_the_ledger_knows(tmp_path: Path) -> None:
    async with stage(tmp_path, model=shipping()) as s:
        await s.say("fields demo.ship_order")
        assert "• tracking: manual (a person types), as the system says" in s.last
        await s.say("set demo.ship_order tracking auto")
        assert s.last.startswith("demo.ship_order tracking: auto (the mind)")
        await s.say("fields")
        assert s.last == "• demo.ship_order tracking: auto (the mind)"
        await s.say("Please ship order 1007.")
        assert s.shop.order("1007").tracking == "INVENTED-1"
        await s.say("set demo.ship_order tracking manual")
        await s.say("fields")
        assert "Nobody has set a field" in s.last
        freed, back = await ledger(s, "field_set")
        assert (freed["declared"], freed["before"]["mode"], freed["after"]["mode"]) == (
            "manual",
            "manual",
            "auto",
        )
        assert (back["before"]["mode"], back["after"]["mode"]) == ("auto", "manual")


async def test_a_default_goes_with_what_the_system_says(tmp_path: Path) -> None:
    async with stage(tmp_path, model=shipping()) as s:
        await s.say("set demo.ship_order tracking default “by hand”")
        assert "manual (a person types), as the system says, default by hand" in s.last
        await s.say("Please ship order 1007.")
        assert s.shop.order("1007").tracking == "by hand"
        await s.say("set demo.ship_order tracking default")
        await s.say("fields")
        assert "Nobody has set a field" in s.last


async def test_undo_takes_a_setting_back_to_what_the_system_says(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("set demo.ship_order tracking auto")
        await s.say(f"undo {s.last.rsplit('undo ', 1)[1].rstrip(')')}")
        await s.say("fields demo.ship_order")
        assert "• tracking: manual (a person types), as the system says" in s.last


async def on_slack(talk: Talk) -> None:
    """The form that the button opens."""
    slack = cast("OnSlack", talk)
    card = next(each for each in reversed(slack.twin.messages) if _button(each, "Fill in"))
    button = _button(card, "Fill in")
    body, headers = slack_events.request(
        slack_events.pressed(button["action_id"], button["value"], user=ALICE, ts=card["ts"])
    )
    await slack.http.post("/slack/events", content=body, headers=headers)

    async def opened() -> Json:
        return slack.twin.views[-1] if slack.twin.views else None

    view = await until(opened, "no form was opened")
    body, headers = slack_events.request(slack_events.submitted(view, {"tracking": "FR-7"}, user=ALICE))
    answer = await slack.http.post("/slack/events", content=body, headers=headers)
    assert answer.status_code == 200


async def on_telegram(talk: Talk) -> None:
    """One question, and the answer."""
    telegram = cast("OnTelegram", talk)
    twin = telegram.twin
    card = next(each for each in reversed(twin.messages()) if "Fill in" in buttons(each))
    twin.press("Fill in", message=card["message_id"])
    await telegram.hears("Tracking number (1 of 1)")
    await telegram.say("FR-7")


async def on_the_web(talk: Talk) -> None:
    """A page with a form."""
    web = cast("OnTheWeb", talk)
    link = re.search(r'href="(/form/[^"]+)"', (await web.http.get("/chat")).text)
    assert link is not None
    page = (await web.http.get(html.unescape(link[1]))).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
    address = link[1].partition("?")[0]
    answer = await web.http.post(address, data={**hidden, "field.order": "1007", "field.tracking": "FR-7"})
    assert answer.status_code == 303, answer.text


FILLS: Mapping[str, Callable[[Talk], Awaitable[None]]] = {
    "slack": on_slack,
    "telegram": on_telegram,
    "web": on_the_web,
}


def _button(message: Json, label: str) -> Json:
    return next(
        (
            each
            for block in message.get("blocks") or ()
            if block["type"] == "actions"
            for each in block["elements"]
            if each["text"]["text"] == label
        ),
        None,
    )


@pytest.mark.parametrize("chat", FILLS)
async def test_each_chat_asks_a_person_in_its_own_way(chat: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        s = await stack.enter_async_context(stage(tmp_path, model=shipping()))
        await s.store.write(_known)
        talk = await stack.enter_async_context(CHATS[chat](s, tmp_path))
        await talk.say("Please ship order 1007.")
        await until(lambda: _asks(talk), "no card waits")
        await FILLS[chat](talk)
        assert "FR-7" in await talk.card("Ship an order", "1007")
        assert s.shop.order("1007").status == "open"
        await talk.approve()
        # Telegram takes one message a second in a chat, by the clock of the stage.
        await s.forward(timedelta(seconds=10))
        await talk.becomes("✓ Done")
        await s.rest()
        assert s.shop.order("1007").status == "shipped"
        assert "INVENTED" not in await talk.seen()


async def _asks(talk: Talk) -> bool:
    if isinstance(talk, OnTheWeb):
        return "Fill in" in (await talk.http.get("/chat")).text
    return "Fill in" in await talk.seen()


def _known(tx: Tx) -> None:
    olivia = tx.people.get("per_olivia")
    assert olivia is not None
    for account in ACCOUNTS:
        olivia = olivia.linked(account)
    tx.people.put(olivia)
