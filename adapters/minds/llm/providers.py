"""A model's name to the model, with our own errors. Knows the environment only through the providers' own names."""

import logging
import re

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model

from adapters.minds.llm.economy import economical
from bot.errors import Misconfigured

log = logging.getLogger(__name__)
_IN_PYTHON = re.compile(r" or pass it via `?\w+\([^)]*\)`?")
"""How somebody who writes a program would give it, and nobody who sets Vigie up."""


def model_named(name: str) -> Model:
    """The model of that name; its provider's library is imported now. Raises Misconfigured."""
    provider, colon, model = name.partition(":")
    if not colon or not provider or not model:
        raise Misconfigured(
            f"VIGIE_MODEL={name!r} is neither 'builtin' nor provider:model, such as openai:gpt-6-luna"
        )
    try:
        return economical(infer_model(name))
    except UserError as error:
        raise Misconfigured(f"VIGIE_MODEL={name!r}: {_one_line(error)}") from error
    except ImportError as error:
        raise Misconfigured(
            f"VIGIE_MODEL={name!r}: the package of the provider {provider!r} is not installed"
        ) from error
    except Exception as error:
        # Each provider's library has errors of its own for a key or address it cannot use.
        raise Misconfigured(
            f"VIGIE_MODEL={name!r}: the provider {provider!r} could not be set up ({type(error).__name__})"
        ) from error


def _one_line(error: Exception) -> str:
    """The first sentence: what follows it is advice for programmers."""
    said = _IN_PYTHON.sub("", " ".join(str(error).split()))
    return said.partition(". ")[0].replace("`", "")[:200]
