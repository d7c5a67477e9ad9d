"""Text to the pieces of words that a BERT model without case was taught. Pure.

Follows the tokenizer that comes with such models (clean, split at spaces, punctuation and ideographs, lower case without
accents, then the longest known piece first): https://github.com/google-research/bert#tokenization
"""

import unicodedata
from collections.abc import Iterator, Mapping

LONGEST = 100
"""A word of more characters is unknown as a whole."""

UNKNOWN, BEGINS, ENDS = "[UNK]", "[CLS]", "[SEP]"

_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


def numbers(text: str, vocabulary: Mapping[str, int], most: int) -> list[int]:
    """The numbers of a text's pieces between those that begin and end it, at most `most` in all. What comes later is
    left out."""
    found = [vocabulary[BEGINS]]
    for word in _words(text):
        if len(found) >= most - 1:
            break
        found += _pieces(word, vocabulary)
    return [*found[: most - 1], vocabulary[ENDS]]


def _words(text: str) -> Iterator[str]:
    word: list[str] = []
    for char in _folded(text):
        alone = _alone(char)
        if word and (alone or char.isspace()):
            yield "".join(word)
            word = []
        if alone:
            yield char
        elif not char.isspace():
            word.append(char)
    if word:
        yield "".join(word)


def _folded(text: str) -> Iterator[str]:
    """In lower case, without accents and characters that cannot be seen."""
    for char in text:
        if char in "\t\n\r":
            yield " "
        elif char not in "\0\ufffd" and not unicodedata.category(char).startswith("C"):
            for part in unicodedata.normalize("NFD", char.lower()):
                if unicodedata.category(part) != "Mn":
                    yield part


def _alone(char: str) -> bool:
    """Whether it is a word of its own: punctuation, as ASCII's signs are here too, and ideographs."""
    number = ord(char)
    if number < 128:
        return char.isprintable() and not char.isalnum() and not char.isspace()
    return unicodedata.category(char).startswith("P") or any(a <= number <= b for a, b in _IDEOGRAPHS)


def _pieces(word: str, vocabulary: Mapping[str, int]) -> list[int]:
    if len(word) > LONGEST:
        return [vocabulary[UNKNOWN]]
    found: list[int] = []
    start = 0
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = word[start:end] if not start else f"##{word[start:end]}"
            if (number := vocabulary.get(piece)) is not None:
                found.append(number)
                start = end
                break
        else:
            return [vocabulary[UNKNOWN]]
    return found
