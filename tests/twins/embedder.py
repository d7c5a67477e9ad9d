"""An embedder for tests: it knows a few words that mean the same, by a table, and nothing else."""

import re
import struct
from collections.abc import Mapping, Sequence

from bot.notes import plain

SENSES: Mapping[str, int] = {
    **dict.fromkeys(("car", "vehicle", "automobile", "voiture"), 0),
    **dict.fromkeys(("doctor", "physician", "medecin"), 1),
    **dict.fromkeys(("money", "cash", "argent"), 2),
}
WIDTH = 1 + max(SENSES.values())


class TableEmbedder:
    """See `memory.recall.meaning.Embedder`. `seen` are the texts it made vectors of."""

    def __init__(self, name: str = "table/1") -> None:
        self.name = name
        self.seen: list[str] = []

    def embed(self, text: str) -> bytes:
        self.seen.append(text)
        return self.asked(text)

    def asked(self, text: str) -> bytes:
        senses = {SENSES[word] for word in re.findall(r"\w+", plain(text)) if word in SENSES}
        return struct.pack(f"<{WIDTH}e", *(float(n in senses) for n in range(WIDTH)))

    def alike(self, question: bytes, things: Sequence[bytes]) -> list[float]:
        asked = struct.unpack(f"<{WIDTH}e", question)
        return [sum(a * b for a, b in zip(asked, self._numbers(each), strict=True)) for each in things]

    def _numbers(self, vector: bytes) -> tuple[float, ...]:
        return struct.unpack(f"<{WIDTH}e", vector)
