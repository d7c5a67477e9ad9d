"""What every implementation of the port `bot.world.Chat` promises.

A platform's module subclasses `ChatContract` and gives a fixture `stage`: its chat against a working twin of the
platform, with two places a person can see. Nothing here knows a platform; what a platform cannot do its stage says
(`finds`, `edits_in_place`), and the suite then asks for the honest alternative.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import pytest

from adapters.speech.languages import tongues
from bot.cards import Button, Card, Row, Tone
from bot.effects import File, Notice, Question, Text
from bot.errors import Failed, OutcomeUnknown, Unknowable, Unreachable
from bot.events import Press, Verb
from bot.ids import reference
from bot.people import Identity
from bot.places import Place
from bot.world import Chat, Sending

ENGLISH = tongues()("en")
Trouble = Literal["away", "busy", "lost answer", "lost file"]
"""`away`: nobody answers at the address. `busy`: "ask again in 1 second". `lost answer`: it is done, and the
connection breaks before the answer. `lost file`: so it is with the last step that puts a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message as a person sees it: its words without markup, and what is on its buttons."""

    id: str
    text: str
    buttons: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    """What is read beside it: names with what they hold."""


class Stage(Protocol):
    """A chat, the platform behind it, and the people on it."""

    chat: Chat
    private: Place
    group: Place
    person: Identity
    finds: bool
    """Whether `look_up` can find a message; else it must raise Unknowable."""

    async def seen(self, place: Place) -> Sequence[Seen]:
        """The assistant's messages that stand in the place, oldest first."""
        ...

    async def press(self, place: Place, label: str) -> Press:
        """The person presses the button with that label on the newest message that has one; what arrives."""
        ...

    async def told(self, press: Press) -> str:
        """What the presser was told in answer, wherever the platform shows it."""
        ...

    async def trouble(self, kind: Trouble) -> None:
        """The next message of the assistant meets it. (`away` may last.)"""
        ...

    async def nowhere(self) -> Place:
        """A place the assistant may not write to."""
        ...


def sending(
    content: Text | Card | Question | Notice, place: Place, *, ref: str = "", key: str = "eff_1"
) -> Sending:
    return Sending(key=key, slot="slot", place=place, content=content, tongue=ENGLISH, ref=ref)


def card(**more: str) -> Card:
    return Card(
        ref=reference(),
        revision=3,
        code="7QK2",
        title="Refund an order",
        tone=Tone.DANGER,
        rows=(
            Row(label="Account", value="Demo shop (live)"),
            Row(label="Status", value="refunded", before="paid"),
            Row(label="Amount", value="49.90 EUR"),
        ),
        reason=more.get("reason", "It is two weeks late."),
        status=more.get("status", ""),
        buttons=()
        if more.get("status")
        else (
            Button(verb=Verb.APPROVE, label="Approve", primary=True),
            Button(verb=Verb.DENY, label="Deny", danger=True),
            Button(verb=Verb.DETAILS, label="Details"),
        ),
    )


FILED = ("mission-3-2026-11-21-7QK2.txt", "\n".join(f"Sentence {n} of a report: é ⟦ *." for n in range(300)))
REPORT = Text(text="Sentence 0 …\nAll of it is in the file.", file=File(name=FILED[0], text=FILED[1]))


def in_order(text: str, *words: str) -> bool:
    """Whether the words stand in the text one after the other."""
    at = 0
    for word in words:
        at = text.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


