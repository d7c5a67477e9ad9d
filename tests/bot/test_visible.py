"""What is shown of text from outside: nothing hidden, nothing turned round, nothing lost."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.visible import original, visible

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
    *("\U000e0101", "\ue000", "\ud800", "\uffff", "\u2003", "\u17b4"),
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
