"""A model tried before anybody relies on it: one real completion with a key that was handed in, and nothing kept."""

import asyncio
import os
from collections.abc import Generator
from contextlib import contextmanager

from pydantic_ai.direct import model_request
from pydantic_ai.messages import ModelRequest, TextPart
from pydantic_ai.settings import ModelSettings

from adapters.minds.llm.faults import translated
from adapters.minds.llm.providers import model_named
from bot.speech import Tongue

PATIENCE = 30.0
KEYS = {
    "anthropic": "ANTHROPIC_API_KEY",
    "cohere": "CO_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "google-gla": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
}
"""Under which name each provider's library looks for its key."""


def key_name(name: str) -> str:
    """The setting that holds the key of this model's provider, "" where none is known."""
    return KEYS.get(name.partition(":")[0], "")


async def complete(name: str, key: str, tongue: Tongue) -> str:
    """What the model answers. Raises Misconfigured for a name or a key that cannot be used, Failed and Unreachable
    for what the provider says."""
    with _environment(key_name(name), key):
        model = model_named(name)
    with translated(name, tongue):
        async with asyncio.timeout(PATIENCE), model:
            request = ModelRequest.user_text_prompt("Answer with one short sentence: say that you are there.")
            settings = ModelSettings(timeout=PATIENCE, max_tokens=400)
            response = await model_request(model, [request], model_settings=settings)
    said = " ".join(part.content for part in response.parts if isinstance(part, TextPart))
    return " ".join(said.split())[:200]


@contextmanager
def _environment(name: str, key: str) -> Generator[None]:
    """The libraries read their key from the environment when a model is made; it is as before afterwards."""
    before = os.environ.get(name) if name else None
    if name and key:
        os.environ[name] = key
    try:
        yield
    finally:
        if name and key:
            if before is None:
                del os.environ[name]
            else:
                os.environ[name] = before
