"""The terminal chat through its pipe: lines in, words and numbered buttons out."""

import asyncio
import io
import os
import re
from dataclasses import dataclass, field

import pytest

from adapters.chat.terminal import PLACE, WHO, TerminalDoor
from adapters.speech.languages import tongues
from bot.cards import Button, Card, Row, Tone
from bot.effects import Notice, Question, Text
from bot.errors import Unknowable
from bot.events import Message, Press, Verb
from bot.inbox import Arrival
from bot.world import Sending

Content = Text | Card | Question | Notice


def card(
    *,
    ref: str = "r1",
    revision: int = 1,
    status: str = "",
    confirm: str = "",
    verbs: tuple[Verb, ...] = (Verb.APPROVE, Verb.DENY),
) -> Card:
    return Card(
        ref=ref,
        revision=revision,
        code="7K2M",
        title="Refund an order",
        tone=Tone.DANGER,
        rows=(Row(label="Risk", value="R3"), Row(label="Paid back", value="€20.00", before="€0.00")),
        reason="it is late",
        status=status,
        buttons=() if status else tuple(Button(verb=v, label=v.title(), confirm=confirm) for v in verbs),
    )


@dataclass
class Talk:
    """A terminal whose other end is a script: `answers` holds what is sent for each arrival, in turn."""

    answers: list[list[tuple[str, Content]]]
    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    out: io.StringIO = field(default_factory=io.StringIO)
    door: TerminalDoor = field(init=False)

    async def run(self, *lines: str) -> str:
        """All the lines through the pipe; what was printed when it ended."""
        source = io.StringIO("".join(f"{line}\n" for line in lines))
        self.door = TerminalDoor(
            accept=self.accept, tongues=tongues(), source=source, out=self.out, quiet=0.02
        )
        async with asyncio.timeout(30):
            await self.door.run()
        return self.out.getvalue()

    async def accept(self, arrival: Arrival) -> bool:
        self.arrivals.append(arrival)
        for slot, content in self.answers.pop(0) if self.answers else [("s", Text(text="ok"))]:
            await self.door.chat.send(sending(content, slot))
        return True

    @property
    def presses(self) -> list[Press]:
        return [arrival.body for arrival in self.arrivals if isinstance(arrival.body, Press)]

    @property
    def messages(self) -> list[str]:
        return [arrival.body.text for arrival in self.arrivals if isinstance(arrival.body, Message)]


def sending(content: Content, slot: str = "s", *, doubtful: bool = False) -> Sending:
    return Sending(
        key="e", slot=slot, place=PLACE, content=content, tongue=tongues()("en"), doubtful=doubtful
    )


async def test_a_line_is_a_message_and_its_answer_is_printed() -> None:
    talk = Talk([[("s", Text(text="On watch."))]])
    assert "On watch.\n" in await talk.run("status", "")
    [arrival] = talk.arrivals
    assert talk.messages == ["status"]
    assert arrival.place == PLACE
    assert arrival.key.startswith("terminal:")


async def test_every_line_has_a_key_of_its_own() -> None:
    talk = Talk([])
    await talk.run("one", "one")
    assert len({arrival.key for arrival in talk.arrivals}) == 2


async def test_a_number_presses_the_button_it_stands_on() -> None:
    talk = Talk([[("c", card())]])
    printed = await talk.run("refund", "2")
    assert "[1] Approve  [2] Deny" in printed
    assert "Paid back  €0.00 → €20.00" in printed
    [press] = talk.presses
    assert (press.ref, press.revision, press.verb, press.message) == ("r1", 1, Verb.DENY, "c")
    assert press.who == WHO


async def test_a_number_is_never_given_to_a_second_card() -> None:
    talk = Talk([[("a", card(ref="first")), ("b", card(ref="second"))]])
    printed = await talk.run("both", "1", "3")
    assert "[3] Approve" in printed
    assert [press.ref for press in talk.presses] == ["first", "second"]


async def test_a_settled_card_can_no_longer_be_pressed() -> None:
    talk = Talk([[("c", card())], [("c", card(status="✓ Done"))]])
    printed = await talk.run("refund", "1", "1")
    assert "✓ Done" in printed
    assert len(talk.presses) == 1
    assert talk.messages == ["refund", "1"]


async def test_what_cannot_be_undone_asks_again_and_takes_only_a_yes() -> None:
    talk = Talk([[("c", card(confirm="Really?"))]])
    printed = await talk.run("refund", "1", "maybe", "1", "oui")
    assert printed.count("Really?") == 2
    assert "Left as it is." in printed
    assert len(talk.presses) == 1


async def test_while_a_form_is_filled_a_number_is_an_answer() -> None:
    talk = Talk([[("c", card(verbs=(Verb.EDIT, Verb.DENY)))], [("q", Text(text="How many?"))]])
    await talk.run("refund", "1", "2")
    assert [press.verb for press in talk.presses] == [Verb.EDIT]
    assert talk.messages == ["refund", "2"]
    talk = Talk([[("c", card(verbs=(Verb.EDIT, Verb.DENY)))], [("q", Text(text="How many?"))]])
    await talk.run("refund", "1", "[2]")
    assert [press.verb for press in talk.presses] == [Verb.EDIT, Verb.DENY]


async def test_a_question_is_answered_by_number() -> None:
    question = Question(text="Which one?", ref="q1", choices=(("a", "Alice"), ("b", "Bob")))
    talk = Talk([[("q", question)]])
    printed = await talk.run("who", "2")
    assert "[1] Alice  [2] Bob" in printed
    [press] = talk.presses
    assert (press.verb, press.value, press.ref) == (Verb.CHOOSE, "b", "q1")


@pytest.mark.parametrize("text", ["\x1b[31mred", "\x9b2J", "a\u202eb", "\x07", "over\rwritten"])
async def test_nobodys_words_can_steer_the_terminal(text: str) -> None:
    printed = await Talk([[("s", Text(text=text)), ("q", Question(text=text, ref="r"))]]).run("hello")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", printed)
    assert printed.count("⟦U+") == 2


@pytest.mark.parametrize("word", ["exit", "QUIT"])
async def test_a_word_leaves(word: str) -> None:
    talk = Talk([])
    await talk.run(word, "status")
    assert talk.arrivals == []


async def test_a_repeated_message_says_so_and_nobody_can_look_it_up() -> None:
    talk = Talk([])
    await talk.run()
    await talk.door.chat.send(sending(Text(text="hello"), doubtful=True))
    assert "(perhaps said before) hello" in talk.out.getvalue()
    with pytest.raises(Unknowable):
        await talk.door.chat.look_up(sending(Text(text="hello")))


async def test_a_line_is_taken_as_soon_as_it_is_there() -> None:
    reading, writing = os.pipe()
    heard = asyncio.Event()

    async def accept(arrival: Arrival) -> bool:
        await door.chat.send(sending(Text(text="ok")))
        heard.set()
        return True

    with os.fdopen(reading, encoding="utf-8") as source, os.fdopen(writing, "w", encoding="utf-8") as sink:
        door = TerminalDoor(accept=accept, tongues=tongues(), source=source, out=io.StringIO())
        running = asyncio.create_task(door.run())
        async with asyncio.timeout(30):
            sink.write("status\n")
            sink.flush()
            await heard.wait()
            assert not running.done()
            sink.close()
            await running
