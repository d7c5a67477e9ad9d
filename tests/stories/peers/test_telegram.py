"""Telegram, told by the real program and the real python-telegram-bot against a strict twin of the Bot API, by
long polling and by webhook.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

import pytest
import pytest_asyncio

from bot.values import Json
from tests.running import Program, free_port, running
from tests.stories.peers.record import euros, events_of, ledger_holds, refunds
from tests.twins import telegram
from tests.twins.telegram import ANA, BEN, GROUP, TOKEN, Twin, buttons

pytestmark = pytest.mark.asyncio(loop_scope="module")
Mode = Literal["polling", "webhook"]
SECRET = "hook-secret-of-the-stories"
OWNERS = (ANA, *range(801, 821))
"""Owners by the settings: each story has its own, because Telegram lets a bot write once a second to one person."""


@dataclass(frozen=True)
class Scene:
    """The program and everybody on Telegram."""

    program: Program
    twin: Twin
    owners: Iterator[int] = field(default_factory=lambda: iter(OWNERS[1:]))

    @property
    def home(self) -> Path:
        return self.program.home

    async def says(self, *words: str, chat: int = ANA) -> Json:
        """The newest message of the bot that says all of these words."""
        return await self.twin.until(lambda: self._newest(words, chat))

    def _newest(self, words: tuple[str, ...], chat: int) -> Json:
        found = [m for m in self.twin.messages(chat) if all(word in m["text"] for word in words)]
        return found[-1] if found else None

    async def after(self, message: Json, words: str) -> Json:
        """The first message of the bot behind this one that says these words."""
        chat, least = message["chat"]["id"], message["message_id"]
        return await self.twin.until(
            lambda: next(
                (m for m in self.twin.messages(chat) if words in m["text"] and m["message_id"] > least), None
            )
        )

    async def card(self, *words: str, chat: int = ANA) -> Json:
        """The newest card that can be approved and shows these words."""
        return await self.twin.until(
            lambda: next(
                (
                    m
                    for m in reversed(self.twin.messages(chat))
                    if "Approve" in buttons(m) and all(word in m["text"] for word in words)
                ),
                None,
            )
        )

    async def stub(self, before: int) -> Json:
        """What stands for a card in the group, once it does after so many messages."""
        return await self.twin.until(
            lambda: next(
                (m for m in self.twin.messages(GROUP)[before:] if "Open in private" in buttons(m)), None
            )
        )

    async def approve(self, card: Json, *, user: int = ANA) -> None:
        """Presses Approve, and then Yes, as an irreversible action wants it."""
        chat, message = card["chat"]["id"], card["message_id"]
        self.twin.press("Approve", message=message, user=user, chat=chat)
        await self.twin.until(lambda: "Yes, approve" in buttons(self.twin.standing[chat][message]))
        self.twin.press("Yes, approve", message=message, user=user, chat=chat)

    async def becomes(self, card: Json, words: str) -> Json:
        """The same message, once it says these words."""
        chat, message = card["chat"]["id"], card["message_id"]
        await self.twin.until(lambda: words in self.twin.standing[chat][message]["text"])
        return self.twin.standing[chat][message]

    async def told(self, query: str) -> str:
        """The answer to a press, as it pops up."""
        return str(await self.twin.until(lambda: self.twin.queries[query].text))


@asynccontextmanager
async def scene_of(mode: Mode, home: Path, owners: Sequence[int] = ()) -> AsyncGenerator[Scene]:
    port = free_port()
    async with telegram.running() as twin:
        settings = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": twin.api_url,
            "VIGIE_OWNERS": ",".join(f"telegram:{user}" for user in owners),
        }
        if mode == "webhook":
            settings["TELEGRAM_WEBHOOK_URL"] = f"http://127.0.0.1:{port}"
            settings["TELEGRAM_WEBHOOK_SECRET"] = SECRET
        async with running(home, "demo", settings=settings, port=port) as program:
            yield Scene(program, twin)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["polling", "webhook"])
async def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Scene]:
    mode = cast("Mode", request.param)
    async with scene_of(mode, tmp_path_factory.mktemp(mode), OWNERS) as made:
        yield made


async def test_a_request_becomes_a_card_two_presses_and_a_receipt_in_its_place(scene: Scene) -> None:
    scene.twin.say("do demo.refund order=1007 amount=20 reason=late")
    card = await scene.card("1007")
    assert refunds(scene.home, "1007") == []
    await scene.approve(card)
    receipt = await scene.becomes(card, "✓ Done")
    assert "€20.00 of order 1007 went back to Gigi Hamilton" in receipt["text"]
    assert "Approved by Ana" in receipt["text"]
    assert not buttons(receipt)
    assert refunds(scene.home, "1007") == [euros("20")]


async def test_one_press_only_asks_again_and_back_takes_it_back(scene: Scene) -> None:
    me = next(scene.owners)
    scene.twin.say("do demo.refund order=1010 amount=1", user=me)
    card = await scene.card("1010", chat=me)
    query = scene.twin.press("Approve", message=card["message_id"], user=me)
    assert "Yes, approve" in await scene.told(query)
    await scene.twin.until(lambda: "Back" in buttons(scene.twin.standing[me][card["message_id"]]))
    scene.twin.press("Back", message=card["message_id"], user=me)
    await scene.twin.until(lambda: "Approve" in buttons(scene.twin.standing[me][card["message_id"]]))
    scene.twin.press("Deny", message=card["message_id"], user=me)
    await scene.becomes(card, "✗ Denied by User")
    assert refunds(scene.home, "1010") == []


async def test_an_edit_asks_field_by_field_and_makes_a_new_card(scene: Scene) -> None:
    me = next(scene.owners)
    scene.twin.say("do demo.refund order=1011 amount=30", user=me)
    card = await scene.card("1011", chat=me)
    old = buttons(card)["Approve"]
    scene.twin.press("Edit", message=card["message_id"], user=me)
    asked = await scene.says("Order (1 of 3)", chat=me)
    scene.twin.press("Keep it", message=asked["message_id"], user=me)
    await scene.says("Amount (2 of 3)", chat=me)
    scene.twin.say("a lot", user=me)
    await scene.says("does not fit", chat=me)
    scene.twin.say("12.50", user=me)
    await scene.says("Reason (3 of 3)", chat=me)
    scene.twin.say(".", user=me)
    await scene.becomes(card, "Replaced by a newer card")
    edited = await scene.card("1011", "€12.50", chat=me)
    assert edited["message_id"] != card["message_id"]
    query = scene.twin.press(data=old.replace("1A", "1a", 1), message=card["message_id"], user=me)
    assert "no longer valid" in await scene.told(query), "a button that asks first is not one that does"
    await scene.approve(edited, user=me)
    await scene.becomes(edited, "✓ Done")
    assert refunds(scene.home, "1011") == [euros("12.50")]


async def test_the_button_of_a_replaced_card_is_refused_in_words(scene: Scene) -> None:
    me = next(scene.owners)
    scene.twin.say("do demo.discount order=1020 percent=10", user=me)
    card = await scene.card("1020", chat=me)
    old = buttons(card)["Approve"]
    scene.twin.press("Edit", message=card["message_id"], user=me)
    for asked, answer in {"Order (1 of 2)": ".", "Percent (2 of 2)": "5"}.items():
        await scene.says(asked, chat=me)
        scene.twin.say(answer, user=me)
    await scene.becomes(card, "Replaced by a newer card")
    query = scene.twin.press(data=old, message=card["message_id"], user=me)
    assert "out of date" in await scene.told(query)


async def test_in_a_group_it_hears_its_name_and_its_commands_and_nothing_else(scene: Scene) -> None:
    scene.twin.say("what a day", chat=GROUP)
    scene.twin.say("@vigie_bot status", chat=GROUP)
    await scene.says("On watch.", chat=GROUP)
    scene.twin.say("/missions@vigie_bot", chat=GROUP)
    await scene.says("Watch for late orders", chat=GROUP)
    assert len(scene.twin.messages(GROUP)) == 2
    menu = scene.twin.commands["all_group_chats", ""]
    assert "missions" in [each["command"] for each in menu]


async def test_a_command_is_words(scene: Scene) -> None:
    me = next(scene.owners)
    scene.twin.say("/missions", user=me)
    await scene.says("1 · Watch for late orders", chat=me)


async def test_a_stranger_is_told_once_how_to_be_let_in(scene: Scene) -> None:
    scene.twin.say("hello", user=BEN)
    await scene.says("revendique CODE", chat=BEN)
    scene.twin.say("do demo.refund order=1013 amount=1", user=BEN)
    scene.twin.say("status", user=(me := next(scene.owners)))
    await scene.says("On watch.", chat=me)
    assert len(scene.twin.messages(BEN)) == 1
    assert refunds(scene.home, "1013") == []


async def test_forged_data_does_nothing_and_says_so(scene: Scene) -> None:
    me = next(scene.owners)
    scene.twin.say("do demo.refund order=1013 amount=2", user=me)
    card = await scene.card("1013", chat=me)
    genuine = buttons(card)["Approve"]
    forged = ("approve", "1", "é" * 20, genuine[:-1] + "!", genuine.replace("1A", "1a", 1))
    pressed = [scene.twin.press(data=data, message=card["message_id"], user=me) for data in forged]
    assert ["no longer valid" in await scene.told(query) for query in pressed] == [True] * len(forged)
    assert refunds(scene.home, "1013") == []


async def test_a_card_asked_for_in_a_group_goes_to_its_approver_in_private(scene: Scene) -> None:
    """SAFETY 37"""
    me, stub = next(scene.owners), "Open in private"
    before = len(scene.twin.messages(GROUP))
    scene.twin.say("@vigie_bot do demo.refund order=1014 amount=2 reason=broken", user=me, chat=GROUP)
    shown = await scene.stub(before)
    assert list(buttons(shown)) == [stub], "nothing to approve where everybody reads"
    assert "R3" in shown["text"]
    assert "https://t.me/vigie_bot" in shown["text"], "the way to a private chat"
    stranger = scene.twin.press(stub, user=BEN, message=shown["message_id"], chat=GROUP)
    assert "not for you" in await scene.told(stranger)
    early = scene.twin.press(stub, user=me, message=shown["message_id"], chat=GROUP)
    assert "Write to me in private first" in await scene.told(early)
    assert scene.twin.messages(me) == []

    scene.twin.say("/start", user=me)
    card = await scene.card("1014", "€2.00", "broken", chat=me)
    again = scene.twin.press(stub, user=me, message=shown["message_id"], chat=GROUP)
    assert "in our private chat" in await scene.told(again)
    newest = await scene.twin.until(
        lambda: next(
            (
                m
                for m in scene.twin.messages(me)
                if "Approve" in buttons(m) and m["message_id"] > card["message_id"]
            ),
            None,
        )
    )
    scene.twin.say("@vigie_bot pending", user=me, chat=GROUP)
    code = str(shown["text"]).partition("Code: ")[2][:4]
    await scene.says(f"{code} · demo.refund", chat=GROUP)
    await scene.approve(newest, user=me)
    await scene.becomes(newest, "€2.00 of order 1014 went back")
    await scene.twin.until(lambda: [m for m in scene.twin.messages(GROUP)[before:] if "✓ Done" in m["text"]])
    assert refunds(scene.home, "1014") == [euros("2")]
    said = "\n".join(str(m["text"]) for m in scene.twin.messages(GROUP)[before:])
    assert not [each for each in ("1014", "2.00", "broken", "Gigi") if each in said], said


async def test_an_edit_in_private_leaves_the_group_without_its_details(scene: Scene) -> None:
    """SAFETY 37"""
    me = next(scene.owners)
    scene.twin.say("hello", user=me)
    await scene.twin.until(lambda: scene.twin.messages(me))
    before = len(scene.twin.messages(GROUP))
    scene.twin.say("@vigie_bot do demo.discount order=1020 percent=12", user=me, chat=GROUP)
    card = await scene.card("1020", chat=me)
    scene.twin.press("Edit", message=card["message_id"], user=me)
    for asked, answer in {"Order (1 of 2)": ".", "Percent (2 of 2)": "7"}.items():
        await scene.says(asked, chat=me)
        scene.twin.say(answer, user=me)
    await scene.becomes(card, "Replaced by a newer card")
    edited = await scene.card("7", chat=me)
    scene.twin.press("Deny", message=edited["message_id"], user=me)
    await scene.becomes(edited, "✗ Denied")
    await scene.twin.until(
        lambda: [m for m in scene.twin.messages(GROUP)[before:] if "✗ Denied" in m["text"]]
    )
    said = "\n".join(str(m["text"]) for m in scene.twin.messages(GROUP)[before:])
    assert not [each for each in ("1020", "12%", "7%") if each in said], said


async def test_a_form_is_left_for_a_command_and_for_good_and_goes_on_where_it_stopped(scene: Scene) -> None:
    me = next(scene.owners)
    scene.twin.say("do demo.refund order=1012 amount=30", user=me)
    card = await scene.card("1012", chat=me)
    scene.twin.press("Edit", message=card["message_id"], user=me)
    first = await scene.says("Order (1 of 3)", chat=me)
    scene.twin.press("Keep it", message=first["message_id"], user=me)
    asked = await scene.says("Amount (2 of 3)", chat=me)
    assert buttons(await scene.becomes(first, "Order: 1012")) == {}
    scene.twin.say("/status", user=me)
    await scene.says("On watch", chat=me)
    again = await scene.after(asked, "Amount (2 of 3)")
    assert buttons(await scene.becomes(asked, "asked again below")) == {}
    scene.twin.say("cancel", user=me)
    await scene.says("Edit goes on where you stopped", chat=me)
    assert buttons(await scene.becomes(again, "left as it was")) == {}
    scene.twin.say("status", user=me)
    scene.twin.press("Edit", message=card["message_id"], user=me)
    await scene.after(again, "Amount (2 of 3)")
    scene.twin.say("12.50", user=me)
    await scene.says("Reason (3 of 3)", chat=me)
    scene.twin.say("parcel lost", user=me)
    edited = await scene.card("1012", "€12.50", "parcel lost", chat=me)
    await scene.becomes(card, "Replaced by a newer card")
    scene.twin.press("Deny", message=edited["message_id"], user=me)
    await scene.becomes(edited, "✗ Denied by User")


async def test_an_update_that_comes_twice_is_handled_once(scene: Scene) -> None:
    me = next(scene.owners)
    before = len(scene.twin.messages(me))
    message = scene.twin.say("status twice", user=me)
    scene.twin.waiting.append(dict(scene.twin.waiting[-1]))
    scene.twin.say("pending", user=me)
    await scene.says("press", chat=me)
    await scene.twin.until(lambda: not scene.twin.waiting)
    assert events_of(scene.home, f":m{me}.{message}") == 1
    assert len([m for m in scene.twin.messages(me)[before:] if "twice" in m["text"]]) <= 1


async def test_a_mission_wakes_by_itself_and_asks_and_reports_where_it_was_started(scene: Scene) -> None:
    me = next(scene.owners)
    scene.twin.say("in 1 second, do demo.late_orders days=6", user=me)
    scene.twin.say("in 1 second, do demo.refund order=1016 amount=3", user=me)
    await scene.says("1007", "Gigi Hamilton", "late", chat=me)
    card = await scene.card("1016", chat=me)
    await scene.approve(card, user=me)
    await scene.becomes(card, "✓ Done")
    assert refunds(scene.home, "1016") == [euros("3")]


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_whoever_brings_the_code_owns_it_and_their_old_card_pressed_after_a_power_cut_refunds_once(
    mode: Mode, tmp_path: Path
) -> None:
    async with scene_of(mode, tmp_path) as scene:
        scene.twin.say(f"claim {scene.program.link.partition('token=')[2]}")
        await scene.says("Welcome back, Ana")
        scene.twin.say("do demo.refund order=1007 amount=20")
        card = await scene.card("1007")
        await scene.program.kill()
        # Pressed while nobody was there: Telegram keeps it.
        scene.twin.press("Approve", message=card["message_id"])
        await scene.program.start()
        await scene.twin.until(
            lambda: "Yes, approve" in buttons(scene.twin.standing[ANA][card["message_id"]])
        )
        yes = buttons(scene.twin.standing[ANA][card["message_id"]])["Yes, approve"]
        scene.twin.press(data=yes, message=card["message_id"])
        again = scene.twin.press(data=yes, message=card["message_id"])
        receipt = await scene.becomes(card, "✓ Done")
        assert not buttons(receipt)
        assert "Ana approved this already" in await scene.told(again)
        assert refunds(tmp_path, "1007") == [euros("20")]
        await scene.program.stop()
        assert await ledger_holds(tmp_path)
