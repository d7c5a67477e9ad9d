"""The web page keeps the promises of every chat. It draws from the record, so the stage writes down what it sends
first, as the assistant does; and there is no platform between them that could be away, busy or closed.
"""

import html
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions import (
    Account,
    Action,
    Call,
    Change,
    Option,
    Preview,
    Receipt,
    Reversal,
    Risk,
)
from bot.cards import Card
from bot.effects import Authority, CardOf, Effect, Notice, Question, Run, Text
from bot.events import Press
from bot.journal import OURSELVES, Line
from bot.people import Identity
from bot.places import Place
from bot.proposals import Proposal
from bot.store import Tx
from bot.world import Chat, Context, Health, Sending
from tests.adapters.web.rig import OLIVIA, OLIVIAS, Rig, Visitor, rig
from tests.contracts.chats.suite import FILED, REPORT, ChatContract, Seen, Stage, sending

REFUND = Action(
    name="till.refund", title="Refund an order", risk=Risk.R2, reversal=Reversal.COMPENSABLE, keyed=True
)

PREVIEW = Preview(changes=(Change(title="Status", before="paid", after="refunded"),))


class Till:
    """A system that only lends its one action a definition."""

    name = "till"

    def account(self) -> Account:
        return Account(system="till", label="Demo shop", live=True)

    def actions(self) -> tuple[Action, ...]:
        return (REFUND,)

    async def preview(self, call: Call, context: Context) -> Preview:
        return PREVIEW

    async def run(self, call: Call, context: Context) -> Receipt:
        return Receipt()

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        return None

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def check(self) -> Health:
        return Health(well=True, text="open")


class Recorded:
    """The web's chat, behind the record that the assistant keeps before it sends."""

    platform = "web"

    def __init__(self, assistant: Rig) -> None:
        self._assistant = assistant
        self._chat = assistant.door.chat

    async def send(self, sending: Sending) -> str:
        await self._assistant.write(lambda tx: self._record(tx, sending))
        return await self._chat.send(sending)

    async def look_up(self, sending: Sending) -> str | None:
        return await self._chat.look_up(sending)

    async def progress(self, place: Place, *, slot: str, words: str, ref: str) -> str:
        return await self._chat.progress(place, slot=slot, words=words, ref=ref)

    def _record(self, tx: Tx, sending: Sending) -> None:
        match sending.content:
            case Notice():
                return
            case Text() | Question() as said:
                content = said
            case Card() as card:
                content = CardOf(proposal="pro_1", revision=card.revision)
                self._propose(tx, card)
        tx.lines.put(
            Line(
                place=sending.place.key,
                who=OURSELVES,
                text="",
                at=self._assistant.clock.now(),
                slot=sending.slot,
                content=asdict(content),
            )
        )

    def _propose(self, tx: Tx, card: Card) -> None:
        """The proposal that this card is drawn from; with a status, one that was approved and carried out."""
        now = self._assistant.clock.now()
        call = Call(
            action=REFUND.name,
            fingerprint=REFUND.fingerprint,
            account=Till().account(),
            arguments={"Amount": "49.90 EUR"},
        )
        proposal = Proposal(
            id="pro_1",
            space="home",
            place=OLIVIAS.key,
            turn="",
            ask="",
            ref=card.ref,
            call=call,
            preview=PREVIEW,
            rule="R2-asks",
            requester=OLIVIA.id,
            reason=card.reason,
            revision=card.revision,
            created=now,
            expires=now + timedelta(hours=1),
        )
        tx.proposals.add(proposal)
        if card.status:
            approved = proposal.approve(OLIVIA, revision=card.revision, now=now)
            assert tx.proposals.swap(proposal, approved)
            authority = Authority(by="press", rule="R2-asks", digest=call.digest)
            effect = Effect(
                id=approved.effect,
                space="home",
                place=OLIVIAS.key,
                deed=Run(call=call, authority=authority),
                due=now,
            )
            tx.effects.add(effect.started().confirmed(Receipt(text=card.status.removeprefix("✓ Done: "))))


