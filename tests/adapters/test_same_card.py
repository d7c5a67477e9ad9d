"""One card, four platforms: the same facts in the same order, character for character, or a mark and no Approve.

What is compared is what a person reads on each: text taken back out of the blocks, the message, the page and the
terminal, against the rows of the platform-neutral card.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from adapters.chat.slack import cards as slack
from adapters.chat.telegram import cards as telegram
from adapters.chat.terminal import PLACE, Screen, TerminalChat
from adapters.chat.web import drawn
from adapters.chat.web.render import Desk, Renderer
from adapters.chat.web.rooms.pending import Pending
from adapters.speech.languages import tongues
from bot import cards
from bot.actions import Action, Call
from bot.cards import Card
from bot.events import Verb
from bot.people import Person, Role
from bot.places import Place
from bot.proposals import Proposal
from bot.rows import Row
from bot.speech import Tongue
from bot.values import Json
from bot.world import Sending
from tests.adapters.telegram.samples import KEY
from tests.adapters.telegram.test_entities import accepted
from tests.bot.drawing import ENGLISH, KNOWN, LANGUAGES, call_of, proposal, proposals
from tests.twins import slack_rules, telegram_rules

PAGES = Renderer(tongues())
MADE = proposals(st.sampled_from(KNOWN)) | proposals()
SPEECH = st.sampled_from(LANGUAGES)
SOME = settings(max_examples=120, deadline=None)


def draw(made: tuple[Action, Proposal], tongue: Tongue, *, full: bool) -> Card:
    action, waiting = made
    return cards.draw(
        waiting, action=action, tongue=tongue, zone=waiting.zone, people={"per_1": "Ana\u202e"}, full=full
    )


def said(row: Row) -> str:
    return row.value if row.before is None else f"{row.before} → {row.value}"


# --- Slack -------------------------------------------------------------------------------------------------


@SOME
@given(MADE, SPEECH, st.booleans())
def test_slack_shows_the_rows_of_the_card(made: tuple[Action, Proposal], tongue: Tongue, full: bool) -> None:
    """SAFETY 49: in plain text alone, so that nothing in it pings or hides a link."""
    card = draw(made, tongue, full=full)
    message = slack.drawn(card, tongue=tongue)
    assert slack_rules.of_message(message.blocks, message.text) == []
    for block in message.blocks:
        # slack_sdk types its dictionaries only half
        parsed = Block.parse(cast("dict[str, Json]", block))  # pyright: ignore[reportUnknownMemberType]
        assert parsed is not None
        parsed.validate_json()
    read = "".join(text for block in message.blocks[1:] for _, text in _facts(block))
    whole = "".join(f"{row.label}\n{said(row)}" for row in card.rows)
    actions = {button["action_id"] for button in slack_rules.buttons(message.blocks)}
    if not read.startswith(whole):
        assert tongue.many("{n} field is cut or left out", "{n} fields are cut or left out", 1)[
            -7:
        ] in "".join(text for _, text in slack_rules.texts(message.blocks)) or "… [+" in "".join(
            text for _, text in slack_rules.texts(message.blocks)
        )
        assert "vigie:approve" not in actions
    if Verb.APPROVE not in [button.verb for button in card.buttons]:
        assert "vigie:approve" not in actions


def _facts(block: Json) -> list[tuple[str, str]]:
    return [*slack_rules.texts(block)] if block["type"] == "section" else []


# --- Telegram ----------------------------------------------------------------------------------------------


@SOME
@given(MADE, SPEECH, st.booleans())
def test_telegram_shows_the_rows_of_the_card(
    made: tuple[Action, Proposal], tongue: Tongue, full: bool
) -> None:
    """SAFETY 50, SAFETY 35: by entities alone, none of which hides anything."""
    card = draw(made, tongue, full=full)
    post = telegram.draw(card, tongue=tongue, chat="-100123456789012", key=KEY)
    [page] = post.pages
    accepted(page)
    assert {entity.type for entity in page.entities} <= {"bold", "italic", "code", "blockquote"}
    if post.keyboard is not None:
        telegram_rules.check_markup({"reply_markup": post.keyboard.to_dict()})
    labels = [b.text for row in post.keyboard.inline_keyboard for b in row] if post.keyboard else []
    rows = (tongue("{label}: {value}", label=row.label, value=said(row)) for row in card.rows)
    whole = "\n".join([card.title, *rows]).strip()
    if not page.text.startswith(whole):
        assert tongue("Approve") not in labels
        assert "SHA-256" in page.text or page.text.endswith("…")


# --- the page ----------------------------------------------------------------------------------------------


class Facts(HTMLParser):
    """The terms and descriptions of a card on a page, as they are read."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.head: list[str] = []
        self._in: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        unseen = dict(attrs).get("class") == "unseen"
        if tag in ("input", "meta", "br"):
            return
        self._in.append("unseen" if unseen else tag)
        if tag == "dt" or tag == "dd":
            self.rows.append([""])

    def handle_endtag(self, tag: str) -> None:
        self._in.pop()

    def handle_data(self, data: str) -> None:
        if "unseen" in self._in:
            return
        if "dt" in self._in or "dd" in self._in:
            self.rows[-1][0] += data
        else:
            self.head.append(data)


