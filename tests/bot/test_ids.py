"""Ids and codes as people and platforms carry them."""

import re

from adapters.minds.builtin.text import tokens
from adapters.minds.builtin.words import Said, match
from bot import ids


def test_a_code_reads_back_whole_from_the_words_it_is_handed_in_with() -> None:
    for _ in range(1_000):
        code = ids.reference()
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{20}[A-Za-z0-9]", code)
        text = f"claim {code}."
        said = match(text, tokens(text))
        assert isinstance(said, Said)
        assert said.arguments == {"code": code}
