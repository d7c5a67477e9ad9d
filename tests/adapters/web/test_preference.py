"""The language a browser asks for, found among those there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.web.preference import preferred

SPOKEN = ("en", "fr", "fil", "fi", "pt-br")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("fil-PH, en;q=0.5", "fil"),
        ("fi", "fi"),
        ("fin", "en"),
        ("pt-BR-x-mine", "pt-br"),
        ("pt", "en"),
        ("en;q=0, *;q=0.5", "fr"),
        ("fr;q=0.1, fr-FR;q=0.9, en;q=0.5", "fr"),
        ("fi , fr", "fi"),
        ("fr;Q=0.7 , en ; q = 0.6", "fr"),
    ],
)
def test_the_one_that_is_wanted_most_and_spoken_is_found(header: str, found: str) -> None:
    assert preferred(header, SPOKEN) == found


@given(st.text(alphabet="abcfrenq=;,*.-0123456789 \x00é", max_size=200))
def test_whatever_is_sent_finds_one_that_is_spoken(header: str) -> None:
    assert preferred(header, SPOKEN) in SPOKEN