def page_of(card: Card, tongue: Tongue) -> Facts:
    viewer = drawn.Viewer(
        person=Person(id="per_1", name="Ana", role=Role.OWNER),
        place=Place(platform="web", channel="per_1", private=True),
        tongue=tongue,
    )
    view = Pending(frame=drawn.Frame(), cards=(drawn.lay_out(card, tongue),))
    facts = Facts()
    facts.feed(PAGES.listing("pending", view, Desk(viewer=viewer, csrf="x")))
    return facts


@SOME
@given(MADE, SPEECH)
def test_the_page_shows_every_row_whole(made: tuple[Action, Proposal], tongue: Tongue) -> None:
    """SAFETY 51: the full view of the page is never cut; risk and code stand in its head."""
    card = draw(made, tongue, full=True)
    facts = page_of(card, tongue)
    apart = (tongue("Risk"), tongue("Code"))
    shown = [(label[0], value[0]) for label, value in zip(facts.rows[::2], facts.rows[1::2], strict=True)]
    assert shown == [(row.label, said(row)) for row in card.rows if row.label not in apart]
    head = "".join(facts.head)
    for row in card.rows:
        if row.label in apart:
            assert row.value in head
    assert not any(row.cut for row in card.rows)


# --- the terminal ------------------------------------------------------------------------------------------


@SOME
@given(MADE, SPEECH, st.booleans())
def test_the_terminal_prints_the_rows_of_the_card(
    made: tuple[Action, Proposal], tongue: Tongue, full: bool
) -> None:
    card = draw(made, tongue, full=full)
    out = StringIO()
    sending = Sending(key="k", slot="s", place=PLACE, content=card, tongue=tongue)
    asyncio.run(TerminalChat(Screen(out)).send(sending))
    wide = max(len(row.label) for row in card.rows)
    assert "\n".join(f"{row.label.ljust(wide)}  {said(row)}" for row in card.rows) in out.getvalue()


# --- what cannot be shown whole ----------------------------------------------------------------------------

LETTER = next(action for action in KNOWN if action.name == "demo.message_customer")


def long_letter() -> tuple[Action, Proposal]:
    body = " ".join(str(n) for n in range(1, 1_030))
    call = call_of(LETTER, recipient="ana@example.com", subject="Late", body=body[:4_900])
    return LETTER, proposal(call)


def test_a_full_view_that_telegram_cannot_hold_is_marked_and_names_the_page_that_can() -> None:
    """SAFETY 51."""
    post = telegram.draw(draw(long_letter(), ENGLISH, full=True), tongue=ENGLISH, chat="1", key=KEY)
    assert "cannot be approved here" in post.pages[0].text
    assert "dashboard" in post.pages[0].text
    assert post.keyboard is not None
    assert "Approve" not in [b.text for row in post.keyboard.inline_keyboard for b in row]
    page = page_of(draw(long_letter(), ENGLISH, full=True), ENGLISH)
    assert any(long_letter()[1].call.arguments["body"] in value for [value] in page.rows)


def test_every_action_of_ours_and_of_the_demo_shop_is_a_card_that_fits_everywhere() -> None:
    def fits(actions: Sequence[Action]) -> None:
        for action in actions:
            for tongue in LANGUAGES:
                made = action, proposal(call_of_defaults(action))
                card = draw(made, tongue, full=True)
                assert not any("cut" in row.value for row in card.rows)
                assert (
                    slack_rules.of_message(
                        slack.drawn(card, tongue=tongue).blocks, slack.drawn(card, tongue=tongue).text
                    )
                    == []
                )
                [page] = telegram.draw(card, tongue=tongue, chat="1", key=KEY).pages
                accepted(page)

    fits(KNOWN)


def call_of_defaults(action: Action) -> Call:
    bare = replace(action, fields=tuple(replace(field, required=False) for field in action.fields))
    return replace(call_of(bare), fingerprint=action.fingerprint)
