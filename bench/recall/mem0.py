"""mem0's recall as a retriever, over the same lines and with the same model as Vigie's, without a language model and a server.

    make(turns) -> search(question, k) -> ids of turns, best first

Every turn is kept as it was said (`infer=False`), in Qdrant's own local store. mem0 knows its embedders by a fixed list of names: ours
stands in the place of `langchain`'s, which is the one that takes a model of its caller's.
"""

import os
import tempfile
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from bench.recall import plug

# Read by mem0 when it is imported: it would report each call to its makers otherwise, and write into the home.
os.environ["MEM0_TELEMETRY"] = "False"
os.environ.setdefault("MEM0_DIR", tempfile.mkdtemp(prefix="mem0-bench-"))
# Its constructor wants a key of the language model that `infer=False` never asks.
os.environ.setdefault("OPENAI_API_KEY", "unused")

# Installed in an environment of its own, and untyped where it is not.
_memory: Any = import_module("mem0").Memory
_embedders: Any = import_module("mem0.utils.factory").EmbedderFactory

WHO = {"user_id": "bench"}
WIDTH = 384


class Ours:
    """The model of the extra `semantic`, asked as Vigie asks it. Has the shape of mem0's `EmbeddingBase`."""

    def __init__(self, config: Any) -> None:
        self.config = config

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        model = plug.embedder()
        assert model is not None, "the weights of the extra semantic are not installed"
        made = model.asked(text) if memory_action == "search" else model.embed(text)
        return np.frombuffer(made, dtype="<f2").astype(np.float32).tolist()

    def embed_batch(self, texts: Sequence[str], memory_action: str = "add") -> list[list[float]]:
        return [self.embed(text, memory_action) for text in texts]


_embedders.provider_to_class["langchain"] = f"{__name__}.{Ours.__name__}"


def make(turns: Sequence[plug.Turn]) -> plug.Search:
    """A retriever over a new store of mem0's. Who said it stands before the line, which mem0 would not search otherwise."""
    folder = tempfile.mkdtemp(prefix="mem0-bench-")
    memory = _memory.from_config(
        {
            "embedder": {"provider": "langchain", "config": {"embedding_dims": WIDTH}},
            "vector_store": {
                "provider": "qdrant",
                "config": {"path": f"{folder}/qdrant", "embedding_model_dims": WIDTH, "on_disk": False},
            },
            "history_db_path": f"{folder}/history.db",
        }
    )
    for line, turn in zip(plug.lines_of(turns), turns, strict=True):
        said = [{"role": "user", "content": f"{turn['speaker']}: {line.text}"}]
        memory.add(said, infer=False, metadata={"turn": line.ref}, **WHO)

    def search(question: str, k: int) -> list[str]:
        found = memory.search(question, top_k=k, filters=WHO, threshold=0.0)["results"]
        return [each["metadata"]["turn"] for each in found]

    return search
