"""The model of the extra `semantic`, with its weights: its numbers, and what recall makes of them."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.embeddings.minilm import MiniLM
from bot.journal import Line
from bot.store import Tx
from memory.sqlite import SqliteStore
from tests.peers.servers import minilm
from vigie import plugging

pytestmark = pytest.mark.peer("minilm")


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM(minilm().parent)


def test_it_says_what_its_makers_say_it_says(model: MiniLM) -> None:
    """The first example of https://sbert.net/docs/quickstart.html, with the similarities printed there."""
    made = [
        model.embed(text)
        for text in (
            "The weather is lovely today.",
            "It's so sunny outside!",
            "He drove to the stadium.",
        )
    ]
    found = [model.alike(each, made) for each in made]
    expected = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    for row, should in zip(found, expected, strict=True):
        assert row == pytest.approx(should, abs=5e-4)


@pytest.mark.parametrize("text", ["", "\U0001f642", "a" * 5_000, "mot " * 5_000, "\0"])
def test_any_text_means_something_of_length_one(model: MiniLM, text: str) -> None:
    made = model.embed(text)
    assert model.alike(made, [made, model.asked(text)])[0] == pytest.approx(1, abs=2e-3)


def test_it_is_found_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(minilm().parents[2]), *sys.path])
    found = plugging.embedder()
    assert found is not None
    assert found.name == MiniLM.name


async def test_recall_finds_what_was_said_in_other_words(model: MiniLM, tmp_path: Path) -> None:
    said = (
        "The invoice from the printer was settled on Monday",
        "My sister plays the cello",
        "It rained",
    )
    questions = ("did we pay the bill?", "which musical instrument?")

    def fill(tx: Tx) -> None:
        for n, text in enumerate(said):
            at = datetime(2026, 3, 1 + n, 9, tzinfo=UTC)
            tx.lines.put(Line(place="slack/T1/C1/", who="per_ann", text=text, at=at))

    store = SqliteStore.open(tmp_path / "vigie.db", embedder=model)
    await store.write(fill)
    while await store.embed(9):
        pass
    for question, text in zip(questions, said, strict=False):
        found = await store.read(lambda tx, q=question: tx.recall.find(q, ("place:slack/T1/C1/",), 1))
        assert [each.text for each in found] == [text]
    await store.close()