class WebStage:
    """Olivia at her page. Nobody else reads it, so the group is the same place."""

    private = OLIVIAS
    group = OLIVIAS
    person = Identity(platform="web", user=OLIVIA.id)
    finds = True

    def __init__(self, assistant: Rig, visitor: Visitor) -> None:
        self.chat: Chat = Recorded(assistant)
        self.assistant = assistant
        self._visitor = visitor

    async def page(self) -> str:
        return (await self._visitor.http.get("/chat")).text

    async def seen(self, place: Place) -> Sequence[Seen]:
        slots = {
            line.seq: line.slot
            for line in await self.assistant.store.read(lambda tx: tx.lines.last(place.key, 99))
        }
        found = re.findall(r'<li id="line-(\d+)".*?>(.*?)<time', await self.page(), re.DOTALL)
        return [
            Seen(
                id=slots[int(seq)],
                text=words(re.sub(r'<p class="file">.*?</p>', "", body)),
                buttons=labels(body),
                files=tuple([await self.file(each) for each in re.findall(r'href="(/file/\d+)"', body)]),
            )
            for seq, body in found
        ]

    async def file(self, address: str) -> tuple[str, str]:
        """What is saved when the link is followed."""
        got = await self._visitor.http.get(address)
        assert got.headers["x-content-type-options"] == "nosniff"
        _, _, name = got.headers["content-disposition"].partition("filename*=UTF-8''")
        return name, got.text

    async def press(self, place: Place, label: str) -> Press:
        form = next(form for form in reversed(forms(await self.page())) if label in labels(form))
        await self._visitor.http.post("/press", data=fields(form))
        body = self.assistant.arrivals[-1].body
        assert isinstance(body, Press)
        return body

    async def told(self, press: Press) -> str:
        return words((await self.page()).split('id="notices"')[1])


def forms(page: str) -> list[str]:
    return re.findall(r'<form method="post" action="/press".*?</form>', page, re.DOTALL)


def fields(form: str) -> Mapping[str, str]:
    return {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}


def labels(body: str) -> tuple[str, ...]:
    """What stands on the buttons, without what only screen readers hear."""
    found = re.findall(r"<button[^>]*>([^<]*)", body)
    return tuple(html.unescape(each).strip() for each in found)


def words(body: str) -> str:
    """What a person reads of it."""
    shown = re.sub(r'<span class="unseen">.*?</span>', "", body)
    shown = re.sub(r'<div class="buttons">.*', "", shown, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", shown)).strip()


class TestWeb(ChatContract):
    @pytest.fixture
    async def stage(self, tmp_path: Path) -> AsyncGenerator[WebStage]:
        async with rig(tmp_path, systems={"till": Till()}) as assistant, assistant.browser() as visitor:
            yield WebStage(assistant, visitor)

    # Where a platform stands between, these ask what comes of its troubles. Here there is none: what is written
    # down is on the page, whoever looks and whenever.

    async def test_nobody_there_means_certainly_not_sent(self, stage: Stage) -> None:
        """Nobody there is no trouble: it is seen by whoever comes."""
        assert await stage.chat.send(sending(Text(text="One."), stage.private)) == "slot"
        assert [each.text for each in await stage.seen(stage.private)] == ["One."]

    async def test_a_busy_platform_says_when_to_come_back(self, stage: Stage) -> None:
        """Nothing limits how much is said."""
        for n in range(50):
            await stage.chat.send(replace(sending(Text(text=f"{n}."), stage.private), slot=f"slot{n}"))
        assert len(await stage.seen(stage.private)) == 50

    async def test_a_lost_answer_is_unknown_until_it_is_looked_up(self, stage: Stage) -> None:
        """What was written down is found; a notice, which is not, may be said again."""
        await stage.chat.send(sending(Text(text="One."), stage.private))
        assert await stage.chat.look_up(sending(Text(text="One."), stage.private)) == "slot"
        notice = Notice(text="No.", to=Identity(platform="web", user=OLIVIA.id))
        assert await stage.chat.look_up(sending(notice, stage.private)) is None

    async def test_a_file_whose_answer_was_lost_is_found_and_not_put_twice(self, stage: Stage) -> None:
        """What was written down is there, its file with it."""
        await stage.chat.send(sending(REPORT, stage.private))
        assert await stage.chat.look_up(sending(REPORT, stage.private)) == "slot"
        assert [each.files for each in await stage.seen(stage.private)] == [(FILED,)]

    async def test_words_that_may_be_a_repetition_say_so(self, stage: Stage) -> None:
        """Said again is the same message: nothing is ever doubtful."""
        said = replace(sending(Text(text="Done."), stage.private), doubtful=True)
        await stage.chat.send(said)
        await stage.chat.send(said)
        assert [each.text for each in await stage.seen(stage.private)] == ["Done."]

    async def test_a_place_that_is_closed_to_us_is_a_failure_in_words(self, stage: Stage) -> None:
        """No place is closed; one that nobody has is written to without harm."""
        place = Place(platform="web", channel="per_nobody", private=True)
        assert await stage.chat.send(sending(Text(text="One."), place)) == "slot"
        assert not await stage.seen(stage.private)

    async def test_progress_raises_nothing(self, stage: Stage) -> None:
        assert await stage.chat.progress(stage.private, slot="slot", words="", ref="") == ""
        assert await stage.chat.progress(stage.private, slot="slot", words="Looking", ref="12") == "12"
