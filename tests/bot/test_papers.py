"""A report too long for a chat: its beginning there, all of it in a file."""

from adapters.speech.languages import tongues
from bot import papers

EN = tongues()("en")
LINES = "\n".join(f"Order {n} is late by {n} days." for n in range(400))


def test_what_fits_is_said_whole() -> None:
    said = papers.said("x" * papers.LONG, name="r", tongue=EN)
    assert (said.text, said.file) == ("x" * papers.LONG, None)


def test_what_does_not_fit_begins_in_the_chat_and_is_whole_in_the_file() -> None:
    said = papers.said(LINES, name="mission-3", tongue=EN, mark=True)
    assert said.file is not None
    assert (said.file.name, said.file.text) == ("mission-3.md", LINES)
    beginning, _, tail = said.text.rpartition("\n")
    assert beginning.removesuffix(" …").splitlines() == LINES.splitlines()[: len(beginning.splitlines())]
    assert tail == f"All of it is in the file ({len(LINES)} characters)."
    assert len(said.text) < 1_000


def test_words_without_a_line_are_cut_between_words_and_one_word_anywhere() -> None:
    assert papers.beginning("word " * 400, 20) == "word word word …"
    assert papers.beginning("x" * 400, 20) == "x" * 18 + " …"
    assert papers.beginning("short", 20) == "short"


def test_nothing_in_a_file_hides_or_turns_around() -> None:
    said = papers.said("\u202e" + "x" * papers.LONG, name="r", tongue=EN)
    assert said.file is not None
    assert said.file.text.startswith("⟦U+202E⟧")
