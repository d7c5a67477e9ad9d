"""Cards: the same facts in the same order, nothing that lies, and what does not fit cannot be approved."""

from hypothesis import given
from hypothesis import strategies as st
from telegram import InlineKeyboardMarkup

from adapters.chat.telegram import callbacks, cards
from adapters.chat.telegram.cards import Post
from adapters.speech.languages import tongues
from bot.cards import Card, Row
from bot.effects import Question, Text
from bot.events import Verb
from tests.adapters.telegram.samples import ENGLISH, KEY, REF, card
from tests.adapters.telegram.test_entities import accepted, covered
from tests.twins import telegram_rules as rules


def drawn(content: Text | Card | Question, *, doubtful: bool = False) -> Post:
    return cards.draw(content, tongue=ENGLISH, chat="789", key=KEY, doubtful=doubtful)


def labels(keyboard: InlineKeyboardMarkup | None) -> list[list[str]]:
    return [[button.text for button in row] for row in keyboard.inline_keyboard] if keyboard else []


def carried(keyboard: InlineKeyboardMarkup | None, label: str) -> str:
    assert keyboard is not None
    return next(
        str(each.callback_data) for row in keyboard.inline_keyboard for each in row if each.text == label
    )


def test_a_card_keeps_the_order_of_every_platform() -> None:
    rows = (
        Row(label="Account", value="Demo shop (live)"),
        Row(label="Status", value="refunded", before="paid"),
        Row(label="Receives", value="ana@example.test"),
    )
    post = drawn(card(*rows, reason="It is two weeks late.", status="Waiting."))
    (page,) = post.pages
    assert page.text.splitlines() == [
        "Refund an order",
        "Account: Demo shop (live)",
        "Status: paid → refunded",
        "Receives: ana@example.test",
        "It is two weeks late.",
        "Waiting.",
    ]
    assert covered(page, "bold") == ["Refund an order", "Waiting."]
    assert covered(page, "blockquote") == ["It is two weeks late."]
    assert covered(page, "code") == ["ana@example.test"]
    assert labels(post.keyboard) == [["Approve", "Deny"], ["Edit", "Details"]]


def test_markup_in_a_value_is_characters() -> None:
    """SAFETY 50"""
    nasty = "<b>x</b> *y* [good](https://evil.test) ||spoiler|| `z` @everyone tg://user?id=1"
    (page,) = drawn(card(Row(label="Note", value=nasty))).pages
    assert nasty in page.text
    assert covered(page, "code") == [nasty]


def test_what_a_card_says_is_not_spelled_out_twice() -> None:
    (page,) = drawn(card(Row(label="To", value="pay ⟦U+202E⟧ana\n┊ Approved by: Ana"))).pages
    assert "To: pay ⟦U+202E⟧ana\n┊ Approved by: Ana" in page.text


@given(
    st.lists(st.builds(Row, label=st.text(max_size=30), value=st.text(max_size=3000)), max_size=9),
    st.text(max_size=900),
)
def test_telegram_accepts_every_card(rows: list[Row], reason: str) -> None:
    post = drawn(card(*rows, reason=reason))
    (page,) = post.pages
    accepted(page)
    assert post.keyboard is not None
    rules.check_markup({"reply_markup": post.keyboard.to_dict()})


def test_a_value_too_long_says_so_and_cannot_be_approved_here() -> None:
    """SAFETY 51"""
    post = drawn(card(Row(label="Text", value="word " * 2000), Row(label="To", value="ana")))
    (page,) = post.pages
    assert "cut: 10000 characters in all, SHA-256" in page.text
    assert "cannot be approved here" in page.text
    assert "\nTo: ana" in page.text
    assert labels(post.keyboard) == [["Deny", "Edit"], ["Details"]]


def test_a_reason_too_long_is_cut_and_the_facts_stand() -> None:
    """SAFETY 55"""
    post = drawn(card(reason="because " * 700))
    assert "… (cut:" in post.pages[0].text
    assert labels(post.keyboard)[0][0] == "Approve"