class ChatContract:
    """Subclass it in a module of the platform's own, with a fixture `stage`."""

    async def test_it_is_named_as_its_places_are(self, stage: Stage) -> None:
        assert stage.chat.platform == stage.private.platform == stage.group.platform

    async def test_words_are_posted_once(self, stage: Stage) -> None:
        ref = await stage.chat.send(sending(Text(text="Good morning."), stage.private))
        (seen,) = await stage.seen(stage.private)
        assert (seen.id, seen.text) == (ref, "Good morning.")

    async def test_an_edit_changes_the_message_and_posts_nothing(self, stage: Stage) -> None:
        ref = await stage.chat.send(sending(Text(text="One."), stage.private))
        assert await stage.chat.send(sending(Text(text="Two."), stage.private, ref=ref)) == ref
        assert [each.text for each in await stage.seen(stage.private)] == ["Two."]

    async def test_an_edit_may_be_repeated(self, stage: Stage) -> None:
        ref = await stage.chat.send(sending(Text(text="One."), stage.private))
        edit = sending(card(), stage.private, ref=ref)
        assert await stage.chat.send(edit) == await stage.chat.send(edit) == ref
        assert len(await stage.seen(stage.private)) == 1

    async def test_what_looks_like_markup_stays_characters(self, stage: Stage) -> None:
        nasty = (
            "*not bold* <b>x</b> [good](https://evil.test) <https://evil.test|good> &lt; <!channel> ~a~ ||b||"
        )
        await stage.chat.send(sending(Text(text=nasty), stage.group))
        assert (await stage.seen(stage.group))[-1].text == nasty

    async def test_light_marks_are_drawn_when_asked_for(self, stage: Stage) -> None:
        await stage.chat.send(sending(Text(text="It is **late** by `3` days.", mark=True), stage.private))
        assert (await stage.seen(stage.private))[-1].text == "It is late by 3 days."

    async def test_a_very_long_text_arrives_whole(self, stage: Stage) -> None:
        text = " ".join(f"Sentence number {n} of a long report." for n in range(300))
        await stage.chat.send(sending(Text(text=text), stage.private))
        arrived = " ".join(each.text for each in await stage.seen(stage.private))
        assert arrived.split() == text.split()

    async def test_a_file_stands_beside_its_words_and_holds_every_character(self, stage: Stage) -> None:
        ref = await stage.chat.send(sending(REPORT, stage.group))
        (seen,) = await stage.seen(stage.group)
        assert (seen.id, seen.text) == (ref, REPORT.text)
        assert seen.files == (FILED,)

    async def test_a_file_that_is_put_again_is_one_file(self, stage: Stage) -> None:
        ref = await stage.chat.send(sending(REPORT, stage.private))
        assert await stage.chat.send(sending(REPORT, stage.private, ref=ref)) == ref
        assert [each.files for each in await stage.seen(stage.private)] == [(FILED,)]

    async def test_words_that_stand_alone_get_their_file_later(self, stage: Stage) -> None:
        ref = await stage.chat.send(sending(Text(text="The model cannot be reached."), stage.private))
        after = await stage.chat.send(sending(REPORT, stage.private, ref=ref))
        (seen,) = await stage.seen(stage.private)
        assert (seen.id, seen.text, seen.files) == (after, REPORT.text, (FILED,))

    async def test_an_edit_without_the_file_leaves_nothing_of_it(self, stage: Stage) -> None:
        ref = await stage.chat.send(sending(REPORT, stage.private))
        edit = sending(Text(text="(forgotten)"), stage.private, ref=ref)
        await stage.chat.send(replace(edit, ref=await stage.chat.send(edit)))
        (seen,) = await stage.seen(stage.private)
        assert seen.text == "(forgotten)"
        assert "Sentence" not in str(seen.files)

    async def test_a_file_whose_answer_was_lost_is_found_and_not_put_twice(self, stage: Stage) -> None:
        await stage.trouble("lost file")
        lost = sending(REPORT, stage.private)
        with pytest.raises(OutcomeUnknown):
            await stage.chat.send(lost)
        if stage.finds:
            ref = await stage.chat.look_up(lost)
            assert ref
            await stage.chat.send(replace(lost, ref=ref))
            assert [each.files for each in await stage.seen(stage.private)] == [(FILED,)]
        else:
            with pytest.raises(Unknowable):
                await stage.chat.look_up(lost)

    async def test_a_card_shows_every_fact_in_order_and_the_reason_last(self, stage: Stage) -> None:
        await stage.chat.send(sending(card(), stage.group))
        (seen,) = await stage.seen(stage.group)
        assert in_order(
            *(seen.text, "Refund an order", "Account", "Demo shop (live)", "Status", "paid", "refunded"),
            *("Amount", "49.90 EUR", "It is two weeks late."),
        )
        assert seen.buttons == ("Approve", "Deny", "Details")

    async def test_a_press_names_the_card_that_was_on_the_screen(self, stage: Stage) -> None:
        shown = card()
        ref = await stage.chat.send(sending(shown, stage.private))
        press = await stage.press(stage.private, "Deny")
        assert (press.ref, press.revision, press.verb) == (shown.ref, 3, Verb.DENY)
        assert press.who == stage.person
        assert press.message in ("", ref)

    async def test_the_receipt_takes_the_place_of_the_card(self, stage: Stage) -> None:
        ref = await stage.chat.send(sending(card(), stage.private))
        await stage.chat.send(sending(card(status="✓ Done: refunded"), stage.private, ref=ref))
        (seen,) = await stage.seen(stage.private)
        assert "✓ Done: refunded" in seen.text
        assert seen.buttons == ()

    async def test_a_choice_comes_back_with_its_value(self, stage: Stage) -> None:
        question = Question(
            text="Which currency?", ref=reference(), revision=2, choices=(("eur", "Euro"), (".", "Keep it"))
        )
        await stage.chat.send(sending(question, stage.private))
        press = await stage.press(stage.private, "Euro")
        assert (press.verb, press.ref, press.revision, press.value) == (Verb.CHOOSE, question.ref, 2, "eur")

    async def test_the_answer_to_a_press_reaches_its_presser(self, stage: Stage) -> None:
        await stage.chat.send(sending(card(), stage.group))
        press = await stage.press(stage.group, "Approve")
        before = len(await stage.seen(stage.group))
        notice = Notice(text="This is not yours to press.", to=press.who, answer_to=press.answer_to)
        await stage.chat.send(sending(notice, stage.group))
        assert "not yours to press" in await stage.told(press)
        assert len(await stage.seen(stage.group)) == before

    async def test_words_that_may_be_a_repetition_say_so(self, stage: Stage) -> None:
        await stage.chat.send(replace(sending(Text(text="Done."), stage.private), doubtful=True))
        assert "possibly repeated" in (await stage.seen(stage.private))[-1].text

    async def test_nobody_there_means_certainly_not_sent(self, stage: Stage) -> None:
        await stage.trouble("away")
        with pytest.raises(Unreachable):
            await stage.chat.send(sending(Text(text="One."), stage.private))

    async def test_a_busy_platform_says_when_to_come_back(self, stage: Stage) -> None:
        await stage.trouble("busy")
        with pytest.raises(Unreachable) as found:
            await stage.chat.send(sending(Text(text="One."), stage.private))
        assert found.value.retry_after == 1
        assert not await stage.seen(stage.private)

    async def test_a_lost_answer_is_unknown_until_it_is_looked_up(self, stage: Stage) -> None:
        await stage.trouble("lost answer")
        lost = sending(Text(text="One."), stage.private, key="eff_lost")
        with pytest.raises(OutcomeUnknown):
            await stage.chat.send(lost)
        (seen,) = await stage.seen(stage.private)
        if stage.finds:
            assert await stage.chat.look_up(lost) == seen.id
            assert await stage.chat.look_up(replace(lost, key="eff_never")) is None
        else:
            with pytest.raises(Unknowable):
                await stage.chat.look_up(lost)

    async def test_a_place_that_is_closed_to_us_is_a_failure_in_words(self, stage: Stage) -> None:
        with pytest.raises(Failed) as found:
            await stage.chat.send(sending(Text(text="One."), await stage.nowhere()))
        assert len(str(found.value).split()) > 3

    async def test_progress_grows_in_one_message_that_the_answer_replaces(self, stage: Stage) -> None:
        ref = await stage.chat.progress(stage.private, slot="slot", words="Looking", ref="")
        ref = await stage.chat.progress(stage.private, slot="slot", words="Looking into it", ref=ref)
        await stage.chat.send(sending(Text(text="Found."), stage.private, ref=ref))
        assert [each.text for each in await stage.seen(stage.private)] == ["Found."]

    async def test_progress_raises_nothing(self, stage: Stage) -> None:
        await stage.trouble("away")
        assert await stage.chat.progress(stage.private, slot="slot", words="", ref="") == ""
        assert await stage.chat.progress(stage.private, slot="slot", words="Looking", ref="12") == "12"
