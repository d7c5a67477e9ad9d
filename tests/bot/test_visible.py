"""What is shown of text from outside: nothing hidden, nothing turned round, nothing lost."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.visible import ended, exact, original, visible

HIDING = [
    *(
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200f",
        "\u061c",
        "\ufeff",
        "\u00ad",
        "\u2060",
        "\u2028",
        "\x00",
        "\x1b",
    ),
    *("\r", "\x85", "\U000e0041", "\u3164", "\uffa0", "\u115f", "\u2800", "\u034f", "\u180e", "\ufe01"),
    *("\U000e0000", "\U000e0080", "\U000e0101", "\ue000", "\ud800", "\uffff", "\u2003", "\u17b4"),
]


@given(st.text(alphabet=st.characters(codec=None)))
def test_what_is_shown_says_exactly_what_is_there(text: str) -> None:
    """SAFETY 46"""
    assert original(visible(text)) == text


@given(st.text(alphabet=st.characters(codec=None)))
def test_nothing_shown_turns_or_hides_what_is_around_it(text: str) -> None:
    """SAFETY 46, 48"""
    for char in visible(text):
        assert char not in HIDING
        if char not in "\u200c\u200d\n\t":
            assert unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


@given(st.text(), st.text())
def test_two_texts_never_look_the_same_by_a_spelled_out_character(one: str, other: str) -> None:
    assert (visible(one) == visible(other)) == (one == other)


@pytest.mark.parametrize("char", HIDING, ids=ascii)
def test_a_hidden_character_is_spelled_out(char: str) -> None:
    """SAFETY 46"""
    assert visible(f"a{char}b") == f"a⟦U+{ord(char):04X}⟧b"


def test_a_bracket_cannot_forge_a_spelled_out_character() -> None:
    """SAFETY 46"""
    assert visible("⟦U+202E⟧") == "⟦U+27E6⟧U+202E⟧"
    assert original(visible("⟦U+202E⟧")) == "⟦U+202E⟧"


@pytest.mark.parametrize(
    "text",
    [
        "Déjà vu, 1\u202f234,50\u00a0€ — ça va ?",
        "two\nlines\tand a tab",
        "👩‍💻 ❤️ 👨‍👩‍👧 👍🏽 🏳️‍🌈 ☀️ ↔️",
        "می‌خواهم",
        "क्‍ष",
        "日本語　空白",
        "שלום",
    ],
)
def test_ordinary_writing_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", ["a\u200db", "\u200d👩", "13\ufe0f", "\ufe0f", "👩\u200d", "☀\ufe0f\ufe0f"])
def test_a_joiner_or_selector_where_it_changes_nothing_is_spelled_out(text: str) -> None:
    assert visible(text) != text


def test_a_number_that_no_character_has_is_left_alone() -> None:
    assert original("⟦U+110000⟧") == "⟦U+110000⟧"


@given(st.text(alphabet=st.characters(codec=None)), st.booleans())
def test_a_value_shown_says_exactly_what_is_there(text: str, lines: bool) -> None:
    """SAFETY 46."""
    assert original(exact(text, lines=lines)) == text


@given(st.text(alphabet=" \n\t\u00a0\u0301\u0489ab⟦⟧┊\u200b", max_size=40), st.booleans())
def test_a_padded_value_too(text: str, lines: bool) -> None:
    """SAFETY 48."""
    shown = exact(text, lines=lines)
    assert original(shown) == text
    assert "   " not in shown
    assert "\n┊ \n┊ \n" not in shown
    assert lines or "\n" not in shown
    assert not re.search("[\u0301\u0489]{4}", shown)
    assert not re.search(r"^\s|\s$", shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" + " " * 40 + "b", "a⟦U+0020 ×40⟧b"),
        (" a ", "⟦U+0020⟧a⟦U+0020⟧"),
        ("a\n\n\n\nb", "a⟦U+000A ×4⟧b"),
        ("a\n\nb\nc", "a\n┊ \n┊ b\n┊ c"),
        ("a \nb", "a⟦U+0020⟧\n┊ b"),
        ("a\tb", "a⟦U+0009⟧b"),
        ("e" + "\u0301" * 5, "e\u0301\u0301\u0301⟦U+0301 ×2⟧"),
        ("\u0301a", "⟦U+0301⟧a"),
        ("\u200b\u0301", "⟦U+200B⟧⟦U+0301⟧"),
        ("a\n┊ b", "a\n┊ ⟦U+250A⟧ b"),
        ("two  words, déjà vu", "two  words, déjà vu"),
        ("", ""),
    ],
)
def test_what_only_takes_room_is_counted(text: str, shown: str) -> None:
    """SAFETY 48."""
    assert exact(text) == shown


@given(st.text(alphabet="ab é\n ", max_size=30))
def test_ordinary_text_takes_no_other_way_than_any(text: str) -> None:
    strange = exact(f"{text}\u200bx").removesuffix("⟦U+200B⟧x")
    if not text.endswith((" ", "\n")):
        assert exact(text) == strange


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("it may have been done", "it may have been done."),
        ("it may have been done.", "it may have been done."),
        ("it answered: “sent”", "it answered: “sent”."),
        ("it answered: “sent.”", "it answered: “sent.”"),
        ("who knows?", "who knows?"),
        ("", ""),
    ],
)
def test_a_sentence_that_another_one_follows_ends(said: str, shown: str) -> None:
    assert ended(said) == shown