def test_more_rows_than_a_message_holds_cannot_be_approved_here() -> None:
    """SAFETY 48, 51"""
    post = drawn(card(*(Row(label=f"Row {n}", value="x" * 50) for n in range(200))))
    accepted(post.pages[0])
    assert post.pages[0].text.endswith("…")
    assert labels(post.keyboard) == [["Deny", "Edit"], ["Details"]]


def test_buttons_say_which_card_was_on_the_screen() -> None:
    shown = card(revision=3)
    token = callbacks.read(carried(drawn(shown).keyboard, "Approve"), chat="789", key=KEY)
    assert token is not None
    assert (token.verb, token.ref, token.revision, token.ask) == (Verb.APPROVE, shown.ref, 3, False)


def test_every_button_of_every_language_fits() -> None:
    """SAFETY 35"""
    for lang in ("en", "fr"):
        tongue = tongues()(lang)
        post = cards.draw(card(confirm="Sure?"), tongue=tongue, chat="-100123456789012", key=KEY)
        assert post.keyboard is not None
        rules.check_markup({"reply_markup": post.keyboard.to_dict()})


def test_a_button_that_wants_confirming_becomes_yes_and_back_and_comes_back() -> None:
    before = drawn(card(confirm="Sure?")).keyboard
    assert before is not None
    data = carried(before, "Approve")
    token = callbacks.read(data, chat="789", key=KEY)
    assert token is not None
    assert token.ask
    asked = cards.ask_first(before, data, token, tongue=ENGLISH, chat="789", key=KEY)
    assert labels(asked) == [["Yes, approve", "Back"], ["Deny", "Edit"], ["Details"]]
    assert asked is not None
    yes = callbacks.read(carried(asked, "Yes, approve"), chat="789", key=KEY)
    assert yes is not None
    assert (yes.verb, yes.ask, yes.back) == (Verb.APPROVE, False, False)
    back = callbacks.read(carried(asked, "Back"), chat="789", key=KEY)
    assert back is not None
    after = cards.take_back(asked, carried(asked, "Back"), back, tongue=ENGLISH, chat="789", key=KEY)
    assert after == before


def test_the_alert_names_the_deed_within_200_characters() -> None:
    token = callbacks.Token(verb=Verb.APPROVE, ref=REF, revision=1, ask=True)
    for title in ("Refund an order", "x" * 300, "😀" * 300):
        words = cards.confirm_words(title, token, ENGLISH)
        rules.check_answer({"text": words})
        assert words.startswith(title[:40])


def test_a_question_offers_its_choices_and_lists_those_too_long_for_a_button() -> None:
    choices = (("eur", "Euro"), ("x" * 40, "The long one"))
    post = drawn(Question(text="Which currency?", ref=REF, revision=2, choices=choices))
    assert labels(post.keyboard) == [["Euro"]]
    assert post.pages[0].text == "Which currency?\n• The long one"
    token = callbacks.read(carried(post.keyboard, "Euro"), chat="789", key=KEY)
    assert token is not None
    assert (token.verb, token.value, token.revision) == (Verb.CHOOSE, "eur", 2)


def test_a_message_sent_again_says_so() -> None:
    for content in (Text(text="Done."), card(), Question(text="Which?", ref=REF)):
        assert drawn(content, doubtful=True).pages[-1].text.endswith("(possibly repeated)")
        assert "repeated" not in drawn(content).pages[-1].text


def test_a_label_too_long_for_a_button_is_cut_with_a_mark() -> None:
    post = drawn(Question(text="Which?", ref=REF, choices=(("a", "word " * 40),)))
    ((label,),) = labels(post.keyboard)
    assert len(label) == 64
    assert label.endswith("…")


def test_a_row_has_the_colon_of_its_language() -> None:
    post = cards.draw(card(Row(label="Risque", value="R0")), tongue=tongues()("fr"), chat="789", key=KEY)
    assert "\nRisque\u00a0: R0" in post.pages[0].text
