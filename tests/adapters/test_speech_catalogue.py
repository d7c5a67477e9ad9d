"""The catalogues that ship: complete, exact, and set as the language is written."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from adapters.minds.builtin.text import tokens
from adapters.minds.builtin.words import Nearly, Said, match
from adapters.speech.extract import main
from adapters.speech.languages import CATALOGUES
from bot.desk import book

FILES = sorted(CATALOGUES.glob("*.po"))
_PLACE = re.compile(r"\{[\w.]+\}")


def entries(file: Path) -> Iterator[tuple[str, str]]:
    """Each English form beside the form it is said as in the language."""
    with file.open("rb") as text:
        catalogue = read_po(text, locale=file.stem)
    for message in catalogue:
        if message.id:
            yield from _forms(message)


def _forms(message: Message) -> Iterator[tuple[str, str]]:
    said = (message.string or "",) if isinstance(message.string, str | None) else (*message.string,)
    english = (message.id,) if isinstance(message.id, str) else message.id
    yield english[0], said[0]
    yield from ((english[-1], form) for form in said[1:])


def french() -> Iterator[tuple[str, str]]:
    return entries(CATALOGUES / "fr.po")


def test_every_sentence_is_translated_and_none_is_left_over(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--check"])
    assert (status, capsys.readouterr().out) == (0, "")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_translation_has_the_places_of_the_english_and_no_others(file: Path) -> None:
    wrong = [
        (english, said)
        for english, said in entries(file)
        if sorted(_PLACE.findall(english)) != sorted(_PLACE.findall(said))
    ]
    assert not wrong


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_translation_has_the_lines_of_the_english(file: Path) -> None:
    assert [said for english, said in entries(file) if said.count("\n") != english.count("\n")] == []


def test_french_marks_are_kept_with_their_words() -> None:
    """A line must not begin with a colon or a closing guillemet: Imprimerie nationale, Lexique des règles
    typographiques: a no-break space before « : » and inside guillemets, a narrow one before « ; ! ? »."""
    loose = re.compile(
        r"(?<=[\w»…})])[ ]+[;:!?»%]|«[^\u00a0]|[^\u00a0]»|(?<=[\w»})])[;!?](?=\s|$)|[\u00a0\u202f]{2}"
    )
    assert [said for _, said in french() if loose.search(said)] == []


def test_french_has_its_own_apostrophes_and_quotation_marks() -> None:
    assert [said for _, said in french() if re.search(r"[“”\"]|\w'\w", said)] == []


def test_people_are_spoken_to_in_one_way() -> None:
    """The words of the chat say « retiens » and « oublie », so the answers say « tu »."""
    spoken = [
        said
        for _, said in french()
        if re.search(r"\b(vous|vos|votre|(?!chez\b|assez\b|nez\b)\w+ez|dites)\b", said, re.IGNORECASE)
        or re.search(r"\bfaites([-\u2011]| (le|la|en|un|une)\b)", said, re.IGNORECASE)
    ]
    # What goes to a customer of the demo shop is a shop's letter.
    assert spoken == ["Votre commande {number} est en route"]


def test_the_words_that_french_help_names_are_words_that_are_obeyed() -> None:
    """Whatever a French sentence puts between guillemets is understood, or stands on a button."""
    strangers: list[str] = []
    labels = {said for _, said in french()}
    for english, said in french():
        for quoted in re.findall(r"«\u00a0([^»{}]+)\u00a0»", said):
            known = match(quoted, tokens(quoted))
            understood = isinstance(known, Said | Nearly) or quoted in labels
            if not understood and not _is_no_command(quoted, english):
                strangers.append(quoted)
    assert strangers == []


def _is_no_command(quoted: str, english: str) -> bool:
    """A mission's sentence or a moment, a part of a step, a key of the terminal, a command of the platform itself, or an
    answer within a form."""
    return (
        bool(
            re.match(r"(chaque|tous|toutes|dans|demain|le|avec) ", quoted)
            or quoted in {"exit", ".", "annuler", "/invite"}
        )
        or "link CODE" in english
    )


def test_every_action_of_the_desk_has_its_title_in_every_language() -> None:
    """Titles are found in the code by the shape of what makes an action: one made otherwise would lose its translation
    without anything being left over."""
    titles = {action.title for action in book.ACTIONS}
    for file in FILES:
        assert titles <= {english for english, _ in entries(file)}
