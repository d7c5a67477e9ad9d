"""all-MiniLM-L6-v2 by numpy alone: six layers of a BERT model, the mean of what they make of each piece, of length one.

The weights are in the format safetensors (a length, a table of contents in JSON,
numbers): https://github.com/huggingface/safetensors#format. They stay in the file and are read from there as they are
needed; the system may drop them from memory again. Implements `memory.recall.meaning.Embedder`.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from adapters.embeddings import wordpiece

HEADS = 12
LONGEST = 128
"""Pieces of a text that count; it was taught on 128."""
QUESTION = 48
"""Pieces of a question that count: a pasted page would hold up everybody else's reading."""

Floats = npt.NDArray[np.float32]


class MiniLM:
    """The model, read from its folder."""

    name = "all-minilm-l6-v2/1"
    """Goes up whenever the same text may come to other numbers: everything is then embedded again."""

    def __init__(self, folder: Path) -> None:
        lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        self._vocabulary = {piece: number for number, piece in enumerate(lines)}
        self._of = _tensors(folder / "model.safetensors")

    def embed(self, text: str) -> bytes:
        """What a text means: 384 halves (IEEE 754, little-endian), as one vector of length one."""
        return self._embedded(text, LONGEST)

    def asked(self, text: str) -> bytes:
        """The same for a question, of which less is read."""
        return self._embedded(text, QUESTION)

    def alike(self, question: bytes, things: Sequence[bytes]) -> list[float]:
        """How near each thing is to the question, from -1 to 1."""
        if not things:
            return []
        width = len(question)
        rows = np.frombuffer(b"".join(things), dtype="<f2").reshape(-1, width // 2).astype(np.float32)
        found: list[float] = (rows @ np.frombuffer(question, dtype="<f2").astype(np.float32)).tolist()
        return found

    def _embedded(self, text: str, most: int) -> bytes:
        numbers = wordpiece.numbers(text, self._vocabulary, most)
        mean = self._last(numbers).mean(axis=0)
        return (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype("<f2").tobytes()

    def _last(self, numbers: Sequence[int]) -> Floats:
        """What the last layer makes of each piece."""
        of, n = self._of, len(numbers)
        words, places = of["embeddings.word_embeddings.weight"], of["embeddings.position_embeddings.weight"]
        hidden = words[list(numbers)] + places[:n] + of["embeddings.token_type_embeddings.weight"][0]
        hidden = self._normal("embeddings.LayerNorm", hidden)
        for layer in range(6):
            inside = f"encoder.layer.{layer}"
            hidden = self._normal(
                f"{inside}.attention.output.LayerNorm", hidden + self._attended(inside, hidden)
            )
            wide = _gelu(self._dense(f"{inside}.intermediate.dense", hidden))
            hidden = self._normal(
                f"{inside}.output.LayerNorm", hidden + self._dense(f"{inside}.output.dense", wide)
            )
        return hidden

    def _attended(self, inside: str, hidden: Floats) -> Floats:
        n, width = hidden.shape

        def heads(name: str) -> Floats:
            made = self._dense(f"{inside}.attention.self.{name}", hidden)
            return made.reshape(n, HEADS, width // HEADS).transpose(1, 0, 2)

        weights = heads("query") @ heads("key").transpose(0, 2, 1) / math.sqrt(width // HEADS)
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        seen = (weights @ heads("value")).transpose(1, 0, 2).reshape(n, width)
        return self._dense(f"{inside}.attention.output.dense", seen)

    def _dense(self, name: str, rows: Floats) -> Floats:
        return rows @ self._of[f"{name}.weight"].T + self._of[f"{name}.bias"]

    def _normal(self, name: str, rows: Floats) -> Floats:
        middle = rows - rows.mean(axis=-1, keepdims=True)
        spread = np.sqrt((middle * middle).mean(axis=-1, keepdims=True) + 1e-12)
        return middle / spread * self._of[f"{name}.weight"] + self._of[f"{name}.bias"]


def _gelu(rows: Floats) -> Floats:
    """With the error function by formula 7.1.26 of Abramowitz and Stegun (error below 1.5e-7), which numpy has not."""
    x = rows / np.float32(math.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * np.abs(x))
    steps = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    series = np.zeros_like(t)
    for step in reversed(steps):
        series = (series + np.float32(step)) * t
    return np.asarray(rows * (1 + np.sign(x) * (1 - series * np.exp(-x * x))) / 2, dtype=np.float32)


def _tensors(file: Path) -> dict[str, Floats]:
    with file.open("rb") as opened:
        size = int.from_bytes(opened.read(8), "little")
        contents: dict[str, Any] = json.loads(opened.read(size))
    kept = np.memmap(file, mode="r", dtype=np.uint8)
    found: dict[str, Floats] = {}
    for name, each in contents.items():
        if name != "__metadata__" and each["dtype"] == "F32":
            start, end = (8 + size + offset for offset in each["data_offsets"])
            found[name] = kept[start:end].view("<f4").reshape(each["shape"])
    return found
