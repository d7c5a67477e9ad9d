"""A model's name to the model, with our own errors. Knows the environment only through the providers' own names."""

import logging

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model, infer_model

from bot.errors import Misconfigured

log = logging.getLogger(__name__)


def model_named(name: str) -> Model:
    """The model of that name; its provider's library is imported now. Raises Misconfigured."""
    provider, colon, model = name.partition(":")
    if not colon or not provider or not model:
        raise Misconfigured(
            f"VIGIE_MODEL={name!r} is neither 'builtin' nor provider:model, such as openai:gpt-5-mini"
        )
    try:
        return infer_model(name)
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
    return " ".join(str(error).split()).partition(". ")[0].replace("`", "")[:200]
