"""The model of the extra `semantic`: how it takes words apart, and that it may be absent."""

import pytest

from adapters.embeddings import wordpiece
from adapters.embeddings.package import weights
from vigie import plugging

VOCABULARY = {
    piece: n
    for n, piece in enumerate(
        ["[UNK]", "[CLS]", "[SEP]", "the", "cafe", "un", "##pay", "##able", ",", "!", "\u5e74", "##s", "$"]
    )
}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("The café", "the cafe"),
        ("UNPAYABLE, the cafés!", "un ##pay ##able , the cafe ##s !"),
        ("\u5e74the$", "\u5e74 the $"),
        ("the\u200b\tzebra the", "the [UNK] the"),
        (f"the {'x' * 101}", "the [UNK]"),
        ("", ""),
    ],
)
def test_text_is_taken_apart_as_the_model_was_taught(text: str, pieces: str) -> None:
    expected = [VOCABULARY[piece] for piece in ("[CLS]", *pieces.split(), "[SEP]")]
    assert wordpiece.numbers(text, VOCABULARY, 128) == expected


def test_what_is_too_long_is_cut_and_still_ends() -> None:
    assert wordpiece.numbers("the " * 900, VOCABULARY, 5) == [1, 3, 3, 3, 2]


def test_without_the_weights_nothing_is_loaded() -> None:
    if weights() is not None:
        pytest.skip("the weights are installed in this environment")
    assert plugging.embedder() is None
