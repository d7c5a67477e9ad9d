"""The mind that asks a language model. Importing this package loads no model library: `open_model` does."""

from typing import Protocol

from bot.mind import Mind


class ModelMind(Mind, Protocol):
    """A mind that keeps connections open until it is closed."""

    async def close(self) -> None:
        """Lets go of the connections to the provider."""
        ...


def open_model(name: str) -> ModelMind:
    """The mind of a model such as `openai:gpt-6-luna`, `anthropic:claude-sonnet-5-5`, `ollama:qwen3`.

    Keys and base URLs are read from the environment under the provider's own names. Raises Misconfigured
    with one line for an unknown provider, a missing key or a missing package.
    """
    # Only here, so that an assistant without a model never pays for the library (time, 60 MB of memory).
    from adapters.minds.llm.mind import LlmMind  # noqa: PLC0415
    from adapters.minds.llm.providers import model_named  # noqa: PLC0415

    return LlmMind(name, model=model_named(name))
