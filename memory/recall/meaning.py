"""What texts mean, where something on this machine can tell: the optional half of recall. Words go on leading without it.

A meaning is a vector as bytes, and what is in them is the business of whoever made it. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Embedder(Protocol):
    """Makes vectors of texts, and asks nobody outside: it is called inside a transaction that reads. Never the same thread
    for both of its verbs."""

    @property
    def name(self) -> str:
        """Of the model and the version of what is made of it: vectors of another name are thrown away."""
        ...

    def embed(self, text: str) -> bytes:
        """What a remembered text means."""
        ...

    def asked(self, text: str) -> bytes:
        """What a question means. Takes some milliseconds, however long it is."""
        ...

    def alike(self, question: bytes, things: Sequence[bytes]) -> Sequence[float]:
        """How near each thing is to the question, from -1 to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Meant:
    """A question's meaning."""

    embedder: Embedder
    vector: bytes

    def alike(self, vectors: dict[int, bytes]) -> dict[int, float]:
        """How near each of these is to it."""
        return dict(zip(vectors, self.embedder.alike(self.vector, [*vectors.values()]), strict=True))


def meant(embedder: Embedder | None, words: str) -> Meant | None:
    """What the words mean, None where nobody can tell."""
    return None if embedder is None else Meant(embedder, embedder.asked(words))
