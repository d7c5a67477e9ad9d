"""Whatever is said, Slack takes it, shows it character for character, and nothing in it comes alive."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chat.slack import cards, marks
from adapters.speech.languages import tongues
from bot.cards import Button, Card, Row, Tone
from bot.effects import Notice, Question, Text
from bot.events import Verb
from bot.people import Identity
from bot.values import Json
from bot.visible import original
from tests.twins import slack_rules

ENGLISH = tongues()("en")
CARD = Card(
    ref="A" * 22,
    revision=1,
    code="7K2M",
    title="Refund an order",
    tone=Tone.DANGER,
    rows=(Row(label="Amount", value="49.90 EUR"), Row(label="Status", value="Refunded", before="Paid")),
    reason="It is late.",
    link="https://shop.example/1007",
    buttons=(
        Button(verb=Verb.APPROVE, label="Approve", primary=True, confirm="Go on?"),
        Button(verb=Verb.DENY, label="Deny", danger=True),
        Button(verb=Verb.EDIT, label="Edit"),
        Button(verb=Verb.DETAILS, label="Details"),
    ),
)

ANY = st.text(max_size=40) | st.sampled_from(
    [
        "",
        " ",
        "x" * 151,
        "y" * 2_001,
        "z" * 3_001,
        "&" * 5_000,
        "w" * 20_000,
        "<!channel> <@U1> <https://good.example|evil> `code` *bold* :smile: @here",
        "\u202e\u200b\ud800\x00",
        "- a\n- b\n```\ncode\n```\n> q\n# h\n1. x",
    ]
)
ROWS = st.builds(Row, label=ANY, value=ANY, before=st.none() | ANY)
BUTTONS = st.builds(
    Button,
    verb=st.sampled_from(list(Verb)),
    label=ANY,
    primary=st.booleans(),
    danger=st.booleans(),
    confirm=ANY,
)
CARDS = st.builds(
    Card,
    ref=ANY,
    revision=st.integers(0, 10**9),
    code=ANY,
    title=ANY,
    tone=st.sampled_from(list(Tone)),
    rows=st.lists(ROWS, max_size=60).map(tuple),
    reason=ANY,
    status=ANY,
    buttons=st.lists(BUTTONS, max_size=40).map(tuple),
    link=ANY,
)
QUESTIONS = st.builds(
    Question,
    text=ANY,
    ref=ANY,
    revision=st.integers(0, 99),
    choices=st.lists(st.tuples(ANY, ANY), max_size=130).map(tuple),
)
NOTICES = st.builds(Notice, text=ANY, to=st.just(Identity(platform="slack", team="T", user="U")))
CONTENTS = CARDS | QUESTIONS | NOTICES | st.builds(Text, text=ANY, mark=st.booleans())


def shown(blocks: Json) -> str:
    return "\n".join(text for _, text in slack_rules.texts(blocks))


@settings(max_examples=300, deadline=None)
@given(CONTENTS, st.booleans())
def test_slack_takes_whatever_is_said(content: Card | Question | Notice | Text, doubtful: bool) -> None:
    drawn = cards.drawn(content, tongue=ENGLISH, doubtful=doubtful)
    assert slack_rules.of_message(drawn.blocks, drawn.text) == []
    assert len(drawn.text) <= 4_000


@settings(max_examples=200, deadline=None)
@given(CONTENTS)
def test_nothing_said_is_ever_markup(content: Card | Question | Notice | Text) -> None:
    """SAFETY 49, 57"""
    kinds = {kind for kind, _ in slack_rules.texts(cards.drawn(content, tongue=ENGLISH).blocks)}
    assert kinds <= {"plain_text", "text"}


@given(st.text(max_size=400))
def test_words_are_shown_character_for_character(text: str) -> None:
    said = shown(cards.drawn(Text(text=text), tongue=ENGLISH).blocks)
    assert original(said) == (text if text.strip() else "—")


@given(st.text(min_size=1, max_size=400), st.text(max_size=400))
def test_every_value_of_a_card_is_on_it(value: str, before: str) -> None:
    """SAFETY 52"""
    row = Row(label="Amount", value=value, before=before)
    drawn = cards.drawn(replace(CARD, rows=(row,)), tongue=ENGLISH)
    assert f"{before} → {value}" in original(shown(drawn.blocks))


@pytest.mark.parametrize(
    "evil",
    [
        "<https://good.example|https://evil.example>",
        "<!channel>",
        "<!here|here>",
        "<@U0BOB>",
        "&lt;!channel&gt;",
        "```<!everyone>```",
        "<!subteam^S1>",
    ],
)
def test_nothing_pings_and_no_link_hides(evil: str) -> None:
    """SAFETY 49"""
    for content in (
        replace(CARD, rows=(Row(label=evil, value=evil),), title=evil, reason=evil, status=evil, link=evil),
        Text(text=evil),
        Text(text=evil, mark=True),
        Question(text=evil, ref="r", choices=((evil, evil),)),
    ):
        drawn = cards.drawn(content, tongue=ENGLISH)
        assert "<" not in drawn.text
        assert evil.strip("`") in shown(drawn.blocks)
        assert slack_rules.of_message(drawn.blocks, drawn.text) == []


def test_what_a_card_says_is_not_spelled_out_twice() -> None:
    card = replace(CARD, rows=(Row(label="To", value="moc⟦U+202E⟧"),), reason="⟦U+200B⟧", status="⟦U+2800⟧")
    said = shown(cards.drawn(card, tongue=ENGLISH).blocks)
    for code in ("moc⟦U+202E⟧", "⟦U+200B⟧", "⟦U+2800⟧"):
        assert code in said


def test_words_that_hide_or_turn_text_around_are_spelled_out() -> None:
    assert "⟦U+202E⟧⟦U+200B⟧" in shown(cards.drawn(Text(text="moc\u202e\u200b"), tongue=ENGLISH).blocks)


def test_a_card_reads_from_title_to_buttons_with_the_reason_after_the_facts() -> None:
    """SAFETY 55"""
    drawn = cards.drawn(CARD, tongue=ENGLISH)
    kinds = [block["type"] for block in drawn.blocks]
    assert kinds == ["header", "section", "context", "rich_text", "context", "actions"]
    assert "It is late." in shown(drawn.blocks[3])
    assert "It is late." not in shown(drawn.blocks[:2])


def test_a_button_carries_the_record_and_the_revision_it_was_shown_with() -> None:
    buttons = slack_rules.buttons(cards.drawn(replace(CARD, revision=7), tongue=ENGLISH).blocks)
    assert [b["action_id"] for b in buttons] == ["vigie:approve", "vigie:deny", "vigie:edit", "vigie:details"]
    assert {b["value"] for b in buttons} == {"A" * 22 + ":7"}
    assert [b.get("style") for b in buttons] == ["primary", "danger", None, None]
    assert [("confirm" in b) for b in buttons] == [True, False, False, False]


def test_a_long_value_stands_on_the_card_whole() -> None:
    body = "".join(chr(97 + i % 26) for i in range(9_000))
    drawn = cards.drawn(replace(CARD, rows=(*CARD.rows, Row(label="Body", value=body))), tongue=ENGLISH)
    whole = "".join(text for _, text in slack_rules.texts(drawn.blocks))
    assert body in whole
    assert any(b["action_id"] == "vigie:approve" for b in slack_rules.buttons(drawn.blocks))


@pytest.mark.parametrize(
    "rows", [(Row(label="Body", value="b" * 30_000),), (Row(label="a", value="b"),) * 999]
)
def test_a_card_that_had_to_be_cut_says_so_and_cannot_be_approved(rows: tuple[Row, ...]) -> None:
    """SAFETY 51"""
    drawn = cards.drawn(replace(CARD, rows=rows), tongue=ENGLISH)
    assert "cut or left out" in shown(drawn.blocks)
    assert "cannot be approved here" in shown(drawn.blocks)
    assert [b["action_id"] for b in slack_rules.buttons(drawn.blocks)] == [
        "vigie:deny",
        "vigie:edit",
        "vigie:details",
    ]


def test_cut_words_say_how_much_is_missing() -> None:
    drawn = cards.drawn(Text(text="a" * (cards.LONGEST + 5)), tongue=ENGLISH)
    assert "5 more characters" in shown(drawn.blocks)


@given(st.text(max_size=200), st.integers(20, 60))
def test_a_fitted_text_fits_and_owns_to_what_it_left_out(text: str, longest: int) -> None:
    fitted = cards.fitted(text, longest)
    assert 0 < len(fitted) <= longest
    if len(text) > longest and text.strip():
        kept, _, left = fitted.rpartition("… [+")
        assert text.startswith(kept)
        assert len(kept) + int(left.rstrip("]")) == len(text)


def test_a_choice_too_long_for_a_button_is_left_out_rather_than_cut() -> None:
    drawn = cards.drawn(
        Question(text="Which?", ref="r", choices=(("a", "A"), ("b" * 3_000, "B"))), tongue=ENGLISH
    )
    assert [b["value"] for b in slack_rules.buttons(drawn.blocks)] == ["r:0:a"]
    assert "1 more choice" in shown(drawn.blocks)


def test_a_doubtful_message_says_that_it_may_be_a_repetition() -> None:
    drawn = cards.drawn(CARD, tongue=ENGLISH, doubtful=True)
    assert "possibly repeated" in shown(drawn.blocks[-1])


def test_light_markdown_becomes_styles() -> None:
    text = "# Title\nSome **bold**, *soft* and `code`.\n- one\n- two **2**\n\n1. first\n```py\nx = 1\n```\n> said"
    found = marks.elements(text)
    assert [each["type"] for each in found] == [
        "rich_text_section",
        "rich_text_section",
        "rich_text_list",
        "rich_text_section",
        "rich_text_preformatted",
        "rich_text_quote",
    ]
    styled = {e["text"]: e.get("style") for each in found[:2] for e in each["elements"]}
    assert styled["Title\n"] == {"bold": True}
    assert styled["bold"] == {"bold": True}
    assert styled["soft"] == {"italic": True}
    assert styled["code"] == {"code": True}
    assert "1. first" in shown(found[3])
    assert found[4]["elements"][0]["text"] == "x = 1"


def test_a_markdown_link_shows_its_address() -> None:
    text = "[good](https://evil.example)"
    assert "good (https://evil.example)" in shown(marks.elements(text))


@pytest.mark.parametrize("text", ["2 * 3 * 4", "snake_case_name", "a ** b", "5*", "__init__", "* ", "**"])
def test_what_only_looks_like_markdown_stays_as_it_was_typed(text: str) -> None:
    assert shown(marks.elements(text)).strip() in (text, "init", text.strip())


@given(st.text(alphabet="ab *_`#>-1.\n[]()", max_size=120))
def test_markdown_never_loses_a_word(text: str) -> None:
    # The word after an opening fence names a language.
    letters = [char for char in re.sub(r"(?m)^ *```[ab_-]* *$", "", text) if char in "ab"]
    assert [char for char in shown(marks.elements(text)) if char in "ab"] == letters
