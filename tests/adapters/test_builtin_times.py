"""With which words a time begins: whoever begins otherwise is spared every way to say when."""

import ast
from collections.abc import Collection
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.minds.builtin import bounds, days, moments, recurrences, sentences, times
from adapters.minds.builtin.moments import Scale
from adapters.minds.builtin.sentences import begins_a_time
from adapters.minds.builtin.text import tokens
from adapters.minds.builtin.times import Reader
from adapters.minds.zones import zone_named
from bot.errors import BadInput
from tests.adapters.briefings import ENGLISH, NOW

SCALE = Scale(now=NOW, zone=zone_named("Europe/Paris"), tongue=ENGLISH)


class Asked(Reader):
    """Notes what it is asked for at its first token."""

    words: ClassVar[set[str]] = set()

    def take(self, words: Collection[str]) -> str:
        if self.at == 0:
            Asked.words.update(words)
        return super().take(words)

    def phrase(self, *phrases: str) -> bool:
        if self.at == 0:
            Asked.words.update(each.split()[0] for each in phrases)
        return super().phrase(*phrases)


def spelled() -> list[str]:
    """Every word that is written in the rooms that read times."""
    found = set[str]()
    for room in (bounds, days, moments, recurrences, times):
        assert room.__file__ is not None
        for node in ast.walk(ast.parse(Path(room.__file__).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(token.word for token in tokens(node.value[:400]))
    return sorted(found)


WORDS = [*spelled(), *("3", "9:30", "17h", "2027", "15", "2026-12-24t10:00", "24/12/2026")]


def told(reader: Reader) -> object:
    """What the words say about when, as `_told` reads them, without a look at how they begin."""
    try:
        return sentences._told(reader, SCALE)  # pyright: ignore[reportPrivateUsage]
    except BadInput as error:
        return str(error)


@pytest.mark.parametrize("word", ["zzz", "zzzs"])
def test_every_word_that_a_reader_of_times_looks_for_first_may_begin_one(word: str) -> None:
    assert told(Asked(tokens(f"{word} yyy xxx"))) is None
    asked = {word for word in Asked.words if " " not in word}
    assert len(asked) > 150, "it was asked"
    assert {word for word in asked if not begins_a_time(word)} == set()


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
def test_words_that_begin_otherwise_say_no_time(words: list[str]) -> None:
    if not begins_a_time(tokens(words[0])[0].word):
        assert told(Reader(tokens(" ".join(words)))) is None


@pytest.mark.parametrize("text", ["hello you", "refund 1007", "please look at the orders", ""])
def test_most_messages_begin_otherwise(text: str) -> None:
    assert not begins_a_time(next((token.word for token in tokens(text)), ""))
    assert sentences.read(text, tokens(text), now=NOW, zone="Europe/Paris", tongue=ENGLISH) is None
